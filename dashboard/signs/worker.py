"""Reads the signs of a session's photos in the background; the page looks in from time to time.

What was read belongs to one session, like the photos themselves. The bytes of a photo are asked for when its turn
comes; only small cut-outs are kept.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import uuid4

import numpy as np
import streamlit as st
from PIL import Image

from dashboard.common import state
from dashboard.common.jobs import JOBS, Job
from engine.errors import SignsError
from engine.evidence.statements.base import Statement
from engine.export.signs import join_facts, sign_facts
from engine.photos.photo import open_photo
from engine.signs.lines import TextLine
from engine.signs.proposals import Proposal
from engine.signs.reader import Pixels
from engine.signs.reading import SignReading, read_signs

HELD = "signs_held"
"""Key of what a session has read."""

MOST_HELD = 40
"""Photos whose signs are kept; a cut-out has about 10 kB."""

CUT_HEIGHT, CUT_WIDTH = 96, 480
"""Pixels of a cut-out."""

MARGIN = 0.25
"""Of the height of a line, shown around it."""


@dataclass(eq=False)
class HeldSigns:
    """The signs of one photo; written by the thread that reads them.

    Attributes:
        name: of the job.
        reading: what was read; None until then.
        cuts: a JPEG of each line that a proposal shows.
        refused: statements that the analyst refused.
    """

    name: str
    reading: SignReading | None = None
    cuts: dict[TextLine, bytes] = field(default_factory=dict)
    refused: set[Statement] = field(default_factory=set)

    @property
    def job(self) -> Job | None:
        """What reads them, or read them last."""
        return JOBS.job(self.name)

    def pending(self, accepted: set[Statement]) -> tuple[Proposal, ...]:
        """Proposals that are neither accepted nor refused."""
        known = accepted | self.refused
        return tuple(each for each in (self.reading.proposals if self.reading else ()) if each.statement not in known)


def held_signs(sha256: str) -> HeldSigns | None:
    """What was read of a photo, or is being read."""
    return _all().get(sha256)


def signs_facts(digests: Sequence[str]) -> dict[str, Any] | None:
    """What was read in some photos as plain values, see ``engine.export.signs``; None where nothing was."""
    stated = {each.statement for each in state.evidence()}
    found = [held.reading for held in map(held_signs, digests) if held is not None and held.reading is not None]
    facts = [sign_facts(reading, [each for each in reading.proposals if each.statement in stated]) for reading in found]
    return join_facts(facts) if facts else None


def start_reading(sha256: str, source: Callable[[], bytes]) -> HeldSigns:
    """Read the signs of a photo in the background.

    Args:
        sha256: of the photo.
        source: gives the bytes of its file.
    """
    held = HeldSigns(f"signs {uuid4().hex}")
    known = _all()
    known[sha256] = held
    while len(known) > MOST_HELD:
        known.pop(next(iter(known)))
    data = source()  # here and not in the thread: the file belongs to the session
    JOBS.start(held.name, "Reading signs", lambda job: _read(job, held, data))
    return held


def _read(job: Job, held: HeldSigns, data: bytes) -> str:
    pixels = open_photo(data, "the photo").pixels
    reading = read_signs(pixels, lambda what, share: job.report(what, round(100 * share), 100), job.cancelled)
    if job.cancelled():
        raise SignsError("Reading signs was stopped; start it again to read the photo.")
    held.cuts = {each.line: cut_out(pixels, each.line) for each in reading.proposals}
    held.reading = reading
    return ""


def cut_out(pixels: Pixels, line: TextLine) -> bytes:
    """The line with a little around it, as a JPEG."""
    rows, columns = pixels.shape[:2]
    left, top, right, bottom = line.box.pixels(columns, rows)
    margin = round(MARGIN * (bottom - top)) + 2
    part = pixels[max(top - margin, 0) : bottom + margin, max(left - margin, 0) : right + margin]
    image = Image.fromarray(np.ascontiguousarray(part))
    share = min(CUT_HEIGHT / image.height, CUT_WIDTH / image.width)
    image = image.resize((max(round(image.width * share), 1), max(round(image.height * share), 1)))
    sink = io.BytesIO()
    image.save(sink, "JPEG", quality=85)
    return sink.getvalue()


def _all() -> dict[str, HeldSigns]:
    return cast(dict[str, HeldSigns], st.session_state.setdefault(HELD, {}))

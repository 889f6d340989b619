"""Reads lines in other scripts with further networks of PP-OCR, where they were fetched into the store."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.artifacts.store import Store
from engine.errors import ArtifactError
from engine.signs.lines import TextLine
from engine.signs.recognizer import Crop, Recognizer
from engine.signs.scripts import main_script

ARTIFACT = "ppocr_scripts"
"""Record of the networks in the catalogue."""

READER = "PP-OCRv5"
FILES: Mapping[str, str] = {
    script: f"{name}_PP-OCRv5_rec_mobile.onnx"
    for script, name in {
        "Cyrl": "cyrillic", "Arab": "arabic", "Hang": "korean", "Thai": "th", "Grek": "el", "Deva": "devanagari",
        "Taml": "ta", "Telu": "te",
    }.items()
}  # fmt: skip
"""File of the network for each script of ``script_head``."""

LEAST_SCORE = 0.8
"""A line that such a network reads with a lower score stays unread."""

_RIGHT_TO_LEFT = frozenset({"Arab", "Hebr"})


def find_model(script: str) -> Path | None:
    """The network for a script on this machine, verified; None where it was not fetched or is damaged."""
    try:
        return Store().path(ARTIFACT, FILES[script]) if script in FILES else None
    except ArtifactError:
        return None


@dataclass
class ScriptReaders:
    """One network for each script, loaded when a line in it comes.

    Attributes:
        threads: that read.
        find: gives the file of a script's network, or None.
    """

    threads: int = 2
    find: Callable[[str], Path | None] = find_model
    _loaded: dict[str, Recognizer | None] = field(default_factory=dict)

    def read(self, line: TextLine, crop: Crop) -> TextLine:
        """The line with its text, or as it was where there is no network for it or nothing of its script was read.

        Args:
            line: one that is not read.
            crop: its picture, BGR, from left to right.
        """
        network = self._network(line.script)
        if network is None:
            return line
        (found,) = network.read([crop])
        text = in_reading_order(found.text.strip()) if line.script in _RIGHT_TO_LEFT else found.text.strip()
        expected = {line.script, {"Hang": "Kore"}.get(line.script)}
        if found.score < LEAST_SCORE or main_script(text) not in expected:
            return line
        return replace(line, text=text, score=found.score, reader=READER)

    def _network(self, script: str) -> Recognizer | None:
        if script not in self._loaded:
            path = self.find(script)
            self._loaded[script] = None if path is None else Recognizer(self.threads, path)
        return self._loaded[script]


def in_reading_order(text: str) -> str:
    """Letters of a script that runs to the left, as read from the left, in the order in which they are spoken."""
    return re.sub(r"\d+", lambda digits: digits[0][::-1], text[::-1])

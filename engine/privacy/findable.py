"""Measures how findable a photo is: the same search, seen from the side of the person to protect.

The area that holds 50 and 90 % of the probability is what a searcher with these models has to cover; the position in
the file, if there is one, makes it a few hundred square metres. A small area is a warning. A large one is no promise:
a person, a reverse image search or a better model may see more.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from engine.locate.attribution import LeftOut, leave_one_out
from engine.locate.locator import Locator
from engine.locate.maps import prior_map
from engine.locate.result import SILENT_NATS, Answer
from engine.locate.settings import Settings
from engine.photos.exif import ExifFacts
from engine.photos.photo import Photo, display_name, open_photo, read_file
from engine.privacy.metadata import Metadata, read_metadata
from engine.privacy.occlusion import PARTS, PartEffect, areas_of, part_effects
from engine.progress import Part, Report

MASSES = (0.5, 0.9)
"""Probability masses whose areas are reported."""


class Grade(StrEnum):
    """How far these models and the file narrow the search; by the area that holds half of the probability."""

    GIVEN_AWAY = "given away"
    CITY = "the size of a city"
    REGION = "the size of a region"
    COUNTRY = "the size of a country"
    WIDE = "wide open"


_LIMITS_KM2 = ((3_000.0, Grade.CITY), (60_000.0, Grade.REGION), (1_000_000.0, Grade.COUNTRY))


def grade_of(half_area_km2: float) -> Grade:
    """The grade of the km2 that hold half of the probability, the file's metadata left out."""
    return next((grade for limit, grade in _LIMITS_KM2 if half_area_km2 <= limit), Grade.WIDE)


@dataclass(frozen=True, eq=False)
class Findability:
    """How findable a photo is, and what gives it away.

    Attributes:
        photo: the photo.
        answer: from its pixels alone, without the position in its file.
        masses: the shares that the areas are for.
        area_km2: km2 that hold each share, without the metadata.
        unseen_km2: km2 that hold each share on the map of the photo prior alone.
        stated_km2: km2 that hold each share by the position in the file; None where it states none.
        metadata: what the file reveals besides its picture.
        predictors: what changes without each predictor.
        parts: what changes with each part of the photo hidden, those that narrow the search most first; empty if not
            asked for.
    """

    photo: Photo
    answer: Answer
    masses: tuple[float, ...]
    area_km2: tuple[float, ...]
    unseen_km2: tuple[float, ...]
    stated_km2: tuple[float, ...] | None
    metadata: Metadata
    predictors: tuple[LeftOut, ...]
    parts: tuple[PartEffect, ...]

    @property
    def grade(self) -> Grade:
        """In plain words, the metadata counted."""
        return Grade.GIVEN_AWAY if self.stated_km2 is not None else self.grade_of_pixels

    @property
    def grade_of_pixels(self) -> Grade:
        """The grade that a clean copy has."""
        return grade_of(self.area_km2[0])

    @property
    def says_nothing(self) -> bool:
        """Whether the models read almost nothing in the photo."""
        return self.answer.information_nats < SILENT_NATS


def findability(
    locator: Locator,
    source: bytes | Path,
    settings: Settings | None = None,
    name: str | None = None,
    parts: tuple[int, int] | None = PARTS,
    report: Report | None = None,
) -> Findability:
    """How findable a photo is. Asks every predictor once for the photo and once for each part that is hidden.

    Args:
        locator: with the predictors of a searcher.
        source: the bytes of the photo's file, or its path.
        settings: how the predictors are pooled; leave the analyst's own statements out of them.
        name: what to call the photo; by default the last part of its path.
        parts: rows and columns of parts to hide in turn; None hides none.
        report: receives the progress; raising from it cancels.

    Raises:
        PhotoError: the photo cannot be opened.
        InputError: the number of parts or a setting is out of range.
    """
    name = name if name is not None else source.name if isinstance(source, Path) else ""
    data = read_file(source, display_name(name)) if isinstance(source, Path) else source
    say = Part(report, "Reading the photo", 0.0, 0.1)
    say(0.0)
    photo, metadata = open_photo(data, name), read_metadata(data)
    answer = locator.locate(replace(photo, exif=ExifFacts()), settings)  # a plug-in may look at what a camera wrote
    position = metadata.position
    return Findability(
        photo=photo,
        answer=answer,
        masses=MASSES,
        area_km2=areas_of(answer.search_map, MASSES),
        unseen_km2=areas_of(prior_map(answer.world, answer.settings.prior_weight), MASSES),
        stated_km2=None if position is None else tuple(position.area_km2(mass) for mass in MASSES),
        metadata=metadata,
        predictors=leave_one_out(answer, MASSES),
        parts=() if parts is None else part_effects(locator, answer, MASSES, parts, _parts_progress(report)),
    )


def findability_facts(found: Findability) -> dict[str, Any]:
    """The findings as plain values for JSON; no value of the metadata, so that sharing them gives nothing away."""
    from_models = {
        f"{mass:g}": {"area_km2": area, "without_photo_km2": unseen}
        for mass, area, unseen in zip(found.masses, found.area_km2, found.unseen_km2, strict=True)
    }
    stated = None if found.stated_km2 is None else dict(zip(map(str, found.masses), found.stated_km2, strict=True))
    return {
        "photo": {"name": found.photo.name, "sha256": found.photo.sha256},
        "grade": str(found.grade),
        "grade_of_pixels": str(found.grade_of_pixels),
        "without_metadata": from_models,
        "with_metadata_km2": stated,
        "metadata": [{"gives": str(leak.gives), "sentence": leak.sentence} for leak in found.metadata.leaks],
        "predictors": [
            {"name": one.record.name, "area_without_km2": _finite(one.area_without_km2), "shift": one.shift}
            for one in found.predictors
        ],
        "parts": [_part_facts(part) for part in found.parts],
    }


def _part_facts(part: PartEffect) -> dict[str, Any]:
    box = {"top": part.top, "left": part.left, "bottom": part.bottom, "right": part.right}
    return {**box, "area_hidden_km2": list(part.area_km2), "grows": part.grows, "shift": part.shift}


def _finite(areas: tuple[float, ...]) -> list[float] | None:
    """The areas, or None where the other predictors contradict each other."""
    return list(areas) if all(map(math.isfinite, areas)) else None


def _parts_progress(report: Report | None) -> Report | None:
    """The share of the progress that hiding the parts takes, which is most of the time."""
    if report is None:
        return None
    return lambda what, share: report(what, 0.1 + 0.9 * share)

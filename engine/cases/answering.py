"""Answers a case: finds its photos by their hash and computes its maps, for dashboard, Python and command line."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.artifacts.digest import digest_of
from engine.cases.case import Case
from engine.cases.parts import CasePhoto
from engine.cases.provenance import local_settings
from engine.errors import ArtifactError, InputError
from engine.inference.candidates import Candidate
from engine.inference.outcomes import Outcome
from engine.inference.region import Region
from engine.locate.locator import Locator
from engine.locate.multi_photo import JointAnswer, answer_together
from engine.locate.result import Answer
from engine.locate.settings import Settings
from engine.photos.photo import ENDINGS, MAX_FILE_MB, Photo

TOGETHER, EVIDENCE = "together", "evidence"
"""Keys in place of a photo's hash for the map of all photos, and for the map of the evidence alone."""

PhotoOutcomes = tuple[Photo, Sequence[Outcome]]


@dataclass(frozen=True)
class FoundPhotos:
    """The files of the photos of a case.

    Attributes:
        paths: by sha256.
        missing: photos that are in none of the files.
        others: named files that are not photos of the case.
    """

    paths: Mapping[str, Path]
    missing: tuple[CasePhoto, ...]
    others: tuple[Path, ...]

    @property
    def note(self) -> str:
        """One sentence that names what is missing; empty where nothing is."""
        if not self.missing:
            return ""
        names = [photo.words for photo in self.missing]
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        verb = "is" if len(names) == 1 else "are"
        return (
            f"{', '.join(names[:5])}{more} of this case {verb} not among the files given, as no file has the same "
            "content; name the files or their folder."
        )


@dataclass(frozen=True, eq=False)
class CaseAnswer:
    """One map of a case.

    Attributes:
        key: sha256 of the photo, ``together`` or ``evidence``.
        answer: the map and its outcomes; without a photo its ``photo`` is an empty one.
        region: the region that the case asks for.
        places: the ranked candidate locations.
        notes: sentences that the user should read.
        joint: the joint answer, where the map is that of all photos.
    """

    key: str
    answer: Answer
    region: Region
    places: tuple[Candidate, ...]
    notes: tuple[str, ...]
    joint: JointAnswer | None = None


def find_photos(case: Case, sources: Sequence[Path]) -> FoundPhotos:
    """Find the photos of a case by their content, whatever their files are called now.

    Args:
        case: whose photos are looked for.
        sources: files, and folders that are searched with their subfolders; files with a known name are read first.

    Raises:
        InputError: a source is not there.
    """
    for source in sources:
        if not source.exists():
            raise InputError(f"{source} was not found; name photos or the folder that they are in.")
    wanted = {photo.sha256 for photo in case.photos}
    names = {photo.name for photo in case.photos}
    found: dict[str, Path] = {}
    others = []
    for path in sorted(_files(sources), key=lambda path: path.name not in names):
        if len(found) == len(wanted) and path not in sources:
            continue
        sha256 = _hash(path)
        if sha256 in wanted:
            found.setdefault(sha256, path)
        elif path in sources:
            others.append(path)
    return FoundPhotos(found, tuple(photo for photo in case.photos if photo.sha256 not in found), tuple(others))


def answer_case(locator: Locator, case: Case, photos: Mapping[str, PhotoOutcomes]) -> tuple[CaseAnswer, ...]:
    """The maps of a case: that of all photos together first where it asks for one, then that of each photo.

    A case without photos is answered by its evidence alone.

    Args:
        locator: that read the photos.
        case: what is asked.
        photos: by sha256 the photos of the case that are here, with their outcomes from ``locator.read``.

    Raises:
        InputError: a setting or a statement does not fit this map.
        ContradictionError: the product of experts leaves no place possible.
    """
    settings = local_settings(case, locator)
    if not case.photos:
        return (_of_evidence(locator, case, settings),)
    here = [photos[photo.sha256] for photo in case.photos if photo.sha256 in photos]
    if case.settings.dependence is None or not here:
        answers = [locator.answer(photo, outcomes, settings.about(photo.sha256)) for photo, outcomes in here]
        return tuple(_make_answer(case, answer.photo.sha256, answer, answer.notes) for answer in answers)
    joint = answer_together(locator, here, settings, case.settings.dependence)
    alone = [_make_answer(case, one.photo.sha256, one.answer, one.answer.notes) for one in joint.shares]
    return (replace(_make_answer(case, TOGETHER, joint.answer, joint.notes), joint=joint), *alone)


def drop_pixels(photo: Photo) -> Photo:
    """The photo with a few pixels only: an answer needs no more after prediction."""
    return replace(photo, pixels=photo.pixels[::64, ::64].copy())


def empty_photo() -> Photo:
    """A placeholder for the photo of an answer without one."""
    return Photo("no photo", "", np.zeros((1, 1, 3), np.uint8))


def _of_evidence(locator: Locator, case: Case, settings: Settings) -> CaseAnswer:
    found = locator.pooled((), settings)
    answer = Answer(found.world, found.settings, found.outcomes, found.search_map, empty_photo())
    return _make_answer(case, EVIDENCE, answer, found.notes)


def _make_answer(case: Case, key: str, answer: Answer, notes: tuple[str, ...]) -> CaseAnswer:
    places = answer.search_map.candidates(case.places.top_k, case.places.separation_km)
    return CaseAnswer(key, answer, case.region.of(answer.search_map), places, notes)


def _files(sources: Sequence[Path]) -> Iterator[Path]:
    """Each file once: those named, and those of the folders by their names."""
    seen = set()
    for source in sources:
        inside = sorted(source.rglob("*")) if source.is_dir() else [source]
        for path in inside:
            if path not in seen and path.is_file() and (path in sources or path.suffix.lower() in ENDINGS):
                seen.add(path)
                yield path


def _hash(path: Path) -> str:
    """The sha256 of a file; empty where it cannot be read or is larger than any photo."""
    with suppress(OSError, ArtifactError):
        if path.stat().st_size <= MAX_FILE_MB * 1_000_000:
            return digest_of(path)
    return ""

"""Photos shared out to training, validation and test so that no place, no author and no picture is on two sides.

Photos hang together when they lie within a kilometre of each other, are by one author or show the same picture; whole
parts go to one side. Where almost everything hangs together (many authors, dense towns), a large part is cut along S2
cells and what would still be on two sides is left out and counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.geometry.s2 import cells as s2
from engine.geometry.sphere import EARTH_RADIUS_KM, unit_vectors
from engine.training.duplicates import Pairs, components
from engine.typing import FloatArray

PLACE_KM = 1.0
"""Photos closer than this are of one place."""
POINT_LEVEL = 18
"""S2 cells of about 40 m, in which photos are gathered before distances are measured."""
POINT_SLACK_KM = 0.11
"""Two photos in two such cells can be this much closer than the middles of the cells."""
CUT_LEVEL = 9
"""S2 cells of about 320 km2, along which a part that is too large is cut."""
FEWEST = 8
"""Photos below which there is nothing to share out."""
TRAIN, VALIDATION, TEST, LEFT_OUT = 0, 1, 2, -1
TOO_CLOSE = "shares a place, an author or a picture with another side"
Sides = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Split:
    """Where each photo went.

    Attributes:
        side: ``(photos,)`` ``TRAIN``, ``VALIDATION``, ``TEST`` or ``LEFT_OUT``.
        note: how it was done, for the reader.
    """

    side: Sides
    note: str

    def positions(self, side: int) -> npt.NDArray[np.int64]:
        """Positions of the photos of one side."""
        return np.flatnonzero(self.side == side)


def split_photos(
    latitude: FloatArray,
    longitude: FloatArray,
    author: Sequence[str],
    same_picture: Pairs,
    given: Sequence[str] = (),
    shares: tuple[float, float] = (0.1, 0.1),
    seed: int = 0,
) -> Split:
    """Share photos out.

    Args:
        latitude: ``(photos,)`` degrees.
        longitude: ``(photos,)`` degrees.
        author: text per photo, empty where unknown.
        same_picture: ``(pairs, 2)`` positions that show the same.
        given: ``fit``, ``test`` or empty per photo, as the manifest says; empty leaves it to the shares.
        shares: of validation and of test; a given test side takes the place of the second.
        seed: of the draw.

    Raises:
        InputError: there are too few photos, or all of them are of one place or by one author.
    """
    validation, test = shares
    if not (0.0 < validation < 1.0 and 0.0 <= test < 1.0 and validation + test < 1.0):
        raise InputError(
            f"Shares of {validation:g} for validation and {test:g} for test leave nothing to train on; give for "
            "instance 0.1 and 0.1."
        )
    if len(latitude) < FEWEST:
        raise InputError(f"{len(latitude)} photos are too few to train on; give at least {FEWEST}, better thousands.")
    links = _find_links(latitude, longitude, author, same_picture)
    side = np.full(len(latitude), TRAIN)
    named = any(text == "test" for text in given)
    if named:
        side[[n for n, text in enumerate(given) if text == "test"]] = TEST
        train = np.flatnonzero(side == TRAIN)
        side[train[links.linked_to(train, np.flatnonzero(side == TEST))]] = LEFT_OUT
    wanted = [(VALIDATION, validation)] + ([(TEST, test)] if not named and test > 0 else [])
    rng = np.random.default_rng(seed)
    cut = [_fill(side, number, share, links, rng) for number, share in wanted]
    _check(side)
    return Split(side, _summarise(side, named, any(cut)))


@dataclass(frozen=True, eq=False)
class PhotoLinks:
    """What can put photos together.

    Attributes:
        part: ``(photos,)`` number of the part that a photo hangs together with, through any chain of ties.
        author: ``(photos,)`` number of the author, -1 where unknown.
        picture: ``(photos,)`` number of the picture.
        vector: ``(photos, 3)`` unit vectors of the places.
        cell: ``(photos,)`` S2 cell along which a large part may be cut.
    """

    part: npt.NDArray[np.int64]
    author: npt.NDArray[np.int64]
    picture: npt.NDArray[np.int64]
    vector: FloatArray
    cell: s2.IdArray

    def linked_to(self, these: Sides, those: Sides) -> npt.NDArray[np.bool_]:
        """Which of ``these`` photos share an author, a picture or a place with any of ``those``, without a chain."""
        from scipy.spatial import cKDTree

        if those.size == 0 or these.size == 0:
            return np.zeros(these.size, bool)
        by_author = (self.author[these] >= 0) & np.isin(self.author[these], self.author[those])
        by_picture = np.isin(self.picture[these], self.picture[those])
        chord = 2.0 * np.sin(PLACE_KM / EARTH_RADIUS_KM / 2.0)
        distance, _ = cKDTree(self.vector[those]).query(self.vector[these], distance_upper_bound=chord)
        return np.asarray(by_author | by_picture | np.isfinite(distance), bool)


def _find_links(latitude: FloatArray, longitude: FloatArray, author: Sequence[str], same_picture: Pairs) -> PhotoLinks:
    names: dict[str, int] = {}
    number = np.array([names.setdefault(text, len(names)) if text else -1 for text in author], np.int64)
    near = np.concatenate([near_places(latitude, longitude), _same_author(author), same_picture])
    return PhotoLinks(
        components(len(latitude), near),
        number,
        components(len(latitude), same_picture),
        unit_vectors(latitude, longitude),
        s2.cell_ids(latitude, longitude, CUT_LEVEL),
    )


def near_places(latitude: FloatArray, longitude: FloatArray, within_km: float = PLACE_KM) -> Pairs:
    """Pairs that chain together all photos within a distance of each other; ``(pairs, 2)``."""
    from scipy.spatial import cKDTree

    cell = s2.cell_ids(latitude, longitude, POINT_LEVEL)
    unique, first, inverse = np.unique(cell, return_index=True, return_inverse=True)
    in_cell = np.stack([np.arange(cell.size), first[inverse]], axis=1)
    middles = unit_vectors(*s2.cell_centers(unique))
    chord = 2.0 * np.sin((within_km + POINT_SLACK_KM) / EARTH_RADIUS_KM / 2.0)
    close = cKDTree(middles).query_pairs(chord, output_type="ndarray")
    return np.concatenate([in_cell, first[close.astype(np.int64)]]).astype(np.int64)


def _same_author(author: Sequence[str]) -> Pairs:
    """Each photo chained to the first one by its author."""
    first: dict[str, int] = {}
    pairs = [(n, first.setdefault(text, n)) for n, text in enumerate(author) if text]
    return np.array(pairs, np.int64).reshape(-1, 2)


def _fill(side: Sides, number: int, share: float, links: PhotoLinks, rng: np.random.Generator) -> bool:
    """Move parts from training to a side until its share is reached; whether parts had to be cut for it."""
    free = np.flatnonzero(side == TRAIN)
    target = max(1, round(share * np.count_nonzero(side != LEFT_OUT)))
    names, counts = np.unique(links.part[free], return_counts=True)
    taken: list[np.int64] = []
    room = target
    for at in rng.permutation(names.size):
        if counts[at] <= room and len(taken) + 1 < names.size:
            taken.append(names[at])
            room -= int(counts[at])
    if not taken and names.size > 1 and counts.min() <= free.size // 2:  # a part larger than the share, but not by far
        taken, room = [names[counts.argmin()]], 0
    side[free[np.isin(links.part[free], taken)]] = number
    return room > target / 2 and _cut(side, number, room, links, rng)


def _cut(side: Sides, number: int, room: int, links: PhotoLinks, rng: np.random.Generator) -> bool:
    """Take S2 cells for a side and leave out of them what touches training; whether that gave any photo.

    A second try takes twice as many cells, never more than a fifth of the photos: rather a small side than a thin rest.
    """
    free = np.flatnonzero(side == TRAIN)
    names, counts = np.unique(links.cell[free], return_counts=True)
    order = rng.permutation(names.size)
    reached = np.cumsum(counts[order])
    best: tuple[Sides, Sides] | None = None
    for factor in (1, 2):
        limit = min(factor * room, free.size // 5)
        chosen = free[np.isin(links.cell[free], names[order[: int(np.searchsorted(reached, limit)) + 1]])]
        rest = np.setdiff1d(free, chosen)
        kept = chosen[~links.linked_to(chosen, rest)]
        if rest.size and kept.size and (best is None or kept.size > best[0].size):
            best = kept, np.setdiff1d(chosen, kept)
        if kept.size >= room:
            break
    if best is None:
        return False
    side[best[0]], side[best[1]] = number, LEFT_OUT
    return True


def _check(side: Sides) -> None:
    for number, name in ((TRAIN, "train on"), (VALIDATION, "validate on")):
        if not (side == number).any():
            raise InputError(
                f"No photo is left to {name}: all of them share a place or an author; "
                "give photos of more places and by more people."
            )


def _summarise(side: Sides, given: bool, cut: bool) -> str:
    counts = [int((side == number).sum()) for number in (TRAIN, VALIDATION, TEST, LEFT_OUT)]
    said = f"{counts[0]} photos to train on, {counts[1]} to validate, {counts[2]} to test"
    said += " (the test side as the manifest says)" if given else ""
    said += "; no place, author or picture is on two sides"
    said += "; large parts were cut along S2 cells" if cut else ""
    return said + (f"; {counts[3]} left out for it." if counts[3] else ".")

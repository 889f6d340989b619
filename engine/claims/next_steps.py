"""What would settle a claim next: the unused clues that tell the place best from what else is likely.

For each clue, the expected information in bits of an observation that is right nine times of ten, if the claimed place
and the rest of the map were equally likely: the mutual information of a binary observation with the question "there or
elsewhere". Elsewhere is a sample of the search map outside the place's own cell.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from engine.claims.expected import PlaceFacts
from engine.evidence.countries.facts import Fact, country
from engine.evidence.statements import sentences
from engine.evidence.statements.countries import CountryFact
from engine.evidence.statements.layers import LabelIs
from engine.evidence.statements.sun import SunSeen
from engine.evidence.sun.clock import zone_offsets
from engine.evidence.sun.position import days_since_2000, elevation_and_azimuth, sun_directions
from engine.evidence.sun.proposal import ProposedTime, time_from_exif
from engine.evidence.sun.refraction import apparent_elevation
from engine.geometry.sphere import unit_vectors
from engine.inference.search_map import SearchMap
from engine.layers.shipped import shipped_partition
from engine.locate.result import Answer
from engine.typing import FloatArray

SAMPLES = 1500
"""Points that stand for the rest of the map."""
RELIABILITY = 0.9
"""How often an observation is right."""
LEAST_BITS = 0.1
"""A clue that tells less is not named."""
MOST_SHARE = 0.4
"""A finding that more of what else is likely shares settles little."""
MOST_STEPS = 3
SUN_DEGREES = 4.0
"""Solar elevations closer than this look alike in a photo: two standard errors of a usual measurement."""
_FACTS: tuple[tuple[Fact, str], ...] = (("drives", "Cars drive on the {}"), ("script", "Signs are in {} script"),
                                        ("language", "Signs are in {}"))  # fmt: skip
_LAYERS = (("climate", "The climate is {}"), ("relief", "The terrain is {}"))


@dataclass(frozen=True)
class ClueValue:
    """A clue that could be looked for: what it would show at the place, and how rare that is elsewhere.

    Attributes:
        words: the finding, ``"Cars drive on the left"``.
        share: of what else is likely that would show the same, 0 to 1.
        bits: expected information.
    """

    words: str
    share: float
    bits: float


def next_steps(answer: Answer, place: PlaceFacts) -> tuple[str, ...]:
    """At most three sentences on clues that are not in use yet, the most telling first."""
    found = sorted(unused_clues(answer, place), key=lambda each: -each.bits)
    chosen = [each for each in found if each.bits >= LEAST_BITS and each.share <= MOST_SHARE][:MOST_STEPS]
    return tuple(f"{each.words} there, and in {_share(each.share)} of what else is likely." for each in chosen)


def unused_clues(answer: Answer, place: PlaceFacts) -> list[ClueValue]:
    """Every clue at hand that no statement uses, with its expected information."""
    latitude, longitude = sample_elsewhere(answer.search_map, place.cell)
    if not latitude.size:
        return []
    used = {each.statement.fact for each in answer.settings.evidence if isinstance(each.statement, CountryFact)}
    layers = {each.statement.partition for each in answer.settings.evidence if isinstance(each.statement, LabelIs)}
    found = [*_country_clues(place, latitude, longitude, used)]
    found += [
        each
        for name, words in _LAYERS
        if name not in layers
        for each in _layer_clue(place, name, words, latitude, longitude)
    ]
    if not any(isinstance(each.statement, SunSeen) for each in answer.settings.evidence):
        time = time_from_exif(answer.photo.exif.taken_at) if answer.photo.sha256 else None
        found += _sun_clue(place, time, latitude, longitude) if time is not None else []
    return found


def information_bits(share: float, reliability: float = RELIABILITY) -> float:
    """Mutual information in bits of "shows it" with "there or elsewhere", both equally likely beforehand.

    Args:
        share: of elsewhere that shows the same as the place, 0 to 1.
        reliability: how often an observation is right.
    """
    there = reliability
    elsewhere = share * reliability + (1.0 - share) * (1.0 - reliability)
    return _entropy((there + elsewhere) / 2.0) - (_entropy(there) + _entropy(elsewhere)) / 2.0


def sample_elsewhere(search_map: SearchMap, cell: int) -> tuple[FloatArray, FloatArray]:
    """Centres of cells, drawn by probability at even steps, without one cell; degrees."""
    weights = search_map.probability.copy()
    weights[cell] = 0.0
    total = float(weights.sum())
    if total <= 0.0:
        return np.empty(0), np.empty(0)
    steps = (np.arange(SAMPLES) + 0.5) / SAMPLES * total
    cells = np.searchsorted(np.cumsum(weights), steps).clip(0, weights.size - 1)
    x, y, z = np.asarray(search_map.overlay.unit_center[cells], np.float64).T
    return np.degrees(np.arcsin(z.clip(-1.0, 1.0))), np.degrees(np.arctan2(y, x))


def _country_clues(place: PlaceFacts, latitude: FloatArray, longitude: FloatArray, used: set[Fact]) -> list[ClueValue]:
    here = place.country()
    if here is None:
        return []
    shipped = shipped_partition("countries")
    numbers = shipped.labels_at(latitude, longitude)
    numbers = numbers[numbers >= 0]
    if not numbers.size:
        return []
    labels, counts = np.unique(numbers, return_counts=True)
    others = [country(shipped.labels[int(label)]) for label in labels]
    found = []
    for fact, words in _FACTS:
        values = here.values(fact)
        if fact in used or not values:
            continue
        share = _share_with(counts, [values[0] in each.values(fact) for each in others])
        found.append(_clue(words.format(sentences.titles(fact, values[0])), share))
    if not used & {"suffix", "prefix", "currency"} and here.suffixes and here.prefixes:
        share = _share_with(counts, [each.code == here.code for each in others])
        words = f"A web address ends in {here.suffixes[0]} or a telephone number begins with {here.prefixes[0]}"
        found.append(_clue(words, share))
    return found


def _share_with(counts: npt.NDArray[np.int64], holds: Sequence[bool]) -> float:
    return float(counts[np.array(holds, bool)].sum() / counts.sum())


def _layer_clue(
    place: PlaceFacts, name: str, words: str, latitude: FloatArray, longitude: FloatArray
) -> list[ClueValue]:
    label, shipped = place.label(name), shipped_partition(name)
    if label not in shipped.labels:
        return []
    numbers = shipped.labels_at(latitude, longitude)
    known = numbers[numbers >= 0]
    if not known.size:
        return []
    return [_clue(words.format(place.title(name)), float((known == shipped.labels.index(str(label))).mean()))]


def _sun_clue(place: PlaceFacts, time: ProposedTime, latitude: FloatArray, longitude: FloatArray) -> list[ClueValue]:
    """The elevation of the sun at the time in the file, there and elsewhere."""
    heights = solar_elevations(time, np.append(latitude, place.latitude), np.append(longitude, place.longitude))
    here = float(heights[-1])
    if here < 3.0:  # too low for a shadow that can be measured
        return []
    share = float((np.abs(heights[:-1] - here) <= SUN_DEGREES).mean())
    return [_clue(f"At the time in the file, shadows show a sun {here:.0f}° high", share)]


def solar_elevations(time: ProposedTime, latitude: FloatArray, longitude: FloatArray) -> FloatArray:
    """``(n,)`` apparent elevation of the sun in degrees at each point by the clock of a camera."""
    day = date(time.year, time.month, time.day)
    offsets = np.zeros(latitude.size)
    if time.clock == "local":
        shipped = shipped_partition("time_zones")
        zone = shipped.labels_at(latitude, longitude)
        offsets = np.rint(longitude / 15.0) * 3600.0
        names = sorted({int(each) for each in zone if each >= 0})
        if names:
            by_name = zone_offsets([shipped.labels[each] for each in names], [day], time.minute_of_day, False)[:, 0]
            for number, offset in zip(names, by_name, strict=True):
                offsets[zone == number] = float(offset)
    suns = sun_directions(days_since_2000(day, time.minute_of_day) - offsets / 86400.0)
    true, _ = elevation_and_azimuth(unit_vectors(latitude, longitude), suns)
    return np.asarray(apparent_elevation(true), np.float64)


def _clue(words: str, share: float) -> ClueValue:
    return ClueValue(words, share, information_bits(share))


def _entropy(share: float) -> float:
    return 0.0 if share in (0.0, 1.0) else float(-share * np.log2(share) - (1.0 - share) * np.log2(1.0 - share))


def _share(share: float) -> str:
    return "less than 1 %" if share < 0.01 else f"{share:.0%}".replace("%", " %")

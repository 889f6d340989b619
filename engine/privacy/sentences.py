"""Findability in sentences: a small area is a warning, a large one is no promise."""

from engine.claims.sizes import compare_area, readable_factor, readable_km, readable_km2, readable_share
from engine.locate.attribution import LeftOut
from engine.privacy.findable import Findability, Grade
from engine.privacy.metadata import StatedPosition
from engine.privacy.occlusion import PartEffect

TELLING = 1.25
"""A predictor or a part of the photo is named where the area grows by this factor without it."""
_MOST_NAMED = 3

LIMITS = (
    "A person may see more than these models: a sign, a face of a building or a view that they know.",
    "If the photo or another one of the same scene is on the web, an image search may find it whatever stands here.",
)
NOTHING = "No model found a usable cue in the picture; the map shows the photo-popularity baseline only."
_SIZES = {
    Grade.CITY: "an area the size of a city",
    Grade.REGION: "an area the size of a region",
    Grade.COUNTRY: "an area the size of a country",
    Grade.WIDE: "an area larger than most countries",
}


def headline(found: Findability) -> str:
    """The grade as one sentence."""
    position = found.metadata.position
    if found.grade is Grade.GIVEN_AWAY and position is not None:
        return f"The file itself says where it was taken, to within about {_error(position)}."
    return _of_pixels(found)


def sentences(found: Findability) -> tuple[str, ...]:
    """The findings one by one; the last say what they cannot promise."""
    after = [_of_pixels(found)] if found.grade is Grade.GIVEN_AWAY else []
    findings = [headline(found), *_stated(found), *after, *_areas(found), *_predictors(found), *_parts(found)]
    return (*findings, *LIMITS)


def predictor_sentence(one: LeftOut) -> str:
    """What one predictor gives away."""
    grows = _mean([1 / share for share in one.shrinks])
    if not grows > 0:
        return f"{one.record.title}: without it the others leave no place possible."
    if grows >= TELLING:
        return f"{one.record.title} narrows the area {readable_factor(grows)} times."
    if grows * TELLING <= 1:
        return f"{one.record.title} widens the area {readable_factor(1 / grows)} times."
    return f"{one.record.title} hardly changes the area."


def part_sentence(part: PartEffect) -> str:
    """What one part of the photo gives away."""
    where = "in the centre" if part.where == "centre" else f"at the {part.where}"
    return f"Hiding the part {where} makes the area {readable_factor(part.grows)} times larger."


def _of_pixels(found: Findability) -> str:
    """The grade of the picture by itself."""
    if found.says_nothing:
        return NOTHING
    size = _SIZES[found.grade_of_pixels]
    return f"From the picture alone, these models must search {size} for an even chance of finding the place."


def _error(position: StatedPosition) -> str:
    return readable_km(position.error_m / 1000)


def _stated(found: Findability) -> list[str]:
    position = found.metadata.position
    if position is None or found.stated_km2 is None:
        return []
    error = "as the file says" if position.stated else "as phones usually are; the file gives no error"
    return [f"By the position in the file, exact to {_error(position)} ({error}), {_shares(found, found.stated_km2)}."]


def _areas(found: Findability) -> list[str]:
    wider = "The picture points to ground with fewer photos, so the area is larger than before."
    return [
        f"By the picture alone, {_shares(found, found.area_km2)}; the smaller is {compare_area(found.area_km2[0])}.",
        f"Before anybody looks at it, {_shares(found, found.unseen_km2)}: where people take photos at all.",
        *([wider] if not found.says_nothing and found.area_km2[0] > found.unseen_km2[0] else []),
    ]


def _predictors(found: Findability) -> list[str]:
    telling = [one for one in found.predictors if _mean([1 / share for share in one.shrinks]) >= TELLING]
    telling.sort(key=lambda one: one.shrinks[0])
    return [predictor_sentence(one) for one in telling[:_MOST_NAMED]]


def _parts(found: Findability) -> list[str]:
    if not found.parts:
        return []
    telling = [part for part in found.parts if part.grows >= TELLING][:_MOST_NAMED]
    nothing = "No single part of the picture gives much away to these models."
    return [part_sentence(part) for part in telling] or [nothing]


def _shares(found: Findability, areas_km2: tuple[float, ...]) -> str:
    """``"50 % of the chance lies within 310,000 km² and 90 % within 9.2 million km²"``."""
    shares = [f"{readable_share(c)} within {readable_km2(a)}" for c, a in zip(found.masses, areas_km2, strict=True)]
    return " and ".join(shares).replace(" within", " of the chance lies within", 1)


def _mean(factors: list[float]) -> float:
    """Geometric mean; NaN where a factor is."""
    product = 1.0
    for factor in factors:
        product *= factor
    return float(product ** (1 / len(factors)))

"""A claim check as quotable sentences. Numbers are rounded to their significant digits."""

from engine.claims.sizes import compare_area, readable_factor, readable_km, readable_km2, readable_share
from engine.claims.values import ClaimCheck, Judgement, Support
from engine.evidence.statements.declared_labels import RECORD as DECLARED

_MASSES = (0.5, 0.9, 0.99)
_FAR_FROM_AVERAGE = 10.0
"""The verdict mentions the prior where it moves a place by this factor or more."""

LIMITS = (
    "This is not proof: the models compare kinds of places, know nothing of the event and can be wrong, so it neither "
    "confirms nor rules out the claim."
)
UNCHECKED = (
    "No test photos with known places were kept for these settings, so read the percentages as an order of places and "
    "not as chances of being right."
)


def verdict(check: ClaimCheck) -> tuple[str, ...]:
    """The findings, what they rest on and their limits; one sentence each."""
    judged = [] if check.table is None else [check.table.headline, check.table.analyst]
    if check.factor == 0.0:
        judged.insert(0, _excluded(check))
    found = [] if check.factor == 0.0 else [_rank(check), _mass(check)]
    rest = [_prior(check), _better(check), _ground(check), _calibration(check), LIMITS]
    sentences = [_water(check), *judged, *found, *rest]
    return tuple(sentence for sentence in sentences if sentence)


def support_sentence(support: Support) -> str:
    """How far one predictor or statement supports the place, in one sentence."""
    if support.stated:
        quoted = support.record.title != DECLARED.title  # its title is "Your statement" already
        title = f'Your statement "{support.record.title}"' if quoted else support.record.title
        if support.judgement is Judgement.NEUTRAL:
            return f"{title} says little of this place."
        does = "fits" if support.factor > 1 else "does not fit"
        return f"{title} {does} this place; it is your own knowledge, not evidence from the photo."
    title = support.record.title
    if support.factor == 0.0:
        return f"{title} rules the place out."
    if support.judgement is Judgement.NEUTRAL:
        return f"{title} is neutral (×{_plain(support.factor)})."
    strongly = "strongly " if "strongly" in support.judgement else ""
    if support.factor > 1:
        return f"{title} speaks {strongly}for it: {readable_factor(support.factor)} times more likely."
    return f"{title} speaks {strongly}against it: {readable_factor(1 / support.factor)} times less likely."


def format_point(latitude: float, longitude: float) -> str:
    """A point as on most maps: ``"22.2100° N, 159.4000° W"``, and the poles by their names."""
    if abs(latitude) == 90.0:
        return "the North Pole" if latitude > 0 else "the South Pole"
    north, east = "N" if latitude >= 0 else "S", "E" if longitude >= 0 else "W"
    return f"{abs(latitude):.4f}° {north}, {abs(longitude):.4f}° {east}"


def _claimed(check: ClaimCheck) -> str:
    where = format_point(check.latitude, check.longitude)
    return f"The claimed location, {where} ({check.name})," if check.name else f"The claimed location, {where},"


def _excluded(check: ClaimCheck) -> str:
    return (
        f"{_claimed(check)} is ruled out by at least one predictor under the product of experts, which leaves no room "
        "for error."
    )


def _rank(check: ClaimCheck) -> str:
    area = f"{readable_km2(check.area_to_reach_km2)} ({compare_area(check.area_to_reach_km2)})"
    of_what = "the Earth" if check.on_land is None else "the Earth's land"
    less = f"{readable_share(check.less_likely_land)} of {of_what} is less likely"
    return f"{_claimed(check)} is reached after searching {area}: {less}."


def _mass(check: ClaimCheck) -> str:
    inside = next((share for share in _MASSES if check.denser_probability < share), None)
    side, share = ("inside", inside) if inside is not None else ("outside", _MASSES[-1])
    return f"It lies {side} the region that holds {readable_share(share)} of the map's probability."


def _prior(check: ClaimCheck) -> str:
    factor = check.prior_factor
    if factor is None or 1 / _FAR_FROM_AVERAGE < factor < _FAR_FROM_AVERAGE:
        return ""
    times = readable_factor(max(factor, 1 / factor))
    if factor < 1:
        return (
            f"People take photos there {times} times less often than on average land, which puts it far down the map "
            "whatever the photo shows."
        )
    return (
        f"People take photos there {times} times more often than on average land, which puts it far up the map "
        "whatever the photo shows."
    )


def _better(check: ClaimCheck) -> str:
    if check.better is None:
        return "No place on the map is ten times as likely per km²."
    way = f"{readable_km(check.better.distance_km)} to the {check.better.direction}"
    name = f" ({check.better_name})" if check.better_name else ""
    return f"The nearest ground that is ten times as likely per km² lies {way}{name}."


def _ground(check: ClaimCheck) -> str:
    return (
        f"The map takes {readable_km2(check.ground_km2)} around the place, of the same kind, as one; "
        "it says nothing finer than that."
    )


def _water(check: ClaimCheck) -> str:
    if check.on_land is not False:
        return ""
    land = check.nearest_land
    if land is None:
        return "On the map the claimed location is in water."
    named = f", {check.nearest_land_name}" if check.nearest_land_name else ""
    return (
        f"The claimed location is in water: the nearest land is {readable_km(land.distance_km)} to the "
        f"{land.direction}, at {format_point(land.latitude, land.longitude)}{named}. Check the coordinates, or check "
        "that place instead."
    )


def _calibration(check: ClaimCheck) -> str:
    test = check.reference_photos
    if test is None:
        return UNCHECKED
    share, low, high = (f"{100 * (1 - one):.0f} %" for one in (test.reached, test.high, test.low))
    return (
        f"Of {test.photos:,} test photos with known locations, {share} ({low} to {high}, 95 % interval) had their true "
        "location further down their map than this."
    )


def _plain(factor: float) -> str:
    return f"{factor:.2g}"

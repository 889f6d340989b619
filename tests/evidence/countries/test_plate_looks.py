"""The look of number plates: true places gain, false places lose, what is not known is nearly left alone."""

import numpy as np
import pytest

from engine.evidence.countries.facts import countries, country, values_of
from engine.evidence.countries.visibility import BAND, RARE, UNKNOWN_LOOKS, seen_in
from engine.evidence.statements.countries import CountryFact
from engine.evidence.statements.evidence import Evidence

PLACES = {
    "london": (51.51, -0.12), "amsterdam": (52.37, 4.9), "luxembourg": (49.61, 6.13), "bogota": (4.65, -74.08),
    "tel aviv": (32.07, 34.78), "nairobi": (-1.29, 36.82), "hong kong": (22.32, 114.17), "algiers": (36.75, 3.06),
    "berlin": (52.52, 13.4), "moscow": (55.75, 37.62), "delhi": (28.61, 77.21), "santiago": (-33.45, -70.66),
    "kuala lumpur": (3.14, 101.69), "shanghai": (31.23, 121.47), "lima": (-12.05, -77.03), "zurich": (47.38, 8.54),
    "tokyo": (35.69, 139.69), "singapore": (1.35, 103.82), "tehran": (35.69, 51.39), "oslo": (59.91, 10.75),
}  # fmt: skip
UNKNOWN = "lima"

CASES = [
    ("rear_yellow", "london amsterdam luxembourg bogota nairobi", "berlin moscow delhi santiago shanghai"),
    ("rear_yellow", "hong kong,algiers,tel aviv", "kuala lumpur,zurich"),
    ("front_yellow", "amsterdam luxembourg bogota", "london nairobi berlin"),
    ("front_white", "london berlin nairobi moscow", "amsterdam bogota shanghai"),
    ("rear_white", "berlin moscow delhi santiago", "london amsterdam shanghai"),
    ("black", "kuala lumpur,singapore", "berlin,london"),
    ("blue", "shanghai", "berlin tokyo london"),
    ("blue_band", "berlin amsterdam oslo tehran", "zurich moscow delhi santiago"),
]


def nats(earth_scales, statement, names, probability=0.9):
    world, (weighed,) = earth_scales.weigh([Evidence("one", statement, probability)])
    assert weighed.reason == ""
    return weighed.likelihoods[0].log_likelihood[world.overlay.cell_at(*np.array([PLACES[name] for name in names]).T)]


def names_of(text):
    return text.split(",") if "," in text or text == "kuala lumpur" else text.split()


@pytest.mark.parametrize(("look", "fits", "fails"), CASES)
def test_true_places_gain_and_false_places_lose(earth_scales, look, fits, fails):
    true, false = (nats(earth_scales, CountryFact("plate_look", look), names_of(text)) for text in (fits, fails))
    assert true.min() > false.max() + 0.5
    assert np.median(true) > np.median(false) + 1.0


@pytest.mark.parametrize("look", sorted(UNKNOWN_LOOKS))
@pytest.mark.parametrize("negated", [False, True])
def test_no_country_is_excluded_however_sure_it_is(earth_scales, look, negated):
    found = nats(earth_scales, CountryFact("plate_look", look, negated), list(PLACES), probability=1.0)
    assert found.max() - found.min() < np.log(1 / RARE) + 1e-9


@pytest.mark.parametrize("look", sorted(UNKNOWN_LOOKS))
def test_what_is_not_known_lies_between_yes_and_no(earth_scales, look):
    assert dict(country("PE").plate_looks) == {}
    share = seen_in("plate_look", look)["PE"]
    known = [seen_in("plate_look", look)[each.code] for each in countries() if each.plate_looks]
    assert min(known) < share < max(known)
    found = nats(earth_scales, CountryFact("plate_look", look), [*PLACES])
    alone = nats(earth_scales, CountryFact("plate_look", look), [UNKNOWN])[0]
    assert found.min() < alone < found.max()


def test_a_country_of_several_kinds_lies_between(earth_scales):
    tokyo, amsterdam, berlin = nats(
        earth_scales, CountryFact("plate_look", "rear_yellow"), ["tokyo", "amsterdam", "berlin"]
    )
    assert amsterdam > tokyo + 0.5 > berlin + 1.0


def test_shares_are_those_of_the_table():
    seen = seen_in("plate_look", "rear_yellow")
    assert seen["GB"] == seen["NL"] == pytest.approx(1 - RARE)
    assert seen["DE"] == RARE
    assert seen["PE"] == UNKNOWN_LOOKS["rear_yellow"]
    assert RARE < seen["FR"] < 0.1 < seen["SG"] < seen["JP"] < seen["CY"] < 0.5
    band = seen_in("plate_look", BAND)
    assert band["DE"] == pytest.approx(1 - RARE) and band["CH"] == RARE
    assert band["AE"] == UNKNOWN_LOOKS[BAND], "its colours are known, a band is not"
    assert set(seen) == {each.code for each in countries()}


def test_the_table_is_consistent():
    """Whoever drives has at most one colour at each end, or several kinds whose shares make one."""
    for each in countries():
        looks = dict(each.plate_looks)
        assert all(0.0 <= share <= 1.0 for share in looks.values()), each.code
        assert set(looks) <= set(UNKNOWN_LOOKS), each.code
        both = looks.get("black", 0.0) + looks.get("blue", 0.0)
        for end in ("front", "rear"):
            assert both + looks.get(f"{end}_white", 0.0) + looks.get(f"{end}_yellow", 0.0) <= 1.05, each.code
    assert sum(bool(each.plate_looks) for each in countries()) > 90


def test_the_sentence_is_for_people():
    assert CountryFact("plate_look", "rear_yellow").sentence() == "Plate appearance: yellow at the rear"
    assert CountryFact("plate_look", "blue_band", True).sentence() == "Plate appearance: not a blue band at the left"
    assert {value for value, _, _ in values_of("plate_look")} == set(UNKNOWN_LOOKS)

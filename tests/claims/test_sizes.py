"""Numbers in words: comparisons that hold, and digits that do not feign exactness."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.claims.sizes import SIZES_KM2, compare_area, readable_factor, readable_km, readable_km2, readable_share
from engine.geometry.sphere import EARTH_AREA_KM2


def test_the_table_rises_and_ends_with_the_earth():
    sizes = [size for size, _ in SIZES_KM2]
    assert sizes == sorted(sizes)
    assert len({name for _, name in SIZES_KM2}) == len(sizes)
    assert sizes[-1] == pytest.approx(EARTH_AREA_KM2, rel=1e-3)


@given(st.floats(0.5, 5.1e8))
def test_what_is_called_alike_is_alike(area_km2):
    words = compare_area(area_km2)
    size = next(size for size, name in SIZES_KM2 if words.endswith((f"like {name}", f"than {name}")))
    if words.startswith("an area like"):
        assert 1 / 1.26 < area_km2 / size < 1.26
    else:
        assert words.startswith("somewhat more than" if area_km2 > size else "somewhat less than")
        assert abs(math.log(area_km2 / size)) < math.log(2.1)


@pytest.mark.parametrize(
    ("area_km2", "words"),
    [
        (51_999, "an area like Costa Rica"),
        (60, "an area like Manhattan"),
        (0.0003, "less than Vatican City"),
        (510_064_471, "an area like the whole Earth"),
        (2_000_000, "an area like Saudi Arabia"),
    ],
)
def test_known_areas(area_km2, words):
    assert compare_area(area_km2) == words


@pytest.mark.parametrize(
    ("area_km2", "words"),
    [
        (0.000314, "310 m²"),
        (0.5, "0.5 km²"),
        (3.44, "3.4 km²"),
        (39.4, "39 km²"),
        (51_999, "52,000 km²"),
        (994_000, "990,000 km²"),
        (999_000, "1 million km²"),
        (4_140_000, "4.1 million km²"),
        (510_064_471, "510 million km²"),
    ],
)
def test_areas_in_words(area_km2, words):
    assert readable_km2(area_km2) == words


def test_distances_factors_and_shares_in_words():
    assert [readable_km(km) for km in (0.09, 4.23, 344, 12_345)] == ["90 m", "4.2 km", "340 km", "12,000 km"]
    assert [readable_factor(f) for f in (1.84, 12.3, 999, 5e8)] == ["1.8", "12", "1000", "more than 1,000"]
    shares = [readable_share(s) for s in (0, 0.0004, 0.004, 0.5, 0.973, 0.998, 0.99999, 1)]
    assert shares == ["none", "less than 0.1 %", "0.4 %", "50 %", "97 %", "99.8 %", "more than 99.9 %", "all"]


@given(st.floats(0, 1))
def test_a_share_never_rounds_to_all_or_nothing(share):
    words = readable_share(share)
    assert (words == "none") == (share == 0)
    assert (words == "all") == (share == 1)
    assert words not in {"0 %", "0.0 %", "100 %", "100.0 %"}

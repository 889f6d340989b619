"""Points as people write them: every spelling gives the point, every slip one sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.claims.sentences import format_point
from engine.errors import InputError
from engine.geometry.point_text import MAX_CHARACTERS, parse_point

LONDON = (51 + 30 / 60 + 26 / 3600, -(7 / 60 + 39 / 3600))


@pytest.mark.parametrize(
    "text",
    [
        "51.5072, -0.1275", "51.5072,-0.1275", "51.5072 -0.1275", "51.5072; -0.1275", " 51.5072\t\u22120.1275 ",
        "51.5072° N, 0.1275° W", "51.5072N 0.1275W", "N 51.5072 W 0.1275", "0.1275 W, 51.5072 N", "51.5072n,0.1275w",
        "51°30'26\"N 0°7'39\"W", "51° 30\u2032 26\u2033 N, 0° 7\u2032 39\u2033 W", "51°30.4333'N, 0°7.65'W",
        "N51°30'26'' W0°7'39''",
    ],
)  # fmt: skip
def test_london_in_many_spellings(text):
    assert parse_point(text) == pytest.approx(LONDON, abs=1e-4)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "Paris", "1", "1,2,3", "48,8584, 2,2945", "1 N, 2 N", "1 E, 2 E", "N 1 S, 2 E", "51°70'0\"N 0°7'39\"W",
        "51.5°30'N, 1 E", "1..2, 3", "nan, 1", "inf, 1", "91, 0", "0, 181", "1e400, 3", "<b>1</b>, 2",
        "1,2" * MAX_CHARACTERS,
        "٤٨, ٢",
    ],
)  # fmt: skip
def test_what_is_no_point_gets_one_sentence(text):
    with pytest.raises(InputError) as told:
        parse_point(text)
    assert str(told.value).count("\n") == 0 and len(str(told.value)) < 200


@given(st.floats(-90, 90), st.floats(-180, 180, exclude_max=True))
def test_a_point_comes_back_to_the_last_bit(latitude, longitude):
    assert parse_point(f"{latitude!r}, {longitude!r}") == (latitude, longitude)


@given(st.floats(-90, 90), st.floats(-180, 180, exclude_max=True))
def test_our_own_sentences_can_be_pasted_back(latitude, longitude):
    if abs(latitude) < 90:
        found = parse_point(format_point(latitude, longitude))
        assert found[0] == pytest.approx(latitude, abs=1e-4)
        assert abs(found[1] - longitude) < 1e-4 or abs(abs(found[1] - longitude) - 360) < 1e-4

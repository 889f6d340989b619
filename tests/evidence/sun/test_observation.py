"""An observation of the sun checks itself and reads as a sentence."""

import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.evidence.sun import sentences as sun_words
from engine.evidence.sun.observation import SunObservation, elevation_of_shadow

REFUSED = [
    ({"elevation_degrees": 95.0}, "95"),
    ({"elevation_degrees": -20.0}, "-20"),
    ({"elevation_degrees": float("nan")}, "nan"),
    ({"elevation_degrees": True}, "True"),
    ({"elevation_degrees": "high"}, "high"),
    ({"object_height": 1.0, "shadow_length": 0.0}, "length of the shadow of 0"),
    ({"object_height": 0.0, "shadow_length": 2.0}, "height of the object of 0"),
    ({"object_height": 1.8}, "Only one of object and shadow"),
    ({"shadow_length": 1.8}, "Only one of object and shadow"),
    ({"year": 0, "light": "day"}, "year of 0"),
    ({"year": 2023.5, "light": "day"}, "2023.5"),
    ({"year": 2023, "month": 13, "light": "day"}, "month of 13"),
    ({"year": 2023, "month": 2, "day": 31, "light": "day"}, "31 February 2023"),
    ({"year": 2023, "month": 2, "day": 29, "light": "day"}, "29 February 2023"),
    ({"month": 2, "day": 30, "light": "day"}, "30 February"),
    ({"year": 2023, "day": 3, "light": "day"}, "no month"),
    ({"minute_of_day": 1500, "light": "day"}, "1500"),
    ({"minute_of_day": 1440, "light": "day"}, "1440"),
    ({"minute_of_day": -1, "light": "day"}, "-1"),
    ({"time_error_minutes": -1.0, "light": "day"}, "-1"),
    ({"time_error_minutes": 1e9, "light": "day"}, "1e+09"),
    ({"elevation_degrees": 30.0, "elevation_error_degrees": -2.0}, "error of -2"),
    ({"azimuth_degrees": 30.0, "azimuth_error_degrees": float("inf")}, "error of inf"),
    ({"object_height": 1.0, "shadow_length": 1.0, "shadow_error_percent": -3}, "error of -3"),
    ({"azimuth_degrees": 361.0}, "361"),
    ({"azimuth_degrees": 10.0, "azimuth_of": "moon"}, "moon"),
    ({"clock": "cuckoo", "light": "day"}, "cuckoo"),
    ({"light": "noon"}, "noon"),
    ({"light": ["day"]}, "light"),
    ({}, "Nothing of the sun"),
    ({"year": 2023, "month": 6, "day": 21, "minute_of_day": 600}, "Nothing of the sun"),
    ({"elevation_degrees": 30.0, "object_height": 1.0, "shadow_length": 2.0}, "twice"),
    ({"elevation_degrees": 40.0, "light": "night"}, "night contradict"),
    ({"elevation_degrees": 40.0, "light": "dusk"}, "dusk contradict"),
    ({"elevation_degrees": -12.0, "light": "day"}, "day contradict"),
    ({"object_height": 1.0, "shadow_length": 2.0, "light": "night"}, "no shadow"),
    ({"azimuth_degrees": 10.0, "azimuth_of": "shadow", "light": "night"}, "no shadow"),
    ({"azimuth_degrees": 10.0, "azimuth_of": "shadow", "elevation_degrees": -5.0}, "no shadow"),
]


@pytest.mark.parametrize(("fields", "word"), REFUSED, ids=lambda value: str(value)[:60])
def test_what_cannot_be_is_refused_in_one_sentence(fields, word):
    with pytest.raises(InputError) as refusal:
        SunObservation(**fields)
    text = str(refusal.value)
    assert word in text
    assert text.endswith(".") and text.count(". ") == 0 and len(text) < 160


SENTENCES = [
    (
        {"year": 2023, "month": 6, "day": 21, "minute_of_day": 870, "elevation_degrees": 34},
        "Solar elevation 34° (±2°) on 2023-06-21 at 14:30 local time",
    ),
    (
        {"month": 6, "day": 1, "minute_of_day": 65.5, "clock": "utc", "elevation_degrees": -3.25, "light": "dusk"},
        "Dusk or dawn and solar elevation -3.25° (±2°) on 1 June at 01:05 UTC",
    ),
    (
        {"month": 12, "object_height": 2, "shadow_length": 3, "azimuth_degrees": 55, "azimuth_of": "shadow"},
        "Shadow ratio 1.5 (±10 %) and shadow bearing 55° (±10°) in December",
    ),
    ({"year": 2020, "light": "night"}, "Night in 2020"),
    (
        {"year": 2020, "month": 2, "azimuth_degrees": 90, "minute_of_day": 0, "time_error_minutes": 90},
        "Sun bearing 90° (±10°) in February 2020 at 00:00 local time (±90 minutes)",
    ),
    (
        {"elevation_degrees": 34, "azimuth_degrees": 200},
        "Solar elevation 34° (±2°) and sun bearing 200° (±10°)",
    ),
    ({"light": "day"}, "Daylight"),
]


@pytest.mark.parametrize(("fields", "sentence"), SENTENCES)
def test_sentences(fields, sentence):
    assert sun_words.sentence(SunObservation(**fields)) == sentence


def test_fields_are_plain_and_come_back_from_json():
    observation = SunObservation(2023, 6, 21, 870.5, elevation_degrees=34.0, azimuth_degrees=231.0, light="day")
    assert SunObservation(**json.loads(json.dumps(asdict(observation)))) == observation


def test_a_shadow_as_long_as_its_object_is_high_means_45_degrees():
    elevation, error = elevation_of_shadow(1.8, 1.8, 10.0)
    assert elevation == pytest.approx(45.0)
    assert error == pytest.approx(2.867, abs=0.01)  # half of 10 % of a radian, and a tenth of a degree


@given(st.floats(0.01, 100.0), st.floats(0.01, 100.0), st.floats(0.1, 5.0), st.floats(0.01, 1000.0))
def test_the_unit_of_a_shadow_does_not_matter_and_its_error_is_that_of_the_ratio(height, length, percent, unit):
    elevation, error = elevation_of_shadow(height, length, percent)
    assert elevation_of_shadow(height * unit, length * unit, percent) == pytest.approx((elevation, error))
    higher = elevation_of_shadow(height * (1.0 + percent / 100.0), length, percent)[0]
    assert higher - elevation == pytest.approx(error, rel=0.06, abs=0.11)


def test_shadows_fall_away_from_the_sun():
    seen = SunObservation(azimuth_degrees=250.0, azimuth_error_degrees=3.0, azimuth_of="shadow")
    assert seen.sun_azimuth == pytest.approx((70.0, 3.0), abs=0.01)
    assert SunObservation(azimuth_degrees=250.0).sun_azimuth == pytest.approx((250.0, 10.0), abs=0.01)


@pytest.mark.parametrize(
    ("fields", "shines"),
    [
        ({"object_height": 1.0, "shadow_length": 9.0}, True),
        ({"azimuth_degrees": 10.0}, True),
        ({"azimuth_degrees": 10.0, "light": "dusk"}, False),  # the glow after sunset has a direction too
        ({"azimuth_degrees": 10.0, "elevation_degrees": -3.0}, False),
        ({"azimuth_degrees": 10.0, "elevation_degrees": 5.0, "azimuth_of": "shadow"}, True),
        ({"light": "day"}, False),
    ],
)
def test_when_the_sun_must_have_shone(fields, shines):
    assert SunObservation(**fields).sun_shines is shines

"""Observations of the sun that nobody means well: one that has a likelihood everywhere, or one sentence."""

import dataclasses
import json
import math

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from engine.evidence.statements.evidence import Evidence
from engine.evidence.statements.serialization import from_json, to_json
from engine.evidence.statements.sun import SunSeen
from engine.evidence.sun.likelihood import FLOOR, sun_likelihood
from engine.evidence.sun.observation import SunObservation
from engine.geometry.sphere import unit_vectors

# Poles, the date line, the equator, and places all over; the corners of the Earth are where formulas divide by nothing.
PLACES = [
    (90, 0),
    (-90, 0),
    (0, 180),
    (0, -180),
    (66.6, 25),
    (-66.6, 0),
    (0, 0),
    *((n - 85, 37 * n - 180) for n in range(0, 170, 10)),
]
UNIT = unit_vectors(*np.array(PLACES, float).T)
EXTENT = np.resize([0.0, 0.3, 5.0], len(PLACES))
ZONES = ("Europe/Berlin", "Asia/Kathmandu", "Pacific/Kiritimati")
ZONE = np.resize([-1, 0, 1, 2], len(PLACES))

strange = st.one_of(
    st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=8),
    st.sampled_from([math.nan, math.inf, -math.inf, 10**400, -(10**400), 10**5000, 5e-324, 1e308, [1], {}, "day"]),
)  # fmt: skip

MEANT = {
    "year": st.sampled_from([None, 0, 1826, 1900, 2023, 2024, 2100, 2101]),
    "month": st.sampled_from([None, 0, 1, 2, 6, 12, 13]),
    "day": st.sampled_from([None, 1, 28, 29, 30, 31]),
    "minute_of_day": st.none() | st.floats(0, 1439.999) | st.integers(0, 1440),
    "time_error_minutes": st.sampled_from([0, 1e-9, 5, 720]) | st.floats(0, 720),
    "clock": st.sampled_from(["utc", "local"]),
    "elevation_degrees": st.none() | st.sampled_from([-18, -0.833, 0, 90, 95]) | st.floats(-18, 90),
    "elevation_error_degrees": st.sampled_from([0, 1e-300, 2, 90]),
    "object_height": st.none() | st.sampled_from([0, 1e-6, 1.8, 1e9]),
    "shadow_length": st.none() | st.sampled_from([0, 1e-6, 2.5, 1e9]),
    "shadow_error_percent": st.sampled_from([0, 10, 100]),
    "azimuth_degrees": st.none() | st.sampled_from([0, 90, 180, 360]) | st.floats(0, 360),
    "azimuth_error_degrees": st.sampled_from([0, 10, 180]),
    "azimuth_of": st.sampled_from(["sun", "shadow"]),
    "light": st.sampled_from([None, "day", "dusk", "night"]),
}


def test_every_field_is_tried():
    assert list(MEANT) == [field.name for field in dataclasses.fields(SunObservation)]


@st.composite
def observations(draw, strange_fields):
    """Fields of an observation, most of them left out, some of them as no form would send them."""
    names = draw(st.lists(st.sampled_from(list(MEANT)), unique=True, max_size=9))
    wrong = draw(st.sets(st.sampled_from(names), max_size=strange_fields)) if names else set()
    return {name: draw(strange if name in wrong else MEANT[name]) for name in names}


def made_or_told(fields):
    """The observation, or None where it was refused in one sentence; any other error is the test's."""
    try:
        return SunObservation(**fields)
    except InputError as refused:
        told = str(refused)
        assert told.endswith(".") and told.isprintable() and len(told) <= 300, told
        return None


@given(observations(strange_fields=3))
@example({"elevation_degrees": 10**400})
@example({"year": 10**5000, "light": "day"})
@example({"light": "day", "clock": 10**5000})
@settings(max_examples=400, deadline=None)
def test_any_fields_are_an_observation_or_one_sentence(fields):
    observation = made_or_told(fields)
    if observation is not None:
        check(observation)


@given(observations(strange_fields=0))
@settings(max_examples=80, deadline=None)
def test_every_observation_that_is_taken_has_a_likelihood_everywhere(fields):
    observation = made_or_told(fields)
    if observation is not None:
        check(observation)
        found = sun_likelihood(observation, UNIT, EXTENT, ZONE, ZONES)
        assert np.isfinite(found).all() and found.min() >= FLOOR and found.max() <= 1.0


def check(observation):
    evidence = Evidence("e1", SunSeen(observation))
    assert from_json(json.loads(json.dumps(to_json(evidence)))) == evidence
    sentence = evidence.sentence()
    assert sentence.isprintable() and "nan" not in sentence and "inf" not in sentence and sentence[0].isupper()
    for found in (observation.sun_elevation, observation.sun_azimuth):
        assert found is None or (all(map(math.isfinite, found)) and found[1] > 0)

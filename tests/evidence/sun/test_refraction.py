"""What the air does to the sun's height."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evidence.sun.refraction import apparent_elevation, refraction_degrees, true_elevation


def test_known_refractions():
    # Bennett's values as the Astronomical Almanac uses them, minutes of arc at 10 °C, here a hundredth less at 15 °C.
    minutes = 60.0 * refraction_degrees([0.0, 10.0, 45.0, 90.0])
    assert minutes == pytest.approx([28.6, 5.3, 1.0, 0.0], abs=0.12)


def test_a_sun_seen_on_the_horizon_has_set():
    assert true_elevation(0.0) == pytest.approx(-0.57, abs=0.02)


@given(st.floats(-90.0, 90.0))
def test_seen_and_true_elevation_are_inverse(elevation):
    assert true_elevation(apparent_elevation(elevation)) == pytest.approx(elevation, abs=1e-6)


def test_a_higher_sun_is_seen_higher_everywhere():
    assert np.diff(apparent_elevation(np.linspace(-90.0, 90.0, 40_001))).min() > 0.0
    assert refraction_degrees(-40.0) < 0.02

"""The quadrature over dates and times."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evidence.sun.moments import MOST_MOMENTS, MOST_MOMENTS_OF_DAYS, moments_of
from engine.evidence.sun.observation import SunObservation

DATES = st.sampled_from(
    [{}, {"month": 3}, {"year": 2024}, {"year": 2020, "month": 6, "day": 1}, {"month": 5, "day": 2}]
)


@given(DATES, st.none() | st.floats(0.0, 1439.0), st.floats(0.0, 720.0), st.floats(0.1, 5.0))
def test_weights_are_shares_and_moments_are_few(dates, minute, error, sharpness):
    seen = SunObservation(**dates, minute_of_day=minute, time_error_minutes=error, light="day")
    moments = moments_of(seen, sharpness)
    assert moments.weights.sum() == pytest.approx(1.0)
    assert len(moments.weights) == len(moments.dates) * len(moments.minutes)
    assert len(moments.weights) <= (MOST_MOMENTS if minute is not None else MOST_MOMENTS_OF_DAYS)
    assert moments.pad_degrees >= 0.0
    # Two neighbours are never so far apart that there is a gap between their widened bands.
    assert np.diff(moments.minutes).max(initial=0.0) / 4.0 <= 1.8 * np.hypot(sharpness, moments.pad_degrees)


@given(st.floats(0.5, 200.0), st.floats(0.3, 4.0))
def test_times_spread_as_far_as_the_error_says(error, sharpness):
    seen = SunObservation(2020, 6, 1, 700.0, error, light="day")
    moments = moments_of(seen, sharpness)
    assert moments.minutes @ moments.minute_weights == pytest.approx(700.0)
    spread = np.sqrt((moments.minutes - 700.0) ** 2 @ moments.minute_weights)
    assert spread == pytest.approx(error, rel=0.03)


def test_a_known_moment_is_one_moment():
    moments = moments_of(SunObservation(2020, 6, 1, 700.0, 0.0, light="day"), 0.1)
    assert (moments.weights.tolist(), moments.minutes.tolist(), moments.pad_degrees) == ([1.0], [700.0], 0.0)


def test_runs_of_dates_keep_their_length_as_weight():
    moments = moments_of(SunObservation(2021, 2, None, 700.0, 0.0, light="day"), 2.0)
    assert [day.day for day in moments.dates] == [5, 13, 21, 27]
    assert moments.date_weights * 28 == pytest.approx([8, 8, 8, 4])

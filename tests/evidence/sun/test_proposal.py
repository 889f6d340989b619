"""The time that a photo's EXIF gives becomes the time of an observation."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from engine.evidence.sun.proposal import time_from_exif


def test_a_time_without_an_offset_is_the_wall_clock():
    proposed = time_from_exif(datetime(2008, 10, 22, 16, 28, 30))
    assert proposed is not None
    assert (proposed.year, proposed.month, proposed.day, proposed.minute_of_day, proposed.clock) == (
        2008,
        10,
        22,
        988.5,
        "local",
    )


def test_a_time_with_its_offset_is_universal_time():
    proposed = time_from_exif(datetime(2020, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=2))))
    assert proposed is not None
    assert (proposed.year, proposed.month, proposed.day) == (2019, 12, 31)
    assert (proposed.minute_of_day, proposed.clock) == (1410.0, "utc")


@pytest.mark.parametrize(
    "taken", [None, datetime(1601, 1, 1), datetime(2999, 1, 1), datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))]
)
def test_no_time_of_a_photo_is_no_proposal(taken):
    assert time_from_exif(taken) is None


def test_midnight_in_universal_time():
    proposed = time_from_exif(datetime(2020, 1, 1, tzinfo=UTC))
    assert proposed is not None and proposed.minute_of_day == 0.0

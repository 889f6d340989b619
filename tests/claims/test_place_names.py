"""Points are named by towns that people know."""

import pytest

from engine.claims.place_names import place_name
from engine.errors import InputError


@pytest.mark.parametrize(
    ("point", "name"),
    [
        ((55.70, 13.20), "near Lund, Sweden"),
        ((-33.45, -70.66), "near Santiago, Chile"),
        ((64.15, -21.95), "near Reykjavík, Iceland"),
        ((35.2, 24.0), "35 km to the south of Chaniá, Greece"),
        ((25.0, 13.0), " of "),  # the Sahara
    ],
)
def test_named_places(point, name):
    assert name in place_name(*point)


@pytest.mark.parametrize("point", [(-50.0, -120.0), (-90.0, 0.0), (90.0, 0.0)])
def test_far_out_there_is_no_name(point):
    assert place_name(*point) == ""


def test_the_direction_is_that_from_the_town_to_the_point():
    assert "to the east of " in place_name(36.0, 142.5)  # off Japan


def test_a_point_off_the_globe_is_refused():
    with pytest.raises(InputError, match="Latitude"):
        place_name(95, 0)

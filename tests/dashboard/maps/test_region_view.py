"""The camera that shows a region."""

import math

import pytest

from dashboard.maps.region_view import CLOSEST_ZOOM, is_near, separation_degrees, view_of_region
from dashboard.maps.views import HOME_ZOOM, View
from engine.evidence.statements.areas import Circle
from engine.evidence.statements.evidence import Evidence
from engine.geometry.sphere import great_circle_km
from engine.locate.locator import Locator
from engine.locate.settings import Settings
from engine.testing import make_evidence_world, peaked


@pytest.fixture(scope="module")
def locator(world):
    return Locator(world, [peaked(world, 10.5, 20.5)], make_evidence_world(world))


def region_near(locator, latitude, longitude, radius_km):
    stated = Evidence("near", Circle(latitude, longitude, radius_km), 1.0)
    return locator.answer_without_photo(Settings(evidence=(stated,))).region(mass=0.9)


@pytest.mark.parametrize(("latitude", "longitude"), [(10.5, 20.5), (-40.5, -100.5), (0.5, 179.5), (80.0, 10.0)])
def test_a_region_in_one_place_is_in_the_middle_and_fits(locator, latitude, longitude):
    view = view_of_region(region_near(locator, latitude, longitude, 1500), (), 7)
    assert great_circle_km(view.latitude, view.longitude, latitude, longitude) < 1500, "inside the circle"
    assert HOME_ZOOM < view.zoom <= CLOSEST_ZOOM and view.turn == 7


def test_a_smaller_region_is_seen_from_closer(locator):
    far = view_of_region(region_near(locator, 10.5, 20.5, 3000), (), 0)
    near = view_of_region(region_near(locator, 10.5, 20.5, 700), (), 0)
    assert near.zoom > far.zoom


def test_a_region_all_over_the_earth_shows_the_side_of_the_best_candidate(world, locator):
    search_map = locator.answer_without_photo(Settings())
    places = search_map.candidates(3, 500.0)
    view = view_of_region(search_map.region(mass=0.999), places, 0)
    assert (view.latitude, view.longitude, view.zoom) == (places[0].latitude, places[0].longitude, HOME_ZOOM)
    alone = view_of_region(search_map.region(mass=0.999), (), 0)
    assert math.isfinite(alone.latitude) and math.isfinite(alone.longitude)


def test_cameras_that_show_much_the_same_are_near():
    assert is_near(View(10, 20, 4), View(11, 21, 4.4))
    assert not is_near(View(10, 20, 4), View(10, 60, 4))
    assert not is_near(View(10, 20, 4), View(10, 20, 6))
    assert separation_degrees(View(0, 179), View(0, -179)) == pytest.approx(2.0)

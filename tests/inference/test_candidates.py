import numpy as np
import pytest

from engine.errors import InputError
from engine.geometry.sphere import great_circle_km
from engine.inference.pooling import pool
from engine.testing import peaked


@pytest.fixture(scope="module")
def search_map(world):
    return pool(world.overlay, peaked(world, 10.5, 20.5, 0.9).predictions, world.prior)


def test_the_first_place_is_where_the_model_points(search_map):
    first = search_map.places(1)[0]
    assert great_circle_km(first.latitude, first.longitude, 10.5, 20.5) < 900
    assert first.rank == 1


def test_places_are_ranked_far_apart_and_hold_no_more_than_everything(search_map):
    places = search_map.places(20, separation_km=1500)
    shares = [place.probability for place in places]
    assert len(places) == 20
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) <= 1 + 1e-9
    assert all(place.area_km2 > 0 for place in places)
    assert [place.rank for place in places] == list(range(1, 21))


def test_fewer_places_are_given_where_there_are_no_more(search_map):
    assert 1 <= len(search_map.places(50, separation_km=10_000)) < 50


def test_more_places_begin_with_the_fewer(search_map):
    assert search_map.places(10)[:3] == search_map.places(3)


def test_a_place_lies_in_its_own_map(search_map):
    for place in search_map.places(5):
        assert np.isfinite(search_map.area_to_reach(place.latitude, place.longitude))
        assert search_map.density[int(search_map.overlay.cell_at(place.latitude, place.longitude))] > 0


@pytest.mark.parametrize(("k", "separation"), [(0, 100), (-3, 100), (101, 100), (5, 0), (5, -1), (5, float("nan"))])
def test_senseless_requests_are_refused(search_map, k, separation):
    with pytest.raises(InputError, match="give"):
        search_map.places(k, separation)

import numpy as np
import pytest

from engine.errors import InputError
from engine.geometry.sphere import great_circle_km
from engine.inference.pooling import pool
from engine.testing import peaked


@pytest.fixture(scope="module")
def search_map(world):
    return pool(world.overlay, peaked(world, 10.5, 20.5, 0.9).predictions, world.prior)


def test_the_first_candidate_is_where_the_predictor_points(search_map):
    first = search_map.candidates(1)[0]
    assert great_circle_km(first.latitude, first.longitude, 10.5, 20.5) < 900
    assert first.rank == 1


def test_candidates_are_ranked_and_their_masses_do_not_overlap(search_map):
    candidates = search_map.candidates(20, separation_km=1500, min_probability=0)
    masses = [candidate.probability for candidate in candidates]
    assert len(candidates) == 20
    assert masses == sorted(masses, reverse=True)
    assert sum(masses) <= 1 + 1e-9
    assert all(candidate.area_km2 > 0 for candidate in candidates)
    assert [candidate.rank for candidate in candidates] == list(range(1, 21))


def test_fewer_candidates_where_no_more_fit(search_map):
    assert 1 <= len(search_map.candidates(50, separation_km=10_000)) < 50


def test_a_longer_list_begins_with_the_shorter(search_map):
    assert search_map.candidates(10)[:3] == search_map.candidates(3)


def test_candidates_lie_where_the_map_has_mass(search_map):
    for candidate in search_map.candidates(5):
        assert np.isfinite(search_map.area_to_reach(candidate.latitude, candidate.longitude))
        assert search_map.density[int(search_map.overlay.cell_at(candidate.latitude, candidate.longitude))] > 0


@pytest.mark.parametrize(("k", "separation"), [(0, 100), (-3, 100), (101, 100), (5, 0), (5, -1), (5, float("nan"))])
def test_requests_out_of_range_are_refused(search_map, k, separation):
    with pytest.raises(InputError, match="give"):
        search_map.candidates(k, separation)


def test_locations_below_the_least_probability_are_no_candidates(search_map):
    listed = search_map.candidates(20, separation_km=1500)
    assert 1 <= len(listed) < 20
    assert all(candidate.probability >= 0.001 for candidate in listed)
    assert listed == search_map.candidates(20, separation_km=1500, min_probability=0)[: len(listed)]
    assert len(search_map.candidates(20, separation_km=1500, min_probability=0.999)) == 1

import numpy as np
import pytest
from scipy.stats import vonmises_fisher

from engine.geometry.s2 import cells as s2
from engine.geometry.sphere import EARTH_AREA_KM2, EARTH_RADIUS_KM, unit_vectors
from engine.partitions.geocells import Geocells
from engine.partitions.vmf_kernel import bandwidth_km, cell_masses, log_density, places_of


def level_cells(level):
    ids = s2.all_cells(level)
    latitude, longitude = s2.cell_centers(ids)
    return Geocells(f"level_{level}", ids, np.ones(ids.size, np.int64), latitude, longitude)


def test_the_density_is_that_of_scipy():
    points = unit_vectors([10.0, 20.0, -5.0], [30.0, 40.0, 170.0])
    places = unit_vectors([11.0, -89.0, 0.0], [31.0, 0.0, 180.0])
    bandwidth = 500.0
    kappa = (EARTH_RADIUS_KM / bandwidth) ** 2
    kernels = [vonmises_fisher(point / np.linalg.norm(point), kappa).pdf(places) for point in points]
    expected = np.mean(kernels, axis=0) / EARTH_RADIUS_KM**2
    near = expected > 1e-30
    np.testing.assert_allclose(np.exp(log_density(points, places, bandwidth))[near], expected[near], rtol=1e-6)


def test_points_and_degrees_are_inverse():
    latitude, longitude = np.array([0.0, 89.0, -45.0]), np.array([0.0, 10.0, -179.0])
    found = places_of(unit_vectors(latitude, longitude))
    np.testing.assert_allclose(found, [latitude, longitude], atol=1e-9)


@pytest.mark.parametrize("bandwidth", [100.0, 800.0])
@pytest.mark.parametrize("level", [1, 4, 6])
def test_masses_sum_to_1_for_cells_of_any_size(bandwidth, level):
    rng = np.random.default_rng(0)
    points = unit_vectors(rng.normal(48, 3, 200), rng.normal(2, 3, 200))
    masses = cell_masses(points, level_cells(level), bandwidth)
    assert masses.sum() == pytest.approx(1)
    paris = int(level_cells(level).label_at(48.0, 2.0))
    assert masses[paris] > 5 * np.median(masses)


def test_large_and_small_cells_agree():
    rng = np.random.default_rng(1)
    points = unit_vectors(rng.normal(48, 2, 300), rng.normal(2, 2, 300))
    coarse, fine = level_cells(4), level_cells(7)
    inside = coarse.label_of_leaf(fine.ids)
    by_density = np.bincount(inside, weights=cell_masses(points, fine, 150.0), minlength=len(coarse))
    np.testing.assert_allclose(cell_masses(points, coarse, 150.0), by_density, atol=0.01)


def test_points_spread_evenly_give_an_even_density():
    rng = np.random.default_rng(2)
    points = rng.normal(size=(20_000, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    cells = level_cells(1)
    np.testing.assert_allclose(
        cell_masses(points, cells, 800.0), s2.cell_area_km2(cells.ids) / EARTH_AREA_KM2, atol=0.01
    )


def test_the_bandwidth_follows_the_spread_of_the_points():
    rng = np.random.default_rng(3)
    found = [bandwidth_km(unit_vectors(rng.normal(48, s, 300), rng.normal(2, s, 300))) for s in (0.3, 3.0, 20.0)]
    assert found[0] < found[1] < found[2]


def test_without_a_near_cell_masses_are_uniform():
    far = Geocells("far", s2.cell_ids([-80.0], [0.0], 10), np.array([1]), np.array([-80.0]), np.array([0.0]))
    assert cell_masses(unit_vectors([48.0] * 5, [2.0] * 5), far, 25.0) == pytest.approx([1.0])

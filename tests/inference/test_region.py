import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from engine.geometry.sphere import EARTH_AREA_KM2
from engine.inference.pooling import pool
from engine.inference.ranking import ascending_order
from engine.inference.search_map import SearchMap
from engine.testing import peaked

LARGEST_PIXEL_KM2 = 12_400  # one degree at the equator, the grid of the synthetic world


@pytest.fixture(scope="module")
def search_map(world):
    return pool(world.overlay, peaked(world, 10.5, 20.5, 0.5).predictions, world.prior)


def pixels_of(region):
    rows, columns = region.overlay.grid.shape
    return set(np.flatnonzero(region.mask(slice(0, rows), slice(0, columns)).reshape(-1)))


budgets = st.floats(1.0, EARTH_AREA_KM2)


@settings(max_examples=200, deadline=None)
@given(budgets, budgets, st.sampled_from([0.0, 0.001, 0.2]))
def test_regions_are_nested_and_fit_their_budget(search_map, first, second, tail):
    smaller, larger = (search_map.region(budget_km2=b, tail=tail) for b in sorted([first, second]))
    assert smaller.area_km2 <= min(first, second) * (1 + 1e-9)
    if smaller.ends_at_support:
        assert smaller.probability >= 1 - tail - 1e-9
    else:
        assert min(first, second) - smaller.area_km2 <= LARGEST_PIXEL_KM2
    assert smaller.probability <= larger.probability + 1e-12
    assert pixels_of(smaller) <= pixels_of(larger)


@settings(max_examples=100, deadline=None)
@given(st.floats(0.001, 1.0))
def test_the_smallest_region_holds_the_requested_mass(search_map, mass):
    region = search_map.region(mass=mass)
    assert region.probability >= mass * (1 - 1e-9)
    if region.area_km2 > 2 * LARGEST_PIXEL_KM2:
        less = search_map.region(budget_km2=region.area_km2 - LARGEST_PIXEL_KM2)
        assert less.probability < mass + 1e-9


@settings(max_examples=50, deadline=None)
@given(budgets)
def test_area_and_probability_are_those_of_the_pixels(search_map, budget):
    region = search_map.region(budget_km2=budget)
    pixels = np.array(sorted(pixels_of(region)))
    density = search_map.density[region.overlay.pixel_cell.reshape(-1)[pixels]]
    area = region.overlay.grid.area_of(pixels)
    if region.fraction == 1.0:
        assert region.area_km2 == pytest.approx(area.sum(), rel=1e-9)
        assert region.probability == pytest.approx(density @ area, rel=1e-6)


def test_repr_has_the_figures_without_the_map(search_map):
    region = search_map.region(budget_km2=2e6)
    assert f"area_km2={region.area_km2!r}" in repr(region)
    assert len(repr(region)) < 300


def test_the_whole_earth_fits(search_map):
    region = search_map.region(budget_km2=EARTH_AREA_KM2, tail=0)
    assert region.area_km2 == pytest.approx(EARTH_AREA_KM2)
    assert region.probability == pytest.approx(1)
    assert region.components == 1
    assert not region.ends_at_support


def test_a_region_ends_at_the_support_of_the_map(world):
    """A map that excludes almost everything is not padded with ground that holds next to nothing."""
    weights = np.full(world.overlay.cells, -60.0)
    weights[[3, 7]] = 0.0
    search_map = SearchMap.from_log_weights(world.overlay, weights)
    support_km2 = float(world.overlay.area_km2[[3, 7]].sum())
    region = search_map.region(budget_km2=50 * support_km2)
    assert region.ends_at_support
    assert region.area_km2 == pytest.approx(support_km2)
    assert region.probability == pytest.approx(1)
    assert region.whole_cells == 2
    within = search_map.region(budget_km2=support_km2 / 2)
    assert not within.ends_at_support
    assert search_map.region(budget_km2=50 * support_km2, tail=0).area_km2 > 40 * support_km2


@pytest.mark.parametrize("tail", [-0.1, 1.0, float("nan")])
def test_tails_out_of_range_are_refused(search_map, tail):
    with pytest.raises(InputError, match="tail"):
        search_map.region(budget_km2=1e6, tail=tail)


def test_a_budget_below_a_pixel_takes_a_fraction_of_the_best_pixel(search_map):
    region = search_map.region(budget_km2=10.0)
    assert region.area_km2 == pytest.approx(10.0)
    assert 0 < region.fraction < 1
    assert region.contains(*(float(v) for v in region.overlay.grid.point_of(region.cut_pixels[0])))
    assert region.probability == pytest.approx(10.0 * search_map.density.max())


def test_contains_agrees_with_the_area_to_reach(search_map):
    rng = np.random.default_rng(0)
    for latitude, longitude in zip(rng.uniform(-89, 89, 200), rng.uniform(-180, 180, 200), strict=True):
        reach = search_map.area_to_reach(latitude, longitude)
        assert search_map.region(budget_km2=min(reach, EARTH_AREA_KM2), tail=0).contains(latitude, longitude)


def test_display_mask_shows_every_pixel(search_map):
    region = search_map.region(budget_km2=3e6)
    rows, columns = region.overlay.grid.shape
    assert region.tile_mask.shape == (rows, columns)  # on a small grid a tile is a pixel
    assert np.array_equal(region.tile_mask, region.mask(slice(0, rows), slice(0, columns)))


def test_equal_regions_have_equal_digests(world, search_map):
    again = pool(world.overlay, peaked(world, 10.5, 20.5, 0.5).predictions, world.prior)
    first, second = search_map.region(budget_km2=1e6), again.region(budget_km2=1e6)
    assert first.sha256 == second.sha256
    assert first.sha256 != search_map.region(budget_km2=1.1e6).sha256


@pytest.mark.parametrize("budget", [0.0, -1.0, float("nan"), float("inf"), EARTH_AREA_KM2 * 1.01])
def test_budgets_out_of_range_are_refused(search_map, budget):
    with pytest.raises(InputError, match="is out of range; give a number above 0"):
        search_map.region(budget_km2=budget)


@pytest.mark.parametrize("mass", [0.0, -0.5, 1.01, 90, float("nan")])
def test_masses_out_of_range_are_refused(search_map, mass):
    with pytest.raises(InputError, match=r"such as 0\.9"):
        search_map.region(mass=mass)


def test_a_region_needs_exactly_one_of_budget_and_mass(search_map):
    with pytest.raises(InputError, match="give one, not both"):
        search_map.region()
    with pytest.raises(InputError, match="give one, not both"):
        search_map.region(budget_km2=10.0, mass=0.5)


@pytest.mark.parametrize("point", [(91, 0), (0, 181), (float("nan"), 0), (0, float("inf"))])
def test_points_out_of_range_are_refused(search_map, point):
    with pytest.raises(InputError, match="outside"):
        search_map.area_to_reach(*point)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([0.0, 1.0, 2.0, np.inf, 0.5]), min_size=1, max_size=60))
def test_ranking_is_stable(values):
    array = np.array(values)
    assert ascending_order(array).tolist() == np.argsort(array, kind="stable").tolist()

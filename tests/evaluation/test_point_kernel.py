import numpy as np
import pytest

from engine.errors import InputError
from engine.evaluation.cell_samples import cell_samples
from engine.evaluation.distance import Points
from engine.evaluation.ensembles import Ensemble
from engine.evaluation.manifest import Manifest
from engine.evaluation.point_kernel import (
    Nearness,
    RatioKernel,
    band_limits,
    bin_edges,
    cell_log_ratios,
    fit_kernel,
    point_evidence,
    prior_in_bins,
)
from engine.evaluation.recall_area import Bench, score
from engine.geometry.sphere import EARTH_RADIUS_KM, great_circle_km, unit_vectors
from engine.inference.pooling import Pooling


def moved(rng, latitude, longitude, distance_km):
    """Points at given distances in random directions."""
    start = unit_vectors(latitude, longitude)
    aside = np.cross(start, rng.standard_normal(start.shape))
    aside /= np.linalg.norm(aside, axis=1, keepdims=True)
    angle = (distance_km / EARTH_RADIUS_KM)[:, None]
    end = np.cos(angle) * start + np.sin(angle) * aside
    return np.degrees(np.arcsin(end[:, 2])), np.degrees(np.arctan2(end[:, 1], end[:, 0]))


@pytest.fixture(scope="module")
def photos(planet):
    return planet.manifest.take(np.concatenate([np.arange(900), 5000 + np.arange(900)]))


@pytest.fixture(scope="module")
def points(photos):
    """A model that is 200 km off on most photos and anywhere on the others, and knows which is which."""
    rng = np.random.default_rng(0)
    lost = rng.random(len(photos)) < 0.3
    distance = np.where(lost, rng.uniform(0, 20_000, lost.size), 200 * rng.lognormal(0, 0.5, lost.size))
    latitude, longitude = moved(rng, photos.latitude, photos.longitude, distance)
    return Points(photos.ids, latitude, longitude, np.where(lost, 0.2, 0.8) + rng.normal(0, 0.1, lost.size))


def test_the_mass_at_each_distance_is_that_of_the_prior(planet):
    world, edges = planet.world, bin_edges(111.0)
    nearness = Nearness(cell_samples(world.overlay))
    vectors = unit_vectors([10.0, 89.0, -40.0], [20.0, 0.0, 179.5])
    mass = prior_in_bins(world, nearness, vectors, edges)
    assert mass.sum(axis=1) == pytest.approx(1.0)
    grid = world.overlay.grid
    latitude, longitude = grid.point_of(np.arange(grid.pixels))
    cell = np.asarray(world.overlay.pixel_cell).reshape(-1)
    density = (world.prior.probability / world.overlay.area_km2)[cell] * grid.area_of(np.arange(grid.pixels))
    for row, point in zip(mass, ((10.0, 20.0), (89.0, 0.0), (-40.0, 179.5)), strict=True):
        exact = np.histogram(great_circle_km(*point, latitude, longitude), edges, weights=density)[0]
        assert np.cumsum(row) == pytest.approx(np.cumsum(exact), abs=0.012)


def test_a_ratio_that_is_there_is_found(planet):
    """Truths drawn with a known ratio to the prior give that ratio back, up to its scale."""
    rng, edges = np.random.default_rng(1), bin_edges(500.0)
    nearness = Nearness(cell_samples(planet.world.overlay))
    vectors = unit_vectors(*np.array([planet.manifest.latitude[:400], planet.manifest.longitude[:400]]))
    mass = np.repeat(prior_in_bins(planet.world, nearness, vectors, edges), 10, axis=0)
    ratio = np.linspace(3, -2, edges.size - 1)
    chance = mass * np.exp(ratio)
    chance /= chance.sum(axis=1, keepdims=True)
    drawn = (rng.random((len(chance), 1)) > np.cumsum(chance, axis=1)).sum(axis=1)
    found = fit_kernel((edges[drawn] + edges[drawn + 1]) / 2, mass, edges).log_ratio
    common = np.average(found - ratio, weights=np.bincount(drawn, minlength=ratio.size))
    assert found - common == pytest.approx(ratio, abs=0.35)


def test_points_that_say_nothing_change_nothing(planet):
    edges = bin_edges(111.0)
    nearness = Nearness(cell_samples(planet.world.overlay))
    some = planet.manifest.take(np.arange(1500))
    vectors = unit_vectors(some.latitude, some.longitude)
    rng = np.random.default_rng(2)
    strangers = vectors[rng.permutation(1500)]
    errors = 2 * EARTH_RADIUS_KM * np.arcsin(np.linalg.norm(strangers - vectors, axis=1) / 2)
    kernel = fit_kernel(errors, prior_in_bins(planet.world, nearness, strangers, edges), edges)
    far = edges[1:] > 1000
    assert np.abs(kernel.log_ratio[far]).max() < 0.35


def test_large_cells_take_the_mean_of_the_ratio_and_far_ones_that_of_their_middle(planet):
    overlay, samples = planet.world.overlay, cell_samples(planet.world.overlay)
    edges = bin_edges(50.0)
    kernel = RatioKernel(edges, np.linspace(6, -3, edges.size - 1))
    out, point = np.empty(overlay.cells), (12.3, 45.6)
    cell_log_ratios(Nearness(samples), unit_vectors(*point), kernel, out)
    grid = overlay.grid
    pixel_cell = np.asarray(overlay.pixel_cell).reshape(-1)
    distance = great_circle_km(*point, *grid.point_of(np.arange(grid.pixels)))
    middles = np.sqrt(np.maximum(edges[:-1], edges[1] / 4) * edges[1:])
    ratio = np.exp(np.interp(np.log(np.maximum(distance, 1e-3)), np.log(middles), kernel.log_ratio))
    area = grid.area_of(np.arange(grid.pixels))
    exact = np.log(np.bincount(pixel_cell, ratio * area) / np.bincount(pixel_cell, area))
    assert np.abs(out - exact).max() < 0.3
    assert np.abs(out - exact).mean() < 0.03


def test_points_beat_the_prior_and_confidence_adds_to_that(planet, photos, points):
    samples = cell_samples(planet.world.overlay)
    plain = Points(points.ids, points.latitude, points.longitude, np.full(len(photos), np.nan))
    with_bands = point_evidence("bands", planet.world, samples, photos, points)
    without = point_evidence("plain", planet.world, samples, photos, plain)
    bench = Bench.on(planet.world, photos.latitude, photos.longitude, [with_bands, without])
    test = photos.where("test")
    rows = [Ensemble("prior", {}, 1.0), Ensemble("plain", {"plain": 1.0}, 1.0), Ensemble("bands", {"bands": 1.0}, 1.0)]
    prior, alone, banded = score(bench, rows, test)
    assert alone.nats.mean() < prior.nats.mean() - 1.0
    assert banded.nats.mean() < alone.nats.mean() - 0.05
    assert with_bands.role == "base"


def test_under_the_product_a_point_is_its_own_map(planet, photos, points):
    piece = point_evidence("m", planet.world, cell_samples(planet.world.overlay), photos, points)
    bench = Bench.on(planet.world, photos.latitude, photos.longitude, [piece])
    product, corrected = score(
        bench, [Ensemble("p", {"m": 1.0}, 0.0, Pooling.PRODUCT), Ensemble("c", {"m": 1.0}, 1.0)], np.arange(20)
    )
    assert product.nats == pytest.approx(corrected.nats)


def test_without_a_split_nothing_is_measured_on_what_it_was_fitted_on(planet, photos, points):
    bare = Manifest(photos.ids, photos.latitude, photos.longitude)
    piece = point_evidence("m", planet.world, cell_samples(planet.world.overlay), bare, points)
    assert "fitted 5 times" in piece.notes[0]
    assert len(np.unique(piece.kernel_of)) >= 5


def test_photos_without_a_point_are_counted_and_too_few_points_refused(planet, photos, points):
    samples = cell_samples(planet.world.overlay)
    some = Points((*points.ids[:1500], "stranger"), *(np.append(getattr(points, n)[:1500], 1.0)
                  for n in ("latitude", "longitude", "confidence")))  # fmt: skip
    piece = point_evidence("m", planet.world, samples, photos, some)
    assert piece.missing == 300
    assert "1 points of m match no photo." in piece.notes
    out = np.ones(planet.world.overlay.cells)
    piece.spread((1799, Pooling.CORRECTED), out)
    assert not out.any()
    few = Points(points.ids[:10], points.latitude[:10], points.longitude[:10], points.confidence[:10])
    with pytest.raises(InputError, match="cannot be fitted on 10 photos"):
        point_evidence("m", planet.world, samples, photos, few)


def test_bands_need_photos_and_differences():
    assert band_limits(np.full(500, np.nan)).size == 0
    assert band_limits(np.arange(150.0)).size == 0
    assert band_limits(np.arange(900.0)).size == 2
    assert band_limits(np.ones(900)).size == 1

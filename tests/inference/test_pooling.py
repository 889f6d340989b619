from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ContradictionError, InputError, PredictorError
from engine.geometry.grid import Grid
from engine.geometry.sphere import EARTH_AREA_KM2
from engine.inference.outcomes import Outcome, with_confusion
from engine.inference.pooling import Pooling, information_nats, log_evidence, pool
from engine.inference.world import World
from engine.layers import builtin
from engine.partitions.geocells import geocells_partition
from engine.partitions.partition import gather_on_owners
from engine.partitions.photo_locations import default_geocells, default_photo_places
from engine.predictors.base import Prediction
from engine.testing import make_record

PARTITIONS = ("geocells_fine", "population", "land_cover")


def random_predictions(world, seed, names=PARTITIONS, sharpness=2.0, floor=0.02):
    rng = np.random.default_rng(seed)
    predictions = []
    for name in names:
        logits = rng.normal(0, sharpness, len(world.overlay.table(name).labels))
        weights = np.exp(logits - logits.max())
        predictions.append(Prediction(make_record(name, floor), name, weights / weights.sum()))
    return predictions


def literal_product(overlay, predictions):
    """Algorithms 1 and 2 of Bianco et al. 2024, on pixels, as written there."""
    product = np.ones(overlay.grid.shape)
    pixel_area = np.broadcast_to(overlay.grid.pixel_area_km2[:, None], overlay.grid.shape)
    for prediction in predictions:
        table = overlay.table(prediction.partition)
        raster = table.cell_label[overlay.pixel_cell]
        moved = gather_on_owners(prediction.probability, table.owner)
        density = np.zeros(overlay.grid.shape)
        for label in np.flatnonzero(moved):
            mask = raster == label
            density[mask] = moved[label] / pixel_area[mask].sum()
        product *= density
    return product, pixel_area


@pytest.mark.parametrize("seed", range(3))
def test_product_is_the_literal_raster_algorithm(world, seed):
    predictions = random_predictions(world, seed)
    search_map = pool(world.overlay, predictions, world.prior, pooling=Pooling.PRODUCT)
    product, pixel_area = literal_product(world.overlay, predictions)
    ours = search_map.density[world.overlay.pixel_cell]
    assert ours == pytest.approx(product / (product * pixel_area).sum(), rel=1e-9)
    rng = np.random.default_rng(seed)
    for latitude, longitude in zip(rng.uniform(-90, 90, 40), rng.uniform(-180, 180, 40), strict=True):
        at_truth = product.reshape(-1)[int(world.overlay.grid.pixel_of(latitude, longitude))]
        literal_area = float((pixel_area * (product >= at_truth)).sum())
        assert search_map.area_to_reach(latitude, longitude) == pytest.approx(literal_area, rel=1e-9)


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    names=st.lists(st.sampled_from(PARTITIONS), max_size=12),
    sharpness=st.sampled_from([0.0, 1.0, 30.0, 300.0]),
    prior_weight=st.floats(0, 2),
)
def test_pooling_is_finite_sums_to_one_and_knows_no_order(world, seed, names, sharpness, prior_weight):
    predictions = random_predictions(world, seed, names, sharpness)
    search_map = pool(world.overlay, predictions, world.prior, prior_weight=prior_weight)
    again = pool(world.overlay, predictions[::-1], world.prior, prior_weight=prior_weight)
    assert np.isfinite(search_map.log_density).all()
    assert search_map.probability.sum() == pytest.approx(1, abs=1e-9)
    assert (search_map.density * world.overlay.area_km2).sum() == pytest.approx(1, abs=1e-9)
    assert again.log_density == pytest.approx(search_map.log_density, abs=1e-7)


def test_a_geocell_model_alone_gives_its_own_answer_back(world):
    (prediction,) = random_predictions(world, 1, ["geocells_fine"], floor=0.0)
    search_map = pool(world.overlay, [prediction], world.prior)
    table = world.overlay.table("geocells_fine")
    held = np.bincount(table.cell_label + 1, weights=search_map.probability)[1:]
    assert held == pytest.approx(gather_on_owners(prediction.probability, table.owner), abs=1e-12)


def test_a_predictor_that_knows_nothing_changes_nothing(world):
    prior_alone = pool(world.overlay, (), world.prior)
    of_photos = world.prior.on(world.overlay.table("population"))
    knows_nothing = [
        Prediction(make_record(), "population", np.full(4, 0.25), label_prior=np.full(4, 0.25)),
        Prediction(make_record("photos"), "land_cover", world.prior.on(world.overlay.table("land_cover"))),
    ]
    assert of_photos.sum() < 1
    pooled = pool(world.overlay, knows_nothing, world.prior)
    assert pooled.log_density == pytest.approx(prior_alone.log_density, abs=1e-9)
    assert information_nats(pooled, prior_alone) == pytest.approx(0, abs=1e-9)


def test_no_probability_is_lost_where_a_label_owns_no_pixel(world):
    table = world.overlay.table("geocells_fine")
    orphan = int(np.flatnonzero(table.owner != np.arange(table.owner.size))[0])
    certain = np.zeros(len(table.labels))
    certain[orphan] = 1.0
    prediction = Prediction(make_record(floor=0.0), table.name, certain)
    for rule in Pooling:
        search_map = pool(world.overlay, [prediction], world.prior, pooling=rule)
        at_owner = search_map.probability[table.cell_label == table.owner[orphan]].sum()
        assert at_owner == pytest.approx(1)


def test_weights_scale_evidence_and_zero_switches_off(world):
    predictions = random_predictions(world, 5)
    off = pool(world.overlay, predictions, world.prior, weights=dict.fromkeys(PARTITIONS, 0.0))
    assert np.array_equal(off.log_density, pool(world.overlay, (), world.prior).log_density)
    doubled = pool(world.overlay, predictions[:1], world.prior, weights={"geocells_fine": 2.0})
    twice = pool(world.overlay, predictions[:1] * 2, world.prior)
    assert doubled.log_density == pytest.approx(twice.log_density, abs=1e-9)


def test_prior_weight_zero_takes_every_km2_of_land_alike(world):
    flat = pool(world.overlay, (), world.prior, prior_weight=0.0)
    land = world.overlay.table("population").cell_label >= 0
    assert np.ptp(flat.log_density[land]) == pytest.approx(0, abs=1e-9)
    assert flat.density[land].min() > 10 * flat.density[~land].max()


def test_contradiction_is_a_state_with_a_remedy(world):
    table = world.overlay.table("population")
    lowest, highest = np.eye(4)[0], np.eye(4)[3]
    pair = [Prediction(make_record("a"), table.name, lowest), Prediction(make_record("b"), table.name, highest)]
    with pytest.raises(ContradictionError, match=r"contradict each other.*switch one off"):
        pool(world.overlay, pair, world.prior, pooling="product")
    corrected = pool(world.overlay, pair, world.prior)
    assert np.isfinite(corrected.log_density).all()


def test_a_product_with_nothing_in_it_is_a_flat_earth(world):
    flat = pool(world.overlay, (), world.prior, pooling="product")
    assert flat.density == pytest.approx(np.full(world.overlay.cells, 1 / EARTH_AREA_KM2))


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"weights": {"population": -1.0}}, "outside 0 to 10"),
        ({"weights": {"population": float("nan")}}, "outside 0 to 10"),
        ({"prior_weight": -0.1}, "outside 0 to 2"),
        ({"prior_weight": float("nan")}, "outside 0 to 2"),
        ({"pooling": "average"}, "no pooling 'average'"),
    ],
)
def test_senseless_settings_are_refused(world, changes, match):
    with pytest.raises(InputError, match=match):
        pool(world.overlay, random_predictions(world, 1), world.prior, **changes)


def test_a_prediction_of_the_wrong_size_is_refused(world):
    wrong = Prediction(make_record(), "population", np.full(5, 0.2))
    with pytest.raises(PredictorError, match="5 probabilities for the 4 labels"):
        pool(world.overlay, [wrong], world.prior)


def test_areas_on_real_partitions_are_those_of_the_literal_algorithm(tmp_path):
    """Geocells, population and land cover as they ship, drawn independently of the overlay."""
    grid = Grid(1080, 2160)
    real = World.load(grid, cache=tmp_path)
    drawn = [
        geocells_partition(default_geocells("fine"), grid), builtin.population(grid), builtin.land_cover(grid)
    ]  # fmt: skip
    predictions = random_predictions(real, 7)
    search_map = pool(real.overlay, predictions, real.prior, pooling="product")
    product, pixel_area = np.ones(grid.shape), np.broadcast_to(grid.pixel_area_km2[:, None], grid.shape)
    for partition, prediction in zip(drawn, predictions, strict=True):
        moved, mask_area = gather_on_owners(prediction.probability, partition.owner), partition.area_km2()
        density = np.divide(moved, mask_area, out=np.zeros_like(moved), where=mask_area > 0)
        product *= np.append(density, 0.0)[partition.raster]
    places = default_photo_places()
    for latitude, longitude in zip(places.latitude[::2000], places.longitude[::2000], strict=True):
        at_truth = product.reshape(-1)[int(grid.pixel_of(latitude, longitude))]
        literal_area = float((pixel_area * (product >= at_truth)).sum())
        assert search_map.area_to_reach(latitude, longitude) == pytest.approx(literal_area, rel=1e-9)


def test_a_prediction_allows_for_a_layer_that_is_wrong(world):
    table = world.overlay.table("population")
    size = len(table.labels)
    values = np.full(size, 0.01)
    values[3] = 1.0 - 0.01 * (size - 1)
    sharp = Prediction(make_record("one", floor=0.0), "population", values)
    true = 0.7 * np.eye(size) + 0.3 / size
    soft = replace(sharp, confusion=true)
    by_label = np.array([np.flatnonzero(table.cell_label == label)[0] for label in range(size)])
    ratio = np.exp(log_evidence(world.overlay, sharp, world.prior))[by_label]
    softened = np.exp(log_evidence(world.overlay, soft, world.prior))[by_label]
    assert softened == pytest.approx(true @ ratio)
    assert softened.max() < ratio.max()
    assert softened.min() > ratio.min()


def test_only_who_judges_the_ground_gets_the_confusion_of_layers():
    true = np.eye(4)
    for judges in (False, True):
        record = replace(make_record("one"), judges_ground=judges)
        outcome = Outcome(record, (Prediction(record, "population", np.full(4, 0.25)),))
        found = with_confusion(outcome, {"population": true, "land_cover": np.eye(7)}).predictions[0]
        assert (found.confusion is true) == judges
        elsewhere = Outcome(record, (Prediction(record, "geocells_fine", np.full(4, 0.25)),))
        assert with_confusion(elsewhere, {"population": true}).predictions[0].confusion is None

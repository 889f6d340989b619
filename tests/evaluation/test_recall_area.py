import numpy as np
import pytest

from engine.errors import InputError
from engine.evaluation.benchmark import measure
from engine.evaluation.collect import stored_pieces
from engine.evaluation.ensembles import Ensemble, standard_ensembles
from engine.evaluation.manifest import Manifest
from engine.evaluation.outputs import OutputStore
from engine.evaluation.recall_area import CAP_AREAS_KM2, Bench, Scores, recall_curve, score, urban_cells
from engine.geometry.sphere import EARTH_AREA_KM2, cap_area_km2
from engine.inference.pooling import Pooling, pool
from engine.inference.region import pixels_from_center
from engine.predictors.base import Prediction
from engine.testing import make_record

PARTITIONS = ("geocells_fine", "population", "land_cover")
PHOTOS = 90


@pytest.fixture(scope="module")
def stored(world, tmp_path_factory):
    """Random predictions of three predictors, one of them with a label prior of its own, and their bench."""
    rng = np.random.default_rng(3)
    store = OutputStore(tmp_path_factory.mktemp("outputs"))
    predictions = {}
    for name in PARTITIONS:
        labels = len(world.overlay.table(name).labels)
        record = make_record(f"p_{name}")
        base = np.full(labels, 1 / labels) if name == "population" else None
        rows = []
        for photo in range(PHOTOS):
            values = np.exp(rng.normal(0, 2, labels)).astype(np.float32).astype(np.float64)
            rows.append((f"photo-{photo}", Prediction(record, name, values / values.sum(), base)))
        predictions[name] = [prediction for _, prediction in rows]
        for start in range(0, PHOTOS, 40):
            store.write(rows[start : start + 40])
    cells = rng.choice(world.overlay.cells, PHOTOS, p=world.prior.probability)
    points = [world.overlay.grid.point_of(rng.choice(world.overlay.pixels_of(int(cell)))) for cell in cells]
    latitude, longitude = np.array(points, np.float64).T
    manifest = Manifest(tuple(f"photo-{n}" for n in range(PHOTOS)), latitude, longitude)
    bench = Bench.on(world, latitude, longitude, stored_pieces(store, manifest, world))
    return bench, manifest, predictions


@pytest.mark.parametrize("pooling", list(Pooling))
@pytest.mark.parametrize(
    "weights", [{}, {"p_population": 1.0}, {"p_geocells_fine": 1.0, "p_population": 0.4, "p_land_cover": 2.0}]
)
def test_many_photos_at_once_give_the_areas_of_the_search_maps(world, stored, pooling, weights):
    bench, manifest, predictions = stored
    prior_weight = 0.8 if pooling is Pooling.CORRECTED else 0.0
    (found,) = score(bench, [Ensemble("e", weights, prior_weight, pooling)])
    off = {f"p_{name}": 0.0 for name in PARTITIONS} | weights
    for photo in range(0, PHOTOS, 7):
        said = [predictions[name][photo] for name in PARTITIONS]
        search_map = pool(world.overlay, said, world.prior, off, prior_weight, pooling)
        point = manifest.latitude[photo], manifest.longitude[photo]
        assert found.reach_km2[photo] == pytest.approx(search_map.area_to_reach(*point), rel=1e-9)
        truth = int(bench.truth_cell[photo])
        denser = search_map.steps < search_map.steps[truth]
        assert found.denser_km2[photo] == pytest.approx(world.overlay.area_km2[denser].sum(), rel=1e-9, abs=1e-6)
        assert found.mass_above[photo] == pytest.approx(search_map.probability[denser].sum(), rel=1e-5, abs=1e-9)
        assert found.nats[photo] == pytest.approx(-search_map.log_density[truth], rel=1e-5)
        assert search_map.log_density[found.top_cell[photo]] == pytest.approx(search_map.log_density.max(), abs=1e-6)


def test_the_raster_of_the_paper_gives_the_same_areas(world, stored):
    bench, manifest, predictions = stored
    (found,) = score(bench, [Ensemble("e", {"p_geocells_fine": 1.0, "p_population": 1.0}, 0.0, Pooling.PRODUCT)])
    grid, pixel_cell = world.overlay.grid, np.asarray(world.overlay.pixel_cell)
    pixel_area = np.repeat(grid.pixel_area_km2[:, None], grid.columns, axis=1)
    for photo in range(0, PHOTOS, 11):
        product = np.ones(grid.shape)
        for name in ("geocells_fine", "population"):
            table, probability = world.overlay.table(name), predictions[name][photo].probability
            mass = np.bincount(table.owner, probability, minlength=len(table.labels))
            density = np.append(np.divide(mass, table.area_km2, out=np.zeros_like(mass), where=table.area_km2 > 0), 0.0)
            product *= density[table.cell_label][pixel_cell]
        at_truth = product[grid.row_of(manifest.latitude[photo]), grid.column_of(manifest.longitude[photo])]
        assert found.reach_km2[photo] == pytest.approx(pixel_area[product >= at_truth].sum(), rel=1e-9)


def test_without_masses_areas_and_top_cells_are_the_same(stored):
    bench, _, _ = stored
    ensemble = Ensemble("e", {"p_geocells_fine": 1.0}, 1.0)
    (whole,), (half,) = score(bench, [ensemble]), score(bench, [ensemble], masses=False, threads=1)
    assert (whole.reach_km2 == half.reach_km2).all()
    assert (whole.top_cell == half.top_cell).all()
    assert np.isnan(half.nats).all()


def test_a_photo_without_an_answer_leaves_the_map_as_it_was(world, stored):
    bench, manifest, _ = stored
    more = Manifest(
        (*manifest.ids, "stranger"), np.append(manifest.latitude, 10.0), np.append(manifest.longitude, 20.0)
    )
    pieces = [
        type(p)(p.name, p.table, p.prior, type(p.source)(p.source.stored, more.ids), p.floor)
        for p in bench.evidence.values()
    ]
    wider = Bench.on(world, more.latitude, more.longitude, pieces)
    alone, everything = score(
        wider, [Ensemble("prior", {}, 1.0), Ensemble("e", dict.fromkeys(wider.evidence, 1.0), 1.0)]
    )
    assert everything.reach_km2[-1] == alone.reach_km2[-1]
    assert all(piece.missing == 1 for piece in wider.evidence.values())


def test_an_excluded_truth_needs_the_whole_earth(world, stored):
    bench, _, _ = stored
    (found,) = score(bench, [Ensemble("urban", {}, 1.0, urban=True)])
    outside = ~urban_cells(world)[bench.truth_cell]
    assert outside.any()
    assert np.isinf(found.nats[outside]).all()
    assert found.reach_km2[outside] == pytest.approx(EARTH_AREA_KM2, rel=1e-6)
    assert (found.reach_km2[~outside] < EARTH_AREA_KM2).all()


def test_ensembles_that_name_nothing_there_are_refused(stored):
    bench, _, _ = stored
    with pytest.raises(InputError, match=r"'geoclip'.*there are prior, p_geocells_fine"):
        score(bench, [Ensemble("e", {"geoclip": 1.0}, 1.0)])


def test_top_locations_are_anchors_of_the_densest_cells(world, stored):
    bench, manifest, _ = stored
    (found,) = measure(bench, manifest, [Ensemble("prior", {}, 1.0)])
    cell = int(found.scores.top_cell[0])
    point = world.overlay.grid.point_of(pixels_from_center(world.overlay, cell)[0])
    from engine.geometry.sphere import great_circle_km

    assert found.error_km[0] == pytest.approx(
        float(great_circle_km(*point, manifest.latitude[0], manifest.longitude[0]))
    )


def synthetic_scores(low, high) -> Scores:
    low, high = np.asarray(low, np.float64), np.asarray(high, np.float64)
    zeros = np.zeros(low.size)
    whole = np.zeros(low.size, np.int64)
    return Scores(Ensemble("e", {}, 1.0), low, high, zeros, zeros, zeros, whole, whole)


def test_ties_are_reported_in_three_ways():
    scores = synthetic_scores([0.0, 50.0, 200.0], [100.0, 50.0 + 100.0, 300.0])
    assert scores.hits(100.0).ravel().tolist() == [1, 0, 0]
    assert scores.hits(100.0, "expected").ravel().tolist() == [1.0, 0.5, 0.0]
    assert scores.hits(100.0, "optimistic").ravel().tolist() == [1, 1, 0]
    with pytest.raises(InputError, match="optimistic, expected or pessimistic"):
        scores.hits(100.0, "lucky")


@pytest.mark.parametrize("ties", ["pessimistic", "expected", "optimistic"])
def test_the_curve_is_the_mean_of_the_hits(ties):
    rng = np.random.default_rng(0)
    low = np.exp(rng.uniform(0, 20, 200))
    scores = synthetic_scores(low, low * rng.uniform(1, 3, 200))
    areas = np.geomspace(1, EARTH_AREA_KM2, 50)
    assert recall_curve(scores, areas, ties) == pytest.approx(scores.hits(areas, ties).mean(axis=0))


def test_cap_areas_are_those_of_the_paper():
    assert pytest.approx([3.14, 1963.5, 125_660, 1.766e6, 1.9e7], rel=0.05) == CAP_AREAS_KM2.tolist()
    assert CAP_AREAS_KM2[0] == cap_area_km2(1)


def test_standard_ensembles_are_the_rows_of_the_tables_twice():
    rows = [row.name for row in standard_ensembles({"geoclip": "base", "ls": "LS", "lc": "LC"})]
    assert rows[0] == "prior"
    for name in ("geoclip", "geoclip +LS", "geoclip +LS urban prior", "geoclip +LC", "geoclip +LS+LC"):
        assert name in rows
        assert f"{name}, product" in rows
    assert "prior, product" not in rows
    assert len(set(rows)) == len(rows)

import json

import numpy as np
import pytest

from engine.errors import ArtifactError, InputError
from engine.evaluation import plots
from engine.evaluation.manifest import Manifest
from engine.evaluation.outputs import OutputStore
from engine.evaluation.published import TABLES
from engine.evaluation.reproduce import paper_rows, prepared_manifest
from engine.evaluation.results import read_results, write_results
from engine.evaluation.run import Plan, run
from engine.evaluation.tables import beside_published
from engine.testing import make_record
from engine.testing.synthetic_world import Skill, evidence

CAPS = {"1", "25", "200", "750", "2500"}


@pytest.fixture(scope="module")
def photos(planet):
    return planet.manifest.take(np.concatenate([np.arange(600), 5000 + np.arange(1400)]))


@pytest.fixture(scope="module")
def store(planet, photos, tmp_path_factory):
    """Outputs of two predictors, stored as a real run stores them."""
    folder = tmp_path_factory.mktemp("outputs")
    truth = planet.world.overlay.cell_at(photos.latitude, photos.longitude)
    for skill in (Skill("geoclip", "geocells_fine", 3.0, 2.0, 0.5, 1), Skill("ls", "population", 1.5, 2.0, 0.5, 2)):
        piece = evidence(planet.world, truth, skill)
        values = piece.source.read(np.arange(len(photos)))[0]
        OutputStore(folder).write_rows(make_record(skill.name), skill.partition, photos.ids, values)
    return folder


class Silent:
    """A predictor whose outputs are stored already."""

    def __init__(self, name):
        self.record = make_record(name)

    def predict(self, photo):
        raise AssertionError("it was asked again")


@pytest.fixture(scope="module")
def outcome(planet, photos, store):
    plan = Plan((Silent("geoclip"), Silent("ls")), balance=True, outputs=store)
    return run(planet.world, photos, plan)


def test_the_summary_has_what_the_issue_asks_for(outcome, tmp_path):
    told = write_results(outcome, tmp_path, "A test", figures=False)
    assert told == json.loads((tmp_path / "summary.json").read_text())
    names = [row["name"] for row in told["ensembles"]]
    assert names[0] == "prior"
    assert {"geoclip", "geoclip +LS", "geoclip +LS, product", "geoclip +LS urban prior, product", "fitted"} <= set(
        names
    )
    for row in told["ensembles"]:
        assert set(row["rva"]) == set(row["gcd"]) == CAPS
        assert row["photos"] > 0
        assert row["median_area_km2"] > 0
        assert row["median_km"] >= 0
        values = [row["rva"][cap] for cap in ("1", "25", "200", "750", "2500")]
        assert values == sorted(values)
        for cap in CAPS:
            low, high = row["rva_interval"][cap]
            assert low <= row["rva"][cap] <= high
            assert row["rva"][cap] <= row["rva_expected"][cap] + 1e-9 <= row["rva_optimistic"][cap] + 2e-9
    assert told["balance"] == "population"
    assert told["ensembles_all"][0]["photos"] == 1400
    assert set(told["breakdown"]) == {"population", "land_cover", "continent"}
    assert told["coverage"]["fitted"][0]["nominal"] == 0.5


def test_fitting_helps_and_coverage_is_held(outcome):
    found = {m.ensemble.name: m for m in outcome.evaluation.measured}
    assert found["fitted"].scores.nats.mean() < found["everything"].scores.nats.mean()
    assert outcome.fitted.photos == 300
    for row in outcome.evaluation.facts["coverage"]["everything"]:
        if row["group"] == "all":
            assert row["coverage"] == pytest.approx(row["nominal"], abs=0.07)


def test_results_are_read_back(outcome, tmp_path):
    write_results(outcome, tmp_path, "A test", figures=False)
    read = read_results(tmp_path)
    rows = read.photos.filter(np.array(read.photos.column("ensemble").to_pylist()) == "prior")
    assert rows.num_rows == 1400
    assert rows.column("reach_km2").to_pylist() == outcome.evaluation.named("prior").scores.reach_km2.tolist()
    assert "| prior |" in (tmp_path / "tables.md").read_text()
    assert (tmp_path / "fitted-pooling.json").exists()
    with pytest.raises(ArtifactError, match="holds no results"):
        read_results(tmp_path / "elsewhere")


def test_figures_are_drawn(outcome, tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    told = write_results(outcome, tmp_path, "A test")
    assert len(told["coverage"]) == 2
    for name in ("rva-prior", "rva-geoclip", "coverage-fitted"):
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert "<svg" in (tmp_path / f"{name}.svg").read_text()


def test_families_are_a_base_and_what_joins_it(outcome):
    families = plots.families(outcome.evaluation.measured)
    assert [m.ensemble.name for m in families["geoclip"]] == ["geoclip", "geoclip +LS", "geoclip +LS urban prior"]


def test_an_absent_predictor_and_two_of_a_name_are_refused(planet, photos, store, tmp_path):
    with pytest.raises(InputError, match="names 'osv5m', which is not there"):
        run(planet.world, photos, Plan((Silent("ls"),), ensembles=("mine:osv5m=1",), outputs=store, fit=False))
    points = tmp_path / "p.csv"
    rows = "\n".join(f"{i},{a},{b}" for i, a, b in zip(photos.ids, photos.latitude, photos.longitude, strict=True))
    points.write_text(f"id,lat,lon\n{rows}\n")
    with pytest.raises(InputError, match="Two pieces of evidence are called 'm'"):
        run(planet.world, photos, Plan(points=(("m", points), ("m", points)), outputs=tmp_path / "o", fit=False))


def test_coordinates_alone_are_enough(planet, photos, tmp_path):
    outcome = run(planet.world, photos, Plan(outputs=tmp_path / "none"))
    names = [m.ensemble.name for m in outcome.evaluation.measured]
    assert names == ["prior", "prior +LS urban prior", "everything"]
    assert outcome.fitted is None


def test_a_single_photo_and_photos_of_one_place_are_measured_and_told(planet, tmp_path):
    single = Manifest(("a",), np.array([10.0]), np.array([20.0]))
    found = run(planet.world, single, Plan(outputs=tmp_path / "o", balance=True))
    told = write_results(found, tmp_path / "single", "single", figures=False)
    assert told["ensembles"][0]["photos"] == 1
    assert any("single photo" in note for note in told["notes"])
    same = Manifest(("a", "b"), np.full(2, 10.0), np.full(2, 20.0))
    assert any("one place" in note for note in run(planet.world, same, Plan(outputs=tmp_path / "o")).evaluation.notes)


def test_halves_are_fitted_on_request(planet, photos, store):
    bare = Manifest(photos.ids, photos.latitude, photos.longitude)
    outcome = run(planet.world, bare, Plan((Silent("ls"),), fit=True, outputs=store))
    assert len(outcome.evaluation.manifest) == 1000
    assert outcome.fitted.photos == 500


def test_a_folder_with_metadata_becomes_a_manifest(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "1_a.jpg").write_bytes(b"x")
    (tmp_path / "im2gps3k.csv").write_text("IMG_ID,AUTHOR,LON,LAT\n1_a.jpg,ann,20,10\n2_b.jpg,bob,21,11\n")
    path = prepared_manifest(tmp_path, tmp_path / "out" / "manifest.csv")
    lines = path.read_text().splitlines()
    assert lines[0] == "id,path,lat,lon,author"
    assert lines[1].endswith("photos/1_a.jpg,10,20,ann")
    assert len(lines) == 3
    assert prepared_manifest(path, tmp_path / "x.csv") == path
    with pytest.raises(InputError, match="holds 0 CSV files"):
        prepared_manifest(tmp_path / "photos", tmp_path / "x.csv")


def test_published_rows_stand_beside_ours():
    names = paper_rows(["prior", "geoclip +LS, product", "geoclip +LS", "cells, product"])
    assert names == {"geoclip +LS, product": "GeoCLIP +LS", "cells, product": "GeoEst."}
    five = dict.fromkeys(CAPS, 50.0)
    ours = [{"name": n, "rva": five, "gcd": five, "photos": 7} for n in ("prior", "geoclip +LS, product")]
    text = beside_published(ours,
                            TABLES["im2gps3k"], names)  # fmt: skip
    lines = text.splitlines()
    published = next(n for n, line in enumerate(lines) if line.startswith("| GeoCLIP +LS (published)"))
    assert "40.96 | 70.97 | 90.57 | 97.84" in lines[published]
    assert lines[published + 1].startswith("| **geoclip +LS, product** (ours) | 50.00")
    assert lines[-1].startswith("| **prior** (ours)")
    for table in TABLES.values():
        assert all(list(rva) == sorted(rva) and list(gcd) == sorted(gcd) for rva, gcd in table.rows.values())

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from engine.cli import main
from engine.evaluation.records import records_folder
from engine.inference import world as worlds

run = CliRunner()


@pytest.fixture
def app():
    return main.app


@pytest.fixture(autouse=True)
def known(planet_world, monkeypatch, tmp_path):
    monkeypatch.setattr(worlds.World, "load", classmethod(lambda *_args, **_kinds: planet_world))
    monkeypatch.setenv("HEREABOUTS_RECORDS", str(tmp_path / "records"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def planet_world():
    from engine.testing.synthetic_world import make_planet

    return make_planet(photos=1).world


@pytest.fixture
def files(tmp_path, planet_world):
    """A manifest of coordinates, a model's points and a table of features."""
    from engine.testing.synthetic_world import make_planet

    manifest = make_planet(photos=500, fit=300).manifest
    rng = np.random.default_rng(0)
    off = rng.normal(0, 2, (2, 800))
    table = planet_world.overlay.table("population")
    label = table.cell_label[planet_world.overlay.cell_at(manifest.latitude, manifest.longitude)]
    rows = list(zip(manifest.ids, manifest.latitude, manifest.longitude, manifest.split, strict=True))
    (tmp_path / "truth.csv").write_text("id,lat,lon,split\n" + "".join(f"{i},{a},{b},{s}\n" for i, a, b, s in rows))
    points = [f"{i},{np.clip(a + off[0][n], -90, 90)},{b + off[1][n]}\n" for n, (i, a, b, _) in enumerate(rows)]
    (tmp_path / "points.csv").write_text("id,lat,lon\n" + "".join(points))
    lines = [
        f"{i},{rng.normal() + 2 * (label[n] == 0)},{rng.normal() + 2 * (label[n] == 3)}\n"
        for n, (i, *_) in enumerate(rows)
    ]
    (tmp_path / "features.csv").write_text("id,a,b\n" + "".join(lines))
    return tmp_path


def call(app, *words):
    return run.invoke(app, [str(word) for word in words])


def test_points_and_features_on_coordinates_alone(app, files):
    done = call(app, "evaluate", "--manifest", files / "truth.csv", "--points", f"other={files / 'points.csv'}",
                "--features", f"scenes={files / 'features.csv'}:population", "--balance", "landscan",
                "--no-figures", "--keep", "--out", files / "out")  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads((files / "out" / "summary.json").read_text())
    found = {row["name"]: row for row in told["ensembles_all"]}
    assert found["prior"]["photos"] == 500
    assert found["other"]["median_area_km2"] < found["prior"]["median_area_km2"]
    assert found["other +LS"]["nats"] < found["other"]["nats"] < found["prior"]["nats"]
    assert "fitted" in found
    assert "note: Points of other: fitted on the 300 photos of the fit split." in done.output
    assert sorted(path.name for path in records_folder().iterdir()) == [
        "calibration-everything.json", "calibration-fitted.json", "fitted-pooling.json"]  # fmt: skip


def test_the_summary_can_be_printed_as_json(app, files):
    done = call(app, "evaluate", files / "truth.csv", "--ensembles", "base", "--no-figures", "--json", "--no-fit")
    told = json.loads(done.stdout)
    assert [row["name"] for row in told["ensembles"]] == ["prior"]
    assert set(told["ensembles"][0]) >= {"name", "photos", "rva", "gcd", "median_area_km2", "median_km"}


def test_the_classic_table(app, files):
    done = call(app, "evaluate-points", files / "truth.csv", files / "points.csv")
    assert done.exit_code == 0
    assert "| points |" in done.output
    told = json.loads(call(app, "evaluate-points", files / "truth.csv", files / "points.csv", "--json").stdout)
    assert told["photos"] == 800
    assert 40 < told["gcd"]["200"] < 60


def test_reproduce_puts_published_numbers_beside_ours(app, files):
    done = call(app, "reproduce", "--im2gps3k", files / "truth.csv", "--points", f"geoclip={files / 'points.csv'}",
                "--no-figures", "--out", files / "again")  # fmt: skip
    assert done.exit_code == 0, done.output
    text = (files / "again" / "im2gps3k.md").read_text()
    assert "| GeoCLIP (published) | — | 41.19 |" in text
    assert "**geoclip, product** (ours)" in text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["evaluate"], "Give one manifest"),
        (["evaluate", "none.csv"], "cannot be read"),
        (["evaluate", "truth.csv", "--balance", "moon"], "no balance 'moon'"),
        (["evaluate", "truth.csv", "--predictors", "geoguessr"], "no predictor 'geoguessr'"),
        (["evaluate", "truth.csv", "--predictors", "scene"], "names no photo files"),
        (["evaluate", "truth.csv", "--points", "points.csv"], "not NAME=FILE.csv"),
        (["evaluate", "truth.csv", "--points", "a:b=points.csv"], "cannot be called 'a:b'"),
        (["evaluate", "truth.csv", "--features", "f=features.csv"], "not NAME=FILE.csv:PARTITION"),
        (["evaluate", "truth.csv", "--features", "f=features.csv:weather"], "no partition 'weather'"),
        (["evaluate", "truth.csv", "--ensembles", "mine:osv5m=1", "--no-fit"], "names 'osv5m', which is not there"),
        (["evaluate", "truth.csv", "--no-fit", "--keep", "--no-figures"], "nothing to keep"),
        (["evaluate-points", "truth.csv", "features.csv"], "no column for the latitude"),
        (["reproduce"], "Nothing to reproduce"),
        (["reproduce", "--street-view", "out"], "holds 0 CSV files"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(app, files, words, sentence):
    done = call(app, *words)
    assert done.exit_code == 2
    assert sentence in " ".join(done.output.split())
    assert "Traceback" not in done.output


def test_the_benchmark_is_a_verb(app):
    told = json.loads(call(app, "bench", "evaluate", "--photos", 40, "--json").stdout)
    assert {"photos_per_s", "ratio", "peak_mb"} <= set(told)


def test_the_verbs_start_without_heavy_imports():
    import subprocess
    import sys

    code = ("import sys, engine.cli.evaluate, engine.batch.run, engine.testing.synthetic_world;"
            "print([m for m in ('torch', 'streamlit', 'matplotlib', 'pyarrow', 'ray') if m in sys.modules])"
           )  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

import importlib.util
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.cli.layers import app


@pytest.fixture(scope="module")
def rasters():
    spec = importlib.util.spec_from_file_location("layer_rasters", Path(__file__).parents[1] / "layers" / "rasters.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("HEREABOUTS_DATA", str(tmp_path / "data"))
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def people(tmp_path, rasters):
    return rasters.write(tmp_path / "people.tif", rasters.people(), nodata=rasters.SEA)


def test_list_names_what_is_in_use(run, people):
    first = run("list")
    assert first.exit_code == 0
    assert "approximation of LandScan Global" in first.stdout
    assert run("add", "population", people, "--coarse").exit_code == 0
    facts = json.loads(run("list", "--json").stdout)
    assert [(layer["name"], layer["built_in"]) for layer in facts["layers"]] == [
        ("population", False), ("land_cover", True),
    ]  # fmt: skip
    assert facts["layers"][0]["origin"] == "people.tif"
    assert facts["layers"][0]["paper_shares"] == [93.9, 4.93, 1.10, 0.029]


def test_add_reports_shares_beside_the_papers(run, people):
    done = run("add", "population", people, "--coarse")
    assert done.exit_code == 0
    assert "paper 93.9 %" in done.stdout
    assert "of the Earth has data" in done.stdout
    assert json.loads(run("add", "population", people, "--coarse", "--json").stdout)["thresholds"]


def test_check_and_remove(run, people, tmp_path):
    run("add", "population", people, "--coarse")
    assert "population: as recorded" in run("check").stdout
    raster = tmp_path / "data" / "layers" / "population.tif"
    raster.write_bytes(raster.read_bytes() + b"x")
    checked = run("check", "--json")
    assert checked.exit_code == 1
    assert "its record says" in json.loads(checked.stdout)["layers"][0]["error"]
    assert run("remove", "population").exit_code == 0
    assert json.loads(run("check", "--json").stdout)["layers"] == []


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (("add", "population", "gone.tif"), "missing"),
        (("add", "rainfall", "gone.tif"), "--attribute"),
        (("remove", "population"), "no layer"),
        (("fetch", "population"), "no catalogue"),
        (("fetch", "land-cover", "--catalog", "ftp://x"), "not a web address"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(run, words, match):
    done = run(*words)
    assert done.exit_code == 1
    assert match in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr

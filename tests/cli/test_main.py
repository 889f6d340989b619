"""The command line as people call it: in its own process, on the real world."""

import json
import os
import subprocess
import sys
from pathlib import Path

import geopandas
import pytest
from typer.testing import CliRunner

from engine.cli.locate import parse_declared, parse_weights
from engine.cli.main import app
from engine.errors import InputError
from engine.geometry.point_text import parse_point

ROOT = Path(__file__).resolve().parents[2]


def hereabouts(*words, **environment):
    command = [sys.executable, "-c", "from engine.cli.main import main; main()", *map(str, words)]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, **environment}, timeout=300, check=False
    )


@pytest.fixture(scope="module")
def bad(tmp_path_factory, kauai):
    folder = tmp_path_factory.mktemp("bad")
    whole = kauai.read_bytes()
    (folder / "cut.png").write_bytes(whole[: len(whole) // 3])
    (folder / "text.jpg").write_text("not a photo")
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "folder.jpg").mkdir()
    (folder / "wrong.jpg").write_bytes(whole)
    (folder / "<img src=x onerror=alert(1)>[bold].png").write_bytes(whole)
    return folder


def test_a_photo_becomes_a_region(real_world, kauai, tmp_path):
    out = tmp_path / "region.geojson"
    done = hereabouts(
        "locate", kauai, "--budget-km2", 250000, "--top-k", 3, "--claim", "22.21,-159.40", "--out", out, "--json"
    )
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["region"]["area_km2"] == pytest.approx(250000, rel=1e-3)
    assert 0 < facts["region"]["probability"] < 1
    assert [place["rank"] for place in facts["places"]] == [1, 2, 3]
    assert facts["claim"]["area_to_reach_km2"] > 0
    frame = geopandas.read_file(out)
    assert len(frame) == facts["region"]["parts"]
    assert frame["area_km2"].sum() == pytest.approx(facts["region"]["area_km2"])


def test_dashboard_python_and_command_line_give_the_same_region(real_world, kauai):
    from engine.locate.locator import Locator
    from engine.predictors.registry import default_predictors

    answer = Locator(real_world, default_predictors()).locate(kauai)
    for name in ("--mass", "--coverage"):
        done = hereabouts("locate", kauai, name, 0.6, "--json")
        assert json.loads(done.stdout)["region"]["sha256"] == answer.search_map.region(mass=0.6).sha256


def test_bad_photos_get_a_sentence_each_and_the_others_go_on(real_world, bad, kauai):
    photos = sorted(bad.iterdir())
    done = hereabouts("locate", *photos, bad / "missing.jpg", kauai, "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    failed = [row for row in rows if "error" in row]
    assert done.returncode == 1
    assert len(rows) == len(photos) + 2
    assert len(failed) == 5
    assert all(row["error"].endswith(".") and "Traceback" not in row["error"] for row in failed)
    assert "Traceback" not in done.stderr
    assert any("onerror" in row["photo"]["name"] and "region" in row for row in rows)
    assert any("region" in row and any("PNG" in note for note in row["notes"]) for row in rows)  # wrong.jpg is a PNG


@pytest.mark.parametrize(
    ("options", "match"),
    [
        (["--budget-km2", "0"], "km2 is out of range"),
        (["--budget-km2", "-1"], "km2 is out of range"),
        (["--budget-km2", "nan"], "km2 is out of range"),
        (["--budget-km2", "6e8"], "the area of the Earth"),
        (["--budget-km2", "many"], "as a number"),
        (["--mass", "90"], "such as 0.9"),
        (["--mass", "0.5", "--budget-km2", "10"], "not both"),
        (["--coverage", "0.5", "--budget-km2", "10"], "not both"),
        (["--coverage", "0.5", "--mass", "0.6"], "give --mass alone"),
        (["--claim", "95,10"], "latitude of 95"),
        (["--claim", "10,390"], "Longitude"),
        (["--claim", "Paris"], "not latitude and longitude"),
        (["--top-k", "0"], "candidates is 0"),
        (["--grid", "5000x7"], "does not divide"),
        (["--grid", "big"], "ROWSxCOLUMNS"),
        (["--weight", "geoclap=1"], "no predictor 'geoclap'"),
        (["--weight", "scene=-1"], "outside 0 to 10"),
        (["--declare", "population.huge=1"], "no label 'huge'"),
        (["--pooling", "mean"], "no pooling"),
    ],
)
def test_calls_that_make_no_sense_end_with_two(real_world, kauai, options, match):
    done = CliRunner().invoke(app, ["locate", str(kauai), *options])
    assert done.exit_code == 2
    assert match in " ".join(done.stderr.split())


def test_a_region_that_cannot_be_written_is_told(real_world, kauai, tmp_path):
    done = hereabouts("locate", kauai, "--out", tmp_path / "no" / "folder" / "region.geojson")
    assert done.returncode == 1
    assert "could not be written" in " ".join(done.stderr.split())


def test_several_photos_are_written_beside_each_other(real_world, kauai, bad, tmp_path):
    done = hereabouts("locate", kauai, bad / "wrong.jpg", "--out", tmp_path / "region.geojson", "--budget-km2", 10)
    assert done.returncode == 0
    names = [path.name for path in tmp_path.iterdir()]
    assert len(names) == 1  # the same pixels and the same bytes: one photo, one file
    assert names[0].startswith("region-")


def test_options_as_people_write_them():
    assert parse_point("-22.5, 14") == (-22.5, 14.0)
    assert parse_weights(["scene=0.5"]) == {"scene": 0.5}
    assert parse_declared(["population.high=0.5", "population.low=0.1"]) == {"population": {"high": 0.5, "low": 0.1}}
    with pytest.raises(InputError, match="NAME=NUMBER"):
        parse_weights(["scene"])


def test_help_names_every_verb():
    done = hereabouts("--help")
    assert done.returncode == 0
    assert all(verb in done.stdout for verb in ("locate", "bench"))

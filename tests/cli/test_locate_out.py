"""`hereabouts locate --out`: one photo in every format, one table for many, nothing written where it cannot be."""

import csv
import json

import geopandas
import numpy as np
import pytest
import rasterio
from PIL import Image
from typer.testing import CliRunner

from engine.batch import run as batch
from engine.cli import locate as verb
from engine.cli.locate import LocateOptions
from engine.cli.locate_many import is_batch, locate_to_table
from engine.cli.main import app
from engine.errors import InputError
from engine.export.files import EXPORTS
from engine.geometry.grid import Grid
from engine.testing import make_locator
from engine.testing.synthetic_world import batch_locator

ROWS = {".geojson": "parts", ".kml": "parts", ".gpkg": "parts", ".csv": "places", ".gpx": "places"}
LAYERS = {".kml": "region", ".gpkg": "region", ".gpx": "waypoints"}


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, value in (("grey.png", 128), ("<img src=x onerror=alert(1)>.png", 90)):
        Image.fromarray(np.full((64, 96, 3), value, np.uint8)).save(folder / name)
    return sorted(folder.iterdir(), reverse=True)


@pytest.fixture(autouse=True)
def small_earth(monkeypatch):
    """The command line on the known world."""
    monkeypatch.setattr(verb.Locator, "load", classmethod(lambda *_: make_locator()))


def call(*words):
    return CliRunner().invoke(app, ["locate", *map(str, words)])


@pytest.mark.parametrize("suffix", list(EXPORTS))
def test_one_photo_is_written_in_every_format(photos, suffix, tmp_path):
    out = tmp_path / "out" / f"answer{suffix}"
    out.parent.mkdir()
    done = call(photos[0], "--out", out, "--budget-km2", 2e6, "--top-k", 3, "--json")
    assert done.exit_code == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["out"] == str(out)
    assert [path.name for path in out.parent.iterdir()] == [out.name]
    if suffix in ROWS:
        frame = geopandas.read_file(out, layer=LAYERS.get(suffix))
        assert len(frame) == (facts["region"]["parts"] if ROWS[suffix] == "parts" else 3)
    elif suffix == ".tif":
        with rasterio.open(out) as raster:
            assert raster.tags()["HEREABOUTS_REGION_SHA256"] == facts["region"]["sha256"]
    elif suffix == ".s2":
        with out.open(encoding="utf-8", newline="") as file:
            cells = list(csv.DictReader(file))
        assert {len({cell["level"] for cell in cells}), len(cells) - len({cell["token"] for cell in cells})} == {0, 1}
        assert sum(float(cell["area_km2"]) for cell in cells) >= facts["region"]["area_km2"]
    else:
        page = out.read_text("utf-8")
        assert facts["region"]["sha256"] in page
        assert f"{facts['places'][2]['lat']:.4f}" in page


@pytest.mark.parametrize("suffix", [suffix for suffix in EXPORTS if suffix != ".csv"])
def test_several_photos_are_written_beside_each_other(photos, suffix, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    done = call(*photos, "--out", out / f"answer{suffix}", "--json")
    names = {path.name for path in out.iterdir()}
    digests = [json.loads(line)["photo"]["sha256"][:12] for line in done.stdout.splitlines()]
    assert done.exit_code == 0, done.stderr
    assert names == {f"answer-{digest}{suffix}" for digest in digests}
    assert len(names) == 2


def test_csv_is_the_places_of_one_photo_and_a_table_of_many(photos, tmp_path):
    table, one = tmp_path / "x.csv", photos[0]
    assert not is_batch([one], table)
    assert is_batch(photos, table)
    assert is_batch([tmp_path / "photos"], table)
    assert is_batch([tmp_path / "manifest.csv"], table)
    assert is_batch([one], tmp_path / "x.parquet")
    assert call(one, "--out", table, "--top-k", 4).exit_code == 0
    assert table.read_text("utf-8").splitlines()[0].startswith("rank,latitude,longitude,")
    assert len(table.read_text("utf-8").splitlines()) == 5


def test_the_s2_level_is_that_of_the_command_line(photos, tmp_path):
    out = tmp_path / "answer.s2"
    done = call(photos[0], "--out", out, "--budget-km2", 2e6, "--s2-level", 5)
    assert done.exit_code == 0, done.stderr
    levels = {line.split(",")[1] for line in out.read_text("utf-8").split("\n")[1:] if line}
    assert levels == {"5"}


def test_an_unknown_suffix_is_refused_before_any_photo_is_read(photos, tmp_path, monkeypatch):
    monkeypatch.setattr(verb.Locator, "load", classmethod(lambda *_: pytest.fail("the world was loaded")))
    done = call(photos[0], "--out", tmp_path / "x.pdf")
    assert done.exit_code == 2
    assert "end it in .geojson, .kml, .gpkg, .tif, .csv, .gpx, .s2, .html." in " ".join(done.stderr.split())


@pytest.mark.parametrize("suffix", list(EXPORTS))
def test_a_folder_that_is_not_there_is_told(photos, suffix, tmp_path):
    done = call(photos[0], "--out", tmp_path / "no" / f"x{suffix}")
    assert done.exit_code == 1
    assert "could not be written" in " ".join(done.stderr.split())
    assert not (tmp_path / "no").exists()


def test_help_names_every_suffix():
    from engine.cli.locate import OUT_HELP

    assert [suffix for suffix in EXPORTS if suffix not in OUT_HELP] == []
    assert "--out" in call("--help").stdout


def test_a_folder_or_a_table_is_a_batch(tmp_path, monkeypatch):
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"no photo")
    assert is_batch([tmp_path], tmp_path / "r.geojson")
    assert not is_batch([tmp_path], None)
    assert not is_batch([photo, tmp_path], tmp_path / "r.geojson")  # a folder among photos is a slip
    assert is_batch([photo], tmp_path / "r.parquet")
    assert not is_batch([photo], tmp_path / "r.geojson")
    options = LocateOptions(budget_km2=3e6, grid=Grid(180, 360))
    with pytest.raises(InputError, match="needs --out"):
        locate_to_table([tmp_path], None, options)
    monkeypatch.setattr(batch, "_locator", lambda *_: batch_locator("180x360"))
    assert locate_to_table([tmp_path], tmp_path / "r.csv", options, workers=1).failed == 1

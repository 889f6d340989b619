"""The table of formats: files are whole or not there, lie where they were asked for, and no text acts in them."""

import csv
import json
import logging
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import geopandas
import pyogrio
import pytest
import rasterio

from engine.errors import ExportError, InputError
from engine.export import files
from engine.export.contents import Contents
from engine.export.files import EXPORTS, export_bytes, export_for, export_name, write_export
from engine.export.texts import FORMULA_STARTS, clean

SUFFIXES = list(EXPORTS)


def everything_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*"))


def test_there_are_at_least_two_hundred_different_strings(hostile):
    assert len(set(hostile)) >= 200


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_hostile_texts_leave_one_whole_file_in_the_chosen_folder(poisoned, suffix, tmp_path, monkeypatch):
    here, out = tmp_path / "here", tmp_path / "out"
    here.mkdir()
    out.mkdir()
    monkeypatch.chdir(here)
    names = [export_name(contents, EXPORTS[suffix]) for contents in poisoned]
    for number, (contents, name) in enumerate(zip(poisoned, names, strict=True)):
        assert Path(name).name == name and name.isascii()
        write_export(contents, out / f"{number}-{name}")
    assert everything_in(tmp_path) == sorted([here, out, *(out / f"{n}-{name}" for n, name in enumerate(names))])


def test_hostile_texts_in_geojson(poisoned, tmp_path):
    for contents in poisoned:
        path = write_export(contents, tmp_path / "x.geojson")
        told = json.loads(path.read_text("utf-8"))
        assert told["hereabouts"] == json.loads(json.dumps(contents.facts))
        assert len(geopandas.read_file(path)) == contents.region.components


def test_hostile_texts_in_kml_are_text_even_where_html_is_read(poisoned, tmp_path):
    space = {"k": "http://www.opengis.net/kml/2.2"}
    for contents in poisoned:
        path = write_export(contents, tmp_path / "x.kml")
        tree = ElementTree.parse(path)  # noqa: S314 - our own file
        shown = [node.text or "" for name in ("description", "name") for node in tree.iterfind(f".//k:{name}", space)]
        assert all("<" not in text.replace("<br/>", "") for text in shown)
        assert len(geopandas.read_file(path, layer="places")) == len(contents.places)
        assert len(geopandas.read_file(path, layer="region")) == contents.region.components


def test_hostile_texts_in_gpx(poisoned, tmp_path):
    for contents in poisoned:
        frame = geopandas.read_file(write_export(contents, tmp_path / "x.gpx"), layer="waypoints")
        assert list(frame["name"]) == [f"Candidate {place['rank']}" for place in contents.places]
        assert all(place["name"].strip() in told for place, told in zip(contents.places, frame["desc"], strict=True))


def test_hostile_texts_in_the_geopackage(poisoned, tmp_path):
    for contents in poisoned:
        path = write_export(contents, tmp_path / "x.gpkg")
        assert [name for name, _ in pyogrio.list_layers(path)] == ["region", "places", "parameters"]
        names = geopandas.read_file(path, layer="places")["name"].fillna("")
        assert list(names) == [place["name"] for place in contents.places]
        rows = geopandas.read_file(path, layer="parameters").fillna("")
        assert list(zip(rows["name"], rows["value"], strict=True)) == contents.parameters()


def test_hostile_texts_in_csv_start_no_formula(poisoned, tmp_path):
    for contents in poisoned:
        path = write_export(contents, tmp_path / "x.csv")
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["name"].removeprefix("'") for row in rows] == [p["name"].removeprefix("'") for p in contents.places]
        for row in rows:
            float(row["latitude"]), float(row["longitude"]), float(row["probability"])
            texts = (row["name"], row["photo"], row["photo_sha256"])
            assert not any(text.lstrip().startswith(tuple(FORMULA_STARTS)) for text in texts)
        assert len(pyogrio.read_dataframe(path)) == len(contents.places)


def test_hostile_texts_in_the_geotiff(poisoned, tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        for contents in poisoned:
            with rasterio.open(write_export(contents, tmp_path / "x.tif")) as raster:
                tags, count = raster.tags(), raster.count
            assert tags["HEREABOUTS_PHOTO_NAME"].strip() == contents.photo["name"].strip()
            assert count == 2
    assert [record.getMessage() for record in caplog.records] == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_gdal_opens_every_format_of_a_gis_without_a_warning(contents, suffix, tmp_path, caplog):
    path = write_export(contents, tmp_path / f"x{suffix}")
    with caplog.at_level(logging.WARNING):
        if suffix == ".tif":
            rasterio.open(path).close()
        elif suffix not in {".html", ".s2"}:  # tests of their own read these
            layers = [name for name, _ in pyogrio.list_layers(path)]
            assert sum(len(pyogrio.read_dataframe(path, layer=name)) for name in layers) > 0
    assert [record.getMessage() for record in caplog.records] == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_answer_without_photo_or_places_can_be_written(contents, suffix, tmp_path):
    path = write_export(Contents(contents.region, {}), tmp_path / f"x{suffix}")
    assert path.stat().st_size > 50
    if suffix == ".gpkg":
        assert len(geopandas.read_file(path, layer="places")) == 0
        assert len(geopandas.read_file(path, layer="region")) == contents.region.components


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_fails_half_way_leaves_the_earlier_file_as_it_was(contents, suffix, tmp_path, monkeypatch):
    path = tmp_path / f"x{suffix}"
    path.write_bytes(b"earlier")

    def half(_, made):
        made.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "EXPORTS", {suffix: replace(EXPORTS[suffix], write=half)})
    with pytest.raises(ExportError, match=r"could not be written \(No space left on device\)"):
        write_export(contents, path)
    assert path.read_bytes() == b"earlier"
    assert everything_in(tmp_path) == [path]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_bytes_are_the_file(contents, suffix, tmp_path):
    known = write_export(contents, tmp_path / f"x{suffix}").read_bytes()
    made = export_bytes(contents, EXPORTS[suffix])
    assert made[:4] == known[:4]
    assert len(made) == pytest.approx(len(known), rel=0.01)


def test_folders_that_cannot_be_written_are_told_in_one_sentence(contents, tmp_path):
    with pytest.raises(ExportError, match="choose a folder"):
        write_export(contents, tmp_path / "no" / "x.kml")
    (tmp_path / "x.kml").mkdir()
    with pytest.raises(ExportError, match="choose a folder"):
        write_export(contents, tmp_path / "x.kml")


def test_a_link_is_replaced_and_what_it_names_is_left_alone(contents, tmp_path):
    target = tmp_path / "target.txt"
    target.write_text("mine")
    (tmp_path / "x.csv").symlink_to(target)
    write_export(contents, tmp_path / "x.csv")
    assert target.read_text() == "mine"
    assert not (tmp_path / "x.csv").is_symlink()


def test_suffixes_say_the_format(tmp_path):
    assert export_for(Path("A.KML")).title == "KML"
    assert export_for(Path("a.tiff")).suffix == ".tif"
    assert export_for(Path("a.json")).suffix == ".geojson"
    assert export_for(Path("a.htm")).suffix == ".html"
    for name in ("a", "a.pdf", "a.kmz", ".kml"):
        with pytest.raises(InputError, match=r"end it in \.geojson"):
            export_for(Path(name))


def test_names_carry_a_digest_and_no_name(contents):
    digest = contents.photo["sha256"]
    assert export_name(contents, EXPORTS[".kml"]) == f"hereabouts-{digest[:12]}.kml"
    bare = replace(contents, facts={"photo": {"sha256": "../../x"}})
    assert export_name(bare, EXPORTS[".tif"]) == f"hereabouts-{contents.region.sha256[:12]}.tif"


def test_facts_of_contents_are_clean_and_of_their_region(contents):
    other = contents.region.search_map.region(budget_km2=1e5)
    made = replace(contents, region=other, facts={**contents.facts, "notes": ["a\nb"]})
    assert made.facts["region"]["sha256"] == other.sha256
    assert made.facts["notes"] == ["a\N{REPLACEMENT CHARACTER}b"]
    assert clean(made.facts) == made.facts

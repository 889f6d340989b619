"""A search plan in files: it reads back with its names and PODs, and other programs find names, folders and colours."""

import csv
import json

import numpy as np
import pytest
from fastkml import KML
from fastkml.features import Placemark
from fastkml.utils import find_all

from engine.errors import InputError
from engine.evidence.shapes.area_files import read_area_file
from engine.export.plan_contents import PlanContents
from engine.export.plan_files import PLAN_EXPORTS, plan_bytes, write_plan
from engine.search_planning.assign import assign_effort
from engine.search_planning.distances import find_distances
from engine.search_planning.evaluate import evaluate_plan
from engine.search_planning.plan import Effort, LastKnownPoint, SearchPlan, Segment, segments_of


def ring(west, south=-16.6, side=0.05):
    east, north = west + side, south + side
    return ((south, west), (south, east), (north, east), (north, west), (south, west))


HOLE = ((-16.59, 179.91), (-16.59, 179.92), (-16.58, 179.92), (-16.58, 179.91), (-16.59, 179.91))
SEGMENTS = (
    Segment("AA", ((ring(179.9), HOLE),), (0.7, 0.0, 0.25)),
    Segment("<b>ridge & creek</b>", ((ring(179.97),),)),
    Segment("=AC", ((ring(180.1), ), (ring(180.2),)), (1.0,)),
)  # fmt: skip


@pytest.fixture(scope="module")
def contents():
    plan = SearchPlan(
        LastKnownPoint(-16.57, 179.95, 0.3), find_distances("Runner (any)"), segments=SEGMENTS, effort=Effort(400)
    )
    table = evaluate_plan(plan, np.array([0.3, 0.2, 0.1]))
    return PlanContents(plan, table, assign_effort(table, plan.effort), "Search at Taveuni")


@pytest.mark.parametrize("suffix", [".kml", ".geojson", ".gpx"])
def test_segments_come_back_with_names_areas_and_pods(contents, suffix, tmp_path):
    read = read_area_file(write_plan(contents, tmp_path / f"plan{suffix}").read_bytes())
    back = SearchPlan().with_areas(segments_of(read.areas))
    assert [segment.name for segment in back.segments] == [segment.name for segment in SEGMENTS]
    assert [segment.pods for segment in back.segments] == [segment.pods for segment in SEGMENTS]
    areas = [segment.area_km2 for segment in SEGMENTS]
    if suffix == ".gpx":  # tracks know no holes
        areas[0] = Segment("AA", ((ring(179.9),),)).area_km2 + Segment("h", ((HOLE,),)).area_km2
    assert [segment.area_km2 for segment in back.segments] == pytest.approx(areas, rel=1e-4)
    assert "LKP" in {offer.name for offer in read.offers}


def test_google_earth_finds_folders_names_and_descriptions(contents):
    text = plan_bytes(contents, PLAN_EXPORTS[".kml"]).decode()
    document = KML.from_string(text.partition("?>")[2]).features[0]
    assert document.name == "Search at Taveuni"
    folders = {folder.name: folder for folder in document.features}
    assert list(folders) == ["Last known point", "Range rings", "Segments", "Next assignments"]
    assert next(iter(folders["Range rings"].features)).name.startswith("25% 1.4 km")
    marks = find_all(folders["Segments"], of_type=Placemark)
    words = {mark.name: mark.description for mark in marks}
    assert "POD OP1 70%, OP3 25%, cumulative 77%" in words["AA"]
    assert "Planning aid" in document.description
    assert "http" not in text.replace("http://www.opengis.net/kml/2.2", "")


def test_caltopo_finds_titles_classes_and_folders(contents):
    found = json.loads(plan_bytes(contents, PLAN_EXPORTS[".geojson"]))["features"]
    folders = {each["id"] for each in found if each["properties"]["class"] == "Folder"}
    others = [each for each in found if each["properties"]["class"] != "Folder"]
    assert all(each["properties"]["folderId"] in folders for each in others)
    assert {each["properties"]["class"] for each in others} == {"Marker", "Shape"}
    crossing = next(each for each in others if each["properties"]["title"].startswith("<b>ridge"))
    longitudes = [lon for polygon in crossing["geometry"]["coordinates"] for lon, _ in polygon[0]]
    assert crossing["geometry"]["type"] == "MultiPolygon"  # cut at the date line
    assert -180 <= min(longitudes) < -179 < 179 < max(longitudes) <= 180


def test_the_table_opens_in_a_spreadsheet_and_runs_no_formula(contents):
    text = plan_bytes(contents, PLAN_EXPORTS[".csv"]).decode("utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert rows[-1]["segment"] == "Rest of the world"
    assert [int(row["density_rank"]) for row in rows[:-1]] == [1, 2, 3]
    assert {row["segment"] for row in rows} >= {"AA", "'=AC"}
    assert sum(float(row["poa_percent"]) for row in rows) == pytest.approx(100.0, abs=1e-3)


def test_gpx_names_every_assignment_in_order(contents):
    text = plan_bytes(contents, PLAN_EXPORTS[".gpx"]).decode()
    assert text.index("1: <b>".replace("<", "&lt;").replace(">", "&gt;")) < text.index("2: AA")
    assert 'lon="180' not in text


def test_other_endings_are_refused(contents, tmp_path):
    with pytest.raises(InputError, match=r"end it in \.kml, \.geojson"):
        write_plan(contents, tmp_path / "plan.doc")

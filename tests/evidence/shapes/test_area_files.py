"""Files of areas as planners, CalTopo and other programs write them; the right values of ``../shared/data/cases``."""

import io
import json
import math
import zipfile

import geopandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon

from engine.errors import InputError
from engine.evidence.shapes import map_features
from engine.evidence.shapes.area_files import read_area_file
from engine.evidence.shapes.mending import USEFUL_POINTS, circle_polygon, corridor, mend
from engine.evidence.shapes.polygons import area_km2
from engine.evidence.statements.areas import DrawnArea
from engine.geometry.sphere import cap_area_km2

BOX = [[7, 45], [8, 45], [8, 46], [7, 46], [7, 45]]
BOX_KM2 = 8666.17


def degrees(most):
    return st.floats(-most, most).map(lambda value: round(value, 9))


def feature(kind, coordinates, **properties):
    geometry = None if kind is None else {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features):
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def kml(inside):
    return f'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2">{inside}</kml>'.encode()


def placemark(name, inside):
    return f"<Placemark><name>{name}</name>{inside}</Placemark>"


def kml_ring(points):
    text = " ".join(f"{lon},{lat},0" for lon, lat in points)
    return f"<LinearRing><coordinates>{text}</coordinates></LinearRing>"


def kml_polygon(*rings):
    inner = "".join(f"<innerBoundaryIs>{kml_ring(ring)}</innerBoundaryIs>" for ring in rings[1:])
    return f"<Polygon><outerBoundaryIs>{kml_ring(rings[0])}</outerBoundaryIs>{inner}</Polygon>"


def gpx(inside):
    return f'<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">{inside}</gpx>'.encode()


def track(points, name="t"):
    inside = "".join(f'<trkpt lat="{lat}" lon="{lon}"/>' for lat, lon in points)
    return f"<trk><name>{name}</name><trkseg>{inside}</trkseg></trk>"


def archive(**files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name.replace("__", "."), content)
    return data.getvalue()


KML = kml(placemark("seg A", kml_polygon(BOX)))
CALTOPO = collection(
    {**feature("Polygon", [[[x, y, 0, 0] for x, y in BOX]], title="AA", **{"class": "Shape"}), "id": "a"},
    feature("Point", [7.5, 45.5], title="LKP", **{"class": "Marker"}),
    feature(None, None, title="x", **{"class": "Folder"}),
)


@pytest.mark.parametrize(
    ("data", "name"),
    [(KML, "seg A"), (archive(doc__kml=KML), "seg A"), (CALTOPO, "AA"),
     (collection(feature("LineString", BOX, name="closed")), "closed"),
     (gpx(track([(y, x) for x, y in BOX], "walked")), "walked"),
     (gpx(track([(45, 7), (45, 8), (46, 8), (46, 7), (45.0003, 7.0)], "nearly")), "nearly"),
     (json.dumps(feature("MultiPolygon", [[BOX]], part=3)).encode(), "Area 3"),
     (json.dumps({"type": "Polygon", "coordinates": [BOX]}).encode(), ""),
     (b"\xef\xbb\xbf" + KML, "seg A"), (KML.decode().encode("utf-16"), "seg A")],
)  # fmt: skip
def test_what_encloses_something_is_an_area_with_its_name(data, name):
    (area,) = read_area_file(data).areas
    assert area.name == name
    assert area.area_km2 == pytest.approx(BOX_KM2, rel=1e-3)
    DrawnArea(area.polygons)


def test_what_encloses_nothing_is_named_and_offered():
    found = read_area_file(CALTOPO)
    assert found.notes == ("1 point and 1 folder were left out: they enclose nothing; a point can become a circle.",)
    (marker,) = found.offers
    assert (marker.kind, marker.name, marker.point) == ("marker", "LKP", (45.5, 7.5))
    assert marker.as_area(2.0).area_km2 == pytest.approx(cap_area_km2(1.0), rel=2e-3)
    walked = read_area_file(gpx(track([(49.2, 19.9), (49.3, 20.1)])))
    assert "1 line was left out: it encloses nothing; a line can become a corridor." in walked.notes
    assert walked.offers[0].as_area(0.1).area_km2 == pytest.approx(18.29 * 0.1 + math.pi * 0.05**2, rel=0.01)
    with pytest.raises(InputError, match="above 0"):
        marker.as_area(0.0)


def test_folders_and_values_come_along():
    data = collection(
        {**feature("Polygon", [BOX], letter="AC", number="103", folderId="f", pod_1=70, **{"class": "Assignment"})},
        {**feature(None, None, title="Day 1", **{"class": "Folder"}), "id": "f"},
    )
    (area,) = read_area_file(data).areas
    assert (area.name, area.folder, area.values["pod_1"]) == ("AC 103", "Day 1", "70")
    nested = kml(f"<Document><Folder><name>Day 2</name>{placemark('AD', kml_polygon(BOX))}</Folder></Document>")
    assert read_area_file(nested).areas[0].folder == "Day 2"


def test_links_are_not_followed_and_that_is_reported():
    link = "<NetworkLink><Link><href>http://example.org/more.kml</href></Link></NetworkLink>"
    found = read_area_file(kml(f"<Document>{link}{placemark('A', kml_polygon(BOX))}</Document>"))
    assert "1 network link of the file was not followed." in found.notes


def test_a_bow_tie_is_split_and_a_spike_is_dropped_with_a_note():
    bow = read_area_file(collection(feature("Polygon", [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]], name="bow")))
    assert bow.notes == ("'bow' crossed itself and was split at the crossing, into 2 parts.",)
    assert len(bow.areas[0].polygons) == 2
    spike = read_area_file(
        collection(feature("Polygon", [[[0, 0], [1, 0], [1, 1], [2, 2], [1, 1], [0, 1], [0, 0]]], name="spike"))
    )
    assert spike.notes == ("'spike' had a spike without area, which was dropped.",)
    assert spike.areas[0].area_km2 == pytest.approx(12363.7, rel=1e-3)


def test_a_side_over_180_degrees_takes_the_shorter_way_and_a_pole_is_held():
    wide = read_area_file(collection(feature("Polygon", [[[170, 0], [-170, 0], [-170, 5], [170, 5], [170, 0]]])))
    assert wide.areas[0].area_km2 == pytest.approx(20 * 5 * 111.195**2, rel=2e-3)
    assert "shorter way" in wide.notes[0]
    going_on = read_area_file(collection(feature("Polygon", [[[170, 0], [190, 0], [190, 5], [170, 5], [170, 0]]])))
    assert going_on.notes == ()
    assert going_on.areas[0].area_km2 == pytest.approx(wide.areas[0].area_km2)
    cap = [[lon, 80] for lon in range(-180, 181, 10)]
    around = read_area_file(collection(feature("Polygon", [cap])))
    assert around.areas[0].area_km2 == pytest.approx(cap_area_km2(10 * 111.195), rel=1e-3)
    band = read_area_file(collection(feature("Polygon", [[[-180, 0], [180, 0], [180, 1], [-180, 1], [-180, 0]]])))
    assert band.areas[0].area_km2 == pytest.approx(360 * 111.195**2, rel=1e-3)


def test_very_many_points_are_simplified_and_never_refused():
    ring = [[7 + math.cos(a) * (1 + 0.01 * math.sin(40 * a)), 45 + math.sin(a)] for a in
            [2 * math.pi * n / 30_000 for n in range(30_000)]]  # fmt: skip
    found = read_area_file(collection(feature("Polygon", [[*ring, ring[0]]], name="fine")))
    assert "simplified from 30,001" in found.notes[0]
    points = sum(len(each) for polygon in found.areas[0].polygons for each in polygon)
    assert points <= USEFUL_POINTS
    exact = area_km2([(tuple((lat, lon) for lon, lat in [*ring, ring[0]]),)])
    assert found.areas[0].area_km2 == pytest.approx(exact, rel=1e-3)


def test_a_hole_is_left_out_wherever_its_longitudes_are_counted_from():
    hole = [[x + 360, y] for x, y in ([7.2, 45.2], [7.4, 45.2], [7.4, 45.4], [7.2, 45.4], [7.2, 45.2])]
    with_hole = read_area_file(collection(feature("Polygon", [BOX, hole]))).areas[0]
    assert with_hole.area_km2 == pytest.approx(BOX_KM2 - 347.1, rel=1e-3)


def test_an_area_of_nothing_is_reported_and_the_others_go_on():
    flat = feature("Polygon", [[[1, 1], [2, 2], [1, 1], [1, 1]]], name="flat")
    found = read_area_file(collection(flat, feature("Polygon", [BOX], name="whole")))
    assert [area.name for area in found.areas] == ["whole"]
    assert "'flat' has no area" in found.notes[0]


def table(crs=4326):
    box = Polygon([(7, 45), (8, 45), (8, 46), (7, 46)])
    shapes = [box, LineString([(7, 45), (8, 46)]), Point(7.5, 45.5)]
    return geopandas.GeoDataFrame({"name": ["AA", "path", "LKP"]}, geometry=shapes, crs=4326).to_crs(crs)


def test_a_geopackage_is_read_in_degrees_from_any_coordinates(tmp_path):
    path = tmp_path / "areas.gpkg"
    table(32632).to_file(path, layer="plan")
    found = read_area_file(path.read_bytes())
    assert found.areas[0].name == "AA"
    assert found.areas[0].area_km2 == pytest.approx(BOX_KM2, rel=2e-3)
    assert [offer.kind for offer in found.offers] == ["track", "marker"]


@pytest.mark.parametrize("without", ["", "areas.shx", "areas.prj"])
def test_a_zipped_shapefile_is_read_without_its_index_or_its_coordinate_system(tmp_path, without):
    table().iloc[:1].to_file(tmp_path / "areas.shp")
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        for path in sorted(tmp_path.glob("areas.*")):
            if path.name != without:
                made.write(path, f"folder/{path.name}")
    found = read_area_file(data.getvalue())
    assert found.areas[0].name == "AA"
    assert found.areas[0].area_km2 == pytest.approx(BOX_KM2, rel=1e-3)
    assert any("does not say its coordinate system" in note for note in found.notes) == (without == "areas.prj")


REFUSED = {
    "text": (b"hello", "kind that holds no areas"),
    "empty": (b"", "kind that holds no areas"),
    "cut XML": (KML[:80], "not whole XML"),
    "other XML": (b"<html></html>", "kind 'html'"),
    "an entity": (b'<!DOCTYPE x [<!ENTITY a "b">]>' + KML, "document type"),
    "words for numbers": (kml(placemark("a", kml_polygon([["x", "y"]]))), "not longitude and latitude"),
    "off the globe": (collection(feature("Polygon", [[[0, 0], [1, 0], [1, 95], [0, 0]]])), "not in degrees"),
    "metres": (collection(feature("Polygon", [[[400000, 5e5], [400100, 5e5], [400100, 6e5], [4e5, 5e5]]])), "degrees"),
    "cut JSON": (CALTOPO[:-40], "is not JSON"),
    "a list": (b"[1, 2]", "not GeoJSON"),
    "nothing": (collection(), "no area, track or marker"),
    "an empty archive": (archive(readme__txt=b"x"), "without KML and without a Shapefile"),
    "a broken archive": (archive(doc__kml=KML)[:60], "damaged or cut"),
    "a broken GeoPackage": (b"SQLite format 3\x00" + bytes(200), "damaged or cut"),
    "a broken Shapefile": (archive(a__shp=b"nonsense"), "damaged or cut"),
    "deep": (b'{"type":"GeometryCollection","geometries":[' * 30, "is not JSON"),
}


@pytest.mark.parametrize(("data", "message"), REFUSED.values(), ids=REFUSED)
def test_other_files_are_refused_in_one_sentence(data, message):
    with pytest.raises(InputError, match=message) as caught:
        read_area_file(data)
    assert "\n" not in str(caught.value)


def test_bombs_stop_at_the_size_that_a_file_may_have(monkeypatch):
    for module in ("xml_files", "table_files", "area_files"):
        monkeypatch.setattr(f"engine.evidence.shapes.{module}.LARGEST_BYTES", 200_000)
    monkeypatch.setattr(map_features, "MOST_FEATURES", 50)
    bomb = archive(doc__kml=kml(" " * 3_000_000))
    assert len(bomb) < 10_000
    with pytest.raises(InputError, match="unpacks to more than"):
        read_area_file(bomb)
    with pytest.raises(InputError, match="unpacks to more than"):
        read_area_file(archive(a__shp=bytes(3_000_000)))
    with pytest.raises(InputError, match="more than 50 features"):
        read_area_file(collection(*[feature("Point", [0, 0])] * 60))


@settings(max_examples=60)
@given(st.lists(st.tuples(degrees(80), degrees(180)), min_size=3, max_size=9))
def test_whatever_ring_is_given_what_comes_out_can_be_used(points):
    mended = mend([[points]])
    for polygon in mended.polygons:
        DrawnArea((polygon,))
        assert area_km2([polygon]) > 0


@pytest.mark.parametrize("point", [(90.0, 0.0), (-90.0, 20.0), (10.0, 180.0), (46.0, 7.0), (89.95, -120.0)])
def test_circles_and_corridors_have_their_area_anywhere(point):
    assert area_km2([circle_polygon(*point, 12.0)]) == pytest.approx(cap_area_km2(12.0), rel=2e-3)
    if abs(point[0]) < 80:
        line = [point, (point[0] + 0.5, point[1])]
        assert area_km2(corridor(line, 1.0)) == pytest.approx(55.6 + math.pi / 4, rel=0.01)


@pytest.mark.shared
def test_shared_cases_have_their_right_values(shared):
    cases = shared / "data" / "cases"
    assert read_area_file((cases / "area.kml").read_bytes()).areas[0].polygons[0][0][0] == (45.0, 7.0)
    assert read_area_file((cases / "caltopo.json").read_bytes()).areas[0].name == "AA"
    lines = (cases / "reports" / "16-geojson-lines").glob("two*")
    assert [len(read_area_file(path.read_bytes()).areas) for path in lines] == [2, 2]

"""Thirty regions, poles and date line among them, through every vector format and back through GDAL."""

import json
from xml.etree import ElementTree

import geopandas
import numpy as np
import pytest
import shapely
from shapely.geometry import MultiPolygon, Polygon

from engine.export.contents import Contents
from engine.export.files import write_export
from engine.export.shapes import WIDEST_DEGREES, for_globes, region_parts
from engine.geometry.sphere import EARTH_RADIUS_KM

KML = {"k": "http://www.opengis.net/kml/2.2"}


def area_km2(geometry) -> float:
    """Exact for edges along meridians and parallels: the shoelace formula in longitude and sine of latitude."""
    return sum(_ring(polygon.exterior) + sum(map(_ring, polygon.interiors)) for polygon in geometry.geoms)


def _ring(ring) -> float:
    longitude, height = np.radians(np.asarray(ring.coords)[:, 0]), np.sin(np.radians(np.asarray(ring.coords)[:, 1]))
    turns = longitude[:-1] * height[1:] - longitude[1:] * height[:-1]
    return float(turns.sum()) / 2 * EARTH_RADIUS_KM**2


def vertices(geometry) -> set[tuple[float, float]]:
    return {tuple(point) for point in np.round(shapely.get_coordinates(geometry), 7) + 0.0}


def polygons(frame) -> MultiPolygon:
    """All polygons of a layer as one, shells anticlockwise."""
    flat = frame.geometry.explode(index_parts=False)
    return MultiPolygon([shapely.geometry.polygon.orient(each) for each in flat if isinstance(each, Polygon)])


@pytest.fixture(scope="module", params=[".geojson", ".kml", ".gpkg"])
def written(request, regions, tmp_path_factory):
    """Every region in one of the formats: its shapes as we made them, and as GDAL reads them."""
    folder = tmp_path_factory.mktemp("regions")
    found = {}
    for name, region in regions.items():
        path = write_export(Contents(region, {"places": []}), folder / f"{name}{request.param}")
        frame = geopandas.read_file(path, layer=None if request.param == ".geojson" else "region")
        ours = MultiPolygon([polygon for part in region_parts(region) for polygon in part.shape.geoms])
        found[name] = (region, ours, frame)
    return found


def test_there_are_thirty_regions_and_some_are_hard(regions):
    assert len(regions) == 30
    assert any(region.fraction < 1 for region in regions.values())
    boxes = [MultiPolygon([p for part in region_parts(r) for p in part.shape.geoms]).bounds for r in regions.values()]
    assert sum(box[0] == -180 and box[2] == 180 for box in boxes) >= 10
    assert sum(box[3] == 90 for box in boxes) >= 2
    assert sum(box[1] == -90 for box in boxes) >= 2


def test_areas_come_back(written):
    for name, (region, _, frame) in written.items():
        assert area_km2(polygons(frame)) == pytest.approx(region.area_km2, rel=1e-6), name


def test_no_vertex_is_lost_or_moved(written):
    for name, (_, ours, frame) in written.items():
        theirs = polygons(frame)
        assert vertices(ours) <= vertices(theirs), name
        whole = theirs if theirs.is_valid else shapely.union_all(list(theirs.geoms))  # KML: seams at multiples of 90
        assert ours.is_valid
        assert ours.symmetric_difference(whole).area < 1e-7 * ours.length, name


def test_geometry_follows_rfc_7946(written):
    for name, (_, _, frame) in written.items():
        assert frame.crs.to_epsg() == 4326
        for geometry in frame.geometry.explode(index_parts=False):
            west, south, east, north = geometry.bounds
            assert geometry.is_valid, name
            assert -180 <= west < east <= 180 and -90 <= south < north <= 90, name


def test_geojson_rings_turn_as_the_standard_asks(regions, tmp_path):
    path = write_export(Contents(regions["fiji-9e+07"], {}), tmp_path / "x.geojson")
    for feature in json.loads(path.read_text("utf-8"))["features"]:
        for rings in feature["geometry"]["coordinates"]:
            assert [shapely.LinearRing(ring).is_ccw for ring in rings] == [True, *[False] * (len(rings) - 1)]


def test_globes_get_narrow_polygons_and_short_edges(regions):
    for name in ("north_pole-9e+07", "date_line-9e+07", "south_pole-3e+06"):
        for part in region_parts(regions[name]):
            drawn = for_globes(part.shape)
            assert vertices(part.shape) <= vertices(drawn)
            assert max(p.bounds[2] - p.bounds[0] for p in drawn.geoms) <= WIDEST_DEGREES
            steps = [np.abs(np.diff(np.asarray(p.exterior.coords), axis=0)).max() for p in drawn.geoms]
            assert max(steps) <= 1.0 + 1e-9


def test_kml_lies_on_the_ground_and_names_no_host(contents, tmp_path):
    tree = ElementTree.parse(write_export(contents, tmp_path / "x.kml"))  # noqa: S314 - our own file
    modes = {mode.text for mode in tree.iterfind(".//k:altitudeMode", KML)}
    folders = [name.text for name in tree.iterfind(".//k:Folder/k:name", KML)]
    styles = {f"#{style.get('id')}" for style in tree.iterfind(".//k:Style", KML)}
    used = {use.text for use in tree.iterfind(".//k:styleUrl", KML)}
    assert modes == {"clampToGround"}
    assert folders == ["region", "places"]
    assert used == styles
    assert tree.find(".//k:href", KML) is None


def test_every_part_and_place_has_its_figures_in_kml_and_geopackage(contents, tmp_path):
    for suffix in (".kml", ".gpkg"):
        path = write_export(contents, tmp_path / f"x{suffix}")
        region, places = (geopandas.read_file(path, layer=name) for name in ("region", "places"))
        assert len(region) == contents.region.components
        assert region["area_km2"].sum() == pytest.approx(contents.region.area_km2)
        assert region["probability"].sum() == pytest.approx(contents.region.probability, rel=1e-6)
        assert list(places["rank"]) == [place["rank"] for place in contents.places]
        assert places.geometry.x.tolist() == pytest.approx([place["lon"] for place in contents.places])
        assert places.geometry.y.tolist() == pytest.approx([place["lat"] for place in contents.places])


def test_the_geopackage_holds_every_setting(contents, tmp_path):
    rows = geopandas.read_file(write_export(contents, tmp_path / "x.gpkg"), layer="parameters")
    known = dict(zip(rows["name"], rows["value"], strict=True))
    assert known["photo.sha256"] == contents.photo["sha256"]
    assert known["region.sha256"] == contents.region.sha256
    assert known["pooling"] == "corrected"
    assert known == dict(contents.parameters())

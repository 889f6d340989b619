import json

import geopandas
import numpy as np
import pyproj
import pytest
from shapely.geometry import shape

from engine.export.vector import geojson_text, region_geojson
from engine.geometry.sphere import EARTH_RADIUS_KM
from engine.inference.pooling import pool
from engine.testing import peaked

GEOD = pyproj.Geod(a=EARTH_RADIUS_KM * 1000, b=EARTH_RADIUS_KM * 1000)


@pytest.fixture(scope="module")
def search_map(world):
    return pool(world.overlay, peaked(world, 10.5, 20.5, 0.5).predictions, world.prior)


def km2(geometry) -> float:
    """Area of a polygon whose east-west edges follow parallels: cut into one-degree steps, geodesics come close."""
    return abs(GEOD.geometry_area_perimeter(geometry.segmentize(0.02))[0]) / 1e6


@pytest.mark.parametrize("budget", [10.0, 5e4, 2e6])
def test_areas_agree_with_an_independent_library(search_map, budget):
    region = search_map.region(budget_km2=budget)
    collection = region_geojson(region)
    total = 0.0
    for feature in collection["features"]:
        geometry = shape(feature["geometry"])
        assert geometry.is_valid
        assert km2(geometry) == pytest.approx(feature["properties"]["area_km2"], rel=1e-3)
        total += feature["properties"]["area_km2"]
    assert total == pytest.approx(region.area_km2, rel=1e-9)


@pytest.mark.parametrize("budget", [10.0, 2e6, 1e8, 5.1e8])
def test_features_are_the_parts_and_hold_the_probability(search_map, budget):
    region = search_map.region(budget_km2=budget)
    features = region_geojson(region)["features"]
    shares = [feature["properties"]["probability"] for feature in features]
    assert len(features) == region.components
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(region.probability, rel=1e-6)


def test_coordinates_follow_rfc_7946(search_map):
    for feature in region_geojson(search_map.region(budget_km2=1e8))["features"]:
        for polygon in feature["geometry"]["coordinates"]:
            for number, ring in enumerate(polygon):
                longitude, latitude = np.array(ring).T
                assert np.abs(longitude).max() <= 180
                assert np.abs(latitude).max() <= 90
                assert ring[0] == ring[-1]
                twice_area = np.sum(longitude[:-1] * latitude[1:] - longitude[1:] * latitude[:-1])
                assert (twice_area > 0) == (number == 0)  # outer rings anticlockwise, holes clockwise


def test_points_inside_the_polygons_are_inside_the_region(search_map):
    region = search_map.region(budget_km2=5e6)
    for feature in region_geojson(region)["features"]:
        for polygon in shape(feature["geometry"]).geoms:
            point = polygon.representative_point()
            assert region.contains(point.y, point.x)


def test_gdal_reads_it_and_hostile_texts_stay_text(search_map, tmp_path):
    name = '<script>alert("x")</script> \u202e"}]\n.jpg'
    text = geojson_text(search_map.region(mass=0.5), {"photo": {"name": name}})
    path = tmp_path / "region.geojson"
    path.write_text(text, encoding="utf-8")
    frame = geopandas.read_file(path)
    assert frame.crs.to_epsg() == 4326
    assert frame["probability"].sum() == pytest.approx(0.5, abs=0.05)
    assert json.loads(text)["hereabouts"]["photo"]["name"] == name

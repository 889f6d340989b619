import hashlib
import json
import re
import tomllib
from dataclasses import FrozenInstanceError
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from rasterio.transform import from_origin

from engine.errors import LayerError
from engine.geometry.grid import Grid
from engine.layers import builtin
from engine.layers.assets_folder import ASSETS, assets_path
from engine.layers.raster import NO_DATA, read_on_grid
from engine.partitions.partition import NOWHERE, Partition


def _table_of_places():
    spec = spec_from_file_location("places", Path(__file__).with_name("places.py"))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


places = _table_of_places()
PAPER_SHARES = (93.9, 4.93, 1.10, 0.029)


@pytest.fixture(scope="module")
def population() -> Partition:
    return builtin.population(Grid())


@pytest.fixture(scope="module")
def land_cover() -> Partition:
    return builtin.land_cover(Grid())


def written(path: Path, classes: np.ndarray, **changes: object) -> Path:
    height, width = classes.shape
    profile = {
        "driver": "GTiff",
        "height": height,
        "width": width,
        "count": 1,
        "dtype": classes.dtype,
        "crs": "EPSG:4326",
        "transform": from_origin(-180, 90, 360 / width, 180 / height),
        **changes,
    }
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(classes, 1)
    return path


def one_sentence(error: LayerError) -> str:
    text = str(error)
    assert text.endswith(".")
    assert "\n" not in text
    assert not re.search(r"\.\s+[A-Z]", text)
    return text


# --- the partitions ---------------------------------------------------------------------------------------------------


def test_labels_are_those_of_the_paper_and_of_the_legend(population, land_cover):
    assert population.name == "population"
    assert population.labels == ("lowest", "low", "medium", "high")
    assert land_cover.name == "land_cover"
    assert len(land_cover.labels) == 7
    for partition in (population, land_cover):
        assert partition.labels == tuple(entry.label for entry in builtin.CLASSES[partition.name])


def test_land_cover_owns_the_whole_earth_and_population_the_land(population, land_cover):
    earth = land_cover.grid.pixel_area_km2.sum() * land_cover.grid.columns
    assert land_cover.raster.min() == 0
    assert land_cover.area_km2().sum() == pytest.approx(earth, rel=1e-12)
    assert 146e6 < population.area_km2().sum() < 150e6  # the land of the Earth is 149 million km2, lakes 2.7 of them
    assert set(np.unique(population.raster)) == {NOWHERE, 0, 1, 2, 3}
    assert population.raster.dtype == land_cover.raster.dtype == np.int8


def test_land_shares_are_the_papers(population):
    area = population.area_km2()
    shares = 100 * area / area.sum()
    assert shares == pytest.approx(PAPER_SHARES, rel=0.01)
    assert shares == pytest.approx(builtin.record("population").land_shares, abs=1e-3)


def test_land_cover_shares_are_near_what_is_known(land_cover, population):
    area = dict(zip(land_cover.labels, land_cover.area_km2() / 1e6, strict=True))
    assert 14 < area["cropland"] < 27  # FAO: 16 million km2 of cropland; ESA-CCI's mosaics add a third
    assert 30 < area["broadleaf_forest"] + area["other_forest"] < 55  # FAO: 40 of forest
    assert 0.5 < area["urban"] < 1.1  # ESA-CCI: about 0.75
    assert 361 < area["bare_water_snow"] < 410  # the sea alone is 361
    assert not ((population.raster == NOWHERE) & (land_cover.raster != 6)).any()


def test_water_is_not_land_and_towns_are_dense(population, land_cover):
    towns = land_cover.raster == land_cover.labels.index("urban")
    assert (population.raster[towns] >= 1).mean() > 0.99


@pytest.mark.parametrize("place", places.PLACES, ids=lambda place: place.name)
def test_place(place, population, land_cover):
    bucket = int(population.label_at(place.latitude, place.longitude))
    cover = int(land_cover.label_at(place.latitude, place.longitude))
    assert (places.WATER if bucket == NOWHERE else population.labels[bucket]) in place.population.split()
    assert land_cover.labels[cover] in place.land_cover.split()


def test_there_are_eighty_places_of_all_classes_and_both_hemispheres():
    assert len({place.name for place in places.PLACES}) == len(places.PLACES) == 80
    expected = " ".join(place.land_cover for place in places.PLACES)
    assert all(entry.label in expected for entry in builtin.LAND_COVER_CLASSES)
    assert (
        min(sum(place.latitude < 0 for place in places.PLACES), sum(place.longitude < 0 for place in places.PLACES))
        > 20
    )


# --- resampling -------------------------------------------------------------------------------------------------------


def test_a_finer_grid_repeats_pixels(population):
    fine = builtin.population(Grid(10800, 21600))
    assert np.array_equal(fine.raster[1::2, ::2], population.raster)
    assert np.array_equal(fine.raster[::2, 1::2], population.raster)


def test_a_coarser_grid_keeps_islands_and_the_whole_earth(population):
    coarse = builtin.population(Grid(540, 1080))
    land = (population.raster != NOWHERE).reshape(540, 10, 1080, 10).any(axis=(1, 3))
    assert np.array_equal(coarse.raster != NOWHERE, land)
    assert builtin.land_cover(Grid(540, 1080)).raster.min() >= 0


SIZES = st.sampled_from([(2, 4), (3, 6), (4, 5), (5, 10), (6, 9), (8, 12), (12, 16), (24, 20), (16, 32)])


@settings(max_examples=40, deadline=None)
@given(source=SIZES, target=SIZES, seed=st.integers(0, 2**20))
def test_majority_by_area_equals_a_count_on_the_common_refinement(tmp_path_factory, source, target, seed):
    classes = np.random.default_rng(seed).integers(0, 5, source).astype(np.uint8)
    classes[classes == 4] = NO_DATA
    grid = Grid(*target)
    path = written(tmp_path_factory.mktemp("layer") / "layer.tif", classes)
    got = read_on_grid(path, grid, 4)
    votes = refined_votes(classes, grid)
    best = np.where(votes.max(0) > 0, votes.max(0), 0)
    chosen = np.take_along_axis(votes, np.maximum(got, 0)[None], 0)[0]
    assert np.array_equal(got == NOWHERE, best == 0)
    assert chosen[got != NOWHERE] == pytest.approx(best[got != NOWHERE], rel=1e-7)


def refined_votes(classes: np.ndarray, grid: Grid) -> np.ndarray:
    """Area of each class in each grid pixel, counted on a lattice that both divide; shape (4, rows, columns)."""
    rows, columns = np.lcm(classes.shape[0], grid.rows), np.lcm(classes.shape[1], grid.columns)
    fine = classes.repeat(rows // classes.shape[0], 0).repeat(columns // classes.shape[1], 1)
    edges = np.sin(np.radians(90 - 180 * np.arange(rows + 1) / rows))
    area = (edges[:-1] - edges[1:])[:, None]
    shape = (grid.rows, rows // grid.rows, grid.columns, columns // grid.columns)
    return np.stack([((fine == label) * area).reshape(shape).sum((1, 3)) for label in range(4)])


def test_a_tie_goes_to_the_lower_class(tmp_path):
    classes = np.array([[2, 1, 3, 3], [2, 1, 0, 0]], np.uint8)
    assert read_on_grid(written(tmp_path / "tie.tif", classes), Grid(1, 2), 4).tolist() == [[1, 0]]


@pytest.mark.parametrize("grid", [Grid(4320, 7200), Grid(1, 1), Grid(2700, 5400)])
def test_bands_meet_without_a_gap(grid, land_cover):
    drawn = builtin.land_cover(grid)
    assert drawn.raster.min() >= 0
    latitude, longitude = grid.point_of(np.arange(0, grid.pixels, max(grid.pixels // 2000, 1)))
    if grid.pixels > 1:
        agreed = drawn.label_at(latitude, longitude) == land_cover.label_at(latitude, longitude)
        assert agreed.mean() > 0.95


# --- bad files --------------------------------------------------------------------------------------------------------


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(LayerError, match=r"gone\.tif") as caught:
        read_on_grid(tmp_path / "gone.tif", Grid(2, 4), 4)
    one_sentence(caught.value)


def test_a_file_that_is_no_raster_is_refused(tmp_path):
    (tmp_path / "text.tif").write_text("not a raster")
    with pytest.raises(LayerError, match="not a readable GeoTIFF") as caught:
        read_on_grid(tmp_path / "text.tif", Grid(2, 4), 4)
    one_sentence(caught.value)


def test_a_truncated_file_is_refused(tmp_path):
    whole = assets_path("layers/population.tif").read_bytes()
    (tmp_path / "half.tif").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LayerError, match=r"half\.tif") as caught:
        read_on_grid(tmp_path / "half.tif", Grid(540, 1080), 4)
    one_sentence(caught.value)


@pytest.mark.parametrize(
    ("classes", "changes", "expected"),
    [
        (np.zeros((7, 14), np.uint8), {}, "divide 21600 x 43200"),
        (np.zeros((2, 4), np.int16), {}, "8 bits"),
        (np.zeros((2, 4), np.uint8), {"transform": from_origin(-90, 90, 45, 90)}, "whole Earth"),
        (np.full((2, 4), 9, np.uint8), {}, "the value 9"),
    ],
)
def test_a_raster_of_another_kind_is_refused(tmp_path, classes, changes, expected):
    with pytest.raises(LayerError, match=expected) as caught:
        read_on_grid(written(tmp_path / "odd.tif", classes, **changes), Grid(2, 4), 4)
    one_sentence(caught.value)


def test_a_file_that_is_not_what_its_record_says_is_refused(tmp_path, monkeypatch):
    (tmp_path / "layers").mkdir()
    written(tmp_path / "layers/population.tif", np.zeros((2, 4), np.uint8))
    monkeypatch.setattr("engine.layers.assets_folder.ASSETS", tmp_path)
    with pytest.raises(LayerError, match="SHA-256") as caught:
        builtin.population(Grid(2, 4))
    one_sentence(caught.value)


def test_a_missing_asset_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.layers.assets_folder.ASSETS", tmp_path)
    with pytest.raises(LayerError, match=r"assets/layers/land_cover\.tif") as caught:
        builtin.land_cover(Grid(2, 4))
    one_sentence(caught.value)


# --- records ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", builtin.records(), ids=lambda entry: entry.name)
def test_a_record_says_what_its_file_is(entry):
    content = assets_path(entry.file).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry.sha256
    assert len(content) == entry.bytes
    assert len(entry.sources) == len(entry.licences) >= 1
    assert (ASSETS.parent / entry.script).is_file()


def test_every_layer_and_base_map_file_has_a_record():
    files = {
        path.relative_to(ASSETS).as_posix() for folder in ("layers", "basemap") for path in (ASSETS / folder).iterdir()
    }
    assert files <= {entry.file for entry in builtin.records()}
    assert sum((ASSETS / file).stat().st_size for file in files) < 12e6


def test_the_layers_say_that_they_are_approximations():
    assert "approximation of LandScan Global, not a measurement" in builtin.record("population").caveat
    assert "approximation of ESA-CCI Land Cover, not a measurement" in builtin.record("land_cover").caveat
    with pytest.raises(FrozenInstanceError):
        builtin.record("population").caveat = ""


def test_an_unknown_record_is_refused_with_the_names():
    with pytest.raises(LayerError, match="population, land_cover") as caught:
        builtin.record("rainfall")
    one_sentence(caught.value)


@pytest.mark.parametrize(
    "text", ["asset = [", "other = 1", "[[asset]]\nname = 'population'", "[[asset]]\nweight = 1", "asset = 3"]
)
def test_damaged_records_are_refused(tmp_path, text):
    (tmp_path / "records.toml").write_text(text)
    with pytest.raises(LayerError, match="cannot be read") as caught:
        builtin.read_records(tmp_path / "records.toml")
    one_sentence(caught.value)


def test_colours_of_a_legend_stay_apart_without_red_and_green():
    for classes in builtin.CLASSES.values():
        seen = [deuteranope(entry.colour) for entry in classes]
        apart = min(np.linalg.norm(a - b) for index, a in enumerate(seen) for b in seen[index + 1 :])
        assert apart > 30  # CIE76 difference; 2.3 is just noticeable


def deuteranope(colour: str) -> np.ndarray:
    """CIELAB of a colour as a deuteranope sees it (Machado, Oliveira and Fernandes 2009, severity 1)."""
    srgb = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    loss = np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]])
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(np.clip(to_xyz @ loss @ linear, 1e-4, None) / (0.9505, 1.0, 1.089))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


# --- base map ---------------------------------------------------------------------------------------------------------


def at(image: Image.Image, latitude: float, longitude: float) -> tuple[int, ...]:
    return image.getpixel((int((longitude + 180) * 4096 / 360), int((90 - latitude) * 2048 / 180)))


def test_the_texture_is_not_flipped_and_has_no_hole():
    with Image.open(assets_path("basemap/blue_marble.webp")) as image:
        assert image.size == (4096, 2048)
        picture = image.convert("RGB")
    sahara, amazon, pacific = at(picture, 23, 13), at(picture, -5, -63), at(picture, 0, -150)
    assert sahara[0] > sahara[2] + 20
    assert amazon[1] > amazon[0]
    assert pacific[2] > pacific[0]
    assert min(at(picture, 73, -40)) > 150
    assert min(at(picture, -80, 60)) > 150
    assert max(at(picture, 84, 0)) < 80
    assert np.asarray(picture).max(-1).min() > 0
    seam = np.abs(np.asarray(picture, int)[:, 0] - np.asarray(picture, int)[:, -1]).mean()
    assert seam < 6


def test_lines_follow_the_coast_and_leave_180_degrees_free():
    with Image.open(assets_path("basemap/lines.png")) as image:
        assert image.size == (4096, 2048)
        alpha = np.asarray(image.convert("RGBA"))[..., 3]
    assert 0.005 < (alpha > 0).mean() < 0.08
    assert alpha.max() < 255
    border = alpha[int((90 - 49) * 2048 / 180) - 2 : int((90 - 49) * 2048 / 180) + 3, 800:900]  # 49 N, Canada
    assert (border.max(0) > 40).all()
    assert (alpha[:, [0, 1, -2, -1]] > 0).mean() < 0.03
    assert (alpha[-8:] > 0).mean() < 0.01


def test_borders_are_lines_on_the_earth_that_never_jump():
    text = assets_path("basemap/borders.geojson").read_text("utf-8")
    assert len(text) < 2.5e6
    features = json.loads(text)["features"]
    assert [feature["properties"]["kind"] for feature in features] == ["coast", "border"]
    for feature in features:
        assert feature["geometry"]["type"] == "MultiLineString"
        for line in feature["geometry"]["coordinates"]:
            points = np.array(line)
            assert len(points) >= 2
            assert (np.abs(points) <= (180.0, 90.0)).all()
            assert np.abs(np.diff(points[:, 0])).max() < 90


def test_records_are_toml_of_known_fields():
    tables = tomllib.loads(assets_path("records.toml").read_text("utf-8"))["asset"]
    assert [table["name"] for table in tables][:5] == ["population", "land_cover", "blue_marble", "lines", "borders"]

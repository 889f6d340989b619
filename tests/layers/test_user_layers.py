import tomllib
import zipfile

import numpy as np
import pytest
import rasterio

from engine.errors import LayerError
from engine.geometry.grid import Grid
from engine.layers import builtin
from engine.layers.attributes import LAND_COVER, POPULATION
from engine.layers.convert import ReadOptions, convert, pixel_areas
from engine.layers.in_use import layer_in_use, layers_in_use, verify_layers
from engine.layers.lccs import MERGED, first_level_of
from engine.layers.raster import NO_DATA
from engine.layers.user_layers import add_layer, attribute_named, layers_folder, remove_layer, user_layers, verify
from engine.partitions.partition import NOWHERE

COARSE = ReadOptions(coarse=True)


def stored(layer):
    with rasterio.open(layer.path) as dataset:
        return dataset.read(1), dataset.profile


@pytest.fixture
def population(tmp_path, rasters):
    return rasters.write(tmp_path / "landscan-global-2015.tif", rasters.people(), nodata=rasters.SEA)


@pytest.fixture
def land_cover(tmp_path, rasters):
    return rasters.write(tmp_path / "ESACCI-LC-2015.tif", rasters.cover())


# --- what the paper does ----------------------------------------------------------------------------------------------


def test_population_is_cut_into_four_equal_widths_of_log10(population, rasters):
    layer = add_layer(population, POPULATION, COARSE)
    people = rasters.people()
    positive = people[people > 0]
    low, high = np.log10(positive.min()), np.log10(positive.max())
    edges = 10 ** (low + (high - low) * np.arange(1, 4) / 4)
    assert layer.thresholds == pytest.approx(tuple(edges), rel=1e-12)
    expected = np.where(people == rasters.SEA, NO_DATA, np.searchsorted(edges, np.maximum(people, 0), side="right"))
    assert np.array_equal(stored(layer)[0], expected)


def test_land_shares_are_by_area_and_stand_beside_the_papers(population, rasters):
    layer = add_layer(population, POPULATION, COARSE)
    numbers, _ = stored(layer)
    area = pixel_areas(*rasters.SHAPE)[:, None]
    by_class = np.array([(area * (numbers == label)).sum() for label in range(4)])
    assert layer.land_shares == pytest.approx(tuple(100 * by_class / by_class.sum()), abs=1e-4)
    assert layer.covered == pytest.approx(100 * by_class.sum() / (area.sum() * rasters.SHAPE[1]), abs=1e-3)
    assert layer.paper_shares == (93.9, 4.93, 1.10, 0.029)
    assert sum(layer.land_shares) == pytest.approx(100, abs=1e-3)


def test_nobody_on_land_is_lowest_and_the_sea_is_nowhere(population, rasters):
    layer = add_layer(population, POPULATION, COARSE)
    numbers, _ = stored(layer)
    people = rasters.people()
    assert set(numbers[people == 0]) == {0}
    assert set(numbers[people == rasters.SEA]) == {NO_DATA}


def test_people_per_pixel_become_people_per_km2_when_asked(population, rasters):
    layer = add_layer(population, POPULATION, ReadOptions(coarse=True, per_pixel=True))
    people = rasters.people()
    density = people / pixel_areas(*rasters.SHAPE)[:, None]
    positive = density[people > 0]
    edges = np.geomspace(positive.min(), positive.max(), 5)[1:4]
    assert layer.thresholds == pytest.approx(tuple(edges), rel=1e-9)
    assert layer.per_pixel
    expected = np.where(people == rasters.SEA, NO_DATA, np.searchsorted(edges, np.maximum(density, 0), side="right"))
    assert (stored(layer)[0] == expected).mean() > 0.99999


def test_densities_may_be_decimal_numbers_with_holes(tmp_path, rasters):
    people = rasters.people().astype(np.float32)
    people[people == rasters.SEA] = np.nan
    layer = add_layer(rasters.write(tmp_path / "f.tif", people, nodata=np.nan), POPULATION, COARSE)
    assert np.array_equal(stored(layer)[0] == NO_DATA, np.isnan(people))


def test_land_cover_goes_from_38_values_over_22_classes_to_7(land_cover, rasters):
    layer = add_layer(land_cover, LAND_COVER, COARSE)
    numbers, profile = stored(layer)
    merged = {first: place for place, some in enumerate(MERGED.values()) for first in some}
    expected = np.vectorize(lambda value: merged[first_level_of(value)])(rasters.cover())
    assert np.array_equal(numbers, expected)
    assert profile["dtype"] == "uint8"
    assert profile["nodata"] == NO_DATA
    assert profile["tiled"] and profile["blockxsize"] == 240
    assert layer.covered == pytest.approx(100)


def test_shares_of_the_land_leave_water_out(land_cover, rasters):
    layer = add_layer(land_cover, LAND_COVER, COARSE)
    values, area = rasters.cover(), pixel_areas(*rasters.SHAPE)[:, None]
    land = (area * (values != 210)).sum()
    assert layer.land_shares[5] == pytest.approx(100 * (area * (values == 190)).sum() / land, abs=1e-4)
    assert layer.land_shares[6] == pytest.approx(100 * (area * (values == 200)).sum() / land, abs=1e-4)


@pytest.mark.parametrize("north_up", [True, False])
@pytest.mark.parametrize("signed", [True, False])
def test_netcdf_is_read_like_geotiff(tmp_path, rasters, land_cover, north_up, signed):
    pytest.importorskip("h5py")
    expected = stored(add_layer(land_cover, LAND_COVER, COARSE))[0]
    path = rasters.write_netcdf(tmp_path / "ESACCI-LC-2015.nc", rasters.cover(), north_up, signed)
    layer = add_layer(path, LAND_COVER, COARSE)
    assert np.array_equal(stored(layer)[0], expected)
    assert layer.land_shares == user_layers()[0].land_shares


def test_the_archive_as_it_is_distributed(tmp_path, population, rasters):
    plain = stored(add_layer(population, POPULATION, COARSE))[0]
    picture = rasters.write(tmp_path / "p.tif", np.zeros((3, *rasters.SHAPE), np.uint8))
    with zipfile.ZipFile(tmp_path / "landscan-global-2015-assets.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(population, "../../landscan-global-2015.tif")
        archive.write(picture, "landscan-global-2015-colorized.tif")
        archive.writestr("README.txt", "LandScan")
    layer = add_layer(tmp_path / "landscan-global-2015-assets.zip", POPULATION, COARSE)
    assert np.array_equal(stored(layer)[0], plain)
    assert layer.source_file == "landscan-global-2015-assets.zip"
    assert sorted(path.name for path in layers_folder().iterdir()) == ["population.tif", "population.toml"]


@pytest.mark.parametrize("names", [(), ("a.tif", "b.tif"), ("w001001.adf",)])
def test_an_archive_without_one_raster_is_refused(tmp_path, names, sentence):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("x.txt", "x")
        for name in names:
            archive.writestr(name, "x")
    with pytest.raises(LayerError, match="expected was one GeoTIFF") as caught:
        add_layer(tmp_path / "a.zip", POPULATION, COARSE)
    sentence(caught.value)


def test_a_damaged_archive_is_refused(tmp_path, population, sentence):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(population, "population.tif")
    whole = (tmp_path / "a.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "spoilt.zip").write_bytes(whole[:3000] + bytes(50) + whole[3050:])
    for name in ("cut.zip", "spoilt.zip"):
        with pytest.raises(LayerError, match="damaged") as caught:
            add_layer(tmp_path / name, POPULATION, COARSE)
        sentence(caught.value)


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path, population, monkeypatch, sentence):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(population, "population.tif")
    monkeypatch.setattr("engine.layers.archive.LARGEST_BYTES", 1000)
    with pytest.raises(LayerError, match="unpacks to") as caught:
        add_layer(tmp_path / "a.zip", POPULATION, COARSE)
    sentence(caught.value)


# --- reading by window ------------------------------------------------------------------------------------------------


def test_a_raster_is_never_read_whole(tmp_path, rasters, monkeypatch):
    """Bands of any height give the same classes, and no window is larger than asked for."""
    tiles = {"tiled": True, "blockxsize": 16, "blockysize": 16}
    path = rasters.write(tmp_path / "p.tif", rasters.people(), nodata=rasters.SEA, **tiles)
    whole = convert(path, POPULATION, tmp_path / "a.tif", COARSE)
    largest = 0

    def watched(values):
        nonlocal largest
        largest = max(largest, values.size)
        return values

    monkeypatch.setattr("engine.layers.convert.WINDOW_PIXELS", 16 * 720)
    monkeypatch.setattr("engine.layers.convert._unsigned", watched)
    monkeypatch.setattr("engine.layers.convert._data_mask", lambda values, no_data: watched(values) != no_data)
    bands = convert(path, POPULATION, tmp_path / "b.tif", COARSE)
    assert 0 < largest <= 16 * 720
    assert bands.edges == whole.edges
    assert bands.land_shares == pytest.approx(whole.land_shares)
    assert np.array_equal(bands.sample, whole.sample)
    with rasterio.open(tmp_path / "a.tif") as a, rasterio.open(tmp_path / "b.tif") as b:
        assert np.array_equal(a.read(1), b.read(1))


# --- records and use --------------------------------------------------------------------------------------------------


def test_the_record_says_what_the_layer_was_made_from(population):
    import hashlib

    layer = add_layer(population, POPULATION, COARSE, licence="CC-BY-4.0, 2015 edition")
    assert user_layers() == (layer,)
    table = tomllib.loads(layer.path.with_suffix(".toml").read_text("utf-8"))
    assert table["source_file"] == "landscan-global-2015.tif"
    assert table["source_sha256"] == hashlib.sha256(population.read_bytes()).hexdigest()
    assert table["sha256"] == hashlib.sha256(layer.path.read_bytes()).hexdigest()
    assert table["licence"] == "CC-BY-4.0, 2015 edition"
    assert len(table["thresholds"]) == 3
    assert str(population.parent) not in layer.path.with_suffix(".toml").read_text("utf-8")
    verify(layer)


def test_the_users_layer_takes_the_place_of_the_built_in_one(population):
    before = {layer.name: layer for layer in layers_in_use()}
    assert all(layer.built_in and layer.caveat for layer in before.values())
    added = add_layer(population, POPULATION, COARSE)
    after = {layer.name: layer for layer in layers_in_use()}
    assert not after["population"].built_in and after["population"].caveat == ""
    assert after["population"].sha256 == added.sha256
    assert after["population"].resolution == "30 arc-minutes"
    assert after["land_cover"] == before["land_cover"]
    verify_layers()
    remove_layer("population")
    assert {layer.name: layer for layer in layers_in_use()} == before
    assert list(layers_folder().iterdir()) == []


def test_a_layer_in_use_is_drawn_and_asked_at_its_own_resolution(population, rasters):
    add_layer(population, POPULATION, COARSE)
    layer = layer_in_use("population")
    grid = Grid(*rasters.SHAPE)
    people = rasters.people()
    drawn = layer.on(grid).rows(0, grid.rows)
    assert np.array_equal(drawn == NOWHERE, people == rasters.SEA)
    latitude, longitude = grid.point_of(np.arange(0, grid.pixels, 1003))
    assert np.array_equal(layer.labels_at(latitude, longitude), drawn.reshape(-1)[::1003])
    assert layer_in_use("rainfall") is None


def test_a_failed_addition_changes_nothing(population, tmp_path, rasters):
    layer = add_layer(population, POPULATION, COARSE)
    before = {path.name: path.read_bytes() for path in layers_folder().iterdir()}
    whole = population.read_bytes()
    (tmp_path / "cut.tif").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LayerError):
        add_layer(tmp_path / "cut.tif", POPULATION, COARSE)
    assert {path.name: path.read_bytes() for path in layers_folder().iterdir()} == before
    assert user_layers() == (layer,)


def test_damage_of_a_stored_layer_is_told(population, sentence):
    layer = add_layer(population, POPULATION, COARSE)
    layer.path.write_bytes(layer.path.read_bytes()[:-1])
    with pytest.raises(LayerError, match="its record says") as caught:
        verify_layers()
    sentence(caught.value)
    layer.path.unlink()
    with pytest.raises(LayerError, match="missing") as caught:
        verify(layer)
    sentence(caught.value)
    layer.path.with_suffix(".toml").write_text("nothing = 1")
    with pytest.raises(LayerError, match=r"population\.toml") as caught:
        layers_in_use()
    sentence(caught.value)


def test_names_as_people_write_them(sentence):
    assert attribute_named("land-cover") is LAND_COVER
    assert attribute_named("population") is POPULATION
    with pytest.raises(LayerError, match="population, land_cover") as caught:
        attribute_named("rainfall")
    sentence(caught.value)
    with pytest.raises(LayerError, match="no layer 'population' of yours") as caught:
        remove_layer("population")
    sentence(caught.value)


def test_a_folder_that_cannot_be_written_is_told(population, tmp_path, monkeypatch, sentence):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("HEREABOUTS_DATA", str(tmp_path / "file"))
    with pytest.raises(LayerError, match="HEREABOUTS_DATA") as caught:
        add_layer(population, POPULATION, COARSE)
    sentence(caught.value)


def test_built_in_layers_are_described_like_the_others():
    for layer in layers_in_use():
        with rasterio.open(layer.path) as dataset:
            assert dataset.shape == (layer.rows, layer.columns)
        assert layer.land_shares == builtin.record(layer.name).land_shares
        assert layer.resolution == "2 arc-minutes"

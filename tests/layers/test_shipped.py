import hashlib
import json
import math
import shutil
from collections import Counter
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError, LayerError
from engine.geometry.grid import Grid
from engine.layers import builtin, shipped
from engine.layers.assets_folder import ASSETS
from engine.layers.shipped import most_common, shipped_partition, shipped_partitions
from engine.partitions.overlay import build_overlay
from engine.partitions.partition import NOWHERE

NAMES = (
    "countries", "climate", "elevation", "relief", "coast_distance", "time_zones", "lake_distance", "river_distance",
    "continents", "language_regions",
)  # fmt: skip


def _table_of_places():
    spec = spec_from_file_location("shipped_places", Path(__file__).with_name("shipped_places.py"))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


places = _table_of_places()


def label_of(name: str, latitude: float, longitude: float) -> str:
    partition = shipped_partition(name)
    number = int(partition.labels_at(latitude, longitude)[0])
    return "" if number == NOWHERE else partition.labels[number]


def band_of(name: str, latitude: float, longitude: float) -> tuple[float, float]:
    partition = shipped_partition(name)
    number = int(partition.labels_at(latitude, longitude)[0])
    assert number != NOWHERE
    return partition.edges[number], partition.edges[number + 1]


# --- true places ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", places.PLACES, ids=lambda place: place.name)
def test_a_place_is_in_its_country_and_time_zone(place):
    assert label_of("countries", place.latitude, place.longitude) in place.country.split()
    assert label_of("time_zones", place.latitude, place.longitude) in place.zone.split()


@pytest.mark.parametrize("place", [each for each in places.PLACES if each.climate], ids=lambda place: place.name)
def test_a_place_has_its_climate(place):
    assert label_of("climate", place.latitude, place.longitude) in place.climate.split()


@pytest.mark.parametrize("place", [p for p in places.PLACES if p.highest_m is not None], ids=lambda place: place.name)
def test_a_place_has_its_elevation(place):
    low, high = band_of("elevation", place.latitude, place.longitude)
    assert low < place.highest_m
    assert high > (-500 if place.lowest_m is None else place.lowest_m)


@pytest.mark.parametrize("place", [each for each in places.PLACES if each.relief], ids=lambda place: place.name)
def test_a_place_has_its_relief(place):
    assert label_of("relief", place.latitude, place.longitude) in place.relief.split()


@pytest.mark.parametrize("place", [p for p in places.PLACES if p.farthest_km is not None], ids=lambda place: place.name)
def test_a_place_is_as_far_from_the_coast_as_it_is(place):
    low, high = band_of("coast_distance", place.latitude, place.longitude)
    assert low >= 0
    assert low < place.farthest_km
    assert high > place.nearest_km


@pytest.mark.parametrize(("name", "latitude", "longitude", "zone", "nearest", "farthest"), places.SEAS)
def test_the_sea_is_nobodys_and_has_nautical_zones(name, latitude, longitude, zone, nearest, farthest):
    low, high = band_of("coast_distance", latitude, longitude)
    assert -high < farthest
    assert -low > nearest
    assert label_of("time_zones", latitude, longitude) == zone
    assert {label_of(each, latitude, longitude) for each in ("countries", "climate", "elevation", "relief")} == {""}


def test_there_are_thirty_places_and_more_for_each_partition():
    assert len(places.PLACES) > 60
    for asked in ("climate", "highest_m", "farthest_km"):
        assert sum(getattr(place, asked) not in ("", None) for place in places.PLACES) >= 30
    assert sum(place.relief != "" for place in places.PLACES) >= 15


# --- whole partitions -------------------------------------------------------------------------------------------------

PUBLISHED_KM2 = {
    # Area with inland water in km2 (statistical offices, by way of the UN Demographic Yearbook).
    "XK": 10_908, "MK": 25_713, "AM": 29_743, "LS": 30_355, "CH": 41_291, "SK": 49_035, "CZ": 78_871, "AT": 83_878,
    "HU": 93_025, "BY": 207_600, "DE": 357_581, "PY": 406_752, "CF": 622_984, "AF": 652_864, "ZM": 752_612,
    "BO": 1_098_581, "TD": 1_284_000, "MN": 1_564_116, "AU": 7_692_024, "BR": 8_515_767,
}  # fmt: skip


def numbers(name: str) -> np.ndarray:
    return shipped_partition(name).on(Grid()).rows(0, 5400)


@pytest.fixture(scope="module")
def countries() -> np.ndarray:
    return numbers("countries")


def test_countries_have_their_areas(countries):
    area = np.zeros(len(shipped_partition("countries").labels) + 1)
    for row, pixel_area in enumerate(Grid().pixel_area_km2):
        area += pixel_area * np.bincount(countries[row].astype(np.int64) + 1, minlength=area.size)
    ours = dict(zip(shipped_partition("countries").labels, area[1:], strict=True))
    assert {code: ours[code] for code in PUBLISHED_KM2} == pytest.approx(PUBLISHED_KM2, rel=0.02)
    assert min(ours.values()) > 0
    assert 145e6 < sum(ours.values()) < 153e6


def test_all_partitions_call_the_same_pixels_land(countries):
    land = numbers("climate") != NOWHERE
    assert np.array_equal(numbers("elevation") != NOWHERE, land)
    assert np.array_equal(numbers("relief") != NOWHERE, land)
    coast = shipped_partition("coast_distance")
    assert np.array_equal(numbers("coast_distance") >= coast.edges.index(0.0), land)
    assert not (countries[~land] != NOWHERE).any()
    assert (countries[land] == NOWHERE).sum() < 1000  # of 19 million; specks far from any country that is drawn
    with_people = builtin.population(Grid()).raster != NOWHERE
    assert (with_people & ~land).sum() < 0.003 * land.sum()  # the Caspian, which the population layer calls land
    zones = shipped_partition("time_zones").labels
    nautical = np.array([name.startswith("Etc/") for name in zones])
    assert not nautical[numbers("time_zones")[land]].mean() > 0.002


def test_distances_grow_by_no_more_than_the_way_between_pixels():
    coast = shipped_partition("coast_distance")
    drawn = numbers("coast_distance")
    low, high = np.array(coast.edges[:-1]), np.array(coast.edges[1:])
    east, south = (drawn[:, :-1], drawn[:, 1:]), (drawn[:-1], drawn[1:])
    for one, other in (east, south, (drawn[:, -1], drawn[:, 0])):  # across the date line too
        met = np.unique(one.astype(np.int64) * 100 + other)
        apart = np.maximum(low[met // 100] - high[met % 100], low[met % 100] - high[met // 100])
        assert apart.max() <= 6  # 3.7 km between middles, and land may begin at the rim of a pixel


@pytest.mark.parametrize("name", NAMES)
def test_labels_titles_and_edges_belong_together(name):
    partition = shipped_partition(name)
    assert len(partition.labels) == len(set(partition.labels)) == len(partition.titles) == len(partition.homes)
    assert len(set(partition.titles)) == len(partition.titles)
    assert all(title and title == title.strip() for title in partition.titles)
    if partition.edges:
        assert len(partition.edges) == len(partition.labels) + 1
        assert list(partition.edges) == sorted(set(partition.edges))
        assert partition.unit in ("m", "km")
    assert partition.licence
    assert partition.origin
    assert partition.caveat
    assert len(partition.digest) == 64


def test_names_and_titles():
    assert tuple(partition.name for partition in shipped_partitions()) == NAMES
    titled = {p.name: dict(zip(p.labels, p.titles, strict=True)) for p in shipped_partitions()}
    assert titled["countries"]["CI"] == "Ivory Coast"
    assert titled["countries"]["DE"] == "Germany"
    assert titled["climate"]["Csa"] == "Mediterranean, hot summer (Csa)"
    assert titled["elevation"]["1000_1500_m"] == "1,000 to 1,500 m"
    assert titled["elevation"]["-500_0_m"] == "Below 0 m"
    assert titled["coast_distance"]["land_25_50_km"] == "On land, 25 to 50 km from the coast"
    assert titled["coast_distance"]["sea_250_2800_km"] == "At sea, more than 250 km from the coast"
    assert titled["time_zones"]["America/New_York"] == "New York (America)"
    assert titled["time_zones"]["Etc/GMT+5"] == "Open sea, UTC-5"
    with pytest.raises(InputError, match="countries, climate"):
        shipped_partition("weather")


def test_zones_are_known_to_the_clock():
    zoneinfo = pytest.importorskip("zoneinfo")
    known = zoneinfo.available_timezones()
    if not known:
        pytest.skip("no time zones on this machine")
    assert set(shipped_partition("time_zones").labels) <= known


def test_time_zones_end_where_countries_do(countries):
    zones = shipped_partition("time_zones").labels
    pairs = np.unique(countries.astype(np.int64) * 1000 + numbers("time_zones"))
    of_country = Counter(int(pair) // 1000 for pair in pairs if pair >= 0 and not zones[pair % 1000].startswith("Etc/"))
    code = shipped_partition("countries").labels.index
    for one_zone in ("FR", "IT", "AT", "CH", "PL", "IN", "NG", "VE", "JP", "KR", "PE"):
        assert of_country[code(one_zone)] == 1, one_zone


def test_all_of_it_is_small():
    files = [path for path in (ASSETS / "evidence").iterdir() if path.is_file()]
    assert {path.relative_to(ASSETS).as_posix() for path in files} <= {entry.file for entry in builtin.records()}
    assert sum(path.stat().st_size for path in files) < 12e6


# --- other sources ----------------------------------------------------------------------------------------------------


def agreement(name: str, latitude: np.ndarray, longitude: np.ndarray, expected: np.ndarray) -> float:
    """Share of towns that a partition calls what another source calls them; none is at sea."""
    found = shipped_partition(name).labels_at(latitude, longitude)
    assert (found != NOWHERE).all()
    return float((np.array(shipped_partition(name).labels)[found] == expected).mean())


def test_geonames_says_the_same_country():
    with np.load(ASSETS / "evidence/places.npz", allow_pickle=False) as file:
        large = file["population"] >= 15_000
        points, codes = file["points"][large] / 1e5, file["codes"].astype(str)[large]
    assert codes.size > 20_000
    assert agreement("countries", *points.T, codes) > 0.995


def test_geonames_says_the_same_time_zone():
    zones = json.loads(Path(__file__).with_name("second_source_zones.json").read_text("utf-8"))["zones"]
    towns = np.array([(*town, number) for number, each in enumerate(zones.values()) for town in each])
    assert len(zones) > 300
    assert agreement("time_zones", towns[:, 0], towns[:, 1], np.array(list(zones))[towns[:, 2].astype(int)]) > 0.96


def test_pvlib_says_the_same_elevation():
    location = pytest.importorskip("pvlib.location")
    latitude, longitude = land_points(150)
    partition = shipped_partition("elevation")
    found = partition.labels_at(latitude, longitude)
    metres = np.array([location.lookup_altitude(*point) for point in zip(latitude, longitude, strict=True)])
    low, high = np.array(partition.edges[:-1])[found], np.array(partition.edges[1:])[found]
    assert ((metres > low - 30) & (metres < high + 30)).mean() > 0.9
    assert ((metres > low - 400) & (metres < high + 400)).mean() > 0.99


def test_the_land_mask_says_the_same_distance():
    globe = pytest.importorskip("global_land_mask").globe
    geod = pytest.importorskip("pyproj").Geod(ellps="sphere")
    partition = shipped_partition("coast_distance")
    bearings = np.repeat(np.arange(0, 360, 2.0), 60)
    checked = 0
    for latitude, longitude in zip(*land_points(120), strict=True):
        number = int(partition.labels_at(latitude, longitude)[0])
        low, high = partition.edges[number], partition.edges[number + 1]
        if high > 500 or (35 < latitude < 48 and 40 < longitude < 60):
            continue
        start = np.full(bearings.size, longitude), np.full(bearings.size, latitude)
        near = np.tile(np.linspace(0, max(low - 3, 0), 60), 180)
        far = np.tile(np.linspace(0, high + 3, 60), 180)
        around = geod.fwd(*start, bearings, 1000 * near)
        assert not globe.is_ocean(around[1], around[0]).any()
        around = geod.fwd(*start, bearings, 1000 * far)
        assert globe.is_ocean(around[1], around[0]).any()
        checked += 1
    assert checked > 40


def land_points(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Random points on land, spread evenly over the sphere."""
    random = np.random.default_rng(7)
    latitude, longitude = (
        np.degrees(np.arcsin(random.uniform(-0.85, 1, 6 * count))),
        random.uniform(-180, 180, 6 * count),
    )
    land = shipped_partition("climate").labels_at(latitude, longitude) != NOWHERE
    return latitude[land][:count], longitude[land][:count]


# --- on a grid --------------------------------------------------------------------------------------------------------


def test_a_finer_grid_repeats_pixels(countries):
    fine = shipped_partition("countries").on(Grid(10800, 21600))
    assert np.array_equal(fine.rows(2400, 2700)[1::2, ::2], countries[1200:1350])
    assert np.array_equal(fine.rows(2401, 2402), fine.rows(2400, 2401))
    assert fine.owner.tolist() == list(range(len(fine.labels)))


@pytest.mark.parametrize("grid", [Grid(540, 1080), Grid(432, 864), Grid(5400, 1080), Grid(90, 180)], ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_no_label_vanishes_on_a_coarser_grid(name, grid):
    drawn = shipped_partition(name).on(grid)
    there = set(np.unique(drawn.rows(0, grid.rows)).tolist())
    assert set(drawn.owner.tolist()) <= there
    lost = [label for label, owner in enumerate(drawn.owner) if label != owner]
    assert not set(lost) & there
    assert len(lost) <= 0.2 * len(drawn.labels) if grid.rows == 90 else len(lost) <= 3


def test_a_coarser_grid_keeps_areas_and_prefers_land():
    fine, coarse = shipped_partition("climate").on(Grid()), shipped_partition("climate").on(Grid(540, 1080))
    land = (fine.rows(0, 5400) != NOWHERE).reshape(540, 10, 1080, 10).any(axis=(1, 3))
    assert np.array_equal(coarse.rows(0, 540) != NOWHERE, land)
    coast = shipped_partition("coast_distance")
    ashore = coast.on(Grid(540, 1080)).rows(0, 540) >= coast.edges.index(0.0)
    assert (ashore != land).mean() < 1e-4


def test_partitions_meet_in_an_overlay():
    grid = Grid(270, 540)
    overlay = build_overlay([partition.on(grid) for partition in shipped_partitions()])
    berlin = int(overlay.cell_at(52.5, 13.4))
    labels = {table.name: table.labels[int(table.cell_label[berlin])] for table in overlay.tables}
    assert (labels["countries"], labels["relief"], labels["time_zones"]) == ("DE", "flat", "Europe/Berlin")
    assert overlay.area_km2.sum() == pytest.approx(4 * math.pi * 6371.0088**2, rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**20), samples=st.integers(1, 9), labels=st.integers(1, 6))
def test_most_common_counts(seed, samples, labels):
    random = np.random.default_rng(seed)
    block = random.integers(-1, labels, (40, samples)).astype(np.int16)
    at_sea = random.random(labels) < 0.4
    for row, found in zip(block, most_common(block, at_sea), strict=True):
        votes = Counter(row[row >= 0].tolist())
        ashore = {label: count for label, count in votes.items() if not at_sea[label]} or votes
        assert found == min(ashore, key=lambda label: (-ashore[label], label), default=NOWHERE)


# --- bad files --------------------------------------------------------------------------------------------------------


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """The records and the evidence, to be damaged."""
    shutil.copy(ASSETS / "records.toml", tmp_path)
    shutil.copytree(ASSETS / "evidence", tmp_path / "evidence", ignore=shutil.ignore_patterns("places*"))
    monkeypatch.setattr("engine.layers.assets_folder.ASSETS", tmp_path)
    builtin.records.cache_clear()
    shipped_partitions.cache_clear()
    yield tmp_path
    builtin.records.cache_clear()
    shipped_partitions.cache_clear()


def test_a_raster_that_is_not_on_record_is_refused(copied):
    (copied / "evidence/relief.tif").write_bytes(b"II*\0 something else")
    with pytest.raises(LayerError, match="SHA-256"):
        shipped_partition("relief").on(Grid(90, 180))


def test_a_missing_raster_is_named(copied):
    (copied / "evidence/relief.tif").unlink()
    with pytest.raises(LayerError, match=r"assets/evidence/relief\.tif"):
        shipped_partitions()


@pytest.mark.parametrize("text", ["[", "[{}]", "[3]", '[{"name": "relief"}]'])
def test_damaged_labels_are_refused(copied, text):
    (copied / "evidence/partitions.json").write_text(text)
    record = (copied / "records.toml").read_text()
    old = hashlib.sha256((ASSETS / "evidence/partitions.json").read_bytes()).hexdigest()
    (copied / "records.toml").write_text(record.replace(old, hashlib.sha256(text.encode()).hexdigest()))
    builtin.records.cache_clear()
    with pytest.raises(LayerError, match="labels of the evidence layers"):
        shipped_partitions()


def test_a_value_that_is_no_label_is_refused(tmp_path):
    strange = np.array([[3]], np.uint8)
    with pytest.raises(LayerError, match="the value 3, expected were 0 to 2"):
        shipped._numbers(strange, 3, tmp_path / "relief.tif")

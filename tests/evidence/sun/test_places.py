"""Places sorted by clock: nothing is lost or mixed up, and a lattice between them gives what the places would."""

from datetime import date

import numpy as np
import pytest

from engine.evidence.sun import likelihood as module
from engine.evidence.sun.likelihood import likelihood_of_places, sun_likelihood
from engine.evidence.sun.observation import SunObservation
from engine.evidence.sun.places import LATTICE_DEGREES, Points, SunPlaces
from engine.geometry.sphere import unit_vectors

NAMES = ("Europe/Berlin", "Asia/Tokyo", "Europe/Paris", "America/Lima", "Europe/Lisbon", "Europe/Madrid")
NUMBER = 4000


@pytest.fixture(scope="module")
def scattered():
    """Unit vectors, extents, zones (some in none) of places all over the Earth."""
    rng = np.random.default_rng(3)
    latitude, longitude = np.degrees(np.arcsin(rng.uniform(-1, 1, NUMBER))), rng.uniform(-180, 180, NUMBER)
    return unit_vectors(latitude, longitude), rng.uniform(0.05, 0.7, NUMBER), rng.integers(-1, len(NAMES), NUMBER)


@pytest.fixture(scope="module")
def places(scattered):
    unit, extent, zone = scattered
    return SunPlaces.of(unit, extent, zone, NAMES)


def clock_of(unit, zone):
    """Named zone of a place, or the hours that its ship's clock is ahead."""
    return NAMES[zone] if zone >= 0 else round(np.degrees(np.arctan2(unit[1], unit[0])) / 15.0)


def test_every_place_is_found_once_in_its_own_zone(scattered, places):
    unit, extent, zone = scattered
    assert sorted(places.order.tolist()) == list(range(NUMBER))
    assert places.points.unit == pytest.approx(unit[places.order], abs=1e-7)
    assert places.points.extent == pytest.approx(np.radians(extent[places.order]), rel=1e-6)
    kept = [*places.zone_names, *places.nautical_hours]
    for number, name in enumerate(kept):
        (some,) = places.points.slices(np.array([number]))
        assert {clock_of(unit[place], zone[place]) for place in places.order[some]} == {name}


def test_zones_with_one_clock_lie_side_by_side(places):
    alike = [places.zone_names.index(name) for name in ("Europe/Berlin", "Europe/Madrid", "Europe/Paris")]
    assert max(alike) - min(alike) == 2
    (some,) = places.points.slices(np.sort(alike))
    assert some.stop - some.start == sum(places.points.start[each + 1] - places.points.start[each] for each in alike)


def test_clocks_of_all_zones_are_known(places):
    offsets = places.offsets([date(2023, 7, 1), date(2023, 1, 1)], 720.0, any_year=False)
    by_zone = dict(zip([*places.zone_names, *places.nautical_hours], (offsets / 3600).tolist(), strict=True))
    assert by_zone["Europe/Berlin"] == [2, 1]
    assert by_zone["America/Lima"] == [-5, -5]
    assert by_zone[-7] == [-7, -7]


def test_a_lattice_gives_back_what_is_linear_between_its_nodes(places):
    lattice = places.lattice
    latitude, longitude = (of(lattice.nodes.unit.astype(float)) for of in (latitude_of, longitude_of))
    inner = np.abs(longitude_of(places.points.unit)) < 178.0  # across the date line no longitude is linear
    upright = np.abs(latitude_of(places.points.unit)) < 89.0  # at a pole none is known
    found = lattice.between((2.0 * latitude + longitude).astype(np.float32))
    wanted = 2.0 * latitude_of(places.points.unit) + longitude_of(places.points.unit)
    assert found[inner & upright] == pytest.approx(wanted[inner & upright], abs=1e-3)


def test_no_node_serves_two_zones(places):
    lattice, start = places.lattice, places.points.start
    for zone in range(start.size - 1):
        some = slice(start[zone], start[zone + 1])
        first, last = lattice.nodes.start[zone], lattice.nodes.start[zone + 1]
        assert lattice.corner[:, some].min() >= first
        assert lattice.corner[:, some].max() < last
        for corner in lattice.corner[:, some]:
            beside = (lattice.nodes.unit[corner] * places.points.unit[some]).sum(1)
            assert np.degrees(np.arccos(np.clip(beside, -1, 1))).max() <= 1.5 * LATTICE_DEGREES


@pytest.mark.parametrize(
    "fields",
    [
        {"minute_of_day": 840.0, "elevation_degrees": 20.0},
        {"minute_of_day": 840.0, "elevation_degrees": 70.0, "elevation_error_degrees": 0.2},
        {"minute_of_day": 700.0, "azimuth_degrees": 170.0},
        {"minute_of_day": 840.0, "azimuth_degrees": 250.0, "elevation_degrees": 33.0},
        {"minute_of_day": 300.0, "light": "dusk"},
        {"year": 2020, "minute_of_day": 1200.0, "light": "night"},
        {"year": 2023, "month": 6, "minute_of_day": 720.0, "time_error_minutes": 120.0, "elevation_degrees": 50.0},
    ],
)
def test_reading_between_nodes_is_as_good_as_at_every_place(fields, places, monkeypatch):
    seen = SunObservation(**fields)
    quick = likelihood_of_places(seen, places)
    monkeypatch.setattr(module, "_MANY_MOMENTS", 10**9)
    plain = likelihood_of_places(seen, places)
    assert not np.array_equal(quick, plain)  # or the lattice was not used
    assert quick == pytest.approx(plain, abs=0.02)


@pytest.mark.parametrize(
    "fields",
    [
        {"month": 6, "minute_of_day": 720.0, "azimuth_degrees": 90.0, "azimuth_error_degrees": 4.0},
        {"month": 3, "minute_of_day": 600.0, "azimuth_degrees": 181.0, "azimuth_error_degrees": 1.0},
        {"month": 9, "minute_of_day": 600.0, "azimuth_degrees": 90.0, "elevation_degrees": 60.0,
         "elevation_error_degrees": 0.5},
        {"year": 2023, "month": 6, "day": 21, "minute_of_day": 700.0, "time_error_minutes": 40.0,
         "elevation_degrees": 88.0, "elevation_error_degrees": 0.5, "azimuth_degrees": 0.0},
        {"minute_of_day": 700.0, "object_height": 1.0, "shadow_length": 9.0, "shadow_error_percent": 3.0,
         "azimuth_degrees": 250.0, "azimuth_of": "shadow", "azimuth_error_degrees": 2.0, "clock": "utc", "month": 12},
    ],
)  # fmt: skip
def test_leaving_out_what_cannot_fit_changes_nothing(fields, places, monkeypatch):
    seen, looked_at = SunObservation(**fields), []
    some = Points.some
    monkeypatch.setattr(Points, "some", lambda self, chosen: looked_at.append(chosen.mean()) or some(self, chosen))
    quick = likelihood_of_places(seen, places)
    assert len(looked_at) == 1
    assert looked_at[0] < 0.7
    monkeypatch.setattr(module, "_SOME_MOMENTS", 10**9)
    monkeypatch.setattr(module, "_NOTHING", 0.0)
    assert quick == pytest.approx(likelihood_of_places(seen, places), abs=2e-3)


def test_what_comes_back_is_in_the_order_given(scattered):
    unit, extent, zone = scattered
    seen = SunObservation(2023, 6, 21, 720.0, elevation_degrees=40.0)
    turned = np.random.default_rng(5).permutation(NUMBER)
    found = sun_likelihood(seen, unit, extent, zone, NAMES)
    assert sun_likelihood(seen, unit[turned], extent[turned], zone[turned], NAMES) == pytest.approx(
        found[turned], abs=1e-5
    )


def latitude_of(unit):
    return np.degrees(np.arcsin(np.clip(unit[:, 2], -1, 1)))


def longitude_of(unit):
    return np.degrees(np.arctan2(unit[:, 1], unit[:, 0]))

"""A synthetic camera takes pictures of poles and their shadows; the sun that cast them is found again."""

import math

import numpy as np
import pytest

from engine.errors import InputError
from engine.evidence.sun.observation import elevation_of_shadow
from engine.evidence.sun.pointing import PointedShadow, edges_of, measure_sun
from engine.evidence.sun.proposal import ProposedTime

WIDTH, HEIGHT = 4000, 3000


class Camera:
    """At 1.6 m above level ground, looking along the second axis of (east, north, up), tilted and rolled."""

    def __init__(self, tilt=-6.0, roll=1.5, focal_mm=26.0):
        tilt, roll = math.radians(tilt), math.radians(roll)
        ahead = np.array([0.0, math.cos(tilt), math.sin(tilt)])
        right = np.array([1.0, 0.0, 0.0])
        down = np.cross(ahead, right)
        self.axes = np.array([
            math.cos(roll) * right + math.sin(roll) * down, -math.sin(roll) * right + math.cos(roll) * down, ahead
        ])  # fmt: skip
        self.focal = focal_mm / math.hypot(36, 24) * math.hypot(WIDTH, HEIGHT)
        self.focal_mm = focal_mm

    def see(self, point):
        across, down, ahead = self.axes @ (np.asarray(point) - np.array([0.0, 0.0, 1.6]))
        return 0.5 + self.focal * across / ahead / WIDTH, 0.5 + self.focal * down / ahead / HEIGHT

    def pole(self, elevation, bearing, at=(-0.5, 7.0), tall=1.0, verticals=((-3.0, 9.0), (3.5, 10.0)), focal=True):
        """A pole with its shadow; the bearing is that of the shadow, clockwise from ahead."""
        length = tall / math.tan(math.radians(elevation))
        way = np.array([math.sin(math.radians(bearing)), math.cos(math.radians(bearing))])
        foot = np.array([*at, 0.0])
        tip = foot + np.array([*(length * way), 0.0])
        edges = tuple((self.see((*place, 0.0)), self.see((*place, 2.5))) for place in verticals)
        points = self.see(foot), self.see(foot + np.array([0.0, 0.0, tall])), self.see(tip)
        return PointedShadow(*points, WIDTH, HEIGHT, edges, self.focal_mm if focal else None)


@pytest.mark.parametrize("elevation", [20.0, 38.0, 60.0])
@pytest.mark.parametrize("bearing", [-150.0, -70.0, 20.0, 95.0, 165.0])
def test_the_sun_is_found_within_its_error(elevation, bearing):
    found = measure_sun(Camera().pole(elevation, bearing))
    assert abs(found.elevation_degrees - elevation) < 2.0 * found.elevation_error_degrees
    off = (found.bearing_degrees - bearing + 180.0) % 360.0 - 180.0
    assert abs(off) < 2.0 * found.bearing_error_degrees
    assert found.elevation_error_degrees < 12.0


@pytest.mark.parametrize(("tilt", "roll"), [(-20.0, 0.0), (-3.0, 4.0), (3.0, -3.0), (-12.0, -5.0)])
def test_vertical_edges_say_how_the_camera_was_held(tilt, roll):
    found = measure_sun(Camera(tilt, roll).pole(35.0, 100.0))
    assert found.elevation_degrees == pytest.approx(35.0, abs=2.0)
    assert found.bearing_degrees == pytest.approx(100.0, abs=3.0)


def test_errors_hold_what_they_promise():
    random, inside = np.random.default_rng(3), []
    for _ in range(25):
        true = random.uniform(20, 60)
        pole = Camera(random.normal(-5, 4), random.normal(0, 2)).pole(true, random.uniform(60, 120))
        move = lambda point: tuple(np.clip(np.asarray(point) + random.normal(0, 0.003, 2), 0, 1))  # noqa: E731
        moved = PointedShadow(
            move(pole.foot), move(pole.top), move(pole.tip), WIDTH, HEIGHT,
            tuple((move(a), move(b)) for a, b in pole.verticals), pole.focal_mm,
        )  # fmt: skip
        found = measure_sun(moved)
        inside.append(abs(found.elevation_degrees - true) < found.elevation_error_degrees)
    assert np.mean(inside) >= 0.5


def test_without_another_edge_or_a_focal_length_the_error_is_larger():
    camera = Camera(-4.0, 0.0)
    known = measure_sun(camera.pole(40.0, 60.0)).elevation_error_degrees
    assert measure_sun(camera.pole(40.0, 60.0, verticals=())).elevation_error_degrees > known
    assert measure_sun(camera.pole(40.0, 60.0, focal=False)).elevation_error_degrees > known


def test_seen_from_the_side_it_is_what_height_and_length_give():
    pole = Camera(0.0, 0.0).pole(33.0, 90.0, at=(-0.8, 8.0))
    tall = (pole.foot[1] - pole.top[1]) * HEIGHT
    long = (pole.tip[0] - pole.foot[0]) * WIDTH
    by_numbers, _ = elevation_of_shadow(tall, long, 10.0)
    assert measure_sun(pole).elevation_degrees == pytest.approx(by_numbers, abs=1.5)


def test_an_observation_has_the_azimuth_of_the_shadow_where_the_camera_s_is_known():
    found = measure_sun(Camera().pole(38.0, 95.0))
    alone = found.observation()
    assert alone.sun_azimuth is None and alone.elevation_degrees == pytest.approx(38.0, abs=2.0)
    time = ProposedTime(2024, 6, 21, 600.0, 5.0, "utc")
    whole = found.observation(300.0, 5.0, time)
    azimuth, error = whole.sun_azimuth
    assert azimuth == pytest.approx((300.0 + 95.0 + 180.0) % 360.0, abs=5.0) and error > 5.0
    assert (whole.year, whole.month, whole.day, whole.minute_of_day, whole.clock) == (2024, 6, 21, 600.0, "utc")


GOOD = {"foot": (0.5, 0.8), "top": (0.5, 0.6), "tip": (0.7, 0.8), "width": WIDTH, "height": HEIGHT}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"tip": (1.2, 0.8)}, "outside the photo"),
        ({"top": (0.5, 0.799)}, "The object is too short"),
        ({"tip": (0.501, 0.8)}, "The shadow is too short"),
        ({"focal_mm": 1.0}, "focal length of 1 mm"),
        ({"width": 0}, "has no angles"),
        ({"verticals": (((0.1, 0.1), (0.1, 0.101)),)}, "The vertical edge is too short"),
        ({"verticals": (((0.1, 0.1), (0.1, 0.9)),) * 9}, "8 are enough"),
    ],
)
def test_what_cannot_be_measured_is_one_sentence(change, sentence):
    with pytest.raises(InputError, match=sentence):
        PointedShadow(**{**GOOD, **change})


def test_a_shadow_in_the_sky_is_refused():
    with pytest.raises(InputError, match="cannot be an object and its shadow on level ground"):
        measure_sun(PointedShadow((0.5, 0.2), (0.5, 0.1), (0.7, 0.15), WIDTH, HEIGHT))


def test_the_same_points_give_the_same_answer():
    pole = Camera().pole(38.0, 95.0)
    assert measure_sun(pole) == measure_sun(pole)


def test_edges_come_from_plain_lists():
    assert edges_of([[[0.1, 0.2], [0.1, 0.8]]]) == (((0.1, 0.2), (0.1, 0.8)),)

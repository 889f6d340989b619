"""What metadata give away is named; nothing that a file holds makes it fail."""

import math

import planted
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.privacy.leaks import PREVIEW, Gives
from engine.privacy.metadata import USUAL_ERROR_M, StatedPosition, read_metadata

FILES = {kind: make() for kind, make in planted.ALL.items()}
EVERYWHERE = {
    "The position of the camera is written in the file.",
    "The direction in which the camera looked is written in the file.",
    "The altitude of the camera is written in the file.",
    "The time is written with its time zone, which limits the place to a strip of the Earth.",
    "The serial number of the camera ties this photo to all others from it.",
    "The serial number of the lens ties this photo to all others through it.",
    "The name of the camera's owner is written in the file.",
    "The name of an author is written in the file.",
    "The maker's own note may hold a serial number, the lens, faces or a place.",
    "A number that is unique to this shot finds its other copies.",
    "The position of the camera is written in the XMP data.",
    "The name of a town is written in the XMP data.",
    "The serial number of the camera is written in the XMP data.",
    "The name of an author is written in the XMP data.",
}
IPTC = {"The name of a town is written in the IPTC data.", "A caption is written in the IPTC data."}
HIDDEN = {"Data follows the picture's end, such as a short video or a second picture."}
COMMENT = {"A comment is written in the file."}
SECOND = "The file holds more pictures, such as a depth map or an uncut original."
MORE = {
    "JPEG": IPTC | HIDDEN | COMMENT | {PREVIEW, SECOND},
    "PNG": IPTC | HIDDEN | COMMENT | {"The time of the last change is written in the file."},
    "WEBP": HIDDEN | {PREVIEW},
    "TIFF": IPTC,
}


@pytest.mark.parametrize("kind", planted.ALL)
def test_everything_planted_is_named(kind):
    found = read_metadata(FILES[kind])
    sentences = {leak.sentence for leak in found.leaks}
    assert EVERYWHERE | MORE[kind] <= sentences
    assert found.leaks[0].gives is Gives.PLACE
    order = [list(Gives).index(leak.gives) for leak in found.leaks]
    assert order == sorted(order)


@pytest.mark.parametrize("kind", planted.ALL)
def test_values_are_kept_apart_from_the_sentences(kind):
    leaks = read_metadata(FILES[kind]).leaks
    assert not any(planted.MARK in leak.sentence for leak in leaks)
    values = {leak.value for leak in leaks}
    assert {"PLANTED-body", "PLANTED-owner", "PLANTED-xmp-serial", "PLANTED-xpauthor", "PLANTED-comment"} <= values
    assert "55.698167, 13.195389" in values
    assert not any("PLANTED-maker" in value for value in values)


@pytest.mark.parametrize("kind", planted.ALL)
def test_the_position_and_its_error(kind):
    position = read_metadata(FILES[kind]).position
    assert position is not None
    assert (position.latitude, position.longitude) == pytest.approx((55.69817, 13.19539), abs=1e-5)
    assert position.error_m == pytest.approx(6.5)
    assert position.stated


def test_a_position_in_xmp_alone_is_found():
    data = planted.encoded(planted.scene(), "WEBP", xmp=planted.XMP)
    position = read_metadata(data).position
    assert position is not None
    assert (position.latitude, position.longitude) == pytest.approx((55.69817, 13.19539), abs=1e-5)
    assert position.error_m == USUAL_ERROR_M
    assert not position.stated


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [
        ("33,52.1S", "70,30,30W", (-33.86833, -70.50833)), ("91,0N", "1,0E", None), ("nonsense", "1,0E", None),
        ("1,0E", "1,0N", None), ("nan,0N", "1,0E", None), ("", "", None),
    ],
)  # fmt: skip
def test_angles_of_xmp(latitude, longitude, expected):
    xmp = f"<exif:GPSLatitude>{latitude}</exif:GPSLatitude><exif:GPSLongitude>{longitude}</exif:GPSLongitude>"
    position = read_metadata(planted.encoded(planted.scene(), "WEBP", xmp=xmp.encode())).position
    if expected is None:
        assert position is None
    else:
        assert (position.latitude, position.longitude) == pytest.approx(expected, abs=1e-4)


def with_gps(**gps):
    tags = Image.Exif()
    tags[0x8825] = planted.LUND | {int(tag[1:]): value for tag, value in gps.items()}
    return planted.encoded(planted.scene(), "JPEG", exif=tags)


@pytest.mark.parametrize("error", [0.0, 0.01, 1e9])
def test_an_error_that_makes_no_sense_is_not_believed(error):
    position = read_metadata(with_gps(_31=error)).position
    assert position is not None
    assert position.error_m == USUAL_ERROR_M
    assert not position.stated


def test_the_circle_holds_what_it_says():
    """Two independent normal errors whose 68 % circle is the stated error."""
    import numpy as np

    sigma = 10.0 / math.sqrt(-2 * math.log(0.32))
    distance = np.hypot(*np.random.default_rng(0).normal(0, sigma, (2, 200_000)))
    position = StatedPosition(0, 0, 10.0, stated=True)
    for mass in (0.5, 0.68, 0.9):
        radius = math.sqrt(position.area_km2(mass) * 1e6 / math.pi)
        assert (distance < radius).mean() == pytest.approx(mass, abs=0.005)
    assert position.area_km2(0.68) == pytest.approx(math.pi * 1e-4)


def test_a_time_is_a_place_only_with_its_zone():
    def told(exif, gps=None):
        tags = Image.Exif()
        tags[0x8769] = exif
        if gps:
            tags[0x8825] = gps
        leaks = read_metadata(planted.encoded(planted.scene(), "JPEG", exif=tags)).leaks
        return {leak.gives for leak in leaks}

    time = {0x9003: "2020:02:29 23:59:58"}
    assert told(time) == {Gives.TIME}
    assert told(time | {0x9011: "+01:00"}) == {Gives.PLACE}
    assert told(time, {7: (22.0, 59.0, 58.0)}) == {Gives.PLACE}
    assert told({}, {7: (22.0, 59.0, 58.0)}) == {Gives.TIME}


def test_a_plain_photo_gives_nothing_away():
    for kind in ("JPEG", "PNG", "WEBP", "TIFF"):
        found = read_metadata(planted.encoded(planted.scene(), kind))
        assert found.leaks == ()
        assert found.position is None


def test_values_are_harmless_text():
    tags = Image.Exif()
    tags[0x013B] = "a\u202eb\n<script>" + "x" * 500
    (leak,) = read_metadata(planted.encoded(planted.scene(), "JPEG", exif=tags)).leaks
    assert len(leak.value) <= 120
    assert "\n" not in leak.value and "\u202e" not in leak.value


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(list(planted.ALL)),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=12),
    cut=st.floats(0, 1),
)
def test_damaged_metadata_never_raise(kind, changes, cut):
    data = bytearray(FILES[kind])
    for where, value in changes:
        data[int(where * min(len(data) - 1, 4000))] = value
    found = read_metadata(bytes(data[: int(len(data) * cut)]))
    assert all(leak.sentence.endswith(".") for leak in found.leaks)


def test_bytes_that_are_no_photo_say_nothing():
    assert read_metadata(b"").leaks == ()
    assert read_metadata(b"%PDF-1.7 PLANTED").leaks == ()

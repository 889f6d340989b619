"""Positions in XMP, in the spellings of cameras, drones and phones."""

import pytest
from hypothesis import given
from hypothesis import strategies as draws

from engine.photos.xmp_position import xmp_position, xmp_value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('exif:GPSLatitude="54,50.0S" exif:GPSLongitude="68,18.0W"', (-54.8333, -68.3)),
        ('exif:GPSLatitude="55,41,53N" exif:GPSLongitude="13,11,28E"', (55.6981, 13.1911)),
        ('exif:GPSLatitude="24.841375" exif:GPSLongitude="66.946022"', (24.841375, 66.946022)),
        ('exif:GPSLatitude="-24.5" exif:GPSLongitude="-66.25"', (-24.5, -66.25)),
        (("<exif:GPSLatitude>24.5</exif:GPSLatitude><exif:GPSLatitudeRef>S</exif:GPSLatitudeRef>"
         "<exif:GPSLongitude>66.5</exif:GPSLongitude><exif:GPSLongitudeRef>W</exif:GPSLongitudeRef>"), (-24.5, -66.5)),
        ('drone-dji:GpsLatitude="+47.4979" drone-dji:GpsLongitude="+19.0402"', (47.4979, 19.0402)),
        ('drone-dji:GpsLatitude="-54.833" drone-dji:GpsLongtitude="-68.300"', (-54.833, -68.3)),
        ('drone-dji:Latitude="1.5" drone-dji:Longitude="2.5"', (1.5, 2.5)),
    ],
)  # fmt: skip
def test_each_spelling_is_read(text, expected):
    found = xmp_position(f"<rdf:Description {text}/>")
    assert found is not None
    assert found[:2] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    "text",
    [
        "",
        'exif:GPSLatitude="54,50.0S"',
        'exif:GPSLatitude="0" exif:GPSLongitude="0"',
        'exif:GPSLatitude="91" exif:GPSLongitude="0"',
        'exif:GPSLatitude="1,0E" exif:GPSLongitude="1,0N"',
        'exif:GPSLatitude="nan" exif:GPSLongitude="inf"',
        'exif:GPSLatitude="1,2,3,4N" exif:GPSLongitude="1E"',
    ],
)
def test_what_is_no_position_is_none(text):
    assert xmp_position(text) is None


def test_the_reference_is_not_taken_for_the_angle():
    assert xmp_value('exif:GPSLatitudeRef="S" exif:GPSLatitude="5"', "exif:GPSLatitude") == "5"


@given(draws.text(max_size=300))
def test_no_text_raises(text):
    xmp_position(f'exif:GPSLatitude="{text}" exif:GPSLongitude="{text}"')

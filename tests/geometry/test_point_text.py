"""Points as people write them: every spelling gives the point, every slip one sentence."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.claims.sentences import format_point
from engine.errors import InputError
from engine.geometry.point_text import MAX_CHARACTERS, parse_point, read_point
from engine.geometry.point_text import format_point as write_point

LONDON = (51 + 30 / 60 + 26 / 3600, -(7 / 60 + 39 / 3600))


@pytest.mark.parametrize(
    "text",
    [
        "51.5072, -0.1275", "51.5072,-0.1275", "51.5072 -0.1275", "51.5072; -0.1275", " 51.5072\t\u22120.1275 ",
        "51.5072° N, 0.1275° W", "51.5072N 0.1275W", "N 51.5072 W 0.1275", "0.1275 W, 51.5072 N", "51.5072n,0.1275w",
        "51°30'26\"N 0°7'39\"W", "51° 30\u2032 26\u2033 N, 0° 7\u2032 39\u2033 W", "51°30.4333'N, 0°7.65'W",
        "N51°30'26'' W0°7'39''",
    ],
)  # fmt: skip
def test_london_in_many_spellings(text):
    assert parse_point(text) == pytest.approx(LONDON, abs=1e-4)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "Paris", "1", "1,2,3", "48,8584,2,2945", "1 2 3", "1 2 3 4", "1, 2, 3, 4",
        "1 N, 2 N", "1 E, 2 E", "N 1 S, 2 E", "51°70'0\"N 0°7'39\"W",
        "51.5°30'N, 1 E", "1..2, 3", "nan, 1", "inf, 1", "91, 0", "0, 361", "1e400, 3", "<b>1</b>, 2", "135, 35",
        "1,2" * MAX_CHARACTERS, "5" * 1_000_000, "391545, 5820130", "UTM 32S 500000 4000000", "32A LT 82135 00464",
        "62T LT 82135 00464", "GC2H+PX Berlin", "geohash:ail", "POINT(1)", "SRID=3857;POINT(1 2)",
        '{"type": "Polygon", "coordinates": [1, 2]}', "https://maps.app.goo.gl/abc", "https://goo.gl/maps/abc",
        "https://yandex.ru/maps/-/CDabc", "https://osm.org/go/0EEQjE--", "https://www.google.com/maps/place/Paris",
        "https://[::1", "51 deg 70' 26\" N, 0 deg 7' 39\" W", "N 51 N 30 E 7", "51' 30° N, 0° W",
    ],
)  # fmt: skip
def test_what_is_no_point_gets_one_sentence(text):
    with pytest.raises(InputError) as told:
        parse_point(text)
    assert str(told.value).count("\n") == 0 and len(str(told.value)) < 220


SPELLINGS = [
    ("51.5072, -0.1275", LONDON),
    ("51,5072; -0,1275", LONDON),
    ("51,5072 -0,1275", LONDON),
    ("51,5072, -0,1275", LONDON),
    ("51,5072 / -0,1275", LONDON),
    ("(51.5072, -0.1275)", LONDON),
    ("[51.5072, -0.1275]", LONDON),
    ("51.5072/-0.1275", LONDON),
    ("51.5072|-0.1275", LONDON),
    ("lat: 51.5072 lon: -0.1275", LONDON),
    ("Latitude: 51.5072, Longitude: -0.1275", LONDON),
    ("lat=51.5072&lng=-0.1275".replace("&", " "), LONDON),
    ("Breite 51,5072; Länge -0,1275", LONDON),
    ("N51 30.433 W000 07.650", LONDON),
    ("N 51 30 26 W 0 7 39", LONDON),
    ("51 30 26 N 0 7 39 W", LONDON),
    ("51:30:26N 0:07:39W", LONDON),
    ("51-30-26N 0-07-39W", LONDON),
    ("51d30'26\"N 0d7'39\"W", LONDON),
    ("51 deg 30' 26.00\" N, 0 deg 7' 39.00\" W", LONDON),
    ("51 degrees 30 min 26 sec north, 0 deg 7 min 39 sec west", LONDON),
    ("51°30'26,0\"N 0°7'39,0\"W", LONDON),
    ("51º30´26\u201dN, 0º7´39\u201dW", LONDON),
    ("\u200e51.5072\u200f, \u202a-0.1275\u202c", LONDON),
    ("\ufeff51.5072, -0.1275", LONDON),
    ("51.5072\u00a0\u00b0N, 0.1275\u00a0\u00b0W", LONDON),
    ("５１．５０７２, －０．１２７５", LONDON),
    ("٥١٫٥٠٧٢، -٠٫١٢٧٥", LONDON),
    ("५१.५०७२, -०.१२७५", LONDON),
    ("48, 2", (48.0, 2.0)),
    ("٤٨, ٢", (48.0, 2.0)),
    ("40 26 46 N 79 58 56 W", (40.4461, -79.9822)),
    ("33.8688 S 151.2093 E", (-33.8688, 151.2093)),
    ("S33.8688 E151.2093", (-33.8688, 151.2093)),
    ("151.2093E 33.8688S", (-33.8688, 151.2093)),
    ("longitude 151.2093 E latitude 33.8688 S", (-33.8688, 151.2093)),
    ("geo:37.786971,-122.399677", (37.786971, -122.399677)),
    ("geo:37.78,-122.39,12?z=11", (37.78, -122.39)),
    ("geo:48.2,16.3;u=35", (48.2, 16.3)),
    ("POINT(16.37 48.2)", (48.2, 16.37)),
    ("SRID=4326;POINT (16.37 48.2)", (48.2, 16.37)),
    ("POINT Z (16.37 48.2 170)", (48.2, 16.37)),
    ('{"type": "Point", "coordinates": [16.37, 48.2]}', (48.2, 16.37)),
    ('{"type": "Feature", "geometry": {"type": "Point", "coordinates": [16.37, 48.2]}}', (48.2, 16.37)),
    ("https://www.google.com/maps/place/X/@48.85,2.29,17z/data=!3d48.8583701!4d2.2944813", (48.8583701, 2.2944813)),
    ("https://www.google.com/maps/@48.85837,2.29229,17z", (48.85837, 2.29229)),
    ("https://maps.google.com/?q=48.85837,2.29229", (48.85837, 2.29229)),
    ("https://www.google.com/maps/search/?api=1&query=48.85837%2C2.29229", (48.85837, 2.29229)),
    ("https://www.google.com/maps/search/48.85837,+2.29229", (48.85837, 2.29229)),
    ("https://www.openstreetmap.org/?mlat=48.85837&mlon=2.29229#map=17/48.9/2.3", (48.85837, 2.29229)),
    ("https://www.openstreetmap.org/#map=17/48.85837/2.29229", (48.85837, 2.29229)),
    ("https://maps.apple.com/?ll=48.85837,2.29229&q=Tower", (48.85837, 2.29229)),
    ("https://maps.apple.com/place?coordinate=48.85837,2.29229", (48.85837, 2.29229)),
    ("https://www.bing.com/maps?cp=48.85837~2.29229&lvl=17", (48.85837, 2.29229)),
    ("https://yandex.com/maps/?ll=2.29229%2C48.85837&z=17", (48.85837, 2.29229)),
    ("https://yandex.ru/maps/?pt=2.29229,48.85837", (48.85837, 2.29229)),
    ("32TLT8213500464", (46.9503, 7.4506)),
    ("32T LT 82135 00464", (46.9503, 7.4506)),
    ("32t lt 82135 00464", (46.9503, 7.4506)),
    ("10S GJ 06832 44683", (39.2268, -120.6039)),
    ("33U 391545 5820130", (52.52, 13.4)),
    ("33 north 391545 5820130", (52.52, 13.4)),
    ("56H 334368.6 6250948.3", (-33.8688, 151.2093)),
    ("56 south 334368 6250948", (-33.8688, 151.2093)),
    ("9F4MGC2H+PX", (52.5018, 13.4299)),
    ("9f4mgc2h+px Berlin", (52.5018, 13.4299)),
    ("geohash:u09tvw0", (48.8566, 2.3522)),
    ("geohash = u09tvw0", (48.8566, 2.3522)),
    ("JN58td", (48.1458, 11.625)),
    ("grid: JN58td", (48.1458, 11.625)),
    ("s2:47e66e2830dc7", (48.8574, 2.3311)),
    ("0, 181", (0.0, -179.0)),
    ("-17, 190.5", (-17.0, -169.5)),
    ("10, -350", (10.0, 10.0)),
]
"""Texts, and where they are."""


@pytest.mark.parametrize(("text", "expected"), SPELLINGS)
def test_each_notation_is_read(text, expected):
    within = 0.006
    assert parse_point(text) == pytest.approx(expected, abs=within)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("32TLT8213500464", ["MGRS 32T LT 82135 00464: ", "a square of 1 m"]),
        ("32TLT8200", ["a square of 1,000 m"]),
        ("https://www.google.com/maps/@48.85837,2.29229,17z", ["Google link: 48.85837, 2.29229"]),
        ("0, 181", ["Longitude taken around the Earth: 0.00000, -179.00000"]),
        ("51.5, 0.1", []),
    ],
)
def test_how_it_was_read_is_told(text, words):
    reading = read_point(text).reading
    assert [word for word in words if word not in reading] == []
    assert bool(reading) == bool(words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("https://maps.app.goo.gl/abc", "shortened link"), ("391545, 5820130", "projected coordinates in metres"),
        ("135, 35", "latitude comes first"), ("UTM 32S 500000 4000000", "may be band S"),
        ("GC2H+PX", "short plus code"),
    ],
)  # fmt: skip
def test_a_slip_is_named_by_its_kind(text, words):
    with pytest.raises(InputError, match=words):
        parse_point(text)


@given(st.floats(-79.9, 83.9), st.floats(-180, 180, exclude_max=True), st.sampled_from(["decimal", "dms", "mgrs"]))
def test_every_notation_comes_back(latitude, longitude, notation):
    found = parse_point(write_point(latitude, longitude, notation))
    assert found[0] == pytest.approx(latitude, abs=1e-4)
    aside = abs(found[1] - longitude) * max(np.cos(np.radians(latitude)), 0.01)
    assert min(aside, abs(aside - 360 * max(np.cos(np.radians(latitude)), 0.01))) < 1e-4


@given(st.text(max_size=60) | st.from_regex(r"[0-9NSEW°'\",;.: +/-]{1,40}", fullmatch=True))
def test_any_text_is_a_point_or_one_sentence(text):
    try:
        latitude, longitude = parse_point(text)
    except InputError:
        return
    assert -90 <= latitude <= 90 and -180 <= longitude <= 180


def test_a_notation_that_is_none_is_refused():
    with pytest.raises(InputError, match="decimal, dms, mgrs"):
        write_point(1, 2, "polar")


@given(st.floats(-90, 90), st.floats(-180, 180, exclude_max=True))
def test_a_point_comes_back_to_the_last_bit(latitude, longitude):
    assert parse_point(f"{latitude!r}, {longitude!r}") == (latitude, longitude)


@given(st.floats(-90, 90), st.floats(-180, 180, exclude_max=True))
def test_our_own_sentences_can_be_pasted_back(latitude, longitude):
    if abs(latitude) < 90:
        found = parse_point(format_point(latitude, longitude))
        assert found[0] == pytest.approx(latitude, abs=1e-4)
        assert abs(found[1] - longitude) < 1e-4 or abs(abs(found[1] - longitude) - 360) < 1e-4

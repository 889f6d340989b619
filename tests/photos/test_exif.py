"""EXIF is read without trusting it: facts or notes, never an exception."""

import csv
import io
import random
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from engine.photos.exif import ExifFacts, gps_fact, read_exif
from engine.photos.photo import open_photo
from engine.photos.plain import plain_text

SHARED = Path(__file__).parents[2] / "../shared/data/photos"
LUND = {1: "N", 2: (55.0, 41.0, 53.4), 3: "E", 4: (13.0, 11.0, 43.4)}


def photo_bytes(main: dict[int, Any], exif: dict[int, Any] | None = None, gps: dict[int, Any] | None = None) -> bytes:
    tags = Image.Exif()
    tags.update(main)
    if exif:
        tags[0x8769] = exif
    if gps:
        tags[0x8825] = gps
    stream = io.BytesIO()
    Image.new("RGB", (32, 24), "green").save(stream, "JPEG", exif=tags)
    return stream.getvalue()


def test_all_facts() -> None:
    data = photo_bytes(
        {0x010F: "NIKON\0", 0x0110: "NIKON D70\n", 0x0131: "darktable", 0x0112: 6},
        {0x9003: "2020:02:29 23:59:58", 0x9011: "-03:30", 0xA434: "50mm f/1.8"},
        LUND | {5: b"\0", 6: 86.5, 27: b"ASCII\0\0\0GPS"},
    )
    photo = open_photo(data)
    facts = photo.exif
    assert (facts.make, facts.model, facts.camera) == ("NIKON", "NIKON D70", "NIKON D70")
    assert (facts.software, facts.lens, facts.orientation) == ("darktable", "50mm f/1.8", 6)
    assert facts.taken_text == "2020:02:29 23:59:58"
    assert facts.utc_offset == "-03:30"
    assert facts.taken_at == datetime(2020, 3, 1, 3, 29, 58, tzinfo=UTC)
    assert facts.taken_at is not None
    assert facts.taken_at.utcoffset() == -timedelta(hours=3, minutes=30)
    assert facts.gps is not None
    assert facts.gps.altitude_m == 86.5
    assert facts.gps.how == "EXIF GPS (GPS)"
    assert facts.gps.latitude == pytest.approx(55.6981667, abs=1e-6)
    assert facts.gps.longitude == pytest.approx(13.1953889, abs=1e-6)
    assert photo.notes == ()


def test_no_exif_is_no_fault() -> None:
    photo = open_photo(photo_bytes({}))
    assert photo.exif == ExifFacts()
    assert photo.notes == ()
    assert photo.exif.camera == ""


def test_maker_and_model_are_joined() -> None:
    assert ExifFacts(make="Apple", model="iPhone 6").camera == "Apple iPhone 6"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2008:10:22 16:28:39", datetime(2008, 10, 22, 16, 28, 39)),
        ("2008-10-22T16:28:39.123", datetime(2008, 10, 22, 16, 28, 39)),
        ("2008:13:45 99:99:99", None),
        ("yesterday at 9", None),
    ],
)
def test_times(text: str, expected: datetime | None) -> None:
    facts = open_photo(photo_bytes({}, {0x9003: text})).exif
    assert facts.taken_at == expected
    assert facts.taken_text == text
    assert facts.utc_offset == ""


def test_a_clock_that_was_never_set_falls_back_to_the_next_time() -> None:
    zero = open_photo(photo_bytes({0x0132: "2011:01:01 10:00:00"}, {0x9003: "0000:00:00 00:00:00"})).exif
    assert zero.taken_text == "2011:01:01 10:00:00"
    assert open_photo(photo_bytes({}, {0x9003: "0000:00:00 00:00:00"})).exif.taken_text == ""


@pytest.mark.parametrize("offset", ["+99:00", "2", "+0200", "+-1:00", "+02:0x", "²³:00", ""])
def test_odd_offsets_are_left_out(offset: str) -> None:
    facts = open_photo(photo_bytes({}, {0x9003: "2020:02:03 04:05:06", 0x9011: offset})).exif
    assert facts.utc_offset == ""
    assert facts.taken_at is not None
    assert facts.taken_at.tzinfo is None


@pytest.mark.parametrize(
    ("gps", "word"),
    [
        ({1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)}, "without a fix"),
        (LUND | {2: (95.0, 0.0, 0.0)}, "outside the globe"),
        (LUND | {4: (180.0, 30.0, 0.0)}, "outside the globe"),
        (LUND | {2: (IFDRational(1, 0), 0.0, 0.0)}, "not a number"),
        (LUND | {2: (float("nan"), 0.0, 0.0)}, "not a number"),
        (LUND | {2: (float("inf"), 0.0, 0.0)}, "not a number"),
        (LUND | {2: (-5.0, 0.0, 0.0)}, "not a number"),
        (LUND | {2: "55"}, "not a number"),
        (LUND | {2: ()}, "not a number"),
        (LUND | {2: (1.0, 2.0, 3.0, 4.0)}, "not a number"),
        (LUND | {1: ""}, "hemisphere unknown: four candidates"),
        (LUND | {3: "X"}, "hemisphere unknown: four candidates"),
        (LUND | {9: "V"}, "the receiver had no fix (status V)"),
        ({key: value for key, value in LUND.items() if key != 4}, "incomplete"),
    ],
)
def test_impossible_positions_are_ignored_with_a_note(gps: dict[int, Any], word: str) -> None:
    notes: list[str] = []
    assert gps_fact(gps, notes) is None
    assert len(notes) == 1
    assert word in notes[0]
    assert "ignored" in notes[0]


@pytest.mark.parametrize(("altitude", "below", "expected"), [(86.5, b"\0", 86.5), (400.0, b"\x01", -400.0),
                                                             (IFDRational(0, 0), b"\0", None), (9e9, 0, None),
                                                             (20_000.0, 1, None)])  # fmt: skip
def test_altitude(altitude: object, below: object, expected: float | None) -> None:
    notes: list[str] = []
    fact = gps_fact(LUND | {5: below, 6: altitude}, notes)
    assert fact is not None
    assert fact.altitude_m == expected
    assert bool(notes) == (expected is None)


@given(st.floats(-89.9, 89.9), st.floats(-179.9, 179.9))
def test_positions_survive_degrees_minutes_seconds(latitude: float, longitude: float) -> None:
    def parts(value: float) -> tuple[Fraction, ...]:
        exact = Fraction(abs(value)).limit_denominator(10**7)
        degrees, minutes = int(exact), int(exact % 1 * 60)
        return Fraction(degrees), Fraction(minutes), (exact % 1 * 60 % 1) * 60

    if (round(latitude, 6), round(longitude, 6)) != (0, 0):
        directory = {1: "S" if latitude < 0 else "N", 2: parts(latitude), 3: "W" if longitude < 0 else "E",
                     4: parts(longitude)}  # fmt: skip
        fact = gps_fact(directory, [])
        assert fact is not None
        assert fact.latitude == pytest.approx(latitude, abs=1e-6)
        assert fact.longitude == pytest.approx(longitude, abs=1e-6)


def test_zero_latitude_alone_is_the_equator() -> None:
    fact = gps_fact(LUND | {2: (0.0, 0.0, 0.0)}, [])
    assert fact is not None
    assert fact.latitude == 0.0


def test_texts_are_made_harmless() -> None:
    facts = open_photo(photo_bytes({0x010F: "Ma\x1bker\u202e", 0x0110: "x" * 4000})).exif
    assert "\x1b" not in facts.make
    assert len(facts.model) == 120
    assert plain_text("a\0b\u200bc") == "a�b�c"


def test_an_odd_orientation_is_noted() -> None:
    photo = open_photo(photo_bytes({0x0112: 77}))
    assert photo.exif.orientation == 1
    assert "orientation" in photo.notes[0]
    assert open_photo(photo_bytes({0x0112: 0})).notes == ()


def test_broken_exif_never_stops_a_photo() -> None:
    """Three hundred damaged EXIF blocks: the photo opens each time, and often a note says what happened."""
    body = photo_bytes({0x010F: "Maker", 0x0112: 6}, {0x9003: "2020:02:29 23:59:58"}, LUND)
    start, chance, noted = body.index(b"MM\0*"), random.Random(5), 0
    for _ in range(300):
        data = bytearray(body)
        for _ in range(chance.choice((1, 5, 50))):
            data[start + chance.randrange(200)] ^= 1 << chance.randrange(8)
        photo = open_photo(bytes(data))
        assert photo.pixels.shape in ((24, 32, 3), (32, 24, 3))
        noted += bool(photo.notes)
    assert noted > 50


def test_a_reader_that_raises_gives_a_note() -> None:
    class Hostile(Image.Image):
        def getexif(self) -> Image.Exif:
            raise ZeroDivisionError

    facts, notes = read_exif(Hostile())
    assert facts == ExifFacts()
    assert len(notes) == 1
    assert "damaged" in notes[0]


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared test photos are not here")
def test_positions_of_real_photos_agree_with_their_manifest() -> None:
    with (SHARED / "manifest.csv").open(encoding="utf-8") as file:
        rows = [
            row for row in csv.DictReader(file) if row["coord_source"] == "EXIF GPS" and int(row["bytes"]) < 300_000
        ]
    assert len(rows) > 15
    for row in rows:
        gps = open_photo(SHARED / row["path"]).exif.gps
        assert gps is not None
        assert (gps.latitude, gps.longitude) == pytest.approx((float(row["lat"]), float(row["lon"])), abs=2e-6)


@pytest.mark.parametrize(("written", "expected"), [(26, 26.0), (0, None), (9000, None)])
def test_the_focal_length_of_35_mm_film(written: int, expected: float | None) -> None:
    assert open_photo(photo_bytes({}, {0xA405: written})).exif.focal_mm == expected

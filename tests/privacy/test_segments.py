"""What a file holds besides its picture is found, whatever the bytes."""

from collections import Counter

import planted
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.privacy.segments import segments


def kinds(data):
    return Counter(one.kind for one in segments(data))


def test_every_segment_of_a_jpeg_is_found():
    assert kinds(planted.jpeg()) == {
        "exif": 1, "xmp": 2, "photoshop": 1, "more pictures": 1, "other": 2, "icc": 1, "comment": 1, "jfif": 1,
        "trailer": 1,
    }  # fmt: skip


def test_every_chunk_of_a_png_is_found():
    assert kinds(planted.png()) == {
        "exif": 1, "xmp": 1, "comment": 3, "photoshop": 1, "time": 1, "other": 1, "icc": 1, "trailer": 1,
    }  # fmt: skip


@pytest.mark.parametrize("lossless", [False, True])
def test_every_chunk_of_a_webp_is_found(lossless):
    assert kinds(planted.webp(lossless=lossless)) == {"exif": 1, "xmp": 1, "icc": 1, "other": 1, "trailer": 1}


def test_compressed_text_is_unpacked():
    found = {one.payload for one in segments(planted.png()) if one.kind == "comment"}
    assert b"Author: PLANTED-ztxt" in found
    assert b"Title: PLANTED-itxt" in found


@pytest.mark.parametrize("progressive", [False, True])
def test_a_plain_file_holds_nothing(progressive):
    data = planted.encoded(planted.scene(), "JPEG", progressive=progressive, restart_marker_blocks=3)
    assert kinds(data) == {"jfif": 1}
    assert kinds(planted.encoded(planted.scene(), "PNG")) == {}
    assert kinds(planted.encoded(planted.scene(mode="RGBA"), "WEBP")) == {}
    assert segments(planted.tiff()) == ()


def test_a_second_picture_behind_the_first_is_a_trailer():
    first, second = (planted.encoded(planted.scene(), "JPEG") for _ in range(2))
    (trailer,) = [one for one in segments(first + second) if one.kind == "trailer"]
    assert trailer.payload == second


@settings(max_examples=200, deadline=None)
@given(
    kind=st.sampled_from(["JPEG", "PNG", "WEBP"]),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8),
    cut=st.floats(0, 1),
)
@example(kind="WEBP", changes=[], cut=0.0)
def test_damaged_files_are_read_as_far_as_they_make_sense(kind, changes, cut):
    data = bytearray(FILES[kind])
    for where, value in changes:
        data[int(where * (len(data) - 1))] = value
    found = segments(bytes(data[: int(len(data) * cut)]))
    assert sum(len(one.payload) for one in found) <= 5 * len(data) + 4_000_000


@given(st.binary(max_size=300))
def test_any_bytes_are_read(tail):
    for head in (b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"RIFF\xff\xff\xff\xffWEBP", b""):
        assert isinstance(segments(head + tail), tuple)


def test_text_that_unpacks_to_gigabytes_is_cut():
    import struct
    import zlib

    bomb = zlib.compress(b"\0" * 50_000_000)
    payload = b"Comment\0\0" + bomb
    chunk = struct.pack(">I", len(payload)) + b"zTXt" + payload + b"\0\0\0\0"
    (found,) = segments(b"\x89PNG\r\n\x1a\n" + chunk)
    assert len(found.payload) < 4_100_000


FILES = {"JPEG": planted.jpeg(), "PNG": planted.png(), "WEBP": planted.webp()}

"""Whatever bytes come in, a Photo or one clear sentence comes out."""

import hashlib
import io
import os
import random
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from engine.errors import PhotoError
from engine.photos.photo import (
    MAX_FILE_MB,
    MAX_MEGAPIXELS,
    NAME_LIMIT,
    STORED_SIDE_PIXELS,
    Photo,
    display_name,
    open_photo,
)

SHARED = Path(__file__).parents[2] / "../shared/data/photos"
shared = pytest.mark.shared
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF")
MORE_FORMATS = ("GIF", "BMP", "AVIF", "JPEG2000")


def scene(width: int = 64, height: int = 48) -> Image.Image:
    """Red above blue, green on the left third: every orientation looks different."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, :, 0] = 220
    pixels[height // 2 :, :, 2] = 220
    pixels[:, : width // 3] = (0, 200, 0)
    return Image.fromarray(pixels)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def sentence(data: bytes | Path, name: str | None = "holiday.jpg") -> str:
    with pytest.raises(PhotoError) as caught:
        open_photo(data, name)
    text = str(caught.value)
    assert "\n" not in text, text
    assert text.endswith("."), text
    assert len(re.findall(r"\.(?: |$)", text)) == 1, text
    return text


@pytest.mark.parametrize("kind", FORMATS)
def test_the_four_formats_open(kind: str) -> None:
    data = encoded(scene(), kind)
    photo = open_photo(data, f"a.{kind.lower()}")
    assert (photo.name, photo.width, photo.height) == (f"a.{kind.lower()}", 64, 48)
    assert photo.sha256 == hashlib.sha256(data).hexdigest()
    assert photo.pixels.shape == (48, 64, 3)
    assert photo.pixels.dtype == np.uint8
    assert np.abs(photo.pixels[5, 60].astype(int) - (220, 0, 0)).max() < 25
    assert photo.notes == ()
    assert not photo.pixels.flags.writeable


def test_path_and_bytes_give_the_same_photo(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encoded(scene(), "PNG"))
    from_path, from_bytes = open_photo(path), open_photo(path.read_bytes(), "a.png")
    assert from_path.name == "a.png"
    assert from_path.sha256 == from_bytes.sha256 == open_photo(str(path)).sha256
    assert open_photo(str(path)).name == "a.png"
    assert (from_path.pixels == from_bytes.pixels).all()


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(kind: str, orientation: int) -> None:
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    stored = scene().transpose(back[orientation]) if orientation > 1 else scene()
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = open_photo(encoded(stored, kind, exif=exif))
    assert (photo.width, photo.height) == (64, 48)
    assert photo.exif.orientation == orientation
    error = np.abs(photo.pixels.astype(int) - np.asarray(scene()).astype(int))
    assert np.median(error) < 5
    assert error.mean() < 12


@pytest.mark.parametrize(("kind", "size"), [("JPEG", (5000, 2500)), ("PNG", (2500, 40)), ("JPEG", (30, 4100))])
def test_large_photos_are_scaled_down_and_keep_their_size_on_record(kind: str, size: tuple[int, int]) -> None:
    photo = open_photo(encoded(scene(*size), kind))
    assert (photo.width, photo.height) == size
    assert max(photo.pixels.shape) == STORED_SIDE_PIXELS
    assert photo.pixels.shape[1] / photo.pixels.shape[0] == pytest.approx(size[0] / size[1], rel=0.05)
    assert photo.pixels[2, -2, 0] > 150  # still red on top


def grey16() -> Image.Image:
    return Image.fromarray(np.linspace(0, 65535, 32 * 32).reshape(32, 32).astype(np.uint16))


def ramp(top: float, bottom: float = 0.0) -> Image.Image:
    return Image.fromarray(np.linspace(bottom, top, 32 * 32, dtype=np.float32).reshape(32, 32))


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        (grey16(), "PNG"), (grey16(), "TIFF"), (ramp(1.0), "TIFF"), (ramp(255.0), "TIFF"), (ramp(65535.0), "TIFF"),
        (ramp(40.0, -40.0), "TIFF"), (ramp(1e6), "TIFF"), (ramp(255.0).convert("I"), "TIFF"),
    ],
)  # fmt: skip
def test_deep_grey_uses_the_whole_range(image: Image.Image, kind: str) -> None:
    pixels = open_photo(encoded(image, kind)).pixels
    assert pixels.min() <= 1
    assert pixels.max() >= 254
    assert abs(int(pixels[15, 31, 0]) - 127) <= 3
    assert (pixels[..., 0] == pixels[..., 2]).all()


def test_dark_16_bit_stays_dark_and_odd_floats_do_no_harm() -> None:
    dark = Image.fromarray(np.full((32, 32), 200, np.uint16))
    assert open_photo(encoded(dark, "PNG")).pixels.max() <= 1
    values = np.full((32, 32), np.nan, np.float32)
    values[0, 0], values[1, 1] = np.inf, 0.5
    assert open_photo(encoded(Image.fromarray(values), "TIFF")).pixels.max() == 128
    zeros = Image.fromarray(np.zeros((32, 32), np.float32))
    assert open_photo(encoded(zeros, "TIFF")).pixels.max() == 0


@pytest.mark.parametrize(("mode", "kind"), [("CMYK", "JPEG"), ("CMYK", "TIFF"), ("YCbCr", "TIFF"), ("P", "PNG"),
                                            ("L", "JPEG"), ("1", "PNG"), ("L", "WEBP")])  # fmt: skip
def test_other_modes_become_rgb(mode: str, kind: str) -> None:
    image = scene().convert(mode)
    expected = np.asarray(image.convert("RGB")).astype(int)
    assert np.abs(open_photo(encoded(image, kind)).pixels.astype(int) - expected).mean() < 12


def test_lab_becomes_rgb() -> None:
    lab = ImageCms.profileToProfile(
        scene(), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    assert lab is not None
    pixels = open_photo(encoded(lab, "TIFF")).pixels.astype(int)
    assert np.abs(pixels - np.asarray(scene()).astype(int)).mean() < 12


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_lies_over_white(mode: str) -> None:
    image = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 16, 32))
    options = {}
    if mode == "P":
        image = Image.fromarray(np.repeat([[0] * 16 + [1] * 16], 32, axis=0).astype(np.uint8)).convert("P")
        image.putpalette([0, 0, 0, 9, 9, 9])
        options = {"transparency": 1}
    pixels = open_photo(encoded(image if mode == "P" else image.convert(mode), "PNG", **options)).pixels
    assert (pixels[:, 0] == 0).all()
    assert (pixels[:, -1] == 255).all()


def test_wrong_suffix_is_noted_not_refused() -> None:
    (note,) = open_photo(encoded(scene(), "PNG"), "a.jpg").notes
    assert ".jpg" in note
    assert "PNG" in note
    assert open_photo(encoded(scene(), "PNG"), "no suffix at all").notes == ()


def test_only_the_first_of_several_pictures_is_used() -> None:
    pages = [Image.new("RGB", (32, 32), "blue")] * 3
    for kind in ("TIFF", "WEBP", "PNG"):
        data = encoded(Image.new("RGB", (32, 32), "red"), kind, save_all=True, append_images=pages)
        photo = open_photo(data)
        assert photo.pixels[0, 0, 0] > 200
        assert photo.pixels[0, 0, 2] < 60
        assert any("first" in note for note in photo.notes)


def test_multi_picture_jpeg_opens() -> None:
    photo = open_photo(encoded(scene(), "MPO", save_all=True, append_images=[scene()]), "stereo.jpg")
    assert photo.pixels.shape == (48, 64, 3)
    assert photo.notes == ()


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "0 bytes"),
        (b"hello world, I am a text", "not an image"),
        (encoded(scene().convert("P"), "GIF")[:9], "header is damaged"),
        (encoded(scene(), "BMP")[:30], "header is damaged"),
        (b"\xff\x0a\xfa\x1f\x41", "a JPEG XL image"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"<svg onload=alert(1)>", "a text file"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "begins like a photo but is damaged or cut short"),
        (b"\0\0\0\x18ftypavif\0\0\0\0mif1", "begins like a photo but is damaged or cut short"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "a video"),
        (encoded(scene(), "JPEG")[:40], "header is damaged"),
        (encoded(scene(), "JPEG")[:-300], "cut short"),
        (encoded(scene(), "PNG")[:-60], "cut short"),
        (encoded(scene(), "WEBP")[:-30], "cut short"),
        (encoded(scene(), "TIFF")[:1000], "cut short"),
        (encoded(scene(15, 400), "PNG"), "too small"),
        (encoded(scene(1, 1), "PNG"), "too small"),
    ],
)
def test_refusals(data: bytes, word: str) -> None:
    text = sentence(data)
    assert text.startswith("holiday.jpg ")
    assert word in text


@pytest.mark.parametrize("kind", MORE_FORMATS)
def test_what_chats_and_scanners_save_is_opened(kind: str) -> None:
    found = open_photo(encoded(scene(), kind), "photo")
    assert found.pixels.shape == (48, 64, 3)
    assert np.abs(found.pixels[4, 60].astype(int) - (220, 0, 0)).max() < 40
    assert found.notes == ()


@shared
@pytest.mark.parametrize("name", ["heic.heic", "avif.avif", "still.gif"])
def test_what_phones_save_is_opened(name: str) -> None:
    found = open_photo(SHARED.parent / "cases" / name)
    assert (found.width, found.height) == (600, 400)
    assert found.notes == ()


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_is_cut_short_is_read_as_far_as_it_goes(progressive: bool) -> None:
    rng = np.random.default_rng(3)
    noisy = Image.fromarray(rng.integers(0, 255, (400, 600, 3), np.uint8))
    whole = encoded(noisy, "JPEG", quality=90, progressive=progressive)
    full = open_photo(whole, "a.jpg").pixels
    found = open_photo(whole[: int(len(whole) * 0.7)], "a.jpg")
    assert found.pixels.shape == full.shape
    (note,) = found.notes
    assert note.startswith("The file is cut short:")
    if not progressive:
        assert "the lower 3" in note or "the lower 2" in note
        assert np.abs(found.pixels[:200].astype(int) - full[:200]).max() <= 2
    assert open_photo(whole, "a.jpg").notes == (), "a whole file is read as strictly as before"


def test_of_a_jpeg_without_any_rows_nothing_is_made_up() -> None:
    whole = encoded(Image.fromarray(np.random.default_rng(3).integers(0, 255, (400, 600, 3), np.uint8)), "JPEG")
    assert "cut short" in sentence(whole[:700])


def test_a_jpeg_of_a_large_sensor_is_decoded_at_a_fraction() -> None:
    large = encoded(Image.new("L", (12_000, 9_000), 90), "JPEG")
    found = open_photo(large, "large.jpg")
    assert (found.width, found.height) == (12_000, 9_000)
    assert found.pixels.shape == (1536, 2048, 3)


def bomb_png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("width", "height"), [(8000, 8000), (10_001, 10_001), (60_000, 60_000), (2**31 - 1, 16)])
def test_bombs_are_refused_by_their_header(width: int, height: int) -> None:
    assert f"over {MAX_MEGAPIXELS} megapixels" in sentence(bomb_png(width, height))


def test_bomb_of_webp_and_tiff() -> None:
    webp = bytearray(encoded(scene().convert("RGBA"), "WEBP", lossless=True, exif=b"Exif\0\0II*\0"))
    assert webp[12:16] == b"VP8X"
    webp[24:30] = (16000).to_bytes(3, "little") * 2
    assert "megapixels" in sentence(bytes(webp))
    tiff = bytearray(encoded(scene(), "TIFF"))
    for tag in (256, 257):
        at = tiff.index(
            struct.pack("<HH", tag, 4) if struct.pack("<HH", tag, 4) in tiff else struct.pack("<HH", tag, 3)
        )
        tiff[at + 2 : at + 12] = struct.pack("<HII", 4, 1, 20_000)
    assert "megapixels" in sentence(bytes(tiff))


def test_exactly_the_largest_allowed_header_is_not_called_a_bomb() -> None:
    assert "megapixels" not in sentence(bomb_png(MAX_MEGAPIXELS * 1000, 1000))  # it is cut short instead


def test_paths_that_are_no_photo(tmp_path: Path) -> None:
    assert "is a folder" in sentence(tmp_path, None)
    assert "was not found" in sentence(tmp_path / "nothing.jpg", None)
    assert "cannot be read" in sentence(tmp_path / ("x" * 4000), None)
    assert "cannot be read" in sentence(Path("a\0b.jpg"), None)
    loop = tmp_path / "loop.jpg"
    loop.symlink_to(loop)
    assert "cannot be read" in sentence(loop, None)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert "not an ordinary file" in sentence(tmp_path / "pipe.jpg", None)


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.jpg"
    path.write_bytes(encoded(scene(), "JPEG"))

    def refuse(*_: object, **__: object) -> None:  # root may read anything, so the refusal is played
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert "permissions" in sentence(path, None)


def test_a_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "huge.tif"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_MB * 1_000_000 + 5_000_000)  # sparse: takes no room on the disk
    assert f"over {MAX_FILE_MB} MB" in sentence(path, None)


def seeds() -> list[bytes]:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Maker", 6
    found = [encoded(scene(), kind, exif=exif) for kind in FORMATS]
    return [*found, encoded(scene(), "TIFF", compression="tiff_lzw"), encoded(scene().convert("P"), "PNG")]


@pytest.mark.parametrize("seed", range(6))
def test_fuzz(seed: int) -> None:
    """Only a Photo or a PhotoError comes out of truncated and bit-flipped files."""
    chance, body, outcomes = random.Random(seed), seeds()[seed], set()
    for turn in range(100):
        data = bytearray(body[: chance.randrange(len(body))] if turn % 3 == 0 else body)
        for _ in range(chance.choice((1, 2, 8, 40)) if turn % 3 else 0):
            data[chance.randrange(len(data) if turn % 3 == 1 else min(len(data), 400))] ^= 1 << chance.randrange(8)
        try:
            outcomes.add(type(open_photo(bytes(data))))
        except PhotoError as error:
            outcomes.add(str(error).startswith("unnamed photo "))
    assert True in outcomes
    assert outcomes <= {Photo, True}


def test_hostile_names_stay_text() -> None:
    assert display_name("<img src=x onerror=alert(1)>.jpg") == "<img src=x onerror=alert(1)>.jpg"
    assert display_name("a\nb\tc\x1b[31m.jpg") == "a�b�c�[31m.jpg"
    assert display_name("photo\u202egpj.exe") == "photo�gpj.exe"
    assert display_name("bad\udcff.jpg").encode("utf-8").endswith(b".jpg")
    assert display_name("") == display_name("   ") == "unnamed photo"
    long = display_name("x" * 5000 + ".jpeg")
    assert len(long) == NAME_LIMIT
    assert long.endswith(".jpeg")
    assert "…" in long
    assert display_name("Kaua\u02bbi 写真 é.jpg") == "Kaua\u02bbi 写真 é.jpg"


@given(st.text(max_size=300))
def test_any_name_is_one_printable_line(name: str) -> None:
    shown = display_name(name)
    assert 0 < len(shown) <= NAME_LIMIT
    assert len(shown.splitlines()) == 1
    assert shown.encode("utf-8")
    assert display_name(shown) == shown


def test_messages_carry_the_safe_name() -> None:
    assert sentence(b"", "a\nb\u202e.jpg").startswith("a�b�.jpg is empty")


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    open_photo(encoded(scene(), "JPEG"), "private name.jpg")
    sentence(b"junk", "private name.jpg")
    assert capfd.readouterr() == ("", "")


def test_a_photo_made_by_hand() -> None:
    photo = Photo("x", "0" * 64, np.zeros((20, 30, 3), np.uint8))
    assert (photo.width, photo.height, photo.notes) == (30, 20, ())
    with pytest.raises(PhotoError, match="uint8"):
        Photo("x", "0" * 64, np.zeros((20, 30), np.uint8))


@shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared test photos are not here")
@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("metadata-extractor_gps/webp__Issue 473 (Java).webp", (240, 320)),
        ("metadata-extractor_gps/tif__Issue 151.tif", (1280, 964)),
        ("exif-samples_gps/jpg__tests__87_OSError.jpg", (1488, 2240)),
        ("exif-samples_gps/jpg__mobile__HMD_Nokia_8.3_5G.jpg", (4608, 1976)),
    ],
)
def test_real_photos(path: str, size: tuple[int, int]) -> None:
    photo = open_photo(SHARED / path)
    assert (photo.width, photo.height) == size
    assert photo.exif.gps is not None
    assert photo.pixels.std() > 10

"""A clean copy shows the same picture and holds nothing else."""

import io

import numpy as np
import planted
import pytest
from PIL import Image, ImageCms

from engine.errors import ExportError, PhotoError
from engine.photos.photo import open_photo
from engine.privacy import clean_copy as module
from engine.privacy.clean_copy import clean_copy, clean_suffix, remaining_metadata
from engine.privacy.metadata import read_metadata
from engine.privacy.segments import segments

HEADER = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop", "background", "duration", "timestamp"}
OUT = {"JPEG": "JPEG", "PNG": "PNG", "WEBP": "WEBP", "TIFF": "PNG"}


def opened(data):
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return image


def difference(data, reference):
    found = np.asarray(opened(data).convert(reference.mode)).astype(int)
    assert found.shape == np.asarray(reference).shape
    return np.abs(found - np.asarray(reference).astype(int))


@pytest.mark.parametrize("kind", planted.ALL)
@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_nothing_planted_is_left_and_the_picture_stays(kind, orientation):
    data = planted.ALL[kind](orientation=orientation)
    assert planted.marked(data)
    copy = clean_copy(data)
    assert not planted.marked(copy)
    assert remaining_metadata(copy) == ()
    assert {one.kind for one in segments(copy)} <= {"jfif"}
    assert read_metadata(copy).leaks == ()
    image = opened(copy)
    assert image.format == OUT[kind]
    assert not image.getexif()
    assert set(image.info) <= HEADER
    error = np.abs(open_photo(copy).pixels.astype(int) - open_photo(data).pixels.astype(int))
    limit = {"PNG": (0, 1), "TIFF": (0, 1), "JPEG": (2.0, 25), "WEBP": (3.0, 40)}[kind]
    assert error.mean() <= limit[0] + 0.5
    assert error.max() <= limit[1] + 2


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_copy_stands_upright_by_itself(orientation):
    data = planted.png(planted.scene(64, 48), orientation)
    upright = open_photo(data)
    copy = opened(clean_copy(data))
    assert copy.size == (upright.width, upright.height)
    assert np.abs(np.asarray(copy).astype(int) - upright.pixels.astype(int)).max() <= 2


def test_full_size_is_kept():
    data = planted.encoded(planted.scene(3000, 40), "JPEG")
    assert opened(clean_copy(data)).size == (3000, 40)


@pytest.mark.parametrize("mode", ["L", "P", "1", "RGB", "RGBA", "LA", "I;16", "CMYK"])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_lossless_formats_stay_lossless(mode, kind):
    image = planted.scene(mode="RGBA") if mode == "LA" else planted.scene(mode="L" if mode == "I;16" else mode)
    if mode == "LA":
        image = image.convert("LA")
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    if mode == "CMYK" and kind == "PNG":
        return
    data = planted.encoded(image, kind)
    copy = clean_copy(data)
    assert (open_photo(copy).pixels == open_photo(data).pixels).all()


def test_transparency_is_kept_and_what_it_hides_is_gone():
    image = planted.scene(mode="RGBA")
    for kind in ("PNG", "WEBP"):
        copy = np.asarray(opened(clean_copy(planted.encoded(image, kind, lossless=True, exact=True))).convert("RGBA"))
        assert (copy[..., 3] == np.asarray(image)[..., 3]).all()
        assert not copy[copy[..., 3] == 0].any()
        seen = copy[..., 3] == 255
        assert (copy[seen] == np.asarray(image)[seen]).all()


def test_lossless_webp_stays_lossless_and_lossy_stays_small():
    image = planted.scene()
    lossless, lossy = planted.webp(image, lossless=True), planted.webp(image)
    assert difference(clean_copy(lossless), opened(lossless)).max() <= 2  # its profile is sRGB, up to rounding
    assert len(clean_copy(lossy)) < 0.7 * len(clean_copy(lossless))


def test_colours_of_another_profile_become_srgb():
    """Against LittleCMS by way of Lab: the same colours, told in sRGB."""
    lab = ImageCms.createProfile("LAB")
    image = planted.scene()
    as_lab = ImageCms.profileToProfile(image, ImageCms.createProfile("sRGB"), lab, outputMode="LAB")
    data = planted.encoded(as_lab, "TIFF", icc_profile=ImageCms.ImageCmsProfile(lab).tobytes())
    assert np.median(difference(clean_copy(data), image)) <= 3


def test_a_damaged_profile_changes_no_colour():
    data = planted.encoded(planted.scene(), "PNG", icc_profile=b"PLANTED" * 40)
    assert (open_photo(clean_copy(data)).pixels == open_photo(data).pixels).all()


def test_only_the_first_frame_is_copied():
    frames = [planted.scene(), planted.scene().transpose(Image.Transpose.ROTATE_180)]
    for kind in ("PNG", "WEBP", "TIFF", "MPO"):
        data = planted.encoded(frames[0], kind, save_all=True, append_images=frames[1:])
        copy = opened(clean_copy(data))
        assert getattr(copy, "n_frames", 1) == 1


def test_two_copies_are_the_same_bytes():
    data = planted.jpeg()
    assert clean_copy(data) == clean_copy(data)
    assert clean_copy(clean_copy(data))[:2] == b"\xff\xd8"


@pytest.mark.parametrize("kind", planted.ALL)
def test_the_ending_fits_the_copy(kind):
    data = planted.ALL[kind]()
    assert clean_suffix(data) == {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}[OUT[kind]]
    assert opened(clean_copy(data)).format == OUT[kind]


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\xff\xd8\xff\xe0 broken", planted.png()[:4000]])
def test_what_is_no_photo_is_one_sentence(data):
    with pytest.raises(PhotoError) as caught:
        clean_copy(data, "holiday.jpg")
    assert str(caught.value).startswith("holiday.jpg")


def test_a_copy_that_still_held_something_is_thrown_away(monkeypatch):
    monkeypatch.setattr(module, "_encode", lambda image, kind, data: planted.jpeg())
    with pytest.raises(ExportError, match="discarded"):
        clean_copy(planted.jpeg(), "holiday.jpg")


@pytest.mark.shared
def test_real_photos_come_out_clean(shared):
    photos = [path for path in sorted((shared / "data/photos").rglob("*")) if path.suffix.lower() in (".jpg", ".tif")]
    small = [path for path in photos if path.stat().st_size < 300_000][:25]
    assert small
    for path in small:
        data = path.read_bytes()
        try:
            photo = open_photo(data)
        except PhotoError:
            continue
        copy = clean_copy(data)
        assert read_metadata(copy).leaks == (), path.name
        assert np.abs(open_photo(copy).pixels.astype(int) - photo.pixels.astype(int)).mean() < 6, path.name

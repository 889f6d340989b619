import json

import numpy as np
import pytest
from PIL import Image

from engine.artifacts.catalog import Preprocessing
from engine.errors import ExportError
from engine.networks.preprocessing import prepare
from engine.photos.photo import open_photo
from engine.training.images import MEASURING, Augmentation, ImageSource, augment, batches, order_of_epoch
from engine.training.scan import read_scan, scan, shrink, stored_pixels

WANTED = Preprocessing(24, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25), "bilinear", "centre", 28)


@pytest.fixture
def files(tmp_path):
    rng = np.random.default_rng(0)
    (tmp_path / "in").mkdir()
    for n in range(6):
        Image.fromarray(rng.integers(0, 255, (60 + n, 80, 3), dtype=np.uint8)).save(tmp_path / "in" / f"{n}.png")
    (tmp_path / "in" / "6.png").write_text("no photo")
    return [tmp_path / "in" / f"{n}.png" for n in range(7)]


def ids(files):
    return [file.name for file in files]


def test_a_scan_finds_hashes_pixels_and_what_is_no_photo(tmp_path, files):
    found = scan(ids(files), files, tmp_path / "scan", 35)
    assert [bool(one.error) for one in found] == [False] * 6 + [True]
    assert "not an image" in found[6].error
    photo = open_photo(files[2])
    assert found[2].sha256 == photo.sha256
    np.testing.assert_array_equal(stored_pixels(tmp_path / "scan", found[2], files[2], 35), shrink(photo.pixels, 35))


def test_a_scan_that_was_killed_goes_on_where_it_was(tmp_path, files, monkeypatch):
    whole = scan(ids(files), files, tmp_path / "whole", 35)
    scan(ids(files)[:3], files[:3], tmp_path / "scan", 35)
    with (tmp_path / "scan" / "photos.jsonl").open("a") as lines:
        lines.write('{"id": "3.png", "stam')  # cut off in the middle of a line, pixels already written
    with (tmp_path / "scan" / "pixels.bin").open("ab") as pixels:
        pixels.write(b"x" * 1000)
    opened = []
    monkeypatch.setattr("engine.training.scan.open_photo", lambda path: opened.append(path.name) or open_photo(path))
    again = scan(ids(files), files, tmp_path / "scan", 35)
    assert opened == ["3.png", "4.png", "5.png", "6.png"]
    assert again == whole
    assert (tmp_path / "scan" / "pixels.bin").read_bytes() == (tmp_path / "whole" / "pixels.bin").read_bytes()
    assert read_scan(tmp_path / "scan", 99) == ()  # another size asks for another scan


def test_photos_beyond_the_room_on_disk_are_decoded_when_needed(tmp_path, files):
    kept = scan(ids(files), files, tmp_path / "kept", 35)
    found = scan(ids(files), files, tmp_path / "scan", 35, kept_bytes=5000)
    assert found[0].offset == 0 and found[1].offset == -1
    for one, same, file in zip(found[:6], kept[:6], files, strict=False):
        here = stored_pixels(tmp_path / "scan", one, file, 35)
        np.testing.assert_array_equal(here, stored_pixels(tmp_path / "kept", same, file, 35))


def test_a_folder_that_cannot_be_written_is_said(tmp_path, files):
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="cannot be written"):
        scan(ids(files), files, tmp_path / "file" / "scan", 35)


def test_what_a_photo_becomes_depends_on_seed_epoch_and_photo_alone(tmp_path, files):
    found = scan(ids(files)[:6], files[:6], tmp_path / "scan", 35)
    source = ImageSource(tmp_path / "scan", found, tuple(files[:6]), 35, WANTED, seed=3)
    first = source[4, 2]
    source[0, 1], source[4, 0]
    np.testing.assert_array_equal(source[4, 2], first)
    assert first.shape == (3, 24, 24) and first.dtype == np.float32
    assert (source[5, 2] != first).any()
    pixels = stored_pixels(tmp_path / "scan", found[2], files[2], 35)
    np.testing.assert_array_equal(source[MEASURING, 2], prepare(pixels, WANTED)[0])


def test_augmentation_off_is_the_whole_photo_resized():
    pixels = np.random.default_rng(1).integers(0, 255, (40, 40, 3), dtype=np.uint8)
    off = Augmentation(1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    expected = np.asarray(Image.fromarray(pixels).resize((24, 24), Image.Resampling.BILINEAR, reducing_gap=2.0))
    np.testing.assert_allclose(augment(pixels, 24, np.random.default_rng(0), off).astype(int), expected, atol=1)


def test_flips_crops_and_jitter_all_happen():
    ramp = np.zeros((64, 64, 3), np.uint8)
    ramp[:, :, 0], ramp[:, :, 1] = np.arange(64) * 3, (np.arange(64) * 3)[:, None]
    views = [augment(ramp, 32, np.random.default_rng(n), Augmentation()).astype(int) for n in range(60)]
    red = np.array([view[:, -4:, 0].mean() - view[:, :4, 0].mean() for view in views])
    green = np.array([view[-4:, :, 1].mean() - view[:4, :, 1].mean() for view in views])
    assert 15 < (red < 0).sum() < 45
    assert 15 < (green < 0).sum() < 45
    assert np.abs(red).min() < 0.75 * np.abs(red).max()  # crops of different sizes
    assert np.ptp([view.mean() for view in views]) > 10  # light


def test_batches_share_every_photo_out_once():
    order = order_of_epoch(np.arange(10, 33), seed=1, epoch=2)
    assert sorted(order.tolist()) == list(range(10, 33))
    assert (order != order_of_epoch(np.arange(10, 33), seed=1, epoch=3)).any()
    parts = batches(order, 8, 2)
    assert [len(part) for part in parts] == [8, 8]  # a rest of 7 is left out, whatever the number of processes
    assert [len(part) for part in batches(order, 15, 1)] == [15, 8]
    assert [len(part) for part in batches(order[:5], 15, 1)] == [5]
    np.testing.assert_array_equal(np.concatenate(parts), order[:16])


def test_the_scan_file_is_json_lines(tmp_path, files):
    scan(ids(files), files, tmp_path / "scan", 35)
    lines = [json.loads(text) for text in (tmp_path / "scan" / "photos.jsonl").read_text().splitlines()]
    assert lines[0] == {"side": 35} and len(lines) == 8

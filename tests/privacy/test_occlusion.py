"""Parts of a photo are hidden softly, one at a time, and the part that tells the place is found."""

from dataclasses import dataclass

import numpy as np
import pytest

from engine.errors import InputError
from engine.locate.locator import Locator
from engine.photos.photo import Photo
from engine.predictors.base import Prediction, Record
from engine.privacy.occlusion import PartEffect, blur_parts, hide, part_effects
from engine.testing import grey_photo, make_record

PLACE = (34.5, -57.5)


@dataclass(frozen=True, eq=False)
class SignReader:
    """Knows the place while the fine pattern of a sign is to be seen in one corner of the photo."""

    record: Record
    there: Prediction
    nothing: Prediction

    def predict(self, photo: Photo) -> tuple[Prediction, ...]:
        corner = photo.pixels[: photo.pixels.shape[0] // 4, -photo.pixels.shape[1] // 4 :]
        return (self.there if corner.std() > 40 else self.nothing,)


def sign_reader(world):
    table = world.overlay.table("geocells_fine")
    known = world.prior.on(table) / world.prior.on(table).sum()
    sure = 0.1 * known
    sure[int(table.cell_label[int(world.overlay.cell_at(*PLACE))])] += 0.9
    record = make_record("sign_reader")
    return SignReader(record, Prediction(record, table.name, sure), Prediction(record, table.name, known, known))


def photo_with_sign():
    rng = np.random.default_rng(1)
    pixels = np.full((120, 160, 3), 128, np.uint8)
    pixels[:30, 120:] = rng.integers(0, 2, (30, 40, 1)) * 255
    return Photo("sign.png", "5" * 64, pixels)


def test_the_part_that_tells_the_place_comes_first(world):
    locator = Locator(world, [sign_reader(world)])
    answer = locator.locate(photo_with_sign())
    found = part_effects(locator, answer, (0.5, 0.9))
    assert len(found) == 16
    first = found[0]
    assert (first.top, first.left, first.bottom, first.right) == (0, 0.75, 0.25, 1)
    assert first.where == "top right"
    unseen = locator.answer(grey_photo(), ()).search_map
    assert first.area_km2 == pytest.approx([unseen.region(mass=c).area_km2 for c in (0.5, 0.9)], rel=1e-6)
    whole = [answer.search_map.region(mass=c).area_km2 for c in (0.5, 0.9)]
    assert first.grows == pytest.approx(np.sqrt(first.area_km2[0] / whole[0] * first.area_km2[1] / whole[1]))
    assert first.shift > 0.5
    assert all(part.grows == pytest.approx(1) and part.shift == pytest.approx(0) for part in found[2:])


def test_only_the_part_and_its_soft_edge_change():
    rng = np.random.default_rng(2)
    photo = Photo("noise.png", "6" * 64, rng.integers(0, 256, (100, 130, 3), dtype=np.uint8))
    hidden = hide(photo, blur_parts(photo.pixels, 3, 5), 7, (3, 5))  # row 1, column 2
    changed = np.argwhere((hidden.pixels != photo.pixels).any(axis=2))
    assert (changed.min(axis=0) >= (100 / 3 - 4, 2 * 26 - 4)).all()
    assert (changed.max(axis=0) <= (200 / 3 + 4, 3 * 26 + 4)).all()
    inside = hidden.pixels[40:60, 58:72].astype(float)
    assert inside.std() < 25 < photo.pixels[40:60, 58:72].std()
    assert hidden.sha256 != photo.sha256
    assert (hidden.name, hidden.width, hidden.height) == (photo.name, 130, 100)


def test_the_blur_keeps_colours_and_no_detail():
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    pixels[:, 32:] //= 8
    blur = blur_parts(pixels, 4, 4)
    assert blur.shape == pixels.shape
    assert blur[:, :24].mean() == pytest.approx(pixels[:, :24].mean(), abs=10)
    assert blur[:, 44:].mean() == pytest.approx(pixels[:, 44:].mean(), abs=10)


@pytest.mark.parametrize("size", [(16, 16), (17, 400), (300, 19)])
def test_small_and_long_photos_have_parts(world, size):
    photo = Photo("thin.png", "7" * 64, np.random.default_rng(4).integers(0, 256, (*size, 3), dtype=np.uint8))
    locator = Locator(world, [])
    found = part_effects(locator, locator.locate(photo), (0.9,), (4, 4))
    assert {part.grows for part in found} == {1.0}


def test_progress_is_told_and_cancels(world):
    locator = Locator(world, [sign_reader(world)])
    answer, told = locator.locate(photo_with_sign()), []
    part_effects(locator, answer, (0.9,), (2, 3), lambda what, share: told.append(share))
    assert told == pytest.approx([n / 6 for n in range(6)])

    class StoppedError(Exception):
        pass

    def cancel(what, share):
        if share > 0.4:
            raise StoppedError

    with pytest.raises(StoppedError):
        part_effects(locator, answer, (0.9,), (2, 3), cancel)


@pytest.mark.parametrize("parts", [(0, 4), (1, 1), (100, 100), (-2, -2)])
def test_parts_out_of_range_are_refused(locator, parts):
    with pytest.raises(InputError, match="parts are out of range"):
        part_effects(locator, locator.locate(grey_photo()), (0.9,), parts)


@pytest.mark.parametrize(
    ("box", "words"),
    [((0, 0, 0.25, 0.25), "top left"), ((0.25, 0.25, 0.5, 0.5), "centre"), ((0.5, 0.75, 0.75, 1), "right"),
     ((0.75, 0.25, 1, 0.5), "bottom")],
)  # fmt: skip
def test_where_a_part_is(box, words):
    assert PartEffect(*box, (1.0,), 1.0, 0.0).where == words

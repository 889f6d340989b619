"""Interpretable features see in made scenes what a person would see."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from engine.photos.photo import open_photo
from engine.predictors.scene_features import FEATURE_NAMES, FEATURES, WORKING_SIDE_PIXELS, scene_features

SHARED = Path(__file__).parents[2] / "../shared/data/photos"
Pixels = npt.NDArray[np.uint8]
BLUE, GREEN, SAND, WHITE, GREY = (90, 150, 230), (70, 140, 50), (215, 180, 120), (240, 243, 248), (120, 120, 122)


def seen(pixels: Pixels) -> dict[str, float]:
    return dict(zip(FEATURE_NAMES, scene_features(pixels).tolist(), strict=True))


def scene(top: tuple[int, int, int], bottom: tuple[int, int, int], noise: float = 3.0) -> Pixels:
    """``top`` over the upper third, ``bottom`` below, with a little noise of brightness."""
    pixels = np.empty((180, 240, 3))
    pixels[:60], pixels[60:] = top, bottom
    pixels += np.random.default_rng(1).normal(0.0, noise, (180, 240, 1))
    return np.clip(pixels, 0, 255).astype(np.uint8)


def facade(columns: bool = True) -> Pixels:
    """A wall with dark windows in a regular grid."""
    pixels = np.full((180, 240, 3), 170, np.uint8)
    for at in range(10, 240 if columns else 180, 24):
        pixels[(slice(None), slice(at, at + 10)) if columns else slice(at, at + 10)] = 60
    return pixels


def test_names_are_unique_and_described() -> None:
    assert len(FEATURE_NAMES) == len(set(FEATURE_NAMES)) == scene_features(scene(BLUE, GREEN)).size
    assert all(len(text) > 10 for text in FEATURES.values())


def test_meadow_under_a_blue_sky() -> None:
    found = seen(scene(BLUE, GREEN))
    assert found["sky"] == pytest.approx(1 / 3, abs=0.03)
    assert found["blue_sky"] == pytest.approx(1 / 3, abs=0.03)
    assert found["lower_vegetation"] > 0.95
    assert 0.2 < found["upper_vegetation"] < 0.4
    assert max(found[name] for name in ("snow", "water", "grey", "brick", "bare_ground", "darkness")) < 0.02


def test_snow_sand_water_and_asphalt() -> None:
    assert seen(scene(BLUE, WHITE))["snow"] > 0.6
    desert = seen(scene(BLUE, SAND))
    assert desert["bare_ground"] > 0.6
    assert desert["snow"] == 0.0
    assert desert["warm_cast"] > 0.05
    assert seen(scene((170, 205, 245), (25, 70, 140)))["water"] > 0.45
    street = seen(scene(BLUE, GREY))
    assert street["grey"] > 0.6
    assert street["water"] < 0.02


def test_ripe_corn_is_straw_because_it_has_texture() -> None:
    smooth, rough = seen(scene(BLUE, (200, 170, 90), 1.0)), seen(scene(BLUE, (200, 170, 90), 30.0))
    assert rough["straw"] > 0.5 > smooth["straw"]
    assert smooth["bare_ground"] > 0.6 > rough["bare_ground"]


def test_brick() -> None:
    assert seen(np.full((64, 64, 3), (160, 70, 60), np.uint8))["brick"] == 1.0


def test_straight_lines_have_a_direction() -> None:
    upright, level = seen(facade()), seen(facade(columns=False))
    assert upright["vertical_lines"] > 0.8
    assert upright["horizontal_lines"] == 0.0
    assert level["horizontal_lines"] > 0.8
    assert level["vertical_lines"] == 0.0
    assert upright["edge_density"] > 0.1
    assert upright["upper_detail"] > 0.1


def test_leaves_are_no_straight_lines() -> None:
    noise = ndimage.gaussian_filter(np.random.default_rng(2).normal(0.0, 400.0, (180, 240, 1)), (1.2, 1.2, 0.0))
    leaves = np.clip(noise + GREEN, 0, 255).astype(np.uint8)
    found = seen(leaves)
    assert found["edge_density"] > 0.3
    assert found["vertical_lines"] < 0.1
    assert found["fine_texture"] > 0.5


def test_sky_behind_a_mast_is_still_sky() -> None:
    pixels = scene(BLUE, BLUE)
    pixels[40:50] = 40
    assert seen(pixels)["sky"] > 0.8


def test_blank_and_dark_pictures() -> None:
    black, grey = seen(np.zeros((50, 80, 3), np.uint8)), seen(np.full((50, 80, 3), 128, np.uint8))
    assert black["darkness"] == 1.0
    assert black["brightness"] == 0.0
    assert grey["contrast"] == pytest.approx(0.0, abs=1e-6)
    assert grey["edge_density"] == 0.0
    assert grey["grey"] == 1.0


def test_size_of_the_photo_hardly_matters() -> None:
    small = scene(BLUE, GREEN)
    large = small.repeat(7, axis=0).repeat(7, axis=1)
    assert max(large.shape) > 4 * WORKING_SIDE_PIXELS
    assert np.abs(scene_features(small) - scene_features(large)).max() < 0.1


def test_mirroring_changes_nothing() -> None:
    pixels = np.concatenate([scene(BLUE, GREEN), facade()], axis=1)
    assert scene_features(pixels) == pytest.approx(scene_features(pixels[:, ::-1]), abs=0.02)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(1, 400), st.integers(0, 2**32 - 1), st.booleans())
def test_always_finite_and_in_range(rows: int, columns: int, seed: int, extreme: bool) -> None:
    chance = np.random.default_rng(seed)
    pixels = chance.integers(0, 256, (rows, columns, 3)).astype(np.uint8)
    values = scene_features((pixels > 127).astype(np.uint8) * 255 if extreme else pixels)
    assert values.dtype == np.float64
    assert np.isfinite(values).all()
    assert (values >= 0.0).all()
    assert (values <= 1.0).all()


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared test photos are not here")
@pytest.mark.parametrize(
    ("path", "feature", "least"),
    [
        ("metadata-extractor_gps/jpg__FujiFilm FinePixS1Pro (3).jpg", "straw", 0.3),  # ripe corn
        ("exif-samples_gps/jpg__mobile__HMD_Nokia_8.3_5G.jpg", "water", 0.3),  # a harbour
        ("exif-samples_gps/jpg__mobile__HMD_Nokia_8.3_5G.jpg", "blue_sky", 0.4),
        ("global-streetscapes_sample/5d14f52f-52e6-46e8-b5ce-d39bb6c9a268.jpeg", "upper_vegetation", 0.6),
        ("global-streetscapes_sample/9e1f0817-d7b4-4413-901a-644fd7de053e.jpeg", "grey", 0.5),  # a street
        ("exif-samples_gps/jpg__gps__DSCN0029.jpg", "vertical_lines", 0.2),  # house fronts
    ],
)
def test_real_photos(path: str, feature: str, least: float) -> None:
    assert seen(open_photo(SHARED / path).pixels)[feature] > least

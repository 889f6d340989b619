from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.artifacts.catalog import default_catalog
from engine.errors import PhotoError
from engine.networks.preprocessing import crop, prepare, resized_shape

CLIP = default_catalog().record("clip_vit_l14_openai").preprocessing
STREET = default_catalog().record("streetclip").preprocessing
DINO = default_catalog().record("dinov2_vit_l14_reg").preprocessing
CELLS = default_catalog().record("geoestimation").preprocessing
SIZES = [(480, 640), (640, 480), (224, 224), (1000, 333), (101, 997), (100, 150), (37, 61), (1536, 2048), (225, 224)]


def photo(height, width, seed=0):
    """Something with sharp edges, smooth parts and noise, as photos have."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    smooth = 127 + 100 * np.sin(x / 37)[..., None] * np.cos(y / 23)[..., None] * np.array([1.0, 0.7, -0.8])
    edges = 60 * (((x // 16) + (y // 24)) % 2)[..., None]
    return np.clip(smooth + edges + rng.normal(0, 12, (height, width, 3)), 0, 255).astype(np.uint8)


def hub_processor(wanted, backend):
    transformers = pytest.importorskip("transformers")
    options = {
        "do_resize": True,
        "size": {"shortest_edge": wanted.size},
        "resample": 3,
        "do_center_crop": True,
        "crop_size": {"height": wanted.size, "width": wanted.size},
        "do_normalize": True,
        "image_mean": list(wanted.mean),
        "image_std": list(wanted.std),
        "do_convert_rgb": True,
    }
    if not hasattr(transformers, backend):
        pytest.skip(f"this transformers has no {backend}")
    return getattr(transformers, backend)(**options)


def grey_levels(prepared, wanted):
    """Back from normalised values to 0..255."""
    std, mean = (np.asarray(each)[:, None, None] for each in (wanted.std, wanted.mean))
    return (np.asarray(prepared, np.float64) * std + mean) * 255


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("backend", ["CLIPImageProcessor", "CLIPImageProcessorPil"])
@pytest.mark.parametrize("wanted", [CLIP, STREET], ids=["224", "336"])
def test_agrees_with_the_hubs_clip_processor(size, backend, wanted):
    pixels = photo(*size)
    theirs = hub_processor(wanted, backend)(images=Image.fromarray(pixels), return_tensors="np")["pixel_values"][0]
    ours = prepare(pixels, wanted)[0]
    assert ours.shape == theirs.shape
    apart = np.abs(grey_levels(ours, wanted) - grey_levels(theirs, wanted))
    assert (apart <= 2.0 + 1e-3).mean() >= 0.999
    assert np.isfinite(ours).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(64, 200), st.integers(1, 40), st.booleans())
def test_resampling_the_crop_is_cropping_the_resampled(short, times, lying):
    height, width = (short, short * times) if lying else (short * times, short)
    pixels = photo(height, width)
    tall, wide = resized_shape(height, width, 64)
    whole = np.asarray(Image.fromarray(pixels).resize((wide, tall), Image.Resampling.BICUBIC))
    top, left = (tall - 64) // 2, (wide - 64) // 2
    part = next(crop(pixels, replace(CLIP, size=64)))
    apart = np.abs(part.astype(int) - whole[top : top + 64, left : left + 64].astype(int))
    assert apart.max() <= 2  # a long one may be resampled in the other order, which rounds elsewhere
    assert (apart <= 1).mean() >= 0.999


def test_square_first_is_what_torchvision_does():
    transforms = pytest.importorskip("torchvision.transforms")
    pixels = photo(300, 451)
    side = transforms.CenterCrop(300)(Image.fromarray(pixels[:, :450]))
    theirs = transforms.Resize(336, transforms.InterpolationMode.BICUBIC)(side)
    ours = next(crop(np.ascontiguousarray(pixels[:, :450]), DINO))
    assert (np.abs(ours.astype(int) - np.asarray(theirs).astype(int)) <= 1).mean() >= 0.999


def test_five_crops_are_what_torchvision_does():
    transforms = pytest.importorskip("torchvision.transforms")
    pixels = photo(300, 450)
    theirs = transforms.FiveCrop(224)(transforms.Resize(256)(Image.fromarray(pixels)))
    top_left, top_right, bottom_left, bottom_right, middle = crop(pixels, CELLS)
    for ours, expected in zip((top_left, top_right, bottom_left, bottom_right, middle), theirs, strict=True):
        assert (np.abs(ours.astype(int) - np.asarray(expected).astype(int)) <= 2).mean() >= 0.999
    assert prepare(pixels, CELLS).shape == (5, 3, 224, 224)


def test_a_very_long_photo_costs_no_more_memory_than_its_crop():
    assert prepare(photo(3, 6000), CLIP).shape == (1, 3, 224, 224)


@pytest.mark.parametrize("shape", [(0, 5, 3), (5, 5), (5, 5, 4)])
def test_what_is_no_rgb_photo_is_a_sentence(shape):
    with pytest.raises(PhotoError, match="RGB"):
        prepare(np.zeros(shape, np.uint8), CLIP)
    with pytest.raises(PhotoError, match="float64"):
        prepare(np.zeros((5, 5, 3)), CLIP)

import threading
from collections import OrderedDict
from dataclasses import replace

import numpy as np
import open_clip.model
import pytest
import torch

from engine.artifacts.catalog import EncoderRecord, default_catalog
from engine.artifacts.store import Store
from engine.bench import geoclip as bench_geoclip
from engine.bench.geoclip import CPU, Sides, best_product_gflops, build_sides, forward_gflop, measure, package_photo
from engine.networks.clip import TOWERS, VisionShape
from engine.networks.encoders import Backbone, ImageEncoder, TextEncoder
from engine.networks.packed import PHOTOS_AT_ONCE
from engine.partitions.geocells import grow
from engine.partitions.photo_locations import default_photo_places
from engine.predictors.attribute_prompts import AttributePrompts
from engine.predictors.geoclip import GeoClip, published_weights

FIGURES = {
    "package_ms",
    "hereabouts_ms",
    "ratio",
    "backbone_ms",
    "overhead_ratio",
    "one_ms",
    "batch16_ms",
    "batch16_gain",
    "batch16_gain_at_most",
    "share_of_peak",
    "peak_gflops",
    "second_model_share",
    "cells",
    "gallery",
}


class Package:
    """The one method of the package that is measured."""

    gps_gallery = np.zeros((100, 2))

    def __init__(self):
        self.asked = []

    def predict(self, path, top_k):
        self.asked.append((path, top_k))


@pytest.fixture
def sides():
    torch.manual_seed(0)
    vision = {"layers": 2, "width": 32, "patch_size": 8, "head_width": 16, "image_size": 32}
    text = {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2}
    module = (
        open_clip.model.CLIP(768, vision_cfg=vision, text_cfg=text, quick_gelu=True)
        .eval()
        .requires_grad_(requires_grad=False)
    )
    record = EncoderRecord("open_clip", "made up", "open_clip", 768)
    pixels = replace(default_catalog().record("clip_vit_l14_openai").preprocessing, size=32)
    backbone = Backbone(("tiny",), record, pixels, module, CPU, threading.RLock(), OrderedDict())
    encoder = ImageEncoder(backbone)
    places = default_photo_places()
    cells = grow(places.latitude, places.longitude, 0, 5000)
    model = GeoClip(cells, lambda: published_weights(Store()), lambda: encoder)
    return Sides(
        Package(), model, AttributePrompts(lambda: encoder, lambda: TextEncoder(backbone)), backbone, package_photo()
    )


def test_the_figures_of_a_small_run(sides):
    said = []
    found = measure(sides, lambda what, share: said.append(share), rounds=2)
    assert set(found) == FIGURES
    assert found["ratio"] == pytest.approx(found["package_ms"] / found["hereabouts_ms"])
    assert found["batch16_gain"] == pytest.approx(found["one_ms"] / found["batch16_ms"])
    assert found["overhead_ratio"] == pytest.approx(found["hereabouts_ms"] / found["backbone_ms"])
    assert all(value > 0 for value in found.values())
    assert sides.package.asked == [(str(sides.path), 5)] * 2
    assert said == sorted(said)


def test_the_arithmetic_of_a_photo():
    # twice the multiply-accumulates that are published for CLIP's ViT-L/14 at 224 pixels, 81 G, and for ViT-B/32, 4.4 G
    assert forward_gflop(VisionShape()) == pytest.approx(2 * 81, rel=0.02)
    assert forward_gflop(TOWERS["ViT-B-32-quickgelu"][0]) == pytest.approx(2 * 4.4, rel=0.02)
    assert best_product_gflops(rounds=1, size=256) > 0


def test_no_embedding_is_remembered_between_measurements(sides, monkeypatch):
    passes = []
    real = bench_geoclip.backbones.forward
    monkeypatch.setattr(bench_geoclip.backbones, "forward", lambda m, b, d: passes.append(len(b)) or real(m, b, d))
    measure(sides, lambda *_: None, rounds=1)
    # attributes' first photo; a warm-up of ours and of the backbone; ours, backbone; then a batch of 16, which the
    # encoder cuts to what the processor takes at once, between eight photos one by one and eight more
    pairs = [PHOTOS_AT_ONCE] * (16 // PHOTOS_AT_ONCE)
    assert passes == [1] * 5 + [1] * 8 + pairs + [1] * 8


@pytest.mark.big
def test_the_sides_share_their_weights(kauai):
    sides = build_sides()
    assert len(sides.package.gps_gallery) == 100_000
    clip = sides.package.image_encoder.CLIP
    theirs = clip.vision_model.embeddings.patch_embedding.weight
    assert torch.equal(sides.backbone.module.visual.conv1.weight, theirs)

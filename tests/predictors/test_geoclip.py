import threading
import warnings
from collections import OrderedDict
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.artifacts.catalog import EncoderRecord, default_catalog
from engine.artifacts.store import Store
from engine.artifacts.weights import load_into
from engine.bench.geoclip import package_offline
from engine.errors import PredictorError
from engine.geometry.s2 import cells as s2
from engine.inference.pooling import information_nats, pool
from engine.inference.prior import build_prior
from engine.networks import backbones, encoders
from engine.networks import geoclip as network
from engine.networks.clip import clip_from_transformers
from engine.networks.packed import pack_visual
from engine.networks.preprocessing import prepare
from engine.networks.state_dict import random_state
from engine.partitions.geocells import Geocells, blocks_partition, geocells_partition, grow
from engine.partitions.overlay import build_overlay
from engine.partitions.photo_locations import default_photo_places
from engine.photos.photo import open_photo
from engine.predictors.base import Predictor
from engine.predictors.geoclip import GeoClip, finest_geocells, published_weights
from engine.testing import POPULATION, SMALL_GRID, grey_photo, patchy_partition

CLIP = default_catalog().record("clip_vit_l14_openai")
VISION = {"layers": 2, "width": 32, "patch_size": 8, "head_width": 16, "image_size": 32}
TEXT = {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2}
SMALL_PIXELS = replace(CLIP.preprocessing, size=32)


def tiny_transformers_clip():
    from transformers import CLIPConfig, CLIPModel

    common = {"hidden_size": 32, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = CLIPConfig(
        projection_dim=768,
        text_config={**common, "projection_dim": 768, "bos_token_id": 0, "eos_token_id": 2},
        vision_config={**common, "projection_dim": 768, "image_size": 32, "patch_size": 8},
    )
    torch.manual_seed(3)
    return CLIPModel(config).eval()


def encoder_of(clip, module, preprocessing, dimension=768):
    """Our encoder with the weights of a CLIP of the transformers library."""
    load_into(module, clip_from_transformers(clip.state_dict()), "random")
    record = EncoderRecord("open_clip", "made up", "open_clip", dimension)
    backbone = encoders.Backbone(
        ("test", id(clip)),
        record,
        preprocessing,
        module.eval().requires_grad_(requires_grad=False),
        backbones.Device("cpu", "float32"),
        threading.RLock(),
        OrderedDict(),
    )
    return encoders.ImageEncoder(backbone)


def package_model(monkeypatch, clip, side):
    """The geoclip package with its own published heads, on a backbone that it need not fetch."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from geoclip.model import image_encoder as theirs
        from geoclip.model.GeoCLIP import GeoCLIP
        from transformers import CLIPImageProcessor

        processor = CLIPImageProcessor(size={"shortest_edge": side}, crop_size={"height": side, "width": side})
        monkeypatch.setattr(theirs.CLIPModel, "from_pretrained", lambda *_, **__: clip)
        monkeypatch.setattr(theirs.AutoProcessor, "from_pretrained", lambda *_, **__: processor)
        return GeoCLIP().eval()


def cells_at(latitude, longitude, name="gallery"):
    """One leaf cell per place, so that a softmax over cells is one over the places."""
    ids, first = np.unique(s2.cell_ids(latitude, longitude, s2.LEAF_LEVEL), return_index=True)
    ones = np.ones(ids.size, np.int64)
    return Geocells(name, ids, ones, latitude[first].copy(), longitude[first].copy())


def our_model(cells, encoder, cache=None):
    return GeoClip(cells, lambda: published_weights(Store()), lambda: encoder, cache)


def largest_difference(model, package, photo):
    """Of log-probabilities on the gallery, on the same pixels."""
    cells = model.cells
    gallery = torch.tensor(np.stack([cells.mean_latitude, cells.mean_longitude], axis=1), dtype=torch.float32)
    images = torch.from_numpy(prepare(photo.pixels, model.encoder().preprocessing))
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = package(images, gallery).log_softmax(dim=1)[0].numpy()
    return float(np.abs(model.log_probabilities([photo])[0] - theirs).max())


@pytest.fixture(scope="module")
def tiny_encoder():
    import open_clip.model

    clip = tiny_transformers_clip()
    module = open_clip.model.CLIP(768, vision_cfg=VISION, text_cfg=TEXT, quick_gelu=True)
    return clip, encoder_of(clip, module, SMALL_PIXELS)


@pytest.fixture(scope="module")
def gallery():
    places = default_photo_places()
    return cells_at(places.latitude[::150], places.longitude[::150])


def test_log_probabilities_agree_with_the_package(monkeypatch, tiny_encoder, gallery, kauai):
    clip, encoder = tiny_encoder
    package = package_model(monkeypatch, clip, 32)
    assert largest_difference(our_model(gallery, encoder), package, open_photo(kauai)) < 1e-4


@pytest.mark.big
def test_log_probabilities_agree_with_the_package_at_full_size(monkeypatch, kauai):
    torch.manual_seed(0)
    with package_offline() as theirs:
        clip = theirs.ImageEncoder(from_pretrained=False).CLIP.eval()
    module = backbones.build(CLIP.encoder, 224, backbones.Device("cpu", "float32"), None, 1)
    package = package_model(monkeypatch, clip, 224)
    points = package.gps_gallery.double().numpy()
    model = our_model(cells_at(points[:, 0], points[:, 1]), encoder_of(clip, module, CLIP.preprocessing))
    assert largest_difference(model, package, open_photo(kauai)) < 1e-4
    assert pack_visual(module)
    model.encoder().backbone.memory.clear()
    assert largest_difference(model, package, open_photo(kauai)) < 1e-4


def test_the_published_constants():
    weights = published_weights(Store())
    assert weights.logit_scale == pytest.approx(39.687, abs=1e-3)
    spread = [float(weights.location[f"LocEnc{n}.capsule.0.b"].std()) for n in range(3)]
    assert spread == pytest.approx([1, 16, 256], rel=0.05)


def test_embeddings_have_length_1_and_know_places_apart():
    found = network.location_embeddings(published_weights(Store()).location, [48.85, 48.86, -33.9], [2.35, 2.34, 151.2])
    assert np.linalg.norm(found, axis=1) == pytest.approx(1)
    assert found[0] @ found[1] > 0.9 > found[0] @ found[2]


def test_a_batch_is_the_same_as_one_by_one(tiny_encoder, gallery):
    model = our_model(gallery, tiny_encoder[1])
    photos = [grey_photo(f"{value}.png", value) for value in (0, 60, 200)]
    together = model.predict_many(photos)
    assert len(together) == 3
    for photo, (prediction,) in zip(photos, together, strict=True):
        np.testing.assert_allclose(prediction.probability, model.predict(photo)[0].probability, rtol=1e-4)
        assert prediction.partition == "gallery"
    assert model.predict_many([]) == ()
    assert isinstance(model, Predictor)


def test_location_embeddings_are_kept_and_computed_again_when_damaged(tiny_encoder, gallery, tmp_path, monkeypatch):
    first = our_model(gallery, tiny_encoder[1], tmp_path).location_embeddings.copy()
    (kept,) = tmp_path.iterdir()
    assert kept.suffix == ".npy"
    computed = []
    real = network.location_embeddings
    monkeypatch.setattr(network, "location_embeddings", lambda *given: computed.append(1) or real(*given))
    np.testing.assert_array_equal(our_model(gallery, tiny_encoder[1], tmp_path).location_embeddings, first)
    assert computed == []
    kept.write_bytes(kept.read_bytes()[:1000])
    np.testing.assert_array_equal(our_model(gallery, tiny_encoder[1], tmp_path).location_embeddings, first)
    assert computed == [1]
    assert [path.name for path in tmp_path.iterdir()] == [kept.name]


def test_other_cells_are_kept_apart(tiny_encoder, gallery, tmp_path):
    _ = our_model(gallery, tiny_encoder[1], tmp_path).location_embeddings
    moved = Geocells("gallery", gallery.ids, gallery.photo_count, gallery.mean_latitude * 0.9, gallery.mean_longitude)
    _ = our_model(moved, tiny_encoder[1], tmp_path).location_embeddings
    assert len(list(tmp_path.iterdir())) == 2


@pytest.fixture(scope="module")
def small_world():
    places = default_photo_places()
    cells = grow(places.latitude, places.longitude, 20, 2000, name="geocells_fine")
    population = patchy_partition("population", POPULATION, SMALL_GRID, 4, 0, sea=0.4)
    blocks = blocks_partition(SMALL_GRID, 2)
    overlay = build_overlay([blocks, geocells_partition(cells, SMALL_GRID), population])
    prior = build_prior(overlay, places.latitude, places.longitude, blocks=blocks.name)
    return cells, overlay, prior


def test_flat_scores_leave_the_prior_as_it_is(small_world, tiny_encoder, monkeypatch):
    cells, overlay, prior = small_world
    model = our_model(cells, tiny_encoder[1])
    monkeypatch.setattr(GeoClip, "scores", lambda self, photos: np.full((len(photos), len(cells)), 7.0))
    (prediction,) = model.predict(grey_photo())
    np.testing.assert_allclose(prediction.probability, cells.photo_count / cells.photo_count.sum())
    pooled = pool(overlay, [prediction], prior)
    np.testing.assert_allclose(pooled.probability, prior.probability, rtol=1e-9)


def test_pooled_alone_the_ratio_to_the_prior_is_the_exponent_of_the_score(small_world, tiny_encoder, monkeypatch):
    cells, overlay, prior = small_world
    scores = np.random.default_rng(0).normal(0, 3, (1, len(cells)))
    monkeypatch.setattr(GeoClip, "scores", lambda self, photos: scores)
    (prediction,) = our_model(cells, tiny_encoder[1]).predict(grey_photo())
    certain = replace(prediction, predictor=replace(prediction.predictor, floor=0.0))
    pooled = pool(overlay, [certain], prior)
    table = overlay.table("geocells_fine")
    owns = np.bincount(table.owner, minlength=len(cells))[np.maximum(table.cell_label, 0)] == 1
    alone = (table.cell_label >= 0) & owns
    log_ratio = np.log(pooled.probability[alone] / prior.probability[alone])
    expected = scores[0, table.cell_label[alone]]
    np.testing.assert_allclose(log_ratio - log_ratio[0], expected - expected[0], atol=1e-9)


def test_two_models_that_know_nothing_do_not_count_the_prior_twice(small_world, tiny_encoder, monkeypatch):
    cells, overlay, prior = small_world
    monkeypatch.setattr(GeoClip, "scores", lambda self, photos: np.zeros((len(photos), len(cells))))
    (one,) = our_model(cells, tiny_encoder[1]).predict(grey_photo())
    other = replace(one, predictor=replace(one.predictor, name="other"))
    assert information_nats(pool(overlay, [one, other], prior), pool(overlay, [], prior)) < 1e-9


def test_what_is_not_fetched_is_said_in_one_sentence(gallery, tmp_path):
    model = GeoClip.from_store(gallery, Store(tmp_path))
    with pytest.raises(PredictorError, match=r"about 1\.71 GB.*hereabouts models fetch geoclip"):
        model.predict(grey_photo())


def test_weights_of_another_architecture_are_refused(gallery, tiny_encoder):
    from engine.errors import ArtifactError
    from engine.networks.state_dict import check_state

    wrong = random_state(network.image_shapes(512))
    with pytest.raises(ArtifactError, match=r"0\.weight has the shape \(512, 512\), not \(768, 768\)"):
        check_state(wrong, network.image_shapes(), "image_encoder_mlp_weights.pth")

    def damaged():
        raise ArtifactError("image_encoder_mlp_weights.pth is damaged; fetch it again.")

    with pytest.raises(PredictorError, match="is damaged"):
        GeoClip(gallery, damaged, lambda: tiny_encoder[1]).predict(grey_photo())


def test_the_finest_geocells_hold_single_places():
    cells = finest_geocells()
    assert 50_000 < len(cells) < 70_000
    level = s2.level_of(cells.ids)
    assert level.max() == 13
    assert (cells.photo_count[level < 13] == 1).all()

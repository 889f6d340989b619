import subprocess
import sys
import threading
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from engine.artifacts.catalog import Catalog, EncoderRecord, default_catalog
from engine.artifacts.store import Store
from engine.errors import ArtifactError, InputError, PredictorError
from engine.networks import backbones, encoders
from engine.networks.backbones import TINY_CLIP, Device
from engine.networks.clip import clip_from_transformers
from engine.networks.encoders import Output, image_encoder, text_encoder

CPU = Device("cpu", "float32")
CLIP = default_catalog().record("clip_vit_l14_openai")
TINY = replace(
    CLIP,
    name="tiny",
    title="Tiny CLIP",
    encoder=EncoderRecord("open_clip", TINY_CLIP, "open_clip", 16),
    preprocessing=replace(CLIP.preprocessing, size=32),
)
TINY_TIMM = replace(
    TINY,
    name="tiny_timm",
    title="Tiny ViT",
    encoder=EncoderRecord("timm", "test_vit", "timm", 64),
    preprocessing=replace(CLIP.preprocessing, size=96),
)


@dataclass(frozen=True)
class Photo:
    sha256: str
    pixels: np.ndarray


@pytest.fixture(autouse=True)
def _fresh():
    encoders.release()
    yield
    encoders.release()


def photos(count, seed=0):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(20, 90, (count, 2))
    return [rng.integers(0, 256, (*size, 3), dtype=np.uint8) for size in sizes]


def tiny(**options):
    return image_encoder(TINY, random_weights=1, device="cpu", **options)


@pytest.fixture
def passes(monkeypatch):
    """How many images each forward pass had."""
    seen, real = [], backbones.forward

    def counted(module, batch, device):
        seen.append(len(batch))
        return real(module, batch, device)

    monkeypatch.setattr(backbones, "forward", counted)
    return seen


def test_a_batch_is_the_same_as_one_by_one(passes):
    encoder, pixels = tiny(), photos(37)
    encoder.batch_size = 16  # as on an accelerator; on the processor two photos at once are the quickest
    together = encoder.encode(pixels)
    assert together.shape == (37, 16)
    assert together.dtype == np.float32
    assert passes == [16, 16, 5]
    alone = np.concatenate([encoder.encode([each]) for each in pixels])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert np.ptp(together, axis=0).min() > 0  # photos differ, so do embeddings


def test_nothing_in_nothing_out():
    assert tiny().encode([]).shape == (0, 16)
    assert tiny().encode_photos([]).shape == (0, 16)
    assert text_encoder(TINY, random_weights=1).encode([]).shape == (0, 16)


def test_the_same_photo_is_encoded_once_for_all_who_ask(passes):
    several = [Photo(str(at), pixels) for at, pixels in enumerate(photos(3))]
    first = tiny().encode_photos(several)
    token = tiny().encode_photos(several, output=Output.CLASS_TOKEN)
    again = tiny().encode_photos([several[2], several[0], several[2]])
    assert sum(passes) == 3
    assert token.shape == (3, 32)
    np.testing.assert_array_equal(again, first[[2, 0, 2]])


def test_the_memory_forgets_the_oldest(passes, monkeypatch):
    monkeypatch.setattr(encoders, "MEMORY", 2)
    encoder, several = tiny(), [Photo(str(at), pixels) for at, pixels in enumerate(photos(3))]
    for photo in several:
        encoder.encode_photos([photo])
    encoder.encode_photos([several[2]])
    assert len(passes) == 3
    encoder.encode_photos([several[0]])
    assert len(passes) == 4


def test_backbones_are_shared_by_record_device_and_format():
    assert tiny().key == tiny().key
    assert tiny().backbone.module is text_encoder(TINY, random_weights=1).backbone.module
    assert tiny().key != image_encoder(TINY, random_weights=2).key
    assert tiny().key != tiny(dtype="bfloat16").key
    np.testing.assert_allclose(tiny().encode(photos(2)), tiny(dtype="bfloat16").encode(photos(2)), atol=0.1)


def test_threads_build_one_backbone_and_agree(passes):
    several = [Photo(str(at), pixels) for at, pixels in enumerate(photos(12))]
    expected, found = tiny().encode([photo.pixels for photo in several]), {}
    passes.clear()
    encoders.release()
    start = threading.Barrier(8)

    def ask(me):
        start.wait()
        found[me] = tiny().encode_photos(several[me:] + several[:me])

    threads = [threading.Thread(target=ask, args=(me,)) for me in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(passes) == 12
    assert len(encoders._backbones) == 1
    for me in range(8):
        np.testing.assert_allclose(found[me], np.roll(expected, -me, axis=0), atol=1e-5)


def test_memory_that_runs_out_makes_the_batch_smaller_and_says_so(monkeypatch, caplog):
    real, encoder = backbones.forward, tiny()
    encoder.batch_size = 16
    expected = encoder.encode(photos(10))

    def narrow(module, batch, device):
        if len(batch) > 3:
            raise torch.OutOfMemoryError("no room")
        return real(module, batch, device)

    monkeypatch.setattr(backbones, "forward", narrow)
    np.testing.assert_allclose(encoder.encode(photos(10)), expected, atol=1e-5)
    assert encoder.batch_size == 2
    assert "going on with 2" in caplog.text


def test_memory_for_not_even_one_is_a_sentence_and_other_failures_pass(monkeypatch):
    def none(module, batch, device):
        raise MemoryError

    monkeypatch.setattr(backbones, "forward", none)
    with pytest.raises(PredictorError, match="does not fit into memory"):
        tiny().encode(photos(5))

    def broken(module, batch, device):
        raise RuntimeError("something else")

    monkeypatch.setattr(backbones, "forward", broken)
    with pytest.raises(RuntimeError, match="something else"):
        tiny().encode(photos(5))


def test_text_and_images_share_a_space():
    encoder = text_encoder(TINY, random_weights=1)
    found = encoder.encode(["a photo of a forest", "a photo of a city", "a photo of a forest", "long " * 300])
    assert found.shape == (4, 16)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(found[0], found[2], atol=1e-6)
    assert np.abs(found[0] - found[1]).max() > 1e-3
    assert encoder.logit_scale == pytest.approx(1 / 0.07, rel=1e-5)


@pytest.fixture
def stored(tmp_path):
    """A store whose folder was filled by hand with the weights of a tiny record."""

    def fill(record, tensors, name="open_clip_model.safetensors"):
        folder = tmp_path / "models" / record.name
        folder.mkdir(parents=True, exist_ok=True)
        save_file({key: value.contiguous() for key, value in tensors.items()}, folder / name)
        return Store(tmp_path / "models", catalog=Catalog({record.name: record}))

    return fill


@pytest.mark.parametrize("record", [TINY, TINY_TIMM], ids=["open_clip", "timm"])
def test_weights_from_a_file_are_the_same_network(stored, record):
    source = backbones._random_network(record.encoder, seed=5)
    store = stored(record, source.state_dict())
    loaded, pixels = image_encoder(record, store, device="cpu"), photos(3)
    made = image_encoder(record, random_weights=5, device="cpu")
    np.testing.assert_allclose(loaded.encode(pixels), made.encode(pixels), atol=1e-5)
    if record is TINY:
        prompts = ["a photo of snow", "a map"]
        np.testing.assert_allclose(
            text_encoder(record, store, device="cpu").encode(prompts),
            text_encoder(record, random_weights=5, device="cpu").encode(prompts),
            atol=1e-5,
        )
    assert loaded.backbone.module.training is False


def test_half_precision_weights_become_the_format_asked_for(stored):
    halves = {key: value.half() for key, value in backbones._random_network(TINY.encoder, 5).state_dict().items()}
    encoder = image_encoder(TINY, stored(TINY, halves), device="cpu")
    assert {value.dtype for value in encoder.backbone.module.parameters()} == {torch.float32}
    made = image_encoder(TINY, random_weights=5, device="cpu")
    np.testing.assert_allclose(encoder.encode(photos(2)), made.encode(photos(2)), atol=0.02)


def test_weights_of_another_architecture_are_a_sentence(stored):
    store = stored(TINY, backbones._random_network(TINY_TIMM.encoder, seed=5).state_dict())
    with pytest.raises(ArtifactError, match="positional_embedding is missing"):
        image_encoder(TINY, store)
    with pytest.raises(ArtifactError, match="not on this machine"):
        image_encoder(
            replace(TINY, name="none"), Store(store.root, catalog=Catalog({"none": replace(TINY, name="none")}))
        )


def transformers_clip():
    transformers = pytest.importorskip("transformers")
    config = transformers.CLIPConfig(
        projection_dim=16,
        text_config={
            "hidden_size": 32, "intermediate_size": 128, "num_attention_heads": 2, "num_hidden_layers": 2,
            "projection_dim": 16, "bos_token_id": 0, "eos_token_id": 2,
        },
        vision_config={
            "hidden_size": 32, "intermediate_size": 128, "num_attention_heads": 2, "num_hidden_layers": 2,
            "projection_dim": 16, "image_size": 32, "patch_size": 8,
        },
    )  # fmt: skip
    torch.manual_seed(3)
    model = transformers.CLIPModel(config).eval()
    with torch.no_grad():  # its own start leaves biases 0 and norms 1; a renaming could mix those up unseen
        for value in model.parameters():
            value.add_(torch.randn_like(value) * 0.05)
    return model


def pooled(output):
    return (output if isinstance(output, torch.Tensor) else output.pooler_output).numpy()


def test_weights_of_the_transformers_library_give_the_same_embeddings(stored):
    model = transformers_clip()
    record = replace(TINY, name="street", encoder=replace(TINY.encoder, weights_format="transformers"))
    store = stored(record, model.state_dict())
    images = np.random.default_rng(0).normal(size=(3, 3, 32, 32)).astype(np.float32)
    ours = image_encoder(record, store, device="cpu").forward(images)
    with torch.inference_mode():
        theirs = pooled(model.get_image_features(pixel_values=torch.from_numpy(images)))
        hidden = model.vision_model(pixel_values=torch.from_numpy(images)).last_hidden_state[:, 0].numpy()
        tokens = __import__("open_clip").tokenize(["a photo of snow", "a map"])
        text = pooled(model.get_text_features(input_ids=tokens))
    np.testing.assert_allclose(ours[Output.PROJECTED], theirs, atol=1e-5)
    np.testing.assert_allclose(ours[Output.CLASS_TOKEN], hidden, atol=1e-5)
    encoded = text_encoder(record, store, device="cpu").encode(["a photo of snow", "a map"])
    np.testing.assert_allclose(encoded, text / np.linalg.norm(text, axis=1, keepdims=True), atol=1e-5)


@pytest.mark.parametrize(
    "change", [{"odd.key": torch.ones(1)}, {"vision_model.encoder.layers.0.self_attn.k_proj.bias": None}]
)
def test_what_is_no_transformers_clip_is_a_sentence(change):
    tensors = {**transformers_clip().state_dict(), **change}
    with pytest.raises(ArtifactError, match=next(iter(change)).replace(".", r"\.")):
        clip_from_transformers({key: value for key, value in tensors.items() if value is not None})


def test_a_device_and_a_format_are_chosen_or_refused():
    assert backbones.device_and_dtype("cpu") == CPU
    assert backbones.device_and_dtype(None, "bfloat16").dtype == "bfloat16"
    with pytest.raises(InputError, match="tpu"):
        backbones.device_and_dtype("tpu")
    with pytest.raises(InputError, match="float8"):
        backbones.device_and_dtype("cpu", "float8")


@pytest.mark.parametrize(
    ("encoder", "words"),
    [
        (EncoderRecord("open_clip", "no-such-model", "open_clip", 16), "no-such-model"),
        (EncoderRecord("timm", "no_such_model", "timm", 16), "no_such_model"),
        (EncoderRecord("keras", "vit", "keras", 16), "keras"),
        (None, "has no encoder"),
    ],
)
def test_an_encoder_that_cannot_be_is_a_sentence(encoder, words):
    with pytest.raises(InputError, match=words):
        image_encoder(replace(TINY, encoder=encoder), random_weights=1)


def test_a_vit_without_text_reads_no_prompts():
    with pytest.raises(InputError, match="reads no text"):
        text_encoder(TINY_TIMM, random_weights=1)
    with pytest.raises(InputError, match="store"):
        image_encoder(TINY)


def test_five_crops_are_for_the_caller():
    record = replace(TINY, preprocessing=replace(TINY.preprocessing, crop="five"))
    with pytest.raises(InputError, match="five crops"):
        image_encoder(record, random_weights=1).encode(photos(1))


def test_importing_loads_no_torch():
    code = (
        "import sys, engine.networks.encoders, engine.artifacts.store, engine.artifacts.weights; "
        "sys.exit(any(name in sys.modules for name in ('torch', 'timm', 'open_clip', 'httpx', 'huggingface_hub')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_openai_architectures_use_the_quick_gelu():
    for name in ("clip_vit_l14_openai", "clip_vit_b32_openai", "streetclip"):
        with torch.device("meta"):
            module = backbones._network(default_catalog().record(name).encoder)
        assert "QuickGELU" in str(module.visual)
        assert "QuickGELU" in str(module.transformer)


@pytest.mark.big
def test_the_true_clip_with_random_weights():
    encoder = image_encoder(CLIP, random_weights=0, device="cpu")
    assert sum(value.numel() for value in encoder.backbone.module.parameters()) == 427_616_513
    found = encoder.encode(photos(2))
    assert found.shape == (2, 768)
    assert encoder.encode(photos(1), output=Output.CLASS_TOKEN).shape == (1, 1024)
    np.testing.assert_allclose(found[:1], encoder.encode(photos(2)[:1]), atol=1e-4)


@pytest.mark.big
def test_the_true_dino_with_random_weights():
    encoder = image_encoder(default_catalog().record("dinov2_vit_l14_reg"), random_weights=0, device="cpu")
    assert encoder.backbone.module.pos_embed.shape == (1, 24 * 24, 1024)
    assert encoder.encode(photos(1)).shape == (1, 1024)

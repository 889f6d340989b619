"""The scene model: from what the network sees to a score per label of seven partitions, fitted jointly.

A conditional logit over the surface of the Earth. Every place has one label in each partition (population, land cover,
climate, elevation, relief, distance to the sea, region of the world), and

    P(place | photo) = prior(place) * exp(sum over partitions of score[label(place)]) / Z,    score = x W + c,

where x are principal components of the network's outputs. All scores were fitted at once, against the photo prior, so
that six attributes of one look are not counted six times; the ridge penalty draws them towards 0, which says nothing.
Fitted by ``assets/scripts/fit_scene.py``; the model card is ``assets/models/scene.md``.
"""

import io
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import ArtifactError
from engine.layers.assets_folder import ASSETS
from engine.predictors.scene.network import SceneView
from engine.predictors.scene.partitions import Regions
from engine.typing import FloatArray

MODEL_PATH = ASSETS / "models" / "scene.npz"
"""The fitted numbers that ship with the project."""
FORMAT = 1


@dataclass(frozen=True, eq=False)
class Block:
    """The part of the scores that belongs to one partition.

    Attributes:
        partition: its name.
        labels: in the order of the scores.
        titles: one per label, in plain words.
        prior: ``(J,)`` mass of the photo prior on each label when the model was fitted; sums to 1.
    """

    partition: str
    labels: tuple[str, ...]
    titles: tuple[str, ...]
    prior: FloatArray


@dataclass(frozen=True, eq=False)
class SceneModel:
    """Everything that the file holds.

    Attributes:
        mean, scale: ``(F,)`` of the network's outputs, see ``inputs_of``.
        basis: ``(F, K)`` directions of the principal components.
        weights: ``(K, P)`` scores per component; P is the number of labels of all blocks.
        offset: ``(P,)`` scores of the mean photo.
        blocks: the partitions.
        combinations: ``(M, B)`` label numbers of each block at M samples of places, -1 where there is no label.
        mass: ``(M,)`` mass of the photo prior that each sample stands for; sums to 1.
        place_share: ``(1000,)`` how much more often a class is seen in photos of places than in all of ImageNet, as a
            probability of a place.
        gate: mean place share under which a photo counts as one of no place, and from which it counts fully.
        regions: the partition of regions.
        facts: what it was fitted on, and its figures on places left out.
    """

    mean: FloatArray
    scale: FloatArray
    basis: FloatArray
    weights: FloatArray
    offset: FloatArray
    blocks: tuple[Block, ...]
    combinations: npt.NDArray[np.int64]
    mass: FloatArray
    place_share: FloatArray
    gate: tuple[float, float]
    regions: Regions
    facts: dict[str, Any]

    @cached_property
    def _starts(self) -> npt.NDArray[np.int64]:
        return np.cumsum([0, *(len(block.labels) for block in self.blocks)])

    def scores(self, view: SceneView) -> FloatArray:
        """Log-likelihood ratio per label of all blocks ``(P,)``; 0 everywhere says nothing."""
        inputs = (inputs_of(view) - self.mean) * self.scale
        return np.asarray((inputs @ self.basis) @ self.weights + self.offset, np.float64)

    def by_block(self, scores: FloatArray) -> tuple[FloatArray, ...]:
        """Scores ``(P,)`` cut into the blocks, ``(J,)`` each."""
        return tuple(scores[start:stop] for start, stop in zip(self._starts, self._starts[1:], strict=False))

    def placeness(self, view: SceneView) -> float:
        """How far a photo is one of a place, 0 (an object, an animal, a page) to 1."""
        low, high = self.gate
        return float(np.clip((view.probability @ self.place_share - low) / (high - low), 0.0, 1.0))

    def marginals(self, scores: FloatArray) -> tuple[FloatArray, ...]:
        """Probability of each label of each block ``(J,)`` given all scores together, over the photo prior."""
        total = np.zeros(len(self.mass))
        for block, labels in zip(self.by_block(scores), self.combinations.T, strict=True):
            total += np.append(block, 0.0)[labels]
        mass = self.mass * np.exp(total - total.max())
        mass /= mass.sum()
        return tuple(
            np.asarray(np.bincount(labels + 1, weights=mass, minlength=len(block.labels) + 1)[1:], np.float64)
            for block, labels in zip(self.blocks, self.combinations.T, strict=True)
        )


def inputs_of(view: SceneView) -> FloatArray:
    """The network's outputs as one vector ``(F,)``: class log-probabilities, roots of features, textures."""
    return np.concatenate([view.log_probability, np.sqrt(np.maximum(view.features, 0.0)), view.textures])


def load_scene_model(path: Path = MODEL_PATH) -> SceneModel:
    """The model in a file made by ``assets/scripts/fit_scene.py``.

    Raises:
        ArtifactError: the file is missing, damaged or of another version.
    """
    remedy = "install the project again or run assets/scripts/fit_scene.py."
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            return _model_of({name: stored[name] for name in stored.files})
    except FileNotFoundError as error:
        raise ArtifactError(f"The file {path.name} of the predictor scene is missing; {remedy}") from error
    except Exception as error:  # zipfile, zlib and NumPy each have their own errors for a damaged file
        raise ArtifactError(
            f"The file {path.name} of the predictor scene is damaged or made for another version; {remedy}"
        ) from error


def save_scene_model(model: SceneModel, path: Path) -> None:
    """Write a model; numbers that need no more are stored in half precision."""
    facts = {
        "format": FORMAT,
        "blocks": [[each.partition, list(each.labels), list(each.titles)] for each in model.blocks],
        "gate": list(model.gate),
        "facts": model.facts,
    }
    np.savez_compressed(
        path,
        header=np.frombuffer(json.dumps(facts).encode(), np.uint8),
        mean=model.mean.astype(np.float32),
        scale=model.scale.astype(np.float32),
        basis=model.basis.astype(np.float16),
        weights=model.weights.astype(np.float32),
        offset=model.offset.astype(np.float32),
        priors=np.concatenate([each.prior for each in model.blocks]),
        combinations=model.combinations.astype(np.int8),
        mass=model.mass.astype(np.float32),
        place_share=model.place_share.astype(np.float32),
        centres=model.regions.centres,
    )


def _model_of(stored: dict[str, npt.NDArray[Any]]) -> SceneModel:
    header = json.loads(bytes(stored["header"]))
    if header["format"] != FORMAT:
        raise ValueError("another format")
    sizes = [len(labels) for _, labels, _ in header["blocks"]]
    priors = np.split(stored["priors"].astype(np.float64), np.cumsum(sizes)[:-1])
    blocks = tuple(
        Block(name, tuple(labels), tuple(titles), prior)
        for (name, labels, titles), prior in zip(header["blocks"], priors, strict=True)
    )
    numbers = {key: stored[key].astype(np.float64) for key in ("mean", "scale", "basis", "weights", "offset", "mass")}
    inputs, components = numbers["basis"].shape
    shapes = {"mean": (inputs,), "scale": (inputs,), "weights": (components, sum(sizes)), "offset": (sum(sizes),)}
    if any(numbers[key].shape != shape for key, shape in shapes.items()):
        raise ValueError("arrays that do not fit each other")
    if not all(np.isfinite(array).all() for array in numbers.values()):
        raise ValueError("numbers that are not finite")
    low, high = header["gate"]
    return SceneModel(
        **numbers,
        blocks=blocks,
        combinations=stored["combinations"].astype(np.int64),
        place_share=stored["place_share"].astype(np.float64),
        gate=(float(low), float(high)),
        regions=Regions(blocks[-1].labels, stored["centres"].astype(np.float64)),
        facts=header["facts"],
    )

"""Attributes of the ground read off a photo by a network that this project trained, and the constant urban prior.

The classifiers of Bianco et al. 2024, section 5.1: a timm backbone with one softmax layer per satellite layer, each
with a temperature fitted on validation photos; or such layers on a table of embeddings. A checkpoint is one
safetensors file:

* the header holds under ``hereabouts`` a JSON record ``{"format": 1, "kind": "attribute_head", "networks": [...]}``
  with ``title``, ``licence`` and ``source``; ``HeadSpec`` says what one network's entry holds;
* the tensors of network n are ``<n>.backbone.*`` (timm's own keys) and ``<n>.heads.<attribute>.weight`` / ``.bias``;
  a network on embeddings has ``<n>.scale.mean`` and ``<n>.scale.spread`` in place of a backbone.

Knows nothing of training. Imports torch only when a photo comes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import softmax

from engine.artifacts.catalog import Preprocessing
from engine.artifacts.weights import load_into, load_tensors
from engine.errors import ArtifactError, HereaboutsError, PredictorError
from engine.files import atomic_path, write_text
from engine.layers.in_use import layer_in_use
from engine.networks.preprocessing import prepare
from engine.photos.photo import Photo
from engine.predictors.base import Prediction, Record
from engine.typing import FloatArray

if TYPE_CHECKING:
    import torch

    from engine.artifacts.store import Store

KIND, FORMAT, HEADER = "attribute_head", 1, "hereabouts"
CLIPPED = 10.0
"""Standardised features are held within this many spreads, as they were when the head was fitted."""


@dataclass(frozen=True, eq=False)
class Attribute:
    """One softmax layer.

    Attributes:
        name: of the partition that it speaks of, for instance ``"population"``.
        labels: in the order of the outputs.
        label_prior: share of each label among the photos of the training, as balanced; sums to 1.
        temperature: what logits are divided by; above 0.
    """

    name: str
    labels: tuple[str, ...]
    label_prior: FloatArray
    temperature: float = 1.0


@dataclass(frozen=True, eq=False)
class HeadSpec:
    """What one network of a checkpoint is.

    Attributes:
        attributes: its softmax layers.
        architecture: timm's name of the backbone; empty when it reads embeddings.
        preprocessing: how the backbone wants pixels; None when it reads embeddings.
        encoder: record of the catalogue whose embeddings it reads; empty when the table came from elsewhere.
        random_weights: seed of that encoder's random weights, or None for its published ones.
        columns: features that it reads, in order; empty when it reads pixels.
    """

    attributes: tuple[Attribute, ...]
    architecture: str = ""
    preprocessing: Preprocessing | None = None
    encoder: str = ""
    random_weights: int | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class HeadCheckpoint:
    """Specifications and weights, network by network, with ``title``, ``licence``, ``source`` and figures."""

    specs: tuple[HeadSpec, ...]
    tensors: tuple[Mapping[str, torch.Tensor], ...]
    facts: Mapping[str, Any]


def build(architecture: str, labels: Mapping[str, int]) -> torch.nn.ModuleDict:
    """A timm backbone with one linear layer per attribute, at random weights, in evaluation mode.

    Args:
        architecture: timm's name; one weight tag after a dot is allowed and ignored.
        labels: number of labels per attribute.

    Raises:
        ArtifactError: timm knows no such backbone.
    """
    import timm
    import torch

    bare = architecture.partition(".")[0]
    if not timm.is_model(bare):
        raise ArtifactError(
            f"timm knows no backbone {architecture!r}; take for instance resnetv2_50x1_bit or test_convnext."
        )
    backbone: Any = timm.create_model(bare, pretrained=False, num_classes=0)
    heads = {name: torch.nn.Linear(int(backbone.num_features), count) for name, count in labels.items()}
    return torch.nn.ModuleDict({"backbone": backbone, "heads": torch.nn.ModuleDict(heads)}).eval()


def logits(network: torch.nn.Module, images: torch.Tensor) -> list[torch.Tensor]:
    """``(B, J)`` per attribute from prepared images ``(B, 3, S, S)``."""
    parts: Any = network
    features = parts["backbone"](images)
    return [head(features) for head in parts["heads"].values()]


def save_checkpoint(path: Path, checkpoint: HeadCheckpoint) -> None:
    """Write a checkpoint whole or not at all, and its record as JSON beside it."""
    from safetensors.torch import save_file

    tensors = {
        f"{number}.{key}": value.detach().cpu().contiguous()
        for number, each in enumerate(checkpoint.tensors)
        for key, value in each.items()
    }
    record = {
        "format": FORMAT,
        "kind": KIND,
        **checkpoint.facts,
        "networks": [_spec_facts(s) for s in checkpoint.specs],
    }
    with atomic_path(path) as temporary:
        save_file(tensors, temporary, {HEADER: json.dumps(record)})
    write_text(path.with_suffix(".json"), json.dumps(record, indent=1))


def read_record(path: Path) -> tuple[tuple[HeadSpec, ...], dict[str, Any]]:
    """What a checkpoint says of itself: its networks and its facts. Opens no tensor and loads no torch.

    Raises:
        ArtifactError: the file is missing, damaged or of another kind.
    """
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise ArtifactError(f"There is no checkpoint {path}; train one with hereabouts train attributes.")
    try:
        with safe_open(path, "numpy") as file:
            told = json.loads((file.metadata() or {})[HEADER])
        specs = tuple(_spec(entry) for entry in told["networks"]) if told["kind"] == KIND else ()
        current = bool(specs) and told["format"] == FORMAT
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(
            f"{path.name} is not an attribute_head checkpoint of this project or is damaged; train or copy it again."
        ) from error
    if not current:
        raise ArtifactError(f"{path.name} is a checkpoint of another kind or version; give an attribute_head.")
    return specs, {key: value for key, value in told.items() if key not in ("format", "kind", "networks")}


def load_checkpoint(path: Path) -> HeadCheckpoint:
    """A checkpoint with its weights.

    Raises:
        ArtifactError: the file is missing, damaged or of another kind.
    """
    specs, facts = read_record(path)
    everything = load_tensors(path)
    return HeadCheckpoint(specs, tuple(_network_tensors(everything, n) for n in range(len(specs))), facts)


def _network_tensors(everything: Mapping[str, torch.Tensor], number: int) -> dict[str, torch.Tensor]:
    start = f"{number}."
    return {key.removeprefix(start): value for key, value in everything.items() if key.startswith(start)}


def _spec_facts(spec: HeadSpec) -> dict[str, Any]:
    """A specification as JSON."""
    attributes = [
        {**asdict(each), "label_prior": [float(share) for share in each.label_prior]} for each in spec.attributes
    ]
    crop = asdict(spec.preprocessing) if spec.preprocessing is not None else None
    return {**asdict(replace(spec, attributes=())), "attributes": attributes, "preprocessing": crop}


def _spec(told: Mapping[str, Any]) -> HeadSpec:
    attributes = tuple(
        Attribute(each["name"], tuple(each["labels"]), np.array(each["label_prior"]), float(each["temperature"]))
        for each in told["attributes"]
    )
    if any(each.temperature <= 0 or len(each.labels) != each.label_prior.size for each in attributes):
        raise ValueError("labels and numbers that do not fit")
    crop = told["preprocessing"]
    frozen: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in (crop or {}).items()}
    preprocessing = Preprocessing(**frozen) if crop is not None else None
    columns = tuple(told["columns"])
    return HeadSpec(attributes, told["architecture"], preprocessing, told["encoder"], told["random_weights"], columns)


@dataclass(frozen=True, eq=False)
class AttributeHead:
    """The predictor ``attribute_head``: one prediction per attribute of its checkpoint. Loads nothing until asked.

    Attributes:
        path: the checkpoint.
        store: where the encoder of a head on embeddings is; not needed for networks that read pixels.
        name: name among predictors, so that several checkpoints can be used side by side.
    """

    path: Path
    store: Store | None = None
    name: str = "attribute_head"

    @cached_property
    def record(self) -> Record:
        """What the checkpoint says of itself."""
        try:
            _, facts = read_record(self.path)
        except ArtifactError as error:  # it can still be listed; predict() says what is wrong
            facts = {"summary": str(error)}
        return Record(
            self.name,
            str(facts.get("title", "Trained attributes")),
            str(facts.get("summary", "A network trained to read satellite layers off photos.")),
            str(facts.get("licence", "that of your own checkpoint")),
            str(facts.get("source", "hereabouts train attributes")),
        )

    @cached_property
    def _networks(self) -> list[tuple[HeadSpec, Any]]:
        checkpoint = load_checkpoint(self.path)
        pairs = zip(checkpoint.specs, checkpoint.tensors, strict=True)
        return [(spec, dict(state) if spec.columns else self._load_network(spec, state)) for spec, state in pairs]

    def _load_network(self, spec: HeadSpec, state: Mapping[str, torch.Tensor]) -> torch.nn.Module:
        network = build(spec.architecture, {each.name: len(each.labels) for each in spec.attributes})
        load_into(network, state, self.path.name)
        return network.requires_grad_(requires_grad=False).eval()

    def predict(self, photo: Photo) -> tuple[Prediction, ...]:
        """One prediction per attribute.

        Raises:
            PredictorError: the checkpoint or the encoder that it needs is missing or damaged.
        """
        try:
            found = [(spec, self._scores(spec, network, photo)) for spec, network in self._networks]
        except ArtifactError as error:
            raise PredictorError(str(error)) from error
        return tuple(
            Prediction(self.record, each.name, softmax(scores / each.temperature, axis=-1), each.label_prior)
            for spec, rows in found
            for each, scores in zip(spec.attributes, rows, strict=True)
        )

    def _scores(self, spec: HeadSpec, network: Any, photo: Photo) -> list[FloatArray]:
        """Logits ``(J,)`` per attribute of one photo."""
        if spec.preprocessing is None:
            features = self._embedding(spec, photo)
            return feature_scores(network, [each.name for each in spec.attributes], features[None])
        import torch

        with torch.inference_mode():
            rows = logits(network, torch.from_numpy(prepare(photo.pixels, spec.preprocessing)))
        return [row[0].double().numpy() for row in rows]

    def _embedding(self, spec: HeadSpec, photo: Photo) -> FloatArray:
        from engine.networks.encoders import image_encoder

        if not spec.encoder or (self.store is None and spec.random_weights is None):
            raise PredictorError(
                f"{self.path.name} reads a table of features, not photos; give its table to hereabouts evaluate, or "
                "train it on a table made by hereabouts embed."
            )
        try:
            from engine.artifacts.catalog import default_catalog

            catalog = self.store.catalog if self.store is not None else default_catalog()
            encoder = image_encoder(catalog.record(spec.encoder), self.store, random_weights=spec.random_weights)
        except HereaboutsError as error:
            raise PredictorError(str(error)) from error
        return np.asarray(encoder.encode_photos([photo])[0], np.float64)


def feature_scores(state: Mapping[str, Any], names: Sequence[str], features: FloatArray) -> list[FloatArray]:
    """Logits ``(B, J)`` per attribute from features ``(B, F)``; squeezed to ``(J,)`` for a single row."""
    arrays = {key: np.asarray(value, np.float64) for key, value in state.items()}
    standard = np.clip((features - arrays["scale.mean"]) / arrays["scale.spread"], -CLIPPED, CLIPPED)
    rows = [standard @ arrays[f"heads.{name}.weight"].T + arrays[f"heads.{name}.bias"] for name in names]
    return [row[0] if len(features) == 1 else row for row in rows]


URBAN_RECORD = Record(
    "urban_prior",
    "Urban prior",
    "The constant baseline of Bianco et al. 2024: every photo is assigned to the two densest population buckets, "
    "wherever they are. A baseline to compare with, not evidence.",
    "Apache-2.0",
    "Bianco et al. 2024, section 5.3 ('+LS, urban')",
    weight=0.0,
)


@dataclass(frozen=True, eq=False)
class UrbanPrior:
    """The predictor ``urban_prior``: the mask of the two densest buckets, the same for every photo.

    Attributes:
        shares: ``(4,)`` land area of each bucket, in any unit, lowest first; those of the layer in use unless given.
        record: what it says of itself; off unless the user gives it a weight.
    """

    shares: Sequence[float] | None = None
    record: Record = URBAN_RECORD

    def predict(self, photo: Photo) -> tuple[Prediction, ...]:
        """Probability by area inside the mask and none outside, over a prior by area: a mask under either pooling."""
        del photo
        layer = layer_in_use("population") if self.shares is None else None
        area = np.asarray(layer.land_shares if layer is not None else self.shares, np.float64)
        mask = np.where(np.arange(area.size) >= area.size - 2, area, 0.0)
        return (Prediction(self.record, "population", mask / mask.sum(), area / area.sum()),)

"""PLONK: places drawn from a generative model of where a photo may have been taken, as masses of geocells.

The published code gives points, or a density without a calibrated scale; here points become a density by a kernel on
the sphere whose width the points themselves choose. ``label_prior`` is the density of the photos that a model was
trained on: the photo counts of the cells for YFCC, of which MP-16 is a part; for OSV-5M, which was drawn evenly over
the Earth, the same counts evened out over blocks of about 140 km.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.artifacts.bundles import require
from engine.artifacts.store import Store
from engine.artifacts.weights import load_tensors
from engine.errors import ArtifactError, InputError, PredictorError
from engine.geometry.s2 import cells as s2
from engine.networks import plonk as network
from engine.networks.encoders import ImageEncoder, Output, image_encoder
from engine.networks.state_dict import State
from engine.partitions.geocells import Geocells
from engine.partitions.vmf_kernel import cell_masses
from engine.photos.photo import Photo
from engine.predictors.base import Prediction, Record
from engine.typing import FloatArray

BLOCK_LEVEL = 6
"""S2 level of the blocks over which street views were drawn evenly; about 20,000 km2 each."""


@dataclass(frozen=True)
class Variant:
    """One of the published models.

    Attributes:
        artifact: its record in the catalogue of published files.
        backbone: the record of the encoder that gives its condition.
        output: which embedding of that encoder.
        even: whether its training photos were drawn evenly over the Earth.
        record: what it says of itself.
    """

    artifact: str
    backbone: str
    output: Output
    even: bool
    record: Record


def _record(name: str, title: str, photos: str, licence: str) -> Record:
    return Record(
        name=name,
        title=title,
        summary=f"Draws places where the photo may have been taken, learnt from {photos}; their density is the map.",
        licence=licence,
        source="Dufour, Kalogeiton, Picard and Landrieu, CVPR 2025",
    )


VARIANTS = (
    Variant(
        "plonk_yfcc",
        "dinov2_vit_l14_reg",
        Output.PROJECTED,
        False,
        _record("plonk_yfcc", "PLONK (Flickr)", "48 million Flickr photos", "MIT"),
    ),
    Variant(
        "plonk_osv5m",
        "streetclip",
        Output.CLASS_TOKEN,
        True,
        _record(
            "plonk_osv5m",
            "PLONK (street views)",
            "5 million street views",
            "MIT; its encoder StreetCLIP is CC-BY-NC-4.0: not for commercial use",
        ),
    ),
    Variant(
        "plonk_inaturalist",
        "dinov2_vit_l14_reg",
        Output.PROJECTED,
        False,
        _record("plonk_inaturalist", "PLONK (plants and animals)", "2.7 million observations of nature", "MIT"),
    ),
)


def variant(artifact: str) -> Variant:
    """The published model of that name.

    Raises:
        InputError: there is none.
    """
    for each in VARIANTS:
        if each.artifact == artifact:
            return each
    names = ", ".join(each.artifact for each in VARIANTS)
    raise InputError(f"There is no PLONK model {artifact!r}; choose one of: {names}.")


@dataclass(frozen=True, eq=False)
class Plonk:
    """A predictor of the family; loads nothing until a photo comes.

    Attributes:
        variant: which model.
        cells: the geocells that it answers on; their name is that of the partition.
        weights: gives the network.
        encoder: gives the image encoder of its condition.
        count: points drawn per photo.
        steps: steps of the sampler.
    """

    variant: Variant
    cells: Geocells
    weights: Callable[[], State]
    encoder: Callable[[], ImageEncoder]
    count: int = 512
    steps: int = 32

    @classmethod
    def from_store(cls, artifact: str, cells: Geocells, store: Store) -> Plonk:
        """The published model; a photo asks the store for it, not this call."""
        chosen = variant(artifact)
        return cls(
            chosen,
            cells,
            lambda: published_weights(store, artifact),
            lambda: image_encoder(store.catalog.record(chosen.backbone), store),
        )

    @property
    def record(self) -> Record:
        """What this predictor says of itself."""
        return self.variant.record

    @cached_property
    def _network(self) -> State:
        return self.weights()

    @cached_property
    def label_prior(self) -> FloatArray:
        """``(J,)`` share of the training photos in each cell."""
        return even_share(self.cells) if self.variant.even else self.cells.photo_count / self.cells.photo_count.sum()

    def predict_many(self, photos: Sequence[Photo]) -> tuple[tuple[Prediction, ...], ...]:
        """One prediction per photo; the encoder takes them in batches."""
        try:
            state = self._network
            conditions = self.encoder().encode_photos(photos, output=self.variant.output)
        except ArtifactError as error:
            raise PredictorError(str(error)) from error
        return tuple((self._prediction(state, condition),) for condition in conditions)

    def predict(self, photo: Photo) -> tuple[Prediction, ...]:
        """One prediction, on the geocells; the same photo gives the same one.

        Raises:
            PredictorError: the weights are not on this machine, or damaged.
        """
        return self.predict_many([photo])[0]

    def _prediction(self, state: State, condition: network.Float32) -> Prediction:
        points = network.sample(state, condition, self.count, steps=self.steps)
        if not np.isfinite(points).all():
            raise PredictorError(f"{self.record.title} drew no place on Earth; fetch its weights again.")
        return Prediction(self.record, self.cells.name, cell_masses(points, self.cells), self.label_prior)


def even_share(cells: Geocells) -> FloatArray:
    """Share of each cell among photos that were drawn evenly over blocks: every block that has any counts the same.

    Inside a block photos lie as they do in ``cells``; a cell larger than a block counts as the blocks that it covers,
    but not as more than it has photos.
    """
    level = s2.level_of(cells.ids)
    block = s2.parent(np.where(level > BLOCK_LEVEL, cells.ids, s2.all_cells(BLOCK_LEVEL)[0]), BLOCK_LEVEL)
    block = np.where(level > BLOCK_LEVEL, block, cells.ids)
    _, inverse = np.unique(block, return_inverse=True)
    in_block = np.bincount(inverse, weights=cells.photo_count)[inverse]
    blocks = np.minimum(4.0 ** np.maximum(BLOCK_LEVEL - level, 0), np.maximum(in_block, 1))
    share = blocks * cells.photo_count / np.maximum(in_block, 1)
    return np.asarray(share / share.sum(), np.float64)


def published_weights(store: Store, artifact: str) -> State:
    """The network of the store, parsed."""
    require(store, artifact)
    path = store.path(artifact, "model.safetensors")
    return network.parse_checkpoint(load_tensors(path), path.name)

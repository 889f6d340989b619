"""GeoCLIP: how well a photo agrees with a place, asked of every geocell.

What the score means. GeoCLIP is trained with InfoNCE; its negatives are places drawn from MP-16 (Flickr). At the best

    score(photo, place) = exp(logit_scale) * cosine = log p(place | photo) / p_MP16(place) + a constant of the photo,

a density ratio: it holds no prior of its own. The package's ``predict`` brings one in by its gallery, a sample of
100,000 places of MP-16, over which it takes a softmax. Here the same gallery is summed up by geocell: with n_j of its
places in cell j, evaluated at their mean point x_j,

    p_j = n_j exp(score_j) / sum_i n_i exp(score_i),        label_prior_j = n_j / sum_i n_i.

So ``probability`` is the package's own softmax at the resolution of the cells (what Bianco et al. 2024 multiplies),
and the prior in it is known exactly. Pooling divides it out again: p_j / label_prior_j is proportional to
exp(score_j), with mean 1 under the prior, so that the photo prior counts once however many models are pooled, the
floor is the chance that GeoCLIP is wrong, scores that are flat leave the prior as it is, and places outside every
geocell, which were never in training, are neither preferred nor excluded. (A plain softmax over cells with a uniform
label prior has the same ratio up to a factor that differs from photo to photo, and the floor would mean something else
for each.)

Source: Vivanco Cepeda, Nayak and Shah, NeurIPS 2023; weights of the ``geoclip`` package (MIT).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from engine.artifacts.bundles import require
from engine.artifacts.store import Store
from engine.errors import ArtifactError, PredictorError
from engine.networks import geoclip as network
from engine.networks.array_cache import cached_array
from engine.networks.encoders import ImageEncoder, image_encoder
from engine.partitions.geocells import Geocells, grow
from engine.partitions.photo_locations import default_photo_places
from engine.photos.photo import Photo
from engine.predictors.base import Prediction, Record
from engine.typing import FloatArray

ARTIFACT, BACKBONE = "geoclip", "clip_vit_l14_openai"
"""Records in the catalogue of published files."""
FINEST = (0, 1, 13)
"""Minimum and maximum places per cell and finest S2 level of ``finest_geocells``; level 13 is about 1.3 km2."""

RECORD = Record(
    name="geoclip",
    title="GeoCLIP",
    summary="Compares the photo with every place on Earth, as learnt from 4.7 million Flickr photos. The best open "
    "model for photos as people take them; weak on street views.",
    licence="MIT",
    source="geoclip 1.3 (Vivanco Cepeda, Nayak and Shah, NeurIPS 2023) on CLIP ViT-L/14 (OpenAI)",
)


@dataclass(frozen=True, eq=False)
class GeoClip:
    """The predictor ``geoclip``; loads nothing until a photo comes.

    Attributes:
        cells: the geocells that it answers on; their name is that of the partition.
        weights: gives the weights of the heads.
        encoder: gives the CLIP image encoder.
        cache: folder where the embeddings of the cells' points are kept, or None.
    """

    cells: Geocells
    weights: Callable[[], network.GeoClipWeights]
    encoder: Callable[[], ImageEncoder]
    cache: Path | None = None

    @classmethod
    def from_store(cls, cells: Geocells, store: Store, cache: Path | None = None) -> GeoClip:
        """GeoCLIP with the published weights; a photo asks the store for them, not this call."""

        def encoder() -> ImageEncoder:
            require(store, ARTIFACT)
            return image_encoder(store.catalog.record(BACKBONE), store)

        return cls(cells, lambda: published_weights(store), encoder, cache)

    @property
    def record(self) -> Record:
        """What this predictor says of itself."""
        return RECORD

    @cached_property
    def label_prior(self) -> FloatArray:
        """``(J,)`` share of the gallery's places in each cell."""
        return np.asarray(self.cells.photo_count / self.cells.photo_count.sum(), np.float64)

    @cached_property
    def _heads(self) -> network.GeoClipWeights:
        return self.weights()

    @cached_property
    def location_embeddings(self) -> network.Float32:
        """``(J, 512)`` unit vectors of the cells' mean points, computed once per weights and cells and kept on disk."""
        weights = self._heads
        latitude, longitude = self.cells.mean_latitude, self.cells.mean_longitude
        return cached_array(
            self._cache_path(weights.location_digest),
            (len(self.cells), network.DIMENSION),
            lambda: network.location_embeddings(weights.location, latitude, longitude),
        )

    def _cache_path(self, weights_digest: str) -> Path | None:
        if self.cache is None:
            return None
        digest = hashlib.sha256(f"1 {weights_digest} {network.location_shapes()}".encode())
        for array in (self.cells.mean_latitude, self.cells.mean_longitude):
            digest.update(np.ascontiguousarray(array, "<f8").tobytes())
        return self.cache / f"geoclip-{self.cells.name}-{digest.hexdigest()[:16]}.npy"

    def scores(self, photos: Sequence[Photo]) -> FloatArray:
        """exp(logit_scale) times cosine of each photo and each cell's point, ``(B, J)`` in [-39.7, 39.7].

        Raises:
            PredictorError: the weights are not on this machine, or damaged.
        """
        try:
            clip = self.encoder().encode_photos(photos)
            photo = network.image_embeddings(self._heads.image, clip)
            return np.asarray(self._heads.logit_scale * (photo @ self.location_embeddings.T), np.float64)
        except ArtifactError as error:
            raise PredictorError(str(error)) from error

    def log_probabilities(self, photos: Sequence[Photo]) -> FloatArray:
        """Natural logs of the probabilities of the cells, ``(B, J)``; see the head of this file."""
        weighted = self.scores(photos) + np.log(self.label_prior)
        highest = weighted.max(axis=1, keepdims=True)
        total = np.log(np.exp(weighted - highest).sum(axis=1, keepdims=True))
        return np.asarray(weighted - highest - total, np.float64)

    def predict_many(self, photos: Sequence[Photo]) -> tuple[tuple[Prediction, ...], ...]:
        """One tuple of predictions per photo; photos go through the backbone in batches."""
        if not photos:
            return ()
        rows = np.exp(self.log_probabilities(photos))
        return tuple((Prediction(RECORD, self.cells.name, row, self.label_prior),) for row in rows)

    def predict(self, photo: Photo) -> tuple[Prediction, ...]:
        """One prediction, on the geocells.

        Raises:
            PredictorError: the weights are not on this machine, or damaged.
        """
        return self.predict_many([photo])[0]


def published_weights(store: Store) -> network.GeoClipWeights:
    """The heads as the installed ``geoclip`` package carries them; the store has checked their digests."""
    image, location, scale = (
        store.path(ARTIFACT, f"model/weights/{part}_weights.pth")
        for part in ("image_encoder_mlp", "location_encoder", "logit_scale")
    )
    return network.load_weights(image, location, scale)


@cache
def finest_geocells() -> Geocells:
    """Geocells of single places, to S2 level 13 where photos are dense: the partition ``geocells_finest``."""
    places = default_photo_places()
    minimum, maximum, level = FINEST
    return grow(places.latitude, places.longitude, minimum, maximum, finest_level=level, name="geocells_finest")

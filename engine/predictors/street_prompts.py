"""StreetCLIP: street views asked for their country and the town they are close to, in the words of its training.

Zero-shot goes from country to town, as published: p(country) p(town | country). ``StreetView`` gives the two factors as
two predictions, so that nothing counts twice and a country that hardly anybody photographs can be said all the same:

* ``StreetCountries`` on a partition whose labels are countries, p(country) ~ exp(score); its label prior is uniform.
* ``StreetPlaces`` on geocells, each with the words of the town nearest to its point: p(cell) = p(country)
  p(town | country) n_cell / n_town with p(town | country) ~ n_town exp(score), n the photos of the cells. Alone it has
  p(country) ~ n_country exp(score); ``within_countries`` leaves p(country) at n_country. A contrastive score is a log
  density ratio (see ``geoclip``), so the prior that this contains is n itself: ``label_prior``.

Haas, Alberti and Skreta, 2023; CC-BY-NC-4.0: not for commercial use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.artifacts.bundles import require
from engine.artifacts.store import Store
from engine.errors import ArtifactError, PredictorError
from engine.geometry.grid import Grid
from engine.geometry.sphere import unit_vectors
from engine.layers.shipped import shipped_partition
from engine.networks.encoders import ImageEncoder, TextEncoder, image_encoder, text_encoder
from engine.partitions.geocells import Geocells
from engine.partitions.partition import RowSource
from engine.photos.photo import Photo
from engine.predictors.base import Prediction, Record
from engine.predictors.prompts import STREET, PromptSet, load_table
from engine.predictors.prompts.towns import Towns
from engine.typing import FloatArray

ARTIFACT = "streetclip"
COUNTRIES, PARTITION = "countries", "street_countries"
"""The partition that ships, and what it is called where this predictor speaks of it."""

RECORD = Record(
    name="street_prompts",
    title="StreetCLIP",
    summary="Asks a street-view model for the country and the nearest larger town in words. Strong on street views; "
    "each answer is only as fine as the list of towns. The first photo takes some minutes, later ones do not.",
    licence="CC-BY-NC-4.0: not for commercial use",
    source="geolocal/StreetCLIP (Haas, Alberti and Skreta, 2023)",
)


@dataclass(frozen=True)
class Encoders:
    """Both halves of StreetCLIP; built when a photo comes.

    Attributes:
        images: gives the image encoder.
        texts: gives the text encoder of the same backbone.
        cache: folder where embeddings of prompts are kept, or None.
    """

    images: Callable[[], ImageEncoder]
    texts: Callable[[], TextEncoder]
    cache: Path | None = None

    @classmethod
    def from_store(cls, store: Store, cache: Path | None = None) -> Encoders:
        """With the published weights."""
        record = store.catalog.record(ARTIFACT)

        def images() -> ImageEncoder:
            require(store, ARTIFACT)
            return image_encoder(record, store)

        return cls(images, lambda: text_encoder(record, store), cache)

    def labels(self, prompts: PromptSet) -> FloatArray:
        """Embeddings of a prompt set, ``(J, D)``, times the factor that makes a cosine a score."""
        images, texts = self.images(), self.texts()
        found = prompts.embeddings(texts, images.dimension, images.key, self.cache)
        return np.asarray(texts.logit_scale / prompts.temperature * found, np.float64)

    def photos(self, photos: Sequence[Photo]) -> FloatArray:
        """Embeddings of photos, ``(B, D)``, each of length 1."""
        found = self.images().encode_photos(photos)
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float64)


@dataclass(frozen=True, eq=False)
class _PromptEmbeddings:
    """Scaled embeddings of countries and towns; the town of each cell; country and photo count of each town."""

    countries: FloatArray
    towns: FloatArray
    town_of_cell: npt.NDArray[np.int64]
    country_of_town: npt.NDArray[np.int64]
    photos_of_town: FloatArray


@dataclass(frozen=True, eq=False)
class StreetPlaces:
    """The predictor ``street_prompts`` on geocells.

    Attributes:
        cells: the geocells that it answers on.
        towns: the list of towns.
        encoders: StreetCLIP.
        within_countries: whether only towns of one country are told apart, not the countries.
    """

    cells: Geocells
    towns: Towns
    encoders: Encoders
    within_countries: bool = False

    @property
    def record(self) -> Record:
        """What this predictor says of itself."""
        return RECORD

    @cached_property
    def label_prior(self) -> FloatArray:
        """``(J,)`` share of the photos in each cell."""
        return np.asarray(self.cells.photo_count / self.cells.photo_count.sum(), np.float64)

    @cached_property
    def _prompt_embeddings(self) -> _PromptEmbeddings:
        nearest = nearest_town(self.cells, self.towns)
        used, town_of_cell = np.unique(nearest, return_inverse=True)
        names = [self.towns.country[place] for place in used]
        countries = tuple(dict.fromkeys(names))
        table = load_table(STREET)
        towns = tuple(_town_prompts(table, self.towns, int(place)) for place in used)
        labels = tuple(str(place) for place in used)
        return _PromptEmbeddings(
            self.encoders.labels(country_prompts(countries)),
            self.encoders.labels(PromptSet("street_towns", labels, towns, float(table["temperature"]))),
            np.asarray(town_of_cell, np.int64),
            np.array([countries.index(name) for name in names], np.int64),
            np.asarray(np.bincount(town_of_cell, weights=self.cells.photo_count), np.float64),
        )

    def predict_many(self, photos: Sequence[Photo]) -> tuple[tuple[Prediction, ...], ...]:
        """One prediction per photo."""
        with _translate_errors():
            words, unit = self._prompt_embeddings, self.encoders.photos(photos)
        rows = []
        countries = unit @ words.countries.T * (not self.within_countries)
        for country, town in zip(countries, unit @ words.towns.T, strict=True):
            of_town = town_probabilities(country, town, words.country_of_town, words.photos_of_town)
            rows.append((of_town / words.photos_of_town)[words.town_of_cell] * self.cells.photo_count)
        return tuple((Prediction(RECORD, self.cells.name, row, self.label_prior),) for row in rows)

    def predict(self, photo: Photo) -> tuple[Prediction, ...]:
        """One prediction, on the geocells.

        Raises:
            PredictorError: the weights are not on this machine, or damaged.
        """
        return self.predict_many([photo])[0]


@dataclass(frozen=True, eq=False)
class StreetCountries:
    """The predictor ``street_prompts`` on a partition of countries.

    Attributes:
        partition: its name in the overlay.
        countries: what its labels are called in English.
        encoders: StreetCLIP.
    """

    partition: str
    countries: tuple[str, ...]
    encoders: Encoders

    @property
    def record(self) -> Record:
        """What this predictor says of itself."""
        return RECORD

    @cached_property
    def _labels(self) -> FloatArray:
        return self.encoders.labels(country_prompts(self.countries))

    def predict(self, photo: Photo) -> tuple[Prediction, ...]:
        """One prediction, on the countries.

        Raises:
            PredictorError: the weights are not on this machine, or damaged.
        """
        with _translate_errors():
            scores = (self.encoders.photos([photo]) @ self._labels.T)[0]
        weights = np.exp(scores - scores.max())
        uniform = np.full(scores.size, 1.0 / scores.size)
        return (Prediction(RECORD, self.partition, weights / weights.sum(), uniform),)


@dataclass(frozen=True, eq=False)
class StreetView:
    """The predictor ``street_prompts``: the country, and the town within it.

    Attributes:
        countries: asked for the country.
        places: asked for the town; within countries.
    """

    countries: StreetCountries
    places: StreetPlaces

    @classmethod
    def of(cls, cells: Geocells, towns: Towns, encoders: Encoders) -> StreetView:
        """On the countries that ship and on geocells."""
        names = tuple(shipped_partition(COUNTRIES).titles)
        places = StreetPlaces(cells, towns, encoders, within_countries=True)
        return cls(StreetCountries(PARTITION, names, encoders), places)

    @property
    def record(self) -> Record:
        """What this predictor says of itself."""
        return RECORD

    def predict(self, photo: Photo) -> tuple[Prediction, ...]:
        """Two predictions, on the countries and on the geocells; the photo is encoded once.

        Raises:
            PredictorError: the weights are not on this machine, or damaged.
        """
        return (*self.countries.predict(photo), *self.places.predict(photo))


def country_rows(grid: Grid) -> RowSource:
    """The countries that ship, under a name of their own: evidence brings them once more as ``countries``."""
    found: Any = shipped_partition(COUNTRIES).on(grid)
    named: RowSource = replace(found, name=PARTITION)
    return named


def country_names() -> dict[str, str]:
    """English names of the countries that ship, by ISO 3166 alpha-2 code."""
    found = shipped_partition(COUNTRIES)
    return dict(zip(found.labels, found.titles, strict=True))


def countries_digest() -> str:
    """Of the countries that ship."""
    return shipped_partition(COUNTRIES).digest


def town_probabilities(
    country_scores: FloatArray, town_scores: FloatArray, country_of_town: npt.NDArray[np.int64], photos: FloatArray
) -> FloatArray:
    """p(country) p(town | country) of each town, ``(P,)``, from scores ``(C,)`` and ``(P,)`` and photos ``(P,)``."""
    in_country = np.bincount(country_of_town, weights=photos, minlength=country_scores.size)
    country = in_country * np.exp(country_scores - country_scores.max())
    highest = np.full(country_scores.size, -np.inf)
    np.maximum.at(highest, country_of_town, town_scores)
    town = photos * np.exp(town_scores - highest[country_of_town])
    within = town / np.bincount(country_of_town, weights=town, minlength=country_scores.size)[country_of_town]
    return np.asarray((country / country.sum())[country_of_town] * within, np.float64)


def nearest_town(cells: Geocells, towns: Towns) -> npt.NDArray[np.int64]:
    """The town nearest to the mean point of each cell, ``(J,)``."""
    from scipy.spatial import KDTree

    tree = KDTree(unit_vectors(towns.latitude, towns.longitude))
    _, place = tree.query(unit_vectors(cells.mean_latitude, cells.mean_longitude))
    return np.asarray(place, np.int64)


def country_prompts(countries: Sequence[str]) -> PromptSet:
    """StreetCLIP's words for countries."""
    table = load_table(STREET)
    named = [_with_article(table, name) for name in countries]
    prompts = tuple(tuple(text.format(country=name) for text in table["country"]) for name in named)
    return PromptSet("street_countries", tuple(countries), prompts, float(table["temperature"]))


def _with_article(table: dict[str, Any], country: str) -> str:
    return f"the {country}" if country in table["with_article"] else country


def _town_prompts(table: dict[str, Any], towns: Towns, place: int) -> tuple[str, ...]:
    country = _with_article(table, towns.country[place])
    words = {"town": towns.town[place], "region": towns.region[place], "country": country}
    return tuple(text.format(**words) for text in table["place" if words["region"] else "place_without_region"])


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Missing or damaged weights become this predictor's own failure."""
    try:
        yield
    except ArtifactError as error:
        raise PredictorError(str(error)) from error

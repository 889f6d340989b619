"""Photos whose place is known, asked of fetched models: do the weights say what they should? Knows no screen.

A digest says that a file is the published one; a known answer says that file, architecture and preprocessing belong
together. GeoCLIP's own example, ``Kauai.png`` of the ``geoclip`` package, has to land within 50 km of Kauai.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import numpy as np

from engine.artifacts.bundles import bundle_status
from engine.artifacts.layout import package_folder
from engine.artifacts.store import Store
from engine.errors import HereaboutsError
from engine.geometry.sphere import great_circle_km
from engine.partitions.geocells import Geocells
from engine.partitions.photo_locations import default_geocells
from engine.photos.photo import Photo, open_photo
from engine.predictors.geoclip import GeoClip
from engine.typing import FloatArray


class Found(StrEnum):
    """What became of a known answer."""

    RIGHT = "right"
    WRONG = "wrong"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class ReferenceCheck:
    """A photo whose place is known.

    Attributes:
        artifact: record in the catalogue whose model is asked.
        package: package that carries the photo.
        photo: path of the photo in it.
        place: name of the place.
        latitude, longitude: degrees.
        within_km: how far from there the answer may lie.
    """

    artifact: str
    package: str
    photo: str
    place: str
    latitude: float
    longitude: float
    within_km: float


GEOCLIP_KAUAI = ReferenceCheck("geoclip", "geoclip", "images/Kauai.png", "Kauai", 22.2, -159.4, 50.0)
"""The example in the README of the ``geoclip`` package: the Na Pali coast in the north of the island."""


@dataclass(frozen=True)
class CheckResult:
    """A known answer after it was asked for.

    Attributes:
        artifact: whose model was asked.
        found: right, wrong, or skipped.
        sentence: what was found, and what to do when it is not right.
        distance_km: how far off it was, or None when it was not asked.
    """

    artifact: str
    found: Found
    sentence: str
    distance_km: float | None = None


class GeocellModel(Protocol):
    """What a known answer needs of a model."""

    @property
    def cells(self) -> Geocells:
        """The cells that it speaks of."""
        ...

    def log_probabilities(self, photos: list[Photo]) -> FloatArray:
        """``(B, J)`` natural logs."""
        ...


Make = Callable[[Store], GeocellModel]


def best_point(model: GeocellModel, photo: Photo) -> tuple[float, float]:
    """Latitude and longitude in degrees of the mean point of the most probable cell."""
    best = int(np.argmax(model.log_probabilities([photo])[0]))
    return float(model.cells.mean_latitude[best]), float(model.cells.mean_longitude[best])


def run_reference_check(store: Store, known: ReferenceCheck = GEOCLIP_KAUAI, make: Make | None = None) -> CheckResult:
    """Ask a model about a photo whose place is known. Asks no network; says plainly why it did not ask.

    Args:
        store: where the weights are.
        known: photo and place.
        make: makes the model; GeoCLIP on the default geocells when None.
    """
    title = store.catalog.record(known.artifact).title
    if lacking := [part.record.title for part in bundle_status(store, known.artifact).parts if not part.present]:
        return _skipped(known, f"{title} was not asked about a known photo: {' and '.join(lacking)} is not here yet")
    photo = _check_photo(known)
    if photo is None:
        return _skipped(known, f"{title} was not asked about a known photo: {known.package} carries no {known.photo}")
    try:
        point = best_point((make or _geoclip)(store), open_photo(photo))
    except HereaboutsError as error:
        return CheckResult(known.artifact, Found.WRONG, str(error))
    return _compare(known, title, point)


def reference_checks_for(store: Store, names: Iterable[str]) -> tuple[ReferenceCheck, ...]:
    """The known answers that the records of these names have a part in."""
    wanted = set(names)
    bundles = {known: {record.name for record in store.catalog.bundle(known.artifact)} for known in (GEOCLIP_KAUAI,)}
    return tuple(known for known, bundle in bundles.items() if wanted & bundle)


def _compare(known: ReferenceCheck, title: str, point: tuple[float, float]) -> CheckResult:
    """Whether a point is near enough to the place."""
    distance_km = float(great_circle_km(known.latitude, known.longitude, *point))
    at = f"{point[0]:.2f}, {point[1]:.2f}, {distance_km:,.0f} km from {known.place}"
    said = f"{title} puts {Path(known.photo).name} at {at}"
    if distance_km <= known.within_km:
        return CheckResult(known.artifact, Found.RIGHT, f"{said}, as it should.", distance_km)
    remedy = (
        f"it should be within {known.within_km:.0f} km: remove the model, fetch it again, and report it if it stays"
    )
    return CheckResult(known.artifact, Found.WRONG, f"{said}; {remedy}.", distance_km)


def _skipped(known: ReferenceCheck, why: str) -> CheckResult:
    return CheckResult(known.artifact, Found.SKIPPED, f"{why}; run `hereabouts models fetch {known.artifact}`.")


def _check_photo(known: ReferenceCheck) -> Path | None:
    folder = package_folder(known.package)
    photo = folder / known.photo if folder is not None else None
    return photo if photo is not None and photo.is_file() else None


def _geoclip(store: Store) -> GeoClip:
    return GeoClip.from_store(default_geocells("fine"), store)

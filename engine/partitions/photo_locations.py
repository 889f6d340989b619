"""Photo locations: the coordinates from which geocells and the photo prior are built.

The default are the 100,000 coordinates in the ``geoclip`` package, a sample of the locations of MP-16 (Flickr).
The file is read without importing the package, which would load torch.
"""

import hashlib
import io
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from engine.errors import ArtifactError, InputError
from engine.partitions.geocells import THRESHOLDS, CellSize, Geocells, grow
from engine.typing import FloatArray

GEOCLIP_GALLERY = "model/gps_gallery/coordinates_100K.csv"
GEOCLIP_SHA256 = "3a00b1ba58f13443db726533b6399b39609e292df09d4e58792fa5949d1838b1"
_REMEDY = "install the package again with: pip install --force-reinstall 'geoclip>=1.3,<2'"


@dataclass(frozen=True, eq=False)
class PhotoPlaces:
    """Coordinates of photos.

    Attributes:
        latitude, longitude: ``(n,)`` degrees, no exact duplicate, in the order of the source.
        source: where they come from.
        licence: SPDX identifier of the source.
        sha256: of the file that they were read from, hexadecimal.
    """

    latitude: FloatArray
    longitude: FloatArray
    source: str
    licence: str
    sha256: str

    def __post_init__(self) -> None:
        self.latitude.setflags(write=False)
        self.longitude.setflags(write=False)

    def __len__(self) -> int:
        """Number of photos."""
        return self.latitude.size


@cache
def default_photo_places() -> PhotoPlaces:
    """The coordinates of the installed ``geoclip`` package: 94,123 places, after 5,877 exact duplicates.

    GeoCLIP (Vivanco Cepeda, Nayak and Shah, NeurIPS 2023), its gallery of 100,000 GPS coordinates.

    Raises:
        ArtifactError: the package or its file is missing, or the file is not the published one.
    """
    data = _gallery_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if digest != GEOCLIP_SHA256:
        raise ArtifactError(
            f"coordinates_100K.csv of geoclip has sha256 {digest[:12]}..., not {GEOCLIP_SHA256[:12]}...; {_REMEDY}."
        )
    rows = np.loadtxt(io.BytesIO(data), delimiter=",", skiprows=1, dtype=np.float64)
    _, first = np.unique(rows, axis=0, return_index=True)
    latitude, longitude = rows[np.sort(first)].T.copy()
    return PhotoPlaces(latitude, longitude, "geoclip: coordinates_100K.csv (sample of MP-16)", "MIT", digest)


def _gallery_bytes() -> bytes:
    """The file in the installed package, found without importing it."""
    spec = find_spec("geoclip")
    if spec is None or not spec.submodule_search_locations:
        raise ArtifactError(f"The package geoclip, whose coordinates geocells are grown from, is missing; {_REMEDY}.")
    try:
        return Path(next(iter(spec.submodule_search_locations)), GEOCLIP_GALLERY).read_bytes()
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise ArtifactError(f"coordinates_100K.csv of geoclip cannot be read ({reason}); {_REMEDY}.") from error


def default_geocells(size: CellSize) -> Geocells:
    """The geocells ``geocells_coarse``, ``geocells_middle`` or ``geocells_fine`` of the default photo places.

    Raises:
        InputError: ``size`` is none of the three.
        ArtifactError: the photo places are missing or changed.
    """
    if size not in THRESHOLDS:
        raise InputError(f"There are no geocells of size {size!r}; choose coarse, middle or fine.")
    places = default_photo_places()
    minimum, maximum = THRESHOLDS[size]
    return grow(places.latitude, places.longitude, minimum, maximum, name=f"geocells_{size}")

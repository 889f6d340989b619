"""Whether a raster lies on the Earth as it should: each doubt is one sentence. Reads no pixel."""

from typing import TYPE_CHECKING

import numpy as np

from engine.errors import LayerError
from engine.layers.attributes import FINEST, Attribute, Values
from engine.layers.mosaic import Mosaic

if TYPE_CHECKING:
    from rasterio.crs import CRS
    from rasterio.io import DatasetReader

LARGEST_SHIFT = 0.05
"""Pixels by which the corners may miss 180 W and 90 N: published files round their steps."""


def check_raster(dataset: "DatasetReader | Mosaic", name: str, attribute: Attribute, coarse: bool) -> None:
    """Refuse a raster that is not the whole Earth, north up, in degrees, at the published size.

    Args:
        dataset: the open raster.
        name: of the file, for the messages.
        attribute: expected attribute of the raster.
        coarse: take a copy of a lower resolution as well, whose size divides the published one.

    Raises:
        LayerError: in one sentence, what is not as expected.
    """
    _check_type(dataset, name, attribute)
    _check_crs(dataset, name)
    _check_size(dataset, name, attribute, coarse)
    _check_place(dataset, name)


def _check_type(dataset: "DatasetReader | Mosaic", name: str, attribute: Attribute) -> None:
    kind = np.dtype(dataset.dtypes[0])
    whole = isinstance(attribute.rule, Values)
    right = kind.kind in "iu" if whole else (kind.kind in "iuf" and kind.itemsize > 1)
    if dataset.count != 1 or not right:
        wanted = "whole numbers" if whole else "whole or decimal numbers of 16 bits or more"
        raise LayerError(
            f"The raster {name} has {dataset.count} band(s) of {kind.name}, expected was one band of {wanted}; "
            "give the data itself, not a coloured picture of it."
        )


def _check_crs(dataset: "DatasetReader | Mosaic", name: str) -> None:
    crs = dataset.crs
    if crs is None and dataset.driver == "netCDF":
        return  # latitude and longitude are coordinates of the file; the bounds tell whether they are degrees
    if crs is None or not _is_wgs84(crs):
        found = "no coordinate system" if crs is None else f"the coordinate system {crs.to_string()[:60]}"
        raise LayerError(
            f"The raster {name} has {found}, expected was EPSG:4326 (degrees on WGS 84); "
            "reproject it, for instance with gdalwarp -t_srs EPSG:4326."
        )


def _is_wgs84(crs: "CRS") -> bool:
    if crs.to_epsg() == 4326:
        return True
    datum = crs.to_wkt().upper().replace(" ", "_")
    return bool(crs.is_geographic) and ("WGS_1984" in datum or "WGS_84" in datum)


def _check_size(dataset: "DatasetReader | Mosaic", name: str, attribute: Attribute, coarse: bool) -> None:
    size, native = (dataset.height, dataset.width), attribute.native
    largest = native if native != (0, 0) else FINEST
    divides = size[0] >= 2 and size[1] >= 2 and largest[0] % size[0] == 0 and largest[1] % size[1] == 0
    exact = native in ((0, 0), size)
    if not divides or not (exact or coarse):
        wanted = f"{native[0]} x {native[1]}" if native != (0, 0) else f"a size that divides {FINEST[0]} x {FINEST[1]}"
        remedy = "give the raster as it was published"
        remedy += ", or take a coarser copy with --coarse" if divides else ""
        raise LayerError(f"The raster {name} has {size[0]} x {size[1]} pixels, expected was {wanted}; {remedy}.")


def _check_place(dataset: "DatasetReader | Mosaic", name: str) -> None:
    transform = dataset.transform
    if transform.b or transform.d or transform.a <= 0 or transform.e >= 0:
        flipped = transform.e > 0 and not transform.b
        turned = "upside down, its first row is the south" if flipped else "turned or mirrored"
        raise LayerError(f"The raster {name} is {turned}, expected was north up; turn it, for instance with gdalwarp.")
    left, top = (dataset.bounds.left + 180.0) / transform.a, (90.0 - dataset.bounds.top) / -transform.e
    right, bottom = (dataset.bounds.right - 180.0) / transform.a, (-90.0 - dataset.bounds.bottom) / -transform.e
    if max(map(abs, (left, top, right, bottom))) <= LARGEST_SHIFT:
        return
    if abs(left - right) < LARGEST_SHIFT and abs(top - bottom) < LARGEST_SHIFT:
        raise LayerError(
            f"The raster {name} is shifted by {left:+.2f} pixels to the east and {top:+.2f} to the south, "
            "expected were corners at 180 W, 90 N; correct its corners or give the file as it was published."
        )
    raise LayerError(
        f"The raster {name} covers {dataset.bounds.left:.3f} to {dataset.bounds.right:.3f} E and "
        f"{dataset.bounds.bottom:.3f} to {dataset.bounds.top:.3f} N, expected was the whole Earth; "
        "give the global file."
    )

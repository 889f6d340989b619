"""Files judged by tools that are not GDAL: rio-cogeo's validator, the schema of KML as fastkml carries it, SQLite."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from engine.export.files import EXPORTS

REGIONS = ["origin-500", "date_line-3e+06", "north_pole-3e+06", "south_pole-9e+07"]


@pytest.fixture(params=REGIONS)
def written(request, contents, regions, tmp_path):
    """Writes a region in a format: a part of a pixel, across the date line, around a pole, a sixth of the Earth."""
    region = replace(contents, region=regions[request.param])

    def made(suffix):
        path = tmp_path / f"answer{suffix}"
        EXPORTS[suffix].write(region, path)
        return path

    return made


def test_rio_cogeo_takes_the_raster_for_cloud_optimised(written):
    from rio_cogeo.cogeo import cog_validate

    valid, errors, warnings = cog_validate(written(".tif"), strict=True, quiet=True)
    assert (valid, errors, warnings) == (True, [], [])


def test_kml_keeps_to_its_schema(written):
    from fastkml.validator import validate

    assert validate(file_to_validate=written(".kml"))


def test_kml_with_hostile_texts_keeps_to_its_schema(poisoned, tmp_path):
    from fastkml.validator import validate

    for number, contents in enumerate(poisoned):
        EXPORTS[".kml"].write(contents, tmp_path / f"{number}.kml")
        assert validate(file_to_validate=tmp_path / f"{number}.kml")


def test_sqlite_finds_the_geopackage_whole(written):
    with closing(sqlite3.connect(written(".gpkg"))) as package:
        assert package.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert package.execute("PRAGMA foreign_key_check").fetchall() == []
        assert package.execute("PRAGMA application_id").fetchone() == (0x47504B47,)

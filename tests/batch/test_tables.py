"""Tables of a batch hold whatever files are called."""

import csv
import os
import sys
from pathlib import Path

import pytest

from engine.batch.tables import write_table
from engine.export.texts import FORMULA_STARTS

sys.path.insert(0, str(Path(__file__).parents[1] / "export"))  # the list of hostile strings is that of the exporters

from hostile import STRINGS


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".geojson"])
def test_any_name_of_a_file_can_be_written_and_none_is_a_formula(tmp_path, suffix):
    """A file whose name is no UTF-8, as a stick from another system may have one, ended a whole batch; and what stood
    behind a carriage return in a name was a row of its own."""
    names = [*STRINGS, os.fsdecode(b"stick-\xff.png")]
    rows = [{"photo": name, "path": name, "status": "failed", "error": name, "notes": [name]} for name in names]
    write_table(rows, tmp_path / f"r{suffix}")
    assert [each.name for each in tmp_path.iterdir()] == [f"r{suffix}"]
    if suffix == ".csv":
        with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as file:
            read = [row["photo"] for row in csv.DictReader(file)]
        assert len(read) == len(names) and read[-1] == "stick-\\udcff.png"
        assert not any(text.lstrip(" \u00a0").startswith(tuple(FORMULA_STARTS)) for text in read)

import json

import pytest
from typer.testing import CliRunner

from engine.cli.main import app

BOX = [[7.45, 46.45], [7.55, 46.45], [7.55, 46.55], [7.45, 46.55], [7.45, 46.45]]
HIKER = "Hiker (temperate, mountains)"


@pytest.fixture
def box(tmp_path):
    path = tmp_path / "areas.geojson"
    properties = {"title": "AA"}
    path.write_text(json.dumps({"type": "Feature", "properties": properties,
                                "geometry": {"type": "Polygon", "coordinates": [BOX]}}))  # fmt: skip
    return path


def planned(*arguments):
    return CliRunner().invoke(app, ["plan", *map(str, arguments)])


def test_a_plan_prints_its_table_and_writes_what_can_be_read_back(box, tmp_path):
    pods = tmp_path / "pods.csv"
    pods.write_text("segment,pod\nAA,60\n")
    out = tmp_path / "plan.kml"
    done = planned(
        "--point", "46.5, 7.5", "--category", HIKER, "--segments", box, "--pods", pods, "--out", out, "--json"
    )
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    row = told["segments"][0]
    assert (row["name"], row["cumulative_pod"]) == ("AA", pytest.approx(0.6))
    assert row["poa"] + told["rest_of_world"]["poa"] == pytest.approx(1.0)
    assert told["assignments"][0]["segment"] == "AA"
    again = planned("--point", "46.5, 7.5", "--category", HIKER, "--segments", out)
    assert again.exit_code == 0
    assert "60%" in again.stdout
    assert "not for sole use" in again.stdout


def test_categories_are_listed_with_their_sources():
    done = planned("--categories")
    assert done.exit_code == 0
    assert HIKER in done.stdout
    assert "Koester" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--category", HIKER], "last known point"), (["--point", "46.5, 7.5"], "subject category"),
     (["--point", "46.5, 7.5", "--distances", "25:3,50:2"], "grow together"),
     (["--point", "46.5, 7.5", "--category", HIKER, "--segments", "missing.kml"], "cannot be read"),
     (["--point", "46.5, 7.5", "--distances", "50:2", "--hours", "-1"], "team-hours")],
)  # fmt: skip
def test_a_call_that_makes_no_sense_says_so(arguments, message):
    done = planned(*arguments)
    assert done.exit_code == 2
    assert message in done.output


def test_own_distances_and_a_pole_are_fine():
    done = planned("--point", "90, 0", "--distances", "25:1,50:2,95:9", "--json")
    assert json.loads(done.stdout)["rest_of_world"]["poa"] == 1.0

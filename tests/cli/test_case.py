"""Cases on the command line: the region of the pipeline hash for hash, and one sentence for what is wrong."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from engine.cases.answering import EVIDENCE, TOGETHER, answer_case, drop_pixels
from engine.cases.case import Case
from engine.cases.parts import CaseClaim, CasePhoto, CaseRegion
from engine.cases.permalink import to_token
from engine.cases.provenance import case_settings, describe_provenance
from engine.cases.reading import case_from_json
from engine.cases.schema import case_schema
from engine.cases.writing import case_digest, case_to_json
from engine.cli.case import locate_case, read_case
from engine.cli.main import app
from engine.errors import InputError
from engine.evidence.statements.areas import Circle
from engine.evidence.statements.countries import CountryFact, CountryIs
from engine.evidence.statements.evidence import Evidence
from engine.locate.locator import Locator
from engine.locate.settings import Settings
from engine.photos.photo import open_photo
from engine.predictors.registry import default_predictors
from engine.testing.synthetic_world import batch_locator

ROOT = Path(__file__).resolve().parents[2]


def write_photo(path, seed):
    pixels = np.random.default_rng(seed).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for number in (1, 2, 3):
        write_photo(folder / f"photo-{number}.png", number)
    return folder


@pytest.fixture(scope="module")
def locator():
    return batch_locator("180x360")


@pytest.fixture
def case(locator, folder):
    """Two photos of the known planet, with the regions that came out."""
    opened = {}
    for path in sorted(folder.glob("photo-[12].png")):
        photo = open_photo(path)
        opened[photo.sha256] = (drop_pixels(photo), locator.read(photo))
    made = Case(
        tuple(CasePhoto.of(photo) for photo, _ in opened.values()),
        settings=case_settings(locator, Settings(weights={"hash": 0.7}, prior_weight=0.5)),
        grid="180x360",
        region=CaseRegion(mass=0.6),
        claim=CaseClaim(10.0, 20.0),
        title="Two photos",
    )
    regions = {each.key: each.region.sha256 for each in answer_case(locator, made, opened)}
    return replace(made, made=describe_provenance(locator, regions))


def saved(case, folder, name="saved.json"):
    path = folder / name
    path.write_text(case_to_json(case), encoding="utf-8")
    return str(path)


def located(capsys, source, photos, locator, out=None, as_json=True):
    """Exit count, the rows that were printed, and what stands beside them."""
    failed = locate_case(source, photos, out, as_json, lambda grid, report: locator)
    printed = capsys.readouterr()
    rows = [json.loads(line) for line in printed.out.splitlines()] if as_json else printed.out
    return failed, rows, " ".join(printed.err.split())


def test_a_case_gives_the_region_that_it_was_saved_with(case, locator, folder, tmp_path, capsys):
    failed, rows, beside = located(capsys, saved(case, tmp_path), [folder], locator)
    assert failed == 0 and beside == ""
    assert {row["case"]["map"]: row["region"]["sha256"] for row in rows} == dict(case.made.regions)
    assert [row["photo"]["name"] for row in rows] == ["photo-1.png", "photo-2.png"]
    assert all(row["case"]["same_region"] is True and row["claim"]["area_to_reach_km2"] > 0 for row in rows)


def test_a_link_does_what_the_file_does(case, locator, folder, capsys):
    token = to_token(case)
    for source in (token, f"?case={token}", f"http://127.0.0.1:8501/?view=1&case={token}&x=2#top"):
        _, rows, _ = located(capsys, source, [folder], locator)
        assert [row["case"]["same_region"] for row in rows] == [True, True]


def test_a_region_that_is_another_is_told(case, locator, folder, tmp_path, capsys):
    moved = saved(replace(case, settings=replace(case.settings, prior_weight=0.9)), tmp_path)
    _, rows, _ = located(capsys, moved, [folder], locator)
    assert [row["case"]["same_region"] for row in rows] == [False, False]
    _, text, _ = located(capsys, moved, [folder], locator, as_json=False)
    assert text.count("case: not the region that the case was saved with") == 2


def test_photos_that_are_not_there_are_named_and_the_others_answered(case, locator, folder, tmp_path, capsys):
    photos = [folder / "photo-2.png", folder / "photo-3.png"]
    failed, rows, beside = located(capsys, saved(case, tmp_path), photos, locator)
    assert failed == 1
    assert [row["photo"]["name"] for row in rows] == ["photo-2.png"]
    assert "photo-1.png of this case is not among the files given" in beside
    assert "photo-3.png is not a photo of this case and was left out." in beside


def test_photos_of_one_place_come_first_together(case, locator, folder, tmp_path, capsys):
    joint = replace(case, settings=replace(case.settings, dependence=0.5))
    _, rows, _ = located(capsys, saved(joint, tmp_path), [folder], locator, out=tmp_path / "region.geojson")
    assert [row["case"]["map"] for row in rows] == [TOGETHER, *(photo.sha256 for photo in case.photos)]
    assert rows[0]["photo"]["name"] == "2 photos together"
    assert rows[0]["photo"]["sha256"].split(", ") == sorted(photo.sha256 for photo in case.photos)
    assert (tmp_path / "region-together.geojson").is_file()
    assert len(list(tmp_path.glob("region-*.geojson"))) == 3


def test_a_case_without_photos_answers_by_itself(locator, tmp_path, capsys):
    empty = Case(grid="180x360", title="Nothing but the prior")
    failed, rows, _ = located(capsys, saved(empty, tmp_path), [], locator, out=tmp_path / "region.kml")
    assert failed == 0 and [row["case"]["map"] for row in rows] == [EVIDENCE]
    assert rows[0]["region"]["sha256"] == empty.region.of(locator.answer_without_photo(Settings())).sha256
    assert (tmp_path / "region.kml").is_file()


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("nowhere.json", "There is no case file 'nowhere.json'"),
        (".", "There is no case file '.'"),
        ("\0", "There is no case file|cannot be read"),
        ("x" * 5000 + ".json", "There is no case file|cannot be read"),
        ("?case=", "The link is empty"),
        ("?case=1abc", "cut or changed"),
        ("1" + "A" * 200, "cut or changed"),
    ],
)
def test_what_is_no_case_gets_one_sentence(source, says):
    with pytest.raises(InputError, match=says):
        read_case(source)


def test_the_verb_refuses_what_the_case_holds(case, folder, tmp_path):
    source = saved(case, tmp_path)
    done = CliRunner().invoke(app, ["locate", "--case", source, str(folder), "--budget-km2", "1000"])
    assert done.exit_code == 2
    assert "--budget-km2 is part of the case; leave it out" in " ".join(done.stderr.split())


def test_no_photo_and_no_case_is_refused():
    done = CliRunner().invoke(app, ["locate"])
    assert done.exit_code == 2
    assert "--case" in done.stderr


def test_a_hostile_case_ends_with_two_and_one_sentence(tmp_path):
    (tmp_path / "bad.json").write_text('{"type": "hereabouts-case", "version": "1.0", "grid": "[red]x"}')
    for words in (["locate", "--case"], ["case", "show"], ["case", "check"], ["case", "link"]):
        done = CliRunner().invoke(app, [*words, str(tmp_path / "bad.json")])
        assert done.exit_code == 2
        assert "grid: The grid '[red]x'" in " ".join(done.stderr.split())


def test_show_check_link_and_schema(case, tmp_path):
    stated = replace(case, evidence=(Evidence("e1", CountryFact("drives", "left"), on=False),), notes="one\ntwo")
    source = saved(stated, tmp_path)
    shown = CliRunner().invoke(app, ["case", "show", source]).stdout
    assert shown.startswith("Two photos\n  one\n  two\n  photo: photo-1.png, 60 x 40\n")
    assert "off Cars drive on the left - likely" in shown
    assert "probability to hold: 60 %" in shown and "claimed place: 10.00000, 20.00000" in shown
    assert CliRunner().invoke(app, ["case", "check", source]).stdout.startswith(case_digest(stated))
    link = CliRunner().invoke(app, ["case", "link", source]).stdout.strip()
    assert read_case(link) == stated.without_names()
    with_names = CliRunner().invoke(app, ["case", "link", "--names", source]).stdout.strip()
    assert read_case(with_names) == stated
    assert json.loads(CliRunner().invoke(app, ["case", "schema"]).stdout) == case_schema()


def test_the_real_world_hash_for_hash_in_a_process_of_its_own(real_world, kauai, tmp_path):
    """Statement, weight and mass of a case against the same asked of Python, on the map of the Earth."""
    locator = Locator(real_world, default_predictors())
    stated = (
        Evidence("e1", CountryIs(("US",)), 0.9),
        Evidence("e2", Circle(21.0, -157.5, 700.0, name="Oahu"), 0.65),
    )
    settings = Settings(weights={"scene_cues": 0.5}, evidence=stated)
    photo = open_photo(kauai)
    region = locator.answer(photo, locator.read(photo), settings).search_map.region(mass=0.7)
    case = Case(
        (CasePhoto.of(photo),),
        stated,
        case_settings(locator, settings),
        region=CaseRegion(mass=0.7),
        made=describe_provenance(locator, {photo.sha256: region.sha256}),
    )
    assert case_from_json(case_to_json(case)) == case
    command = [sys.executable, "-c", "from engine.cli.main import main; main()", "locate", "--json"]
    done = subprocess.run(
        [*command, "--case", saved(case, tmp_path), str(kauai.parent)],
        capture_output=True, text=True, cwd=ROOT, env=dict(os.environ), timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (row,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert row["region"]["sha256"] == region.sha256
    assert row["case"]["same_region"] is True
    assert done.stderr == ""

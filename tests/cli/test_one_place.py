"""`hereabouts locate --one-place`: one map of photos of one place, in every form that an answer takes."""

import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from engine.cli import locate as verb
from engine.cli.main import app
from engine.locate.multi_photo import answer_together
from engine.photos.photo import open_photo
from engine.testing import make_locator


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, value in (("b.png", 128), ("a.png", 90), ("<b>c.png", 30)):
        Image.fromarray(np.full((64, 96, 3), value, np.uint8)).save(folder / name)
    return [folder / name for name in ("b.png", "a.png", "<b>c.png")]


@pytest.fixture(autouse=True)
def small_earth(monkeypatch):
    """The command line on the known world."""
    monkeypatch.setattr(verb.Locator, "load", classmethod(lambda *_: make_locator()))


def call(*words):
    return CliRunner().invoke(app, ["locate", *map(str, words)])


@pytest.mark.parametrize(("words", "dependence"), [((), 0.5), (("--alike", 0.2), 0.2)])
def test_it_is_the_map_of_all_photos(photos, words, dependence):
    done = call(*photos, "--one-place", *words, "--mass", 0.9, "--json")
    assert done.exit_code == 0, done.stderr
    facts = json.loads(done.stdout)
    locator = make_locator()
    read = [(photo, locator.read(photo)) for photo in map(open_photo, photos)]
    joint = answer_together(locator, read, dependence=dependence)
    assert facts["region"]["sha256"] == joint.search_map.region(mass=0.9).sha256
    assert facts["photo"]["sha256"].split(", ") == sorted(photo.sha256 for photo, _ in read)
    told = facts["together"]
    assert (told["photos"], told["dependence"]) == (3, dependence)
    assert told["effective_photos"] == joint.effective_photos
    assert [share["name"] for share in told["shares"]] == [path.name for path in photos]
    areas = [share.answer.search_map.region(mass=0.9).area_km2 for share in joint.shares]
    assert [share["alone_km2"] for share in told["shares"]] == pytest.approx(areas, rel=0.01)


def test_who_said_what_says_of_which_photo(photos):
    facts = json.loads(call(*photos, "--one-place", "--declare", "population.high=0.9", "--json").stdout)
    titles = [row["title"] for row in facts["said"]]
    by_hash = sorted(facts["together"]["shares"], key=lambda share: share["sha256"])
    assert titles[0] == "Photo-popularity baseline (prior)"
    assert titles[1:-1] == [f"{make_locator().predictors[0].record.title}, of {each['name']}" for each in by_hash]
    assert "of" not in titles[-1].split(), "what the analyst says is said once"


def test_people_read_how_they_were_pooled(photos):
    lines = call(*photos, "--one-place").stdout.splitlines()
    assert lines[0] == "3 photos together"
    assert lines[2] == "  3 photos of one location, error correlation 50%, count as 1.5 independent photos"
    assert lines[3].startswith("    - b.png: fits the others: 100 %; 90% of its own map: ")


def test_the_report_is_of_all_photos(photos, tmp_path):
    done = call(*photos, "--one-place", "--out", tmp_path / "x.html")
    assert done.exit_code == 0, done.stderr
    page = (tmp_path / "x.html").read_text("utf-8")
    assert "Where were these 3 photos taken?" in page
    assert "pooled with an error correlation of 50% and count as 1.5 independent photos" in page
    assert "&lt;b&gt;c.png" in page and "<b>c.png" not in page


def test_a_photo_that_cannot_be_opened_is_told_and_the_others_are_pooled(photos, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no photo")
    done = call(*photos, broken, "--one-place", "--json")
    assert done.exit_code == 1
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row.get("together", {}).get("photos") for row in rows] == [None, 3]
    assert "broken.jpg" in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--alike", 0.5), "--alike is for photos of one location"),
        (("--one-place", "--alike", 2), "A dependence of 2 is outside 0 to 1"),
        (("--one-place", "--out", "x.parquet"), "--one-place pools photos that you name one by one"),
        (("--one-place", "."), "--one-place pools photos that you name one by one"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(photos, words, says):
    done = call(*photos, *words)
    assert done.exit_code == 2
    assert says in " ".join(done.stderr.split())

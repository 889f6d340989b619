"""`hereabouts findable` as people call it."""

import io
import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from engine.cli.findable import parse_parts
from engine.cli.main import app
from engine.errors import InputError
from engine.locate.locator import Locator
from engine.privacy.metadata import read_metadata
from engine.testing import make_locator

SERIAL = "SN-4711-SERIAL"


@pytest.fixture
def photo(tmp_path):
    tags = Image.Exif()
    tags[0x8769] = {0xA431: SERIAL}
    tags[0x8825] = {1: "N", 2: (55.0, 41.0, 53.4), 3: "E", 4: (13.0, 11.0, 43.4)}
    pixels = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    path = tmp_path / "holiday.jpg"
    Image.fromarray(pixels).save(path, exif=tags)
    return path


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setattr(Locator, "load", lambda grid=None, report=None, store=None: make_locator())


def findable(*words):
    return CliRunner().invoke(app, ["findable", *map(str, words)])


def test_people_read_what_gives_it_away(photo):
    done = findable(photo, "--parts", "2x2")
    assert done.exit_code == 0, done.output
    assert "holiday.jpg" in done.stdout
    assert "The file itself says where it was taken, to within about 10 m." in done.stdout
    assert f"The serial number of the camera ties this photo to all others from it. [{SERIAL}]" in done.stdout
    assert "A person may see more than these models" in done.stdout


def test_programs_read_no_value_of_the_metadata(photo):
    done = findable(photo, "--json", "--parts", "2x3")
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert facts["grade"] == "given away"
    assert set(facts["without_metadata"]) == {"0.5", "0.9"}
    assert len(facts["parts"]) == 6
    assert SERIAL not in done.stdout and "55.69" not in done.stdout


def test_a_clean_copy_is_written_and_the_photo_left_alone(photo, tmp_path):
    before, out = photo.read_bytes(), tmp_path / "clean.jpg"
    done = findable(photo, "--clean", out, "--parts", "0", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["clean"] == str(out)
    assert json.loads(done.stdout)["parts"] == []
    copy = out.read_bytes()
    assert SERIAL.encode() in before and SERIAL.encode() not in copy
    assert read_metadata(copy).leaks == ()
    assert Image.open(io.BytesIO(copy)).size == (80, 60)
    assert photo.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clean.jpg", "holiday.jpg"]
    assert "nothing besides the picture" in findable(out, "--parts", "0").stdout


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["--clean", "clean.png"], 2, "is a .jpg file"),
        (["--clean", "holiday.jpg"], 2, "is the photo itself"),
        (["--clean", "no/such/folder.jpg", "--parts", "0"], 1, "could not be written"),
        (["--parts", "4"], 2, "ROWSxCOLUMNS"),
        (["--parts", "1x1"], 2, "parts are out of range"),
        (["--grid", "7x7"], 2, "does not divide"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(photo, monkeypatch, words, status, sentence):
    monkeypatch.chdir(photo.parent)
    done = findable(photo, *words)
    assert done.exit_code == status
    assert sentence in done.stderr.replace("\n", " ")
    assert [path.name for path in photo.parent.iterdir()] == ["holiday.jpg"]


def test_what_is_no_photo_is_one_sentence(tmp_path):
    for name, content in (("text.jpg", b"hello"), ("empty.jpg", b"")):
        (tmp_path / name).write_bytes(content)
        done = findable(tmp_path / name)
        assert done.exit_code == 1
        assert done.stderr.startswith(f"hereabouts: {name}")
    assert findable(tmp_path / "missing.jpg").exit_code == 1


def test_parts():
    assert parse_parts("3X5") == (3, 5)
    assert parse_parts("0") is None
    with pytest.raises(InputError, match="4x4"):
        parse_parts("many")

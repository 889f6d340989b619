"""`hereabouts train attributes`, `train cells` and `embed` as a user calls them."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from engine.cli import main
from engine.partitions.photo_locations import default_photo_places

ROOT = Path(__file__).parents[2]
FAST = ["--backbone", "test_resnet", "--random-weights", "--size", "32", "--epochs", "1", "--batch", "16",
        "--device", "cpu"]  # fmt: skip


@pytest.fixture(scope="module")
def app():
    return main.app


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    """Pictures of noise at real places: nothing to learn, everything to go through."""
    folder = tmp_path_factory.mktemp("photos")
    places, rng = default_photo_places(), np.random.default_rng(0)
    rows = []
    for n, place in enumerate(rng.permutation(len(places))[:90]):
        Image.fromarray(rng.integers(0, 255, (30, 40, 3), dtype=np.uint8)).save(folder / f"{n}.png")
        rows.append(f"{n}.png,{places.latitude[place]},{places.longitude[place]}")
    (folder / "words.png").write_text("no photo")
    (folder / "m.csv").write_text("\n".join(["path,lat,lon", *rows, "words.png,1,1", "gone.png,1,1"]))
    return folder / "m.csv"


def call(app, *arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})


def test_train_attributes_prints_figures_and_what_was_left_out(app, manifest, tmp_path):
    done = call(app, "train", "attributes", manifest, "--out", tmp_path / "out", "--heads", "shared", *FAST)
    assert done.exit_code == 0, done.output
    for words in ("left out: 1 x photo file is missing", "left out: 1 x not a photo that can be opened",
                  "urban land cover beyond its share", "population: right for", "test photos that share no place",
                  "written:"):  # fmt: skip
        assert words in done.output
    assert (tmp_path / "out" / "attribute_head.safetensors").is_file()
    again = call(app, "train", "attributes", manifest, "--out", tmp_path / "out", "--heads", "shared", *FAST, "--json")
    assert json.loads(again.output.splitlines()[-1])["epochs"] == [1]


def test_train_cells(app, manifest, tmp_path):
    arguments = ["--random-weights", "--size", "32", "--epochs", "1", "--batch", "32", "--device", "cpu"]
    done = call(app, "train", "cells", manifest, "--out", tmp_path / "out", "--maxima", "40,20,10", *arguments)
    assert done.exit_code == 0, done.output
    assert "cells_fine:" in done.output
    assert (tmp_path / "out" / "cell_classifier.safetensors").is_file()


def test_a_table_of_features_needs_no_photo(app, manifest, tmp_path):
    rng = np.random.default_rng(1)
    lines = [f"{n}.png," + ",".join(f"{x:.4f}" for x in rng.normal(size=6)) for n in range(90)]
    (tmp_path / "t.csv").write_text("\n".join(["id,a,b,c,d,e,f", *lines]))
    done = call(app, "train", "attributes", manifest, "--features", tmp_path / "t.csv", "--out", tmp_path / "out",
                "--attribute", "population", "--urban-share", "1", "--json")  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads(done.output.splitlines()[-1])
    assert [each["name"] for each in told["figures"]] == ["population"]
    assert told["features"] == 6


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["train", "attributes", "gone.csv"], 2, "gone.csv cannot be read"),
        (["train", "attributes", "MANIFEST", "--attribute", "soil"], 2, "no layer 'soil'"),
        (["train", "attributes", "MANIFEST", "--backbone", "no_such_net"], 1, "timm knows no backbone"),
        (["train", "attributes", "MANIFEST", "--epochs", "0"], 2, "epochs of 0 makes no sense"),
        (["train", "attributes", "MANIFEST", "--keep-gb", "-1"], 2, "--keep-gb -1 makes no sense"),
        (["train", "attributes", "MANIFEST", "--features", "gone.csv"], 2, "cannot be read"),
        (["train", "cells", "MANIFEST", "--maxima", "1,2"], 2, "is not COARSE,MIDDLE,FINE"),
        (["train", "cells", "MANIFEST"], 2, "--random-weights"),
        (["embed", "MANIFEST", "--encoder", "no_such_model"], 1, "no model 'no_such_model'"),
        (["embed", "MANIFEST", "--out", "e.csv", "--random-weights", "0"], 2, "does not end in .parquet"),
    ],
)
def test_calls_that_make_no_sense_end_in_one_sentence(app, manifest, tmp_path, monkeypatch, arguments, status, words):
    monkeypatch.chdir(tmp_path)
    done = call(app, *[str(manifest) if argument == "MANIFEST" else argument for argument in arguments])
    assert done.exit_code == status, done.output
    assert words in done.output
    assert done.output.count("hereabouts:") == 1 and "Traceback" not in done.output


def test_registering_loads_no_torch():
    code = "import sys, engine.cli.train; print([m for m in ('torch', 'timm', 'pyarrow') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"

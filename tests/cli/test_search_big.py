"""`hereabouts search` as a user calls it, with an encoder of the true size that lies where a fetched one would."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from safetensors.torch import save_file

from engine.artifacts.catalog import default_catalog
from engine.networks import backbones
from engine.networks.backbones import Device
from engine.testing.synthetic_tiles import place_picture
from engine.tile_search.tile_encoders import ARTIFACT

ROOT = Path(__file__).resolve().parents[2]
KEYS = {
    "photo", "source", "method", "k", "levels", "tiles_encoded", "cache_hits", "seconds", "best_tile", "zoom", "lat",
    "lon", "path_probability", "tile_width_km", "best", "notes",
}  # fmt: skip
LEVEL_KEYS = {"zoom", "candidates", "encoded", "cache_hits", "absent", "failed", "blank", "kept", "seconds"}


@pytest.fixture
def models(tmp_path):
    """A folder that the user filled by hand: a whole CLIP with random weights, both halves, as published ones are."""
    record = default_catalog().record(ARTIFACT)
    module = backbones.build(record.encoder, record.preprocessing.size, Device("cpu", "float32"), None, 0)
    path = tmp_path / "models" / ARTIFACT / record.files[0].path
    path.parent.mkdir(parents=True)
    save_file({key: value.contiguous() for key, value in module.state_dict().items() if key != "attn_mask"}, path)
    return tmp_path / "models"


@pytest.mark.big
def test_a_search_from_the_command_line_has_the_documented_keys(models, tmp_path):
    Image.fromarray(place_picture(48.2, 16.37)).save(tmp_path / "place.png")
    environment = {**os.environ, "HEREABOUTS_MODELS": str(models), "PYTHONPATH": str(ROOT)}
    words = ["search", str(tmp_path / "place.png"), "--source", "builtin", "--k", "2", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "engine.cli", *words], cwd=tmp_path, env=environment, capture_output=True, text=True,
        check=False, timeout=500,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    facts = json.loads(done.stdout)
    assert set(facts) == KEYS
    assert [set(level) for level in facts["levels"]] == [LEVEL_KEYS] * 2
    assert [level["zoom"] for level in facts["levels"]] == [4, 6]
    assert facts["tiles_encoded"] + facts["cache_hits"] == sum(level["candidates"] for level in facts["levels"])
    assert 0 < facts["path_probability"] <= 1 and facts["zoom"] == 6

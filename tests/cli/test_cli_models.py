"""`hereabouts models` against a hub on this machine, with small stand-ins under the true names."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.artifacts.store import Store
from engine.cli import models as cli_models
from engine.predictors.reference_checks import CheckResult, Found
from engine.predictors.selection import read_choices

ROOT = Path(__file__).resolve().parents[2]
CLIP = "timm/vit_large_patch14_clip_224.openai/open_clip_model.safetensors"
WEIGHTS = bytes(range(256)) * 4000  # 1.02 MB


def load_hub():
    spec = importlib.util.spec_from_file_location("hereabouts_cli_hub", ROOT / "tests" / "artifacts" / "hub.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def hub(monkeypatch):
    hubs = load_hub()
    files = {
        CLIP: WEIGHTS,
        "geolocal/StreetCLIP/model.safetensors": WEIGHTS[:5000],
        "nicolas-dufour/PLONK_YFCC/model.safetensors": WEIGHTS[:4000],
        "nicolas-dufour/PLONK_YFCC/config.json": b"{}",
        "timm/vit_large_patch14_reg4_dinov2.lvd142m/model.safetensors": WEIGHTS[:6000],
    }
    with hubs.running(hubs.Hub(files=files)) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield server


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.delenv("HEREABOUTS_MODELS", raising=False)
    monkeypatch.setattr("engine.artifacts.store.default_root", lambda: tmp_path / "models")
    return tmp_path / "models"


def models(*words):
    return CliRunner().invoke(cli_models.app, list(words))


def test_list_names_every_model_and_touches_nothing(root):
    done = models("list")
    assert done.exit_code == 0
    for record in Store().catalog:
        assert record.name in done.stdout and record.licence in done.stdout
    assert "NOT FOR COMMERCIAL USE" in done.stdout
    assert str(root) in done.stdout
    assert not root.exists()


def test_list_for_programs():
    facts = json.loads(models("list", "--json").stdout)
    rows = {row["name"]: row for row in facts["models"]}
    geoclip = rows["geoclip"]
    assert geoclip["present"] and not geoclip["usable"]
    assert geoclip["needs"] == ["clip_vit_l14_openai"]
    assert rows["streetclip"]["non_commercial"]
    assert rows["clip_vit_l14_openai"]["missing_bytes_about"] == 1_710_000_000
    assert {"licence", "citation", "homepage", "source", "files", "bytes", "verified"} <= set(geoclip)


def test_fetch_brings_what_is_needed_and_list_says_so(hub):
    done = models("fetch", "geoclip")
    assert done.exit_code == 0, done.output
    assert "GeoCLIP is here" in done.stdout
    rows = {row["name"]: row for row in json.loads(models("list", "--json").stdout)["models"]}
    assert rows["geoclip"]["usable"] and rows["clip_vit_l14_openai"]["verified"]
    asked = len(hub.requests)
    assert models("fetch", "geoclip").exit_code == 0
    assert len(hub.requests) == asked, "what is here and vouched for is not asked for again"


def test_a_licence_against_commercial_use_needs_a_word_and_is_remembered(hub):
    refused = models("fetch", "streetclip")
    assert refused.exit_code == 1
    assert "--accept-non-commercial" in refused.stderr
    assert hub.requests == []
    assert models("fetch", "streetclip", "--accept-non-commercial").exit_code == 0
    assert read_choices(Store()).agreed == ("streetclip",)


def in_use():
    return {row["name"] for row in json.loads(models("list", "--json").stdout)["models"] if row["in_use"]}


def test_a_fetched_model_says_how_it_looks_at_photos_and_can_be_switched_on_and_off(hub):
    assert models("use", "plonk_yfcc").exit_code == 1, "it is not here yet"
    fetched = models("fetch", "plonk_yfcc")
    assert "hereabouts models use plonk_yfcc" in fetched.stdout
    assert in_use() == set()
    assert "looks at your photos from now on" in models("use", "plonk_yfcc").stdout
    assert in_use() == {"plonk_yfcc"}
    assert "here, in use" in models("list").stdout
    assert "no more" in models("use", "plonk_yfcc", "--off").stdout
    assert in_use() == set()


def test_geoclip_looks_at_photos_as_soon_as_it_is_fetched_and_says_so(hub):
    assert "GeoCLIP looks at your photos from now on" in models("fetch", "geoclip").stdout
    assert in_use() == {"geoclip"}


def test_the_words_of_clip_go_by_the_name_of_either_its_record_or_its_predictor(hub):
    models("fetch", "clip_vit_l14_openai")
    for name in ("clip_vit_l14_openai", "attribute_prompts"):
        assert "Scene prompts looks" in models("use", name).stdout
        assert read_choices(Store()).asked["attribute_prompts"]
        models("use", name, "--off")


def test_a_licence_against_commercial_use_stands_before_use_as_well(hub, root):
    place = root / "streetclip" / "model.safetensors"
    place.parent.mkdir(parents=True)
    place.write_bytes(WEIGHTS[:5000])
    refused = models("use", "streetclip")
    assert refused.exit_code == 1
    assert "--accept-non-commercial" in refused.stderr
    assert in_use() == set()
    assert models("use", "streetclip", "--accept-non-commercial").exit_code == 0
    assert in_use() == {"streetclip"}


def test_an_encoder_that_makes_no_predictor_cannot_be_used():
    done = models("use", "dinov2_vit_l14_reg")
    assert done.exit_code == 2
    assert "choose one of: geoclip" in done.stderr


@pytest.mark.parametrize("verb", ["fetch", "verify", "remove"])
def test_a_name_that_there_is_not_is_a_usage_error(verb, root):
    done = models(verb, "nothing")
    assert done.exit_code == 2
    assert "choose one of" in done.stderr
    assert not root.exists()


@pytest.mark.parametrize("words", [("fetch",), ("list", "--nonsense"), ("nonsense",)])
def test_a_call_that_makes_no_sense_is_a_usage_error(words):
    assert models(*words).exit_code == 2


def test_a_server_that_does_not_have_it_is_told_in_one_sentence(hub):
    hub.files.clear()
    done = models("fetch", "geoclip")
    assert done.exit_code == 1
    assert "404" in done.stderr and "Traceback" not in done.output


def test_without_a_network_it_says_what_is_missing_how_large_and_where_it_goes(monkeypatch, root):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("engine.artifacts.store.time.sleep", lambda _: None)
    done = models("fetch", "clip_vit_l14_openai")
    assert done.exit_code == 1
    for words in ("cannot be reached", "about 1.71 GB", str(root / "clip_vit_l14_openai")):
        assert words in done.stderr


def test_a_model_of_the_users_own_says_where_to_put_it(root):
    done = models("fetch", "geoestimation")
    assert done.exit_code == 1
    assert str(root / "geoestimation" / "checkpoint.ckpt") in done.stderr


def test_verify_with_nothing_fetched_checks_the_package_and_skips_known_answers():
    done = models("verify")
    assert done.exit_code == 0
    assert "location_encoder_weights.pth is right" in done.stdout
    assert "skipped  geoclip" in done.stdout


def test_verify_says_which_file_fails_its_digest(hub, root):
    models("fetch", "plonk_yfcc")
    path = root / "plonk_yfcc" / "model.safetensors"
    path.write_bytes(bytes(4000))
    done = models("verify", "plonk_yfcc")
    assert done.exit_code == 1
    wrong = [line for line in done.stdout.splitlines() if line.strip().startswith("wrong")]
    assert len(wrong) == 1
    assert "model.safetensors" in wrong[0] and "sha256" in wrong[0] and "models fetch plonk_yfcc" in wrong[0]


def test_verify_for_programs_asks_known_photos(hub, monkeypatch):
    models("fetch", "geoclip")
    asked = []

    def tried(store, known):
        asked.append(known.artifact)
        return CheckResult(known.artifact, Found.WRONG, "GeoCLIP puts Kauai.png in Bern; fetch it again.", 12_345.0)

    monkeypatch.setattr(cli_models, "run_reference_check", tried)
    done = models("verify", "--json")
    facts = json.loads(done.stdout)
    assert asked == ["geoclip"]
    assert done.exit_code == 1 and facts["ok"] is False
    assert facts["known_answers"][0]["distance_km"] == 12_345.0
    assert all(file["ok"] for file in facts["files"])


def test_verify_finds_stand_ins_by_asking_the_real_model(hub):
    models("fetch", "geoclip")
    done = models("verify", "geoclip")
    assert done.exit_code == 1
    assert "open_clip_model.safetensors is right" in done.stdout  # the hub vouches for it
    assert "wrong  geoclip" in done.stdout  # and yet it is no CLIP


def test_remove_gives_the_room_back_and_says_what_went(hub, root):
    models("fetch", "geoclip")
    done = models("remove", "geoclip")
    assert done.exit_code == 0
    assert "CLIP ViT-L/14 (OpenAI) was removed (1.02 MB)" in done.stdout
    assert not (root / "clip_vit_l14_openai").exists()
    assert "nothing of GeoCLIP" in models("remove", "geoclip").stdout


@pytest.mark.skipif(os.name != "posix", reason="Ctrl+C is sent as a signal")
def test_ctrl_c_leaves_a_part_and_the_next_fetch_goes_on_from_there(hub, tmp_path):
    hub.faults.bytes_per_s = 100_000  # ten seconds in all: a slow machine still interrupts it in the middle
    cache = tmp_path / "cache"
    environment = {**os.environ, "HEREABOUTS_CACHE": str(cache)}
    command = [sys.executable, "-c", "from engine.cli.models import app; app()", "fetch", "clip_vit_l14_openai"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while hub.sent_bytes < 200_000 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == cli_models.INTERRUPTED
    assert "what has come is kept" in said and "Traceback" not in said
    (part,) = tmp_path.rglob("*.part")
    assert 100_000 < part.stat().st_size < len(WEIGHTS)
    hub.faults.bytes_per_s = 0
    have = part.stat().st_size
    again = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert hub.requests[-1] == ("GET", hub.requests[-1][1], have)


def test_the_geocells_are_chosen_for_good(root):
    assert "on the fine geocells" in models("geocells").stdout
    assert "on the finest geocells" in models("geocells", "finest").stdout
    assert "on the finest geocells" in models("geocells").stdout
    wrong = models("geocells", "coarse")
    assert wrong.exit_code == 2 and "choose fine or finest" in wrong.stderr

"""The Models page and the first-run offer without a browser, against a hub on this machine."""

import importlib.util
import sys
import threading
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.common import jobs
from dashboard.models import worker as models_work
from engine.artifacts.store import Store
from engine.predictors.selection import read_choices, stamp

ROOT = Path(__file__).resolve().parents[3]
CLIP = "timm/vit_large_patch14_clip_224.openai/open_clip_model.safetensors"
WEIGHTS = bytes(range(256)) * 4000
PAGE = "from dashboard.models import screen as models; models.show()"
OFFER = "from dashboard.locate import model_offer; model_offer.show()"


def load_hub():
    spec = importlib.util.spec_from_file_location("hereabouts_page_hub", ROOT / "tests" / "artifacts" / "hub.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def hub(monkeypatch):
    hubs = load_hub()
    with hubs.running(hubs.Hub(files={CLIP: WEIGHTS, "geolocal/StreetCLIP/model.safetensors": WEIGHTS})) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield server


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    """A store of its own and a server without a past."""
    monkeypatch.delenv("HEREABOUTS_MODELS", raising=False)
    monkeypatch.setattr("engine.artifacts.store.default_root", lambda: tmp_path / "models")
    fresh = jobs.Jobs()
    monkeypatch.setattr("dashboard.models.worker.JOBS", fresh)
    monkeypatch.setattr("dashboard.models.progress.JOBS", fresh)
    return tmp_path / "models"


def opened(script=PAGE):
    page = AppTest.from_string(script, default_timeout=60).run()
    assert not page.exception
    return page


def press(page, key):
    page.button(key=key).click().run()
    assert not page.exception
    return page


def settle(page, name="geoclip"):
    """Wait for the work on a model, then look at the page again."""
    for _ in range(2000):
        job = models_work.JOBS.job(name)
        if job is None or not job.running:
            break
        threading.Event().wait(0.01)
    else:
        raise AssertionError(f"{job} did not end")
    page.run()
    assert not page.exception
    return page


def text(page):
    kinds = ("title", "subheader", "markdown", "caption", "success", "error", "info", "warning", "code")
    said = [str(element.value) for kind in kinds for element in page.get(kind)]
    return "\n".join(said).replace("\\", "")


def keys(page):
    return {button.key for button in page.button}


def test_every_model_is_shown_with_licence_and_publication_and_no_server_is_asked(hub, root):
    page = opened()
    said = text(page)
    for record in Store().catalog:
        assert record.citation in said
        assert record.homepage in said
    for model in (*models_work.predictors(Store()), *models_work.encoders(Store())):
        assert model.title in said and model.summary in said and model.licence in said
    assert "No server is contacted before you press Fetch" in said
    assert str(root) in said
    assert "HEREABOUTS_MODELS" in said
    assert hub.requests == []
    assert not root.exists()


def test_fetching_brings_the_model_and_switches_it_on(root):
    page = settle(press(opened(), "fetch_geoclip"))
    assert [element.value.replace("\\", "") for element in page.success] == [
        "GeoCLIP is installed and verified. It is now used on your photos."
    ]
    assert page.toggle(key="use_geoclip").value is True
    assert {"verify_geoclip", "remove_geoclip"} <= keys(page)
    assert "fetch_geoclip" not in keys(page)
    assert (root / "clip_vit_l14_openai" / "open_clip_model.safetensors").read_bytes() == WEIGHTS


def test_cancel_keeps_what_came_and_the_next_fetch_goes_on(hub):
    hub.faults.bytes_per_s = 1_000_000
    page = press(opened(), "fetch_geoclip")
    assert "cancel_geoclip" in keys(page) and "fetch_geoclip" not in keys(page)
    while hub.sent_bytes < 100_000:
        threading.Event().wait(0.01)
    page = settle(press(page, "cancel_geoclip"))
    assert "was stopped" in page.info[0].value
    assert page.button(key="fetch_geoclip").label == "Resume"
    hub.faults.bytes_per_s = 0
    settle(press(page, "fetch_geoclip"))
    assert hub.requests[-1][2] >= 100_000
    assert Store().status("clip_vit_l14_openai").verified


def test_a_second_session_sees_the_same_work(hub):
    hub.faults.bytes_per_s = 1_000_000
    press(opened(), "fetch_geoclip")
    other = opened()
    assert "cancel_geoclip" in keys(other)
    settle(press(other, "cancel_geoclip"))


def test_a_licence_against_commercial_use_needs_a_tick(root):
    page = opened()
    assert page.button(key="fetch_streetclip").disabled
    page.checkbox(key="agree_streetclip").check().run()
    assert not page.button(key="fetch_streetclip").disabled
    assert read_choices(Store()).agreed == (), "a tick alone fetches and writes nothing"
    settle(press(page, "fetch_streetclip"), "streetclip")
    assert read_choices(Store()).agreed == ("streetclip",)
    assert Store().status("streetclip").present


def test_files_put_in_by_hand_are_seen_and_their_licence_still_needs_a_tick(tmp_path, monkeypatch):
    mine = tmp_path / "mine"
    for name, file in (("streetclip", "model.safetensors"), ("plonk_osv5m", "model.safetensors")):
        (mine / name).mkdir(parents=True)
        (mine / name / file).write_bytes(WEIGHTS)
    (mine / "plonk_osv5m" / "config.json").write_text("{}")
    monkeypatch.setenv("HEREABOUTS_MODELS", str(mine))
    page = opened()
    assert str(mine) in text(page)
    assert page.toggle(key="use_plonk_osv5m").disabled
    assert "remove_plonk_osv5m" not in keys(page), "what the user put there is not ours to remove"
    page.checkbox(key="agree_plonk_osv5m").check().run()
    page.toggle(key="use_plonk_osv5m").set_value(True).run()
    assert read_choices(Store()).asked == {"plonk_osv5m": True}
    assert page.toggle(key="use_plonk_osv5m").value is True


def test_a_switch_is_kept(root):
    page = settle(press(opened(), "fetch_geoclip"))
    page.toggle(key="use_geoclip").set_value(False).run()
    assert opened().toggle(key="use_geoclip").value is False
    assert stamp(models_work.store()) == ()


def test_remove_says_what_goes_and_does_it(root):
    page = settle(press(opened(), "fetch_geoclip"))
    said = text(page)
    assert "This removes CLIP ViT-L/14 (OpenAI) (1.02 MB)" in said
    assert "stop working: Scene prompts" in said
    press(page, "remove_geoclip")
    assert not (root / "clip_vit_l14_openai").exists()
    assert "fetch_geoclip" in keys(page)


def test_verify_says_which_file_is_wrong(root):
    page = settle(press(opened(), "fetch_geoclip"))
    (root / "clip_vit_l14_openai" / "open_clip_model.safetensors").write_bytes(bytes(len(WEIGHTS)))
    page = settle(press(page, "verify_geoclip"))
    assert "open_clip_model.safetensors" in page.error[0].value.replace("\\", "")
    assert "sha256" in page.error[0].value
    press(page, "dismiss_geoclip")
    assert not page.error


def test_a_server_in_trouble_ends_in_one_sentence(hub):
    hub.files.clear()
    page = settle(press(opened(), "fetch_geoclip"))
    assert "404" in page.error[0].value
    assert "fetch_geoclip" in keys(page)


def test_a_folder_that_cannot_be_written_is_told_on_the_card(root, monkeypatch):
    page = settle(press(opened(), "fetch_geoclip"))

    def refuse(*_):
        raise models_work.ArtifactError("The folder cannot be written; choose another.")

    monkeypatch.setattr("dashboard.models.worker.remove_bundle", refuse)
    press(page, "remove_geoclip")
    assert "cannot be written" in page.error[0].value


def test_the_offer_brings_geoclip_and_goes(root):
    page = opened(OFFER)
    assert "Get GeoCLIP for better maps" in text(page)
    assert "1.71 GB, MIT licence" in text(page)
    page = settle(press(page, "offer_fetch"))
    assert keys(page) == set()
    assert models_work.geoclip(Store()).status.present


def test_the_offer_can_be_stopped_and_goes_on(hub):
    hub.faults.bytes_per_s = 1_000_000
    page = press(opened(OFFER), "offer_fetch")
    assert keys(page) == {"offer_cancel"}
    while hub.sent_bytes < 100_000:
        threading.Event().wait(0.01)
    page = settle(press(page, "offer_cancel"))
    assert page.button(key="offer_fetch").label == "Resume"
    assert "was stopped" in page.info[0].value


def test_the_offer_stays_away_once_sent_away(hub):
    press(opened(OFFER), "offer_away")
    assert keys(opened(OFFER)) == set()
    assert hub.requests == []


def test_the_offer_can_be_sent_away_where_nothing_can_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr("engine.artifacts.store.default_root", lambda: tmp_path / "file" / "models")
    page = press(opened(OFFER), "offer_away")
    assert keys(page) == set()

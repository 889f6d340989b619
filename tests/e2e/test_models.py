"""The Models page in a real browser, against a hub on this machine that serves small stand-ins under the true names."""

import importlib.util
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import PROJECT, Server, Visit, serve
from playwright.sync_api import Locator, expect

from engine.paths import cache_folder

pytestmark = pytest.mark.browser
CLIP = "timm/vit_large_patch14_clip_224.openai/open_clip_model.safetensors"
WEIGHTS = bytes(range(256)) * 20_000  # 5.12 MB
Open = Callable[..., Visit]


def load_hub():
    spec = importlib.util.spec_from_file_location("hereabouts_e2e_hub", PROJECT / "tests" / "artifacts" / "hub.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def hub() -> Iterator[object]:
    hubs = load_hub()
    with hubs.running(hubs.Hub(files={CLIP: WEIGHTS, "geolocal/StreetCLIP/model.safetensors": WEIGHTS})) as running:
        yield running


@pytest.fixture
def server(hub, real_world, tmp_path: Path) -> Iterator[Server]:
    """A server with an empty store; the map data of the machine is used as it is."""
    with pytest.MonkeyPatch.context() as environment:
        cache = tmp_path / "cache"
        cache.mkdir()
        for built in [*cache_folder().glob("overlay-*"), *cache_folder().glob("evidence-*")]:
            (cache / built.name).symlink_to(built)
        environment.setenv("HEREABOUTS_CACHE", str(cache))
        environment.setenv("HOME", str(tmp_path))
        environment.setenv("HF_ENDPOINT", hub.endpoint)
        environment.setenv("NO_PROXY", "127.0.0.1")
        environment.delenv("HEREABOUTS_MODELS", raising=False)
        with serve(PROJECT / "dashboard" / "app.py", tmp_path / "log.txt") as running:
            yield running


def models_page(visit: Open, server: Server) -> Visit:
    opened = visit(server.url, width=1300, height=1200)
    opened.page.locator("a[href$='models']").click(timeout=60_000)
    expect(opened.page.get_by_role("heading", name="Image encoders")).to_be_visible(timeout=30_000)
    return opened


def card(visit: Visit, name: str = "geoclip") -> Locator:
    return visit.page.locator(f".st-key-model_{name}")


def test_fetch_shows_progress_is_cancelled_goes_on_and_is_removed(server, hub, visit, tmp_path):
    hub.faults.bytes_per_s = 600_000
    opened = models_page(visit, server)
    geoclip = card(opened)
    expect(geoclip).to_contain_text("Not installed · about 1.71 GB to fetch")
    assert hub.requests == [], "looking at the page asks nobody"
    geoclip.get_by_role("button", name="Fetch").click()
    bar = geoclip.get_by_role("progressbar")
    expect(geoclip).to_contain_text(re.compile(r"CLIP ViT-L/14 \(OpenAI\): .* of 5.12 MB"), timeout=20_000)
    first = int(bar.get_attribute("aria-valuenow") or 0)
    opened.page.wait_for_timeout(1500)
    assert int(bar.get_attribute("aria-valuenow") or 0) > first
    geoclip.get_by_role("button", name="Cancel").click()
    expect(geoclip).to_contain_text("was stopped", timeout=20_000)
    (part,) = tmp_path.rglob("*.part")
    have = part.stat().st_size
    assert 0 < have < len(WEIGHTS)

    hub.faults.bytes_per_s = 0
    geoclip.get_by_role("button", name="Resume").click()
    expect(geoclip).to_contain_text("GeoCLIP is installed and verified", timeout=20_000)
    expect(geoclip).to_contain_text("In use")
    assert hub.requests[-1][2] == have
    (weights,) = tmp_path.rglob("open_clip_model.safetensors")
    assert weights.read_bytes() == WEIGHTS

    geoclip.get_by_role("button", name="Remove").click()
    expect(opened.page.get_by_text("stop working: Scene prompts")).to_be_visible()
    opened.page.get_by_role("button", name="Remove now").click()
    expect(geoclip).to_contain_text("Not installed", timeout=20_000)
    assert not weights.exists()


def test_the_work_goes_on_when_the_page_is_left(server, hub, visit):
    hub.faults.bytes_per_s = 1_500_000
    opened = models_page(visit, server)
    card(opened).get_by_role("button", name="Fetch").click()
    expect(card(opened).get_by_role("button", name="Cancel")).to_be_visible(timeout=20_000)
    opened.page.get_by_role("link", name="Locate").click()
    expect(opened.page.get_by_text("Drop photos here")).to_be_visible(timeout=60_000)
    opened.page.locator("a[href$='models']").click()
    expect(card(opened)).to_contain_text("GeoCLIP is installed and verified", timeout=30_000)


def test_a_licence_against_commercial_use_needs_a_tick(server, hub, visit):
    opened = models_page(visit, server)
    street = card(opened, "streetclip")
    expect(street.get_by_role("button", name="Fetch")).to_be_disabled()
    assert hub.requests == []
    street.get_by_text("I will not use it commercially").click()
    street.get_by_role("button", name="Fetch").click()
    expect(street).to_contain_text("StreetCLIP is installed and verified", timeout=20_000)
    expect(street).to_contain_text("Uses the larger towns of GeoNames")


def test_a_server_in_trouble_ends_in_one_sentence_and_the_page_stays(server, hub, visit):
    hub.files.clear()
    opened = models_page(visit, server)
    card(opened).get_by_role("button", name="Fetch").click()
    expect(card(opened).get_by_role("alert")).to_contain_text("404", timeout=20_000)
    expect(card(opened).get_by_role("button", name="Fetch")).to_be_enabled()

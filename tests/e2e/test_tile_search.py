"""The Tile search page in a real browser: nothing but this machine is asked, and every state can be reached."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import SCRIPTS, Server, Visit, serve
from PIL import Image
from playwright.sync_api import expect

from engine.paths import cache_folder
from engine.testing.synthetic_tiles import SyntheticTiles, answer_from, place_picture, tile_server

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]
PLACE = 48.2, 16.37


@pytest.fixture(scope="module")
def tiles() -> Iterator[str]:
    with tile_server(answer_from(SyntheticTiles())) as address:
        yield address + "/{z}/{x}/{y}.png"


@pytest.fixture(scope="module")
def photo(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("photo") / "place.png"
    Image.fromarray(place_picture(*PLACE)).save(path)
    return path


def served(folder: Path, **environment: str) -> Iterator[Server]:
    """A server with a cache of its own; the map data of the machine is used as it is."""
    with pytest.MonkeyPatch.context() as patched:
        cache = folder / "cache"
        cache.mkdir()
        for built in [*cache_folder().glob("overlay-*"), *cache_folder().glob("evidence-*")]:
            (cache / built.name).symlink_to(built)
        patched.setenv("HEREABOUTS_CACHE", str(cache))
        patched.delenv("HEREABOUTS_MODELS", raising=False)
        for name, value in environment.items():
            patched.setenv(name, value)
        with serve(SCRIPTS / "search_app.py", folder / "log.txt") as running:
            yield running


@pytest.fixture
def server(real_world, tmp_path) -> Iterator[Server]:
    yield from served(tmp_path, HEREABOUTS_TEST_ENCODERS="known", HEREABOUTS_TEST_SLOW_S="0.05")


@pytest.fixture
def bare_server(real_world, tmp_path) -> Iterator[Server]:
    yield from served(tmp_path, HEREABOUTS_TEST_ENCODERS="none")


def search_page(visit: Open, server: Server, photo: Path, **size: int) -> Visit:
    opened = visit(server.url, **{"width": 1400, "height": 1000, **size})
    opened.page.get_by_text("Drop photos here").wait_for(timeout=60_000)
    opened.page.locator("input[type=file]").set_input_files(photo)
    expect(opened.page.get_by_text("This region:")).to_be_visible(timeout=60_000)
    opened.page.locator("a[href$='tile-search']").click()
    expect(opened.page.get_by_role("heading", name="Tile search", exact=True)).to_be_visible(timeout=30_000)
    return opened


def choose(visit: Visit, label: str, option: str) -> None:
    visit.choose(label, option)


def press(visit: Visit, name: str) -> None:
    visit.page.get_by_role("radio", name=name, exact=True).or_(
        visit.page.get_by_role("button", name=name, exact=True)
    ).first.click()


def shapes(visit: Visit) -> list[dict]:
    """What is drawn on the map above the ground."""
    return visit.map.evaluate("async (place) => { await place.hbMap.started; return place.hbMap.data.shapes; }")


def test_without_the_encoder_the_page_says_how_to_get_it_and_the_map_is_there(bare_server, visit, photo):
    opened = search_page(visit, bare_server, photo)
    expect(opened.page.get_by_text("which is not installed")).to_be_visible()
    expect(opened.page.get_by_role("button", name="Fetch")).to_be_enabled()
    expect(opened.page.get_by_role("button", name="Search", exact=True)).to_be_disabled()
    expect(opened.map).to_be_visible(timeout=60_000)
    assert shapes(opened) == []
    assert opened.settled_map(at_most_s=60).std() > 10, "the base map came from this machine"


def test_a_search_runs_is_paused_goes_on_and_its_place_opens_on_the_locate_page(server, visit, photo, tiles):
    opened = search_page(visit, server, photo)
    page = opened.page
    choose(opened, "Imagery", "Custom tile server")
    page.get_by_text("I have read this").click()
    box = page.get_by_role("textbox", name="Tile URL template")
    expect(box).to_be_enabled()
    box.fill(tiles)
    box.press("Enter")
    page.get_by_text("The server is on my own machine").click()
    press(opened, "16")
    expect(page.get_by_text("At most 1,792 tiles")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Search", exact=True).click()

    expect(page.get_by_text(re.compile(r"Zoom \d+: \d+ of \d+ tiles"))).to_be_visible(timeout=60_000)
    expect(page.get_by_role("heading", name=re.compile("Best tiles of zoom"))).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("The search is paused")).to_be_visible()
    page.get_by_role("link", name="Models").click()
    expect(page.get_by_role("heading", name="Models", exact=True)).to_be_visible(timeout=30_000)
    page.locator("a[href$='tile-search']").click()
    page.get_by_role("button", name="Resume").click()

    expect(page.get_by_role("heading", name="Best tiles of zoom 16")).to_be_visible(timeout=120_000)
    expect(page.get_by_role("button", name="New search")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Why was this branch kept?")).to_be_visible()
    expect(opened.map).to_have_attribute("aria-label", re.compile(r"best lies at 48\.20, 16\.37"), timeout=60_000)
    assert "#ffbf00" in {each["properties"]["color"] for each in shapes(opened)}, "the chosen tile"
    press(opened, "Chosen tile")
    opened.page.wait_for_timeout(1500)
    here = opened.map.evaluate("(place) => place.hbMap.map.getCenter().toArray()")
    assert here == pytest.approx([16.37, 48.20], abs=0.1)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download this map").click()
    assert "https://" not in re.sub(r"base64,[^\"]*", "", Path(waiting.value.path()).read_text("utf-8"))[:20000]
    page.get_by_role("button", name="Use as evidence on the Locate page").click()
    expect(page.get_by_role("button", name="Remove from the Locate page")).to_be_visible(timeout=30_000)
    page.get_by_role("link", name="Open the location on the Locate page").click()
    expect(page.get_by_label("Check a claimed location: latitude, longitude")).to_have_value(
        re.compile(r"48\.20\d+, 16\.37\d+")
    )
    expect(page.get_by_text("This region:")).to_be_visible(timeout=60_000)
    opened.expand("Predictors and weights")
    expect(page.get_by_test_id("stSidebar").get_by_text("Tile search", exact=True)).to_be_visible()


def test_the_page_fits_a_phone(bare_server, visit):
    opened = visit(bare_server.url, width=390, height=1000)
    opened.page.get_by_test_id("stExpandSidebarButton").click(timeout=60_000)
    opened.page.locator("a[href$='tile-search']").click(timeout=30_000)
    expect(opened.map).to_be_visible(timeout=60_000)
    over = opened.page.evaluate(
        "() => { const main = document.querySelector('[data-testid=stMain]'); "
        "return main.scrollWidth - main.clientWidth; }"
    )
    assert over <= 0

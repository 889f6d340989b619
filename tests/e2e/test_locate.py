"""The main job in a real browser: a photo goes in, a search region on a globe comes out, and nothing leaves."""

import json
import re
from collections.abc import Callable, Iterator
from itertools import pairwise

import geopandas
import numpy as np
import pytest
from browser import PROJECT, Server, Visit, serve
from PIL import Image
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
SIZE, LAYERS = "Region size and calibration", "Map layer"
READOUT = re.compile(r"This region: ([\d,.]+)\skm², (?:over\s|under\s)?([\d.]+)\s% probability in ([\d,]+) areas?")
Open = Callable[..., Visit]


@pytest.fixture(scope="module")
def server(real_world, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(PROJECT / "dashboard" / "app.py", tmp_path_factory.mktemp("server") / "log.txt") as running:
        yield running


@pytest.fixture
def page(server: Server, visit: Open, kauai) -> Visit:
    """A fresh visit with the photo of Kauai located."""
    opened = visit(server.url, width=1400, height=900)
    upload(opened, kauai)
    return opened


def upload(visit: Visit, *files) -> None:
    visit.page.get_by_text("Drop photos here").wait_for(timeout=60_000)
    visit.page.locator("input[type=file]").set_input_files(files)
    visit.page.get_by_text("This region:").wait_for(timeout=60_000)
    idle(visit)
    visit.settled_map()


def idle(visit: Visit) -> None:
    """Wait until the script has run to its end."""
    visit.page.locator("[data-test-script-state=notRunning]").first.wait_for(timeout=30_000)


def readout(visit: Visit) -> tuple[float, float, int]:
    """Area, percent and parts as the page says them."""
    line = visit.page.get_by_text("This region:")
    expect(line).to_have_count(1, timeout=20_000)  # for a moment the page may show what it replaces
    found = READOUT.search(line.inner_text())
    assert found is not None
    area, percent, parts = (text.replace(",", "") for text in found.groups())
    return float(area), float(percent), int(parts)


def tick(visit: Visit, key: str) -> tuple[float, float, int]:
    before = readout(visit)
    visit.expand(SIZE)
    visit.page.get_by_role("slider", name="Area budget (km²)").focus()
    visit.page.keyboard.press(key)
    visit.page.wait_for_function(
        "before => !document.body.innerText.includes(before)", arg=f"{before[0]:,.0f}\u00a0km²,", timeout=20_000
    )
    return readout(visit)


def fly(visit: Visit, place: str) -> np.ndarray:
    box = visit.page.get_by_label("Check a claimed location: latitude, longitude")
    box.fill(place)
    box.press("Enter")
    told = visit.page.get_by_text("Rank: after")
    told.wait_for()
    visit.page.wait_for_timeout(1500)
    box.fill("")  # the camera stays, and the mark of the claimed place no longer covers the ground there
    box.press("Enter")
    told.wait_for(state="hidden")
    return visit.settled_map()


def choose(visit: Visit, label: str, option: str) -> None:
    visit.expand(LAYERS)
    visit.choose(label, option)
    visit.page.wait_for_timeout(500)


def base_colour(latitude: float, longitude: float) -> np.ndarray:
    """Mean colour of the base map around a point."""
    with Image.open(PROJECT / "assets" / "basemap" / "blue_marble.webp") as image:
        pixels = np.asarray(image.convert("RGB"), float)
    height, width, _ = pixels.shape
    row, column = int((90 - latitude) / 180 * (height - 1)), int((longitude + 180) / 360 * width) % width
    columns = np.arange(column - 6, column + 7) % width
    return pixels[max(row - 6, 0) : row + 7][:, columns].mean(axis=(0, 1))


def test_a_photo_becomes_a_region_that_follows_the_budget_and_can_be_downloaded(page, tmp_path):
    first = readout(page)
    more = tick(page, "ArrowRight")
    less = tick(page, "Home")
    assert more[0] > first[0] > less[0]
    assert more[1] >= first[1] >= less[1]
    page.expand(SIZE)
    box = page.page.get_by_label("Area (km²)", exact=True)
    box.fill("123456")
    box.press("Enter")
    page.page.get_by_text(re.compile(r"This region: 123,4\d\d\skm²")).wait_for()
    area, percent, parts = readout(page)
    path = tmp_path / "region.geojson"
    path.write_bytes(page.export().read_bytes())
    frame = geopandas.read_file(path)
    assert len(frame) == parts
    assert frame["area_km2"].sum() == pytest.approx(area, rel=1e-4)
    assert 100 * frame["probability"].sum() == pytest.approx(percent, abs=0.06)
    assert frame.geometry.is_valid.all()
    assert json.loads(path.read_text(encoding="utf-8"))["hereabouts"]["photo"]["name"] == "Kauai.png"


def test_dashboard_and_command_line_give_the_same_region(page, real_world, kauai, tmp_path):
    from engine.locate.locator import Locator
    from engine.predictors.registry import default_predictors

    path = tmp_path / "region.geojson"
    path.write_bytes(page.export().read_bytes())
    answer = Locator(real_world, default_predictors()).locate(kauai)
    expected = answer.search_map.region(budget_km2=100_000).sha256
    assert json.loads(path.read_text(encoding="utf-8"))["hereabouts"]["region"]["sha256"] == expected


def test_the_globe_has_no_hole_and_is_not_flipped(page):
    choose(page, "Map layer", "Search region only")
    tick(page, "Home")  # ten square kilometres: the base map is bare
    page.map.get_by_role("button", name="Layers").click()
    page.map.get_by_role("button", name="Satellite").click()
    page.map.get_by_role("button", name="Layers").click()
    for latitude, longitude in [(0, 0), (0, 180), (85, 0), (23, 12), (-25, 134), (-83, 90)]:
        pixels = fly(page, f"{latitude}, {longitude}")
        height, width, _ = pixels.shape
        centre = pixels[height // 2 - 4 : height // 2 + 5, width // 2 - 4 : width // 2 + 5].mean(axis=(0, 1))
        assert np.abs(centre - base_colour(latitude, longitude)).max() < 28, (latitude, longitude)


def test_the_region_can_be_seen_and_the_camera_stays(page):
    choose(page, "Map layer", "Search region only")
    before = fly(page, "48, 8")
    tick(page, "ArrowRight")
    after = page.settled_map()
    blue = (after[..., 2].astype(int) - after[..., 0] > 90) & (after[..., 2] > 120)
    assert blue.sum() > 300
    moved = np.abs(after.astype(int) - before).max(axis=2) > 40
    assert moved.mean() < 0.1  # a little more region, the same Earth


def test_a_chosen_candidate_is_where_the_map_flies(page):
    before = page.settled_map()
    chosen = page.page.get_by_role("radiogroup", name="Most probable locations").locator("label").nth(1)
    latitude, longitude = (float(text) for text in re.findall(r"-?\d+\.\d+", chosen.inner_text())[:2])
    chosen.click()
    page.page.wait_for_timeout(1500)
    flown = page.settled_map()
    assert np.abs(flown.astype(int) - before).max(axis=2).mean() > 5
    centre = page.map.evaluate("(place) => { const at = place.hbMap.map.getCenter(); return [at.lat, at.lng]; }")
    assert centre == pytest.approx([latitude, longitude], abs=0.02)


def test_the_map_fills_the_window_and_the_panels_float_on_it(page):
    for width, height in ((1440, 900), (1920, 1080), (1100, 800), (390, 844)):
        page.page.set_viewport_size({"width": width, "height": height})
        page.page.wait_for_timeout(600)
        box = page.map.bounding_box()
        assert box is not None
        assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, width, height)
        overflow = page.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0, (width, height)
    page.page.set_viewport_size({"width": 1440, "height": 900})
    for name in ("Undo", "Redo", "Case", "Export"):  # all in the bar, none over another, none covered
        page.page.get_by_role("button", name=name, exact=False).first.click(trial=True)
        spot = page.page.get_by_role("button", name=name, exact=False).first.bounding_box()
        assert spot is not None and spot["y"] + spot["height"] <= 48


def test_each_layer_and_each_control_changes_the_map(page):
    ensemble = page.settled_map()
    seen = [ensemble]
    for option in ("Photo-popularity baseline (prior)", "Scene (this clue only)", "Search region only"):
        choose(page, "Map layer", option)
        seen.append(page.settled_map())
    for first, second in pairwise(seen):
        assert np.abs(first.astype(int) - second).max() > 40
    area_before = readout(page)
    page.expand(SIZE)
    page.page.get_by_role("radio", name="Probability mass").or_(
        page.page.get_by_role("button", name="Probability mass")
    ).first.click()
    page.page.get_by_label("Probability inside the region (%)").first.wait_for()
    page.page.wait_for_timeout(800)
    assert readout(page)[1] == pytest.approx(50.0, abs=0.2)
    assert readout(page) != area_before


def test_weights_move_the_answer(page):
    before = readout(page)
    page.expand("Predictors and weights")
    slider = page.page.get_by_role("slider", name="Photo-popularity baseline (prior)")
    slider.focus()
    page.page.keyboard.press("Home")
    page.page.wait_for_timeout(1500)
    after = readout(page)
    assert after[1] < before[1]  # with no prior the same area holds less


def test_bad_files_get_a_sentence_and_the_good_ones_go_on(server, visit, kauai, tmp_path):
    hostile = tmp_path / "<img src=x onerror=alert(1)>.png"
    hostile.write_bytes(kauai.read_bytes())
    text, empty, cut = (tmp_path / name for name in ("text.jpg", "empty.png", "cut.png"))
    text.write_text("<script>alert(1)</script>")
    empty.write_bytes(b"")
    cut.write_bytes(kauai.read_bytes()[:9000])
    opened = visit(server.url, width=1400, height=900)
    dialogs: list[str] = []
    opened.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    upload(opened, text, hostile, empty, cut)
    sentences = [alert.inner_text() for alert in opened.page.get_by_role("alert").all()]
    for name in ("text.jpg", "empty.png", "cut.png"):
        assert any(name in sentence and sentence.rstrip().endswith(".") for sentence in sentences), sentences
    assert opened.page.get_by_text("<img src=x onerror=alert(1)>.png").count() >= 1
    assert dialogs == []


def test_a_budget_that_makes_no_sense_is_told_and_the_page_stays(page):
    page.expand(SIZE)
    box = page.page.get_by_label("Area (km²)", exact=True)
    for number in ("0", "-1", "999999999999"):
        box.fill(number)
        box.press("Enter")
        page.page.get_by_text(f"The area budget {float(number):g} km2 is out of range").wait_for()
        assert readout(page)[0] > 0
    box.fill("5000")
    box.press("Enter")
    page.page.get_by_text("km2 is out of range").wait_for(state="detached")


def test_ticks_are_light_on_the_wire(page):
    costs = []
    for _ in range(12):
        before = page.websocket_bytes + page.http_bytes
        tick(page, "ArrowRight")
        page.settled_map()
        costs.append(page.websocket_bytes + page.http_bytes - before)
    assert max(costs) < 60_000

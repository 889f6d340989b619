"""A search planned in a real browser without a photo: point, category, segments from a file and drawn, files out."""

import json
from collections.abc import Callable, Iterator

import pytest
from browser import PROJECT, STILL, Server, Visit, serve

from engine.evidence.shapes.area_files import read_area_file

pytestmark = pytest.mark.browser
KML = """<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>Ridge N</name><Polygon>
<outerBoundaryIs><LinearRing><coordinates>7.45,45.53 7.48,45.533 7.46,45.557 7.45,45.53</coordinates></LinearRing>
</outerBoundaryIs></Polygon></Placemark></kml>"""
POINT = (45.52, 7.48)


@pytest.fixture(scope="module")
def server(real_world, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(PROJECT / "dashboard" / "app.py", tmp_path_factory.mktemp("server") / "log.txt") as running:
        yield running


def idle(visit: Visit) -> None:
    visit.page.wait_for_timeout(300)
    visit.page.locator("[data-test-script-state=notRunning]").first.wait_for(timeout=90_000)


def on_screen(visit: Visit, latitude: float, longitude: float) -> list[float]:
    visit.map.evaluate(STILL)
    return visit.map.evaluate(
        "(place, at) => { const p = place.hbMap.map.project(at); return [p.x, p.y]; }", [longitude, latitude]
    )


def test_a_search_is_planned_without_a_photo(server: Server, visit: Callable[..., Visit], tmp_path):
    opened = visit(server.url, width=1440, height=900)
    page = opened.page
    page.get_by_text("Search and rescue", exact=True).click(timeout=90_000)
    point = page.get_by_role("textbox", name="Last known point")
    point.wait_for(timeout=60_000)
    idle(opened)
    point.fill(f"{POINT[0]}, {POINT[1]}")
    point.press("Enter")
    page.get_by_role("button", name=f"Last known point: {POINT[0]:.5f}, {POINT[1]:.5f}").wait_for(timeout=30_000)
    idle(opened)
    opened.choose("Subject category", "Hiker")
    page.get_by_text("Koester").wait_for(timeout=30_000)
    idle(opened)

    on_screen(opened, *POINT)
    page.wait_for_timeout(500)  # the camera reports where it came to rest, and the page is drawn once more
    idle(opened)
    path = tmp_path / "segments.kml"
    path.write_text(KML)
    page.get_by_role("button", name="Import").click()
    page.get_by_test_id("stPopoverBody").locator("input[type=file]").set_input_files(path)
    page.get_by_text("Rest of the world").wait_for(timeout=60_000)
    page.keyboard.press("Escape")
    idle(opened)

    page.get_by_text("Draw", exact=True).click()
    page.get_by_role("toolbar", name="Draw").wait_for(timeout=30_000)
    middle = on_screen(opened, *POINT)  # the map is where the file is, and the tool with it
    assert 320 < middle[0] < 1050
    assert 60 < middle[1] < 880
    for right, down in ((20, 20), (120, 20), (120, 100), (20, 100), (20, 20)):
        page.mouse.click(middle[0] + right, middle[1] + down)
        page.wait_for_timeout(350)  # two clicks at once are a double click
    page.get_by_text("Segments (2)").wait_for(timeout=30_000)
    idle(opened)

    marker = page.get_by_role("button", name="Last known point:").bounding_box()
    assert marker is not None
    at = on_screen(opened, *POINT)
    assert [marker["x"] + marker["width"] / 2, marker["y"] + marker["height"] / 2] == pytest.approx(at, abs=1.5)

    page.get_by_test_id("stPopover").get_by_role("button", name="Export").click()
    exported = opened.download("GeoJSON").read_bytes()
    titles = [each["properties"]["title"] for each in json.loads(exported)["features"]]
    assert {"LKP", "Ridge N", "AA", "1: AA"} <= set(titles)
    drawn = next(area for area in read_area_file(exported).areas if area.name == "AA")
    south, east = drawn.polygons[0][0][0][0], drawn.polygons[0][0][0][1]
    assert south < POINT[0]
    assert east > POINT[1]
    page.keyboard.press("Escape")
    idle(opened)
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Segments (1)").wait_for(timeout=30_000)

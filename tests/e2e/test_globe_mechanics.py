"""The maps in a real browser: what is drawn where, what a tick costs, what a click does."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import numpy as np
import pytest
from browser import SCRIPTS, Server, Visit, serve
from numpy.typing import NDArray
from playwright.sync_api import Browser

from dashboard.common.media import KEPT_PER_NAME
from dashboard.maps.palettes import SPACE_COLOUR

pytestmark = pytest.mark.browser

NORTH_WEST, NORTH_EAST, SOUTH_WEST, SOUTH_EAST = (200, 40, 40), (40, 170, 60), (40, 70, 200), (220, 200, 50)
NAMES = {NORTH_WEST: "NW", NORTH_EAST: "NE", SOUTH_WEST: "SW", SOUTH_EAST: "SE"}
AMBER, WHITE, REGION, PATCH = (255, 191, 0), (255, 255, 255), (0, 229, 255), (255, 0, 255)
WIRE_BYTES_PER_TICK = 60_000
Open = Callable[[str], Visit]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(SCRIPTS / "globe_app.py", tmp_path_factory.mktemp("server") / "log.txt") as running:
        yield running


@pytest.fixture
def globe(server: Server, visit: Open) -> Visit:
    """A fresh visit with the globe at rest over (0, 0)."""
    opened = visit(server.url)
    opened.settled_map()
    return opened


def fly(visit: Visit, target: str) -> NDArray[np.uint8]:
    visit.page.get_by_role("button", name=target, exact=True).click()
    visit.page.mouse.move(2, 2)
    visit.page.wait_for_timeout(1300)  # the flight takes 900 ms
    return visit.settled_map()


def tick(visit: Visit, columns: int) -> NDArray[np.uint8]:
    """Press the slider's arrow key until the readout says `columns`."""
    slider = visit.page.get_by_role("slider")
    slider.focus()
    visit.page.keyboard.press("ArrowRight")
    visit.page.get_by_text(f"columns {columns} ").wait_for()
    return visit.settled_map()


def media_requests(visit: Visit) -> list[str]:
    return [url for url in visit.requests if urlsplit(url).path.startswith("/media/")]


def at(pixels: NDArray[np.uint8], right: int, down: int) -> tuple[int, ...]:
    """Return the colour so many pixels right of and below the centre."""
    height, width, _ = pixels.shape
    return tuple(int(channel) for channel in pixels[height // 2 + down, width // 2 + right])


def close(colour: tuple[int, ...], expected: tuple[int, ...]) -> bool:
    return max(abs(a - b) for a, b in zip(colour, expected, strict=True)) <= 12


def corner_names(pixels: NDArray[np.uint8]) -> list[str]:
    """Return which quadrant is seen north-west, north-east, south-west and south-east of the centre."""
    seen = (at(pixels, right, down) for down in (-60, 60) for right in (-110, 110))
    return [next((name for known, name in NAMES.items() if close(colour, known)), str(colour)) for colour in seen]


def where(pixels: NDArray[np.uint8], colour: tuple[int, ...]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows and columns of the pixels that have about this colour."""
    rows, columns = np.nonzero(np.abs(pixels.astype(int) - colour).max(axis=2) <= 12)
    return rows, columns


def count(pixels: NDArray[np.uint8], colour: tuple[int, ...]) -> int:
    """Return how many pixels have about this colour."""
    return int(where(pixels, colour)[0].size)


def holes(pixels: NDArray[np.uint8], radius: int = 180) -> int:
    """Return how many pixels near the centre show the space behind the globe."""
    height, width, _ = pixels.shape
    down, right = np.ogrid[:height, :width]
    disc = np.hypot(down - height / 2, right - width / 2) < radius
    return int((disc & (np.abs(pixels.astype(int) - SPACE_COLOUR).max(axis=2) <= 12)).sum())


@pytest.fixture(scope="module")
def pictures(server: Server, chromium: Browser) -> dict[str, NDArray[np.uint8]]:
    """The globe seen from three sides in one visit."""
    visit = Visit.start(chromium, server.url)
    visit.settled_map()
    taken = {target: fly(visit, target) for target in ("Origin", "Antimeridian", "North")}
    visit.close()
    return taken


@pytest.mark.parametrize(
    ("target", "corners"),
    [
        ("Origin", (NORTH_WEST, NORTH_EAST, SOUTH_WEST, SOUTH_EAST)),
        ("Antimeridian", (NORTH_EAST, NORTH_WEST, SOUTH_EAST, SOUTH_WEST)),
        ("North", (NORTH_WEST, NORTH_EAST, NORTH_WEST, NORTH_EAST)),
    ],
)
def test_base_map_has_no_hole_and_no_flip(
    pictures: dict[str, NDArray[np.uint8]], target: str, corners: tuple[tuple[int, int, int], ...]
) -> None:
    assert corner_names(pictures[target]) == [NAMES[colour] for colour in corners]
    assert holes(pictures[target]) == 0


def test_globe_stands_in_dark_space(pictures: dict[str, NDArray[np.uint8]]) -> None:
    assert close(at(pictures["Origin"], -450, 0), SPACE_COLOUR)


def test_marker_is_seen_from_its_own_side_only(pictures: dict[str, NDArray[np.uint8]]) -> None:
    assert count(pictures["Origin"], WHITE) > 50
    assert count(pictures["Origin"], AMBER) == 0
    assert count(pictures["Antimeridian"], AMBER) > 50


def test_region_lies_where_its_mask_says(pictures: dict[str, NDArray[np.uint8]]) -> None:
    rows, columns = where(pictures["Origin"], REGION)
    height, width, _ = pictures["Origin"].shape
    assert rows.min() > height / 2  # south
    assert columns.max() < width / 2  # west of Greenwich: 100 columns from 30 W reach 13 W
    assert count(pictures["Antimeridian"], REGION) == 0


def test_tick_moves_the_region_and_not_the_camera(globe: Visit) -> None:
    globe.drag_map(-120, 40)
    before = globe.settled_map()
    after = tick(globe, 101)
    half = before.shape[0] // 2
    assert np.array_equal(before[:half], after[:half])
    for _ in range(102, 125):
        globe.page.keyboard.press("ArrowRight")
    globe.page.get_by_text("columns 124 ").wait_for()
    assert count(globe.settled_map(), REGION) > count(before, REGION)


def test_flight_arrives_again_after_the_user_has_wandered_off(globe: Visit) -> None:
    first = fly(globe, "Antimeridian")
    globe.drag_map(150, 60)
    assert not np.array_equal(globe.settled_map(), first)
    again = fly(globe, "Antimeridian")
    assert np.mean(np.abs(first.astype(int) - again).max(axis=2) > 12) < 0.01


def test_click_on_a_marker_chooses_it_and_repaints_nothing(globe: Visit) -> None:
    before = globe.map_pixels()
    globe.click_map()
    globe.page.get_by_text("chosen [1]").wait_for()
    after = globe.settled_map()
    difference = np.abs(before.astype(int) - after).max(axis=2)
    difference[:80, -200:] = 0  # the toolbar that offers to clear the selection
    assert difference.max() <= 12


def test_click_on_the_sea_chooses_nothing(globe: Visit) -> None:
    globe.click_map(-90, -90)
    globe.page.wait_for_timeout(500)
    assert globe.page.get_by_text("chosen []").is_visible()


def test_files_of_the_full_run_outlive_many_fragment_runs(globe: Visit) -> None:
    first = media_requests(globe)
    globe.page.get_by_role("slider").focus()
    globe.page.keyboard.press("End")  # values that no other session shows: files are shared by content
    globe.page.get_by_text("columns 400 ").wait_for()
    for columns in range(399, 379, -1):
        globe.page.keyboard.press("ArrowLeft")
        globe.page.get_by_text(f"columns {columns} ").wait_for()
    globe.settled_map()
    regions = [url for url in media_requests(globe) if url not in first]
    status = [globe.page.request.get(url).status for url in regions]
    assert len(first) == 5  # base map, lines, atlas and its boxes, and the first region, which may be gone
    assert [globe.page.request.get(url).status for url in first].count(200) >= 4
    assert status[-3:] == [200, 200, 200]  # the browser may still ask for the last ones
    assert len(regions) > status.count(200) <= KEPT_PER_NAME  # and old ones do not pile up


def test_tick_costs_little_on_the_wire(globe: Visit) -> None:
    before = globe.websocket_bytes + globe.http_bytes
    tick(globe, 101)
    assert 0 < globe.websocket_bytes + globe.http_bytes - before <= WIRE_BYTES_PER_TICK


def test_flat_map_agrees_with_the_globe_and_back(globe: Visit) -> None:
    globe.page.get_by_text("Flat").click()
    globe.page.mouse.move(2, 2)
    pixels = globe.settled_map()
    assert corner_names(pixels) == ["NW", "NE", "SW", "SE"]
    kauai = fly(globe, "Kauai")
    rows, columns = where(kauai, PATCH)
    assert rows.size > 100
    assert rows.max() < kauai.shape[0] / 2  # the patch lies north-west of the place
    assert columns.max() < kauai.shape[1] / 2
    globe.page.get_by_text("Flat").click()
    fly(globe, "Origin")
    assert holes(globe.map_pixels()) == 0


def test_flat_map_goes_on_across_the_antimeridian(globe: Visit) -> None:
    globe.page.get_by_text("Flat").click()
    pixels = fly(globe, "Antimeridian")
    assert corner_names(pixels) == ["NE", "NW", "SE", "SW"]

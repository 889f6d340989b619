"""The map in a real browser: what is drawn where, what a moving slider costs, what a click does.

One server, one browser and one page for the tests that only look.
"""

import io
import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from browser import SCRIPTS, STILL, Server, Visit, serve
from PIL import Image
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

SIZE = {"width": 900, "height": 700}
QUIET = 250
"""Milliseconds without a frame, after which the map is said to stand still."""
BARE = """(place) => {
  const {map, regions} = place.hbMap;
  for (const {id} of map.getStyle().layers) if (id !== regions.id) map.setLayoutProperty(id, 'visibility', 'none');
  const show = regions.show.bind(regions);
  regions.show = (items) => show(items.map((item) => ({...item, fill: [1, 0, 0, 1], line: [0, 0, 0, 0]})));
  map.setSky({'atmosphere-blend': 0});
  place.style.background = '#000';
  place.hbMap.paint();
}"""
ALONE = """(place) => {
  for (const each of place.children) if (!each.classList.contains('hb-canvas')) each.style.display = 'none';
}"""
PLACES = """(place, points) => points.map(([x, y]) => {
  const {map} = place.hbMap, at = map.unproject([x + 0.5, y + 0.5]), back = map.project(at);
  return [at.lat, at.lng, Math.hypot(back.x - x - 0.5, back.y - y - 0.5)];
})"""


@pytest.fixture(scope="module")
def server(real_world, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(SCRIPTS / "map_app.py", tmp_path_factory.mktemp("server") / "log.txt") as running:
        yield running


@pytest.fixture(scope="module")
def looking(chromium: Browser, server: Server) -> Iterator[Visit]:
    """One visit for the tests that leave the map as it was."""
    visit = Visit.start(chromium, f"{server.url}?height=700&markers=0&base=dark", **SIZE)
    still(visit)
    yield visit
    visit.close()


def still(visit: Visit) -> None:
    visit.map.wait_for(timeout=120_000)
    visit.map.evaluate(STILL)


def go(visit: Visit, latitude: float, longitude: float, zoom: float, km2: float) -> None:
    """Look elsewhere, at another budget, without the server."""
    script = """(place, [lat, lng, zoom, km2]) => {
      const map = place.hbMap;
      map.map.jumpTo({center: [lng, lat], zoom});
      map.asked = {km2};
      map.paint();
    }"""
    visit.map.evaluate(script, [latitude, longitude, zoom, km2])
    still(visit)


def pixels(visit: Visit) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(visit.page.screenshot())).convert("RGB"))


VIEWS = {
    "globe": (40.0, 10.0, 1.6, 1e6),
    "zoom 3": (47.0, 9.0, 3.0, 1e6),
    "zoom 8": (51.5, -0.2, 8.0, 1e5),
    "date line": (-17.5, 180.0, 5.5, 3e7),
    "north pole": (89.0, 0.0, 3.8, 4.4e8),
    "south pole": (-89.0, 40.0, 3.8, 5e8),
    "street": (51.5, -0.12, 14.5, 1e5),
}


def test_the_picture_equals_the_engines_region(looking: Visit, real_world):
    from engine.locate.maps import prior_map

    search_map = prior_map(real_world)
    grid, tiles = real_world.overlay.grid, real_world.overlay.tiles.shape
    looking.map.evaluate(BARE)
    rng = np.random.default_rng(1)
    counts = {}
    for name, (latitude, longitude, zoom, km2) in VIEWS.items():
        go(looking, latitude, longitude, zoom, km2)
        looking.map.evaluate(ALONE)
        seen = pixels(looking)
        across, down = (rng.integers(4, SIZE[side] - 60, 3000) for side in ("width", "height"))
        spots = np.stack([across, down], axis=1)
        found = np.array([[a, b, c] for a, b, c in looking.map.evaluate(PLACES, spots.tolist())], float)
        on_globe = found[:, 2] < 0.5
        lat, lng = found[on_globe, 0], (found[on_globe, 1] + 180) % 360 - 180
        n = search_map.region(budget_km2=km2).whole_cells
        at = spots[on_globe]
        if zoom < 3.4:
            rows = np.clip(((90 - lat) / 180 * tiles[0]).astype(int), 0, tiles[0] - 1)
            columns = np.clip(((lng + 180) / 360 * tiles[1]).astype(int), 0, tiles[1] - 1)
            edge = near_edge((90 - lat) / 180 * tiles[0], (lng + 180) / 360 * tiles[1])
            rank = search_map.tile_rank[rows, columns]
        else:
            rank = search_map.rank[real_world.overlay.cell_at(lat, lng)]
            edge = near_edge((90 - lat) / 180 * grid.rows, (lng + 180) / 360 * grid.columns)
        inside = seen[at[:, 1], at[:, 0], 0] > 120
        settled = (edge > 0.06) & (rank != n)  # neither on the edge of a texel nor in the cell that is cut
        wrong = (inside != (rank < n)) & settled
        if zoom < 2.5:  # from far away a pixel takes the densest of the tiles that it covers
            wrong &= ~inside
        counts[name] = (int(settled.sum()), int(wrong.sum()), int(inside.sum()))
        assert settled.sum() > 600, counts
        assert wrong.sum() <= 0.001 * settled.sum() + 1, counts
    assert any(inside for _, _, inside in counts.values()), counts


def near_edge(down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Distance to the nearest edge of a texel, in texels."""
    return np.minimum(np.abs(down - np.round(down)), np.abs(across - np.round(across)))


def test_a_moving_slider_asks_the_server_for_nothing(server: Server, visit: Callable[..., Visit]):
    page = visit(f"{server.url}?height=700&km2=100000", **SIZE)
    frames: list[str] = []
    page.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: frames.append("sent")))
    page.page.reload()
    still(page)
    runs, sent, asked = page.page.get_by_text(re.compile(r"^runs \d+")).inner_text(), len(frames), len(page.requests)
    slider = page.map.get_by_role("slider", name="Area budget")
    box = slider.bounding_box()
    assert box is not None
    page.page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 20)
    page.page.mouse.down()
    headlines = []
    for step in range(12):
        page.page.mouse.move(box["x"] + (0.4 + 0.03 * step) * box["width"], box["y"] + 20)
        headlines.append(page.map.locator(".hb-headline").inner_text())
    assert len(frames) == sent and len(page.requests) == asked
    assert len(set(headlines)) > 6
    assert page.page.get_by_text(re.compile(r"^runs \d+")).inner_text() == runs
    page.page.mouse.up()
    page.page.get_by_text(f"runs {int(runs.split()[1]) + 1}").wait_for(timeout=60_000)
    whole, _, probability = page.page.get_by_text(re.compile("^region ")).inner_text().split()[1:]
    page.map.evaluate(STILL)
    shown = page.map.evaluate("(place) => place.hbMap.region.cells")
    assert int(whole) == shown
    assert f"{100 * float(probability):.1f} %" in page.map.locator(".hb-headline").inner_text()
    assert (
        page.map.evaluate("(place) => place.hbMap.painting") < 60
    )  # milliseconds of our own; some 1 on a free machine


def test_typing_takes_areas_circles_and_probabilities(server: Server, visit: Callable[..., Visit]):
    page = visit(f"{server.url}?height=700", **SIZE)
    still(page)
    box = page.map.get_by_label("Area or probability")
    for typed, told in (("2k km2", "2,000 km²"), ("90 %", "90.0 %"), ("100 km radius", "31,400 km²")):
        box.fill(typed)
        box.press("Enter")
        page.map.locator(".hb-headline", has_text=told).wait_for()
    box.fill("many")
    box.press("Enter")
    page.map.get_by_text('"many" was not understood.').wait_for()
    page.map.get_by_role("button", name="50 %", exact=True).click()
    page.map.locator(".hb-headline", has_text="50.0 %").wait_for()
    page.page.get_by_text(re.compile(r"region=RegionRequest\(area_km2=None, probability=0.5\)")).wait_for(
        timeout=60_000
    )


def test_a_click_opens_a_card_and_python_adds_to_it(server: Server, visit: Callable[..., Visit]):
    page = visit(f"{server.url}?height=700&zoom=4&lat=48&lng=8", **SIZE)
    still(page)
    page.click_map(right=60, down=-100)
    card = page.map.locator(".hb-click")
    card.get_by_text("Search area to reach it").wait_for()
    card.get_by_text("Asked of the server").wait_for(timeout=60_000)
    assert card.get_by_role("link").count() == 0  # hidden until somebody asks for them
    card.get_by_label("Open in other maps").check()
    link = card.get_by_role("link", name="OpenStreetMap").get_attribute("href")
    assert link.startswith("https://www.openstreetmap.org/")
    card.get_by_role("button", name="Claim this").click()
    page.page.get_by_text(re.compile("action=PointAction")).wait_for(timeout=60_000)


def test_layers_are_compared_and_looks_change(server: Server, visit: Callable[..., Visit]):
    page = visit(f"{server.url}?height=700&zoom=3.6&lat=48&lng=8&base=dark", **SIZE)
    still(page)
    first = pixels(page)
    page.map.get_by_role("button", name="Layers").click()
    page.map.get_by_role("button", name="Light").click()
    still(page)
    assert pixels(page)[200:500, 100:500].mean() > first[200:500, 100:500].mean() + 60
    page.map.get_by_label("Compare with").select_option("even")
    bar = page.map.get_by_role("slider", name="Border between the two maps")
    bar.wait_for(timeout=60_000)
    still(page)
    before = pixels(page)
    bar.focus()
    for _ in range(8):
        page.page.keyboard.press("ArrowLeft")
    still(page)
    assert bar.get_attribute("aria-valuenow") == "34"
    assert (np.abs(pixels(page).astype(int) - before).max(axis=2) > 40).sum() > 50
    page.map.get_by_role("button", name="Difference").click()
    still(page)
    assert page.map.evaluate("(place) => place.hbMap.regions.items.map((item) => item.mode)") == ["colors", "region"]


def test_a_lost_context_comes_back(looking: Visit):
    go(looking, 48, 8, 4.2, 1e6)
    before = pixels(looking)
    looking.map.evaluate("""async (place) => {
      const gl = place.hbMap.map.painter.context.gl, lose = gl.getExtension('WEBGL_lose_context');
      lose.loseContext();
      await new Promise((done) => setTimeout(done, 200));
      lose.restoreContext();
      await new Promise((done) => place.hbMap.map.once('webglcontextrestored', done));
    }""")
    still(looking)
    looking.page.wait_for_timeout(500)
    still(looking)
    assert (np.abs(pixels(looking).astype(int) - before).max(axis=2) > 60).mean() < 0.02


def test_without_webgl_the_server_sends_a_picture(server: Server, visit: Callable[..., Visit]):
    page = visit("about:blank", **SIZE)
    page.host = server.url.removeprefix("http://")
    page.page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    page.page.goto(f"{server.url}?height=700")
    page.map.get_by_text("This browser has no WebGL 2").wait_for(timeout=120_000)
    picture = page.map.get_by_role("img", name="Map of the search region")
    picture.wait_for(timeout=60_000)
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 2160

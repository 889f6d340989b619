"""What the map costs in the browser, as ratios within one run, and what goes over the wire.

Not a test and not collected: `uv run python tests/benchmarks/map.py` prints the figures as JSON. It drives the system's
Chromium, which draws in software; so times say little by themselves, and ratios of times a lot.
"""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests" / "e2e")]

from browser import SCRIPTS, Server, Visit, find_chromium, launch_chromium, serve  # noqa: E402 - after the path above

TICKS, RELEASES, SWITCHES, PHOTOS = 40, 6, 50, 10
START = "async (place) => { await place.hbMap.started; }"
FRAMES = """async (place, count) => {
  // From asking for a frame to its end: idle, and after an input event of the slider.
  const {map} = place.hbMap, slider = place.querySelector('.hb-slider'), idle = [], input = [], own = [];
  const frame = () => new Promise((done) => { map.once('render', done); map.triggerRepaint(); });
  await frame();
  for (let i = 0; i < count; i++) {
    const before = performance.now();
    await frame();
    idle.push(performance.now() - before);
    const pressed = performance.now();
    slider.value = String(200 + 5 * i);
    const rendered = new Promise((done) => map.once('render', done));
    slider.dispatchEvent(new Event('input', {bubbles: true}));
    own.push(place.hbMap.painting);
    await rendered;
    input.push(performance.now() - pressed);
  }
  return {idle, input, own};
}"""
RELEASE = """(place) => {
  const slider = place.querySelector('.hb-slider');
  slider.value = String(Number(slider.value) + 7);
  slider.dispatchEvent(new Event('input', {bubbles: true}));
  slider.dispatchEvent(new Event('change', {bubbles: true}));
}"""
REST = """async (place) => {
  const {map, regions} = place.hbMap;
  while (!regions.complete || !map.areTilesLoaded()) await new Promise((done) => setTimeout(done, 20));
}"""


def main() -> None:
    """Print the figures."""
    executable = find_chromium()
    if executable is None:
        raise SystemExit("No Chromium on this system: install Debian's chromium.")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launch_chromium(playwright, executable)
        with serve(SCRIPTS / "map_app.py", Path(folder) / "log.txt") as server:
            Visit.start(browser, server.url).map.wait_for(timeout=400_000)  # the server is warm from here on
            visit, seconds = opened(browser, server)
            found = {"first_map_s": round(seconds, 2)} | slider_figures(visit, server) | photo_figures(visit)
            print(json.dumps(found, indent=1))


def opened(browser, server: Server) -> tuple[Visit, float]:  # type: ignore[no-untyped-def]
    """A page with the map drawn, and how long that took."""
    before = time.monotonic()
    visit = Visit.start(browser, f"{server.url}?photos={PHOTOS}&height=700", width=1200, height=900)
    visit.map.wait_for(timeout=120_000)
    visit.map.evaluate(START)
    return visit, time.monotonic() - before


def slider_figures(visit: Visit, server: Server) -> dict[str, float]:
    """The slider against the idle map, and against a round trip to the server, which made the picture before."""
    visit.map.evaluate(REST)
    frames = visit.map.evaluate(FRAMES, TICKS)
    median = {name: statistics.median(values) for name, values in frames.items()}
    trips, cpu = [], server.cpu_ms()
    for _ in range(RELEASES):
        runs = visit.page.get_by_text("runs ").first.inner_text()
        before = time.monotonic()
        visit.map.evaluate(RELEASE)
        visit.page.get_by_text(f"runs {int(runs.split()[1]) + 1}").wait_for(timeout=60_000)
        trips.append(1000 * (time.monotonic() - before))
    return {
        "own_script_ms_a_tick": round(median["own"], 2),
        "idle_frame_ms": round(median["idle"], 1),
        "input_to_frame_ms": round(median["input"], 1),
        "input_to_frame_in_idle_frames": round(median["input"] / median["idle"], 2),
        "server_round_trip_ms": round(statistics.median(trips), 1),
        # Before, a tick was a round trip for a picture and then a frame.
        "server_path_over_input_to_frame": round(1 + statistics.median(trips) / median["input"], 2),
        "server_cpu_ms_a_release": round((server.cpu_ms() - cpu) / RELEASES, 1),
    }


def photo_figures(visit: Visit) -> dict[str, float]:
    """Bytes of a new photo, and memory after many switches."""
    wire = [switch(visit) for _ in range(PHOTOS - 1)]
    again = [switch(visit) for _ in range(PHOTOS)]
    session = visit.page.context.new_cdp_session(visit.page)
    before = heap_mb(session)
    for _ in range(SWITCHES - PHOTOS):
        switch(visit)
    return {
        "photo_wire_kb_median": round(statistics.median(wire) / 1000, 1),
        "photo_seen_before_wire_kb_median": round(statistics.median(again) / 1000, 1),
        "heap_mb_after_10_photos": round(before, 1),
        "heap_mb_after_50_switches": round(heap_mb(session), 1),
    }


def switch(visit: Visit) -> float:
    """Look at the next photo; what came over the wire for it."""
    before, runs = visit.websocket_bytes + visit.http_bytes, visit.page.get_by_text("runs ").first.inner_text()
    visit.page.get_by_role("button", name="Next photo").click()
    visit.page.get_by_text(f"runs {int(runs.split()[1]) + 1}").wait_for(timeout=60_000)
    visit.page.wait_for_timeout(150)
    visit.map.evaluate(REST)
    return visit.websocket_bytes + visit.http_bytes - before


def heap_mb(session) -> float:  # type: ignore[no-untyped-def]
    """What the page's scripts hold after a collection."""
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


if __name__ == "__main__":
    main()

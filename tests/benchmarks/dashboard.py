"""What the dashboard costs: CPU of the server and bytes on the wire when the budget is let go, memory after ten photos.

Not a test and not collected: `uv run python tests/benchmarks/dashboard.py [PHOTO ...]` prints the figures as JSON. It
drives the system's Chromium. CPU is that of the whole server process, in steps of 10 ms: means over ticks are exact.
"""

import io
import json
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests" / "e2e")]

from browser import Server, Visit, find_chromium, launch_chromium, serve  # noqa: E402 - after the path above

TICKS = 60
PHOTOS = 10


def main() -> None:
    """Print the figures."""
    executable = find_chromium()
    if executable is None:
        raise SystemExit("No Chromium on this system: install Debian's chromium.")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        photos = [Path(word) for word in sys.argv[1:]] or made_up_photos(Path(folder))
        with serve(PROJECT / "dashboard" / "app.py", Path(folder) / "log.txt") as server:
            visit = Visit.start(launch_chromium(playwright, executable), server.url, width=1400, height=1300)
            print(json.dumps(figures(visit, server, photos), indent=1))


def figures(visit: Visit, server: Server, photos: list[Path]) -> dict[str, float]:
    """Upload, tick, upload the rest."""
    upload(visit, photos[:1])
    slider = visit.page.get_by_role("slider", name="Area budget")
    slider.focus()
    visit.page.keyboard.press("Home")
    visit.page.wait_for_timeout(1000)
    cpu, wire = [], []
    for _ in range(TICKS):
        before = server.cpu_ms(), visit.websocket_bytes + visit.http_bytes
        visit.page.keyboard.press("ArrowRight")
        visit.page.wait_for_timeout(400)
        cpu.append(server.cpu_ms() - before[0])
        wire.append(visit.websocket_bytes + visit.http_bytes - before[1])
    upload(visit, photos[1:PHOTOS])
    visit.page.wait_for_timeout(3000)
    return {
        "tick_cpu_ms_mean": statistics.mean(cpu),
        "tick_cpu_ms_median": statistics.median(cpu),
        "tick_wire_bytes_median": statistics.median(wire),
        "tick_wire_bytes_95th": sorted(wire)[-len(wire) // 20],
        "tick_wire_bytes_max": max(wire),
        "photos": float(len(photos[:PHOTOS])),
        "memory_mb": server.memory_mb(),
    }


def upload(visit: Visit, photos: list[Path]) -> None:
    """Upload photos and wait until the page is done with them."""
    visit.page.get_by_text("Drop photos here").wait_for(timeout=60_000)
    visit.page.locator("input[type=file]").set_input_files(photos)
    visit.page.wait_for_timeout(1500)
    visit.page.get_by_text("This region:").wait_for(timeout=120_000)
    visit.page.locator("[data-test-script-state=notRunning]").first.wait_for(timeout=120_000)


def made_up_photos(folder: Path) -> list[Path]:
    """Ten photos of 12 megapixels, as phones take them."""
    paths = []
    for seed in range(PHOTOS):
        small = np.random.default_rng(seed).integers(0, 255, (12, 16, 3), dtype=np.uint8)
        sink = io.BytesIO()
        Image.fromarray(small).resize((4000, 3000), Image.Resampling.BICUBIC).save(sink, "JPEG", quality=92)
        paths.append(folder / f"photo-{seed}.jpg")
        paths[-1].write_bytes(sink.getvalue())
    return paths


if __name__ == "__main__":
    main()

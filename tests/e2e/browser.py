"""A Streamlit server on a free port and a headless Chromium looking at it, with everything it does written down.

Chromium is the one of the system (Debian's package), found on the path; Playwright only drives it.
"""

import contextlib
import io
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

PROJECT = Path(__file__).parents[2]
SCRIPTS = Path(__file__).parent / "scripts"
BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Software WebGL, and no name resolves but this machine's: what tries to leave, fails and is seen.
BROWSER_FLAGS = (
    "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--no-sandbox",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip


STILL = """async (place) => {
  const map = place.hbMap;
  await map.started;
  const {map: base, regions} = map;
  const still = () => regions.complete && base.areTilesLoaded() && base.isStyleLoaded() && !base.isMoving();
  while (!still()) await new Promise((done) => setTimeout(done, 60));
  await new Promise((done) => { map.map.once('render', done); map.map.triggerRepaint(); });
}"""
"""Run in the browser: resolves when the map has nothing more to load, to move or to draw."""


def find_chromium() -> str | None:
    """Return the path of a Chromium of this system, or None."""
    return next((path for name in BROWSER_NAMES if (path := shutil.which(name))), None)


def launch_chromium(playwright: Playwright, executable_path: str) -> Browser:
    """Start Chromium headless with software WebGL."""
    return playwright.chromium.launch(executable_path=executable_path, args=list(BROWSER_FLAGS))


@dataclass(frozen=True)
class Server:
    """A running Streamlit server."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def cpu_ms(self) -> float:
        """Return the CPU time of the server so far, dead threads included (Linux; steps of 10 ms)."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(stat[11]) + int(stat[12])) * 10.0

    def memory_mb(self) -> float:
        """Return the resident memory of the server (Linux)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return float(status.split("VmRSS:")[1].split()[0]) / 1024


@contextlib.contextmanager
def serve(script: Path, log: Path, *flags: str) -> Iterator[Server]:
    """Serve `script` from the project root, with the project's own `.streamlit/config.toml`."""
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port), *flags]
    with log.open("wb") as sink:
        process = subprocess.Popen(command, cwd=PROJECT, stdout=sink, stderr=subprocess.STDOUT)
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}", process, log)
        yield Server(f"http://127.0.0.1:{port}", process, log)
    finally:
        process.terminate()
        process.wait(20)


@dataclass
class Visit:
    """One visit of one page: the page, and a record of every request, error and byte."""

    page: Page
    host: str
    requests: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    websocket_bytes: int = 0
    http_bytes: int = 0

    @classmethod
    def start(cls, browser: Browser, url: str, *, width: int = 1200, height: int = 1000) -> "Visit":
        """Open `url` in a fresh context and record from the first byte on."""
        page = browser.new_context(
            viewport={"width": width, "height": height}, accept_downloads=True, reduced_motion="reduce"
        ).new_page()
        visit = cls(page, urlsplit(url).netloc)
        visit._listen()
        page.goto(url)
        return visit

    def _listen(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))
        self.page.on("response", self._note_failure)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        session = self.page.context.new_cdp_session(self.page)
        session.send("Network.enable")
        session.on("Network.webSocketFrameReceived", self._count_frame)
        session.on("Network.loadingFinished", self._count_load)

    def _note_failure(self, response: object) -> None:
        if response.status >= 400:  # type: ignore[attr-defined]
            self.failures.append(f"{response.status} {response.url}")  # type: ignore[attr-defined]

    def _count_frame(self, event: dict[str, dict[str, str | int]]) -> None:
        frame = event["response"]
        is_binary = frame["opcode"] == 2  # reported in base64
        self.websocket_bytes += len(str(frame["payloadData"])) * 3 // 4 if is_binary else len(str(frame["payloadData"]))

    def _count_load(self, event: dict[str, int]) -> None:
        self.http_bytes += event["encodedDataLength"]

    @property
    def external_requests(self) -> list[str]:
        """Requests to any host but the server's own."""
        return [url for url in self.requests if urlsplit(url).netloc not in (self.host, "")]

    def close(self) -> None:
        """Leave; nothing may have been asked of another host, no response failed, no error reached the console."""
        self.page.context.close()
        assert self.external_requests == []
        assert self.failures == []
        assert self.errors == []

    def expand(self, label: str) -> None:
        """Open a section of the panel; it may be open already."""
        section = self.page.get_by_test_id("stExpander").filter(has=self.page.get_by_text(label, exact=True)).first
        if section.locator("details").get_attribute("open") is None:
            section.locator("summary").click()
            self.page.wait_for_timeout(300)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list; a list that opens while the page still moves closes again, and is opened once more."""
        box = self.page.get_by_role("combobox", name=label)
        entry = self.page.get_by_role("option", name=option, exact=True)
        box.scroll_into_view_if_needed()
        for _ in range(5):
            box.click()
            with contextlib.suppress(PlaywrightTimeout):
                entry.click(timeout=4000)
                return
        raise AssertionError(f"{option!r} cannot be chosen from the list {label!r}")

    def download(self, name: str) -> Path:
        """Press a download button; where the file lies."""
        with self.page.expect_download() as coming:
            self.page.get_by_role("button", name=name).click()
        return Path(coming.value.path())

    def export(self) -> Path:
        """Download the region from the export menu; where the file lies."""
        self.page.get_by_test_id("stPopover").get_by_role("button", name="Export").click()
        path = self.download("Download region")
        self.page.keyboard.press("Escape")
        return path

    @property
    def map(self) -> Locator:
        """The map on the page."""
        return self.page.locator(".hb-map.hb-ready")

    def map_pixels(self) -> NDArray[np.uint8]:
        """Return the map as it looks now: (height, width, 3).

        A part of the page's picture, since that of an element waits for frames that a busy machine does not draw.
        """
        self.map.evaluate("(place) => place.scrollIntoView({block: 'nearest'})")
        box = self.map.bounding_box()
        assert box is not None, "there is no map on the page"
        clip = {name: box[name] for name in ("x", "y", "width", "height")}
        return np.asarray(Image.open(io.BytesIO(self.page.screenshot(clip=clip))).convert("RGB"))

    def settled_map(self, at_most_s: float = 60.0) -> NDArray[np.uint8]:
        """Return the map once its data are complete, its camera rests, and that is drawn."""
        self.map.wait_for(timeout=at_most_s * 1000)
        self.page.wait_for_timeout(100)  # a run that just ended may still move it
        self.map.evaluate(STILL)
        pixels = self.map_pixels()
        assert pixels.std() > 10, "the map is empty"
        return pixels

    def click_map(self, right: int = 0, down: int = 0) -> None:
        """Click so many pixels right of and below the map's centre, then take the mouse away."""
        horizontal, vertical = self._map_centre()
        self.page.mouse.click(horizontal + right, vertical + down)
        self.page.mouse.move(2, 2)

    def drag_map(self, right: int, down: int) -> None:
        """Drag the map from its centre, then take the mouse away."""
        horizontal, vertical = self._map_centre()
        self.page.mouse.move(horizontal + 5, vertical + 40)
        self.page.mouse.down()
        self.page.mouse.move(horizontal + 5 + right, vertical + 40 + down, steps=6)
        self.page.wait_for_timeout(400)  # a rest before letting go: no throw
        self.page.mouse.up()
        self.page.mouse.move(2, 2)

    def _map_centre(self) -> tuple[float, float]:
        box = self.map.bounding_box()
        assert box is not None, "there is no map on the page"
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), urlopen(f"{url}/_stcore/health", timeout=5) as response:  # noqa: S310
            if response.status == 200:
                return
        time.sleep(0.1)
    raise AssertionError(f"Streamlit did not start: {log.read_text()[-2000:]}")

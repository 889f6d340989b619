"""Fixtures for tests in a real browser: `visit(server.url)` fails the test when anything leaves the machine."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))  # tests are no packages; this folder's helper is still one file

from browser import Visit, find_chromium, launch_chromium


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless Chromium; skips where the system has none."""
    executable_path = find_chromium()
    if executable_path is None:
        pytest.skip("no Chromium on this system: install Debian's `chromium` to run the browser tests")
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright, executable_path)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[[str], Visit]]:
    """Open pages; at the end no request may have gone elsewhere, no response failed, no error reached the console."""
    visits: list[Visit] = []

    def open_page(url: str, **size: int) -> Visit:
        visits.append(Visit.start(chromium, url, **size))
        return visits[-1]

    yield open_page
    for done in visits:
        done.close()

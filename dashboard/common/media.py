"""The one place that touches Streamlit's internal media files: bytes in, a URL that the browser can fetch out.

Media files belong to a session, are named by a hash of their bytes and live in memory; nothing is public and nothing
is written to disk. How long they live, as seen on Streamlit 1.67:

- a full run forgets all files of the session when it starts and deletes, when it ends, those not registered again;
- a fragment run forgets nothing; a file goes when another takes its coordinates, at the end of that very run.

So a layer drawn in a fragment stays alive without help, and one that changes with a slider could be deleted before the
browser has asked for it. `media_url` therefore keeps the last few files of each name, and `keep_alive` those that a
full run would forget: a late request still finds them. `data_url` is for small pictures that Streamlit's own elements
show: it needs no file at all.
"""

import base64
import time
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path

from streamlit import config, runtime

from dashboard.common import state

KEPT_PER_NAME = 8  # ticks that may still be on their way to the browser
GRACE_S = 60.0
"""So long after it was shown a file can still be fetched, however often the page is drawn anew meanwhile."""
ASSETS = Path(__file__).parents[2] / "assets"

_MIME_TYPES = {
    ".geojson": "application/json",
    ".json": "application/json",
    ".png": "image/png",
    ".webp": "image/webp",
    ".js": "text/javascript",
    ".css": "text/css",
    ".pmtiles": "application/zip",  # compressed already: not compressed anew for every fetch
}
_SIGNATURES = {b"\xff\xd8": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif"}
# One counter a name, shared by all sessions: names are few, so nothing grows with the number of visitors.
_turns: defaultdict[str, Iterator[int]] = defaultdict(count)


def media_url(data: bytes, mimetype: str, coordinates: str) -> str:
    """Return the URL of `data` for this session; `coordinates` names the place in the app that shows it.

    The same bytes give the same URL, so the browser fetches an unchanged layer once. Call it for every layer in every
    run that draws the map, the unchanged ones too: that is what keeps their files alive. Without a running server
    (bare mode, plain Python) the URL is a name that nothing serves.
    """
    if not runtime.exists():
        return f"/media/{coordinates}"
    slot = next(_turns[coordinates]) % KEPT_PER_NAME
    file = (data, mimetype, f"hereabouts.{coordinates}.{slot}")
    state.remember_media(file, time.monotonic())
    return _below_base_path(runtime.get_instance().media_file_mgr.add(*file))


def keep_alive() -> None:
    """Register the latest files once more, at the start of a full run: the browser may still be fetching them."""
    if runtime.exists():
        for file in state.recent_media(time.monotonic() - GRACE_S):
            runtime.get_instance().media_file_mgr.add(*file)


def data_url(picture: bytes) -> str:
    """Return a small picture (JPEG, PNG or WebP) as a URL that holds it: it cannot be gone when the browser asks."""
    mimetype = next((name for start, name in _SIGNATURES.items() if picture.startswith(start)), "image/webp")
    return f"data:{mimetype};base64,{base64.b64encode(picture).decode()}"


def asset_url(path: Path | str) -> str:
    """Return the URL of a file that ships with the project: a path, or a name below `assets/`.

    The file is read once per process. A missing file raises `FileNotFoundError` at the first call.
    """
    location = ASSETS / path
    mimetype = _MIME_TYPES.get(location.suffix, "application/octet-stream")
    return media_url(_read_once(location), mimetype, f"asset.{location.name}")


@cache
def _read_once(location: Path) -> bytes:
    return location.read_bytes()


def _below_base_path(path: str) -> str:
    """Put `server.baseUrlPath` in front: Streamlit does that for its own images, not for URLs inside a deck."""
    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{path}" if base else path

"""A server on this machine in the hub's layout, with every fault that a server can have. Standard library only."""

import hashlib
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Faults:
    """What goes wrong. Each GET consumes one entry of ``stop_after``, if there is one.

    Attributes:
        status: answer every GET with this.
        busy: how many requests (HEAD or GET) are answered 503 first.
        redirect: send every GET there.
        stop_after: how many bytes a GET sends before the connection is cut.
        body: send this instead of the file.
        stated_etag: state this digest instead of the true one.
        stated_bytes: state this size in the HEAD answer.
        ignore_range: answer 200 to a range.
        bytes_per_s: send slowly.
    """

    status: int = 0
    busy: int = 0
    redirect: str = ""
    stop_after: list[int] = field(default_factory=list)
    body: bytes | None = None
    stated_etag: str | None = None
    stated_bytes: int | None = None
    ignore_range: bool = False
    bytes_per_s: float = 0.0


@dataclass
class Hub:
    """The server's content and memory.

    Attributes:
        files: content by ``owner/name/path``.
        faults: what goes wrong.
        requests: (method, path, offset) of every request so far.
        sent_bytes: bytes of file content sent so far.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    requests: list[tuple[str, str, int]] = field(default_factory=list)
    sent_bytes: int = 0
    endpoint: str = ""

    @property
    def gets(self) -> int:
        return sum(method == "GET" for method, _, _ in self.requests)


def etag_of(content: bytes) -> str:
    """sha256 for a large file (LFS), git's blob sha1 for a small one, as the hub does."""
    if len(content) > 1000:
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


@contextmanager
def running(hub: Hub) -> Iterator[Hub]:
    """The hub, served on a free port of this machine while the block runs."""

    class Handler(_Handler):
        served = hub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    served: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, ValueError):
            self.close_connection = True  # the client went away, or we cut it

    def _content(self) -> bytes | None:
        found = re.fullmatch(r"/([^/]+/[^/]+)/(?:resolve/[^/]+|cdn)/(.+)", unquote(self.path))
        return self.served.files.get(f"{found[1]}/{found[2]}") if found else None

    def _note(self) -> int:
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(found[1]) if found else 0
        self.served.requests.append((self.command, self.path, start))
        return start

    def _answer(self, status: int, **headers: object) -> None:
        self.send_response(status)
        for name, value in {"Content_Length": 0, **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def _is_busy(self) -> bool:
        if self.served.faults.busy <= 0:
            return False
        self.served.faults.busy -= 1
        self._answer(503)
        return True

    def do_HEAD(self) -> None:
        self._note()
        content, faults = self._content(), self.served.faults
        if self._is_busy():
            return
        if content is None:
            self._answer(404, X_Error_Code="EntryNotFound")
            return
        size = len(content) if faults.stated_bytes is None else faults.stated_bytes
        etag = faults.stated_etag if faults.stated_etag is not None else etag_of(content)
        self._answer(200, Content_Length=size, ETag=f'"{etag}"', X_Repo_Commit=COMMIT)

    def do_GET(self) -> None:
        start = self._note()
        content, faults = self._content(), self.served.faults
        if self._is_busy():
            return
        if faults.status or content is None:
            self._answer(faults.status or 404)
            return
        if faults.redirect:
            self._answer(302, Location=faults.redirect)
            return
        self._send(content if faults.body is None else faults.body, 0 if faults.ignore_range else start)

    def _send(self, content: bytes, start: int) -> None:
        total, rest = len(content), content[start:]
        if start and not rest:
            self._answer(416, Content_Range=f"bytes */{total}")
            return
        ranged = {"Content_Range": f"bytes {start}-{total - 1}/{total}"} if start else {}
        self._answer(206 if start else 200, **{"Content_Length": len(rest), **ranged})
        faults = self.served.faults
        limit = faults.stop_after.pop(0) if faults.stop_after else len(rest)
        self._write(rest[:limit], faults.bytes_per_s)
        if limit < len(rest):
            self.close_connection = True

    def _write(self, content: bytes, bytes_per_s: float) -> None:
        step = max(int(bytes_per_s / 100), 1) if bytes_per_s else max(len(content), 1)
        for offset in range(0, len(content), step):
            piece = content[offset : offset + step]
            self.wfile.write(piece)
            self.served.sent_bytes += len(piece)
            if bytes_per_s:
                time.sleep(len(piece) / bytes_per_s)

"""Polite fetching of tiles over http(s): few connections, patience with busy servers, an end to patience, a cache.

Standard library connections, one per thread and kept open: a tile costs about a millisecond of processor, which is what
lets fetching hide behind encoding. The address that was checked is the one that is connected to.
"""

import http.client
import io
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import SplitResult, urljoin, urlunsplit

from engine.errors import InputError
from engine.tile_search.destinations import Destination, resolve, split_address
from engine.tile_search.imagery import LARGEST_BYTES, SourceDown, TileError

USER_AGENT = "hereabouts/0.1 (tile search; asks each tile once and keeps it)"
MAX_REDIRECTS = 3
ABSENT = (204, 404, 410)
"""Answers that say: there is no tile here."""
BUSY = (408, 425, 429, 500, 502, 503, 504)
"""Answers after which it may help to ask again."""
_TLS = threading.local()


@dataclass(frozen=True)
class RequestPolicy:
    """How a server is treated.

    Attributes:
        attempts: how often one tile is asked for.
        connect_s: seconds to wait for a connection and for each piece of an answer.
        total_s: seconds that one answer may take altogether.
        first_pause_s: pause before the second attempt; doubled each time.
        longest_pause_s: no pause is longer, whatever the server asks for.
        give_up_after: failures in a row after which the server counts as down.
        recheck_s: after so many seconds a name is resolved anew.
    """

    attempts: int = 4
    connect_s: float = 5.0
    total_s: float = 15.0
    first_pause_s: float = 0.5
    longest_pause_s: float = 20.0
    give_up_after: int = 12
    recheck_s: float = 300.0


@dataclass
class _Health:
    """What all threads know of a server."""

    failures: int = 0
    paused_until: float = 0.0
    why: str = ""
    destinations: dict[str, tuple[float, Destination]] = field(default_factory=dict)


class Fetcher:
    """Fetches addresses of one source; safe to call from several threads."""

    def __init__(
        self,
        title: str,
        *,
        allow_local: bool = False,
        policy: RequestPolicy | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """Describe the source; nothing is connected yet."""
        self._title, self._allow_local = title, allow_local
        self._policy, self._cancelled = policy or RequestPolicy(), cancelled
        self._health, self._lock = _Health(), threading.Lock()
        self._local = threading.local()
        self._open: list[http.client.HTTPConnection] = []

    def get(self, address: str, where: str) -> bytes | None:
        """The body of an answer, or None where the server says that there is none.

        Args:
            address: an http(s) address.
            where: the tile in words, for the message.

        Raises:
            InputError: the server, or one that it redirects to, is private or local.
            TileError: this one cannot be had.
            SourceDown: the server does not answer any longer.
        """
        pause = self._policy.first_pause_s
        for attempt in range(self._policy.attempts):
            self._wait_or_give_up()
            try:
                body = self._follow_redirects(address, where)
            except _RetryError as trouble:
                self._record_failure(str(trouble))
                if attempt + 1 < self._policy.attempts:
                    self._pause(trouble.pause_s if trouble.pause_s is not None else pause, everybody=trouble.everybody)
                pause = min(pause * 2, self._policy.longest_pause_s)
                continue
            with self._lock:
                self._health.failures = 0
            return body
        raise TileError(f"{where} could not be had after {self._policy.attempts} attempts: {self._health.why}.")

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            connections, self._open = self._open, []
        for connection in connections:
            connection.close()

    def _follow_redirects(self, address: str, where: str) -> bytes | None:
        """One request and the redirects it meets, each checked like the first."""
        parts = split_address(address)
        for _ in range(MAX_REDIRECTS + 1):
            status, headers, body = self._send_request(parts)
            if status not in (301, 302, 303, 307, 308):
                return self._handle_status(status, headers, body, where)
            onward = split_address(urljoin(urlunsplit(parts), headers.get("location", "")))
            if (parts.scheme, onward.scheme) == ("https", "http"):
                raise InputError(f"{self._title} redirects from https to plain http; it was not followed.")
            parts = onward
        raise TileError(f"{where} redirects in circles; it was left out.")

    def _handle_status(self, status: int, headers: dict[str, str], body: bytes, where: str) -> bytes | None:
        if status == 200:
            return body
        if status in ABSENT:
            return None
        if status in BUSY:
            busy = status in (429, 503)
            raise _RetryError(f"the server answers {status}", self._retry_after_s(headers), everybody=busy)
        if status in (401, 403):
            with self._lock:
                self._health.failures = self._policy.give_up_after
                self._health.why = f"the server refuses ({status})"
            raise SourceDown(
                f"{self._title} refuses to give its tiles ({status}); read its terms or use another source."
            )
        raise TileError(f"{where}: the server answers {status}; it was left out.")

    def _retry_after_s(self, headers: dict[str, str]) -> float | None:
        """Seconds that the server asks us to wait, if it does."""
        text = headers.get("retry-after", "")
        return min(float(text), self._policy.longest_pause_s) if text.isdigit() else None

    def _send_request(self, parts: SplitResult) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (lower case) and body of one request."""
        destination = self._destination(parts)
        connection = self._connection(destination)
        target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        started = time.monotonic()
        connection.response_class = partial(_DeadlineResponse, until=started + self._policy.total_s)  # type: ignore[assignment]
        try:
            connection.request("GET", target, headers={"User-Agent": USER_AGENT, "Accept": "image/*"})
            answer = connection.getresponse()
            body = self._body(answer, started)
        except (OSError, http.client.HTTPException) as error:
            self._close_connection(destination)
            raise _RetryError(_describe_error(error), everybody=isinstance(error, ConnectionRefusedError)) from error
        headers = {name.lower(): value for name, value in answer.getheaders()}
        if answer.will_close:
            self._close_connection(destination)
        return answer.status, headers, body

    def _body(self, answer: http.client.HTTPResponse, started: float) -> bytes:
        """The body, piece by piece: neither too large nor too slow."""
        pieces, size = [], 0
        while piece := answer.read1(65536):
            size += len(piece)
            pieces.append(piece)
            if size > LARGEST_BYTES:
                raise http.client.HTTPException("the answer is larger than a tile")
            if time.monotonic() - started > self._policy.total_s or self._cancelled():
                raise TimeoutError("the answer takes too long")
        if answer.length:
            raise http.client.HTTPException("the server breaks off")
        answer.close()  # without this the connection cannot be used again: read1 leaves an answer open at its end
        return b"".join(pieces)

    def _destination(self, parts: SplitResult) -> Destination:
        """The checked server of an address; resolved again after a while."""
        key, now = f"{parts.scheme}://{parts.netloc}", time.monotonic()
        known = self._health.destinations.get(key)
        if known is None or now - known[0] > self._policy.recheck_s:
            known = (now, resolve(parts, allow_local=self._allow_local))
            self._health.destinations[key] = known
        return known[1]

    def _connection(self, destination: Destination) -> http.client.HTTPConnection:
        """This thread's connection to a server."""
        mine: dict[Destination, http.client.HTTPConnection] = self._local.__dict__.setdefault("connections", {})
        if destination not in mine:
            mine[destination] = _PinnedConnection(destination, self._policy.connect_s)
            with self._lock:
                self._open.append(mine[destination])
        return mine[destination]

    def _close_connection(self, destination: Destination) -> None:
        connection = self._local.connections.pop(destination, None)
        if connection is not None:
            connection.close()
            with self._lock:
                if connection in self._open:
                    self._open.remove(connection)

    def _record_failure(self, why: str) -> None:
        with self._lock:
            self._health.failures += 1
            self._health.why = why

    def _pause(self, seconds: float, *, everybody: bool) -> None:
        """Pause this thread, or every thread when the server is busy as a whole."""
        until = time.monotonic() + seconds
        if everybody:
            with self._lock:
                self._health.paused_until = max(self._health.paused_until, until)
        self._sleep_until(until)

    def _wait_or_give_up(self) -> None:
        if self._health.failures >= self._policy.give_up_after:
            raise SourceDown(f"{self._title} does not answer any longer ({self._health.why}); try again later.")
        self._sleep_until(self._health.paused_until)

    def _sleep_until(self, until: float) -> None:
        while (rest := until - time.monotonic()) > 0:
            if self._cancelled():
                raise TileError("The search was stopped.")
            time.sleep(min(rest, 0.1))


class _RetryError(Exception):
    """Asking once more may help."""

    def __init__(self, why: str, pause_s: float | None = None, *, everybody: bool = False) -> None:
        super().__init__(why)
        self.pause_s, self.everybody = pause_s, everybody


class _DeadlineReader(io.RawIOBase):
    """What comes from a socket until a moment: a server that drips, be it headers, is left."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase, until: float) -> None:
        self._sock, self._raw, self._until = sock, raw, until

    def readable(self) -> bool:
        """It is read."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """The next bytes; waits for them no longer than there is time left."""
        rest = self._until - time.monotonic()
        if rest <= 0:
            raise TimeoutError("the answer takes too long")
        usual = self._sock.gettimeout()
        self._sock.settimeout(rest if usual is None else min(usual, rest))
        try:
            return self._raw.readinto(buffer)
        finally:
            self._sock.settimeout(usual)

    def close(self) -> None:
        """Let go of the socket."""
        self._raw.close()
        super().close()


class _DeadlineResponse(http.client.HTTPResponse):
    """An answer that has to be whole by a moment."""

    def __init__(self, sock: socket.socket, *more: Any, until: float, **options: Any) -> None:
        super().__init__(sock, *more, **options)
        self.fp = io.BufferedReader(_DeadlineReader(sock, self.fp.detach(), until))


class _PinnedConnection(http.client.HTTPConnection):
    """A connection to a checked address, with the certificate of the name."""

    def __init__(self, destination: Destination, timeout_s: float) -> None:
        super().__init__(destination.host, destination.port, timeout=timeout_s)
        if destination.scheme == "https":
            self.default_port = http.client.HTTPS_PORT
        self._destination = destination

    def connect(self) -> None:
        """Connect to the address, not to whatever the name means by now."""
        sock = socket.create_connection((self._destination.address, self._destination.port), self.timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._destination.scheme == "https":
            sock = _tls().wrap_socket(sock, server_hostname=self._destination.host)
        self.sock = sock


def _tls() -> ssl.SSLContext:
    if not hasattr(_TLS, "context"):
        _TLS.context = ssl.create_default_context()
    context: ssl.SSLContext = _TLS.context
    return context


def _describe_error(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "the server hangs"
    if isinstance(error, ssl.SSLError):
        return "the server's certificate is not valid"
    if isinstance(error, http.client.HTTPException):
        return str(error) or "the server breaks off"
    return "the server cannot be reached"


def check_reachable(address: str, *, allow_local: bool) -> None:
    """Refuse an address whose server is private, local or unknown, before anything is asked of it.

    Raises:
        InputError: it is private or local.
        LayerError: there is no such server.
    """
    resolve(split_address(address), allow_local=allow_local)

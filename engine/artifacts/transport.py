"""Ask a server about a file and receive its bytes; every foreign exception ends here.

Why not ``hf_hub_download``: read in huggingface_hub 1.33, it compares sizes but not digests, cannot be cancelled from
outside, follows any redirect that a response names, starts from zero in a later run (its temporary names are unique to
a process) and never sweeps what a killed process left. What it does well is taken from it: ``get_hf_file_metadata``
asks the hub for size, digest (ETag) and commit without following a redirect to a foreign host, and ``get_session`` is
the client with the user's proxy, certificate and offline settings. Streaming, redirects and the digest check are ours.
No token is ever sent: what the catalogue names is public.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from engine.artifacts.catalog import ArtifactRecord, Kind
from engine.artifacts.decide import RemoteFile
from engine.artifacts.digest import Digest
from engine.errors import ArtifactError

if TYPE_CHECKING:
    import httpx

HUB = "https://huggingface.co"
HUB_HOSTS = ("huggingface.co", ".huggingface.co", "hf.co", ".hf.co")
"""The hub and the hosts that its files are sent from; a leading dot stands for every host below."""
MAX_REDIRECTS = 5
ASK_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 30.0
_BUSY = (408, 425, 429, 500, 502, 503, 504)


class TransferError(ArtifactError):
    """A request failed.

    Attributes:
        again: whether a retry can help.
        offline: whether the server could not be reached.
        status: HTTP status, or None.
    """

    def __init__(self, sentence: str, *, again: bool = False, offline: bool = False, status: int | None = None) -> None:
        super().__init__(sentence)
        self.again = again
        self.offline = offline
        self.status = status


@dataclass(frozen=True)
class Body:
    """The bytes of a file as they arrive.

    Attributes:
        start_byte: offset in the file of the first byte that will come (0 when the server ignored the range).
        total_bytes: size of the whole file as the server states it with the body, or None.
        pieces: the bytes, as they come off the wire; raises TransferError when the server stops.
    """

    start_byte: int
    total_bytes: int | None
    pieces: Iterator[bytes]


class Transport(Protocol):
    """Network access of the store. Called by the store only; holds no open connection between calls."""

    def describe(self, record: ArtifactRecord, path: str) -> RemoteFile:
        """What the server states about a file.

        Raises:
            TransferError: it cannot be reached, has no such file or refuses.
        """
        ...

    @contextmanager
    def body(self, record: ArtifactRecord, address: str, start_byte: int) -> Iterator[Body]:
        """The bytes of a file from ``start_byte`` on, while the block runs.

        Raises:
            TransferError: likewise, or the connection broke, or it redirects to a host that is not allowed.
        """
        ...


@dataclass(frozen=True)
class HttpTransport:
    """HTTP.

    Attributes:
        endpoint: the hub, or a mirror in its layout; ``HF_ENDPOINT`` when the user has set it. The only address that
            may be plain http, and then only on exactly that host and port.
        hosts: further hosts that may serve the bytes (host, or host:port), named by whoever runs the product.
    """

    endpoint: str = field(default_factory=lambda: os.environ.get("HF_ENDPOINT") or HUB)
    hosts: tuple[str, ...] = ()

    def describe(self, record: ArtifactRecord, path: str) -> RemoteFile:
        """Size, digest and commit of a file, by one HEAD request."""
        if record.kind is Kind.URL:
            return RemoteFile(urljoin(record.url.rstrip("/") + "/", quote(path)), record.file(path).bytes, None)
        address = self.address(record, path, record.revision)
        self._check_host(record, address)
        metadata = _hub_metadata(address)
        commit = metadata.commit_hash or ""
        pinned = self.address(record, path, commit or record.revision)
        return RemoteFile(pinned, metadata.size, Digest.from_etag(metadata.etag), commit)

    def address(self, record: ArtifactRecord, path: str, revision: str) -> str:
        """Where the hub keeps a file: ``endpoint/owner/name/resolve/revision/path``."""
        return f"{self.endpoint.rstrip('/')}/{record.hub_id}/resolve/{quote(revision, safe='')}/{quote(path)}"

    @contextmanager
    def body(self, record: ArtifactRecord, address: str, start_byte: int) -> Iterator[Body]:
        """Stream a file, following redirects one by one and only to hosts that the record allows."""
        with _translate_errors(address):
            for _ in range(MAX_REDIRECTS):
                self._check_host(record, address)
                with _stream(address, start_byte) as response:
                    if response.has_redirect_location:
                        address = urljoin(address, response.headers["Location"])
                        continue
                    _refuse_failure(response.status_code, address)
                    yield _body(response, address, start_byte)
                    return
        raise TransferError(f"{_host(address)} redirects in a loop; try again later or fetch the file manually.")

    def _check_host(self, record: ArtifactRecord, address: str) -> None:
        """Refuse an address that is neither https on an allowed host nor the user's endpoint."""
        parts = urlsplit(address)
        own = urlsplit(self.endpoint if record.kind is Kind.HUB else record.url)
        if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
            return
        allowed = (*self.hosts, *record.hosts, *(HUB_HOSTS if record.kind is Kind.HUB else ()))
        if (parts.scheme, own.scheme) == ("http", "http"):
            allowed = self.hosts  # a server of the user's own may hand over to another one that the user named
        elif parts.scheme != "https":
            allowed = ()
        if any(host_matches(parts, each) for each in allowed):
            return
        raise TransferError(
            f"{own.netloc} sends {record.title} from {parts.scheme}://{parts.netloc}, which is not a host it is known "
            "to use; nothing was received: try another network, or fetch the file manually."
        )


def host_matches(parts: SplitResult, allowed: str) -> bool:
    """Whether an address is on an allowed host: ``host``, ``host:port`` or ``.host`` for all below it."""
    if allowed.startswith("."):
        return (parts.hostname or "").endswith(allowed) and parts.netloc.lower() in (
            parts.hostname,
            f"{parts.hostname}:443",
        )
    return parts.netloc.lower().removesuffix(":443") == allowed


def _hub_metadata(address: str) -> _Metadata:
    """The hub's metadata of a file, through huggingface_hub."""
    from huggingface_hub import get_hf_file_metadata

    with _translate_errors(address):
        found = get_hf_file_metadata(address, token=False, timeout=ASK_TIMEOUT_S, library_name="hereabouts")
    return _Metadata(found.size, found.etag, found.commit_hash)


@dataclass(frozen=True)
class _Metadata:
    size: int | None
    etag: str | None
    commit_hash: str | None


@contextmanager
def _stream(address: str, start_byte: int) -> Iterator[httpx.Response]:
    """One GET without following redirects; bytes as they are, so that offsets and digests hold."""
    import httpx
    from huggingface_hub import get_session

    headers = {"Accept-Encoding": "identity", "User-Agent": "hereabouts"}
    if start_byte:
        headers["Range"] = f"bytes={start_byte}-"
    timeout = httpx.Timeout(READ_TIMEOUT_S, connect=ASK_TIMEOUT_S)
    with get_session().stream("GET", address, headers=headers, timeout=timeout, follow_redirects=False) as response:
        yield response


def _body(response: httpx.Response, address: str, start_byte: int) -> Body:
    """The body of a successful response, with the offset and size of its headers."""
    length = response.headers.get("Content-Length", "")
    if response.status_code != 206:
        return Body(0, int(length) if length.isdigit() else None, response.iter_raw())
    stated = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", "").strip())
    if stated is None or int(stated[1]) != start_byte:
        raise TransferError(f"{_host(address)} sent another part of the file than requested; try again later.")
    return Body(start_byte, int(stated[2]) if stated[2] != "*" else None, response.iter_raw())


def _refuse_failure(status: int, address: str, why: str = "") -> None:
    """Raise the error of a response that is not the file."""
    host = _host(address)
    if status in (200, 206):
        return
    if status == 404:
        raise TransferError(
            f"{host} has no {urlsplit(address).path.lstrip('/')} (404); the model may have been withdrawn or moved: "
            "update Hereabouts or supply the file manually.",
            status=status,
        )
    if status in (401, 403):
        raise TransferError(
            f"{host} refuses access to the file ({status}); fetch it manually with an account of your own.",
            status=status,
        )
    if status in _BUSY:
        raise TransferError(f"{host} is busy ({status}); try again later.", again=True, status=status)
    raise TransferError(f"{host} answered {status}{why} instead of the file; try again later.", status=status)


@contextmanager
def _translate_errors(address: str) -> Iterator[None]:
    """Translate exceptions of huggingface_hub and httpx."""
    import httpx
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    host = _host(address)
    try:
        yield
    except OfflineModeIsEnabled as error:
        sentence = f"{host} was not contacted because HF_HUB_OFFLINE is set; unset it to fetch."
        raise TransferError(sentence, offline=True) from error
    except HfHubHTTPError as error:
        _refuse_failure(error.response.status_code, address)
        raise TransferError(f"{host} sent a response that cannot be parsed; try again later.") from error
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
        sentence = f"{host} cannot be reached; connect this machine to the network or supply the file manually."
        raise TransferError(sentence, again=True, offline=True) from error
    except (httpx.HTTPError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None and not isinstance(error, ConnectionError):
            raise
        raise TransferError(f"{host} closed the connection; run it again to resume.", again=True) from error


def _host(address: str) -> str:
    """Host and port of an address, for messages."""
    return urlsplit(address).netloc

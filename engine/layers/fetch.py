"""Land cover from a STAC catalogue: finds the tiles of a year, downloads them and opens them as one raster.

Needs the optional package pystac-client. Bytes come over https, or from the very host that the user named.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from engine.errors import LayerError
from engine.progress import Part, Report

if TYPE_CHECKING:
    import httpx

CATALOGUE = "https://planetarycomputer.microsoft.com/api/stac/v1"
"""The default STAC API."""
COLLECTION, ASSET = "esa-cci-lc", "lccs_class"
SIGNERS = {"planetarycomputer.microsoft.com": "https://planetarycomputer.microsoft.com/api/sas/v1/sign"}
"""Hosts whose files are only given to signed addresses, and who signs them; no account is needed."""
YEARS = range(1992, 2024)
LARGEST_TILE_BYTES = 2_000_000_000
_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Catalogue:
    """A STAC catalogue.

    Attributes:
        url: of a STAC API.
        signer: address that signs others; "" where none is needed.
    """

    url: str = CATALOGUE
    signer: str = ""

    @classmethod
    def at(cls, url: str) -> "Catalogue":
        """The catalogue at an address, with the signer that its host needs.

        Raises:
            LayerError: the address is none of a web server.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"https", "http"} or not parts.hostname:
            raise LayerError(f"The catalogue {url!r} is not a web address; give one such as {CATALOGUE}.")
        return cls(url, SIGNERS.get(parts.hostname, ""))


def find_tiles(catalogue: Catalogue, year: int) -> dict[str, str]:
    """Name and address of every tile of a year.

    Raises:
        LayerError: the year is out of range, pystac-client is missing, or the catalogue gives no tile.
    """
    if year not in YEARS:
        raise LayerError(
            f"There is no land cover of {year}, only of {YEARS[0]} to {YEARS[-1]}; choose one of those, such as 2015."
        )
    try:
        import pystac_client
        from pystac import STACError
        from pystac_client.exceptions import APIError
    except ImportError as error:
        raise LayerError("Fetching needs pystac-client; install it with: pip install 'hereabouts[stac]'.") from error
    try:
        client = pystac_client.Client.open(catalogue.url, timeout=_TIMEOUT_S)
        found = client.search(collections=[COLLECTION], datetime=f"{year}-01-01/{year}-12-31")
        items = {item.id: item.assets[ASSET].href for item in found.items() if ASSET in item.assets}
    except (APIError, STACError, OSError, ValueError, KeyError, NotImplementedError) as error:
        raise LayerError(
            f"The catalogue {catalogue.url} cannot be reached ({type(error).__name__}); "
            "check the network, name another with --catalog, or download the file and use: hereabouts layers add."
        ) from error
    if not items:
        raise LayerError(
            f"The catalogue {catalogue.url} has no {ASSET} of {year} in {COLLECTION}; choose another year or catalogue."
        )
    return items


@contextmanager
def fetched_tiles(
    catalogue: Catalogue, year: int, folder: Path, report: Report | None = None
) -> Iterator[tuple[list[Path], str]]:
    """The tiles of a year as files, and a digest of all of them, while the block runs.

    Tiles that came before a break are not fetched again; all go once the block ends well.

    Raises:
        LayerError: see ``find_tiles``; or a tile does not come.
    """
    import httpx

    items = find_tiles(catalogue, year)
    work = folder / f".fetching-{COLLECTION}-{year}"
    work.mkdir(parents=True, exist_ok=True)
    progress, digest, paths = Part(report, "Fetching the tiles", 0.0, 1.0), hashlib.sha256(), []
    with httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False) as client:
        for number, (name, address) in enumerate(sorted(items.items())):
            paths.append(_download(client, catalogue, address, work / f"{_safe_name(name)}.tif"))
            with paths[-1].open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
            progress((number + 1) / len(items))
    yield paths, digest.hexdigest()
    for path in paths:
        path.unlink(missing_ok=True)
    work.rmdir()


def _safe_name(name: str) -> str:
    """An item's name as a safe file name."""
    safe = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in name).strip(".")
    return safe[:120] or "tile"


def _download(client: "httpx.Client", catalogue: Catalogue, address: str, target: Path) -> Path:
    """Download a tile to a temporary name and rename it when complete."""
    import httpx

    if target.is_file():
        return target
    part = target.with_suffix(".part")
    try:
        where = _sign_address(client, catalogue, address)
        _check_host(catalogue, where)
        with client.stream("GET", where) as answer, part.open("wb") as file:
            answer.raise_for_status()
            for piece in answer.iter_bytes():
                file.write(piece)
                if file.tell() > LARGEST_TILE_BYTES:
                    raise LayerError(f"The tile {target.name} exceeds 2 GB, expected was less; use another catalogue.")
            _check_whole(answer, file.tell(), target.name)
    except (httpx.HTTPError, httpx.InvalidURL, KeyError, ValueError) as error:
        raise LayerError(
            f"The tile {target.name} cannot be fetched ({type(error).__name__}); "
            "run it again, fetched tiles are reused, or download the file and use: hereabouts layers add."
        ) from error
    part.replace(target)
    return target


def _check_whole(answer: "httpx.Response", received: int, name: str) -> None:
    announced = answer.headers.get("content-length")
    if announced is not None and "content-encoding" not in answer.headers and int(announced) != received:
        raise LayerError(
            f"The tile {name} came with {received} of {announced} bytes; run it again, fetched tiles are reused."
        )


def _sign_address(client: "httpx.Client", catalogue: Catalogue, address: str) -> str:
    if not catalogue.signer:
        return address
    answer = client.get(catalogue.signer, params={"href": address})
    answer.raise_for_status()
    return str(answer.json()["href"])


def _check_host(catalogue: Catalogue, address: str) -> None:
    """Check an address: https to any host, http only to the catalogue's own host."""
    there, named = urlsplit(address), urlsplit(catalogue.url)
    same = (there.scheme, there.netloc) == (named.scheme, named.netloc)
    if there.scheme != "https" and not same:
        raise LayerError(
            f"The catalogue sends us to {there.scheme}://{there.netloc}, expected was https; use another catalogue."
        )

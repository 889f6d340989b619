"""From what a user writes, a name of the catalogue, a template, a file or ``builtin``, to an open source."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engine.errors import InputError, LayerError
from engine.tile_search.destinations import check_template
from engine.tile_search.fetch import RequestPolicy
from engine.tile_search.imagery import SourceRecord, TileSource
from engine.tile_search.sources.builtin_imagery import BuiltinImagery, builtin_record
from engine.tile_search.sources.cog import Cog
from engine.tile_search.sources.mbtiles import MbTiles
from engine.tile_search.sources.pmtiles import PmTiles
from engine.tile_search.sources.xyz import Xyz, own_record
from engine.tile_search.tile_files import TileFiles

BUILTIN = "builtin"
"""The name of the imagery that ships with the product."""
_FILES: dict[str, Callable[[Path], TileSource]] = {".mbtiles": MbTiles, ".pmtiles": PmTiles, ".tif": Cog, ".tiff": Cog}


@dataclass(frozen=True)
class CatalogueEntry:
    """A source of the catalogue: what it is and where its tiles are."""

    record: SourceRecord
    template: str


@dataclass(frozen=True)
class Access:
    """How sources may be reached.

    Attributes:
        files: where fetched tiles are kept, or None.
        allow_local: whether private and local addresses are fine.
        manners: how servers are treated.
        max_zoom: deepest zoom of a template of the user's own.
        cancelled: asked while waiting for a server; True gives up.
    """

    files: TileFiles | None = None
    allow_local: bool = False
    policy: RequestPolicy | None = None
    max_zoom: int = 16
    cancelled: Callable[[], bool] = lambda: False


@cache
def catalogue() -> dict[str, CatalogueEntry]:
    """The sources that ship with the product, by name.

    Raises:
        LayerError: the table is damaged.
    """
    text = (Path(__file__).parent / "catalogue.toml").read_text(encoding="utf-8")
    try:
        found = [_parse_entry(dict(table)) for table in tomllib.loads(text)["source"]]
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise LayerError(f"The table of imagery cannot be read ({error}); install the project again.") from error
    return {each.record.name: each for each in found}


def _parse_entry(table: dict[str, object]) -> CatalogueEntry:
    template = str(table.pop("template"))
    return CatalogueEntry(SourceRecord(**table), template)  # type: ignore[arg-type]


def records() -> tuple[SourceRecord, ...]:
    """Everything that can be asked for by name, the built-in imagery first."""
    return (builtin_record(), *(each.record for each in catalogue().values()))


def open_source(what: str, access: Access | None = None) -> TileSource:
    """The source that a user means; close it after use.

    Args:
        what: ``builtin``, a name of the catalogue, a template with {z}, {x} and {y}, or a path of a file that ends in
            .mbtiles, .pmtiles, .tif or .tiff.
        access: how servers may be reached.

    Raises:
        InputError: it is none of these, or a server that may not be asked.
        LayerError: the file is missing or damaged, or there is no such server.
    """
    access = access or Access()
    if what == BUILTIN:
        return BuiltinImagery()
    if what in catalogue():
        return _server(catalogue()[what].template, catalogue()[what].record, access)
    if "://" in what or "{" in what:
        return _server(what, own_record(check_template(what), access.max_zoom), access)
    opener = _FILES.get(Path(what).suffix.lower())
    if opener is None:
        names = ", ".join((BUILTIN, *catalogue()))
        raise InputError(
            f"There is no imagery {what[:120]!r}; name one of {names}, a template such as "
            "https://server/{z}/{x}/{y}.png, or a .mbtiles, .pmtiles or .tif file."
        )
    try:
        return opener(Path(what))
    except OSError as error:  # the file system takes no such name, or lets nobody look
        raise LayerError(f"The file {what[:120]!r} cannot be opened ({type(error).__name__}); name another.") from error


def is_own_template(what: str) -> bool:
    """Whether a source is a template of the user's own, so that the warning is due."""
    return what != BUILTIN and what not in catalogue() and ("://" in what or "{" in what)


def _server(template: str, record: SourceRecord, access: Access) -> Xyz:
    return Xyz(
        template,
        record,
        access.files,
        allow_local=access.allow_local,
        policy=access.policy,
        cancelled=access.cancelled,
    )

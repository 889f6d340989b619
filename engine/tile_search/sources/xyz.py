"""XYZ templates: tiles of a server, by address with {z}, {x} and {y} in it; {-y} where rows count from the south."""

import hashlib
from collections.abc import Callable
from urllib.parse import urlsplit

from engine.geometry.web_mercator import Tile
from engine.tile_search.destinations import check_template
from engine.tile_search.fetch import Fetcher, RequestPolicy, check_reachable
from engine.tile_search.imagery import Pixels, SourceRecord, TileError, decode_tile
from engine.tile_search.tile_files import TileFiles

OWN_TEMPLATE_WARNING = (
    "This is a template of your own: make sure that the server's terms allow automatic reading and keeping of tiles. "
    "Every search asks it for hundreds of tiles around the places that your photo may show, so it learns them."
)


class Xyz:
    """A tile server as a tile source."""

    def __init__(
        self,
        template: str,
        record: SourceRecord,
        files: TileFiles | None = None,
        *,
        allow_local: bool = False,
        policy: RequestPolicy | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """Check the template; the server is looked up but not asked.

        Raises:
            InputError: the template makes no sense, or its server is private or local.
            LayerError: there is no such server.
        """
        self._template = check_template(template)
        check_reachable(self._address(Tile(0, 0, 0)), allow_local=allow_local)
        self.record = record
        self._files = files
        self._fetcher = Fetcher(record.title, allow_local=allow_local, policy=policy, cancelled=cancelled)

    def read(self, tile: Tile) -> Pixels | None:
        """The picture of a tile; see ``TileSource``."""
        where = f"Tile {tile.path} of {self.record.title}"
        kept = self._files.get(self.record.name, tile) if self._files is not None else None
        if kept is not None and self._files is not None:
            try:
                return decode_tile(kept, where) if kept else None
            except TileError:
                self._files.drop(self.record.name, tile)  # damaged on disk: ask again
        data = self._fetcher.get(self._address(tile), where)
        pixels = decode_tile(data, where) if data else None
        if self._files is not None:
            self._files.put(self.record.name, tile, data or b"")
        return pixels

    def close(self) -> None:
        """Close the connections."""
        self._fetcher.close()

    def _address(self, tile: Tile) -> str:
        from_south = (1 << tile.z) - 1 - tile.y
        words = {"{z}": tile.z, "{x}": tile.x, "{y}": tile.y, "{-y}": from_south}
        address = self._template
        for word, number in words.items():
            address = address.replace(word, str(number))
        return address


def own_record(template: str, max_zoom: int = 16, min_zoom: int = 0) -> SourceRecord:
    """The record of a template that the user brought."""
    host = urlsplit(template).netloc
    return SourceRecord(
        name=f"xyz-{hashlib.sha256(template.encode()).hexdigest()[:16]}",
        title=f"Tiles of {host}"[:120],
        attribution=f"{host} (your own template; add the attribution that its terms ask for)"[:200],
        terms=OWN_TEMPLATE_WARNING,
        min_zoom=min_zoom,
        max_zoom=max_zoom,
    )

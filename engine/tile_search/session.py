"""Everything that a search on this machine needs, put together: encoders, kept embeddings, kept tiles, a map as prior.

Command line and dashboard both come through here, so they search the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.artifacts.store import Store
from engine.errors import InputError
from engine.geometry.web_mercator import LEVELS
from engine.locate.locator import Locator
from engine.paths import cache_folder
from engine.photos.photo import Photo
from engine.predictors import geoclip
from engine.predictors.catalogue import predictor_option
from engine.predictors.selection import selected_cells
from engine.progress import Report
from engine.tile_search.embedding import Tally, embed_zoom
from engine.tile_search.imagery import SourceRecord, TileSource, first_codes
from engine.tile_search.search import StoreOf, TileSearch
from engine.tile_search.sources.opening import Access
from engine.tile_search.tile_embeddings import EmbeddingStore
from engine.tile_search.tile_encoders import TileEncoders
from engine.tile_search.tile_files import TileFiles
from engine.tile_search.tile_prior import AreaPrior, MapPrior, TilePrior

DEEPEST_EMBEDDED = 8
"""Deepest zoom that may be computed as a whole: 65,536 tiles, 67 MB."""


@dataclass(frozen=True)
class Folders:
    """Where the search keeps things.

    Attributes:
        root: the product's cache folder.
    """

    root: Path = field(default_factory=cache_folder)

    @property
    def embeddings(self) -> Path:
        """Embeddings of tiles, by source and encoder."""
        return self.root / "tile-embeddings"

    @property
    def files(self) -> TileFiles:
        """Tiles as they came from servers."""
        return TileFiles(self.root / "tiles")

    def access(
        self, *, allow_local: bool = False, max_zoom: int = 16, cancelled: Callable[[], bool] = lambda: False
    ) -> Access:
        """How sources are reached: fetched tiles are kept."""
        return Access(self.files, allow_local, None, max_zoom, cancelled)

    def store_of(self, source: TileSource, encoders: TileEncoders) -> StoreOf:
        """Where embeddings of a source are kept, by encoder digest."""
        return lambda digest: EmbeddingStore(self.embeddings, source.record.name, digest, encoders.dimension)


def map_prior(locator: Locator, photo: Photo, budget_km2: float | None = None) -> MapPrior:
    """The ensemble's map of a photo as a prior; with a budget only the search region of that area is looked at."""
    search_map = locator.locate(photo).search_map
    return MapPrior(search_map, None if budget_km2 is None else search_map.region(budget_km2=budget_km2))


def geoclip_points(photos: Sequence[Photo], store: Store | None = None) -> list[tuple[float, float]] | None:
    """Latitude and longitude of the best cell of GeoCLIP per photo; None where GeoCLIP is not on this machine.

    Raises:
        PredictorError: its weights are damaged.
    """
    store = store or Store()
    if not predictor_option(geoclip.RECORD.name).ready(store):
        return None
    cells = selected_cells(store)
    model = geoclip.GeoClip.from_store(cells, store, cache_folder() / "embeddings")
    best = [int(predictions[0].probability.argmax()) for predictions in model.predict_many(photos)]
    return [(float(cells.mean_latitude[cell]), float(cells.mean_longitude[cell])) for cell in best]


def tile_search(
    source: TileSource, encoders: TileEncoders, folders: Folders | None = None, prior: TilePrior | None = None
) -> TileSearch:
    """A search of a source; what it encodes is kept."""
    folders = folders or Folders()
    return TileSearch(source, encoders, folders.store_of(source, encoders), prior or AreaPrior())


def zooms_to_embed(record: SourceRecord, deepest: int) -> list[int]:
    """The coarse levels of a source that may be computed as a whole, down to a zoom.

    Raises:
        InputError: the zoom is deeper than makes sense, or the source has none of the levels.
    """
    if not LEVELS[0] <= deepest <= DEEPEST_EMBEDDED:
        raise InputError(
            f"Zoom {deepest} cannot be computed as a whole; give {LEVELS[0]} to {DEEPEST_EMBEDDED} "
            "(zoom 10 would be a million tiles)."
        )
    zooms = [zoom for zoom in LEVELS if record.min_zoom <= zoom <= min(deepest, record.max_zoom)]
    if not zooms:
        raise InputError(
            f"{record.title} has zooms {record.min_zoom} to {record.max_zoom}, none of them down to {deepest}."
        )
    return zooms


def embed_source(
    source: TileSource,
    encoders: TileEncoders,
    deepest: int,
    folders: Folders | None = None,
    report: Report | None = None,
) -> dict[int, Tally]:
    """Compute every tile of the coarse levels down to a zoom, so that searches start warm; goes on where it stopped.

    Returns:
        What happened, by zoom.

    Raises:
        InputError: the zoom is deeper than makes sense, or the source has none of the levels.
        LayerError: the source went down; what was done is kept.
    """
    record, zooms = source.record, zooms_to_embed(source.record, deepest)
    search = tile_search(source, encoders, folders)
    tallies = {}
    for zoom in zooms:
        codes = first_codes(record, zoom)
        report_tiles = None if report is None else _zoom_progress(report, zoom, len(zooms), zooms.index(zoom))
        tallies[zoom] = embed_zoom(source, encoders, search.store(zoom), zoom, codes, report_tiles)
    return tallies


def _zoom_progress(report: Report, zoom: int, count: int, place: int) -> Callable[[int, int], None]:
    def report_tiles(done: int, total: int) -> None:
        report(f"Zoom {zoom}: {done:,} of {total:,} tiles", (place + done / max(total, 1)) / count)

    return report_tiles

"""The predictors that come with a download: what each needs, whether it is here, and how it is made.

The built-in ones are in ``registry``; those of other packages in ``plugins``. Nothing is loaded until a photo comes.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.artifacts.bundles import missing
from engine.artifacts.store import Store
from engine.errors import InputError
from engine.geometry.grid import Grid
from engine.partitions.cell_rows import SharedLattice, cell_rows
from engine.partitions.geocells import Geocells
from engine.partitions.partition import RowSource
from engine.predictors import attribute_prompts, cell_classifier, geoclip, osv5m, plonk, street_prompts
from engine.predictors.base import Predictor, Record
from engine.predictors.prompts.towns import Towns, shipped_towns


@dataclass(frozen=True, eq=False)
class BuildContext:
    """What predictors are made from.

    Attributes:
        store: where weights are.
        cells: the geocells of the world, in the order of the labels of its partition of that name.
        cache: folder of computed embeddings, or None.
        towns: a list of towns for StreetCLIP; None takes those of GeoNames that ship.
    """

    store: Store
    cells: Geocells
    cache: Path | None = None
    towns: Towns | None = None


@dataclass(frozen=True, eq=False)
class PartitionSource:
    """A partition that a world has to have before a predictor can speak.

    Attributes:
        name: of the partition.
        digest: of its cells, for the name of the stored world.
        draw: draws it on a grid.
    """

    name: str
    digest: str
    draw: Callable[[Grid], RowSource]


@dataclass(frozen=True, eq=False)
class PredictorOption:
    """One predictor that can be had.

    Attributes:
        record: what it says of itself; its name is the offer's.
        artifact: the record to fetch, with all that it needs.
        make: makes it.
        default_on: whether it answers as soon as it is here, without being asked for.
        partitions: what a world must have besides the usual partitions; asked only when the artifact is here.
        uses_towns: whether a list of towns of the user's own changes what it says.
        present: tells whether its files are here, where that is not simply all files of the artifact.
        finer_cells: whether it can be asked on finer geocells than the usual ones.
    """

    record: Record
    artifact: str
    make: Callable[[BuildContext], Predictor]
    default_on: bool = False
    partitions: Callable[[Store], tuple[PartitionSource, ...]] = lambda _: ()
    uses_towns: bool = False
    present: Callable[[Store], bool] | None = None
    finer_cells: bool = False

    def ready(self, store: Store) -> bool:
        """Whether all files are on this machine."""
        return not missing(store, self.artifact) if self.present is None else self.present(store)

    def non_commercial(self, store: Store) -> bool:
        """Whether a licence among its files forbids commercial use, so that the user has to agree first."""
        return any(record.non_commercial for record in store.catalog.bundle(self.artifact))


def predictor_options() -> tuple[PredictorOption, ...]:
    """Every predictor that can be had, the most useful first."""
    return (
        PredictorOption(geoclip.RECORD, geoclip.ARTIFACT, _geoclip, default_on=True, finer_cells=True),
        PredictorOption(attribute_prompts.RECORD, attribute_prompts.BACKBONE, _attribute_prompts),
        PredictorOption(
            osv5m.RECORD,
            osv5m.ARTIFACT,
            lambda context: osv5m.Osv5m.from_store(context.store),
            partitions=_osv5m_cells,
        ),
        *(PredictorOption(each.record, each.artifact, _plonk(each.artifact)) for each in plonk.VARIANTS),
        PredictorOption(
            street_prompts.RECORD,
            street_prompts.ARTIFACT,
            _street_prompts,
            partitions=_countries,
            uses_towns=True,
        ),
        PredictorOption(
            cell_classifier.RECORD,
            cell_classifier.ARTIFACT,
            lambda context: cell_classifier.CellClassifier.from_store(context.store),
            partitions=_classifier_cells,
            present=cell_classifier.is_supplied,
        ),
    )


def predictor_option(name: str) -> PredictorOption:
    """The offer of that name, or the one that the record of that name makes: ``osv5m`` and ``osv5m_baseline`` are one.

    Raises:
        InputError: there is none.
    """
    known = {each.record.name: each for each in predictor_options()}
    by_artifact = {each.artifact: each for each in predictor_options()}
    if name not in known and name not in by_artifact:
        raise InputError(f"There is no predictor {name!r} to be had; choose one of: {', '.join(known)}.")
    return known[name] if name in known else by_artifact[name]


def geocells_source(cells: Geocells) -> PartitionSource:
    """Geocells as a partition that a world can be given; drawn by rows, so that no grid is too large."""

    def draw(grid: Grid) -> RowSource:
        return cell_rows(cells.name, cells.ids, cells.tokens, SharedLattice.of(grid))

    return PartitionSource(cells.name, hashlib.sha256(cells.ids.tobytes()).hexdigest()[:16], draw)


def _geoclip(context: BuildContext) -> Predictor:
    return geoclip.GeoClip.from_store(context.cells, context.store, context.cache)


def _attribute_prompts(context: BuildContext) -> Predictor:
    return attribute_prompts.AttributePrompts.from_store(context.store, context.cache)


def _plonk(artifact: str) -> Callable[[BuildContext], Predictor]:
    return lambda context: plonk.Plonk.from_store(artifact, context.cells, context.store)


def _street_prompts(context: BuildContext) -> Predictor:
    towns = context.towns if context.towns is not None else shipped_towns(street_prompts.country_names())
    encoders = street_prompts.Encoders.from_store(context.store, context.cache)
    return street_prompts.StreetView.of(context.cells, towns, encoders)


def _countries(_: Store) -> tuple[PartitionSource, ...]:
    digest = street_prompts.countries_digest()
    return (PartitionSource(street_prompts.PARTITION, digest, street_prompts.country_rows),)


def _osv5m_cells(store: Store) -> tuple[PartitionSource, ...]:
    cells = osv5m.published_cells(store)
    return (PartitionSource(osv5m.PARTITION, cells.digest, lambda grid: osv5m.boxes_partition(cells, grid)),)


def _classifier_cells(store: Store) -> tuple[PartitionSource, ...]:
    return (geocells_source(cell_classifier.supplied_cells(store)),)

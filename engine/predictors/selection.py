"""Which fetched models are asked about photos: the user's choices, kept beside the models, and what they make.

GeoCLIP is asked as soon as it is here, on the usual geocells or on finer ones; the others when somebody switches them
on. A model whose licence forbids
commercial use is asked only after the user has agreed to that. Dashboard, command line and Python read the same
choices, so they give the same region. Nothing here is sent anywhere.
"""

import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.artifacts.catalog import Kind
from engine.artifacts.download import disk_error
from engine.artifacts.store import Store
from engine.errors import HereaboutsError, InputError, PredictorError
from engine.files import write_text
from engine.partitions.geocells import Geocells
from engine.partitions.photo_locations import default_geocells
from engine.predictors.base import Predictor
from engine.predictors.catalogue import (
    BuildContext,
    PartitionSource,
    PredictorOption,
    geocells_source,
    predictor_options,
)
from engine.predictors.geoclip import finest_geocells
from engine.predictors.plugins import BrokenPlugin
from engine.predictors.prompts.towns import read_towns_csv

FILE, TOWNS = "choices.json", "towns.csv"
FINE, FINEST = "fine", "finest"
"""The usual geocells, some 13,000, and those of single photo places, some 57,000; see ``finest_geocells``."""


@dataclass(frozen=True)
class Choices:
    """What the user chose.

    Attributes:
        asked: predictor name to whether it is asked; a missing name follows its offer.
        agreed: names of catalogue records whose licence against commercial use the user has agreed to.
        quiet: whether the offer to fetch GeoCLIP was sent away.
        geocells: ``FINE`` or ``FINEST``, on which the predictors answer that can be asked on finer cells.
    """

    asked: Mapping[str, bool] = field(default_factory=dict)
    agreed: tuple[str, ...] = ()
    quiet: bool = False
    geocells: str = FINE


def read_choices(store: Store) -> Choices:
    """The choices of this machine; those of a first run when there is no file, or none that can be read."""
    try:
        found: Any = json.loads((store.root / FILE).read_text(encoding="utf-8"))
        asked = {str(name): bool(on) for name, on in found["asked"].items()}
        agreed, cells = tuple(str(name) for name in found["agreed"]), found.get("geocells", FINE)
        return Choices(asked, agreed, bool(found["quiet"]), cells if cells in (FINE, FINEST) else FINE)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Choices()


def write_choices(store: Store, choices: Choices) -> None:
    """Store the choices, whole or not at all.

    Raises:
        ArtifactError: the store's folder cannot be written.
    """
    path = store.root / FILE
    facts = {"asked": dict(choices.asked), "agreed": list(choices.agreed), "quiet": choices.quiet}
    facts |= {"geocells": choices.geocells} if choices.geocells != FINE else {}
    try:
        write_text(path, json.dumps(facts, indent=1))
    except OSError as error:
        raise disk_error(error, path) from error


def ask(store: Store, predictor: str, on: bool) -> None:
    """Switch a predictor on or off for good."""
    choices = read_choices(store)
    write_choices(store, replace(choices, asked={**choices.asked, predictor: on}))


def agree(store: Store, artifact: str) -> None:
    """Remember that the user agreed to every licence against commercial use in a bundle; writes only what is new."""
    choices = read_choices(store)
    named = [record.name for record in store.catalog.bundle(artifact) if record.non_commercial]
    agreed = tuple(dict.fromkeys([*choices.agreed, *named]))
    if agreed != choices.agreed:
        write_choices(store, replace(choices, agreed=agreed))


def dismiss_offer(store: Store) -> None:
    """Remember that the offer to fetch GeoCLIP was sent away."""
    write_choices(store, replace(read_choices(store), quiet=True))


def use_geocells(store: Store, geocells: str) -> None:
    """Choose the geocells of the predictors that can be asked on finer ones.

    Raises:
        InputError: there are no geocells of that name.
        ArtifactError: the store's folder cannot be written.
    """
    if geocells not in (FINE, FINEST):
        raise InputError(f"There are no geocells {geocells!r}; choose {FINE} or {FINEST}.")
    write_choices(store, replace(read_choices(store), geocells=geocells))


def selected_cells(store: Store) -> Geocells:
    """The geocells of the predictors that can be asked on finer ones."""
    return finest_geocells() if read_choices(store).geocells == FINEST else default_geocells("fine")


def is_licence_accepted(option: PredictorOption, store: Store, choices: Choices) -> bool:
    """Whether no licence stands in the way of asking a model."""
    bundle = store.catalog.bundle(option.artifact)
    return all(record.name in choices.agreed for record in bundle if record.non_commercial)


def is_wanted(option: PredictorOption, choices: Choices) -> bool:
    """Whether a predictor is to be asked once it is here."""
    return choices.asked.get(option.record.name, option.default_on)


def towns_file(store: Store) -> Path | None:
    """The user's list of towns, ``towns.csv`` in the folder filled by hand or in the store's own; None without one."""
    folders = [folder for folder in (store.by_hand, store.root) if folder is not None]
    return next((folder / TOWNS for folder in folders if (folder / TOWNS).is_file()), None)


def chosen(store: Store) -> tuple[PredictorOption, ...]:
    """The offers that are here, wanted and agreed to, in the order of all offers."""
    choices = read_choices(store)
    return tuple(
        each
        for each in predictor_options()
        if is_wanted(each, choices) and is_licence_accepted(each, store, choices) and each.ready(store)
    )


def selected_partitions(store: Store) -> tuple[PartitionSource, ...]:
    """What a world must have, besides the usual partitions, for the predictors that answer photos.

    A checkpoint that is damaged brings none; its predictor says so itself when it is asked.
    """
    sources: dict[str, PartitionSource] = {}
    for each in chosen(store):
        with suppress(HereaboutsError):
            sources |= {source.name: source for source in _required_partitions(each, store)}
    return tuple(sources.values())


def selected_predictors(
    store: Store, cells: Geocells, partitions: Collection[str], cache: Path | None = None
) -> tuple[Predictor, ...]:
    """The fetched predictors that answer photos; none of them loads a network before a photo comes.

    Args:
        store: where the weights are.
        cells: the usual geocells of the world; those that can be asked on finer ones follow the user's choice.
        partitions: names of the partitions that the world has.
        cache: folder for computed embeddings.

    Returns:
        Each of them; one that cannot be made is there all the same and answers every photo with the reason.
    """
    return tuple(_build(each, store, cells, partitions, cache) for each in chosen(store))


def _build(
    option: PredictorOption, store: Store, cells: Geocells, partitions: Collection[str], cache: Path | None
) -> Predictor:
    try:
        if lacking := [source for source in _required_partitions(option, store) if source.name not in partitions]:
            raise PredictorError(
                f"{option.record.title} speaks of cells ({lacking[0].name}) that this map was made without; "
                "start Hereabouts again."
            )
        cells = finest_geocells() if _is_finest(option, store) else cells
        towns = towns_file(store) if option.uses_towns else None
        return option.make(BuildContext(store, cells, cache, read_towns_csv(towns) if towns is not None else None))
    except HereaboutsError as error:
        return BrokenPlugin(option.record, str(error))


def _required_partitions(option: PredictorOption, store: Store) -> tuple[PartitionSource, ...]:
    """What a world must have for a predictor, besides the usual partitions."""
    finer = (geocells_source(finest_geocells()),) if _is_finest(option, store) else ()
    return (*option.partitions(store), *finer)


def _is_finest(option: PredictorOption, store: Store) -> bool:
    return option.finer_cells and read_choices(store).geocells == FINEST


def stamp(store: Store) -> tuple[tuple[str, int, int], ...]:
    """What a locator depends on: the files of the chosen predictors, with size and time of change.

    It differs whenever a model was fetched, removed, replaced, switched on or off, or is asked on other geocells; reads
    names and sizes only.
    """
    return tuple((_name_with_cells(each, store), *_size_and_time(store, each)) for each in chosen(store))


def _name_with_cells(option: PredictorOption, store: Store) -> str:
    return f"{option.record.name} on {FINEST} cells" if _is_finest(option, store) else option.record.name


def _size_and_time(store: Store, option: PredictorOption) -> tuple[int, int]:
    records = [record for record in store.catalog.bundle(option.artifact) if record.kind is not Kind.PACKAGE]
    paths = [file.path for record in records for file in store.status(record.name).files if file.path is not None]
    towns = towns_file(store) if option.uses_towns else None
    stats = []
    for path in [*paths, *([towns] if towns is not None else [])]:
        with suppress(OSError):  # removed since it was listed: the next stamp tells
            stats.append(path.stat())
    return sum(stat.st_size for stat in stats), max((stat.st_mtime_ns for stat in stats), default=0)

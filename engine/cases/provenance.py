"""Provenance of a case: the versions, map data and predictors that it was made with, and what differs here."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from engine.cases.case import Case
from engine.cases.fields import key_text
from engine.cases.parts import SHORT_DIGEST, CaseSettings, Provenance
from engine.errors import LayerError
from engine.evidence.countries.regions import TABLE as LANGUAGES_TABLE
from engine.layers import builtin
from engine.layers.confusion import TABLE as CONFUSION_TABLE
from engine.layers.shipped import shipped_partitions
from engine.locate.locator import Locator
from engine.locate.settings import Settings
from engine.partitions.overlay import Overlay

STATEMENTS = "of_statements"
"""Key among the layers for all partitions that statements read."""

MOST_DIFFERENCES = 8
"""Most sentences on differences; a forged file can differ in hundreds of things."""


def case_settings(locator: Locator, settings: Settings, dependence: float | None = None) -> CaseSettings:
    """Settings of a case: the weight of every predictor is written out, so that no later default changes it.

    Args:
        locator: its predictors are listed.
        settings: of the analyst; its evidence is stored in the case itself.
        dependence: see ``CaseSettings``.
    """
    usual = {predictor.record.name: predictor.record.weight for predictor in locator.predictors}
    return CaseSettings(
        weights={**usual, **settings.weights},
        prior_weight=settings.prior_weight,
        pooling=settings.pooling,
        floors=settings.floors,
        declared=settings.declared,
        dependence=dependence,
    )


def describe_provenance(locator: Locator, regions: Mapping[str, str] | None = None) -> Provenance:
    """The provenance of a case that is made on this machine.

    Args:
        locator: that answered.
        regions: per photo, ``together`` or ``evidence`` the sha256 of the resulting region.
    """
    return Provenance(
        version=engine_version(),
        world=locator.world.digest or world_digest(locator.world.overlay),
        layers={**{layer.name: layer.sha256[:SHORT_DIGEST] for layer in locator.world.layers}, **_statement_layers()},
        predictors=tuple(predictor.record.name for predictor in locator.predictors),
        regions=regions or {},
    )


def local_settings(case: Case, locator: Locator) -> Settings:
    """The case's settings for a locator of this machine: a predictor that is not in its provenance stays off."""
    settings = case.locator_settings
    if not case.made.predictors:
        return settings
    names = [predictor.record.name for predictor in locator.predictors]
    off = {name: 0.0 for name in names if name not in case.made.predictors and name not in case.settings.weights}
    return Settings(**{**vars(settings), "weights": {**settings.weights, **off}})


def differences(case: Case, locator: Locator) -> tuple[str, ...]:
    """Sentences on what differs from when the case was saved; empty where nothing differs or provenance is missing."""
    made, here = case.made, describe_provenance(locator)
    data = [
        *_layer_differences(made.layers, here.layers, stated=bool(case.evidence)),
        *_predictor_differences(case, locator),
    ]
    if len(data) > MOST_DIFFERENCES:
        data = [
            *data[: MOST_DIFFERENCES - 1],
            f"{len(data) - MOST_DIFFERENCES + 1} more things differ from when the case was saved.",
        ]
    if made.world and made.world != here.world and not data:
        data = ["The map data differs from when the case was saved."]
    if made.version and made.version != here.version:
        data.append(f"The case was saved by Hereabouts {made.version}; this is {here.version}.")
    return tuple(data)


def newer_note(case: Case) -> str:
    """A sentence where the case has fields that this Hereabouts does not know; else empty."""
    if not case.unknown_fields:
        return ""
    names = ", ".join(dict.fromkeys(key_text(key) for _, key, _ in case.unknown_fields))[:120]
    return f"A newer Hereabouts saved the case; its fields {names} are unknown here; they are stored but not used."


def engine_version() -> str:
    """The version of Hereabouts, as installed."""
    try:
        return version("hereabouts")
    except PackageNotFoundError:  # run from a folder without being installed
        return "unknown"


def world_digest(overlay: Overlay) -> str:
    """Digest of the cells of a map of the Earth: equal where cell for cell has the same labels."""
    state = hashlib.sha256(f"{overlay.grid.shape}".encode())
    for table in overlay.tables:
        state.update(f"{table.name} {len(table.labels)} {' '.join(table.labels)}".encode())
        state.update(np.ascontiguousarray(table.cell_label, "<i4").tobytes())
    return state.hexdigest()[:SHORT_DIGEST]


def _statement_layers() -> dict[str, str]:
    """One digest of all partitions and tables that statements read.

    None where they cannot be read, which answering reports.
    """
    with suppress(LayerError):
        tables = [builtin.record(name).sha256 for name in (CONFUSION_TABLE, LANGUAGES_TABLE)]
        state = " ".join([*(each.digest for each in shipped_partitions()), *tables])
        return {STATEMENTS: hashlib.sha256(state.encode()).hexdigest()[:SHORT_DIGEST]}
    return {}


def _layer_differences(then: Mapping[str, str], here: Mapping[str, str], stated: bool) -> list[str]:
    """Sentences on layers; those of statements count only where something is stated."""
    words = []
    for name in sorted({*then, *here} if then else ()):
        if name == STATEMENTS and not stated:
            continue
        what = "The data behind the evidence" if name == STATEMENTS else f"The data of the layer {name}"
        if name not in here:
            words.append(f"{what} are not here; the case was made with them.")
        elif name not in then:
            words.append(f"{what} are here and were not when the case was saved.")
        elif then[name] != here[name]:
            words.append(f"{what} are not those that the case was made with.")
    return words


def _predictor_differences(case: Case, locator: Locator) -> list[str]:
    here = {predictor.record.name: predictor.record.title for predictor in locator.predictors}
    then = case.made.predictors
    words = [f"{name} was asked when the case was saved and is not here." for name in then if name not in here]
    if then:
        more = [title for name, title in here.items() if name not in then and name not in case.settings.weights]
        words += [f"{title} is here and was not asked when the case was saved; it stays off." for title in more]
    return words

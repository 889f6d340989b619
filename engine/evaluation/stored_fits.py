"""Finds the stored results of an evaluation: the fitted pooling and the calibration for given settings.

The dashboard, the command line and batches all use it, so that they pool in the same way and state the same hit rate.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from engine.errors import ArtifactError
from engine.evaluation.calibration import Calibration, find_calibration
from engine.evaluation.fitted_pooling import FittedPooling, load_fitted
from engine.evaluation.records import records_folder
from engine.inference.pooling import Pooling
from engine.locate.locator import Locator
from engine.locate.settings import Settings
from engine.predictors.base import Record

FITTED = "fitted-pooling.json"


def find_fit(locator: Locator, folder: Path | None = None) -> FittedPooling | None:
    """The stored fit, if it is for exactly the locator's predictors and grid; else None.

    Args:
        locator: its predictors and grid are compared.
        folder: where records are; see ``records_folder``.
    """
    fit = load_stored_fit(folder)
    names = [predictor.record.name for predictor in locator.predictors]
    return fit if fit is not None and fit.fits(names, grid_text(locator)) else None


def load_stored_fit(folder: Path | None = None) -> FittedPooling | None:
    """The stored fit, whatever its predictors; None where there is none or it is damaged."""
    path = (folder or records_folder()) / FITTED
    try:
        return load_fitted(path) if path.is_file() else None
    except ArtifactError:
        return None


def with_fit(settings: Settings, fit: FittedPooling) -> Settings:
    """The settings with the fitted weights, prior weight and floors."""
    floors = dict.fromkeys(fit.weights, fit.floor)
    return replace(
        settings,
        weights=dict(fit.weights),
        prior_weight=fit.prior_weight,
        pooling=Pooling.CORRECTED,
        floors=floors,
    )


def settings_in_use(settings: Settings, load: Callable[[], Locator]) -> Settings:
    """The settings, with the stored fit in place of default weights.

    Args:
        settings: requested settings; weights, prior weight or pooling that differ from the defaults stay.
        load: returns the locator; called only where there is a stored fit.
    """
    chosen = settings.weights or settings.prior_weight != 1.0 or settings.pooling is not Pooling.CORRECTED
    if chosen or load_stored_fit() is None:
        return settings
    fit = find_fit(load())
    return settings if fit is None else with_fit(settings, fit)


def find_stored_calibration(
    records: Sequence[Record], settings: Settings, grid: str, folder: Path | None = None
) -> Calibration | None:
    """The stored calibration for maps pooled in this way; None where the analyst's evidence counts.

    Args:
        records: of all predictors in use.
        settings: of the pooling.
        grid: rows x columns.
        folder: where records are; see ``records_folder``.
    """
    if settings.declared or any(each.on for each in settings.evidence):
        return None
    weights = {record.name: float(settings.weights.get(record.name, record.weight)) for record in records}
    where = folder or records_folder()
    return find_calibration(where, weights, settings.prior_weight, str(settings.pooling), grid, settings.floors)


def grid_text(locator: Locator) -> str:
    """The locator's grid in the format of records."""
    return "x".join(str(size) for size in locator.world.overlay.grid.shape)

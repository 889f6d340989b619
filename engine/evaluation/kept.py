"""What an evaluation left for the next answers: the fitted pooling and the calibration that go with some settings.

The dashboard, the command line and batches all ask here, so that they pool in the same way and state the same hit rate.
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


def kept_fit(locator: Locator, folder: Path | None = None) -> FittedPooling | None:
    """The fit that was kept, if it was made for exactly the locator's predictors on its grid; None else.

    Args:
        locator: whose predictors and grid are compared.
        folder: where records are; see ``records_folder``.
    """
    fit = any_kept_fit(folder)
    names = [predictor.record.name for predictor in locator.predictors]
    return fit if fit is not None and fit.fits(names, grid_text(locator)) else None


def any_kept_fit(folder: Path | None = None) -> FittedPooling | None:
    """The fit that was kept, whatever it was made for; None where there is none or it is damaged."""
    path = (folder or records_folder()) / FITTED
    try:
        return load_fitted(path) if path.is_file() else None
    except ArtifactError:
        return None


def with_fit(settings: Settings, fit: FittedPooling) -> Settings:
    """The same statements of the analyst, pooled as fitted."""
    floors = dict.fromkeys(fit.weights, fit.floor)
    return replace(
        settings,
        weights=dict(fit.weights),
        prior_weight=fit.prior_weight,
        pooling=Pooling.CORRECTED,
        floors=floors,
    )


def settings_in_use(settings: Settings, load: Callable[[], Locator]) -> Settings:
    """The settings, with a kept fit in place of weights that nobody chose.

    Args:
        settings: what was asked for; weights, prior weight or pooling other than the plain ones stay as they are.
        load: gives the locator; called only where there is a fit to compare it with.
    """
    chosen = settings.weights or settings.prior_weight != 1.0 or settings.pooling is not Pooling.CORRECTED
    if chosen or any_kept_fit() is None:
        return settings
    fit = kept_fit(load())
    return settings if fit is None else with_fit(settings, fit)


def kept_calibration(
    records: Sequence[Record], settings: Settings, grid: str, folder: Path | None = None
) -> Calibration | None:
    """The calibration that was kept for maps pooled in this way; None where the analyst's own evidence counts.

    Args:
        records: of all predictors that are asked.
        settings: how their answers are pooled.
        grid: rows x columns.
        folder: where records are; see ``records_folder``.
    """
    if settings.declared or any(each.on for each in settings.evidence):
        return None
    weights = {record.name: float(settings.weights.get(record.name, record.weight)) for record in records}
    where = folder or records_folder()
    return find_calibration(where, weights, settings.prior_weight, str(settings.pooling), grid, settings.floors)


def grid_text(locator: Locator) -> str:
    """The locator's grid as records write it."""
    return "x".join(str(size) for size in locator.world.overlay.grid.shape)

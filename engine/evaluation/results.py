"""What `hereabouts evaluate` leaves in its folder, written and read back."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import ArtifactError, ExportError
from engine.evaluation.benchmark import Evaluation, summary
from engine.evaluation.cell_samples import cell_samples
from engine.evaluation.plots import save_figures
from engine.evaluation.records import write_text
from engine.evaluation.run import Outcome
from engine.evaluation.tables import report_markdown
from engine.files import atomic_path

if TYPE_CHECKING:
    import pyarrow as pa

SUMMARY, TABLES, PHOTOS, FITTED = "summary.json", "tables.md", "photos.parquet", "fitted-pooling.json"


@dataclass(frozen=True, eq=False)
class StoredResults:
    """Results in a folder: the summary, and one row per photo and ensemble."""

    summary: dict[str, Any]
    photos: "pa.Table"


def write_results(outcome: Outcome, folder: Path, title: str, figures: bool = True, seed: int = 0) -> dict[str, Any]:
    """Write ``summary.json``, ``tables.md``, ``photos.parquet``, figures and records; the summary is returned.

    Raises:
        ExportError: a file cannot be written, or figures are wanted and matplotlib is missing.
    """
    facts = summary(outcome.evaluation, seed=seed)
    write_text(folder / SUMMARY, json.dumps(facts, indent=1, allow_nan=False))
    write_text(folder / TABLES, report_markdown(facts, title))
    write_photos(outcome.evaluation, folder / PHOTOS)
    if outcome.fitted is not None:
        outcome.fitted.save(folder / FITTED)
    for name, calibration in outcome.calibrations.items():
        calibration.save(folder / f"calibration-{name}.json")
    if figures:
        save_figures(outcome.evaluation, facts, folder)
    return facts


def photo_table(evaluation: Evaluation) -> "pa.Table":
    """One row per photo and ensemble: the truth, the areas, the mass above the truth, the top location."""
    import pyarrow as pa

    overlay, used = evaluation.world.overlay, evaluation.manifest
    latitude, longitude = cell_samples(overlay).anchor_point
    groups = {g.name: pa.array(np.array(g.labels, dtype=object)[g.group].tolist()) for g in evaluation.groups}
    paths = [str(path) if path else None for path in used.paths] if used.paths else [None] * len(used)
    everyone = np.arange(len(used))
    balanced = np.isin(everyone, everyone if evaluation.balance is None else evaluation.balance)
    parts = []
    for one in evaluation.measured:
        scores = one.scores
        parts.append(
            pa.table(
                {
                    "id": pa.array(used.ids, pa.string()),
                    "path": pa.array(paths, pa.string()),
                    "lat": used.latitude,
                    "lon": used.longitude,
                    **groups,
                    "balanced": balanced,
                    "ensemble": pa.array([one.ensemble.name] * len(used), pa.string()),
                    "reach_km2": scores.reach_km2,
                    "denser_km2": scores.denser_km2,
                    "mass_above": scores.mass_above,
                    "mass_tied": scores.mass_tied,
                    "nats": scores.nats,
                    "top_lat": latitude[scores.top_cell],
                    "top_lon": longitude[scores.top_cell],
                    "error_km": one.error_km,
                }
            )
        )
    return pa.concat_tables(parts)


def write_photos(evaluation: Evaluation, path: Path) -> None:
    """Write ``photo_table`` as Parquet. Raises ExportError if that is not possible."""
    from pyarrow import parquet

    try:
        with atomic_path(path) as temporary:
            parquet.write_table(photo_table(evaluation), temporary, compression="zstd")
    except OSError as error:
        raise ExportError(
            f"{path} could not be written ({error.strerror}); choose another folder with --out."
        ) from error


def read_results(folder: Path) -> StoredResults:
    """Results that ``write_results`` left in a folder.

    Raises:
        ArtifactError: they are missing or damaged.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        facts = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        return StoredResults(facts, parquet.read_table(folder / PHOTOS))
    except (OSError, ValueError, pa.ArrowInvalid) as error:
        raise ArtifactError(
            f"{folder} holds no results of hereabouts evaluate; evaluate a manifest into it first."
        ) from error

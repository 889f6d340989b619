"""Heads on a table of features: a calibrated multinomial classifier in seconds, with no image and no GPU.

A table (Parquet or CSV) has an id and columns of numbers: embeddings that ``hereabouts embed`` stored, or what another
network said of the same photos. The regression is that of ``engine.evaluation.feature_head``; the temperature is fitted
on validation photos. What comes out is the same checkpoint as a network's.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import InputError
from engine.evaluation.columns import ID_NAMES
from engine.evaluation.distance import match_ids
from engine.evaluation.feature_head import fit_head
from engine.evaluation.manifest import check_unique
from engine.partitions.partition import NOWHERE
from engine.predictors.attribute_head import CLIPPED, Attribute, HeadCheckpoint, HeadSpec, save_checkpoint
from engine.progress import Report
from engine.training.attributes import CARD, CHECKPOINT, LICENCE, REPORT, evaluation_set_text, write_card
from engine.training.figures import HeadFigures, fit_temperature, head_figures
from engine.training.labels import AttributeLayer, LabelArray, chosen_layers, label_shares
from engine.training.model_card import attribute_card, summary_sentence
from engine.training.preparation import SplitOptions, TrainingSet, label_photos, listed_photos, only, write_report
from engine.training.splits import TRAIN, VALIDATION
from engine.typing import FloatArray

if TYPE_CHECKING:
    import pyarrow as pa

METADATA = b"hereabouts"
"""Key of the Parquet metadata in which ``hereabouts embed`` says which encoder it used."""
NO_FEATURES = "no row in the table of features"
PARQUET = (".parquet", ".pq")


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """A table of numbers per photo.

    Attributes:
        ids: unique text per row.
        columns: names of the features.
        values: ``(rows, features)``, finite.
        excluded: rows that had something else than numbers.
        encoder: what made the embeddings: ``name`` and ``random_weights``; empty for tables from elsewhere.
    """

    ids: tuple[str, ...]
    columns: tuple[str, ...]
    values: FloatArray
    excluded: int
    encoder: dict[str, Any]


@dataclass(frozen=True, eq=False)
class FeatureOptions:
    """What to train: manifest (no photo is opened), table, output folder, attributes, and how photos are shared out."""

    manifest: Path
    table: Path
    out: Path
    layers: tuple[AttributeLayer, ...] = ()
    sharing: SplitOptions = field(default_factory=SplitOptions)


def read_table(path: Path) -> FeatureTable:
    """A table of features.

    Raises:
        InputError: the file cannot be read, has no id or no column of numbers, repeats an id, or has no usable row.
    """
    import pyarrow as pa

    table = _parquet(path) if path.suffix.lower() in PARQUET else _csv(path)
    named = {name.strip().lower(): name for name in table.column_names}
    key = next((named[name] for name in ID_NAMES if name in named), None)
    if key is None:
        raise InputError(f"{path.name} has no column for the id; name it 'id'.")
    columns = [name for name in table.column_names if name != key and _is_number(table.schema.field(name).type)]
    if not columns:
        raise InputError(f"{path.name} has no column of numbers beside the id; give one column per feature.")
    values = np.stack([table.column(n).cast(pa.float64()).to_numpy(zero_copy_only=False) for n in columns], axis=1)
    good = np.isfinite(values).all(axis=1)
    ids = tuple(str(text) for text, keep in zip(table.column(key).to_pylist(), good, strict=True) if keep)
    check_unique(ids, path.name)
    if not ids:
        raise InputError(f"{path.name} has no row of numbers; give one row of features per photo.")
    encoder = json.loads((table.schema.metadata or {}).get(METADATA, b"{}"))
    return FeatureTable(ids, tuple(columns), values[good], int((~good).sum()), encoder)


def train_features(options: FeatureOptions, report: Report | None = None) -> dict[str, Any]:
    """Fit heads on a table and write checkpoint, model card and report into ``options.out``.

    Returns:
        The report, as written to ``report.json``.

    Raises:
        InputError, LayerError, ExportError: a sentence each; see the parts.
    """
    table = read_table(options.table)
    photos = listed_photos(options.manifest)
    rows, strangers = match_ids(photos.rows.ids, table.ids)
    photos, _ = only(photos, ["" if key in rows else NO_FEATURES for key in photos.rows.ids])
    ready = label_photos(photos, options.layers or chosen_layers(), options.sharing)
    notes = [f"{strangers} rows of the table match no photo."] if strangers else []
    notes += [f"{table.excluded} rows of the table are not numbers."] if table.excluded else []
    ready = replace(ready, notes=(*ready.notes, *notes))
    values = table.values[[rows[key] for key in ready.photos.rows.ids]]
    fitted = []
    for column, layer in enumerate(ready.layers):
        if report is not None:
            report(f"Fitting {layer.name.replace('_', ' ')}", column / len(ready.layers))
        fitted.append(_fit_attribute(ready, column, layer, values, options.sharing.seed))
    return _write_outputs(options, table, ready, fitted)


@dataclass(frozen=True, eq=False)
class _FittedAttribute:
    """One attribute: its layer's facts, its linear map ``(J, F)`` on standardised features, and its figures."""

    attribute: Attribute
    mean: FloatArray
    spread: FloatArray
    weight: FloatArray
    bias: FloatArray
    ridge: float
    figures: HeadFigures


def _fit_attribute(
    ready: TrainingSet, column: int, layer: AttributeLayer, values: FloatArray, seed: int
) -> _FittedAttribute:
    train, label = ready.positions(TRAIN, column), ready.labels[:, column]
    head = fit_head(values[train], label[train], len(layer.labels), seed)
    validation = ready.positions(VALIDATION, column)
    held_out = ready.held_out[label[ready.held_out] != NOWHERE]

    def scores(positions: LabelArray) -> FloatArray:
        standard = np.clip((values[positions] - head.mean) / head.spread, -CLIPPED, CLIPPED)
        return np.asarray(standard @ head.weights[:, :-1].T + head.weights[:, -1], np.float64)

    temperature = fit_temperature(scores(validation), label[validation])
    prior = label_shares(label[train], len(layer.labels))
    figures = head_figures(layer.name, layer.labels, scores(held_out), label[held_out], temperature, prior)
    attribute = Attribute(layer.name, layer.labels, prior, temperature)
    return _FittedAttribute(
        attribute, head.mean, head.spread, head.weights[:, :-1], head.weights[:, -1], head.ridge, figures
    )


def _write_outputs(
    options: FeatureOptions, table: FeatureTable, ready: TrainingSet, fitted: Sequence[_FittedAttribute]
) -> dict[str, Any]:
    """Checkpoint (a network per attribute, each with its own scale), card and report."""
    import torch

    where = evaluation_set_text(ready)
    figures = [each.figures for each in fitted]
    told = {
        "manifest": options.manifest.name,
        "table": options.table.name,
        "features": len(table.columns),
        "encoder": table.encoder.get("encoder", ""),
        "ridge": {each.attribute.name: each.ridge for each in fitted},
        **ready.told(),
        "measured_on": where,
        "figures": [each.told() for each in figures],
    }
    specs = [
        HeadSpec(
            (each.attribute,), encoder=str(table.encoder.get("encoder", "")),
            random_weights=table.encoder.get("random_weights"), columns=table.columns,
        )
        for each in fitted
    ]  # fmt: skip
    states = [
        {
            "scale.mean": torch.from_numpy(each.mean),
            "scale.spread": torch.from_numpy(each.spread),
            f"heads.{each.attribute.name}.weight": torch.from_numpy(each.weight),
            f"heads.{each.attribute.name}.bias": torch.from_numpy(each.bias),
        }
        for each in fitted
    ]
    summary = "A linear head trained to read satellite layers off embeddings; " + summary_sentence(figures, where)
    source = f"hereabouts train attributes {options.manifest.name} --features {options.table.name}"
    facts = {"title": "Trained attributes (embeddings)", "licence": LICENCE, "summary": summary, "source": source}
    write_report(options.out / REPORT, told)
    save_checkpoint(options.out / CHECKPOINT, HeadCheckpoint(tuple(specs), tuple(states), facts))
    shown = {name: told[name] for name in ("manifest", "table", "features", "encoder", "ridge")}
    write_card(options.out / CARD, attribute_card(facts["title"], shown, figures, ready.told(), where))
    return told


def _parquet(path: Path) -> pa.Table:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return parquet.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(f"{path} cannot be read as Parquet; give a table with an id column.") from error


def _csv(path: Path) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv

    try:
        with path.open(encoding="utf-8-sig") as file:
            header = file.readline()
        text = {name.strip().strip('"'): pa.string() for name in header.split(",")}
        kept = {name: kind for name, kind in text.items() if name.lower() in ID_NAMES}
        return csv.read_csv(path, convert_options=csv.ConvertOptions(column_types=kept))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read; give a CSV or Parquet table with an id column.") from error
    except pa.ArrowInvalid as error:
        raise InputError(f"{path.name} is not a CSV table with commas; write id and one column per feature.") from error


def _is_number(kind: pa.DataType) -> bool:
    from pyarrow import types

    return bool(types.is_floating(kind) or types.is_integer(kind))

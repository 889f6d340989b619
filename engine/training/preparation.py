"""From a manifest to photos that can be learned from: opened, placed, labelled, balanced, split; the rest is counted.

The same for networks on pixels, heads on features and geocells. Trains nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.partitions.partition import NOWHERE
from engine.progress import Report
from engine.training.distributed import Group
from engine.training.duplicates import Pairs, duplicate_groups, near_pairs
from engine.training.labels import (
    AT_SEA,
    OVER_URBAN,
    URBAN_SHARE,
    AttributeLayer,
    LabelArray,
    chosen_layers,
    excess_urban,
    label_table,
    swapped_note,
    usable_attributes,
)
from engine.training.manifest import Rows, read_rows, resolve_coordinates
from engine.training.scan import NOT_A_PHOTO, Scanned, read_scan, scan
from engine.training.splits import TEST, TOO_CLOSE, TRAIN, VALIDATION, Split, split_photos

SAME_FILE = "the same file as another photo"
EXAMPLES = 5
BALANCED_LAYER, BALANCED_LABEL = "land_cover", "urban"


@dataclass(frozen=True, eq=False)
class SplitOptions:
    """How photos are balanced and shared out.

    Attributes:
        urban_share: largest share of urban land cover; 1 keeps every photo.
        validation, test: shares of the photos.
        seed: of every draw.
    """

    urban_share: float = URBAN_SHARE
    validation: float = 0.1
    test: float = 0.1
    seed: int = 0


@dataclass(frozen=True, eq=False)
class OpenedPhotos:
    """Photos with known places whose files were opened, where there are files.

    Attributes:
        rows: the photos.
        scanned: what is known of their files; empty when none was opened.
        pairs: positions that show the same picture.
        duplicates: counts and examples for the report.
        examples: sentences on files that could not be used, a few.
    """

    rows: Rows
    scanned: tuple[Scanned, ...] = ()
    pairs: Pairs = field(default_factory=lambda: np.empty((0, 2), np.int64))
    duplicates: Mapping[str, Any] = field(default_factory=dict)
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """Photos ready to be learned from.

    Attributes:
        photos: the photos, in order.
        layers: attributes that can be learned.
        labels: ``(photos, layers)``.
        split: the side of each photo.
        notes: sentences for the report.
    """

    photos: OpenedPhotos
    layers: tuple[AttributeLayer, ...]
    labels: LabelArray
    split: Split
    notes: tuple[str, ...] = ()

    @property
    def excluded(self) -> dict[str, int]:
        """Photos left out, by reason."""
        left = int((self.split.side < 0).sum())
        return {**self.photos.rows.excluded, **({TOO_CLOSE: left} if left else {})}

    def positions(self, side: int, column: int | None = None) -> LabelArray:
        """Photos of a side; with a column only those that have a label in it."""
        here = self.split.positions(side)
        known = self.labels[here] != NOWHERE
        return np.asarray(here[known[:, column] if column is not None else known.any(axis=1)], np.int64)

    @property
    def held_out(self) -> LabelArray:
        """Photos that figures are measured on: the test side, or validation where there is no test."""
        test = self.positions(TEST)
        return test if test.size else self.positions(VALIDATION)

    def told(self) -> dict[str, Any]:
        """Facts for the report and the model card."""
        sides = {"train": TRAIN, "validation": VALIDATION, "test": TEST}
        return {
            "photos": {name: int((self.split.side == side).sum()) for name, side in sides.items()},
            "excluded": self.excluded,
            "examples_of_excluded_files": list(self.photos.examples),
            "duplicates": dict(self.photos.duplicates),
            "split": self.split.note,
            "notes": list(self.notes),
        }


def open_manifest(
    manifest: Path, folder: Path, side: int, group: Group, report: Report | None = None, kept_bytes: int | None = None
) -> OpenedPhotos:
    """The photos of a manifest, each opened once by the first process; what is no photo is left out and counted.

    Raises:
        InputError: the manifest makes no sense or no photo is left.
        ExportError: the folder cannot be written.
    """
    rows = read_rows(manifest)
    paths = [path for path in rows.paths if path is not None]
    if group.is_first:
        limit = {} if kept_bytes is None else {"kept_bytes": kept_bytes}
        scan(rows.ids, paths, folder, side, report, **limit)
    group.wait()
    found = {one.id: one for one in read_scan(folder, side)}
    seen: set[str] = set()
    reasons = [_exclusion_reason(found[key], seen) for key in rows.ids]
    kept = resolve_coordinates(
        rows.keep(reasons),
        {one.id: (one.latitude, one.longitude) for one in found.values() if one.latitude is not None
         and one.longitude is not None},
    )  # fmt: skip
    scanned = tuple(found[key] for key in kept.ids)
    pairs = near_pairs([one.dhash for one in scanned])
    broken = [found[key].error for key in rows.ids if found[key].error]
    return OpenedPhotos(kept, scanned, pairs, _duplicates(kept, pairs, reasons), tuple(broken[:EXAMPLES]))


def listed_photos(manifest: Path) -> OpenedPhotos:
    """The photos of a manifest by their coordinates alone; no file is opened.

    Raises:
        InputError: the manifest makes no sense or no row is left.
    """
    return OpenedPhotos(resolve_coordinates(read_rows(manifest, need_photos=False), {}))


def label_photos(photos: OpenedPhotos, layers: Sequence[AttributeLayer], sharing: SplitOptions) -> TrainingSet:
    """Label, balance and split photos.

    Raises:
        InputError: no photo is left, or nothing can be learned from those that are.
        LayerError: a layer cannot be read.
    """
    rows = photos.rows
    note = swapped_note(layers, rows.latitude, rows.longitude)
    labels = label_table(layers, rows.latitude, rows.longitude)
    reasons = np.where((labels == NOWHERE).all(axis=1), AT_SEA, "").astype(object)
    usable = np.flatnonzero(reasons == "")
    balance = next((layer for layer in layers if layer.name == BALANCED_LAYER), None)
    if sharing.urban_share < 1.0 and usable.size:
        balance = balance or chosen_layers((BALANCED_LAYER,))[0]
        cover = balance.label_at(rows.latitude[usable], rows.longitude[usable])
        urban = balance.labels.index(BALANCED_LABEL) if BALANCED_LABEL in balance.labels else len(balance.labels)
        reasons[usable[excess_urban(cover, urban, sharing.urban_share, sharing.seed)]] = OVER_URBAN
    kept, left = only(photos, [str(reason) for reason in reasons])
    labels = labels[left]
    columns, notes = usable_attributes(layers, labels)
    chosen = tuple(layers[column] for column in columns)
    split = assign_sides(kept, sharing)
    return TrainingSet(kept, chosen, labels[:, columns], split, tuple(filter(None, [note, *notes])))


def assign_sides(photos: OpenedPhotos, sharing: SplitOptions) -> Split:
    """The side of each photo. Raises InputError when there are too few photos."""
    rows = photos.rows
    shares = (sharing.validation, sharing.test)
    return split_photos(rows.latitude, rows.longitude, rows.author, photos.pairs, rows.split, shares, sharing.seed)


def only(photos: OpenedPhotos, reasons: Sequence[str]) -> tuple[OpenedPhotos, LabelArray]:
    """The photos without a reason against them, and their positions among the old ones."""
    left = np.flatnonzero([not reason for reason in reasons])
    place = np.full(len(reasons), -1)
    place[left] = np.arange(left.size)
    pairs = place[photos.pairs]
    return replace(
        photos,
        rows=photos.rows.keep(reasons),
        scanned=tuple(photos.scanned[int(n)] for n in left) if photos.scanned else (),
        pairs=pairs[(pairs >= 0).all(axis=1)],
    ), left


def write_report(path: Path, told: Mapping[str, Any]) -> None:
    """The report of a training as JSON."""
    from engine.evaluation.records import write_text

    write_text(path, json.dumps(told, indent=1, allow_nan=False))


def _exclusion_reason(one: Scanned, seen: set[str]) -> str:
    if one.error:
        return NOT_A_PHOTO
    repeated = one.sha256 in seen
    seen.add(one.sha256)
    return SAME_FILE if repeated else ""


def _duplicates(rows: Rows, pairs: Pairs, reasons: Sequence[str]) -> dict[str, Any]:
    groups = duplicate_groups(len(rows), pairs)
    return {
        "same_file": sum(reason == SAME_FILE for reason in reasons),
        "same_picture_groups": len(groups),
        "same_picture_photos": sum(map(len, groups)),
        "examples": [[rows.ids[n] for n in group[:EXAMPLES]] for group in groups[:EXAMPLES]],
    }

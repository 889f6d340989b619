"""Map encoders of Kim, Jang and Kim, section 3.2: the last two blocks of CLIP, fine-tuned per zoom on tiles and photos.

For each photo of a batch its own tile is the right class and the tiles of the others the wrong ones: cosines, times
CLIP's factor 100, through a softmax and cross-entropy. Adam at 1e-4, batch 64, 5 epochs, split 10 : 1 : 1 (section 4).
Zoom 16 is learned first, from CLIP; each coarser zoom starts from the finer one's blocks. The photo encoder stays.

Two differences are said where they are made: equal tiles of a batch are one class (``zoom_training``), and the split
keeps places apart (``tile_pairs``). A state is written every few batches, and a run that was killed goes on with the
same order of photos.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import InputError
from engine.evaluation.records import write_text
from engine.progress import Part, Report
from engine.tile_search.imagery import TileSource
from engine.tile_search.tile_encoders import RECORD_FILE, MapEncoders, last_blocks, read_record
from engine.training.distributed import Group
from engine.training.tile_pairs import Pairs
from engine.training.zoom_training import TrainSettings, ZoomTraining

if TYPE_CHECKING:
    import torch


def train_map_encoders(
    pairs: Pairs,
    source: TileSource,
    encoders: MapEncoders,
    folder: Path,
    settings: TrainSettings | None = None,
    report: Report | None = None,
    group: Group | None = None,
) -> dict[str, Any]:
    """Train the map encoders, fine to coarse, into a folder; a zoom that is there is not learned again.

    Args:
        pairs: photos of ``read_pairs``.
        source: imagery; zooms that it lacks are left out.
        encoders: the plain encoders, on the device of the training.
        folder: where the blocks and their record go.
        settings: the paper's unless given.
        report: told how far it is; raising from it stops the training, which can be gone on with.
        group: the processes that train together.

    Returns:
        The record, as written to ``RECORD_FILE``.

    Raises:
        InputError: the folder holds a training of other photos or settings, or there is nothing to learn from.
    """
    settings, group = settings or TrainSettings(), group or Group()
    zooms = sorted((z for z in settings.zooms if source.record.min_zoom <= z <= source.record.max_zoom), reverse=True)
    if not zooms:
        raise InputError(f"{source.record.title} has none of the zooms {settings.zooms}; use another source.")
    mark = _fingerprint(pairs, source, encoders, settings)
    record = _record(folder, mark, source, settings)
    blocks = _own_blocks(encoders)
    for place, zoom in enumerate(zooms):
        if str(zoom) in record["zooms"]:
            _load_finished(blocks, folder, record["zooms"][str(zoom)])
            continue
        part = Part(report, f"Learning zoom {zoom}", place / len(zooms), (place + 1) / len(zooms))
        run = ZoomTraining(pairs, source, encoders, folder, settings, group, zoom, f"{mark}-{zoom}")
        entry = run.learn(blocks, part)
        record["zooms"][str(zoom)] = entry
        if group.is_first:
            write_text(folder / RECORD_FILE, json.dumps(record, indent=1))
        group.wait()
    return record


def _own_blocks(encoders: MapEncoders) -> torch.nn.ModuleList:
    """A copy of CLIP's last blocks that can learn."""
    import copy

    import torch

    module = encoders.encoder.backbone.module
    return torch.nn.ModuleList(copy.deepcopy(last_blocks(module))).requires_grad_(requires_grad=True)


def _load_finished(blocks: torch.nn.ModuleList, folder: Path, entry: dict[str, Any]) -> None:
    """Start the next zoom from a zoom that is done."""
    from engine.artifacts.weights import load_into, load_tensors

    load_into(blocks, load_tensors(folder / entry["file"]), entry["file"])


def _record(folder: Path, mark: str, source: TileSource, settings: TrainSettings) -> dict[str, Any]:
    """The record of a folder, begun or gone on with.

    Raises:
        InputError: it is of other photos or settings.
    """
    if (folder / RECORD_FILE).is_file():
        found = read_record(folder)
        if found.get("fingerprint") != mark:
            raise InputError(
                f"{folder} holds map encoders of other photos or settings; choose another folder with --out."
            )
        return found
    return {
        "format": 1,
        "kind": "map_encoders",
        "fingerprint": mark,
        "source": {"name": source.record.name, "attribution": source.record.attribution, "terms": source.record.terms},
        "settings": asdict(settings),
        "zooms": {},
    }


def _fingerprint(pairs: Pairs, source: TileSource, encoders: MapEncoders, settings: TrainSettings) -> str:
    """Of photos, imagery, encoder and settings; what a training may only be gone on with the same of."""
    digest = hashlib.sha256(json.dumps([asdict(settings), source.record.name, encoders.weights]).encode())
    for values in (pairs.latitude, pairs.longitude, pairs.embedding.astype(np.float16)):
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()[:16]

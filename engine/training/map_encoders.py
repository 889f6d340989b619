"""Map encoders of paper B, section 3.2: the last two blocks of CLIP, taught per zoom to put a tile beside its photos.

For each photo of a batch its own tile is the right class and the tiles of the others the wrong ones: cosines, times
CLIP's factor 100, through a softmax and cross-entropy. Adam at 1e-4, batch 64, 5 epochs, split 10 : 1 : 1 (section 4).
Zoom 16 is learned first, from CLIP; each coarser zoom starts from the finer one's blocks. The photo encoder stays.

Two differences, both said here: photos of one place share a tile, so equal tiles of a batch are one class (at zoom 4 a
third of a batch would otherwise be told that its own tile is wrong); and the split keeps photos of one zoom-12 tile on
one side, so that validation is not by heart. A state is written every few batches, and a run that was killed goes on
with the same order of photos.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.earth import tiles
from engine.earth.grid import IntArray
from engine.earth.sphere import FloatArray
from engine.earth.tiles import LEVELS, tile_of
from engine.errors import HereaboutsError, InputError
from engine.evaluation.manifest import Manifest
from engine.evaluation.records import write_text
from engine.photo import open_photo
from engine.preprocessing import Prepared, prepare
from engine.progress import Part, Report
from engine.search.calibration import Contest, fit_temperature, loss
from engine.search.imagery import SourceDown, TileSource
from engine.search.tile_embeddings import Vectors
from engine.search.tile_encoders import (
    PLAIN_TEMPERATURE,
    RECORD_FILE,
    MapEncoders,
    last_blocks,
    read_record,
    swap_blocks,
)
from engine.training.checkpoints import Progress, load_state, save_state, write_tensors
from engine.training.distributed import Group

if TYPE_CHECKING:
    import torch

SCALE = 100.0
"""Factor on cosines: what CLIP was trained with."""
SPLIT_ZOOM = 12
"""Photos of one tile of this zoom (about 8 km) stay on one side of the split."""
STATE_FILE = "state.safetensors"
TEST_FILE = "test.csv"
"""A manifest of the photos that were held out, for ``hereabouts evaluate-search``."""
TRAINING, VALIDATION, TESTING = 0, 1, 2
"""Sides of the split."""


@dataclass(frozen=True)
class TrainSettings:
    """How map encoders are trained; the paper's values.

    Attributes:
        zooms: coarse to fine; they are learned from fine to coarse.
        epochs: passes over the photos per zoom.
        batch: photos per step.
        learning_rate: of Adam.
        seed: of the split and the order of photos.
        save_every: batches between two states on disk.
    """

    zooms: tuple[int, ...] = LEVELS
    epochs: int = 5
    batch: int = 64
    learning_rate: float = 1e-4
    seed: int = 0
    save_every: int = 50

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 2 or not 0 < self.learning_rate < 1 or not self.zooms:
            raise InputError("Training needs a zoom, an epoch, a batch of 2 or more and a learning rate in (0, 1).")


@dataclass(frozen=True, eq=False)
class Pairs:
    """Photos with their places and their embeddings, split.

    Attributes:
        embedding: ``(photos, D)`` of length 1, by the unmodified encoder.
        latitude, longitude: ``(photos,)`` degrees.
        side: ``(photos,)`` ``TRAINING``, ``VALIDATION`` or ``TESTING``.
        left_out: photos that could not be used, by reason.
        row: ``(photos,)`` of the manifest, where they came from one.
    """

    embedding: Vectors
    latitude: FloatArray
    longitude: FloatArray
    side: IntArray
    left_out: dict[str, int] = field(default_factory=dict)
    row: IntArray | None = None


def split_sides(latitude: FloatArray, longitude: FloatArray, seed: int) -> IntArray:
    """Side of each photo, 10 : 1 : 1 by place: 0 training, 1 validation, 2 testing."""
    codes = tiles.codes_at(latitude, longitude, SPLIT_ZOOM)
    places, member = np.unique(codes, return_inverse=True)
    words = (hashlib.sha256(f"{seed} {code}".encode()).digest() for code in places.tolist())
    share = np.array([int.from_bytes(word[:4], "big") % 12 for word in words])
    return np.asarray(np.select([share == 10, share == 11], [VALIDATION, TESTING], TRAINING)[member], np.int64)


def read_pairs(manifest: Manifest, encoders: MapEncoders, seed: int = 0, report: Report | None = None) -> Pairs:
    """Photos of a manifest, encoded by the photo encoder; what cannot be opened is counted.

    Raises:
        InputError: hardly a photo can be used.
    """
    kept, vectors = [], []
    left_out: dict[str, int] = {}
    part = Part(report, "Reading the photos", 0.0, 1.0)
    for number, path in enumerate(manifest.paths):
        part(number / len(manifest))
        try:
            if path is None:
                raise InputError("The manifest names no file for this photo.")
            vectors.append(encoders.photo(open_photo(path)))
            kept.append(number)
        except HereaboutsError as error:
            reason = type(error).__name__
            left_out[reason] = left_out.get(reason, 0) + 1
    if len(kept) < 12:
        raise InputError(f"Only {len(kept)} photos can be used; training needs at least 12, and hundreds to be of use.")
    latitude, longitude = manifest.latitude[kept], manifest.longitude[kept]
    sides = split_sides(latitude, longitude, seed)
    return Pairs(np.stack(vectors), latitude, longitude, sides, left_out, np.array(kept, np.int64))


def write_test_manifest(folder: Path, manifest: Manifest, pairs: Pairs) -> Path | None:
    """Write the photos that no training saw as a manifest into a folder; None where there are none."""
    if pairs.row is None or not (held_out := pairs.row[pairs.side == TESTING]).size:
        return None
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["id", "path", "lat", "lon"])
    for row in held_out.tolist():
        place = repr(float(manifest.latitude[row])), repr(float(manifest.longitude[row]))
        lines.writerow([manifest.ids[row], Path(manifest.paths[row] or "").resolve(), *place])
    write_text(folder / TEST_FILE, text.getvalue())
    return folder / TEST_FILE


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
        run = _Run(pairs, source, encoders, folder, settings, group, zoom, f"{mark}-{zoom}")
        entry = run.learn(blocks, part)
        record["zooms"][str(zoom)] = entry
        if group.is_first:
            write_text(folder / RECORD_FILE, json.dumps(record, indent=1))
        group.wait()
    return record


@dataclass(frozen=True, eq=False)
class _Run:
    """The training of one zoom."""

    pairs: Pairs
    source: TileSource
    encoders: MapEncoders
    folder: Path
    settings: TrainSettings
    group: Group
    zoom: int
    mark: str

    def learn(self, blocks: torch.nn.ModuleList, part: Part) -> dict[str, Any]:
        """Train the blocks in place and write them; gives the record of the zoom."""
        import torch

        optimizer = torch.optim.Adam(blocks.parameters(), lr=self.settings.learning_rate)
        state, progress = self.folder / STATE_FILE, Progress(fingerprint=self.mark)
        if state.is_file() and _mark_of(state) == self.mark:
            progress = load_state(state, blocks, optimizer, self.mark)
        photos = np.flatnonzero(self.pairs.side == TRAINING)
        for epoch in range(progress.epoch, self.settings.epochs):
            progress = self._epoch(epoch, photos, blocks, optimizer, progress, part)
        return self._finished(blocks, progress)

    def _epoch(
        self,
        epoch: int,
        photos: IntArray,
        blocks: torch.nn.ModuleList,
        optimizer: torch.optim.Optimizer,
        progress: Progress,
        part: Part,
    ) -> Progress:
        """One pass over the photos, from where it was left."""
        order = np.random.default_rng([self.settings.seed, self.zoom, epoch]).permutation(photos)
        batches = [
            b for b in np.split(order, range(self.settings.batch, order.size, self.settings.batch)) if b.size > 1
        ]
        total = self.settings.epochs * max(len(batches), 1)
        loss_sum, count = progress.sums
        with ThreadPoolExecutor(max(self.source.record.parallel, 1)) as readers:
            for step in range(progress.step, len(batches)):
                part((epoch * len(batches) + step) / total)
                mean = self._step(batches[step], blocks, optimizer, readers)
                loss_sum, count = loss_sum + mean * batches[step].size, count + batches[step].size
                progress = replace(progress, epoch=epoch, step=step + 1, sums=(loss_sum, count))
                if (step + 1) % self.settings.save_every == 0:
                    self._save(blocks, optimizer, progress)
        row = {"epoch": epoch, "train_loss": loss_sum / max(count, 1)}
        contests = self._contests(blocks, VALIDATION)
        row["validation_loss"] = loss(SCALE, contests) if contests else float("nan")
        progress = replace(progress, epoch=epoch + 1, step=0, sums=(0.0, 0.0), history=(*progress.history, row))
        self._save(blocks, optimizer, progress)
        return progress

    def _step(
        self,
        batch: IntArray,
        blocks: torch.nn.ModuleList,
        optimizer: torch.optim.Optimizer,
        readers: ThreadPoolExecutor,
    ) -> float:
        """One batch; the mean loss, the same in every process."""
        import torch

        codes = tiles.codes_at(self.pairs.latitude[batch], self.pairs.longitude[batch], self.zoom)
        found = self._prepared(np.unique(codes), readers)
        known = np.array(sorted(found), np.int64)
        use = np.isin(codes, known)
        if known.size < 2:
            return 0.0
        with self.encoders.encoder._backbone.lock:
            embedded = self._gathered(blocks, [found[int(code)] for code in known])
        photos = torch.from_numpy(self.pairs.embedding[batch[use]]).to(embedded)
        target = torch.from_numpy(np.searchsorted(known, codes[use])).to(embedded.device)
        wrong = torch.nn.functional.cross_entropy(SCALE * photos @ embedded.T, target)
        optimizer.zero_grad(set_to_none=True)
        wrong.backward()  # type: ignore[no-untyped-call]
        self._share_gradients(blocks)
        optimizer.step()
        return float(wrong.detach())

    def _gathered(self, blocks: torch.nn.ModuleList, prepared: Sequence[Prepared]) -> torch.Tensor:
        """Unit embeddings of all tiles of a batch; each process encodes its share."""
        import torch

        size, rank = self.group.size, self.group.rank
        mine = range(rank, len(prepared), size)
        pixels = np.concatenate([prepared[n] for n in mine] or [np.zeros_like(prepared[0])])
        own = _embedded(self.encoders, blocks, pixels)
        if size == 1:
            return own
        longest = math.ceil(len(prepared) / size)
        padded = torch.nn.functional.pad(own, (0, 0, 0, longest - own.shape[0])) if own.shape[0] < longest else own
        from torch.distributed.nn.functional import all_gather

        everybody = torch.stack(all_gather(padded), dim=1)  # type: ignore[no-untyped-call]  # (longest, size, D)
        return everybody.reshape(-1, own.shape[1])[: len(prepared)]

    def _share_gradients(self, blocks: torch.nn.ModuleList) -> None:
        """Everybody's gradients summed: each process had the tiles of its share only."""
        if self.group.size == 1:
            return
        import torch

        for parameter in blocks.parameters():
            gradient = parameter.grad if parameter.grad is not None else torch.zeros_like(parameter)
            torch.distributed.all_reduce(gradient)
            parameter.grad = gradient / self.group.size  # every process held a copy of the same loss

    def _prepared(self, codes: IntArray, readers: ThreadPoolExecutor) -> dict[int, Prepared]:
        """Pictures of tiles, made ready; those that cannot be had are left out of the batch."""
        wanted = self.encoders.preprocessing

        def one(code: int) -> Prepared | None:
            try:
                pixels = self.source.read(tile_of(self.zoom, code))
            except SourceDown:
                raise
            except HereaboutsError:
                return None
            return None if pixels is None else prepare(pixels, wanted)

        found = zip(codes.tolist(), readers.map(one, codes.tolist()), strict=True)
        return {code: prepared for code, prepared in found if prepared is not None}

    def _contests(self, blocks: torch.nn.ModuleList, side: int) -> list[Contest]:
        """Each photo of a side of the split among the tiles of all its photos."""
        import torch

        photos = np.flatnonzero(self.pairs.side == side)
        codes = tiles.codes_at(self.pairs.latitude[photos], self.pairs.longitude[photos], self.zoom)
        with ThreadPoolExecutor(max(self.source.record.parallel, 1)) as readers:
            found = self._prepared(np.unique(codes), readers)
        known = np.array(sorted(found), np.int64)
        if known.size < 2:
            return []
        with torch.no_grad(), self.encoders.encoder._backbone.lock:
            parts = [
                _embedded(self.encoders, blocks, np.concatenate([found[int(code)] for code in known[at : at + 64]]))
                for at in range(0, known.size, 64)
            ]
        embedded = torch.cat(parts).float().cpu().numpy()
        use = np.isin(codes, known)
        cosine = self.pairs.embedding[photos[use]] @ embedded.T
        truth = np.searchsorted(known, codes[use])
        return [
            Contest(np.zeros(known.size), row.astype(np.float64), int(t)) for row, t in zip(cosine, truth, strict=True)
        ]

    def _finished(self, blocks: torch.nn.ModuleList, progress: Progress) -> dict[str, Any]:
        """Write the blocks of this zoom; gives their record."""
        path = self.folder / f"blocks-z{self.zoom:02d}.safetensors"
        contests = self._contests(blocks, VALIDATION)
        if self.group.is_first:
            write_tensors(path, blocks.state_dict(), {"zoom": self.zoom})
            (self.folder / STATE_FILE).unlink(missing_ok=True)
        self.group.wait()
        temperature = {"temperature": fit_temperature(contests, PLAIN_TEMPERATURE)} if contests else {}
        return {
            "file": path.name,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            **temperature,
            "validation_loss": loss(SCALE, contests) if contests else None,
            "test": _right(self._contests(blocks, TESTING)),
            "history": [_plain(row) for row in progress.history],
        }

    def _save(self, blocks: torch.nn.ModuleList, optimizer: torch.optim.Optimizer, progress: Progress) -> None:
        if self.group.is_first:
            clean = tuple(_plain(row) for row in progress.history)
            save_state(self.folder / STATE_FILE, blocks, optimizer, replace(progress, history=clean))


def _right(contests: Sequence[Contest]) -> dict[str, Any]:
    """How many held-out photos find their own tile first among the tiles of all of them."""
    right = sum(int(each.cosine.argmax()) == each.truth for each in contests)
    tiles_there = contests[0].cosine.size if contests else 0
    return {"photos": len(contests), "tiles": tiles_there, "share_right": right / len(contests) if contests else None}


def _embedded(encoders: MapEncoders, blocks: torch.nn.ModuleList, prepared: Prepared) -> torch.Tensor:
    """Unit embeddings of tiles with blocks that can learn; the network before them is left as it is."""
    import torch

    backbone = encoders.encoder._backbone
    visual: Any = getattr(backbone.module, "visual", backbone.module)
    device, dtype = torch.device(backbone.device.name), getattr(torch, backbone.device.dtype)
    plain = swap_blocks(backbone.module, blocks)
    try:
        pixels = torch.from_numpy(np.ascontiguousarray(prepared)).to(device, dtype)
        return torch.nn.functional.normalize(visual(pixels).float(), dim=-1)
    finally:
        swap_blocks(backbone.module, plain)


def _own_blocks(encoders: MapEncoders) -> torch.nn.ModuleList:
    """A copy of CLIP's last blocks that can learn."""
    import copy

    import torch

    module = encoders.encoder._backbone.module
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


def _mark_of(state: Path) -> str:
    """The fingerprint of a saved state; empty where it cannot be read, so that it is begun anew."""
    from engine.training.checkpoints import read_header

    try:
        return str(read_header(state)["progress"]["fingerprint"])
    except (HereaboutsError, KeyError, TypeError):
        return ""


def _plain(row: Any) -> dict[str, Any]:
    """A row of the history as JSON takes it: no NaN."""
    return {key: (None if isinstance(value, float) and math.isnan(value) else value) for key, value in row.items()}

"""The training of one zoom's map encoder: its batches, its state on disk, and how its held-out photos do.

Photos of one place share a tile, so equal tiles of a batch are one class: at zoom 4 a third of a batch would otherwise
be told that its own tile is wrong.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import HereaboutsError, InputError
from engine.geometry import web_mercator
from engine.geometry.web_mercator import LEVELS, tile_of
from engine.networks.preprocessing import Prepared, prepare
from engine.progress import Part
from engine.tile_search.calibration import CalibrationExample, fit_temperature, loss
from engine.tile_search.imagery import SourceDown, TileSource
from engine.tile_search.tile_encoders import PLAIN_TEMPERATURE, MapEncoders, swap_blocks
from engine.training.checkpoints import Progress, load_state, read_header, save_state, write_tensors
from engine.training.distributed import Group
from engine.training.tile_pairs import TESTING, TRAINING, VALIDATION, Pairs
from engine.typing import IntArray

if TYPE_CHECKING:
    import torch

SCALE = 100.0
"""Factor on cosines: what CLIP was trained with."""
STATE_FILE = "state.safetensors"


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
class ZoomTraining:
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
        if state.is_file() and _saved_fingerprint(state) == self.mark:
            progress = load_state(state, blocks, optimizer, self.mark)
        photos = np.flatnonzero(self.pairs.side == TRAINING)
        for epoch in range(progress.epoch, self.settings.epochs):
            progress = self._epoch(epoch, photos, blocks, optimizer, progress, part)
        return self._write_blocks(blocks, progress)

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
        examples = self._calibration_examples(blocks, VALIDATION)
        row["validation_loss"] = loss(SCALE, examples) if examples else float("nan")
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

        codes = web_mercator.codes_at(self.pairs.latitude[batch], self.pairs.longitude[batch], self.zoom)
        found = self._read_tiles(np.unique(codes), readers)
        known = np.array(sorted(found), np.int64)
        use = np.isin(codes, known)
        if known.size < 2:
            return 0.0
        with self.encoders.encoder.backbone.lock:
            embedded = self._embed_batch(blocks, [found[int(code)] for code in known])
        photos = torch.from_numpy(self.pairs.embedding[batch[use]]).to(embedded)
        target = torch.from_numpy(np.searchsorted(known, codes[use])).to(embedded.device)
        wrong = torch.nn.functional.cross_entropy(SCALE * photos @ embedded.T, target)
        optimizer.zero_grad(set_to_none=True)
        wrong.backward()  # type: ignore[no-untyped-call]
        self._share_gradients(blocks)
        optimizer.step()
        return float(wrong.detach())

    def _embed_batch(self, blocks: torch.nn.ModuleList, prepared: Sequence[Prepared]) -> torch.Tensor:
        """Unit embeddings of all tiles of a batch; each process encodes its share."""
        import torch

        size, rank = self.group.size, self.group.rank
        mine = range(rank, len(prepared), size)
        pixels = np.concatenate([prepared[n] for n in mine] or [np.zeros_like(prepared[0])])
        own = _embed_tiles(self.encoders, blocks, pixels)
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

    def _read_tiles(self, codes: IntArray, readers: ThreadPoolExecutor) -> dict[int, Prepared]:
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

    def _calibration_examples(self, blocks: torch.nn.ModuleList, side: int) -> list[CalibrationExample]:
        """Each photo of a side of the split among the tiles of all its photos."""
        import torch

        photos = np.flatnonzero(self.pairs.side == side)
        codes = web_mercator.codes_at(self.pairs.latitude[photos], self.pairs.longitude[photos], self.zoom)
        with ThreadPoolExecutor(max(self.source.record.parallel, 1)) as readers:
            found = self._read_tiles(np.unique(codes), readers)
        known = np.array(sorted(found), np.int64)
        if known.size < 2:
            return []
        with torch.no_grad(), self.encoders.encoder.backbone.lock:
            parts = [
                _embed_tiles(self.encoders, blocks, np.concatenate([found[int(code)] for code in known[at : at + 64]]))
                for at in range(0, known.size, 64)
            ]
        embedded = torch.cat(parts).float().cpu().numpy()
        use = np.isin(codes, known)
        cosine = self.pairs.embedding[photos[use]] @ embedded.T
        truth = np.searchsorted(known, codes[use])
        return [
            CalibrationExample(np.zeros(known.size), row.astype(np.float64), int(t))
            for row, t in zip(cosine, truth, strict=True)
        ]

    def _write_blocks(self, blocks: torch.nn.ModuleList, progress: Progress) -> dict[str, Any]:
        """Write the blocks of this zoom; gives their record."""
        path = self.folder / f"blocks-z{self.zoom:02d}.safetensors"
        examples = self._calibration_examples(blocks, VALIDATION)
        if self.group.is_first:
            write_tensors(path, blocks.state_dict(), {"zoom": self.zoom})
            (self.folder / STATE_FILE).unlink(missing_ok=True)
        self.group.wait()
        temperature = {"temperature": fit_temperature(examples, PLAIN_TEMPERATURE)} if examples else {}
        return {
            "file": path.name,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            **temperature,
            "validation_loss": loss(SCALE, examples) if examples else None,
            "test": _top_1(self._calibration_examples(blocks, TESTING)),
            "history": [_json_row(row) for row in progress.history],
        }

    def _save(self, blocks: torch.nn.ModuleList, optimizer: torch.optim.Optimizer, progress: Progress) -> None:
        if self.group.is_first:
            clean = tuple(_json_row(row) for row in progress.history)
            save_state(self.folder / STATE_FILE, blocks, optimizer, replace(progress, history=clean))


def _top_1(examples: Sequence[CalibrationExample]) -> dict[str, Any]:
    """How many held-out photos find their own tile first among the tiles of all of them."""
    right = sum(int(each.cosine.argmax()) == each.truth for each in examples)
    tiles_there = examples[0].cosine.size if examples else 0
    return {"photos": len(examples), "tiles": tiles_there, "share_right": right / len(examples) if examples else None}


def _embed_tiles(encoders: MapEncoders, blocks: torch.nn.ModuleList, prepared: Prepared) -> torch.Tensor:
    """Unit embeddings of tiles with blocks that can learn; the network before them is left as it is."""
    import torch

    backbone = encoders.encoder.backbone
    visual: Any = getattr(backbone.module, "visual", backbone.module)
    device, dtype = torch.device(backbone.device.name), getattr(torch, backbone.device.dtype)
    plain = swap_blocks(backbone.module, blocks)
    try:
        pixels = torch.from_numpy(np.ascontiguousarray(prepared)).to(device, dtype)
        return torch.nn.functional.normalize(visual(pixels).float(), dim=-1)
    finally:
        swap_blocks(backbone.module, plain)


def _saved_fingerprint(state: Path) -> str:
    """The fingerprint of a saved state; empty where it cannot be read, so that it is begun anew."""
    try:
        return str(read_header(state)["progress"]["fingerprint"])
    except (HereaboutsError, KeyError, TypeError):
        return ""


def _json_row(row: Any) -> dict[str, Any]:
    """A row of the history as JSON takes it: no NaN."""
    return {key: (None if isinstance(value, float) and math.isnan(value) else value) for key, value in row.items()}

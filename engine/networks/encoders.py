"""Photo pixels and prompts to embeddings: the only place that builds torch backbones (open_clip, timm).

One backbone is built once per record, device and number format, and shared: GeoCLIP and the zero-shot attributes ask
the same ViT-L/14, and a photo that both ask about is encoded once (a small memory of embeddings by the photo's sha256).
Knows no predictor and no place on Earth. Imports torch only when a backbone is asked for.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
import numpy.typing as npt

from engine.artifacts.catalog import ArtifactRecord, EncoderRecord, Preprocessing
from engine.errors import InputError, PredictorError
from engine.networks import backbones, packed
from engine.networks.backbones import Device, device_and_dtype
from engine.networks.preprocessing import Pixels, Prepared, prepare

if TYPE_CHECKING:
    import torch

    from engine.artifacts.store import Store

BATCH = 16
"""Photos that go through a backbone at once unless the caller says otherwise."""
MEMORY = 256
"""Photos whose embeddings are kept per backbone (about 7 kB each for ViT-L/14)."""
Embeddings = npt.NDArray[np.float32]
_log = logging.getLogger(__name__)
_backbones: dict[tuple[object, ...], Backbone] = {}
_building = threading.Lock()


class Output(StrEnum):
    """Which embedding of a photo is wanted; one forward pass gives both."""

    PROJECTED = "projected"
    """The embedding that is compared with text (open_clip), or the normed class token (timm)."""
    CLASS_TOKEN = "class_token"  # noqa: S105
    """The class token of the last layer before its final norm: ``last_hidden_state[:, 0]`` of a transformers CLIP."""


class Encodable(Protocol):
    """What the encoder needs of a Photo."""

    @property
    def sha256(self) -> str:
        """Hash of the file, by which embeddings are remembered."""
        ...

    @property
    def pixels(self) -> Pixels:
        """``(H, W, 3)`` uint8."""
        ...


@dataclass(frozen=True, eq=False)
class Backbone:
    """A network in memory with the lock that lets one thread at a time through.

    Attributes:
        key: what tells it from every other backbone in this process.
        record: architecture.
        preprocessing: how it wants pixels.
        module: the network, in evaluation mode.
        device: where it lives and in which number format.
        lock: held while it computes and while its memory is read or written.
        memory: embeddings of photos by sha256, oldest first.
    """

    key: tuple[object, ...]
    record: EncoderRecord
    preprocessing: Preprocessing
    module: torch.nn.Module
    device: Device
    lock: threading.RLock
    memory: OrderedDict[str, dict[Output, Embeddings]]


class ImageEncoder:
    """Photos to embeddings. Safe to call from several threads; the backbone is shared, so creating one is cheap.

    Attributes:
        backbone: the network with its record, device and lock; hold the lock while calling the module directly.
        batch_size: photos per forward pass.
    """

    def __init__(self, backbone: Backbone) -> None:
        self.backbone = backbone
        self.batch_size = packed.PHOTOS_AT_ONCE if _on_processor(backbone.device) else BATCH

    @property
    def key(self) -> tuple[object, ...]:
        """Identity of its backbone; two encoders with the same key share everything."""
        return self.backbone.key

    @property
    def preprocessing(self) -> Preprocessing:
        """Preprocessing of its input."""
        return self.backbone.preprocessing

    @property
    def dimension(self) -> int:
        """Length of a projected embedding."""
        return self.backbone.record.dimension

    def encode(self, pixels: Sequence[Pixels], *, output: Output = Output.PROJECTED) -> Embeddings:
        """Embeddings of photos, in batches.

        Args:
            pixels: B photos, each ``(H, W, 3)`` uint8 of any size.
            output: which embedding.

        Returns:
            ``(B, D)`` float32, not normalised.

        Raises:
            PredictorError: not even one photo fits into memory.
        """
        both = [self._forward_one_crop(pixels[at : at + BATCH]) for at in range(0, len(pixels), BATCH)]
        if not both:
            return np.zeros((0, self.dimension), np.float32)
        return np.concatenate([each[output] for each in both])

    def encode_photos(self, photos: Sequence[Encodable], *, output: Output = Output.PROJECTED) -> Embeddings:
        """Embeddings of photos; those that were asked for lately are remembered, whichever predictor asked.

        Returns:
            ``(B, D)`` float32, not normalised.
        """
        memory = self.backbone.memory
        with self.backbone.lock:
            wanted = {photo.sha256: photo for photo in photos}
            known = {key: memory[key] for key in wanted if key in memory}
            missing = [photo for key, photo in wanted.items() if key not in known]
            for at in range(0, len(missing), BATCH):
                part = missing[at : at + BATCH]
                found = self._forward_one_crop([photo.pixels for photo in part])
                for row, photo in enumerate(part):
                    known[photo.sha256] = {which: values[row] for which, values in found.items()}
            for key in wanted:
                memory[key] = known[key]
                memory.move_to_end(key)
            while len(memory) > MEMORY:
                memory.popitem(last=False)
        rows = [known[photo.sha256][output] for photo in photos]
        return np.stack(rows) if rows else np.zeros((0, self.dimension), np.float32)

    def forward(self, prepared: Prepared) -> dict[Output, Embeddings]:
        """Both embeddings of prepared crops, ``(B, 3, S, S)`` float32 each way in; ``(B, D)`` float32 out.

        When the memory does not hold a batch, a smaller one is used from then on, and the log says so.

        Raises:
            PredictorError: not even one crop fits into memory.
        """
        parts, at = [], 0
        with self.backbone.lock:
            while at < len(prepared):
                batch = prepared[at : at + self.batch_size]
                try:
                    parts.append(backbones.forward(self.backbone.module, batch, self.backbone.device))
                except (RuntimeError, MemoryError) as error:
                    self._halve(error, len(batch))
                    continue
                at += len(batch)
        token, projected = (np.concatenate([part[which] for part in parts]) for which in (0, 1))
        return {Output.CLASS_TOKEN: token, Output.PROJECTED: projected}

    def _forward_one_crop(self, pixels: Sequence[Pixels]) -> dict[Output, Embeddings]:
        """Both embeddings of a batch of photos, with the one crop that the record names."""
        if self.preprocessing.crop == "five":
            raise InputError("This encoder wants five crops of a photo; prepare them and call forward.")
        return self.forward(np.concatenate([prepare(each, self.preprocessing) for each in pixels]))

    def _halve(self, error: Exception, used: int) -> None:
        """Make the batch smaller after the memory ran out; any other failure, or a batch of one, is an error."""
        if not backbones.is_out_of_memory(error):
            raise error
        if used <= 1:
            raise PredictorError(
                "The image encoder does not fit into memory with a single photo; close other programs "
                "or choose a smaller model."
            ) from error
        self.batch_size = used // 2
        _log.warning("Memory ran out with %d photos at once; going on with %d.", used, self.batch_size)


class TextEncoder:
    """Prompts to embeddings in the same space as the projected embeddings of the ImageEncoder of the same record.

    Attributes:
        backbone: the network with its record, device and lock.
    """

    def __init__(self, backbone: Backbone) -> None:
        if backbone.record.library != "open_clip":
            raise InputError(f"{backbone.record.architecture} reads no text; choose a CLIP record.")
        self.backbone = backbone
        with backbone.lock:
            if _on_processor(backbone.device):
                packed.pack_text(backbone.module)

    @property
    def logit_scale(self) -> float:
        """The factor on cosines that the model was trained with (100 for the OpenAI weights)."""
        return float(np.exp(float(cast("float", self.backbone.module.logit_scale))))

    def encode(self, prompts: Sequence[str]) -> Embeddings:
        """Embeddings of prompts; ``(P, D)`` float32, each of length 1.

        A prompt is cut after 77 tokens, as the model was trained.
        """
        if not prompts:
            return np.zeros((0, self.backbone.record.dimension), np.float32)
        with self.backbone.lock:
            parts = [
                backbones.forward_text(self.backbone.module, list(prompts[at : at + 64]), self.backbone.device)
                for at in range(0, len(prompts), 64)
            ]
        found = np.concatenate(parts)
        return cast("Embeddings", found / np.linalg.norm(found, axis=1, keepdims=True))


def image_encoder(
    record: ArtifactRecord,
    store: Store | None = None,
    *,
    device: str | None = None,
    dtype: str | None = None,
    random_weights: int | None = None,
) -> ImageEncoder:
    """The image encoder of a record; built on the first call, shared afterwards.

    Args:
        record: a record with an encoder.
        store: where its weights are; not needed with random weights.
        device: ``cpu``, ``cuda``, ``mps``; the best one here when None.
        dtype: ``float32``, ``float16`` or ``bfloat16``; what suits the device when None.
        random_weights: seed of random weights of the true architecture, for tests and for measuring time.

    Raises:
        ArtifactError: the weights are missing, damaged or of another architecture.
        InputError: the record has no encoder, or there is no such device.
    """
    return ImageEncoder(_shared(record, store, device_and_dtype(device, dtype), random_weights))


def text_encoder(
    record: ArtifactRecord,
    store: Store | None = None,
    *,
    device: str | None = None,
    dtype: str | None = None,
    random_weights: int | None = None,
) -> TextEncoder:
    """The text encoder of a record, on the same backbone as its image encoder. Arguments likewise."""
    return TextEncoder(_shared(record, store, device_and_dtype(device, dtype), random_weights))


def release() -> None:
    """Forget every backbone; their memory is given back when the last encoder that uses it goes."""
    with _building:
        _backbones.clear()


def _on_processor(device: Device) -> bool:
    """Whether a backbone runs on the processor in float32, where its layers are packed."""
    return device == Device("cpu", "float32")


def _shared(record: ArtifactRecord, store: Store | None, device: Device, seed: int | None) -> Backbone:
    """The backbone of a record, built once; other threads wait for it."""
    if record.encoder is None or record.preprocessing is None:
        raise InputError(f"{record.title} has no encoder; choose a record that has one.")
    if seed is None and store is None:
        raise InputError(f"{record.title} needs a store to take its weights from; give one, or a seed.")
    path = store.path(record.name, record.files[0].path) if store is not None and seed is None else None
    stamp = (str(path), path.stat().st_mtime_ns) if path is not None else seed
    key = (record.name, record.encoder, device, stamp)
    with _building:
        if key not in _backbones:
            module = backbones.build(record.encoder, record.preprocessing.size, device, path, seed)
            if _on_processor(device):
                packed.pack_visual(module)
            _backbones[key] = Backbone(
                key, record.encoder, record.preprocessing, module, device, threading.RLock(), OrderedDict()
            )
        return _backbones[key]

"""The eight encoders of Kim, Jang and Kim, section 3.1: one for photos, unmodified, and one per zoom for map tiles.

A map encoder differs from CLIP in its last two blocks only, so the seven share one network: the two blocks of a zoom
are put in place while its tiles pass. Seven copies would need 2.4 GB; this needs 57 MB a zoom. Where no map encoder was
trained the plain one stands for it.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from engine.artifacts.catalog import ArtifactRecord, EncoderRecord, Preprocessing, default_catalog
from engine.artifacts.digest import digest_of
from engine.artifacts.store import Store
from engine.artifacts.verification import read_note
from engine.errors import ArtifactError, InputError
from engine.networks import backbones, packed
from engine.networks.backbones import Device, device_and_dtype
from engine.networks.clip import TOWERS, build_tower
from engine.networks.encoders import Backbone, Encodable, ImageEncoder, Output
from engine.networks.preprocessing import Prepared
from engine.tile_search.tile_embeddings import Vectors

if TYPE_CHECKING:
    import torch

ARTIFACT = "clip_vit_b32_openai"
"""The catalogue's record of the photo encoder."""
TRAINED_BLOCKS = 2
"""Blocks at the end of the transformer that a map encoder has of its own."""
TILES_AT_ONCE = 16
"""Tiles that pass a packed network together; more of them no longer fit a processor's cache."""
RECORD_FILE = "map_encoders.json"
"""What a folder of trained map encoders says of itself."""
PLAIN_TEMPERATURE = 0.05
"""Temperature of a zoom that nobody calibrated: a tenth of cosine is then worth a factor of 7, which is cautious."""


class TileEncoders(Protocol):
    """What the search needs of encoders. Called from one thread at a time."""

    @property
    def dimension(self) -> int:
        """Length of an embedding."""
        ...

    @property
    def preprocessing(self) -> Preprocessing:
        """How tiles are made ready."""
        ...

    def digest(self, zoom: int) -> str:
        """What tells the encoder of a zoom from every other, as part of a file name."""
        ...

    def temperature(self, zoom: int) -> float:
        """What cosines of a zoom are divided by to be log-probabilities."""
        ...

    def is_calibrated(self, zoom: int) -> bool:
        """Whether that temperature was fitted on photos with known places."""
        ...

    def photo(self, photo: Encodable) -> Vectors:
        """The embedding of a photo, ``(D,)`` of length 1."""
        ...

    def tiles(self, zoom: int, prepared: Prepared) -> Vectors:
        """Embeddings of prepared tiles ``(B, 3, S, S)``, ``(B, D)`` of length 1 each."""
        ...


@dataclass(frozen=True, eq=False)
class MapEncoders:
    """CLIP for photos, and per zoom the last blocks that were trained.

    Attributes:
        encoder: the photo encoder.
        weights: what tells its weights from others.
        blocks: per zoom, the trained blocks in evaluation mode; a zoom without has the plain ones.
        block_digests: per zoom, the digest of the file that they came from.
        temperatures: per zoom, as calibrated.
    """

    encoder: ImageEncoder
    weights: str
    blocks: Mapping[int, torch.nn.ModuleList] = field(default_factory=dict)
    block_digests: Mapping[int, str] = field(default_factory=dict)
    temperatures: Mapping[int, float] = field(default_factory=dict)

    @property
    def dimension(self) -> int:
        """Length of an embedding."""
        return self.encoder.dimension

    @property
    def preprocessing(self) -> Preprocessing:
        """How tiles are made ready."""
        return self.encoder.preprocessing

    def digest(self, zoom: int) -> str:
        """What tells the encoder of a zoom from every other."""
        facts = [self.weights, asdict(self.preprocessing), self.block_digests.get(zoom, "plain")]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]

    def temperature(self, zoom: int) -> float:
        """What cosines of a zoom are divided by; the cautious one where nobody calibrated."""
        return self.temperatures.get(zoom, PLAIN_TEMPERATURE)

    def is_calibrated(self, zoom: int) -> bool:
        """Whether a training left a temperature for it."""
        return zoom in self.temperatures

    def photo(self, photo: Encodable) -> Vectors:
        """The embedding of a photo by the unmodified encoder."""
        return np.asarray(unit(self.encoder.encode_photos([photo]))[0], np.float32)

    def tiles(self, zoom: int, prepared: Prepared) -> Vectors:
        """Embeddings of prepared tiles by the encoder of their zoom."""
        with self._use_blocks(zoom):
            return unit(self.encoder.forward(prepared)[Output.PROJECTED])

    @contextmanager
    def _use_blocks(self, zoom: int) -> Iterator[None]:
        """The trained blocks of a zoom in the shared network while the block runs; nobody else gets through."""
        backbone = self.encoder.backbone
        if zoom not in self.blocks:
            yield
            return
        with backbone.lock:
            plain = swap_blocks(backbone.module, self.blocks[zoom])
            try:
                yield
            finally:
                swap_blocks(backbone.module, plain)


def unit(vectors: Vectors) -> Vectors:
    """Vectors at length 1."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-12), np.float32)


def last_blocks(module: torch.nn.Module) -> list[torch.nn.Module]:
    """The last blocks of the image transformer of a CLIP."""
    return list(_blocks(module)[-TRAINED_BLOCKS:])


def swap_blocks(module: torch.nn.Module, blocks: Any) -> list[torch.nn.Module]:
    """Put blocks at the end of the image transformer and give those that were there."""
    own, there = _blocks(module), last_blocks(module)
    for place, block in enumerate(blocks):
        own[len(own) - TRAINED_BLOCKS + place] = block
    return there


def _blocks(module: torch.nn.Module) -> Any:
    visual: Any = getattr(module, "visual", module)
    transformer = visual.transformer
    return transformer["resblocks"] if hasattr(transformer, "keys") else transformer.resblocks


def load_encoders(
    store: Store | None = None,
    folder: Path | None = None,
    *,
    record: ArtifactRecord | None = None,
    random_weights: int | None = None,
    device: str | None = None,
    dtype: str | None = None,
    to_train: bool = False,
) -> MapEncoders:
    """The photo encoder, with the map encoders of a folder if there is one.

    Args:
        store: where the published weights are; the user's when None.
        folder: trained map encoders (``RECORD_FILE`` and safetensors), or None for the plain encoder.
        record: another CLIP of the catalogue.
        random_weights: seed of random weights instead of published ones, for tests and for measuring time.
        device: see ``image_encoder``.
        dtype: likewise.
        to_train: leave the layers as they are; else those on a processor are packed, twice as fast, and cannot learn.

    Raises:
        ArtifactError: weights are missing, damaged or made for another encoder.
    """
    record = record or default_catalog().record(ARTIFACT)
    store = store or Store()
    encoder = ImageEncoder(_image_tower(record, store, device_and_dtype(device, dtype), random_weights))
    weights = f"{record.name}-random-{random_weights}" if random_weights is not None else _weights(record, store)
    plain = MapEncoders(encoder, f"{weights}-{encoder.backbone.device.dtype}")
    found = plain if folder is None else load_trained(plain, folder)
    if not to_train:
        _pack(found)
    return found


def _pack(encoders: MapEncoders) -> None:
    """Packed layers for the shared network and the trained blocks; tiles then pass in larger batches."""
    backbone = encoders.encoder.backbone
    if packed.pack_blocks(list(_blocks(backbone.module))):
        encoders.encoder.batch_size = TILES_AT_ONCE
        for blocks in encoders.blocks.values():
            packed.pack_blocks(list(blocks))


def _image_tower(record: ArtifactRecord, store: Store, device: Device, seed: int | None) -> Backbone:
    """The image half of a CLIP, a network of its own: the text half would cost 250 MB and is of no use here."""
    if record.encoder is None or record.preprocessing is None or record.encoder.library != "open_clip":
        raise InputError(f"{record.title} is no CLIP; choose a record of the catalogue that is one.")
    import torch

    if seed is not None:
        visual = _random_tower(record.encoder, seed)
    else:
        visual = _published_tower(record.encoder, store.path(record.name, record.files[0].path))
    visual = (
        visual.requires_grad_(requires_grad=False).eval().to(torch.device(device.name), getattr(torch, device.dtype))
    )
    key = (record.name, record.encoder, device, seed, "image half")
    return Backbone(key, record.encoder, record.preprocessing, visual, device, threading.RLock(), OrderedDict())


def _random_tower(record: EncoderRecord, seed: int) -> Any:
    """The image half with random weights, made without ever holding the text half."""
    import torch

    visual = _empty_tower(record).to_empty(device="cpu")
    random = torch.Generator().manual_seed(seed)
    for name, values in visual.named_parameters():
        with torch.no_grad():
            if values.ndim > 1:
                values.normal_(0.0, values.shape[-1] ** -0.5, generator=random)
            else:
                values.fill_(0.0 if name.endswith("bias") else 1.0)
    return visual


def _published_tower(record: EncoderRecord, path: Path) -> Any:
    """The image half with published weights; the text half of the file is never read."""
    from engine.artifacts.weights import load_into, load_tensors
    from engine.networks.clip import clip_from_transformers

    tensors = load_tensors(path)
    tensors = clip_from_transformers(tensors) if record.weights_format == "transformers" else tensors
    own = {key.removeprefix("visual."): value for key, value in tensors.items() if key.startswith("visual.")}
    visual = _empty_tower(record)
    load_into(visual, own, path.name, assign=True)
    return visual


def _empty_tower(record: EncoderRecord) -> Any:
    """The image half without weights, by the project's own definition where it has one."""
    import torch

    with torch.device("meta"):
        if record.architecture in TOWERS:
            return build_tower(*TOWERS[record.architecture])
        full: Any = backbones._network(record)
        return full.visual


def _weights(record: ArtifactRecord, store: Store) -> str:
    """The digest of published weights, from the note that verification left."""
    path = store.path(record.name, record.files[0].path)
    note = read_note(path)
    return f"{record.name}-{note.digest.value if note is not None else digest_of(path)}"


def load_trained(plain: MapEncoders, folder: Path) -> MapEncoders:
    """The encoders with the trained blocks of a folder.

    Raises:
        ArtifactError: the folder holds none, or they are damaged or made for another encoder.
    """
    facts = read_record(folder)
    blocks, digests, temperatures = {}, {}, {}
    for zoom_text, table in facts["zooms"].items():
        zoom, path = int(zoom_text), folder / table["file"]
        found = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        if found != table["sha256"]:
            raise ArtifactError(f"The map encoder {path.name} is missing or damaged; train it again or copy it anew.")
        blocks[zoom], digests[zoom] = _load_blocks(plain.encoder, path), found
        if "temperature" in table:  # not where there was no photo to calibrate on
            temperatures[zoom] = float(table["temperature"])
    return MapEncoders(plain.encoder, plain.weights, blocks, digests, temperatures)


def read_record(folder: Path) -> dict[str, Any]:
    """What a folder of map encoders says of itself.

    Raises:
        ArtifactError: it has no readable record.
    """
    try:
        facts: dict[str, Any] = json.loads((folder / RECORD_FILE).read_text(encoding="utf-8"))
        names = [table["file"] for table in facts["zooms"].values()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(
            f"{folder} holds no map encoders ({RECORD_FILE} is missing or damaged); train some."
        ) from error
    if any(Path(name).name != name for name in names):
        raise ArtifactError(f"{RECORD_FILE} in {folder} names files outside its folder; do not use it.")
    return facts


def _load_blocks(encoder: ImageEncoder, path: Path) -> torch.nn.ModuleList:
    """Trained blocks from their file, on the device of the shared network."""
    import copy

    import torch

    from engine.artifacts.weights import load_into, load_tensors

    backbone = encoder.backbone
    blocks = torch.nn.ModuleList(copy.deepcopy(last_blocks(backbone.module)))
    load_into(blocks, load_tensors(path), path.name)
    return blocks.requires_grad_(requires_grad=False).eval()

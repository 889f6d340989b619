"""GeoCLIP here against the ``geoclip`` package's own ``predict``, on the same random backbone, measured in one run.

Not a test: nothing here passes or fails. Needs no download: time does not depend on what the weights are. Runs of the
sides alternate, so that a busy machine slows both.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.artifacts.catalog import EncoderRecord, Preprocessing, default_catalog
from engine.artifacts.store import Store
from engine.artifacts.weights import load_into
from engine.errors import ArtifactError
from engine.networks import backbones, packed
from engine.networks.backbones import Device
from engine.networks.clip import VisionShape, clip_from_transformers
from engine.networks.encoders import Backbone, ImageEncoder, TextEncoder, image_encoder
from engine.networks.preprocessing import prepare
from engine.partitions.photo_locations import default_geocells
from engine.photos.photo import Photo, open_photo
from engine.predictors.attribute_prompts import AttributePrompts
from engine.predictors.geoclip import BACKBONE, GeoClip, published_weights
from engine.progress import Report

if TYPE_CHECKING:
    import torch

CPU = Device("cpu", "float32")
PHOTOS_AT_ONCE = 16


@dataclass(frozen=True, eq=False)
class Sides:
    """What is compared.

    Attributes:
        package: the package's GeoCLIP.
        model: ours, its location embeddings computed.
        attributes: a second model on the same backbone.
        backbone: what both of ours share.
        path: the photo.
    """

    package: Any
    model: GeoClip
    attributes: AttributePrompts
    backbone: Backbone
    path: Path


def bench_geoclip(report: Report | None = None, rounds: int = 3, memory: bool = True) -> dict[str, object]:
    """Time per photo in milliseconds on the processor, float32, file to answer.

    Args:
        report: called with the step and the progress.
        rounds: how often each side is measured; medians are given.
        memory: also start a second process that does nothing but locate one photo, and give its peak memory.

    Returns:
        ``package_ms, hereabouts_ms, ratio`` (package over ours), ``backbone_ms, overhead_ratio`` (ours over the bare
        forward pass), ``one_ms, batch16_ms, batch16_gain`` (sixteen photos one by one over the same at once, per photo,
        both from pixels and in turns), ``share_of_peak`` (arithmetic of one photo through the backbone over the
        machine's best float32 matrix product in this run), ``batch16_gain_at_most`` (what a batch would gain if all of
        its time went into products at that best speed), ``peak_gflops``,
        ``second_model_share`` (of the time of the first), ``cells, gallery`` and ``memory_gb``.
    """
    report_step = report if report is not None else _ignore_progress
    report_step("Building two GeoCLIPs with random backbones", 0.0)
    sides = build_sides()
    return measure(sides, report_step, rounds) | ({"memory_gb": peak_memory_gb()} if memory else {})


def measure(sides: Sides, report_step: Report, rounds: int) -> dict[str, object]:
    """The figures of two sides that are built."""
    photo = open_photo(sides.path)
    prepared = prepare(photo.pixels, sides.backbone.preprocessing)
    sides.attributes.predict(photo)  # embeds its prompts once
    runs: dict[str, Callable[[], object]] = {
        "package": lambda: sides.package.predict(str(sides.path), 5),
        "hereabouts": lambda: _afresh(sides, lambda: sides.model.predict(open_photo(sides.path))),
        "backbone": lambda: backbones.forward(sides.backbone.module, prepared, CPU),
        "second": lambda: sides.attributes.predict(photo),
    }
    peak = best_product_gflops(rounds)
    times = _alternating(runs, rounds, lambda share: report_step("Measuring", 0.2 + 0.6 * share))
    one, batch = _one_and_batch(sides, photo, rounds, lambda share: report_step("Measuring batches", 0.8 + 0.2 * share))
    peak = max(peak, best_product_gflops(rounds))
    return {
        "package_ms": times["package"],
        "hereabouts_ms": times["hereabouts"],
        "ratio": times["package"] / times["hereabouts"],
        "backbone_ms": times["backbone"],
        "overhead_ratio": times["hereabouts"] / times["backbone"],
        "one_ms": one,
        "batch16_ms": batch,
        "batch16_gain": one / batch,
        "batch16_gain_at_most": one / (1000.0 * forward_gflop(VisionShape()) / peak),
        "share_of_peak": forward_gflop(VisionShape()) / (times["backbone"] / 1000.0) / peak,
        "peak_gflops": peak,
        "second_model_share": times["second"] / times["hereabouts"],
        "cells": len(sides.model.cells),
        "gallery": len(sides.package.gps_gallery),
    }


def _one_and_batch(sides: Sides, photo: Photo, rounds: int, progress: Callable[[float], None]) -> tuple[float, float]:
    """Median milliseconds per photo of sixteen photos one by one and of the same at once.

    Half of the single photos run before the batch and half after, so that a machine that slows down or speeds up
    in between does it to both.
    """
    copies, found = _copies(photo), list[tuple[float, float]]()
    half = len(copies) // 2

    def one_by_one(part: Sequence[Photo]) -> float:
        return sum(_ms(partial(_afresh, sides, partial(sides.model.predict, each))) for each in part)

    for number in range(rounds):
        progress(number / rounds)
        before = one_by_one(copies[:half])
        batch = _ms(lambda: _afresh(sides, lambda: sides.model.predict_many(copies)))
        found.append((before + one_by_one(copies[half:]), batch))
    one, batch = (float(np.median(times)) / len(copies) for times in zip(*found, strict=True))
    return one, batch


def forward_gflop(of: VisionShape) -> float:
    """Arithmetic of one image through a tower, in 10^9 operations, a multiplication and an addition counted apart."""
    tokens = (of.image // of.patch) ** 2 + 1
    layer = tokens * (4 * of.width**2 + 2 * of.width * of.hidden) + 2 * tokens**2 * of.width
    return 2e-9 * (of.layers * layer + (tokens - 1) * of.width * 3 * of.patch**2)


def best_product_gflops(rounds: int = 3, size: int = 2048) -> float:
    """The fastest that this machine multiplies float32 matrices, 10^9 operations a second, by either library."""
    import torch

    left, right, bias = torch.randn(size, size), torch.randn(size, size), torch.zeros(size)
    runs: list[Callable[[], object]] = [lambda: left @ right]
    if packed.available():
        weight = packed._pack_weight(right)
        runs.append(lambda: packed._product(left, weight, bias))
    with torch.inference_mode():
        fastest = min(_ms(run) for _ in range(4 * rounds) for run in runs)
    return 2e-9 * size**3 / (fastest / 1000.0)


def build_sides() -> Sides:
    """The package on its own random backbone, and ours on the same weights."""
    path = package_photo()
    with package_offline() as theirs:
        clip = theirs.ImageEncoder(from_pretrained=False).CLIP.eval()
        package = _package_model(theirs, clip)
    record = default_catalog().record(BACKBONE)
    if record.encoder is None or record.preprocessing is None:
        raise ArtifactError(f"Catalogue record {BACKBONE!r} names no encoder; restore catalog.toml.")
    backbone = shared_backbone(clip, record.encoder, record.preprocessing)
    encoder = ImageEncoder(backbone)
    encoder.batch_size = packed.PHOTOS_AT_ONCE
    model = GeoClip(default_geocells("fine"), lambda: published_weights(Store()), lambda: encoder)
    _ = model.location_embeddings
    return Sides(package, model, AttributePrompts(lambda: encoder, lambda: TextEncoder(backbone)), backbone, path)


def shared_backbone(clip: torch.nn.Module, record: EncoderRecord, preprocessing: Preprocessing) -> Backbone:
    """Our backbone with the very weights of a CLIP of the ``transformers`` library."""
    module = backbones.build(record, preprocessing.size, CPU, None, 0)
    load_into(module, clip_from_transformers(clip.state_dict()), "random weights")
    packed.pack_visual(module)
    return Backbone(("bench",), record, preprocessing, module, CPU, threading.RLock(), OrderedDict())


def package_photo() -> Path:
    """The photo of Kauai that the package carries.

    Raises:
        ArtifactError: the package is missing.
    """
    spec = find_spec("geoclip")
    found = sorted(Path(spec.origin).parent.rglob("*auai*")) if spec is not None and spec.origin else []
    if not found:
        raise ArtifactError("The package geoclip with its photo of Kauai is missing; install geoclip 1.3 again.")
    return found[0]


@contextmanager
def package_offline() -> Iterator[Any]:
    """The package's image encoder module, with its warnings silenced."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from geoclip.model import image_encoder

        yield image_encoder


def _package_model(theirs: Any, clip: torch.nn.Module) -> Any:
    """The package's GeoCLIP with its published heads, its backbone taken from memory instead of a hub."""
    from geoclip.model.GeoCLIP import GeoCLIP

    processor = theirs.CLIPImageProcessor()
    model_class, processor_class = theirs.CLIPModel, theirs.AutoProcessor
    try:
        theirs.CLIPModel, theirs.AutoProcessor = _Gives(clip), _Gives(processor)
        return GeoCLIP().eval()
    finally:
        theirs.CLIPModel, theirs.AutoProcessor = model_class, processor_class


@dataclass(frozen=True)
class _Gives:
    """Stands for a class of the transformers library that would fetch."""

    value: Any

    def from_pretrained(self, _: str) -> Any:
        return self.value


def peak_memory_gb() -> float:
    """Peak memory in GB of a process of its own that locates one photo with GeoCLIP; nan where nothing tells it."""
    done = subprocess.run(
        [sys.executable, "-c", "from engine.bench.geoclip import locate_one; locate_one()"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[1],
    )
    return float(done.stdout) if done.returncode == 0 and done.stdout else float("nan")


def locate_one() -> None:
    """What that process does: one photo, then its peak memory in GB on standard output, if the system tells it."""
    record = default_catalog().record(BACKBONE)
    encoder = image_encoder(record, device="cpu", random_weights=0)
    model = GeoClip(default_geocells("fine"), lambda: published_weights(Store()), lambda: encoder)
    model.predict(open_photo(package_photo()))
    status = Path("/proc/self/status")
    peak = re.search(r"VmHWM:\s*(\d+) kB", status.read_text(encoding="utf-8")) if status.exists() else None
    if peak is not None:
        sys.stdout.write(str(int(peak[1]) * 1024 / 1e9))


def _afresh(sides: Sides, work: Callable[[], object]) -> object:
    """The work, with no embedding remembered from before."""
    sides.backbone.memory.clear()
    return work()


def _copies(photo: Photo) -> Sequence[Photo]:
    """Sixteen photos that count as different ones."""
    return [replace(photo, sha256=f"{number:064x}") for number in range(PHOTOS_AT_ONCE)]


def _alternating(
    runs: dict[str, Callable[[], object]], rounds: int, progress: Callable[[float], None]
) -> dict[str, float]:
    """Median milliseconds of each run, taken in turns after one round that does not count for the short ones."""
    found: dict[str, list[float]] = {name: [] for name in runs}
    for name in ("hereabouts", "backbone"):
        runs[name]()
    for number in range(rounds):
        progress(number / rounds)
        for name, work in runs.items():
            found[name].append(_ms(work))
    return {name: float(np.median(values)) for name, values in found.items()}


def _ms(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return 1000.0 * (time.perf_counter() - start)


def _ignore_progress(what: str, share: float) -> None:
    """Ignore the progress."""

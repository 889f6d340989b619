"""What the scene predictor costs per photo, against the bare network on one prepared view."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from engine.photos.photo import Photo, open_photo
from engine.predictors.scene.network import load_network, scene_views
from engine.predictors.scene.predictor import Scene

REPEATS = 5
SYNTHETIC_SHAPE = (1536, 2048, 3)
"""As large as photos are stored."""


def bench_scene(path: Path | None = None) -> dict[str, float]:
    """Time of the first photo (network, model and words loaded), of later ones, and of the bare network.

    Args:
        path: a photo; noise as large as a stored photo unless given.

    Returns:
        ``first_photo_ms, photo_ms, network_ms, ratio``: medians in milliseconds, and photo over network.
    """
    photo = open_photo(path) if path is not None else _synthetic()
    scene = Scene()
    first = _milliseconds(lambda: scene.predict(photo))
    # Under another digest the same pixels are looked at again.
    copies = [replace(photo, sha256=f"{number}-{photo.sha256}") for number in range(REPEATS)]
    median = float(np.median([_milliseconds(partial(scene.predict, copy)) for copy in copies]))
    network = _milliseconds_of_network(photo)
    return {"first_photo_ms": first, "photo_ms": median, "network_ms": network, "ratio": median / network}


def _milliseconds_of_network(photo: Photo) -> float:
    """Median time of one forward pass of one view."""
    import torch

    network, view = load_network(), torch.from_numpy(np.ascontiguousarray(scene_views(photo.pixels)[:1]))
    with torch.inference_mode():
        network.look(view)
        return float(np.median([_milliseconds(lambda: network.look(view)) for _ in range(REPEATS)]))


def _synthetic() -> Photo:
    return Photo("noise", "0" * 64, np.random.default_rng(0).integers(0, 256, SYNTHETIC_SHAPE, np.uint8))


def _milliseconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return 1000.0 * (time.perf_counter() - start)

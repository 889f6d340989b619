"""A world whose labels show in its photos: hue tells the land cover, stripes tell the population."""

import colorsys
import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from engine.geometry.grid import Grid
from engine.testing import LAND_COVER, POPULATION, patchy_partition
from engine.training.labels import PartitionLayer

GRID = Grid(180, 360)
HEIGHT, WIDTH = 40, 52
PERIODS = (0, 24, 8, 3)


@dataclass(frozen=True)
class MadeUp:
    """A manifest on disk and what it shows."""

    manifest: Path
    layers: tuple[PartitionLayer, ...]


def layers(covers=4):
    """Patches of population and of a few land covers."""
    return (
        PartitionLayer(patchy_partition("population", POPULATION, GRID, 5, seed=3, sea=0.0)),
        PartitionLayer(patchy_partition("land_cover", LAND_COVER[:covers], GRID, 5, seed=4, sea=0.0)),
    )


def picture(population, cover, rng):
    """A photo of a place; noise and light differ from photo to photo."""
    colour = np.array(colorsys.hsv_to_rgb(cover / 7, 0.75, 0.6)) * 255
    pixels = np.tile(colour, (HEIGHT, WIDTH, 1)) * rng.uniform(0.8, 1.15)
    if PERIODS[population]:
        stripe = (np.arange(WIDTH) + rng.integers(30)) // (PERIODS[population] / 2) % 2
        pixels *= (0.55 + 0.9 * stripe)[None, :, None]
    light = np.asarray(Image.fromarray(rng.integers(0, 255, (4, 5), dtype=np.uint8)).resize((WIDTH, HEIGHT)), float)
    pixels += (light[:, :, None] - 128) * 0.15 + rng.normal(0, 12, pixels.shape)
    return np.clip(pixels, 0, 255).astype(np.uint8)


def made_up(folder, count=400, seed=0, covers=4):
    """Photos all over the made-up world, and their manifest."""
    rng = np.random.default_rng(seed)
    chosen = layers(covers)
    latitude, longitude = rng.uniform(-70, 75, count), rng.uniform(-180, 180, count)
    label = [layer.label_at(latitude, longitude) for layer in chosen]
    (folder / "pictures").mkdir(parents=True)
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "lat", "lon", "author"])
        for n in range(count):
            name = f"pictures/{n:05d}.png"
            Image.fromarray(picture(int(label[0][n]), int(label[1][n]), rng)).save(folder / name)
            writer.writerow([name, f"{latitude[n]:.5f}", f"{longitude[n]:.5f}", f"author {n}"])
    return MadeUp(folder / "manifest.csv", chosen)

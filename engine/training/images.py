"""Photos as batches for a network: augmented for training, cropped as at inference for measuring.

What happens to a photo depends on the seed, the epoch and the photo alone, so that a run that is resumed, or shared
out over processes, sees the very same pixels. The augmentations are those of Bianco et al. 2024, section 5.1: random
cropping, rescaling, horizontal and vertical flipping, colour jitter. NumPy and Pillow only; torch meets the arrays in
the loop.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageEnhance

from engine.artifacts.catalog import Preprocessing
from engine.networks.preprocessing import Pixels, Prepared, prepare
from engine.training.scan import Scanned, stored_pixels

LEAST_REST = 8
"""Photos below which the last batch of an epoch is left out."""
MEASURING = -1
"""In place of an epoch: the photo as inference sees it."""
Key = tuple[int, int]
"""Epoch (or ``MEASURING``) and position of a photo."""


@dataclass(frozen=True)
class Augmentation:
    """How much a training photo may change.

    Attributes:
        least_area: smallest share of the photo's area that a crop holds; crops between that and all of it rescale.
        stretch: largest ratio of the crop's sides beyond square.
        flip_left_right, flip_up_down: chances.
        light, contrast, colour: largest relative change of brightness, contrast and saturation.
        hue: largest turn of the hue, as a share of the circle.
    """

    least_area: float = 0.35
    stretch: float = 4 / 3
    flip_left_right: float = 0.5
    flip_up_down: float = 0.5
    light: float = 0.3
    contrast: float = 0.3
    colour: float = 0.3
    hue: float = 0.02


@dataclass(frozen=True, eq=False)
class ImageSource:
    """The photos of a run, by epoch and position; what torch's DataLoader calls a dataset.

    Attributes:
        folder: of the scan.
        photos: what the scan found.
        paths: files, for photos whose pixels were not kept.
        side: short side of the kept pixels.
        preprocessing: how the network wants pixels.
        seed: of the augmentations.
        augmentation: how much training photos change.
    """

    folder: Path
    photos: tuple[Scanned, ...]
    paths: tuple[Path, ...]
    side: int
    preprocessing: Preprocessing
    seed: int = 0
    augmentation: Augmentation = Augmentation()

    def __len__(self) -> int:
        """Number of photos."""
        return len(self.photos)

    def __getitem__(self, key: Key) -> Prepared:
        """One prepared photo, ``(3, S, S)`` float32."""
        epoch, position = key
        pixels = stored_pixels(self.folder, self.photos[position], self.paths[position], self.side)
        if epoch == MEASURING:
            return np.asarray(prepare(pixels, self.preprocessing)[0], np.float32)
        rng = np.random.default_rng((self.seed, epoch, position))
        return normalise(augment(pixels, self.preprocessing.size, rng, self.augmentation), self.preprocessing)


def collate(images: Sequence[Prepared]) -> Prepared:
    """A batch ``(B, 3, S, S)`` of images."""
    return np.stack(images)


def augment(pixels: Pixels, size: int, rng: np.random.Generator, how: Augmentation) -> Pixels:
    """A random view of a photo, ``(size, size, 3)`` uint8."""
    image = Image.fromarray(pixels)
    box = _crop(image.width, image.height, rng, how)
    view = image.resize((size, size), Image.Resampling.BILINEAR, box=box, reducing_gap=2.0)
    if rng.random() < how.flip_left_right:
        view = view.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if rng.random() < how.flip_up_down:
        view = view.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    return np.asarray(_jitter_colour(view, rng, how), np.uint8)


def normalise(pixels: Pixels, wanted: Preprocessing) -> Prepared:
    """``(3, S, S)`` float32 from ``(S, S, 3)`` uint8, by the mean and spread that the network wants."""
    scaled = pixels.astype(np.float32) / np.float32(255)
    done = (scaled - np.asarray(wanted.mean, np.float32)) / np.asarray(wanted.std, np.float32)
    return np.ascontiguousarray(done.transpose(2, 0, 1))


def _crop(width: int, height: int, rng: np.random.Generator, how: Augmentation) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a random crop inside the photo."""
    area = width * height * rng.uniform(how.least_area, 1.0)
    ratio = float(np.exp(rng.uniform(-np.log(how.stretch), np.log(how.stretch))))
    wide, high = min(float(np.sqrt(area * ratio)), width), min(float(np.sqrt(area / ratio)), height)
    left, top = rng.uniform(0, width - wide), rng.uniform(0, height - high)
    return left, top, min(left + wide, width), min(top + high, height)


def _jitter_colour(view: Image.Image, rng: np.random.Generator, how: Augmentation) -> Image.Image:
    """Light, contrast, colour and hue changed at random."""
    changes = ((ImageEnhance.Brightness, how.light), (ImageEnhance.Contrast, how.contrast),
               (ImageEnhance.Color, how.colour))  # fmt: skip
    for enhance, most in changes:
        factor = 1.0 + rng.uniform(-most, most)
        view = enhance(view).enhance(factor) if most > 0 else view
    turn = round(rng.uniform(-how.hue, how.hue) * 256)
    if turn == 0:
        return view
    hue, saturation, value = view.convert("HSV").split()
    turned = Image.fromarray(((np.asarray(hue, np.int16) + turn) % 256).astype(np.uint8))
    return Image.merge("HSV", (turned, saturation, value)).convert("RGB")


def order_of_epoch(train: npt.NDArray[np.int64], seed: int, epoch: int) -> npt.NDArray[np.int64]:
    """The training positions in the order of one epoch."""
    return np.random.default_rng((seed, 7, epoch)).permutation(train)


def batches(order: npt.NDArray[np.int64], batch: int, processes: int) -> list[npt.NDArray[np.int64]]:
    """The batches of all processes together.

    A rest of fewer than ``LEAST_REST`` photos, or of fewer than two for each process, is left out of this epoch: batch
    normalisation needs two, and the curve must not depend on the number of processes.
    """
    least = max(LEAST_REST, 2 * processes)
    parts = [order[at : at + batch] for at in range(0, len(order), batch)]
    return [part for n, part in enumerate(parts) if len(part) == batch or len(part) >= least or (n == 0)]

"""Chooses the prior's second component, for photos off the beaten track, and prints what each choice holds.

    uv run python assets/scripts/fit_photo_prior.py [--places ../shared/data/places]

Two kinds of places judge a choice. Half of the photo places, held out of a prior made from the other half, stand for
photos as people share them: there it may cost at most ``MOST_LOST`` nats a photo. The landscapes of ``--places``, one
vote for each group of places within 20 km, stand for what few photograph: the choice that gains most there is taken.
Coordinates of Im2GPS3k are not at hand and not used.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.inference.prior import build_prior, off_the_track
from engine.inference.world import World
from engine.partitions.overlay import Overlay
from engine.partitions.photo_locations import default_photo_places

SHARES, EXPONENTS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4), (0.3, 0.4, 0.5, 0.6, 0.7)
MOST_LOST = 0.015
LEVELS = (0.5, 0.8, 0.9)
Array = npt.NDArray[np.float64]


def main() -> None:
    """Print a row for each choice, the chosen one last."""
    parser = argparse.ArgumentParser(description="Fit the second component of the photo prior.")
    parser.add_argument("--places", type=Path, default=Path("../shared/data/places"), help="folder with manifest.csv")
    options = parser.parse_args()
    overlay, photos = World.load().overlay, default_photo_places()
    held_out = np.random.default_rng(0).random(len(photos)) < 0.5
    half = _first_component(overlay, photos.latitude[~held_out], photos.longitude[~held_out])
    whole = _first_component(overlay, photos.latitude, photos.longitude)
    usual = _Judge(overlay, half, photos.latitude[held_out], photos.longitude[held_out], None)
    remote = _Judge(overlay, whole, *_landscapes(options.places))
    best = (-np.inf, 0.0, 1.0)
    for share in SHARES:
        for exponent in EXPONENTS:
            lost, gained = -usual.gain(share, exponent), remote.gain(share, exponent)
            print(f"{share:4} of density^{exponent}: photos {usual.held(share, exponent)} %, {-lost:+.3f} nats")
            print(f"    landscapes {remote.held(share, exponent)} %, {gained:+.3f} nats")
            if lost <= MOST_LOST:
                best = max(best, (gained, share, exponent))
    print(f"chosen: OFF_TRACK, OFF_TRACK_EXPONENT = {best[1]}, {best[2]}")


def _first_component(overlay: Overlay, latitude: Array, longitude: Array) -> Array:
    return build_prior(overlay, latitude, longitude, blocks=overlay.tables[0].name, off_track=0.0).probability


def _landscapes(folder: Path) -> tuple[Array, Array, Array]:
    """Latitude, longitude and weight of each landscape; groups weigh alike."""
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "landscape"]
    _, group, size = np.unique([row["split_group"] for row in rows], return_inverse=True, return_counts=True)
    latitude, longitude = (np.array([float(row[name]) for row in rows]) for name in ("lat", "lon"))
    return latitude, longitude, 1.0 / size[group]


class _Judge:
    """Places that a prior is judged by."""

    def __init__(
        self, overlay: Overlay, probability: Array, latitude: Array, longitude: Array, weight: Array | None
    ) -> None:
        self.area_km2, self.probability = overlay.area_km2, probability
        self.land = overlay.table("population").cell_label >= 0
        self.cells = overlay.cell_at(latitude, longitude)
        weights = np.ones(self.cells.size) if weight is None else weight
        self.weight = weights / weights.sum()

    def mixed(self, share: float, exponent: float) -> Array:
        """The prior with so much of a second component."""
        wide = off_the_track(self.probability, self.area_km2, self.land, exponent)
        return (1 - share) * self.probability + share * wide

    def gain(self, share: float, exponent: float) -> float:
        """Mean of the change in log-density at the places."""
        ratio = self.mixed(share, exponent)[self.cells] / self.probability[self.cells]
        return float((self.weight * np.log(ratio)).sum())

    def held(self, share: float, exponent: float) -> list[int]:
        """Percent of the places inside the regions of ``LEVELS``."""
        mass = self.mixed(share, exponent)
        order = np.argsort(-mass / self.area_km2, kind="stable")
        before = np.empty(mass.size)
        before[order] = np.cumsum(mass[order]) - mass[order]
        return [round(100 * float(self.weight[before[self.cells] < level].sum())) for level in LEVELS]


if __name__ == "__main__":
    main()

"""Which photos something is fitted on for which others, so that nothing is ever measured on what it was fitted on."""

from dataclasses import dataclass

import numpy as np

from engine.errors import InputError
from engine.evaluation.evidence import Positions
from engine.evaluation.manifest import Manifest

FOLDS = 5
FEWEST = 40
"""Photos with known places under which nothing can be fitted."""


@dataclass(frozen=True, eq=False)
class Folds:
    """How photos are shared out.

    Attributes:
        fit: positions to fit on, one array per fold.
        fold_of: ``(photos,)`` the fold whose fit is used on each photo.
        note: how it was done, for the reader.
    """

    fit: tuple[Positions, ...]
    fold_of: Positions
    note: str


def fit_folds(manifest: Manifest, known: Positions, what: str, seed: int = 0) -> Folds:
    """Folds from the manifest's fit split, or five for cross-fitting where it names no split.

    Args:
        manifest: the photos.
        known: positions of the photos that can be fitted on.
        what: what is fitted, for sentences.
        seed: of the shares.

    Raises:
        InputError: there are too few photos to fit on.
    """
    if manifest.has_split:
        return _from_split(manifest, known, what, seed)
    _enough(known.size * (FOLDS - 1) // FOLDS, what)
    fold_of = np.random.default_rng(seed).permutation(len(manifest)) % FOLDS
    parts = tuple(known[fold_of[known] != number] for number in range(FOLDS))
    note = f"{what}: the manifest names no fit split, so it was fitted {FOLDS} times, each time on the other photos."
    return Folds(parts, fold_of, note)


def _from_split(manifest: Manifest, known: Positions, what: str, seed: int) -> Folds:
    """Test photos use a fit on all fit photos; each fit photo one on the others, to be fitted on further."""
    members = manifest.where("fit")
    fit = np.intersect1d(members, known)
    _enough(fit.size, what)
    fold_of = np.zeros(len(manifest), np.int64)
    parts = [fit]
    if fit.size * (FOLDS - 1) // FOLDS >= FEWEST:
        fold_of[members] = 1 + np.random.default_rng(seed).permutation(members.size) % FOLDS
        parts += [fit[fold_of[fit] != number] for number in range(1, FOLDS + 1)]
    return Folds(tuple(parts), fold_of, f"{what}: fitted on the {fit.size} photos of the fit split.")


def _enough(photos: int, what: str) -> None:
    if photos < FEWEST:
        raise InputError(
            f"{what} cannot be fitted on {photos} photos with known places; give at least {FEWEST}, "
            "marked with split=fit in the manifest or with no split at all."
        )

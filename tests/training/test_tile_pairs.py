"""Photos beside tiles: places stay on one side of the split."""

import numpy as np

from engine.training.tile_pairs import split_sides


def test_photos_of_one_place_stay_on_one_side():
    rng = np.random.default_rng(0)
    latitude, longitude = np.repeat(rng.uniform(-60, 60, 1200), 3), np.repeat(rng.uniform(-180, 180, 1200), 3)
    sides = split_sides(latitude, longitude, 0)
    assert (sides.reshape(-1, 3) == sides.reshape(-1, 3)[:, :1]).all()
    shares = np.bincount(sides, minlength=3) / sides.size
    np.testing.assert_allclose(shares, [10 / 12, 1 / 12, 1 / 12], atol=0.03)

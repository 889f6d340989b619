import numpy as np
import pytest

from engine.errors import InputError
from engine.inference.prior import EVERYWHERE, build_prior
from engine.partitions.partition import NOWHERE
from engine.testing import make_overlay


def test_the_prior_is_a_probability_and_excludes_nothing(world):
    assert world.prior.probability.sum() == pytest.approx(1)
    assert world.prior.flat.sum() == pytest.approx(1)
    assert (world.prior.probability > 0).all()
    assert (world.prior.flat > 0).all()


def test_geocells_keep_the_share_of_their_photos():
    overlay = make_overlay()
    geocells = overlay.table("geocells_fine")
    rng = np.random.default_rng(1)
    latitude, longitude = rng.uniform(-60, 60, 5000), rng.uniform(-180, 180, 5000)
    prior = build_prior(overlay, latitude, longitude)
    cell_of_photo = geocells.cell_label[overlay.cell_at(latitude, longitude)]
    photos = np.bincount(cell_of_photo[cell_of_photo != NOWHERE], minlength=len(geocells.labels))
    owned = geocells.area_km2 > 0
    expected = (1 - EVERYWHERE) * photos / 5000
    assert (prior.on(geocells)[owned] >= expected[owned] - 1e-12).all()
    assert prior.on(geocells)[owned] == pytest.approx(expected[owned], abs=EVERYWHERE)


def test_inside_a_geocell_photos_follow_the_population():
    overlay = make_overlay()
    rng = np.random.default_rng(2)
    bucket = overlay.table("population").cell_label
    crowded = np.flatnonzero(bucket == 3)
    pixels = np.concatenate([overlay.pixels_of(int(cell)) for cell in rng.choice(crowded, 200)])
    latitude, longitude = overlay.grid.point_of(pixels)
    prior = build_prior(overlay, latitude, longitude)
    density = prior.probability / overlay.area_km2
    assert np.median(density[bucket == 3]) > 20 * np.median(density[bucket == 0])


def test_masses_of_a_partition_are_computed_once(world):
    table = world.overlay.table("population")
    assert world.prior.on(table) is world.prior.on(table)
    assert world.prior.on(table).sum() < 1  # the sea is outside every bucket


def test_no_photo_is_refused():
    with pytest.raises(InputError, match="at least one coordinate"):
        build_prior(make_overlay(), np.empty(0), np.empty(0))

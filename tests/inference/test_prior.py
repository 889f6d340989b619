import numpy as np
import pytest

from engine.errors import InputError
from engine.inference.prior import (
    EVERYWHERE,
    OFF_TRACK,
    OFF_TRACK_EXPONENT,
    RefinedPrior,
    build_prior,
    off_the_track,
)
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
    prior = build_prior(overlay, latitude, longitude, off_track=0.0)
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


def test_a_second_component_thins_towns_and_fills_the_land():
    overlay = make_overlay()
    rng = np.random.default_rng(3)
    latitude, longitude = rng.uniform(-60, 60, 5000), rng.uniform(-180, 180, 5000)
    plain = build_prior(overlay, latitude, longitude, off_track=0.0).probability
    mixed = build_prior(overlay, latitude, longitude).probability
    land = overlay.table("population").cell_label != NOWHERE
    remote = off_the_track(plain, overlay.area_km2, land, OFF_TRACK_EXPONENT)
    assert mixed == pytest.approx((1 - OFF_TRACK) * plain + OFF_TRACK * remote)
    assert mixed.sum() == pytest.approx(1)
    assert (mixed >= (1 - OFF_TRACK) * plain - 1e-15).all()  # costs no place more than log(1 - share)
    thin = land & (plain / overlay.area_km2 < np.median(plain[land] / overlay.area_km2[land]))
    assert mixed[thin].sum() > plain[thin].sum()
    assert (remote[~land] == 0).all()


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0])
def test_off_the_track_lies_between_the_prior_and_every_km2_alike(exponent):
    probability, area = np.array([0.5, 0.3, 0.2, 0.0]), np.array([1.0, 10.0, 100.0, 5.0])
    land = np.array([True, True, True, False])
    spread = off_the_track(probability, area, land, exponent)
    expected = {0.0: area[:3] / 111, 1.0: probability[:3]}.get(exponent)
    assert spread.sum() == pytest.approx(1)
    assert spread[3] == 0
    if expected is not None:
        assert spread[:3] == pytest.approx(expected)
    else:
        assert probability[0] > spread[0] > area[0] / 111
    everywhere = off_the_track(probability[:3], area[:3], np.zeros(3, bool), 0.0)
    assert everywhere == pytest.approx(area[:3] / 111)  # no land is known: all cells count


def test_a_refined_prior_keeps_densities_and_masses(world):
    overlay, parent = world.overlay, np.arange(world.overlay.cells)
    refined = RefinedPrior(world.prior, overlay, parent)
    assert refined.probability == pytest.approx(world.prior.probability)
    for weight in (0.0, 0.4, 1.0):
        assert refined.log_density(weight) == pytest.approx(world.prior.log_density(weight))
    table = overlay.table("population")
    assert refined.on(table) is world.prior.on(table)


def test_masses_of_a_partition_are_computed_once(world):
    table = world.overlay.table("population")
    assert world.prior.on(table) is world.prior.on(table)
    assert world.prior.on(table).sum() < 1  # the sea is outside every bucket


def test_no_photo_is_refused():
    with pytest.raises(InputError, match="at least one coordinate"):
        build_prior(make_overlay(), np.empty(0), np.empty(0))

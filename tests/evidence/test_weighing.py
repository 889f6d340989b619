"""All statements together on one world: cuts are exact, remembered, and move no map by themselves."""

import threading

import numpy as np
import pytest

from engine.evidence.shapes.raster import spans_of
from engine.evidence.statements.areas import Circle
from engine.evidence.statements.countries import CountryIs
from engine.evidence.statements.evidence import Evidence
from engine.evidence.statements.layers import LabelIs
from engine.evidence.statements.searches import Searched
from engine.evidence.weighing import CACHED_CUTS, EvidenceWeigher, RecentValues
from engine.locate.maps import prior_map

HERE, THERE = Circle(10.5, 20.5, 1200), Circle(12.0, 25.0, 900)


def test_cutting_moves_no_map(evidence_world, scales):
    world = scales.cut((HERE, THERE)).world
    before, after = prior_map(evidence_world.base), prior_map(world)
    assert world.overlay.cells > evidence_world.overlay.cells > evidence_world.base.overlay.cells
    assert world.prior.probability.sum() == pytest.approx(1.0, abs=1e-12)
    for weight in (0.0, 0.5, 1.0):
        old, new = prior_map(evidence_world.base, weight), prior_map(world, weight)
        assert new.log_density == pytest.approx(old.log_density[world.parent], abs=1e-9)
    for budget in (1e5, 3e6, 4e7):
        assert after.region(budget_km2=budget).area_km2 == pytest.approx(
            before.region(budget_km2=budget).area_km2, rel=0.02
        )
    for table in evidence_world.base.overlay.tables:
        assert world.prior.on(world.overlay.table(table.name)) == pytest.approx(evidence_world.base.prior.on(table))
    fresh = np.bincount(world.overlay.table("countries").cell_label + 1, world.prior.probability)[1:]
    assert world.prior.on(world.overlay.table("countries")) == pytest.approx(fresh)


def test_statements_before_and_after_a_cut_agree(scales):
    country = Evidence("a", CountryIs(("CL", "DE")), 0.8)
    plain, (alone,) = scales.weigh([country])
    world, (inside, among, searched) = scales.weigh(
        [Evidence("b", HERE, 0.9), country, Evidence("c", Searched(THERE, 0.7))]
    )
    pixels = np.arange(0, plain.overlay.grid.pixels, 37)
    before = plain.overlay.pixel_cell.reshape(-1)[pixels]
    after = np.asarray(world.overlay.pixel_cell).reshape(-1)[pixels]
    assert np.array_equal(alone.likelihoods[0].log_likelihood[before], among.likelihoods[0].log_likelihood[after])
    grid = world.overlay.grid
    mass = world.prior.probability[inside.likelihoods[0].log_likelihood > np.log(0.2)].sum()
    within = np.log(0.9 * max(1.0, (1 - mass) / mass))
    assert inside.likelihoods[0].log_likelihood[after] == pytest.approx(
        np.where(spans_of(HERE, grid).contains(pixels), within, np.log(0.1))
    )
    assert searched.likelihoods[0].log_likelihood[after] == pytest.approx(
        np.where(spans_of(THERE, grid).contains(pixels), np.log(0.3), 0.0), abs=1e-12
    )


def test_names_and_sides_of_a_shape_do_not_cut_twice(scales):
    world, weighed = scales.weigh(
        [
            Evidence("a", HERE, 0.9),
            Evidence("b", Circle(HERE.latitude, HERE.longitude, HERE.radius_km, False, "the same"), 0.9),
            Evidence("c", Searched(HERE, 0.5)),
        ]
    )
    assert world.overlay is scales.cut((HERE,)).world.overlay
    inside, outside, searched = (each.likelihoods[0].log_likelihood for each in weighed)
    within = searched < 0
    assert inside[~within] == pytest.approx(np.log(0.1))
    assert outside[within] == pytest.approx(np.log(0.1))
    assert inside[within].min() >= np.log(0.9)
    assert outside[~within].min() >= np.log(0.9) - 1e-12


def test_what_is_off_is_left_out(scales, evidence_world):
    world, weighed = scales.weigh([Evidence("a", HERE, on=False), Evidence("b", LabelIs("relief", ("flat",)))])
    assert world.overlay is evidence_world.overlay
    assert [each.record.name for each in weighed] == ["evidence_b"]


def test_what_was_weighed_is_not_weighed_again(evidence_world):
    scales = EvidenceWeigher(evidence_world)
    evidence = [Evidence("a", CountryIs(("CL",))), Evidence("b", HERE)]
    first, again = scales.weigh(evidence), scales.weigh([*evidence, Evidence("c", LabelIs("relief", ("flat",)))])
    assert first[0] is again[0]
    cached = scales._likelihoods._values
    assert len(cached) == 2
    for number in range(2 * CACHED_CUTS):
        scales.cut((Circle(0, number, 500),))
    assert len(scales._cuts._values) == CACHED_CUTS


def test_recent_values_are_kept_from_many_threads():
    recent, made = RecentValues(3), []
    workers = [
        threading.Thread(target=lambda n=n: recent.get(n % 5, lambda: made.append(n) or n % 5)) for n in range(40)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(recent._values) == 3
    assert len(made) >= 5

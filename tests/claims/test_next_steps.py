"""What would settle a claim next: information in bits, and clues that are not in use yet."""

import numpy as np
import pytest

from engine.claims.expected import PlaceFacts
from engine.claims.next_steps import (
    information_bits,
    next_steps,
    sample_elsewhere,
    solar_elevations,
    unused_clues,
)
from engine.evidence.statements.countries import CountryFact
from engine.evidence.statements.evidence import Evidence
from engine.evidence.statements.layers import LabelIs
from engine.evidence.sun.proposal import ProposedTime
from engine.locate.locator import Locator
from engine.locate.settings import Settings
from engine.testing import grey_photo

LONDON = (51.5, -0.12)


def test_information_falls_with_the_share_that_looks_alike():
    bits = [information_bits(share) for share in (0.0, 0.1, 0.5, 0.9, 1.0)]
    assert bits == sorted(bits, reverse=True)
    assert bits[-1] == pytest.approx(0.0, abs=1e-12)
    assert bits[0] == pytest.approx(1 - (-0.9 * np.log2(0.9) - 0.1 * np.log2(0.1)))  # a symmetric channel


def test_the_sample_follows_the_map_and_leaves_the_place_out(world):
    found = Locator(world, []).locate(grey_photo()).search_map
    cell = int(found.order[0])
    latitude, longitude = sample_elsewhere(found, cell)
    assert latitude.size == longitude.size > 1000
    shares = np.bincount(found.overlay.cell_at(latitude, longitude), minlength=found.overlay.cells) / latitude.size
    assert shares[cell] < 0.02  # centres of bent cells may lie in a neighbour
    second = int(found.order[1])
    assert shares[second] == pytest.approx(found.probability[second] / (1 - found.probability[cell]), abs=0.01)


def test_clues_in_use_are_not_proposed_again(world):
    answer = Locator(world, []).locate(grey_photo())
    place = PlaceFacts(world.overlay, *LONDON)
    words = [each.words for each in unused_clues(answer, place)]
    assert "Cars drive on the left" in words
    assert any(each.startswith("The climate is oceanic") for each in words)
    assert all(0.0 <= each.share <= 1.0 for each in unused_clues(answer, place))
    steps = next_steps(answer, place)
    assert 1 <= len(steps) <= 3
    assert all(step.endswith("of what else is likely.") for step in steps)


def test_statements_remove_their_clues(world, evidence_world):
    evidence = (Evidence("e1", CountryFact("drives", "left")), Evidence("e2", LabelIs("climate", ("Cfb",))))
    answer = Locator(world, [], evidence_world).locate(grey_photo(), Settings(evidence=evidence))
    words = [each.words for each in unused_clues(answer, PlaceFacts(world.overlay, *LONDON))]
    assert not any(each.startswith(("Cars", "The climate")) for each in words)


def test_solar_elevations_read_each_clock():
    time = ProposedTime(2023, 6, 21, 720.0, 5.0, "local")
    heights = solar_elevations(time, np.array([51.5, -33.9, 0.0]), np.array([-0.12, 18.4, -150.0]))
    assert heights == pytest.approx([60.0, 32.0, 66.0], abs=4.0)

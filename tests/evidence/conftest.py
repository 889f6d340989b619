"""The Earth with the partitions that ship, on a coarse grid, for all tests of evidence."""

import pytest

from engine.evidence.weighing import EvidenceWeigher
from engine.geometry.grid import Grid
from engine.inference.world import EvidenceWorld, World


@pytest.fixture(scope="session")
def earth():
    """The Earth in pixels of a third of a degree, with the partitions that ship."""
    return EvidenceWorld.of(World.load(Grid(540, 1080)))


@pytest.fixture(scope="session")
def earth_scales(earth):
    return EvidenceWeigher(earth)

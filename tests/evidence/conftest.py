"""One made-up evidence world for all tests of statements, and the Earth's on a coarse grid."""

import pytest

from engine.earth.grid import Grid
from engine.evidence.likelihood_weigh import Scales
from engine.testing import known_evidence_world
from engine.world import EvidenceWorld, World


@pytest.fixture(scope="session")
def evidence_world(world):
    return known_evidence_world(world)


@pytest.fixture(scope="session")
def scales(evidence_world):
    return Scales(evidence_world)


@pytest.fixture(scope="session")
def earth():
    """The Earth in pixels of a third of a degree, with the partitions that ship."""
    return EvidenceWorld.of(World.load(Grid(540, 1080)))


@pytest.fixture(scope="session")
def earth_scales(earth):
    return Scales(earth)

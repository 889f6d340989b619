import pytest

from engine.testing.synthetic_world import Skill, make_planet

OVERCONFIDENT = (
    Skill("geo", "geocells_fine", strength=3.0, confidence=2.0, bias=0.5, seed=1),
    Skill("ls", "population", strength=1.5, confidence=3.0, bias=1.0, seed=2),
    Skill("lc", "land_cover", strength=0.4, confidence=4.0, bias=1.0, seed=3),
)
"""Three predictors that believe themselves far too much; the third knows next to nothing."""

HONEST = (
    Skill("geo", "geocells_fine", strength=3.0, seed=1),
    Skill("ls", "population", strength=1.5, seed=2),
)


@pytest.fixture(scope="session")
def planet():
    """50,000 test photos, as many as in the papers, and 5,000 to fit and calibrate on."""
    return make_planet(photos=50_000, fit=5_000)


@pytest.fixture(scope="session")
def overconfident(planet):
    return planet.bench(OVERCONFIDENT)


@pytest.fixture(scope="session")
def honest(planet):
    return planet.bench(HONEST)

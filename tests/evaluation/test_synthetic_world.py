import numpy as np
import pytest

from engine.testing.synthetic_world import Skill, evidence, make_planet


def test_photos_are_taken_where_the_prior_says(planet):
    counts = np.bincount(planet.world.overlay.cell_at(planet.manifest.latitude, planet.manifest.longitude),
                         minlength=planet.world.overlay.cells)  # fmt: skip
    expected = planet.world.prior.probability * len(planet.manifest)
    often = expected > 50
    assert often.sum() > 100
    chi2 = ((counts - expected)[often] ** 2 / expected[often]).mean()
    assert 0.7 < chi2 < 1.3


@pytest.mark.parametrize(("strength", "confidence", "sharper"), [(2.0, 1.0, 0), (2.0, 3.0, 1), (2.0, 0.3, -1)])
def test_an_honest_predictor_is_right_as_often_as_it_says(planet, strength, confidence, sharper):
    truth = planet.world.overlay.cell_at(planet.manifest.latitude, planet.manifest.longitude)[:20_000]
    piece = evidence(planet.world, truth, Skill("m", "population", strength, confidence))
    probability, _ = piece.source.read(np.arange(truth.size))
    right = probability.argmax(axis=1) == piece.table.cell_label[truth]
    believed, actual = probability.max(axis=1).mean(), right.mean()
    if sharper == 0:
        assert believed == pytest.approx(actual, abs=0.01)
    else:
        assert np.sign(believed - actual) == sharper
        assert abs(believed - actual) > 0.05


def test_strength_is_skill_and_none_says_the_prior():
    small = make_planet(photos=500)
    truth = small.world.overlay.cell_at(small.manifest.latitude, small.manifest.longitude)
    nothing = evidence(small.world, truth, Skill("m", "population", 0.0)).source.read(np.arange(500))[0]
    assert nothing == pytest.approx(
        np.tile(small.world.prior.on(small.world.overlay.table("population")), (500, 1)), abs=1e-5
    )


def test_a_seed_is_a_planet():
    one, two = make_planet(photos=50, seed=3), make_planet(photos=50, seed=3)
    assert (one.manifest.latitude == two.manifest.latitude).all()
    assert not (one.manifest.latitude == make_planet(photos=50, seed=4).manifest.latitude).all()

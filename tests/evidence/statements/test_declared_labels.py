import numpy as np
import pytest

from engine.errors import InputError
from engine.evidence.statements.declared_labels import DeclaredLabels, outcomes_of_declared
from engine.inference.pooling import pool


def stated(world, **labels):
    table = world.overlay.table("population")
    return DeclaredLabels("population", labels).prediction(table, world.prior.on(table))


def test_labels_that_are_not_named_share_the_rest_as_the_prior_does(world):
    prediction = stated(world, high=0.5)
    prior = world.prior.on(world.overlay.table("population"))
    assert prediction.probability[3] == pytest.approx(0.5)
    assert prediction.probability[:3] / prediction.probability[:3].sum() == pytest.approx(prior[:3] / prior[:3].sum())


def test_the_map_holds_what_was_stated(world):
    table = world.overlay.table("population")
    search_map = pool(world.overlay, [stated(world, high=0.6, medium=0.4)], world.prior)
    held = np.bincount(table.cell_label + 1, weights=search_map.probability)[1:]
    assert held[3] / (held[2] + held[3]) == pytest.approx(0.6, abs=0.01)
    assert held[2] + held[3] > 0.95  # the floor keeps the rest possible


def test_declared_labels_are_one_outcome_of_the_pool(world):
    (outcome,) = outcomes_of_declared({"population": {"low": 1.0}, "land_cover": {}}, world)
    assert outcome.record.name == "declared"
    assert [each.partition for each in outcome.predictions] == ["population"]
    assert outcomes_of_declared({}, world) == ()


def test_declared_labels_read_as_a_sentence():
    assert DeclaredLabels("population", {"high": 0.7}).sentence() == "Population: Dense city 70 %"


@pytest.mark.parametrize(
    ("labels", "match"),
    [
        ({"huge": 0.5}, "no label 'huge'"),
        ({"high": 0.7, "low": 0.7}, "sum to at most 1"),
        ({"high": -0.1}, "0 to 1"),
        ({"high": float("nan")}, "0 to 1"),
        ({"lowest": 0, "low": 0, "medium": 0, "high": 0}, "leave one possible"),
    ],
)
def test_senseless_statements_are_refused(world, labels, match):
    with pytest.raises(InputError, match=match):
        stated(world, **labels)

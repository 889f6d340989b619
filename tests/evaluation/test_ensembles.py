import pytest

from engine.errors import InputError
from engine.evaluation.ensembles import parse_ensembles, standard_ensembles
from engine.inference.pooling import Pooling

EVIDENCE = {"geoclip": "base", "scene_cues:population": "LS", "scene_cues:land_cover": "LC"}


def test_the_prior_is_a_row_of_every_table():
    for texts in ([], ["base"], ["+LS"], ["mine:geoclip=1"]):
        assert parse_ensembles(texts, EVIDENCE)[0].name == "prior"


def test_an_ensemble_of_ones_own():
    row = parse_ensembles(["mine:geoclip=1.2,scene_cues=0.5,prior=0.75,urban=1"], EVIDENCE)[-1]
    assert row.weights == {"geoclip": 1.2, "scene_cues:population": 0.5, "scene_cues:land_cover": 0.5}
    assert (row.prior_weight, row.pooling, row.urban) == (0.75, Pooling.CORRECTED, True)


def test_a_product_has_no_prior_unless_it_is_asked_for():
    plain, with_prior = parse_ensembles(
        ["a:geoclip=1,pooling=product", "b:geoclip=1,prior=1,pooling=product"], EVIDENCE
    )[-2:]
    assert (plain.prior_weight, with_prior.prior_weight) == (0.0, 1.0)


def test_the_product_of_a_model_with_attributes_is_paper_a_s():
    row = next(row for row in standard_ensembles(EVIDENCE) if row.name == "geoclip +LS, product")
    assert row.weights == {"geoclip": 1.0, "scene_cues:population": 1.0}
    assert (row.prior_weight, row.base) == (0.0, "geoclip, product")


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (["+XX"], "no ensemble '\\+XX'"),
        (["mine:osv5m=1"], "names 'osv5m', which is not there"),
        (["mine:geoclip=much"], "'much' that is not a number"),
        (["mine:geoclip=-1"], "weight of -1"),
        (["mine:pooling=average"], "no pooling 'average'"),
        (["mine:geoclip=1", "mine:geoclip=2"], "Two ensembles are called 'mine'"),
    ],
)
def test_what_makes_no_sense_is_refused(texts, sentence):
    with pytest.raises(InputError, match=sentence):
        parse_ensembles(texts, EVIDENCE)


def test_an_attribute_that_nobody_speaks_of_is_refused():
    with pytest.raises(InputError, match="needs a predictor of population"):
        parse_ensembles(["+LS"], {"geoclip": "base"})

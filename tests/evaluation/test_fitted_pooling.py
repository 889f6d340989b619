import numpy as np
import pytest

from engine.errors import ArtifactError
from engine.evaluation.benchmark import measure, rows
from engine.evaluation.bootstrap import paired_difference
from engine.evaluation.ensembles import Ensemble
from engine.evaluation.evidence import LabelEvidence
from engine.evaluation.fitted_pooling import (
    below,
    fit_pooling,
    join_scores,
    load_fitted,
    single_bases,
)
from engine.evaluation.pooling_likelihood import Family, Found
from engine.evaluation.recall_area import score


@pytest.fixture(scope="module")
def fitted(planet, overconfident):
    return fit_pooling(overconfident, planet.manifest.where("fit")[:1200], ridges=(0.003, 0.1), floors=(0.02, 0.1))


@pytest.fixture(scope="module")
def compared(planet, overconfident, fitted):
    plain = Ensemble("plain", dict.fromkeys(overconfident.evidence, 1.0), 1.0)
    test = planet.manifest.where("test")[:20_000]
    found = score(overconfident, (*single_bases(overconfident), plain, fitted.ensemble(overconfident)), test)
    return {scores.ensemble.name: scores for scores in found}


def test_fitted_pooling_beats_the_plain_product(compared):
    gain, bounds = paired_difference(
        compared["fitted"].log_area_share[:, None], compared["plain"].log_area_share[:, None]
    )
    assert gain[0] > 0.02
    assert bounds[0, 0] > 0
    assert compared["fitted"].nats.mean() < compared["plain"].nats.mean() - 0.5


def test_it_is_nowhere_below_the_best_single_base(compared):
    for name in ("prior", "geo"):
        assert not below(compared["fitted"], compared[name])
    assert below(compared["plain"], compared["geo"])  # or the guard would have nothing to guard against


def test_what_knows_nothing_and_believes_itself_is_switched_nearly_off(fitted):
    assert fitted.weights["lc"] < 0.15
    assert fitted.weights["geo"] > fitted.weights["ls"] > fitted.weights["lc"]
    assert fitted.temperature > 1.3
    assert fitted.figures["guard"] == "used as fitted"


def test_honest_predictors_keep_their_exponents(planet, honest):
    fit = fit_pooling(honest, planet.manifest.where("fit")[:800], ridges=(0.003,), floors=(0.02,))
    assert fit.weights["geo"] == pytest.approx(1.0, abs=0.15)
    assert fit.prior_weight == pytest.approx(1.0, abs=0.15)


def test_slope_and_curvature_are_those_of_the_likelihood(planet, overconfident):
    family = Family(overconfident, planet.manifest.where("fit")[:60], 0.02)
    point, step = np.array([0.9, 0.7, 0.5, 0.2]), 1e-5
    _, slope, curve = family.derivatives(point)
    for number in range(4):
        ahead, behind = point.copy(), point.copy()
        ahead[number] += step
        behind[number] -= step
        after, before = family.derivatives(ahead), family.derivatives(behind)
        assert slope[number] == pytest.approx((after[0] - before[0]) / (2 * step), rel=1e-4, abs=1e-6)
        assert curve[number] == pytest.approx((after[1] - before[1]) / (2 * step), rel=1e-3, abs=1e-5)


def test_the_guard_moves_a_harmful_fit_to_the_base(planet, overconfident, monkeypatch):
    from engine.evaluation import fitted_pooling

    bad = Found(np.array([0.0, 0.05, 4.0, 4.0]), 0.0)
    monkeypatch.setattr(fitted_pooling, "newton", lambda *_: bad)
    fit = fit_pooling(overconfident, planet.manifest.where("fit")[:600], ridges=(0.1,), floors=(0.02,))
    assert fit.figures["guard"].startswith("moved towards geo")
    test = planet.manifest.where("test")[:3000]
    base, kept = score(overconfident, (single_bases(overconfident)[1], fit.ensemble(overconfident)), test)
    assert kept.log_area_share.mean() > base.log_area_share.mean() - 0.01


def test_a_record_comes_back(tmp_path, fitted):
    fitted.save(tmp_path / "fit.json")
    read = load_fitted(tmp_path / "fit.json")
    assert read == fitted
    assert read.fits(["geo", "ls", "lc"], "180x360")
    assert not read.fits(["geo"], "180x360")
    (tmp_path / "fit.json").write_text('{"kind": "fitted_pooling", "format": 1}')
    with pytest.raises(ArtifactError, match="damaged"):
        load_fitted(tmp_path / "fit.json")


def test_the_partitions_of_a_predictor_share_an_exponent(planet, overconfident):
    pieces = {}
    for name, partition in (("cues:population", "ls"), ("cues:land_cover", "lc")):
        one = overconfident.evidence[partition]
        pieces[name] = LabelEvidence(name, one.table, one.prior, one.source, one.floor)
    bench = type(overconfident)(overconfident.world, overconfident.truth_cell, pieces)
    fit = fit_pooling(bench, planet.manifest.where("fit")[:300], ridges=(0.1,), floors=(0.02,))
    assert set(fit.weights) == {"cues"}
    assert set(fit.ensemble(bench).weights) == set(pieces)


def test_scores_of_parts_are_joined_in_order(compared):
    one = compared["prior"]
    both = join_scores([one.take(np.arange(5)), one.take(np.arange(5, 9))])
    assert (both.reach_km2 == one.reach_km2[:9]).all()


def test_rows_of_a_table_hold_paired_gains(planet, overconfident, fitted):
    test = planet.manifest.where("test")[:2000]
    base, plain = (
        single_bases(overconfident)[1],
        Ensemble("plain", dict.fromkeys(overconfident.evidence, 1.0), 1.0, base="geo"),
    )
    told = rows(measure(overconfident, planet.manifest, [base, plain], test), resamples=200)
    gain = told[1]["gain"]["rva"]["750"]
    assert gain[0] == pytest.approx(told[1]["rva"]["750"] - told[0]["rva"]["750"])
    assert gain[1] <= gain[0] <= gain[2]
    wide = told[0]["rva_interval"]["750"][1] - told[0]["rva_interval"]["750"][0]
    assert gain[2] - gain[1] < 2 * wide

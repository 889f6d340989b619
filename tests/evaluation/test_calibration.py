import json

import numpy as np
import pytest
from scipy import stats

from engine.errors import ArtifactError, ExportError, InputError
from engine.evaluation.calibration import (
    NOMINAL,
    Calibration,
    applies,
    calibrate,
    coverage_table,
    find_calibration,
    load_calibration,
    most_probable_bucket,
    needed_photos,
    position_in_cell,
    truth_mass,
)
from engine.evaluation.cell_samples import cell_samples
from engine.evaluation.ensembles import Ensemble
from engine.evaluation.recall_area import score
from engine.locate.maps import prior_map


@pytest.fixture(scope="module")
def places(planet, overconfident):
    samples = cell_samples(planet.world.overlay)
    manifest = planet.manifest
    return position_in_cell(samples, overconfident.truth_cell, manifest.latitude, manifest.longitude)


def everything(bench):
    return Ensemble("everything", dict.fromkeys(bench.evidence, 1.0), 1.0)


def test_calibrated_regions_hold_what_they_promise_on_50_000_other_photos(planet, overconfident, places):
    (found,) = score(overconfident, [everything(overconfident)])
    fit, test = planet.manifest.where("fit"), planet.manifest.where("test")
    buckets = planet.world.overlay.table("population").labels
    calibration = calibrate(found.take(fit), places[fit], buckets)
    rows = coverage_table(calibration, found.take(test), places[test], buckets)
    for row in rows:
        if row["group"] == "all":
            assert row["coverage"] == pytest.approx(row["nominal"], abs=0.02)
            assert row["uncalibrated"] < row["nominal"] - 0.1  # so there was something to calibrate
        elif row["photos"] > 5000:
            assert row["coverage"] == pytest.approx(row["nominal"], abs=0.04)


def test_maps_of_honest_predictors_are_calibrated_as_they_are(planet, honest, places):
    test = planet.manifest.where("test")[:20_000]
    (found,) = score(honest, [everything(honest)], test)
    mass = truth_mass(found, places[test])
    for nominal in NOMINAL:
        assert (mass <= nominal).mean() == pytest.approx(nominal, abs=0.025)


def test_regions_of_the_map_hold_the_truth_as_often_as_the_scores_say(planet, places):
    """The score of a photo is the mass of the smallest region that contains it, as ``Region`` cuts regions."""
    search_map = prior_map(planet.world)
    manifest = planet.manifest.take(np.arange(300))
    truth = planet.world.overlay.cell_at(manifest.latitude, manifest.longitude)
    above = [float(search_map.probability_up_to[search_map.rank[cell]]) for cell in truth]
    mass = np.array(above) + places[:300] * search_map.probability[truth]
    region = search_map.region(mass=0.7)
    inside = [region.contains(a, b) for a, b in zip(manifest.latitude, manifest.longitude, strict=True)]
    assert np.mean(np.array(inside) == (mass <= 0.7)) > 0.98


def make_calibration(photos, groups=()):
    scores = np.sort(np.random.default_rng(0).random(photos))
    return Calibration(scores, photos, {name: (scores[:size], size) for name, size in groups})


@pytest.mark.parametrize("coverage", NOMINAL)
def test_the_finite_sample_correction_makes_the_promise_hold(coverage):
    """Over many small calibration sets, coverage of the next photo is nominal or at most 1 / (n + 1) above."""
    rng, held = np.random.default_rng(5), []
    for _ in range(4000):
        scores = np.sort(rng.beta(0.5, 2.0, 39))
        held.append(rng.beta(0.5, 2.0) <= Calibration(scores, 39).mass_for(coverage).mass)
    low, high = stats.binomtest(sum(held), 4000).proportion_ci(0.999)
    assert low <= coverage + 1 / 40
    assert high >= coverage


def test_too_few_photos_give_no_guarantee():
    assert [needed_photos(c) for c in (0.5, 0.8, 0.9, 0.95)] == [1, 4, 9, 19]
    advice = make_calibration(18).mass_for(0.95)
    assert (advice.mass, advice.guaranteed) == (0.95, False)
    assert "There are 18 calibration photos and a coverage of 95% needs 19" in advice.note
    assert make_calibration(19).mass_for(0.95).guaranteed


def test_a_small_group_falls_back_on_all_photos():
    calibration = make_calibration(200, [("high", 5), ("low", 100)])
    advice = calibration.mass_for(0.9, "high")
    assert advice.mass == calibration.mass_for(0.9).mass
    assert "Only 5 calibration photos are of group 'high'" in advice.note
    assert calibration.mass_for(0.9, "low").note == ""
    assert calibration.mass_for(0.9, "never seen").mass == calibration.mass_for(0.9).mass


def test_hit_rates_come_with_intervals():
    calibration = Calibration(np.arange(1, 101) / 100, 100)
    rate, (low, high) = calibration.hit_rate(0.3)
    assert rate == 0.3
    assert (low, high) == pytest.approx(tuple(stats.binomtest(30, 100).proportion_ci(method="exact")))
    assert calibration.curve(np.array([0.0, 0.5, 1.0])).tolist() == [0.0, 0.5, 1.0]
    with pytest.raises(InputError, match="no calibration photo"):
        Calibration(np.empty(0), 0).hit_rate(0.5)
    with pytest.raises(InputError, match="share between 0 and 1"):
        calibration.mass_for(1.0)


def test_a_record_comes_back_and_is_found_for_the_maps_it_was_made_for(tmp_path):
    facts = {"weights": {"cues:population": 1.0, "cues:land_cover": 1.0}, "prior_weight": 1.0, "pooling": "corrected",
             "floors": {}, "urban": False, "grid": "180x360"}  # fmt: skip
    saved = Calibration(np.arange(1, 51) / 50, 50, {"low": (np.array([0.25]), 1)}, facts)
    saved.save(tmp_path / "calibration-everything.json")
    (tmp_path / "calibration-broken.json").write_text("{")
    read = load_calibration(tmp_path / "calibration-everything.json")
    assert read.scores.tolist() == saved.scores.tolist()
    assert read.groups["low"][1] == 1
    assert applies(read, {"cues": 1.0}, 1.0, "corrected", "180x360")
    assert find_calibration(tmp_path, {"cues": 1.0}, 1.0, "corrected", "180x360") is not None
    for other in (({"cues": 0.5}, 1.0), ({"cues": 1.0, "geoclip": 1.0}, 1.0), ({"cues": 1.0}, 0.5)):
        assert find_calibration(tmp_path, *other, "corrected", "180x360") is None
    assert find_calibration(tmp_path / "none", {}, 1.0, "corrected", "180x360") is None


@pytest.mark.parametrize("text", ["{", "[]", '{"kind": "other"}', '{"kind": "calibration", "format": 99}',
                                  '{"kind": "calibration", "format": 1, "scores": 3}'])  # fmt: skip
def test_damaged_records_raise_a_clear_error(tmp_path, text):
    (tmp_path / "c.json").write_text(text)
    with pytest.raises(ArtifactError, match="create it again with hereabouts evaluate"):
        load_calibration(tmp_path / "c.json")


def test_a_record_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="choose a folder"):
        make_calibration(3).save(tmp_path / "file" / "c.json")


def test_thousands_of_scores_are_thinned_without_moving_quantiles(planet, overconfident, places):
    (found,) = score(overconfident, [Ensemble("prior", {}, 1.0)])
    buckets = planet.world.overlay.table("population").labels
    calibration = calibrate(found, places, buckets)
    whole = np.sort(truth_mass(found, places))
    assert calibration.photos == 55_000
    assert len(json.dumps(calibration.scores.tolist())) < 200_000
    for nominal in NOMINAL:
        assert (whole <= calibration.mass_for(nominal).mass).mean() == pytest.approx(nominal, abs=2e-3)


def test_the_group_of_a_map_is_the_bucket_that_it_leans_to(planet):
    search_map = prior_map(planet.world)
    table = planet.world.overlay.table("population")
    shares = [search_map.probability[table.cell_label == n].sum() for n in range(4)]
    assert most_probable_bucket(search_map) == table.labels[int(np.argmax(shares))]

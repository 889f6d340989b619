"""The kept fit takes the place of weights that nobody chose, everywhere in the same way."""

import numpy as np
import pytest

from engine.evaluation.calibration import Calibration
from engine.evaluation.fitted_pooling import FittedPooling
from engine.evaluation.records import records_folder
from engine.evaluation.stored_fits import find_fit, find_stored_calibration, load_stored_fit, settings_in_use, with_fit
from engine.inference.pooling import Pooling
from engine.locate.settings import Settings
from engine.testing import grey_photo, make_record

FIT = FittedPooling({"peaked": 0.4}, 1.2, 0.1, 1.5, 0.03, 500, grid="180x360")


@pytest.fixture(autouse=True)
def records(tmp_path, monkeypatch):
    monkeypatch.setenv("HEREABOUTS_RECORDS", str(tmp_path))


def save(fit):
    fit.save(records_folder() / "fitted-pooling.json")


def test_a_fit_is_used_where_nobody_chose_weights(locator):
    plain = Settings()
    assert settings_in_use(plain, lambda: locator) is plain
    save(FIT)
    used = settings_in_use(plain, lambda: locator)
    assert (used.weights, used.prior_weight, used.floors) == ({"peaked": 0.4}, 1.2, {"peaked": 0.1})
    for chosen in (Settings({"peaked": 0.5}), Settings(prior_weight=0.5), Settings(pooling=Pooling.PRODUCT)):
        assert settings_in_use(chosen, lambda: locator) is chosen
    stated = {"population": {"high": 0.9}}
    assert settings_in_use(Settings(declared=stated), lambda: locator).declared == stated


@pytest.mark.parametrize("change", [{"weights": {"other": 1.0}}, {"grid": "90x180"}])
def test_a_fit_for_something_else_is_not_used(locator, change):
    save(FittedPooling(**{**vars(FIT), **change}))
    plain = Settings()
    assert load_stored_fit() is not None
    assert find_fit(locator) is None
    assert settings_in_use(plain, lambda: locator) is plain


def test_a_damaged_fit_is_no_fit(locator):
    records_folder().joinpath("fitted-pooling.json").write_text("{")
    assert load_stored_fit() is None
    assert settings_in_use(Settings(), lambda: locator) == Settings()


def test_the_map_is_pooled_with_the_fitted_floor(locator):
    photo = grey_photo()
    outcomes = locator.read(photo)
    fitted = locator.answer(photo, outcomes, with_fit(Settings(), FIT)).search_map
    same_weights = locator.answer(photo, outcomes, Settings({"peaked": 0.4}, 1.2)).search_map
    assert np.abs(fitted.log_density - same_weights.log_density).max() > 0.01
    ratio = [np.ptp(one.log_density - locator.world.prior.log_density(1.2)) for one in (fitted, same_weights)]
    assert ratio[0] < ratio[1], "a higher floor leaves less evidence"


def test_a_calibration_is_of_one_way_to_pool(locator):
    scores = np.linspace(0.01, 0.99, 99)
    facts = {"pooling": "corrected", "grid": "180x360"}
    for name, weights, prior_weight, floors in (
        ("everything", {"peaked:a": 1.0, "peaked:b": 1.0}, 1.0, {}),
        ("fitted", {"peaked:a": 0.4, "peaked:b": 0.4}, 1.2, {"peaked:a": 0.1, "peaked:b": 0.1}),
    ):
        told = {**facts, "weights": weights, "prior_weight": prior_weight, "floors": floors, "name": name}
        Calibration(scores, 99, {}, told).save(records_folder() / f"calibration-{name}.json")
    record = make_record("peaked")
    found = [
        find_stored_calibration([record], settings, "180x360")
        for settings in (
            Settings(),
            with_fit(Settings(), FIT),
            Settings({"peaked": 0.4}, 1.2),
            Settings(declared={"population": {"high": 0.9}}),
        )
    ]
    assert [None if one is None else one.ensemble["name"] for one in found] == ["everything", "fitted", None, None]
    assert find_stored_calibration([record], Settings(), "90x180") is None

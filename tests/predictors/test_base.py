"""The contract of predictors: probabilities are checked once, at the door."""

import dataclasses

import numpy as np
import pytest

from engine.errors import PredictorError
from engine.photos.photo import Photo
from engine.predictors.base import Prediction, Predictor, Record

RECORD = Record("coin", "A coin", "Says nothing.", "CC0-1.0", "made for this test")


def test_probabilities_become_a_read_only_vector_that_sums_to_one() -> None:
    prediction = Prediction(RECORD, "sides", np.array([0.5004, 0.5]), np.array([0.5, 0.5]))
    assert prediction.probability.sum() == pytest.approx(1.0, abs=1e-15)
    assert prediction.label_prior is not None
    assert prediction.note == ""
    for vector in (prediction.probability, prediction.label_prior):
        with pytest.raises(ValueError, match="read-only"):
            vector[0] = 1.0


def test_the_given_array_is_not_touched() -> None:
    given = np.array([0.25, 0.75])
    Prediction(RECORD, "sides", given)
    given[0] = 9.0
    assert given.flags.writeable


@pytest.mark.parametrize(
    "values", [[0.5, 0.6], [1.5, -0.5], [np.nan, 1.0], [np.inf, 0.0], [0.0, 0.0], [], [[0.5, 0.5]]]
)
def test_what_is_no_probability_is_refused(values: list[float]) -> None:
    with pytest.raises(PredictorError, match=r"coin.*switch it off"):
        Prediction(RECORD, "sides", np.array(values))
    with pytest.raises(PredictorError, match="coin"):
        Prediction(RECORD, "sides", np.array([0.5, 0.5]), np.array(values))


def test_anything_with_record_and_predict_is_a_predictor() -> None:
    class Coin:
        record = RECORD

        def predict(self, photo: Photo) -> tuple[Prediction, ...]:
            return (Prediction(self.record, "sides", np.array([0.5, 0.5])),)

    assert isinstance(Coin(), Predictor)
    assert not isinstance(object(), Predictor)


def test_records_are_frozen_and_have_defaults() -> None:
    assert (RECORD.approximate, RECORD.floor, RECORD.weight) == (False, 0.02, 1.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        RECORD.weight = 2.0  # type: ignore[misc]

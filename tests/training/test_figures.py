import numpy as np
import pytest
from scipy.special import softmax

from engine.training.figures import calibration_error, fit_temperature, head_figures, log_loss
from engine.training.model_card import attribute_card, summary_sentence


def logits(seed=0, count=4000, labels=5):
    """Logits whose softmax is the truth that labels are drawn from."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(0, 1.5, (count, labels))
    return scores, (scores + rng.gumbel(size=scores.shape)).argmax(axis=1)


@pytest.mark.parametrize("factor", [0.3, 1.0, 4.0])
def test_the_temperature_that_was_put_in_is_found(factor):
    scores, label = logits()
    assert fit_temperature(scores * factor, label) == pytest.approx(factor, rel=0.06)


def test_a_few_photos_that_are_all_right_do_not_make_it_certain():
    scores = np.eye(4)[[0, 1, 2, 3, 0, 1]] * 8.0
    assert fit_temperature(scores, np.array([0, 1, 2, 3, 0, 1])) > 1.0
    assert fit_temperature(np.zeros((0, 4)), np.zeros(0, np.int64)) == 1.0


def test_calibration_makes_overconfident_scores_honest():
    scores, label = logits()
    before, after = softmax(scores * 4, axis=1), softmax(scores * 4 / fit_temperature(scores * 4, label), axis=1)
    assert calibration_error(after, label) < 0.03
    assert calibration_error(before, label) > 0.15
    assert log_loss(after, label) < log_loss(before, label)


def test_figures_and_card_by_hand():
    scores = np.log(np.array([[0.7, 0.2, 0.1], [0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.5, 0.4, 0.1]]))
    label = np.array([0, 0, 1, 1])
    found = head_figures("land_cover", ("a", "b", "c"), scores, label, 1.0, np.array([0.5, 0.25, 0.25]))
    assert found.confusion.tolist() == [[2, 0, 0], [1, 1, 0], [0, 0, 0]]
    assert (found.accuracy, found.majority, found.balanced_accuracy) == (0.75, 0.5, 0.75)
    assert found.loss == pytest.approx(-np.log([0.7, 0.6, 0.7, 0.4]).mean())
    assert found.loss_constant == pytest.approx((2 * np.log(2) + 2 * np.log(4)) / 4)
    training = {"photos": {"train": 10}, "split": "10 photos to train on.", "excluded": {"no photo": 3},
                "duplicates": {"same_picture_photos": 2, "same_picture_groups": 1}, "notes": ["A note."]}  # fmt: skip
    card = attribute_card("Title", {"backbone": "x"}, [found], training, "4 test photos")
    for words in ("| b | 2 | 50.0% |", "| c | 0 | — |", "| b | 1 | 1 | 0 |", "3 left out: no photo", "A note.",
                  "Intended use", "right for 75.0%"):  # fmt: skip
        assert words in card
    assert "land cover right for 75%" in summary_sentence([found], "4 test photos")
    assert found.told()["per_class"]["c"] is None

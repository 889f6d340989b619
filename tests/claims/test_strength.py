"""Words for likelihood ratios are those of the ENFSI scale, whichever side they are on."""

import math

import pytest

from engine.claims.strength import NO_SUPPORT, STRONGEST, ratio_words, strength_words


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (1.0, NO_SUPPORT),
        (1.9, NO_SUPPORT),
        (2.5, "weak support"),
        (30.0, "moderate support"),
        (300.0, "moderately strong support"),
        (3e3, "strong support"),
        (3e5, "very strong support"),
        (3e7, STRONGEST),
    ],
)
def test_a_ratio_and_its_inverse_have_the_same_words(ratio, words):
    assert strength_words(math.log10(ratio)) == words
    assert strength_words(-math.log10(ratio)) == words


def test_ratios_are_rounded_and_never_without_bound():
    assert ratio_words(math.log10(12.34)) == "12 times"
    assert ratio_words(-math.log10(1234)) == "1,200 times"
    assert ratio_words(-math.inf) == "more than a million times"
    assert strength_words(-math.inf) == STRONGEST

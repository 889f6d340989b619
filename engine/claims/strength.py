"""Words for likelihood ratios: the verbal scale of forensic science.

ENFSI, *Guideline for Evaluative Reporting in Forensic Science* (2015): a ratio of 2 to 10 is weak support, to 100
moderate, to 1,000 moderately strong, to 10,000 strong, to 1,000,000 very strong, above that extremely strong. A ratio
below 2 supports neither side. A ratio below 1 supports the alternative as strongly as its inverse supports the claim.
"""

import math

SCALE: tuple[tuple[float, str], ...] = (
    (2.0, "no support either way"),
    (10.0, "weak support"),
    (100.0, "moderate support"),
    (1_000.0, "moderately strong support"),
    (10_000.0, "strong support"),
    (1_000_000.0, "very strong support"),
)
"""Upper ends of the ratio, 1 or more, and the words below each."""
STRONGEST = "extremely strong support"
NO_SUPPORT = SCALE[0][1]


def strength_words(log10_ratio: float) -> str:
    """The words for a likelihood ratio, without its side: ``"moderate support"``.

    Args:
        log10_ratio: decimal logarithm of the ratio; ``-inf`` and ``inf`` are the strongest.
    """
    size = abs(log10_ratio)
    return next((words for most, words in SCALE if size < math.log10(most)), STRONGEST)


def ratio_words(log10_ratio: float) -> str:
    """A ratio as the larger of itself and its inverse: ``"12 times"``, ``"more than a million times"``."""
    size = abs(log10_ratio)
    if size >= 6.0:
        return "more than a million times"
    return f"{float(f'{10**size:.2g}'):,g} times"

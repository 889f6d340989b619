"""Figures as they stand in the panel."""

import pytest

from dashboard.locate.figures import area_text, percent_text, rounded_area_text


@pytest.mark.parametrize(
    ("area_km2", "text"),
    [(99_991.2, "100,000 km²"), (1_234_567, "1,230,000 km²"), (12.34, "12.3 km²"), (0.5, "0.500 km²"), (0, "0 km²")],
)
def test_a_headline_has_three_significant_digits(area_km2, text):
    assert rounded_area_text(area_km2) == text


def test_a_figure_in_the_text_keeps_its_digits():
    assert area_text(99_991.2) == "99,991"
    assert area_text(12.34) == "12.3"


@pytest.mark.parametrize(
    ("probability", "text"),
    [(0.7051, "70.5 %"), (0.99999, "over 99.9 %"), (1.0, "100.0 %"), (0.0001, "under 0.1 %"), (0.0, "0.0 %")],
)
def test_a_probability_never_rounds_to_certainty(probability, text):
    assert percent_text(probability) == text

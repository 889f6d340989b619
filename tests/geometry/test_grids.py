import pytest

from engine.errors import InputError
from engine.geometry.grid import Grid
from engine.geometry.grids import parse_grid


@pytest.mark.parametrize(
    ("text", "rows", "columns"),
    [
        ("5400x10800", 5400, 10800),
        (" 180 X 360 ", 180, 360),
        ("30s", 21600, 43200),
        ("30S", 21600, 43200),
        ("0.5m", 21600, 43200),
        ("2m", 5400, 10800),
        ("2.5m", 4320, 8640),
        ("1d", 180, 360),
        ("0.5d", 360, 720),
    ],
)
def test_a_grid_by_size_or_by_pixel(text, rows, columns):
    assert parse_grid(text) == Grid(rows, columns)


WRONG = ["", "big", "30", "s", "-30s", "0s", "7m", "10s", "5000x7", "5400x", "1e3s", "30sx30s", "²s"]


@pytest.mark.parametrize("text", WRONG)
def test_other_texts_are_refused_in_a_sentence(text):
    with pytest.raises(InputError) as caught:
        parse_grid(text)
    assert str(caught.value).endswith(".")

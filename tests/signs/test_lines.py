import pytest

from engine.errors import InputError
from engine.signs.lines import Box, box_around


def test_a_box_fits_any_size_of_the_photo():
    box = Box(0.25, 0.5, 0.5, 0.75)
    assert box.pixels(400, 200) == (100, 100, 200, 150)
    assert box.pixels(8, 4) == (2, 2, 4, 3)
    assert Box(0.0, 0.0, 1.0, 1.0).pixels(7, 5) == (0, 0, 7, 5)


@pytest.mark.parametrize("edges", [(0.5, 0.1, 0.5, 0.2), (0.1, 0.3, 0.2, 0.2), (-0.1, 0, 1, 1), (0, 0, 1.1, 1)])
def test_a_box_outside_the_photo_is_refused(edges):
    with pytest.raises(InputError, match="is not inside the photo"):
        Box(*edges)


def test_a_box_around_corners_is_cut_at_the_edges_of_the_photo():
    assert box_around([(-5, 10), (50, 12), (50, 20), (-5, 18)], 100, 40) == Box(0.0, 0.25, 0.5, 0.5)
    assert box_around([(10, 10), (10, 30), (10.5, 10), (10.5, 30)], 100, 40) is None
    assert box_around([(110, 10), (150, 30)], 100, 40) is None

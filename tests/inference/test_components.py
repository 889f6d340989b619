import numpy as np
import pytest

from engine.inference.components import component_lattice, find_components, lowest_in_blocks


def components_of(*cells, shape=(36, 72)):
    mask = np.zeros(shape, bool)
    for row, column in cells:
        mask[row, column] = True
    return find_components(mask)


@pytest.mark.parametrize(
    ("cells", "count"),
    [
        ([], 0),
        ([(5, 5)], 1),
        ([(5, 5), (5, 6)], 1),
        ([(5, 5), (6, 6)], 1),
        ([(5, 5), (5, 7)], 2),
        ([(5, 0), (5, 71)], 1),
        ([(5, 0), (6, 71)], 1),
        ([(5, 1), (5, 71)], 2),
        ([(0, 3), (0, 40)], 1),
        ([(35, 3), (35, 40)], 1),
        ([(1, 3), (1, 40)], 2),
        ([(0, 3), (35, 3)], 2),
    ],
)
def test_components_continue_across_antimeridian_and_poles(cells, count):
    assert components_of(*cells).count == count


def test_pieces_on_both_sides_of_the_antimeridian_are_one_component():
    found = components_of((5, 0), (5, 71), (20, 30))
    west, east, other = (found.component_of_piece[found.piece[cell]] for cell in [(5, 0), (5, 71), (20, 30)])
    assert west == east != other
    assert found.component_of_piece[0] == -1


def test_blocks_have_the_lowest_rank():
    values = np.full((1080, 2160), 9, np.int32)
    values[4, 8] = 2
    assert component_lattice(values.shape) == (360, 720)
    assert np.argwhere(lowest_in_blocks(values) == 2).tolist() == [[1, 2]]

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.geometry.grid import Grid
from engine.layers import builtin
from engine.partitions.partition import NOWHERE
from engine.training.labels import (
    chosen_layers,
    excess_urban,
    label_shares,
    label_table,
    swapped_note,
    usable_attributes,
)


def test_labels_are_those_of_the_nearest_pixel_at_the_layers_own_resolution(tmp_path):
    rng = np.random.default_rng(0)
    latitude, longitude = rng.uniform(-90, 90, 3000), rng.uniform(-180, 180, 3000)
    layers = chosen_layers(folder=tmp_path)
    table = label_table(layers, latitude, longitude)
    native = Grid(builtin.ROWS, 2 * builtin.ROWS)
    for column, make in enumerate((builtin.population, builtin.land_cover)):
        assert (table[:, column] == make(native).label_at(latitude, longitude)).all()
    assert {layer.name for layer in layers} == {"population", "land_cover"}


def test_an_unknown_layer_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no layer 'soil'.*population"):
        chosen_layers(("soil",), tmp_path)


@given(st.integers(0, 500), st.integers(1, 500), st.floats(0.01, 0.99))
def test_urban_is_held_to_its_share(urban, others, share):
    labels = np.array([5] * urban + [1] * others)
    left = np.setdiff1d(np.arange(labels.size), excess_urban(labels, 5, share))
    kept = (labels[left] == 5).sum()
    assert kept <= share * left.size + 1e-9
    assert (labels[left] == 1).sum() == others
    assert kept == urban or (kept + 1) > share * (left.size + 1) - 1e-9  # no more were left out than had to be


def test_the_papers_share_of_an_urban_set():
    labels = np.array([5] * 900 + [1] * 700)
    assert (labels[np.setdiff1d(np.arange(1600), excess_urban(labels, 5))] == 5).mean() == 0.125


@pytest.mark.parametrize(
    ("labels", "share", "words"), [([5, 5], 0.125, "Every photo"), ([5, 1], 0.0, "makes no sense")]
)
def test_shares_that_cannot_be_met_are_refused(labels, share, words):
    with pytest.raises(InputError, match=words):
        excess_urban(np.array(labels), 5, share)


def test_one_class_only_is_said_and_the_other_attribute_goes_on(made_up_layers):
    labels = np.stack([np.zeros(20, np.int64), np.arange(20) % 3], axis=1)
    columns, notes = usable_attributes(made_up_layers, labels)
    assert columns == [1]
    assert len(notes) == 1 and "one class of population only (lowest)" in notes[0]
    labels[:, 1] = 2
    with pytest.raises(InputError, match=r"population only.*land_cover only"):
        usable_attributes(made_up_layers, labels)


def test_columns_that_are_swapped_without_leaving_the_globe_are_noticed(tmp_path):
    layers = chosen_layers(("population",), tmp_path)
    rng = np.random.default_rng(1)
    latitude, longitude = rng.uniform(44, 51, 40), rng.uniform(3, 22, 40)
    assert swapped_note(layers, latitude, longitude) == ""
    assert "changed places" in swapped_note(layers, *(np.array([-34.6, -23.5]), np.array([-58.4, -46.6]))[::-1])


def test_shares_of_labels_are_never_zero():
    shares = label_shares(np.array([0, 0, NOWHERE, 2]), 4)
    np.testing.assert_allclose(shares, [2.5 / 5, 0.5 / 5, 1.5 / 5, 0.5 / 5])

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.training.duplicates import components, difference_hash, duplicate_groups, near_pairs


def scene(seed):
    small = np.random.default_rng(seed).integers(0, 255, (7, 9, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((400, 300), Image.Resampling.BICUBIC))


def bits_apart(first, second):
    return (int(first, 16) ^ int(second, 16)).bit_count()


def test_the_same_picture_made_smaller_and_darker_has_nearly_the_same_hash():
    picture = scene(0)
    small = np.asarray(Image.fromarray(picture).resize((160, 120)))
    darker = (picture * 0.8).astype(np.uint8)
    first = difference_hash(picture)
    assert bits_apart(first, difference_hash(small)) <= 3
    assert bits_apart(first, difference_hash(darker)) <= 3
    assert bits_apart(first, difference_hash(scene(1))) > 10


def test_a_blank_picture_has_no_hash():
    assert difference_hash(np.full((40, 60, 3), 128, np.uint8)) == ""


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=25), st.lists(st.integers(0, 63), max_size=12))
def test_near_pairs_join_what_brute_force_joins(values, flips):
    values = values + [values[n % len(values)] ^ (1 << bit) for n, bit in enumerate(flips)]
    hashes = [f"{value:016x}" for value in values] + [""]
    found = components(len(hashes), near_pairs(hashes))
    every = [(a, b) for a in range(len(values)) for b in range(a) if (values[a] ^ values[b]).bit_count() <= 3]
    expected = components(len(hashes), np.array(every, np.int64).reshape(-1, 2))
    assert [(found == f).tolist() for f in found] == [(expected == e).tolist() for e in expected]


def test_groups_are_the_largest_first():
    pairs = np.array([[0, 1], [3, 4], [4, 5]])
    assert duplicate_groups(7, pairs) == [[3, 4, 5], [0, 1]]
    assert duplicate_groups(2, np.empty((0, 2), np.int64)) == []

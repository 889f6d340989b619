import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from engine.errors import InputError
from engine.geometry.sphere import great_circle_km
from engine.training.splits import LEFT_OUT, TEST, TRAIN, VALIDATION, near_places, split_photos

NONE = np.empty((0, 2), np.int64)


def assert_apart(split, latitude, longitude, author, pictures=NONE):
    """No place, author or picture on two sides, checked pair by pair."""
    side = split.side
    km = great_circle_km(latitude[:, None], longitude[:, None], latitude[None], longitude[None])
    same_author = np.array([[bool(a) and a == b for b in author] for a in author])
    tied = (km < 1.0) | same_author
    tied[pictures[:, 0], pictures[:, 1]] = tied[pictures[:, 1], pictures[:, 0]] = True
    both = (side[:, None] != LEFT_OUT) & (side[None] != LEFT_OUT) & (side[:, None] != side[None])
    assert not (tied & both).any()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(5, 60), st.integers(2, 60), st.floats(0.001, 0.5))
def test_no_place_author_or_picture_is_on_two_sides(seed, towns, authors, spread):
    rng = np.random.default_rng(seed)
    middle = np.stack([rng.uniform(-80, 80, towns), rng.uniform(-180, 180, towns)], axis=1)
    at = middle[rng.integers(0, towns, 150)] + rng.normal(0, spread, (150, 2))
    author = [f"a{n}" if n else "" for n in rng.integers(0, authors, 150)]
    pictures = rng.integers(0, 150, (10, 2))
    try:
        split = split_photos(at[:, 0], at[:, 1], author, pictures, seed=seed)
    except InputError:
        reject()  # everything hangs together; its sentence is tested below
    assert_apart(split, at[:, 0], at[:, 1], author, pictures)
    assert (split.side == TRAIN).any() and (split.side == VALIDATION).any()


def test_shares_are_met_where_photos_are_free():
    rng = np.random.default_rng(0)
    split = split_photos(rng.uniform(-60, 70, 1000), rng.uniform(-180, 180, 1000), [""] * 1000, NONE)
    assert np.bincount(split.side).tolist() == [800, 100, 100]
    assert "no place, author or picture" in split.note


def test_a_giant_part_is_cut_and_what_touches_is_left_out():
    rng = np.random.default_rng(1)
    who = rng.integers(0, 900, 3000)
    home = rng.uniform([48.0, 2.0], [48.6, 2.8], (900, 2))
    latitude, longitude = (home[who] + rng.normal(0, 0.03, (3000, 2))).T
    author = [f"a{n}" for n in who]
    split = split_photos(latitude, longitude, author, NONE)
    assert_apart(split, latitude, longitude, author)
    assert (split.side == LEFT_OUT).sum() < 1600
    assert (split.side == VALIDATION).sum() >= 5
    assert "cut along S2 cells" in split.note


def test_a_given_test_side_is_kept_and_training_keeps_away_from_it():
    rng = np.random.default_rng(2)
    latitude, longitude = rng.uniform(-60, 70, 200), rng.uniform(-180, 180, 200)
    author = [f"a{n % 50}" for n in range(200)]
    given_side = ["test" if n % 50 < 10 and n < 100 else "fit" for n in range(200)]
    split = split_photos(latitude, longitude, author, NONE, given_side)
    assert (split.side == TEST).sum() == 20
    assert (split.side == LEFT_OUT).sum() == 20
    assert_apart(split, latitude, longitude, author)


@pytest.mark.parametrize("at", [(89.9999, 0.0), (0.0, 179.9999), (-33.0, 18.0)])
def test_places_are_near_across_the_antimeridian_and_at_the_pole(at):
    latitude = np.array([at[0], at[0], 10.0])
    longitude = np.array([at[1], -180.0 if at[1] > 179 else at[1] + 0.001, 10.0])
    pairs = near_places(latitude, longitude)
    assert {0, 1} in [set(pair) for pair in pairs.tolist()]
    assert not any(2 in pair and pair != [2, 2] for pair in pairs.tolist())


@pytest.mark.parametrize(
    ("count", "shares", "words"),
    [(5, (0.1, 0.1), "too few"), (50, (0.6, 0.5), "leave nothing"), (50, (0.0, 0.1), "leave nothing")],
)
def test_splits_that_make_no_sense_are_refused(count, shares, words):
    rng = np.random.default_rng(3)
    with pytest.raises(InputError, match=words):
        split_photos(rng.uniform(0, 50, count), rng.uniform(0, 50, count), [""] * count, NONE, shares=shares)


def test_photos_all_by_one_author_cannot_be_split():
    rng = np.random.default_rng(4)
    with pytest.raises(InputError, match="share a place or an author"):
        split_photos(rng.uniform(0, 50, 50), rng.uniform(0, 50, 50), ["same"] * 50, NONE)

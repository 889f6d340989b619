"""Several photos of one place: nothing counted twice, and the odd one named."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.inference.outcomes import Outcome
from engine.inference.pooling import Pooling
from engine.locate.attribution import leave_one_out
from engine.locate.locator import Locator
from engine.locate.maps import prior_map
from engine.locate.multi_photo import answer_together, effective_photos
from engine.locate.settings import Settings
from engine.predictors.base import Prediction
from engine.testing import BrokenPredictor, FixedPredictor, grey_photo, make_record, peaked

HERE, THERE = (10.5, 20.5), (-40.5, -100.5)  # geocells that few photos come from
POPULAR, OTHER = (34.5, -57.5), (19.5, 98.5)  # and two that many come from


def photo(number):
    return grey_photo(f"{number}.png", number)


def read(world, number, *points, certainty=0.9):
    """A photo with what predictors say of it, one per point; what they are not certain of follows the prior."""
    said, table = [], world.overlay.table("geocells_fine")
    known = world.prior.on(table) / world.prior.on(table).sum()
    for name, point in zip("abc", points, strict=False):
        record, probability = make_record(name), (1 - certainty) * known
        probability[int(table.cell_label[int(world.overlay.cell_at(*point))])] += certainty
        said.append(Outcome(record, (Prediction(record, table.name, probability),)))
    return photo(number), tuple(said)


@pytest.fixture
def bare(world):
    return Locator(world, [])


@pytest.mark.parametrize("dependence", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("pooling", list(Pooling))
def test_one_photo_is_the_single_answer(world, bare, dependence, pooling):
    one = read(world, 1, HERE, THERE)
    chosen = Settings(weights={"a": 0.7}, prior_weight=0.8, pooling=pooling, declared={"population": {"high": 0.6}})
    single = bare.answer(*one, chosen)
    joint = answer_together(bare, [one], chosen, dependence)
    np.testing.assert_allclose(joint.search_map.log_density, single.search_map.log_density, rtol=0, atol=1e-12)
    assert joint.search_map.region(mass=0.9).sha256 == single.search_map.region(mass=0.9).sha256
    assert joint.shares[0].fit is None
    assert joint.effective_photos == 1
    assert joint.outliers == ()


def test_the_order_of_photos_changes_nothing(world, bare):
    photos = [read(world, 1, HERE), read(world, 2, THERE, HERE), read(world, 3, HERE, HERE), read(world, 4, (5, 5))]
    maps = [answer_together(bare, order).search_map.log_density for order in itertools.permutations(photos)]
    assert all((one == maps[0]).all() for one in maps)


def test_the_photos_stand_in_the_order_given(world, bare):
    photos = [read(world, 9, HERE), read(world, 2, HERE)]
    joint = answer_together(bare, photos)
    assert [share.photo.name for share in joint.shares] == ["9.png", "2.png"]
    for share, (_, outcomes) in zip(joint.shares, photos, strict=True):
        alone = bare.answer(share.photo, outcomes)
        assert (share.answer.search_map.log_density == alone.search_map.log_density).all()


def test_a_copy_counts_once(world, bare):
    one, other = read(world, 1, HERE), read(world, 2, THERE)
    joint = answer_together(bare, [one, other, one])
    plain = answer_together(bare, [one, other])
    assert (joint.search_map.log_density == plain.search_map.log_density).all()
    assert joint.duplicates == ("1.png",)
    assert "1.png is a copy of another photo and was counted once." in joint.notes


@pytest.mark.parametrize("photos", [2, 5])
def test_dependence_0_multiplies_and_1_averages(world, bare, photos):
    same = [read(world, number, HERE) for number in range(photos)]
    prior = prior_map(world).log_density
    evidence = bare.answer(*same[0]).search_map.log_density - prior

    def expected(times):
        raw = prior + times * evidence
        return raw - np.log((np.exp(raw) * world.overlay.area_km2).sum())

    for dependence in (0.0, 0.25, 0.5, 1.0):
        found = answer_together(bare, same, dependence=dependence).search_map.log_density
        times = photos / (1 + (photos - 1) * dependence)
        assert times == pytest.approx(effective_photos(photos, dependence))
        np.testing.assert_allclose(found, expected(times), atol=1e-9)
    alone = bare.answer(*same[0]).search_map.log_density
    np.testing.assert_allclose(answer_together(bare, same, dependence=1.0).search_map.log_density, alone, atol=1e-9)


@given(photos=st.integers(1, 50), dependence=st.floats(0, 1))
def test_photos_are_worth_between_one_and_all_of_them(photos, dependence):
    worth = effective_photos(photos, dependence)
    assert 1 - 1e-12 <= worth <= photos
    assert effective_photos(photos + 1, dependence) >= worth - 1e-12


def test_the_discount_is_that_of_independent_errors_in_their_mean():
    """The variance of a mean of n normal errors correlated by rho is 1 / n_eff."""
    rng, photos, rho = np.random.default_rng(0), 6, 0.4
    shared, own = rng.normal(size=200_000), rng.normal(size=(200_000, photos))
    errors = np.sqrt(rho) * shared[:, None] + np.sqrt(1 - rho) * own
    assert 1 / errors.mean(axis=1).var() == pytest.approx(effective_photos(photos, rho), rel=0.02)


@pytest.mark.parametrize(("true", "held"), [(0.5, 0.90), (1.0, 0.72), (0.0, 0.9999)])
def test_a_region_of_nine_photos_holds_what_the_guide_says(true, held):
    """Errors on a plane, pooled as half dependent; ``true`` is how much of them is common in truth."""
    rng, photos = np.random.default_rng(0), 9
    shared, own = rng.normal(size=(50_000, 1, 2)), rng.normal(size=(50_000, photos, 2))
    middle = (np.sqrt(true) * shared + np.sqrt(1 - true) * own).mean(axis=1)
    within = 2 * np.log(10) / effective_photos(photos, 0.5)  # the disc that holds 90 % of such a map
    assert ((middle**2).sum(axis=1) <= within).mean() == pytest.approx(held, abs=0.006)


def test_prior_and_statements_count_once(world, bare):
    silent = [(photo(number), ()) for number in range(4)]
    chosen = Settings(declared={"population": {"high": 0.6}}, prior_weight=0.7)
    joint = answer_together(bare, silent, chosen, dependence=0.0)
    np.testing.assert_allclose(joint.search_map.log_density, bare.answer_without_photo(chosen).log_density, atol=1e-12)
    assert not joint.outliers


def test_a_predictor_that_spoke_of_one_photo_only_has_no_discount(world, bare):
    spoke = read(world, 1, HERE)
    failed = Locator(world, [BrokenPredictor(make_record("a"))])
    quiet = photo(2), failed.read(photo(2))
    joint = answer_together(bare, [spoke, quiet], dependence=0.5)
    np.testing.assert_allclose(joint.search_map.log_density, bare.answer(*spoke).search_map.log_density, atol=1e-12)
    assert joint.answer.outcomes[0].status == "ok"
    assert sum("damaged" in note for note in joint.notes) == 1


@pytest.mark.parametrize(("there", "here"), list(itertools.permutations([HERE, THERE, POPULAR, OTHER], 2)))
@pytest.mark.parametrize(("photos", "odd", "dependence"), [(3, 0, 0.0), (3, 2, 0.5), (6, 1, 1.0)])
def test_the_odd_one_out_is_named(world, bare, dependence, photos, odd, here, there):
    given = [read(world, n, there if n == odd else here) for n in range(photos)]
    joint = answer_together(bare, given, dependence=dependence)
    assert [share.photo.name for share in joint.outliers] == [f"{odd}.png"]
    assert joint.notes[0].startswith(f"{odd}.png does not seem to show the same place")
    assert joint.outliers[0].mass_before_best > 0.85
    assert all(share.mass_before_best < 0.1 for share in joint.shares if share.photo.name != f"{odd}.png")


def test_two_photos_that_disagree_are_not_told_apart(world, bare):
    joint = answer_together(bare, [read(world, 1, HERE), read(world, 2, THERE)])
    first, second = (share.fit for share in joint.shares)
    assert first == pytest.approx(second)
    assert first < 0.01
    assert joint.notes[0].startswith("These photos do not seem to show one place")


def test_photos_that_agree_or_say_nothing_are_not_warned_of(world, bare):
    agree = answer_together(bare, [read(world, n, HERE) for n in range(3)])
    assert all(share.fit > 0.9 for share in agree.shares)
    vague = answer_together(bare, [read(world, 1, HERE, certainty=0.001), read(world, 2, THERE, certainty=0.001)])
    assert not agree.outliers
    assert not vague.outliers
    assert not any("one place" in note for note in (*agree.notes, *vague.notes))


def noted(world, number, note):
    """A photo of which a predictor says nothing, and why."""
    record = make_record("a")
    return photo(number), (Outcome(record, (Prediction(record, "population", np.full(4, 0.25), note=note),)),)


@pytest.mark.parametrize(
    ("silent", "says"),
    [
        ((3,), "3.png: This photo shows nothing."),
        ((2, 3), "2.png, 3.png: This photo shows nothing."),
        ((2, 3, 4, 5), "2.png, 3.png, 4.png and 1 more: This photo shows nothing."),
        ((1, 2, 3, 4, 5), "Each of the 5 photos: This photo shows nothing."),
    ],
)
def test_a_note_says_of_which_photos_it_is(world, bare, silent, says):
    photos = [noted(world, n, "This photo shows nothing." if n in silent else "") for n in range(1, 6)]
    assert answer_together(bare, photos).notes == (says,)


def test_photos_that_say_nothing_together_are_said_to(world, bare):
    notes = answer_together(bare, [(photo(1), ()), (photo(2), ())]).notes
    assert notes == ("No model found a usable cue in these photos; the map shows the photo prior.",)


def test_how_each_photo_fits_is_said_in_words(world, bare):
    photos = [read(world, 1, HERE), read(world, 2, HERE), read(world, 3, THERE), (photo(4), ())]
    shares = answer_together(bare, photos).shares
    assert shares[0].words == f"fits the others: {100 * shares[0].fit:.0f} %"
    assert shares[2].words == "does not fit the others"
    assert shares[3].words == "no usable cue; consistent with any location"
    assert answer_together(bare, [read(world, 1, HERE)]).shares[0].words == "the only photo"


def test_the_fit_is_what_each_leaves_standing_of_the_other(world, bare):
    """Against a plain loop over cells."""
    one, other = read(world, 1, HERE, certainty=0.5), read(world, 2, THERE, certainty=0.3)
    joint = answer_together(bare, [one, other])
    prior, maps = prior_map(world), [bare.answer(*each).search_map for each in (one, other)]
    typical = [np.exp((m.probability * np.log(m.density / prior.density)).sum()) for m in maps]
    kept = [0.0, 0.0]
    for cell in range(world.overlay.cells):
        p, q, before = (each.density[cell] for each in (*maps, prior))
        kept[0] += p * min(1, q / before / typical[1]) * world.overlay.area_km2[cell]
        kept[1] += q * min(1, p / before / typical[0]) * world.overlay.area_km2[cell]
    assert joint.shares[0].fit == pytest.approx(max(kept), rel=1e-9)
    assert 0.01 < joint.shares[0].fit < 0.9


def test_a_vague_photo_does_not_disagree_with_sharp_ones(world, bare):
    vague = read(world, 9, THERE, certainty=0.001)
    joint = answer_together(bare, [read(world, 1, HERE), read(world, 2, HERE), vague, (photo(3), ())])
    assert not joint.outliers
    assert joint.shares[3].fit == pytest.approx(1)


def test_leave_one_out_works_on_the_joint_answer(world, bare):
    joint = answer_together(bare, [read(world, 1, HERE, THERE), read(world, 2, HERE)])
    changes = {one.record.name: one for one in leave_one_out(joint.answer)}
    assert set(changes) == {"a", "b"}
    first, said = read(world, 1, HERE, THERE)
    only_b = bare.answer(first, said[1:])
    np.testing.assert_allclose(changes["a"].without.log_density, only_b.search_map.log_density, atol=1e-9)


def test_under_the_plain_product_an_excluded_place_stays_excluded(world, bare):
    record = make_record("sure")
    certain = Prediction(record, "population", np.array([0.5, 0.5, 0, 0]))
    other = Prediction(record, "population", np.array([0, 0.5, 0.5, 0]))
    given = [(photo(1), (Outcome(record, (certain,)),)), (photo(2), (Outcome(record, (other,)),))]
    joint = answer_together(bare, given, Settings(pooling=Pooling.PRODUCT))
    label = world.overlay.table("population").cell_label
    assert (np.isfinite(joint.search_map.log_density) == (label == 1)).all()
    assert all(share.fit > 0 for share in joint.shares)


def test_bad_input_is_one_sentence(world, bare):
    one = read(world, 1, HERE)
    for photos, dependence in (([one], -0.1), ([one], 1.5), ([one], float("nan")), ([], 0.5)):
        with pytest.raises(InputError) as caught:
            answer_together(bare, photos, dependence=dependence)
        assert str(caught.value).count(". ") == 0
    with pytest.raises(InputError, match="1 to 100"):
        answer_together(bare, [(grey_photo(value=n), ()) for n in range(101)])


def test_fixed_predictors_read_through_a_locator(world):
    locator = Locator(world, [peaked(world, *HERE), FixedPredictor(make_record("mute"), ())])
    photos = [(photo(n), locator.read(photo(n))) for n in (1, 2)]
    joint = answer_together(locator, photos, dependence=1.0)
    alone = locator.locate(photo(1)).search_map
    np.testing.assert_allclose(joint.search_map.log_density, alone.log_density, atol=1e-9)

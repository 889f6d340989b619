import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.search_planning.distances import Distances, find_distances, published_distances, read_distances
from engine.search_planning.radial import Spread, blur, spread_quantiles

HIKER = find_distances("Hiker (temperate, mountains)")


def test_published_rows_name_their_source_and_are_in_km():
    rows = published_distances()
    assert len({row.title for row in rows}) == len(rows) > 40
    assert all("Koester" in row.source or "Grampian" in row.source for row in rows)
    # 0.7, 1.9, 3.6 and 11.3 miles, as the book is quoted; SAREnv gives 1.1, 3.1, 5.8 and 18.3 km (rounded twice).
    assert [km for _, km in HIKER.quantiles] == pytest.approx([1.127, 3.058, 5.794, 18.186], abs=1e-3)
    assert [share for share, _ in HIKER.quantiles] == [0.25, 0.5, 0.75, 0.95]


def test_a_category_is_found_by_its_words_and_an_unknown_one_lists_them():
    assert find_distances("runner") == find_distances("Runner (any)")
    with pytest.raises(InputError, match=r"names 4 rows.*Hiker \(dry, flat\)"):
        find_distances("hiker")
    with pytest.raises(InputError, match="no subject category 'pirate'"):
        find_distances("pirate")


@pytest.mark.parametrize(
    ("text", "first"),
    [("category,setting,25,50,75,95\nHiker,Alps,1.2,2.5,4,11", ("Hiker", 1.2)),
     ("Subject;25 %;50 %\nKind;0,5;1,5", ("Kind", 0.5)),
     ("\ufeffp50\tp95\n2\t9", ("Own distances", 2.0)),
     ("category,50% (miles)\nHiker,1", ("Hiker", 1.609344))],
)  # fmt: skip
def test_own_tables_are_read_as_spreadsheets_write_them(text, first):
    (row,) = read_distances(text.encode())
    assert (row.category, row.quantiles[0][1]) == first


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "empty"), ("a,b\n1,2", "no column for a percentage"), ("50,95\n3,two", "Line 2 .*'two'"),
     ("25,50\n3,2", "Line 2.*grow together"), ("50\n-1", "distance of -1 km"), ("50\n", "^$")],
)  # fmt: skip
def test_tables_that_make_no_sense_are_refused_with_their_line(text, message):
    if message == "^$":
        assert read_distances(text.encode()) == ()
        return
    with pytest.raises(InputError, match=message):
        read_distances(text.encode())


quantile_tables = st.lists(
    st.tuples(st.integers(1, 99), st.floats(0.05, 40)), min_size=1, max_size=6, unique_by=lambda each: each[0]
).map(lambda rows: tuple((share / 100, 0.1 + 0.01 * n + sum(km for _, km in sorted(rows)[: n + 1]))
                         for n, (share, _) in enumerate(sorted(rows))))  # fmt: skip


@given(quantile_tables, st.sampled_from(list(Spread)))
def test_any_table_gives_a_distribution_that_grows_from_0_to_1(quantiles, spread):
    Distances("x", "", quantiles, "s")
    found = spread_quantiles(quantiles, spread)
    assert found.radius_km[0] == 0.0
    assert (np.diff(found.radius_km) > 0).all()
    assert (np.diff(found.within) >= 0).all()
    assert found.within[-1] == 1.0
    if spread is Spread.RINGS:
        shares = [share for share, _ in quantiles]
        assert np.allclose(found.share_within([km for _, km in quantiles]), shares, atol=1e-9)


def test_a_lognormal_fit_comes_near_all_quantiles():
    found = spread_quantiles(HIKER.quantiles, Spread.LOGNORMAL)
    for share, km in HIKER.quantiles:
        assert float(found.share_within(km)) == pytest.approx(share, abs=0.05)


def test_the_density_beyond_the_last_ring_goes_on_where_it_ends_and_falls():
    found = spread_quantiles(HIKER.quantiles)
    density = np.diff(found.within) / np.diff(found.radius_km**2)
    beyond = found.radius_km[:-1] >= HIKER.quantiles[-1][1]
    assert density[beyond][0] == pytest.approx(density[~beyond][-1], rel=0.05)
    assert (np.diff(density[beyond]) < 0).all()


def test_an_uncertain_point_blurs_the_centre_and_leaves_the_far_rings():
    sharp = spread_quantiles(HIKER.quantiles)
    soft = blur(sharp, 1.0)
    assert float(soft.share_within(0.3)) < float(sharp.share_within(0.3))
    assert float(soft.share_within(18.19)) == pytest.approx(0.95, abs=0.005)
    # A disc of 1 km around a person who did not move at all is that disc.
    still = blur(spread_quantiles(((0.5, 0.001), (0.95, 0.002))), 1.0)
    assert float(still.share_within(0.5)) == pytest.approx(0.25, abs=0.02)
    with pytest.raises(InputError, match="uncertainty"):
        blur(sharp, -1.0)

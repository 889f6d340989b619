"""POA by the fine grid, searches, the rest of the world, and the placement of effort."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.evidence.shapes.area_files import NamedArea
from engine.evidence.shapes.mending import circle_polygon
from engine.geometry.sphere import great_circle_km
from engine.search_planning.assign import assign_effort
from engine.search_planning.distances import Distances, find_distances
from engine.search_planning.evaluate import evaluate_plan, initial_poas, plan_grid
from engine.search_planning.local_grid import COARSEST_KM, FINEST_KM
from engine.search_planning.names import automatic_names, distinct_names
from engine.search_planning.plain import plan_from_plain, plan_to_plain
from engine.search_planning.plan import Effort, LastKnownPoint, SearchPlan, Segment
from engine.search_planning.pod_table import apply_pods
from engine.search_planning.radial import spread_quantiles
from engine.search_planning.weights import land_weights, map_weights

HIKER = find_distances("Hiker (temperate, mountains)")
FLAT = Distances("Flat", "", ((0.999, 10.0),), "a disc of even density")
POINT = LastKnownPoint(46.5, 7.5)
KM = 1 / 111.195  # degrees of latitude


def box(south, west, side_km, latitude=46.5):
    tall, wide = side_km * KM, side_km * KM / math.cos(math.radians(latitude))
    corners = [(south, west), (south, west + wide), (south + tall, west + wide), (south + tall, west)]
    return NamedArea("", (((*corners, corners[0]),),))


def circles(point, *radii):
    return [NamedArea("", (circle_polygon(point.latitude, point.longitude, km),)) for km in radii]


def tabled(plan, *weights):
    return evaluate_plan(plan, *initial_poas(plan, plan_grid(plan, *weights)))


@pytest.fixture(scope="module")
def searched():
    """Four boxes of 2 km around the point, in a disc of even density."""
    areas = [box(46.5 + dy * 2 * KM, 7.5 + dx * 2 * KM / math.cos(math.radians(46.5)), 2) for dy in (-1, 0)
             for dx in (-1, 0)]  # fmt: skip
    plan = SearchPlan(POINT, FLAT).with_areas(areas)
    return plan, *initial_poas(plan, plan_grid(plan))


@pytest.mark.parametrize("at", [(46.5, 7.5), (90.0, 0.0), (-90.0, 33.0), (10.0, 180.0), (-16.0, -179.999)])
def test_circles_of_the_quantiles_hold_them_anywhere_on_earth(at):
    point = LastKnownPoint(*at)
    for (share, km), area in zip(HIKER.quantiles, circles(point, *(km for _, km in HIKER.quantiles)), strict=True):
        row = tabled(SearchPlan(point, HIKER).with_areas([area])).rows[0]
        assert row.initial_poa == pytest.approx(share, abs=1e-3)
        assert row.area_km2 == pytest.approx(math.pi * km**2, rel=2e-3)


def test_the_grid_is_fine_at_the_point_and_sums_to_1():
    grid = plan_grid(SearchPlan(POINT, HIKER))
    widths = np.diff(grid.edges_km)
    assert widths[0] <= FINEST_KM
    assert widths.max() <= COARSEST_KM
    assert grid.probability.sum() == pytest.approx(1.0)
    latitude, longitude = grid.centres
    distance = great_circle_km(POINT.latitude, POINT.longitude, latitude, longitude)
    assert grid.probability[distance < 3.058].sum() == pytest.approx(0.5, abs=2e-3)
    assert (grid.cells_at(latitude[::997], longitude[::997]) == np.arange(grid.cells)[::997]).all()


@pytest.mark.parametrize("side_m", [3, 30, 300])
def test_a_small_segment_has_its_share_of_the_density(side_m):
    row = tabled(SearchPlan(POINT, FLAT).with_areas([box(46.52, 7.55, side_m / 1000)])).rows[0]
    assert row.area_km2 == pytest.approx((side_m / 1000) ** 2, rel=1e-2)
    assert row.initial_poa == pytest.approx(0.999 * row.area_km2 / (math.pi * 100), rel=0.06)


def test_an_oblique_corridor_across_the_date_line_has_its_share():
    point = LastKnownPoint(-16.5, 180.0)
    ring = ((-16.52, 179.95), (-16.52, 180.05), (-16.48, 180.05), (-16.48, 179.95), (-16.52, 179.95))
    row = tabled(SearchPlan(point, FLAT, segments=(Segment("AA", ((ring,),)),))).rows[0]
    assert row.initial_poa == pytest.approx(0.999 * row.area_km2 / (math.pi * 100), rel=5e-3)


def test_searches_follow_the_update_rule_and_periods_add_up(searched):
    plan, poas, notes = searched
    plan = plan.with_segment("AA", plan.segments[0].searched(1, 0.7).searched(3, 0.5))
    table = evaluate_plan(plan, poas, notes)
    first, second = table.rows[0], table.rows[1]
    assert (first.pods, first.cumulative_pod) == ((0.7, 0.0, 0.5), pytest.approx(0.85))
    left = 1 - 0.85 * first.initial_poa
    assert first.poa == pytest.approx(0.15 * first.initial_poa / left)
    assert second.poa == pytest.approx(second.initial_poa / left)
    assert table.success == pytest.approx(0.85 * first.initial_poa)
    assert sum(row.poa for row in table.rows) + table.rest == pytest.approx(1.0)
    assert first.rank == 4
    assert plan.segments[0].searched(3, 0.0).pods == (0.7,)


def test_a_pod_of_100_percent_everywhere_leaves_the_rest_of_the_world(searched):
    plan, poas, notes = searched
    for segment in plan.segments:
        plan = plan.with_segment(segment.name, segment.searched(1, 1.0))
    table = evaluate_plan(plan, poas, notes)
    assert table.rest == pytest.approx(1.0)
    assert all(row.poa == 0.0 for row in table.rows)
    assert "the rest of the world is what is left" in table.notes[-1]
    assert assign_effort(table, Effort()) == ()
    everything = evaluate_plan(plan, poas / poas.sum())
    assert "leave no place" in everything.notes[-1]


def test_ground_of_two_segments_counts_once_and_is_reported():
    plan = SearchPlan(POINT, HIKER).with_areas(circles(POINT, 3.0, 5.0))
    table = tabled(plan)
    assert sum(row.initial_poa for row in table.rows) == pytest.approx(
        float(spread_quantiles(HIKER.quantiles).share_within(5.0)), abs=1e-3
    )
    assert table.notes[0].startswith("AB overlaps segments before it")


def test_knowledge_of_other_kinds_is_multiplied_in(evidence_world):
    plan = SearchPlan(LastKnownPoint(10.0, 10.0), FLAT)
    north = tabled(plan.with_areas([box(10.0, 10.0, 2, 10), box(9.9, 10.0, 2, 10)]), lambda lat, lon: lat > 10.0)
    assert north.rows[0].initial_poa == pytest.approx(2 * 0.999 * 4 / (math.pi * 100), rel=0.01)
    assert north.rows[1].initial_poa == 0.0
    with pytest.raises(InputError, match="no place in common"):
        plan_grid(plan, lambda lat, lon: np.zeros(lat.size))
    from engine.inference.search_map import SearchMap

    ranked = SearchMap(evidence_world.overlay, np.log(evidence_world.prior.probability + 1e-30))
    for weigh in (land_weights(evidence_world.overlay), map_weights(ranked, evidence_world.prior)):
        factor = weigh(*plan_grid(plan).centres)
        assert factor.min() >= 0.0
        assert factor.max() <= 1.0


@given(
    st.lists(st.tuples(st.floats(0.01, 1), st.floats(0.05, 20)), min_size=1, max_size=7),
    st.floats(0.2, 60),
    st.integers(0, 10**6),
)
def test_no_other_split_of_the_hours_finds_more(segments, hours, seed):
    total = sum(poa for poa, _ in segments) * 1.2
    plan = SearchPlan(segments=tuple(
        Segment(f"S{n}", box(0.0, 0.5 * n, math.sqrt(km2), 0.0).polygons) for n, (_, km2) in enumerate(segments)
    ))  # fmt: skip
    table = evaluate_plan(plan, np.array([poa / total for poa, _ in segments]))
    effort = Effort(hours)
    given_out = assign_effort(table, effort)
    assert sum(each.hours for each in given_out) == pytest.approx(hours)
    best = sum(each.pos for each in given_out)
    random = np.random.default_rng(seed).dirichlet(np.full(len(segments), 0.7), 200) * hours
    area, poa = (np.array([getattr(row, name) for row in table.rows]) for name in ("area_km2", "poa"))
    other = (poa * -np.expm1(-random * effort.km2_per_hour / area)).sum(axis=1)
    # Small assignments are merged, which costs less than what half an hour in the best segment would find.
    slack = max(each.pos_per_hour for each in given_out) * 0.5 * len(segments) if len(given_out) < len(segments) else 0
    assert best >= other.max() - 1e-9 - slack
    assert [each.pos_per_hour for each in given_out] == sorted((e.pos_per_hour for e in given_out), reverse=True)


def test_names_are_automatic_where_a_file_has_none_and_never_twice():
    names = automatic_names()
    assert [next(names) for _ in range(28)] == [*(f"A{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "BA", "BB"]
    assert distinct_names(["", "AA", "", "north", "north"], ["AB"]) == ("AC", "AA", "AD", "north", "north (2)")


def test_a_plan_survives_its_plain_values_and_wrong_ones_name_their_field(searched):
    plan = searched[0].with_segment("AB", searched[0].segments[1].searched(2, 0.4))
    assert plan_from_plain(plan_to_plain(plan)) == plan
    assert plan_from_plain({}) == SearchPlan()
    for wrong, message in [
        ({"point": {"latitude": 1}}, "point.longitude is missing"),
        ({"point": {"latitude": 95, "longitude": 0}}, "Latitude 95"),
        ({"segments": [{"name": "AA", "polygons": [[[[0, 0], [0, 1], [0, 2], [0, 0]]]]}]}, r"segments\[0\].*no area"),
        ({"segments": [{"name": "", "polygons": []}]}, r"segments\[0\]"),
        ({"effort": {"hours": 0}}, "team-hours"),
        ({"spread": "even"}, "spread is 'even'"),
        ({"odd": 1}, "odd"),
    ]:
        with pytest.raises(InputError, match=message):
            plan_from_plain(wrong)


def test_pods_come_from_a_table_in_per_cent(searched):
    plan = searched[0]
    done = apply_pods(plan, b"segment;pod_1;pod_2\nAA;70;\nAB;;45,5 %\n")
    assert [segment.pods for segment in done.segments[:2]] == [(0.7,), (0.0, pytest.approx(0.455))]
    for text, message in [
        (b"", "empty"),
        (b"name,pod\nAA,70", "name one of them 'segment'"),
        (b"segment,x\nAA,70", "no column 'pod'"),
        (b"segment,pod\nZZ,70", "no segment 'ZZ'"),
        (b"segment,pod\nAA,170", "170 %"),
        (b"segment,pod\nAA,0.7\nAB,0.5", "write 70 for 70 %"),
    ]:
        with pytest.raises(InputError, match=message):
            apply_pods(plan, text)


def test_segments_that_are_none_are_refused_in_one_sentence():
    flat = ((0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (0.0, 0.0))
    with pytest.raises(InputError, match="Segment AA has no area"):
        Segment("AA", ((flat,),))
    good = box(0, 0, 1, 0).polygons
    with pytest.raises(InputError, match="Two segments are called AA"):
        SearchPlan(segments=(Segment("AA", good), Segment("AA", good)))
    with pytest.raises(InputError, match="no last known point"):
        plan_grid(SearchPlan())
    with pytest.raises(InputError, match="no distances"):
        plan_grid(SearchPlan(POINT))

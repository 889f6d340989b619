"""Each kind of statement on the Earth: a place that is known to fit gains, one that is known not to fit loses."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.evidence.shapes.polygons import polygon_from_points
from engine.evidence.statements.areas import Circle, DrawnArea
from engine.evidence.statements.coast import CoastWithin, near_shares
from engine.evidence.statements.countries import CountryFact, CountryIs
from engine.evidence.statements.elevation import Elevation, height_shares
from engine.evidence.statements.evidence import Evidence
from engine.evidence.statements.layers import LabelIs
from engine.evidence.statements.likelihood import EXCLUDED, CellShares, band_shares, log_of_share
from engine.evidence.statements.searches import Searched, log_searched
from engine.evidence.statements.sights import LEAST, MOST, SNOW, Seen, snow_in_month
from engine.evidence.statements.sun import SunSeen
from engine.evidence.sun.observation import SunObservation
from engine.evidence.weighing import EvidenceWeigher, log_likelihood
from engine.layers.confusion import HeightSpread

SANTIAGO, LA_PAZ, LIMA = (-33.45, -70.66), (-16.5, -68.15), (-12.05, -77.03)
LONDON, BERLIN, MOSCOW, NICE = (51.51, -0.12), (52.52, 13.4), (55.75, 37.62), (43.71, 7.26)
DELHI, BANGKOK, TOKYO, ULAANBAATAR = (28.61, 77.21), (13.75, 100.5), (35.69, 139.69), (47.92, 106.92)
CAIRO, NAIROBI, YAKUTSK, REYKJAVIK = (30.04, 31.24), (-1.29, 36.82), (62.03, 129.73), (64.13, -21.9)
SYDNEY, KANSAS, MANAUS, USHUAIA = (-33.87, 151.21), (38.5, -98.0), (-3.1, -60.02), (-54.8, -68.3)
INTERLAKEN, PACIFIC, DENVER, JUNGLE = (46.55, 7.98), (0.0, -140.0), (39.74, -105.2), (-3.1, -63.0)
ANDES = DrawnArea((polygon_from_points([(-40, -75), (-10, -75), (-10, -65), (-40, -65)]),))
FIJI = DrawnArea((polygon_from_points([(-21, 176), (-21, -178), (-15, -178), (-15, 176)]),))
NOON_IN_JUNE = SunObservation(2023, 6, 21, 12 * 60.0, clock="utc", elevation_degrees=61.0)

CASES = [
    (CountryIs(("CL", "PE")), [SANTIAGO, LIMA], [LA_PAZ, PACIFIC, BERLIN]),
    (CountryIs(("CL",), True), [LA_PAZ, PACIFIC], [SANTIAGO]),
    (CountryFact("drives", "left"), [LONDON, DELHI, BANGKOK, TOKYO, NAIROBI, SYDNEY], [BERLIN, SANTIAGO, PACIFIC]),
    (CountryFact("drives", "left", True), [BERLIN, KANSAS], [LONDON, TOKYO]),
    (CountryFact("language", "de"), [BERLIN, INTERLAKEN], [LIMA, TOKYO]),
    (CountryFact("script", "Cyrl"), [MOSCOW, ULAANBAATAR], [BERLIN, CAIRO]),
    (CountryFact("script", "Cyrl", True), [BERLIN, CAIRO], [MOSCOW, ULAANBAATAR]),
    (CountryFact("language", "de", True), [LIMA, TOKYO], [BERLIN, INTERLAKEN]),
    (CountryFact("suffix", ".jp"), [TOKYO], [DELHI]),
    (CountryFact("prefix", "+49"), [BERLIN], [NICE]),
    (CountryFact("currency", "EUR"), [BERLIN, NICE], [LONDON]),
    (CountryFact("plate", "D"), [BERLIN], [MOSCOW]),
    (CountryFact("continent", "SA"), [LIMA, MANAUS], [CAIRO, KANSAS]),
    (LabelIs("climate", ("BWh",)), [CAIRO], [BERLIN, MANAUS]),
    (LabelIs("climate", ("BWh",), True), [BERLIN, MANAUS], [CAIRO]),
    (LabelIs("relief", ("mountains",)), [INTERLAKEN, LA_PAZ], [KANSAS, MANAUS]),
    (LabelIs("population", ("high", "medium")), [TOKYO, DELHI], [JUNGLE, PACIFIC]),
    (LabelIs("land_cover", ("bare_water_snow",)), [PACIFIC], [JUNGLE, KANSAS]),
    (Seen("palm_trees"), [BANGKOK, MANAUS], [MOSCOW, YAKUTSK, PACIFIC]),
    (Seen("snow", 1), [MOSCOW, YAKUTSK], [BANGKOK, SYDNEY]),
    (Seen("snow", 7), [USHUAIA], [MOSCOW, KANSAS]),
    (CoastWithin(25), [LIMA, NICE, SYDNEY], [LA_PAZ, MOSCOW, ULAANBAATAR, KANSAS]),
    (CoastWithin(250, True), [MOSCOW, ULAANBAATAR], [LIMA, SYDNEY]),
    (Elevation(3000), [LA_PAZ], [LIMA, KANSAS, PACIFIC]),
    (Elevation(None, 250), [MANAUS, PACIFIC], [LA_PAZ, ULAANBAATAR]),
    (Elevation(1250, 2250), [DENVER, NAIROBI], [MANAUS, LA_PAZ]),
    (ANDES, [SANTIAGO, LA_PAZ], [LIMA, MANAUS]),
    (DrawnArea(ANDES.polygons, False), [LIMA, MANAUS], [SANTIAGO, LA_PAZ]),
    (FIJI, [(-18.12, 178.44), (-17.0, -179.5)], [PACIFIC, SYDNEY]),
    (Circle(*NICE, 100), [NICE, (44.0, 7.9)], [LONDON, (45.5, 7.3)]),
    (Circle(*NICE, 100, False), [LONDON], [NICE]),
    (Searched(Circle(*NICE, 100), 0.9), [LONDON], [NICE]),
    (SunSeen(NOON_IN_JUNE), [LONDON], [SANTIAGO, TOKYO, USHUAIA]),
    (SunSeen(SunObservation(2023, 6, 21, 0.0, clock="utc", light="day")), [TOKYO, SYDNEY], [LONDON, NAIROBI]),
    (SunSeen(SunObservation(2023, 12, 21, 780.0, elevation_degrees=3.0)), [REYKJAVIK], [BANGKOK, USHUAIA]),
]


def nats_at(earth_scales, evidence, places):
    world, (weighed,) = earth_scales.weigh([evidence])
    assert weighed.reason == ""
    cells = world.overlay.cell_at(*np.array(places).T)
    return weighed.likelihoods[0].log_likelihood[cells]


@pytest.mark.parametrize(("statement", "fits", "fails"), CASES, ids=[case[0].sentence()[:60] for case in CASES])
def test_true_places_gain_and_false_places_lose(earth_scales, statement, fits, fails):
    evidence = Evidence("one", statement, 0.9)
    true, false = nats_at(earth_scales, evidence, fits), nats_at(earth_scales, evidence, fails)
    assert true.min() > false.max() + 0.5


def is_sharp(statement):
    """Whether it holds on a cell or does not: languages are seen more often here than there, layers may be wrong."""
    if isinstance(statement, CountryFact):
        return statement.fact not in ("language", "script", "continent")
    return isinstance(statement, CountryIs | DrawnArea | Circle)


SHARP = [case for case in CASES if is_sharp(case[0])]


@pytest.mark.parametrize(("statement", "fits", "fails"), SHARP, ids=[case[0].sentence()[:60] for case in SHARP])
@pytest.mark.parametrize("probability", [0.65, 0.9])
def test_a_statement_by_itself_puts_its_probability_where_it_holds(earth_scales, statement, fits, fails, probability):
    world, (weighed,) = earth_scales.weigh([Evidence("one", statement, probability)])
    cells = world.overlay.cell_at(*np.array([*fits, *fails]).T)
    holds = weighed.likelihoods[0].log_likelihood > np.log(1 - probability) + 1e-9
    assert holds[cells].tolist() == [True] * len(fits) + [False] * len(fails)
    before = world.prior.probability
    after = before * np.exp(weighed.likelihoods[0].log_likelihood)
    inside = after[holds].sum() / after.sum()
    prior_odds = before[holds].sum() / before[~holds].sum()
    plain = probability / (1 - probability) * prior_odds
    assert inside == pytest.approx(max(probability, plain / (1 + plain)), abs=1e-9)
    assert inside >= probability - 1e-12


def shares_of(statement, world):
    """``(cells,)`` how much of each cell a statement holds on."""
    shares = statement.likelihood(world)
    if isinstance(shares, CellShares):
        return shares.share
    return shares.share[world.overlay.table(shares.partition).cell_label]


OF_DEGREE = [
    CountryFact("language", "de"),
    CountryFact("script", "Cyrl", True),
    CountryFact("continent", "EU"),
    LabelIs("climate", ("BWh",)),
    LabelIs("climate", ("BWh",), True),
    LabelIs("relief", ("mountains",)),
    LabelIs("population", ("high", "medium")),
    LabelIs("land_cover", ("bare_water_snow",)),
    CoastWithin(25),
    CoastWithin(10, False, "lake"),
    CoastWithin(5, True, "any"),
]


@pytest.mark.parametrize("statement", OF_DEGREE, ids=str)
@pytest.mark.parametrize("probability", [0.65, 0.9])
def test_a_statement_of_degree_puts_its_probability_where_it_is_seen_in_proportion(
    earth_scales, statement, probability
):
    world, (weighed,) = earth_scales.weigh([Evidence("one", statement, probability)])
    share = shares_of(statement, world)
    before, after = world.prior.probability, world.prior.probability * np.exp(weighed.likelihoods[0].log_likelihood)
    right = after - before * (1 - probability) * (1 - share)
    assert (share > 0).any() and (share < 1).any()
    held = float((before * share).sum())
    plain = probability * held / (probability * held + (1 - probability) * (1 - held))
    assert right.sum() / after.sum() == pytest.approx(max(probability, plain), abs=1e-9)


def test_a_language_counts_where_it_is_on_the_signs_and_not_where_people_learn_it(earth_scales):
    rome, copenhagen, brussels, vienna = (41.9, 12.5), (55.68, 12.57), (50.85, 4.35), (48.2, 16.37)
    found = nats_at(
        earth_scales, Evidence("one", CountryFact("language", "de"), 0.9), [BERLIN, vienna, brussels, rome, copenhagen]
    )
    assert found[0] == pytest.approx(found[1])
    assert found[1] > found[2] + 0.3
    assert found[2] > found[3:].max() + 1.5


def test_english_and_latin_letters_are_seen_anywhere(earth_scales):
    amsterdam, dubai = (52.37, 4.9), (25.2, 55.3)
    for fact, value, most, least in (
        ("language", "en", LONDON, amsterdam),
        ("script", "Latn", BERLIN, dubai),
        ("script", "Latn", BERLIN, TOKYO),
    ):
        high, low = nats_at(earth_scales, Evidence("one", CountryFact(fact, value), 1.0), [most, least])
        assert 1.0 < high - low < 3.0


def test_a_likely_small_area_holds_nine_tenths_of_the_map(earth_scales):
    world, (weighed,) = earth_scales.weigh([Evidence("one", Circle(*NAIROBI, 50), 0.9)])
    mass = world.prior.probability * np.exp(weighed.likelihoods[0].log_likelihood)
    inside = weighed.likelihoods[0].log_likelihood > np.log(0.1) + 1e-9
    assert world.prior.probability[inside].sum() < 0.01
    assert mass[inside].sum() / mass.sum() == pytest.approx(0.9)


def test_palms_stand_on_the_warm_side_of_a_class_of_climate(earth_scales):
    miami, new_york, los_angeles, seattle, riviera = (26.0, -80.4), (40.9, -74.2), (34.1, -118.2), (47.4, -122.2), NICE
    warm, cold = [miami, los_angeles, riviera], [new_york, seattle]
    for probability in (0.9, 1.0):
        found = nats_at(earth_scales, Evidence("one", Seen("palm_trees"), probability), [*warm, *cold])
        assert found[: len(warm)].min() > found[len(warm) :].max() + 0.5


def test_a_valley_in_high_mountains_is_not_ruled_out_by_the_summits(earth_scales):
    chamonix, summit_of_the_plain = (45.92, 6.87), (38.5, -98.0)
    low, high = nats_at(earth_scales, Evidence("one", Elevation(None, 1200), 1.0), [chamonix, LA_PAZ])
    assert low > high + 1
    assert low > np.log(EXCLUDED) / 2
    assert nats_at(earth_scales, Evidence("one", Elevation(2500), 1.0), [summit_of_the_plain])[0] < np.log(1e-9)


@given(st.floats(-400, 5000), st.floats(1, 3000), st.floats(1, 800), st.floats(1, 800), st.floats(0.1, 0.9))
def test_heights_around_a_pixel_are_shared_out_completely(low, width, below, above, share_below):
    spread = HeightSpread(below, above, share_below, 100)
    edges = (-500.0, 0.0, 250.0, 1000.0, 4000.0, 9000.0)
    parts = [(-np.inf, low), (low, low + width), (low + width, np.inf)]
    shares = [height_shares(edges, *part, spread) for part in parts]
    assert np.sum(shares, axis=0) == pytest.approx(1.0)
    assert all((share >= 0).all() for share in shares)


def test_no_height_is_known_without_relief():
    edges = (0.0, 100.0, 200.0)
    assert height_shares(edges, 50.0, 150.0, None) == pytest.approx([0.5, 0.5])


@given(st.floats(0.1, 3000), st.floats(0.5, 3))
def test_a_shore_ends_softly(km, error_km):
    edges = (-2800.0, -25.0, -5.0, 0.0, 2.0, 5.0, 25.0, 100.0, 2800.0)
    shares = near_shares(edges, km, error_km)
    wider = near_shares(edges, km + 1.0, error_km)
    assert ((shares >= 0) & (shares <= 1)).all()
    assert (wider >= shares - 1e-12).all()
    assert (np.diff(shares[3:]) <= 1e-12).all()  # the farther inland the less


def test_a_lighthouse_on_a_lake_is_near_water_and_not_near_the_sea(earth_scales):
    big_sable_point = (44.06, -86.51)
    for water, gains in (("sea", False), ("lake", True), ("any", True)):
        evidence = Evidence("one", CoastWithin(5, False, water), 0.9)
        lighthouse, far = nats_at(earth_scales, evidence, [big_sable_point, KANSAS])
        assert (lighthouse > far + 0.3) == gains, water


def test_a_layer_that_may_be_wrong_rules_nothing_out(earth, earth_scales):
    for statement in (LabelIs("population", ("high",)), LabelIs("relief", ("flat",)), LabelIs("climate", ("ET",))):
        _, (weighed,) = earth_scales.weigh([Evidence("one", statement, 1.0)])
        land = earth.overlay.table(statement.partition).cell_label >= 0
        assert weighed.likelihoods[0].log_likelihood[land].min() > np.log(1e-5)


def test_a_layer_of_the_users_softens_nothing(earth):
    world = replace(earth, confusion={})
    _, (weighed,) = EvidenceWeigher(world).weigh([Evidence("one", LabelIs("population", ("high",)), 1.0)])
    elsewhere = world.overlay.table("population").cell_label < 3
    assert weighed.likelihoods[0].log_likelihood[elsewhere] == pytest.approx(np.log(EXCLUDED))


def test_certain_statements_leave_a_trace_of_everything_else(earth_scales):
    nats = nats_at(earth_scales, Evidence("one", CountryIs(("CL",)), 1.0), [SANTIAGO, LIMA])
    assert nats[0] >= 0.0
    assert nats[1] == pytest.approx(np.log(EXCLUDED))


def test_a_search_follows_the_rule_of_search_and_rescue():
    for pod, poa in [(0.7, 0.4), (0.1, 0.9), (1.0, 0.5)]:
        inside, outside = np.exp(log_searched(np.array([1.0, 0.0]), pod))
        after = poa * inside / (poa * inside + (1 - poa) * outside)
        assert after == pytest.approx((1 - pod) * poa / (1 - pod * poa), abs=1e-12)


@given(st.floats(0, 1), st.floats(0.5, 1), st.floats(0, 1))
def test_likelihoods_rise_with_the_share_from_wrong_to_right(share, probability, mass):
    wrong, value, right = np.exp(log_of_share(np.array([0.0, share, 1.0]), probability, mass))
    assert wrong == pytest.approx(max(1 - probability, EXCLUDED))
    assert wrong * (1 - 1e-9) <= value <= right * (1 + 1e-9)
    assert right >= probability * (1 - 1e-9)


@given(st.floats(-3000, 3000), st.floats(-3000, 3000))
def test_bands_share_a_range_out_in_proportion(one, other):
    edges = (-2800.0, -25.0, 0.0, 5.0, 100.0, 2800.0)
    low, high = sorted((one, other))
    widths = np.diff(edges)
    covered = max(0.0, min(high, edges[-1]) - max(low, edges[0]))
    assert band_shares(edges, low, high) @ widths == pytest.approx(covered, abs=1e-9)


def test_snow_comes_in_winter_and_half_a_year_later_in_the_south():
    for snow in SNOW.values():
        year = [snow_in_month(snow, month, 0) for month in range(1, 13)]
        south = [snow_in_month(snow, month, 1) for month in range(1, 13)]
        assert south == pytest.approx(year[6:] + year[:6])
        assert max(year) == max(year[0], year[1])
        assert min(year) == min(year[6:8])


def test_snow_is_a_matter_of_winter_and_not_of_a_cool_climate(earth_scales):
    bariloche, edinburgh, glencoe, barcelona = (-41.13, -71.3), (55.9, -3.2), (56.7, -5.0), (41.4, 2.1)
    bogota, quito, addis, vilcanota = (4.65, -74.1), (-0.2, -78.5), (9.03, 38.74), (-13.8, -71.1)
    january = Evidence("one", Seen("snow", 1), 1.0)
    north = nats_at(earth_scales, january, [glencoe, edinburgh, bogota, quito, addis])
    assert north[0] > north[1] > north[2:].max() + 1.0
    july = nats_at(earth_scales, Evidence("one", Seen("snow", 7), 1.0), [bariloche, barcelona, bogota])
    assert july[0] > july[1:].max() + 3.0
    any_month = nats_at(earth_scales, Evidence("one", Seen("snow"), 1.0), [vilcanota, bogota])
    assert any_month[0] > any_month[1] + 1.0


def test_ground_below_the_sea_lies_in_depressions_only(earth_scales):
    dead_sea, san_francisco, genoa, open_sea = (31.45, 35.4), (37.75, -122.4), (44.42, 8.93), (43.0, 8.5)
    for statement in (Elevation(None, 0), Elevation(None, -100)):
        found = nats_at(earth_scales, Evidence("one", statement, 1.0), [dead_sea, san_francisco, genoa, open_sea])
        assert found[0] > found[1:].max() + 20.0


def test_sights_exclude_nothing(earth_scales, earth):
    right = EvidenceWeigher(replace(earth, confusion={}))  # as if the layer of climates were never wrong
    for statement in (Seen("snow", 1), Seen("palm_trees")):
        span = {}
        for weigher in (earth_scales, right):
            _, (weighed,) = weigher.weigh([Evidence("one", statement, 1.0)])
            likelihood = np.exp(weighed.likelihoods[0].log_likelihood)
            span[weigher] = likelihood.max() / likelihood.min()
        assert span[right] == pytest.approx(MOST / LEAST)
        assert 0.5 * span[right] < span[earth_scales] < span[right]


def test_what_the_map_does_not_know_is_told(scales):
    wrong = [CountryIs(("QQ",)), LabelIs("climate", ("XYZ",)), CountryFact("language", "xx")]
    for statement in wrong:
        _, (weighed,) = scales.weigh([Evidence("one", statement)])
        assert "choose one" in weighed.reason
        assert weighed.likelihoods == ()
    with pytest.raises(InputError, match="kind drawn_area has an outline"):
        log_likelihood(Evidence("one", ANDES), scales.world)

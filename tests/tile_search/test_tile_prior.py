import numpy as np
import pytest

from engine.errors import InputError
from engine.geometry import web_mercator
from engine.geometry.sphere import EARTH_AREA_KM2
from engine.inference.search_map import SearchMap
from engine.locate.maps import prior_map
from engine.tile_search import beam
from engine.tile_search.beam import Method, Observation, Plan
from engine.tile_search.evidence import RECORD, as_prediction, leaves
from engine.tile_search.tile_prior import AreaPrior, MapPrior


def by_hand(search_map, zoom, code):
    """Mass in a tile, pixel by pixel, each cut by the tile's edges; area by the sine of latitude."""
    overlay, box = search_map.overlay, web_mercator.boxes(zoom, np.array([code]))
    grid, total = overlay.grid, 0.0
    edges = 90.0 - np.arange(grid.rows + 1) * grid.latitude_step
    tops, bottoms = np.minimum(edges[:-1], box.north[0]), np.maximum(edges[1:], box.south[0])
    lefts = np.maximum(-180 + np.arange(grid.columns) * grid.longitude_step, box.west[0])
    rights = np.minimum(-180 + (np.arange(grid.columns) + 1) * grid.longitude_step, box.east[0])
    for row in np.flatnonzero(tops > bottoms):
        height = np.sin(np.radians(tops[row])) - np.sin(np.radians(bottoms[row]))
        for column in np.flatnonzero(rights > lefts):
            area = 6371.0088**2 * np.radians(rights[column] - lefts[column]) * height
            total += search_map.density[overlay.pixel_cell[row, column]] * area
    return total


@pytest.mark.parametrize("zoom", [4, 6, 8, 10, 14, 16])
def test_masses_are_exact_on_the_grid(world, zoom):
    search_map = prior_map(world)
    prior, rng = MapPrior(search_map, floor=0.0), np.random.default_rng(zoom)
    codes = np.unique(np.append(rng.integers(0, 4**zoom, 12), [0, 4**zoom - 1]))
    expected = [by_hand(search_map, zoom, int(code)) for code in codes]
    np.testing.assert_allclose(np.exp(prior.log_mass(zoom, codes)), expected, rtol=1e-6, atol=1e-18)


def test_children_hold_what_their_parent_holds(world):
    prior, rng = MapPrior(prior_map(world)), np.random.default_rng(0)
    for zoom in (4, 6, 8, 10, 12):
        codes = np.unique(rng.integers(0, 4**zoom, 40))
        below = np.exp(prior.log_mass(zoom + 2, web_mercator.children(codes))).reshape(-1, 16).sum(axis=1)
        np.testing.assert_allclose(below, np.exp(prior.log_mass(zoom, codes)), rtol=1e-6)


def test_a_region_holds_its_probability(world):
    search_map = prior_map(world)
    for budget in (300_000.0, 5_000_000.0):
        region = search_map.region(budget_km2=budget)
        prior = MapPrior(search_map, region)
        mass = np.exp(prior.log_mass(8, web_mercator.all_codes(8)))
        assert mass.sum() == pytest.approx(region.probability * prior.share_on_the_square, rel=1e-6)
        assert np.isneginf(prior.log_mass(4, web_mercator.all_codes(4))).any()


def test_a_region_off_the_square(world):
    overlay = world.overlay
    north = overlay.center[:, 2] / np.maximum(np.linalg.norm(overlay.center, axis=1), 1e-300)
    density = np.where(north > np.sin(np.radians(87)), 0.0, -np.inf)
    if not np.isfinite(density).any():
        pytest.skip("the known world has no cell beyond 87 degrees")
    search_map = SearchMap.from_log_weights(overlay, density)
    if np.isin(overlay.cell_at(np.full(360, 84.0), np.arange(-180, 180)), np.flatnonzero(density == 0)).any():
        pytest.skip("its cells reach below 85 degrees")
    with pytest.raises(InputError, match=r"beyond 85\.05 degrees"):
        MapPrior(search_map, search_map.region(budget_km2=1000.0))


def test_the_plain_prior_is_area():
    mass = np.exp(AreaPrior().log_mass(4, web_mercator.all_codes(4)))
    assert mass.sum() == pytest.approx(np.sin(np.radians(web_mercator.LATITUDE_LIMIT)))
    assert mass.max() * EARTH_AREA_KM2 == pytest.approx(
        web_mercator.areas_km2(4, np.array([web_mercator.Tile(4, 0, 7).code]))[0]
    )


def walked(prior, cosine_of, levels=(4, 6, 8), k=8, temperature=0.1):
    plan = Plan(levels, (temperature,) * len(levels), k)
    state = beam.start(plan, web_mercator.all_codes(4))
    while not state.finished:
        codes, zoom = state.candidates, state.zoom
        observation = Observation(cosine_of(zoom, codes), np.zeros(codes.size, bool), prior.log_mass(zoom, codes))
        state = beam.step(state, observation)
    return state


def test_tiles_that_say_nothing_change_nothing(world):
    prior = MapPrior(prior_map(world))
    state = walked(prior, lambda zoom, codes: np.zeros(codes.size))
    assert sum(float(p.sum()) for _, _, p, _ in leaves(state)) == pytest.approx(1.0)
    prediction = as_prediction(state, prior)
    np.testing.assert_allclose(prediction.probability, prediction.label_prior, atol=1e-6)


def test_tile_scores_flow_back_into_the_ensemble(world):
    from engine.inference.pooling import pool

    place = (10.5, 20.5)
    prior = MapPrior(prior_map(world))

    def cosine(zoom, codes):
        return np.where(codes == int(web_mercator.codes_at(*place, zoom)), 0.5, 0.0)

    prediction = as_prediction(walked(prior, cosine), prior)
    assert prediction.predictor == RECORD
    table = world.overlay.table("geocells_fine")
    label = int(table.cell_label[int(world.overlay.cell_at(*place))])
    assert prediction.probability[label] > 3 * prediction.label_prior[label]
    before = pool(world.overlay, (), world.prior)
    after = pool(world.overlay, [prediction], world.prior)
    assert after.area_to_reach(*place) < before.area_to_reach(*place)


def test_a_deep_walk_puts_its_mass_where_it_ended(world):
    place = (10.5, 20.5)
    prior = MapPrior(prior_map(world))

    def cosine(zoom, codes):
        return np.where(codes == int(web_mercator.codes_at(*place, zoom)), 1.0, 0.0)

    state = walked(prior, cosine, levels=web_mercator.LEVELS)
    assert state.done[-1].best.code == int(web_mercator.codes_at(*place, 16))
    prediction = as_prediction(state, prior)
    table = world.overlay.table("geocells_fine")
    assert prediction.probability.argmax() == int(table.cell_label[int(world.overlay.cell_at(*place))])


def test_the_papers_walk_gives_no_evidence(world):
    plan = Plan((4,), (0.1,), 4, Method.PAPER)
    with pytest.raises(InputError, match="method paper"):
        as_prediction(beam.start(plan, web_mercator.all_codes(4)), MapPrior(prior_map(world)))

"""Whole searches on the made-up Earth."""

import threading

import numpy as np
import pytest

from engine.bench.search_world import bench_world
from engine.errors import InputError, LayerError
from engine.geometry import web_mercator as tiles
from engine.geometry.web_mercator import LEVELS, Tile
from engine.testing.synthetic_tiles import SyntheticTiles, place_photo
from engine.tile_search.beam import Method
from engine.tile_search.evaluate import Case, evaluate_search, tables, truth_on_the_way
from engine.tile_search.imagery import Bounds, SourceDown, SourceRecord, TileError
from engine.tile_search.results import SearchSettings, tile_width_km
from engine.tile_search.session import Folders, embed_source
from engine.tile_search.tile_embeddings import EmbeddingStore, Kind

PHOTO = place_photo(48.2, 16.37)


def test_trained_encoders_find_the_tile_and_ours_beats_the_paper_at_equal_k(trained):
    figures = bench_world(trained=trained)
    assert figures["world_photos"] == len(trained.seeds) > 30
    assert figures["world_found"] > 0.9
    assert figures["world_found"] > figures["world_found_paper"]


def test_a_search_says_what_it_did(search_of):
    result = search_of(SyntheticTiles()).run(PHOTO, SearchSettings(4, Method.PAPER))
    facts = result.as_dict()
    assert [level["zoom"] for level in facts["levels"]] == list(LEVELS)
    assert [level["candidates"] for level in facts["levels"]] == [256] + [64] * 6
    assert facts["tiles_encoded"] == 256 + 6 * 64 and facts["cache_hits"] == 0
    assert Tile(*map(int, facts["best_tile"].split("/"))).center == (facts["lat"], facts["lon"])
    assert 0 < facts["path_probability"] <= 1
    assert facts["source"]["attribution"] == "Nobody"


@pytest.mark.parametrize("method", list(Method))
def test_a_second_search_encodes_nothing_and_gives_the_same(search_of, method):
    first = search_of(SyntheticTiles()).run(PHOTO, SearchSettings(6, method))
    second = search_of(SyntheticTiles()).run(PHOTO, SearchSettings(6, method))
    assert second.tiles_encoded == 0 and second.cache_hits == first.tiles_encoded
    assert [score.tile for score in second.best] == [score.tile for score in first.best]
    assert [score.probability for score in second.best] == [score.probability for score in first.best]


def test_a_search_is_put_aside_and_gone_on_with(search_of):
    whole = search_of(SyntheticTiles()).run(PHOTO, SearchSettings(4))
    search, steps = search_of(SyntheticTiles()), []
    for so_far in search.steps(PHOTO, SearchSettings(4)):
        steps.append(so_far)
        if len(steps) == 3:
            break
    result = search_of(SyntheticTiles()).run(PHOTO, SearchSettings(4), so_far=steps[-1])
    assert [report.zoom for report in result.reports] == list(LEVELS)
    assert result.best == whole.best


def test_a_search_is_cancelled_inside_a_level_and_keeps_what_it_encoded(search_of):
    class StopError(Exception):
        pass

    def report(what, share):
        if share > 0.05:
            raise StopError

    search, threads = search_of(SyntheticTiles()), threading.active_count()
    with pytest.raises(StopError):
        search.run(PHOTO, SearchSettings(4), report)
    assert threading.active_count() == threads
    assert 0 < search.store(4).count(4) < 256
    assert search.run(PHOTO, SearchSettings(4)).cache_hits >= search.store(4).count(4) - 256


def test_coarse_levels_computed_before_are_looked_at_as_a_whole(search_of, tmp_path):
    folders = Folders(tmp_path / "cache")
    from engine.testing.synthetic_tiles import make_encoders

    tallies = embed_source(SyntheticTiles(), make_encoders(), 6, folders)
    assert {zoom: tally.encoded for zoom, tally in tallies.items()} == {4: 256, 6: 4096}
    again = embed_source(SyntheticTiles(), make_encoders(), 6, folders)
    assert all(tally.encoded == 0 for tally in again.values())
    result = search_of(SyntheticTiles(), folder=folders.embeddings).run(PHOTO, SearchSettings(8))
    assert [report.candidates for report in result.reports[:3]] == [256, 4096, 128]
    assert result.reports[1].encoded == 0
    with pytest.raises(InputError, match="million"):
        embed_source(SyntheticTiles(), make_encoders(), 10, folders)


def test_imagery_that_ends_early_is_said(search_of):
    record = SourceRecord("shallow", "Shallow", "Us", "Ours.", max_zoom=9)
    result = search_of(SyntheticTiles(record=record)).run(PHOTO, SearchSettings(4))
    assert result.best[0].tile.z == 8
    assert any("ends at zoom 9; the last level searched is zoom 8 and not 16" in note for note in result.notes)
    with pytest.raises(InputError, match="none of"):
        search_of(SyntheticTiles(record=SourceRecord("deep", "Deep", "", "", 17, 18))).run(PHOTO)


def test_percentages_of_encoders_that_nobody_calibrated_are_not_sold_as_chances(trained, search_of):
    def told(encoders, method):
        started = search_of(SyntheticTiles(), encoders).begin(SearchSettings(4, method))
        return [note for note in started.notes if "calibrated" in note]

    (note,) = told(None, Method.PATH)
    assert "zoom 4, 6, 8, 10, 12, 14, 16" in note
    assert told(trained.encoders, Method.PATH) == []
    assert told(None, Method.PAPER) == []  # it shows no chances


def test_an_archive_of_one_valley(search_of):
    record = SourceRecord("valley", "Valley", "Us", "Ours.", 8, 16, Bounds(46.0, 10.0, 46.4, 10.6))
    inside = {zoom: set(tiles.codes_in_box(zoom, 46.0, 10.0, 46.4, 10.6, 10**6).tolist()) for zoom in LEVELS[2:]}
    result = search_of(SyntheticTiles(record=record, broken=lambda tile: tile.code not in inside[tile.z])).run(
        place_photo(46.2, 10.3), SearchSettings(16)
    )
    assert result.best[0].tile.z == 16 and 46.0 <= result.best[0].latitude <= 46.4
    assert any("begins at zoom 8" in note for note in result.notes)
    assert any("no imagery and were left out" in note for note in result.notes)


def test_tiles_that_cannot_be_had_are_counted_and_the_search_goes_on(search_of):
    def broken(tile):
        if (tile.x + tile.y) % 5 == 0:
            raise TileError(f"Tile {tile.path} is damaged.")
        return False

    search = search_of(SyntheticTiles(broken=broken))
    result = search.run(PHOTO, SearchSettings(4))
    assert result.best[0].tile.z == 16
    assert result.reports[0].failed == 52
    assert any("52 of 256 tiles of zoom 4 could not be had" in note for note in result.notes)
    assert search.store(4).count(4) == 256 - 52  # what failed is tried again next time


def test_a_source_that_goes_down_on_the_way(search_of):
    def broken(tile):
        if tile.z == 8:
            raise SourceDown("The server does not answer any longer; try again later.")
        return False

    result = search_of(SyntheticTiles(broken=broken)).run(PHOTO, SearchSettings(4))
    assert result.best[0].tile.z == 6
    assert any("ended at zoom 8: The server does not answer" in note for note in result.notes)


def test_a_source_that_is_down_from_the_start(search_of):
    def broken(tile):
        raise SourceDown("The server does not answer any longer; try again later.")

    with pytest.raises(LayerError, match="does not answer"):
        search_of(SyntheticTiles(broken=broken)).run(PHOTO)
    with pytest.raises(LayerError, match="no imagery at zoom 4"):
        search_of(SyntheticTiles(broken=lambda tile: True)).run(PHOTO)


def test_a_source_that_fails_in_its_own_way_does_not_hang_the_search(search_of):
    def broken(tile):
        if tile.z == 6 and tile.x % 2:
            raise ZeroDivisionError
        return False

    result = search_of(SyntheticTiles(broken=broken)).run(PHOTO, SearchSettings(4))
    assert any("ZeroDivisionError" in note for note in result.notes)


def test_no_imagery_below_a_level_ends_there(search_of):
    result = search_of(SyntheticTiles(broken=lambda tile: tile.z > 10)).run(PHOTO, SearchSettings(4))
    assert result.best[0].tile.z == 10
    assert any("There is no imagery at zoom 12" in note for note in result.notes)


def test_tiles_of_one_colour_and_of_mixed_sizes(search_of):
    class Odd(SyntheticTiles):
        def read(self, tile):
            if tile.z == 6:
                return np.full((64, 64, 3), 200, np.uint8)
            pixels = super().read(tile)
            return pixels.repeat(1 + tile.x % 3, axis=0).repeat(1 + tile.x % 3, axis=1)

    result = search_of(Odd()).run(PHOTO, SearchSettings(4))
    assert result.reports[1].blank == 64
    assert any("all one colour" in note for note in result.notes)
    assert result.best[0].tile.z == 16


def test_a_search_of_a_region(search_of, world):
    from engine.locate.maps import prior_map
    from engine.tile_search.tile_prior import MapPrior

    region = prior_map(world).region(budget_km2=400_000)
    prior = MapPrior(region.search_map, region)
    result = search_of(SyntheticTiles(), prior=prior).run(PHOTO, SearchSettings(16))
    for score in result.best:
        box = tiles.boxes(16, np.array([score.tile.code]))
        corners = [(a, o) for a in (box.south[0], box.north[0]) for o in (box.west[0], box.east[0] - 1e-9)]
        assert any(region.contains(float(a), float(o)) for a, o in corners)


def test_tiles_are_read_while_others_are_encoded(search_of):
    """Fetching hides behind encoding: the next batch is read before the encoder gives the first one back."""
    from engine.testing.synthetic_tiles import make_encoders
    from engine.tile_search.embedding import BATCH
    from engine.tile_search.tile_encoders import MapEncoders

    second_batch, read, waited = threading.Event(), [], []

    class Slow(MapEncoders):
        def tiles(self, zoom, prepared):
            waited.append(second_batch.wait(20))
            return super().tiles(zoom, prepared)

    def note(tile):
        read.append(tile)
        if len(read) >= 2 * BATCH:
            second_batch.set()
        return False

    plain = make_encoders()
    search = search_of(SyntheticTiles(broken=note), Slow(plain.encoder, plain.weights))
    search.advance(search.begin(SearchSettings(4)), plain.photo(PHOTO))
    assert waited == [True] * 16


def test_evaluation_says_where_the_truth_is_lost(trained, search_of):
    search = search_of(SyntheticTiles(), trained.encoders)
    places = list(zip(trained.latitude[:6], trained.longitude[:6], strict=True))
    cases = [Case(trained.photo(n), float(a), float(o)) for n, (a, o) in enumerate(places)]
    row = evaluate_search(search, cases, SearchSettings(8))
    assert row.photos == 6 and row.kept_hold[4] >= row.kept_hold[16]
    assert row.candidates_hold[4] == 100.0
    assert row.percent[-1] >= row.percent[0] >= 80
    text = tables([row])
    assert row.tiles_looked_at > row.tiles_encoded > 0  # the photos share their coarse tiles
    titles = [line[:7] for line in text.splitlines() if line.startswith("Table ")]
    assert titles == ["Table 1", "Table 2", "Table 3"]
    assert "| k=8, path (6 photos) |" in text and "| Ours: k=8, path (6 photos) |" in text and "z16 |" in text
    head = "| Street 1 km | City 25 km | Region 200 km | Country 750 km | Continent 2,500 km |"
    assert f"| k and method {head} Inference time |" in text and f"| Method {head}\n" in text
    blocks = [block.splitlines()[-1].count("|") for block in text.split("\n\n") if block.startswith("|")]
    assert blocks == [10, 7, 7, 9]  # every row as wide as its head
    assert all(len({line.count("|") for line in block.splitlines()}) == 1 for block in text.split("\n\n")[1::2])
    result = search.run(cases[0].photo, SearchSettings(8))
    assert set(truth_on_the_way(result.state, *places[0])) == set(LEVELS)
    with pytest.raises(InputError, match="no photo"):
        evaluate_search(search, [], SearchSettings(8))


def test_a_photo_that_cannot_be_searched_does_not_end_an_evaluation(search_of):
    photos_done = []

    def broken(tile):
        if not photos_done:
            raise SourceDown("The server does not answer any longer; try again later.")
        return False

    cases = [Case(place_photo(latitude, 16.0), latitude, 16.0) for latitude in (48.0, 10.0)]
    search = search_of(SyntheticTiles(broken=broken))
    with pytest.raises(LayerError, match="does not answer"):
        evaluate_search(search, cases[:1], SearchSettings(2))
    row = evaluate_search(search, cases, SearchSettings(2), lambda what, share: photos_done.append(share))
    assert row.photos == 1 and row.failed == {"The server does not answer any longer; try again later.": 1}


def test_widths_of_tiles():
    assert tile_width_km(Tile(0, 0, 0)) == pytest.approx(40030.2, rel=1e-3)
    assert tile_width_km(Tile(16, 32768, 32768)) == pytest.approx(0.61, rel=0.01)


def test_kinds_are_stored(tmp_path):
    store = EmbeddingStore(tmp_path, "s", "d", 4)
    kinds = np.array([Kind.SEEN, Kind.ABSENT, Kind.BLANK], np.uint8)
    vectors = np.eye(3, 4, dtype=np.float32)
    store.put(4, np.array([7, 8, 255]), kinds, vectors)
    found = store.get(4, np.array([255, 9, 7, 8]))
    assert found.kind.tolist() == [Kind.BLANK, Kind.UNKNOWN, Kind.SEEN, Kind.ABSENT]
    np.testing.assert_array_equal(found.vector[0], vectors[2])
    assert np.isnan(found.cosine(vectors[0])[[1, 3]]).all() and found.cosine(vectors[0])[2] == 1
    assert store.get(6, np.array([7])).kind.tolist() == [Kind.UNKNOWN]
    store.close()

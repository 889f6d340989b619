"""The Tile search page without a browser: its states, its sentences, and a search that is paused and goes on."""

import gc
import io
import threading

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from dashboard.common import jobs, services, state
from dashboard.tile_search import reading
from dashboard.tile_search import sources as search_sources
from dashboard.tile_search import why as search_why
from dashboard.tile_search import worker as search_work
from dashboard.tile_search.worker import Request, Stage
from engine.artifacts.store import Store
from engine.errors import InputError
from engine.evidence.gazetteer import nearest
from engine.geometry import web_mercator
from engine.geometry.web_mercator import LEVELS
from engine.locate.maps import prior_map
from engine.testing import make_locator
from engine.testing.synthetic_tiles import SyntheticTiles, make_encoders, place_picture
from engine.tile_search.beam import Method
from engine.tile_search.evidence import RECORD
from engine.tile_search.results import SearchSettings, tile_width_km
from engine.tile_search.session import Folders, tile_search

PLACE = 48.2, 16.37
PAGE = """
import streamlit as st
from dashboard.common import state
from dashboard.models import screen as models
from dashboard.tile_search import screen as tile_search
st.session_state[state.LOCATE_PAGE] = st.Page(models.show, title="Other", url_path="other")
st.navigation([st.Page(tile_search.show, title="Tiles", default=True), st.session_state[state.LOCATE_PAGE]]).run()
"""


class Gate:
    """Tiles of the made-up Earth that wait at a zoom until they may go on."""

    def __init__(self, zoom):
        self.zoom, self.reached, self.open = zoom, threading.Event(), threading.Event()

    def __call__(self, tile):
        if tile.z >= self.zoom and not self.open.is_set():
            self.reached.set()
            assert self.open.wait(60)
        return False


@pytest.fixture(autouse=True)
def one_thread():
    """Networks of a few thousand numbers are faster with one thread, much faster on a busy machine."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Folders, jobs and encoders of this test alone."""
    monkeypatch.setenv("HEREABOUTS_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("HEREABOUTS_MODELS", raising=False)
    monkeypatch.setattr("dashboard.models.worker.JOBS", jobs.Jobs())
    monkeypatch.setattr(search_sources, "load_encoders", lambda folder=None: make_encoders())
    monkeypatch.setattr(search_sources, "_ENCODERS", {})


@pytest.fixture
def encoder(monkeypatch):
    """An encoder that is on this machine."""
    monkeypatch.setattr(search_sources, "encoder_ready", lambda: True)


@pytest.fixture(scope="module")
def photo_file():
    sink = io.BytesIO()
    Image.fromarray(place_picture(*PLACE)).save(sink, "PNG")
    return sink.getvalue()


@pytest.fixture
def source(monkeypatch):
    """Puts a made-up Earth in place of whatever source is opened."""

    def put(broken=None):
        monkeypatch.setattr(search_work, "open_source", lambda what, access: SyntheticTiles(broken=broken))

    put()
    return put


@pytest.fixture
def located(photo_file, tmp_path, monkeypatch):
    """A session with one photo, read by the predictors of the known world."""
    path = tmp_path / "place.png"
    path.write_bytes(photo_file)
    monkeypatch.setattr(services, "sample_photo", lambda: path)
    known = make_locator()
    monkeypatch.setattr(services, "locator", lambda: known)
    return services.read_photo(photo_file, "place.png")


def opened(entry=None, k=4):
    """The page, with a narrow beam: the searches of a test are over in a second."""
    page = AppTest.from_string(PAGE, default_timeout=60)
    page.session_state[state.SEARCH_K], page.session_state[state.SEARCH_OTHER_K] = "Other", k
    if entry is not None:
        page.session_state[state.PHOTOS] = {"sample": entry}
    page.run()
    assert not page.exception
    return page


def press(page, key):
    page.button(key=key).click().run()
    assert not page.exception
    return page


def held(page):
    (found,) = page.session_state[state.HELD_SEARCHES].values()
    return found


def settled(walk, *wanted):
    for _ in range(6000):
        if walk.stage in wanted:
            return walk
        threading.Event().wait(0.01)
    raise AssertionError(f"the search is {walk.stage}: {walk.job}")


def text(page):
    kinds = ("title", "subheader", "markdown", "caption", "success", "error", "info", "warning")
    return "\n".join(str(element.value) for kind in kinds for element in page.get(kind)).replace("\\", "")


def keys(page):
    return {button.key for button in page.button}


@pytest.fixture
def begun(photo_file):
    """Starts searches and holds them, as a session does."""
    holding = []

    def begin(**more):
        holding.append(search_work.start(request(photo_file, **more)))
        return holding[-1].walk

    return begin


def request(photo_file, k=4, **more):
    return Request("place.png", lambda: photo_file, "usgs_imagery", SearchSettings(k), **more)


def test_before_a_photo_the_page_says_what_is_needed_and_touches_no_model(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.artifacts.store.default_root", lambda: tmp_path / "models")
    page = opened()
    said = text(page)
    assert "needs CLIP ViT-B/32 (OpenAI), which is not installed" in said
    assert "About 605 MB, MIT licence" in said
    assert "NASA Blue Marble" in said and "Public domain" in said and "zoom 0 to 6" in said
    assert page.button(key="start_tiles").disabled and "drop a photo" in said
    assert page.button(key="fetch_encoder").label == "Fetch"
    assert not Store().root.exists()


def test_without_the_encoder_no_search_can_start(located):
    page = opened(located)
    assert page.button(key="start_tiles").disabled
    assert "The encoder is missing: fetch it above." in text(page)


def test_a_search_ends_in_tiles_a_reason_and_a_place(located, encoder, source):
    page = opened(located)
    page.button_group(key=state.SEARCH_K).set_value(16).run()
    page.radio(key=state.SEARCH_WHERE).set_value("everywhere").run()
    press(page, "start_tiles")
    walk = settled(held(page).walk, Stage.DONE)
    page.run()
    said = text(page)
    assert "Done" in said and "**Synthetic Earth**, k = 16, path probability, uniform prior" in said
    assert "Why was this branch kept?" in said
    assert "take the percentages as an order of tiles" in said  # nobody calibrated these encoders
    best = search_work.shown(walk)[0]
    assert f"{best.latitude:.5f}, {best.longitude:.5f}" in said
    assert f"Best tiles of zoom 16, {tile_width_km(best.tile):.2f} km wide" in said
    place = nearest(best.latitude, best.longitude)
    assert f" km from {place.name}, {place.country_name}" in said
    levels, way = page.table[0].value, page.table[1].value
    assert list(levels["Zoom"]) == [str(zoom) for zoom in LEVELS]
    assert [int(n.replace(",", "")) for n in levels["Encoded"]] == [each.encoded for each in walk.so_far.reports]
    assert way["Tile"].iloc[-1] == best.tile.path and way["Rank"].iloc[-1].startswith("1 of ")
    assert "tiles_in" not in keys(page), "a search without the map is no evidence to be pooled"


def test_another_tile_can_be_looked_at_and_a_new_search_begins_from_the_settings(located, encoder, source):
    page = press(opened(located), "start_tiles")
    walk = settled(held(page).walk, Stage.DONE)
    page.run()
    second = search_work.shown(walk)[1]
    press(page, "pick_tile_2")
    assert f"{second.latitude:.5f}, {second.longitude:.5f}" in text(page)
    press(page, "new_tiles")
    assert "start_tiles" in keys(page) and page.session_state[state.HELD_SEARCHES] == {}


def test_the_tile_scores_count_as_a_predictor_and_can_be_taken_out_again(located, encoder, source):
    page = press(opened(located), "start_tiles")
    walk = settled(held(page).walk, Stage.DONE)
    press(page.run(), "tiles_in")
    entry = page.session_state[state.PHOTOS]["sample"]
    assert [each.record.name for each in entry.outcomes][-1] == RECORD.name
    said = entry.outcomes[-1].predictions[0]
    world = services.locator().world
    before = services.locator().answer(entry.photo, located.outcomes)
    after = services.locator().answer(entry.photo, entry.outcomes)
    best = search_work.shown(walk)[0]
    assert after.search_map.area_to_reach(best.latitude, best.longitude) < before.search_map.area_to_reach(
        best.latitude, best.longitude
    )
    assert said.partition in {table.name for table in world.overlay.tables}
    press(page, "tiles_out")
    assert RECORD.name not in {each.record.name for each in page.session_state[state.PHOTOS]["sample"].outcomes}


def test_only_the_region_is_looked_at_when_asked(located, encoder, source):
    page = opened(located)
    page.radio(key=state.SEARCH_WHERE).set_value("region").run()
    assert "100,000 km²" in page.radio(key=state.SEARCH_WHERE).options[1]
    press(page, "start_tiles")
    walk = settled(held(page).walk, Stage.DONE, Stage.FAILED)
    assert walk.stage is Stage.DONE, walk.job
    region = walk.request.region
    assert region.area_km2 == pytest.approx(100_000, rel=0.05)
    level = walk.so_far.state.done[2]
    box = web_mercator.boxes(level.zoom, level.codes[level.kept])
    for south, west, north, east in zip(box.south, box.west, box.north, box.east, strict=True):
        latitude, longitude = np.meshgrid(np.linspace(south, north, 9), np.linspace(west, east, 9))
        assert any(region.contains(a, o) for a, o in zip(latitude.flat, longitude.flat, strict=True))


@pytest.mark.parametrize("k", [0, 100_000])
def test_a_width_that_makes_no_sense_gets_its_sentence(located, encoder, source, k):
    page = opened(located)
    page.number_input(key=state.SEARCH_OTHER_K).set_value(k).run()
    press(page, "start_tiles")
    assert [e.value.replace("\\", "") for e in page.error] == [
        f"A beam of k = {k} makes no sense; give 1 to 1024, such as 16, 32 or 64."
    ]
    assert page.session_state[state.HELD_SEARCHES] == {}


def test_a_server_is_warned_of_and_an_own_template_only_opens_after_the_warning(located, encoder):
    page = opened(located)
    page.selectbox(key=state.SEARCH_SOURCE).set_value("s2cloudless_2016").run()
    assert "hundreds of tiles" in page.warning[0].value and "CC-BY-4.0" in text(page)
    page.selectbox(key=state.SEARCH_SOURCE).set_value("template").run()
    assert "terms allow automatic reading" in page.warning[0].value
    assert page.text_input(key=state.SEARCH_TEMPLATE).disabled and page.button(key="start_tiles").disabled
    page.checkbox(key=state.SEARCH_AGREED).check().run()
    page.text_input(key=state.SEARCH_TEMPLATE).set_value("https://a.example/{x}/{y}.png").run()
    assert "no {z}" in page.error[0].value.replace("\\", "")
    assert page.button(key="start_tiles").disabled
    page.text_input(key=state.SEARCH_TEMPLATE).set_value("http://127.0.0.1:9/{z}/{x}/{y}.png").run()
    press(page, "start_tiles")
    settled(held(page).walk, Stage.FAILED)
    assert "private or local address" in page.run().error[0].value.replace("\\", "")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("PMTiles/empty.pmtiles", "is empty"),
        ("PMTiles/invalid.pmtiles", "not a PMTiles archive"),
        ("node-mbtiles/corrupt.mbtiles", "not a readable MBTiles archive"),
        ("mbtileserver/geography-class-jpg.mbtiles", "has zooms 0 to 1 and none of 4"),
    ],
)
def test_archives_that_cannot_be_searched_get_one_sentence(located, encoder, shared, name, said):
    page = opened(located)
    page.selectbox(key=state.SEARCH_SOURCE).set_value("file").run()
    page.text_input(key=state.SEARCH_FILE).set_value(str(shared / "data" / "tiles" / name)).run()
    (error,) = [each.value.replace("\\", "") for each in page.error]
    assert said in error and page.button(key="start_tiles").disabled


def test_the_paper_keeps_a_place_that_is_typed(located, encoder, source):
    page = opened(located)
    page.selectbox(key=state.SEARCH_METHOD).set_value("attached").run()
    page.selectbox(key=state.SEARCH_POINT).set_value("typed").run()
    page.text_input(key=state.SEARCH_TYPED).set_value("nowhere").run()
    press(page, "start_tiles")
    assert len(page.error) == 1 and page.session_state[state.HELD_SEARCHES] == {}
    page.text_input(key=state.SEARCH_TYPED).set_value("-33.9, 151.2").run()
    press(page, "start_tiles")
    walk = settled(held(page).walk, Stage.DONE)
    assert walk.request.settings.attached == (-33.9, 151.2)
    for level in walk.so_far.state.done[1:]:
        assert int(web_mercator.codes_at(-33.9, 151.2, level.zoom)) in level.codes
    assert "k = 4 + 1, Kim, Jang and Kim" in text(page.run())


def test_a_paused_search_goes_on_and_ends_as_one_that_never_stopped(begun, source, tmp_path, monkeypatch):
    gate = Gate(8)
    source(gate)
    one = begun()
    assert gate.reached.wait(60)
    one.pause()
    assert one.stopping
    gate.open.set()
    settled(one, Stage.PAUSED)
    assert one.levels_done == 2 and "paused" in one.job.sentence
    one.resume()
    settled(one, Stage.DONE)
    monkeypatch.setenv("HEREABOUTS_CACHE", str(tmp_path / "another"))
    other = settled(begun(), Stage.DONE)
    for mine, theirs in zip(one.so_far.state.done, other.so_far.state.done, strict=True):
        np.testing.assert_array_equal(mine.codes[mine.kept], theirs.codes[theirs.kept])
    assert one.result.tiles_encoded <= other.result.tiles_encoded
    assert sum(each.candidates for each in one.so_far.reports) == sum(each.candidates for each in other.so_far.reports)


def test_the_buttons_pause_resume_and_cancel(located, encoder, source):
    gate = Gate(10)
    source(gate)
    page = press(opened(located), "start_tiles")
    walk = held(page).walk
    assert gate.reached.wait(60)
    page.run()
    assert "Running" in text(page) and "Best tiles of zoom 8" in text(page)
    press(page, "pause_tiles")
    assert page.button(key="pause_tiles").disabled
    gate.open.set()
    settled(walk, Stage.PAUSED)
    page.run()
    assert "Paused" in text(page) and {"resume_tiles", "cancel_tiles", "new_tiles"} <= keys(page)
    press(page, "cancel_tiles")
    assert walk.stage is Stage.CANCELLED and "Cancelled" in text(page)
    assert "resume_tiles" not in keys(page) and "Best tiles of zoom 8" in text(page)


def test_a_search_ends_with_the_session_that_holds_it(photo_file, source):
    gate = Gate(6)
    source(gate)
    holding = search_work.start(request(photo_file))
    walk = holding.walk
    assert gate.reached.wait(60)
    del holding
    gc.collect()
    gate.open.set()
    assert settled(walk, Stage.CANCELLED).levels_done == 1


def test_a_search_on_the_page_is_the_search_of_the_command_line(photo_file, begun, source):
    from engine.photos.photo import open_photo

    walk = settled(begun(), Stage.DONE)
    search = tile_search(SyntheticTiles(), make_encoders(), Folders())
    result = search.run(open_photo(photo_file, "place.png"), SearchSettings(4))
    assert [score.tile for score in result.best] == [score.tile for score in search_work.shown(walk)]
    assert result.tiles_encoded == 0, "what the page encoded is known"


def test_the_way_to_a_tile_has_the_ranks_that_sorting_gives(begun, source):
    walk = settled(begun(), Stage.DONE)
    tile = search_work.shown(walk)[2].tile
    steps = reading.steps_to(walk, tile)
    assert [step.tile.z for step in steps] == list(LEVELS) and steps[-1].tile == tile
    for level, step in zip(walk.so_far.state.done, steps, strict=True):
        order = list(np.argsort(-level.log_probability, kind="stable"))
        place = int(np.flatnonzero(level.codes == step.tile.code)[0])
        assert (step.rank, step.among) == (order.index(place) + 1, level.codes.size)
        assert step.probability == pytest.approx(np.exp(level.log_probability[place]))
    assert "3rd of" in search_why.sentence(steps, Method.PATH)
    assert set(walk.pictures) >= {step.tile for step in steps}


def test_pictures_that_cannot_be_had_do_not_stop_a_search(begun, monkeypatch):
    class Torn(SyntheticTiles):
        def read(self, tile):
            if threading.current_thread().name.startswith("job"):  # not one of the threads that feed the encoder
                raise RuntimeError
            return super().read(tile)

    monkeypatch.setattr(search_work, "open_source", lambda what, access: Torn())
    walk = settled(begun(), Stage.DONE)
    assert walk.pictures == {} and search_work.shown(walk)


def test_a_walk_without_the_map_is_refused_as_evidence(begun, source, world):
    walk = settled(begun(), Stage.DONE)
    assert not reading.counts_as_evidence(walk)
    with pytest.raises(InputError, match="search again with the map"):
        reading.prediction(walk)
    other = settled(begun(search_map=prior_map(world)), Stage.DONE)
    assert reading.counts_as_evidence(other)
    assert reading.prediction(other).probability.sum() == pytest.approx(1)

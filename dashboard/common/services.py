"""The only caching boundary: what is computed once per machine, per photo and per choice of settings."""

import importlib.util
import io
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar, cast
from weakref import WeakKeyDictionary, WeakSet

import streamlit as st
from PIL import Image
from streamlit.delta_generator import DeltaGenerator

from dashboard.common import background_build, state
from dashboard.maps.cell_containers import cell_containers, cells_are_ready
from dashboard.maps.ranked_tables import ranked_table
from dashboard.models import worker as models_work
from engine.claims.check import check_claim
from engine.claims.place_names import place_name
from engine.claims.values import ClaimCheck
from engine.cli.launch import dashboard_grid
from engine.evaluation.calibration import Calibration
from engine.inference.candidates import Candidate
from engine.inference.effects import Effect
from engine.inference.outcomes import Outcome
from engine.inference.pooling import Pooling
from engine.inference.search_map import SearchMap
from engine.inference.world import World
from engine.locate.locator import Locator
from engine.locate.maps import pool_outcomes, prior_map
from engine.locate.multi_photo import JointAnswer
from engine.locate.multi_photo import answer_together as pooled_together
from engine.locate.result import Answer, evidence_effects
from engine.locate.settings import Settings
from engine.locate.stages import StageMap
from engine.locate.stages import stage_maps as find_stage_maps
from engine.partitions.overlay import Overlay
from engine.photos.photo import Photo, open_photo
from engine.privacy.findable import Findability
from engine.privacy.findable import findability as measure_findability
from engine.progress import Report

THUMBNAIL_PIXELS = 320
KEPT_RESULTS = 24
"""Maps, places and pictures that a session keeps; a map with its ranking is about 12 MB."""

ENSEMBLE, PRIOR = "ensemble", "prior"

Value = TypeVar("Value")


def locator() -> Locator:
    """The locator of this server; the first call on a machine builds the map data and shows how far it is."""
    stamp = models_work.stamp()
    if stamp in _LOCATORS:
        return _LOCATORS[stamp]
    place = st.empty()  # gone when it is done: what follows moves up
    with place.status("Building the map of the Earth: once per machine, about 10 seconds", expanded=True):
        bar = st.progress(0.0)
        found = _load_locator(stamp, lambda what, share: _update_bar(bar, what, share))
    place.empty()
    return found


def _load_locator(stamp: object, report: Report) -> Locator:
    """The locator of the models that are here; only one is kept, the next takes its place when a model comes or goes.

    Not ``st.cache_resource``: it replays what was drawn while it loaded, and cannot replay into the bar of a page.
    """
    with _LOADING:
        if stamp not in _LOCATORS:
            found = Locator.load(dashboard_grid(), report)
            _LOCATORS.clear()
            _LOCATORS[stamp] = found
            background_build.start_once(found.world)
        return _LOCATORS[stamp]


def _update_bar(bar: DeltaGenerator, what: str, share: float) -> None:
    bar.progress(min(share, 1.0), what)


_LOCATORS: dict[object, Locator] = {}
_WEIGHING: "WeakSet[Locator]" = WeakSet()
_LOADING = threading.Lock()


def read_photo(data: bytes, name: str) -> state.PhotoEntry:
    """Open a photo, ask every predictor, keep a thumbnail and forget the pixels.

    Raises:
        PhotoError: it cannot be opened.
    """
    photo = open_photo(data, name)
    outcomes = locator().read(photo)
    small = Image.fromarray(photo.pixels)
    small.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
    return state.PhotoEntry(_without_pixels(photo), _jpeg(small), outcomes)


def _without_pixels(photo: Photo) -> Photo:
    return replace(photo, pixels=photo.pixels[::64, ::64].copy())


def _jpeg(image: Image.Image) -> bytes:
    sink = io.BytesIO()
    image.save(sink, "JPEG", quality=85)
    return sink.getvalue()


def answer(entry: state.PhotoEntry, settings: Settings) -> Answer:
    """The pooled answer; the same question again costs nothing."""
    key = ("answer", entry.photo.sha256, _outcomes_key(entry.outcomes), _settings_key(settings))
    return session_cached(key, lambda: _with_ranking(locator().answer(entry.photo, entry.outcomes, settings)))


def answer_together(entries: Sequence[state.PhotoEntry], settings: Settings, dependence: float) -> JointAnswer:
    """The pooled answer of several photos of one place; the same question again costs nothing."""
    photos = tuple((entry.photo.sha256, _outcomes_key(entry.outcomes)) for entry in entries)
    asked = [(entry.photo, entry.outcomes) for entry in entries]
    return session_cached(
        ("together", photos, _settings_key(settings), dependence),
        lambda: _with_joint_ranking(pooled_together(locator(), asked, settings, dependence)),
    )


def prepare_evidence() -> None:
    """Have the map that evidence is weighed on; the first call on a machine builds it and shows how far it is."""
    found = locator()
    if found in _WEIGHING:
        return
    place = st.empty()
    with place.status("Building the evidence map: once per machine, about 15 seconds", expanded=True):
        bar = st.progress(0.0)
        found.evidence_weigher(lambda what, share: _update_bar(bar, what, share))
    place.empty()
    _WEIGHING.add(found)


def stage_maps(found: Answer) -> tuple[StageMap, ...]:
    """The maps of the baseline, with the photo, and with the evidence; a slider tick only reads from them."""
    key, known = answer_key(found), state.stage_maps()
    if known is None or known[0] != key:  # those of one answer only: a map takes some megabytes
        known = (key, find_stage_maps(found))
        state.keep_stage_maps(known)
    return known[1]


def effects(found: Answer) -> tuple[Effect, ...]:
    """What each statement does to the area; the same question again costs nothing."""
    key = ("effects", answer_key(found))
    return session_cached(key, lambda: evidence_effects(found))


def claim_check(found: Answer, point: tuple[float, float], calibration: Calibration | None) -> ClaimCheck:
    """What an answer says of a claimed place; asked again in every slider tick, worked out once."""
    return session_cached(("claim", answer_key(found), point), lambda: check_claim(found, *point, calibration))


def findability(entry: state.PhotoEntry, settings: Settings, data: bytes, report: Report) -> Findability:
    """How findable a photo is by its pixels and its file; the analyst's evidence is left out."""
    plain = replace(settings, evidence=())
    return session_cached(
        _findability_key(entry, plain),
        lambda: measure_findability(locator(), data, plain, entry.photo.name, report=report),
    )


def known_findability(entry: state.PhotoEntry, settings: Settings) -> Findability | None:
    """What was measured under these settings, if it was."""
    key = _findability_key(entry, replace(settings, evidence=()))
    return cast(Findability | None, st.session_state.get(state.RESULTS, {}).get(key))


def _findability_key(entry: state.PhotoEntry, settings: Settings) -> tuple[object, ...]:
    return "findable", entry.photo.sha256, _outcomes_key(entry.outcomes), _settings_key(settings)


def _outcomes_key(outcomes: Sequence[Outcome]) -> tuple[object, ...]:
    """Who said what: other photos, and a predictor that was mended or came later, make another map.

    Predictions are told apart as the values that they are: of two joint answers only they say whose photos they are of.
    """
    return tuple((outcome.record.name, outcome.status, outcome.predictions) for outcome in outcomes)


def _settings_key(settings: Settings) -> tuple[object, ...]:
    """Settings as a key; evidence by value, because a drawn area in words would be long."""
    return repr(replace(settings, evidence=())), settings.evidence


def answer_key(found: Answer) -> tuple[object, ...]:
    """What an answer is the answer to."""
    return found.photo.sha256, _outcomes_key(found.outcomes), _settings_key(found.settings)


def _with_ranking(found: Answer) -> Answer:
    _ = found.search_map.component_rank, ranked_table(found.search_map)  # made here, so that a fragment finds it done
    return found


def _with_joint_ranking(found: JointAnswer) -> JointAnswer:
    _with_ranking(found.answer)
    return found


def places(found: Answer, k: int, separation_km: float) -> tuple[Candidate, ...]:
    """Ranked places of an answer."""
    key = ("places", answer_key(found), k, separation_km)
    return session_cached(key, lambda: found.search_map.candidates(k, separation_km))


@lru_cache(maxsize=1000)
def name_of(place: Candidate) -> str:
    """A town near a place, from the list that ships; empty far from all towns."""
    return place_name(place.latitude, place.longitude)


def layer_map(found: Answer, layer: str) -> SearchMap:
    """The map behind a layer: the ensemble, the prior, or one predictor by itself."""
    if layer == ENSEMBLE:
        return found.search_map
    if layer == PRIOR:
        return prior(found.world)
    return session_cached(("layer", answer_key(found), layer), lambda: _alone(found, layer))


def _alone(found: Answer, layer: str) -> SearchMap:
    outcome = next(outcome for outcome in found.outcomes if outcome.record.name == layer)
    alone = Settings(weights={layer: 1.0}, pooling=Pooling.PRODUCT)  # no prior, as in Bianco et al. 2024
    return pool_outcomes(found.world, [outcome], alone)


def prior(world: World) -> SearchMap:
    """Where people take photos at all; of the world and of no photo, so that all sessions share it."""
    if world not in _PRIORS:
        _PRIORS[world] = prior_map(world)
    return _PRIORS[world]


_PRIORS: "WeakKeyDictionary[World, SearchMap]" = WeakKeyDictionary()


def prepare_cells(overlay: Overlay) -> None:
    """Have what the browser's map needs of an overlay; the first call on a machine makes it and shows how far it is."""
    if cells_are_ready(overlay):
        return
    place = st.empty()
    with place.status("Preparing the cells of the map - once on this machine, a few seconds", expanded=True):
        bar = st.progress(0.0)
        cell_containers(overlay, lambda what, share: _update_bar(bar, what, share))
    place.empty()


def sample_photo() -> Path | None:
    """A photo to try with, carried by the geoclip package (which is looked for, not imported)."""
    spec = importlib.util.find_spec("geoclip")
    if spec is None or spec.origin is None:
        return None
    photo = Path(spec.origin).parent / "images" / "Kauai.png"
    return photo if photo.is_file() else None


def session_cached(key: tuple[object, ...], make: Callable[[], Value]) -> Value:
    """The session's own small memory: photos are sensitive, so nothing of them is shared between sessions."""
    kept = cast("OrderedDict[tuple[object, ...], Value]", st.session_state.setdefault(state.RESULTS, OrderedDict()))
    if key not in kept:
        kept[key] = make()
        while len(kept) > KEPT_RESULTS:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]

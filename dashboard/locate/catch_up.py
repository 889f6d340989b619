"""Photos that were read before a model came, went or was replaced: what is missing is asked for now.

A photo's pixels are forgotten once it was read; its file still lies with the uploader as long as it is listed there.
Only predictors that have not answered yet are asked; those that are gone are dropped. Draws a bar while it works.
"""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from dashboard.common import services, state
from dashboard.locate.upload import SAMPLE
from dashboard.models import worker as models_work
from engine.errors import HereaboutsError
from engine.inference.outcomes import Outcome
from engine.locate.locator import Locator
from engine.photos.photo import open_photo

Source = Callable[[], bytes]


def show() -> None:
    """Bring every photo of the session up to date with the models that are here; costs nothing when all are."""
    stamp, known = models_work.stamp(), state.read_with()
    late = [key for key in state.photos() if known.get(key) != stamp]
    if not late:
        return
    locator, files = services.locator(), sources()
    bar = st.progress(0.0, "Running new models")
    for number, key in enumerate(late):
        bar.progress(number / len(late), f"Running new models: photo {number + 1} of {len(late)}")
        entry = state.photos()[key]
        outcomes = caught_up(entry, locator, files.get(key), again=key in known)
        state.photos()[key] = replace(entry, outcomes=outcomes)
        known[key] = stamp
    bar.empty()


def caught_up(entry: state.PhotoEntry, locator: Locator, source: Source | None, *, again: bool) -> tuple[Outcome, ...]:
    """One outcome a predictor of the locator, in its order; without the file only what was said already.

    Args:
        entry: the photo as it was read.
        locator: with the predictors of now.
        source: gives the photo's file, or None when it is gone.
        again: whether predictors that failed are asked once more.
    """
    said = {each.record.name: each for each in entry.outcomes if not (again and each.reason)}
    missing = [each for each in locator.predictors if each.record.name not in said]
    said = {each.record.name: each for each in entry.outcomes} | {
        each.record.name: each for each in _predict_missing(entry, Locator(locator.world, missing), source)
    }
    return tuple(said[each.record.name] for each in locator.predictors if each.record.name in said)


def _predict_missing(entry: state.PhotoEntry, locator: Locator, source: Source | None) -> tuple[Outcome, ...]:
    if source is None or not locator.predictors:
        return ()
    try:
        return locator.read(open_photo(source(), entry.photo.name))
    except HereaboutsError:  # it could be opened before: the file is gone or was replaced, and what was said stays
        return ()


def sources() -> dict[str, Source]:
    """The photos' files that are still here, by upload id."""
    found: dict[str, Source] = {file.file_id: file.getvalue for file in st.session_state.get(state.UPLOADER) or ()}
    sample = services.sample_photo()
    return {**found, SAMPLE: sample.read_bytes} if sample is not None else found


def source_of(entry: state.PhotoEntry) -> Source | None:
    """What gives the file of one photo, or None when it is gone."""
    files = sources()
    return next((files[key] for key, known in state.photos().items() if known is entry and key in files), None)

"""The Locate page: photos and evidence go in, a search region on a globe comes out."""

from dataclasses import dataclass, replace

import streamlit as st

from dashboard.cases import bar as case_bar
from dashboard.cases import state as case_state
from dashboard.common import about, frame, notes, services, state
from dashboard.evidence import panel as evidence_panel
from dashboard.locate import (
    answer_map,
    calibrated_region,
    catch_up,
    contradiction,
    findable,
    go_to,
    job,
    model_offer,
    one_place,
    photo_facts,
    photo_strip,
    predictors_panel,
    welcome,
    why,
)
from dashboard.photo import panel as photo_panel
from dashboard.sar import panel as search_panel
from dashboard.signs import panel as signs_panel
from engine.cases.answering import empty_photo
from engine.errors import HereaboutsError
from engine.evaluation.stored_fits import with_fit
from engine.locate.locator import Locator
from engine.locate.multi_photo import JointAnswer, merged_outcomes
from engine.locate.result import Answer
from engine.locate.settings import Settings

NO_PHOTO = state.PhotoEntry(empty_photo(), b"", ())
"""What stands for the photo where evidence alone is asked."""


@dataclass(frozen=True, eq=False)
class _Found:
    """The answer on the page, and that of all photos where they are taken together."""

    answer: Answer
    joint: JointAnswer | None = None


def show() -> None:
    """Draw the page."""
    locator = services.locator()
    case_bar.open_link(locator)
    catch_up.show()
    with st.sidebar:
        facts = st.container()
        if case_state.dependence() is None:
            photo_strip.show()
        one_place.show()
        effects = evidence_panel.show()
    entry = state.chosen_photo() or NO_PHOTO
    settings = _settings(entry, locator)
    saving = case_state.Saving(case_state.current(locator, settings))
    case_state.record(saving.case)
    with frame.top_bar():
        go_to.show()
        job.show()
        case_bar.show(saving)
    case_bar.show_problems(case_state.opened_notes(locator))
    counted = settings if case_state.dependence() is not None else settings.about(entry.photo.sha256)
    searching = job.current() is job.Job.SEARCH
    if searching:  # the plan has its own ground; where photos are popular has no place in it
        counted = replace(counted, prior_weight=0.0)
    if entry is NO_PHOTO and not any(each.on for each in counted.evidence):
        if searching:
            search_panel.show()
            return
        welcome.show(locator.world)
        model_offer.show()
        return
    try:
        found = _compute_answer(entry, counted)
    except HereaboutsError as error:
        contradiction.show(error)
        return
    if not searching:  # the region of a plan is not that of the case's settings
        saving.answer, saving.together = found.answer, found.joint is not None
    if found.joint is None and entry is not NO_PHOTO:
        with facts:
            photo_facts.show(entry, found.answer)
    _show(entry, found, effects)


def _settings(entry: state.PhotoEntry, locator: Locator) -> Settings:
    """What is chosen on the left; fitted weights in place of chosen ones where they are used."""
    if case_state.dependence() is not None:  # a predictor counts as soon as it could speak of one of the photos
        entry = replace(entry, outcomes=merged_outcomes([(e.photo, e.outcomes) for e in state.photos().values()]))
    fit = None
    if entry is not NO_PHOTO:
        with st.sidebar:
            fit = predictors_panel.show(entry, locator)
    elif state.evidence():
        with st.sidebar:
            predictors_panel.show_prior()
    # All that are here and not only those that spoke: without a photo what was chosen for them stays chosen.
    known = [*(each.record for each in locator.predictors), *(each.record for each in entry.outcomes)]
    chosen = state.settings(state.usual_weights(known))
    return chosen if fit is None else with_fit(chosen, fit)


def _compute_answer(entry: state.PhotoEntry, settings: Settings) -> _Found:
    if any(each.on for each in settings.evidence):
        services.prepare_evidence()
    dependence = case_state.dependence()
    if dependence is None:
        return _Found(services.answer(entry, settings))
    joint = services.answer_together(list(state.photos().values()), settings, dependence)
    return _Found(joint.answer, joint)


def _show(entry: state.PhotoEntry, found: _Found, effects: evidence_panel.Slots) -> None:
    if found.joint is not None:
        one_place.show_shares(found.joint)
    against = found.answer.contradiction
    told = found.answer.notes
    if found.joint is not None:
        told = tuple(note for note in found.joint.notes if note not in found.joint.warning)
    notes.show(told, against.sentence() if against is not None else "")
    evidence_panel.show_effects(effects, found.answer)
    if job.current() is job.Job.SEARCH:
        search_panel.show(found.answer)
    else:
        answer_map.show(found.answer, calibrated_region.find(found.answer), found.joint)
    if entry is not NO_PHOTO:
        signs_panel.show(entry, catch_up.source_of(entry))
        photo_panel.show(entry, catch_up.source_of(entry))
    why.show(found.answer)
    if found.joint is None and entry is not NO_PHOTO:
        findable.show(entry, found.answer.settings, catch_up.source_of(entry))
    model_offer.show()
    about.show(found.answer)

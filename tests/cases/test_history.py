from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_cases import cases, evidence

from engine.cases.case import Case
from engine.cases.history import FOLLOWING, MOST_STEPS, record_change, redo_step, start_history, undo_step
from engine.cases.parts import CaseClaim, CasePhoto, CaseRegion, CaseSettings, CaseView
from engine.evidence.statements.countries import CountryFact, CountryIs
from engine.evidence.statements.evidence import Evidence

LEFT = Evidence("e1", CountryFact("drives", "left"))


def with_weight(case, value):
    return replace(case, settings=replace(case.settings, weights={**case.settings.weights, "scene_cues": value}))


@given(st.lists(cases, min_size=1, max_size=8), st.lists(st.booleans(), max_size=12))
@settings(max_examples=60, deadline=None)
def test_undo_then_redo_is_where_it_was(many, moves):
    history = start_history(many[0])
    for case in many[1:]:
        history = record_change(history, case)
    for back in moves:
        history = undo_step(history) if back else redo_step(history)
    if history.undoes:
        assert redo_step(undo_step(history)) == history
    if history.redoes:
        assert undo_step(redo_step(history)) == history
    assert len(history.steps) <= len(many) and 0 <= history.at < len(history.steps)


@given(st.lists(evidence, min_size=1, max_size=6, unique_by=lambda each: each.id))
@settings(max_examples=60, deadline=None)
def test_undo_walks_back_through_every_statement(statements):
    states = [Case(evidence=tuple(statements[:count])) for count in range(len(statements) + 1)]
    history = start_history(states[0])
    for state in states[1:]:
        history = record_change(history, state)
        assert history.present == state and history.undoes.startswith("added: ")
    for state in reversed(states[:-1]):
        history = undo_step(history)
        assert history.present == state
    assert undo_step(history) is history
    for state in states[1:]:
        history = redo_step(history)
        assert history.present == state
    assert redo_step(history) is history


def test_steps_say_what_they_were():
    case = Case()
    history = start_history(case)
    said = []
    for change in (
        {"evidence": (LEFT,)},
        {"evidence": (replace(LEFT, probability=1.0),)},
        {"evidence": (replace(LEFT, probability=1.0, on=False),)},
        {"evidence": (Evidence("e1", CountryIs(("CL",)), 1.0, on=False),)},
        {"evidence": ()},
        {"region": CaseRegion(budget_km2=250_000)},
        {"region": CaseRegion(mass=0.9)},
        {"claim": CaseClaim(43.7, 7.25)},
        {"claim": None},
        {"settings": CaseSettings(weights={"scene_cues": 0.5})},
        {"settings": CaseSettings(weights={"scene_cues": 0.5}, prior_weight=0.2, dependence=0.5)},
    ):
        case = replace(case, **change)
        before, history = history, record_change(history, case)
        if len(history.steps) > len(before.steps) or history.at == before.at:
            said.append(history.undoes)
    assert said == [
        "added: Cars drive on the left",
        "Cars drive on the left: certain",
        "switched off: Cars drive on the left",
        f"changed: {Evidence('e1', CountryIs(('CL',))).sentence()}",
        f"removed: {Evidence('e1', CountryIs(('CL',))).sentence()}",
        "area budget: 250,000 km2",
        "probability to hold: 90 %",
        "claimed place: 43.70000, 7.25000",
        "claimed place removed",
        "weight of scene_cues: 0.5",
        "2 changes: weight of the photo prior: 0.2, ...",
    ]


def test_a_dragged_slider_is_one_step():
    history = record_change(start_history(Case()), Case(evidence=(LEFT,)))
    for value in (0.9, 0.8, 0.7):
        history = record_change(history, with_weight(history.present, value))
    assert len(history.steps) == 3
    assert history.present.settings.weights == {"scene_cues": 0.7}
    assert undo_step(history).present == Case(evidence=(LEFT,))


def test_each_edit_of_a_statement_is_a_step_and_says_its_strength_where_that_changed_too():
    history = start_history(Case(evidence=(LEFT,)))
    for statement, sure in ((CountryIs(("CL",)), 0.9), (CountryIs(("PE",)), 0.9), (CountryIs(("BO",)), 1.0)):
        history = record_change(history, Case(evidence=(replace(LEFT, statement=statement, probability=sure),)))
    said = [step.sentence for step in history.steps[1:]]
    assert said == ["changed: In Chile", "changed: In Peru", "changed: In Bolivia - certain"]
    assert undo_step(undo_step(history)).present.evidence[0].statement == CountryIs(("CL",))


def test_a_slider_that_comes_back_is_no_step():
    start = with_weight(Case(), 1.0)
    history = start_history(start)
    for value in (0.5, 0.2, 1.0):
        history = record_change(history, with_weight(start, value))
    assert history == start_history(start)


def test_a_slider_after_an_undo_leaves_the_step_before_alone():
    history = start_history(with_weight(Case(), 1.0))
    history = record_change(history, with_weight(Case(), 0.5))
    history = record_change(history, replace(history.present, evidence=(LEFT,)))
    history = undo_step(history)
    history = record_change(history, with_weight(Case(), 0.4))
    assert [step.case.settings.weights["scene_cues"] for step in history.steps] == [1.0, 0.5, 0.4]
    assert not history.redoes


def test_camera_photos_and_title_follow_along():
    history = record_change(start_history(Case()), Case(evidence=(LEFT,)))
    looked = replace(history.present, view=CaseView(latitude=7.0), photos=(CasePhoto("ab" * 32),), title="x", notes="y")
    history = record_change(history, looked)
    assert len(history.steps) == 2
    back = undo_step(history)
    assert back.present.evidence == ()
    assert all(getattr(back.present, name) == getattr(looked, name) for name in FOLLOWING)
    assert redo_step(back).present == looked


def test_only_so_many_steps_are_remembered():
    history = start_history(Case())
    for number in range(MOST_STEPS + 50):
        statements = (replace(LEFT, id=f"e{number}"),)
        history = record_change(history, replace(history.present, evidence=statements))
    assert len(history.steps) == MOST_STEPS
    for _ in range(2 * MOST_STEPS):
        history = undo_step(history)
    assert history.present.evidence[0].id == "e50"

"""Case files and links that somebody edited without knowing what they mean: a case, or one sentence; never slow."""

import copy
import json
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_cases import cases

from engine.cases.case import Case
from engine.cases.parts import Provenance
from engine.cases.permalink import from_token, to_token
from engine.cases.provenance import MOST_DIFFERENCES, differences, newer_note
from engine.cases.reading import MOST_KEYS, case_from_json, case_from_plain
from engine.cases.steps import step_between
from engine.cases.writing import case_to_json, case_to_plain
from engine.errors import InputError
from engine.evidence.statements.serialization import from_json as evidence_from_json
from engine.evidence.weighing import EvidenceWeigher
from engine.testing import make_evidence_world

NEWER = {"type": "hereabouts-case", "version": "1.9"}
LONG = "x" * 20_000
strange = st.sampled_from(
    [
        None, True, False, 0, -0.0, 1, -1, 0.5, 1e300, 5e-324, float("nan"), float("inf"), float("-inf"), 10**30,
        10**39, 10**45, "", " ", "1.0", "9.0", "1.7", LONG, "\ud800", "\u202e\0", "\n", "\x1b[31m", "a" * 64, "e1",
        "left", "CL",
        [], {}, [[]], [None] * 600, [[[[[[[[[[0]]]]]]]]]], {"a": {"b": {}}}, {"kind": "circle"}, {LONG: 1}, {"": 1},
    ]
).map(copy.deepcopy)  # fmt: skip
keys = st.sampled_from(
    ["type", "id", "kind", "name", "latitude", "unknown", "", LONG, "\x1b[31m", "\ud800", "__class__"]
)


@st.composite
def edited(draw):
    """A valid case with up to four deeds of somebody who edits it: fields gone, of another type, twice, or more."""
    tree = json.loads(json.dumps(case_to_plain(draw(cases))))
    for _ in range(draw(st.integers(1, 4))):
        parent, key = draw(st.sampled_from(list(walk(tree))))
        deed = draw(st.integers(0, 4))
        if deed == 0:
            del parent[key]
        elif deed == 1 and isinstance(parent, dict):
            parent[draw(keys)] = draw(strange)
        elif deed == 2 and isinstance(parent, list):
            parent.append(json.loads(json.dumps(parent[key])))
        elif deed == 3:
            tree["version"] = draw(st.sampled_from(["1.0", "1.7", "2.0", "1", "0.1", "1.99999", " 1.0"]))
        else:
            parent[key] = draw(strange)
        if not list(walk(tree)):
            break
    return tree


def walk(tree):
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in list(items):
        yield tree, key
        yield from walk(value)


def read_or_told(read):
    """The case, or None where it was refused in one sentence; any other error is the test's."""
    try:
        return read()
    except InputError as refused:
        told = str(refused)
        assert told.endswith(".") and told.isprintable() and len(told) <= 300, told
        return None


@pytest.fixture(scope="session")
def scales(world):
    return EvidenceWeigher(make_evidence_world(world))


def harmless(text):
    """Letters, signs and spaces of any width: nothing that moves, hides or breaks other text."""
    return all(letter.isprintable() or unicodedata.category(letter) == "Zs" for letter in text)


def check(case, scales):
    """What every later step relies on."""
    text = case_to_json(case)
    assert case_from_json(text) == case and case_to_json(case_from_json(text)) == text
    text.encode()
    for shown in (case.title, *(photo.words for photo in case.photos), *(each.sentence() for each in case.evidence)):
        assert harmless(shown)
    step = step_between(Case(), case)
    assert step is None or harmless(step.sentence)
    assert harmless(newer_note(case)) and len(newer_note(case)) < 300
    for weighed in scales.weigh(case.evidence)[1]:
        assert harmless(weighed.reason) and all(np.isfinite(each.log_likelihood).all() for each in weighed.likelihoods)


@given(edited())
@settings(max_examples=250, deadline=None)
def test_any_edited_case_is_a_case_or_one_sentence(scales, tree):
    case = read_or_told(lambda: case_from_json(json.dumps(tree)))
    again = read_or_told(lambda: case_from_plain(tree))
    assert case == again
    if case is not None:
        check(case, scales)


@given(cases, st.data())
@settings(max_examples=150, deadline=None)
def test_any_part_of_a_link_is_a_case_or_one_sentence(case, data):
    token = to_token(case)
    first, last = sorted(data.draw(st.tuples(st.integers(0, len(token)), st.integers(0, len(token)))))
    put = data.draw(st.sampled_from(["", "A", "_", token[first:last], token, "=", "%2B", "\0", "é", " ", "\ud800"]))
    changed = token[:first] + put + token[last:]
    found = read_or_told(lambda: from_token(changed))
    assert found in (None, case.without_names())


def test_fields_of_a_newer_version_are_not_gathered_without_end():
    """A file of 80,000 unknown fields took a minute, one of eight megabytes hours."""
    fields = {f"field{number}": 0 for number in range(MOST_KEYS + 1)}
    with pytest.raises(InputError, match=f"more than {MOST_KEYS} fields that this Hereabouts does not know"):
        case_from_plain({**NEWER, **fields})
    spread = [{"sha256": f"{number:064x}", **dict.fromkeys("abcde", 0)} for number in range(500)]
    with pytest.raises(InputError, match=r"photos\[200\]\.a is one of more than"):
        case_from_plain({**NEWER, "photos": spread})
    kept = case_from_plain({**NEWER, **dict(list(fields.items())[:MOST_KEYS])}).unknown_fields
    assert len(kept) == MOST_KEYS


def test_a_case_that_differs_in_hundreds_of_things_does_not_fill_the_page(locator):
    strangers = tuple(f"stranger{number}" for number in range(150))
    told = differences(Case(made=Provenance(predictors=strangers)), locator)
    assert (
        len(told) == MOST_DIFFERENCES
        and "stranger0" in told[0]
        and told[-1].endswith("more things differ from when the case was saved.")
    )


def test_the_name_of_an_unknown_field_cannot_paint_a_terminal():
    case = case_from_plain({**NEWER, "\x1b[31mred\nx": 0})
    assert newer_note(case).isprintable() and "red" in newer_note(case)


DEEP = ("{}", '{{"kind":"drawn_area","polygons":{}}}', '{{"kind":"seen","what":{}}}')


@pytest.mark.parametrize("depth", range(970, 1000))
@pytest.mark.parametrize("statement", DEEP)
def test_brackets_within_brackets_never_end_in_an_error_of_python(statement, depth):
    """What repeats a wrong value in its sentence called itself for each bracket."""
    text = statement.format("[" * depth + "]" * depth)
    assert read_or_told(lambda: evidence_from_json(f'{{"id":"e1","statement":{text}}}')) is None

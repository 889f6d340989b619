import doctest
import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from synthetic_cases import cases

from engine.cases.reading import case_from_plain
from engine.cases.schema import case_schema
from engine.cases.writing import case_to_json, case_to_plain
from engine.errors import InputError

DOCS = Path(__file__).resolve().parents[2] / "docs"
JUDGE = jsonschema.Draft202012Validator(case_schema())


def test_the_schema_that_is_published_is_the_one_that_is_made():
    jsonschema.Draft202012Validator.check_schema(case_schema())
    assert json.loads((DOCS / "case.schema.json").read_text(encoding="utf-8")) == case_schema()


@given(cases)
@settings(max_examples=60, deadline=None)
def test_every_case_fits_the_schema(case):
    JUDGE.validate(json.loads(case_to_json(case)))


@pytest.mark.parametrize(
    "path",
    [
        ("type",), ("version",), ("title",), ("photos",), ("photos", 0), ("photos", 0, "sha256"),
        ("photos", 0, "width"), ("evidence",), ("evidence", 0), ("evidence", 0, "id"), ("evidence", 0, "statement"),
        ("evidence", 0, "probability"), ("evidence", 0, "on"), ("settings",), ("settings", "weights"),
        ("settings", "weights", "geoclip"), ("settings", "prior_weight"), ("settings", "pooling"),
        ("settings", "declared", "population"), ("region",), ("region", "mass"), ("region", "coverage"),
        ("places", "top_k"),
        ("claim",), ("claim", "latitude"), ("view", "map"), ("view", "zoom"), ("made", "layers"),
        ("made", "predictors"), ("made", "regions", "together"),
        ("plan",), ("plan", "point"), ("plan", "point", "latitude"), ("plan", "distances"), ("plan", "spread"),
        ("plan", "distances", "quantiles"), ("plan", "ground"), ("plan", "segments"), ("plan", "segments", 0),
        ("plan", "segments", 0, "name"), ("plan", "segments", 0, "pods"), ("plan", "effort"),
        ("plan", "effort", "hours"), ("plan", "effort", "searchers"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("wrong", [[7], 1e9, "nothing like it", {"a": [1]}])
def test_schema_and_reader_refuse_the_same(full_case, path, wrong):
    tree = json.loads(json.dumps(case_to_plain(full_case)))
    parent = tree
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = wrong
    try:
        case_from_plain(tree)
        read = True
    except InputError:
        read = False
    assert JUDGE.is_valid(tree) == read


def test_the_guide_shows_a_case_that_can_be_opened():
    text = (DOCS / "cases.md").read_text(encoding="utf-8")
    example = json.loads(text.split("```json\n")[1].split("```")[0])
    JUDGE.validate(example)
    case = case_from_plain(example)
    assert case.evidence[0].sentence() == "Cars drive on the left"


def test_the_python_of_the_guide_runs():
    tried = doctest.testfile(str(DOCS / "cases.md"), module_relative=False)
    assert tried.attempted >= 4 and tried.failed == 0

"""What a statement is about: one photo, or the whole case."""

import json

import pytest

from engine.errors import InputError
from engine.evidence.statements.areas import Circle
from engine.evidence.statements.evidence import Evidence, evidence_about
from engine.evidence.statements.serialization import from_json, to_json

FIRST, SECOND = "a" * 64, "b" * 64
EVERYWHERE = Evidence("all", Circle(10, 20, 500))
OF_FIRST = Evidence("first", Circle(10, 20, 500), photo=FIRST)
OF_SECOND = Evidence("second", Circle(30, 20, 500), photo=SECOND)
ALL = (EVERYWHERE, OF_FIRST, OF_SECOND)


def test_a_photo_has_its_own_statements_and_those_of_the_case():
    assert evidence_about(ALL, FIRST) == (EVERYWHERE, OF_FIRST)
    assert evidence_about(ALL, SECOND) == (EVERYWHERE, OF_SECOND)
    assert evidence_about(ALL, "c" * 64) == (EVERYWHERE,)


def test_without_a_photo_all_count():
    assert evidence_about(ALL, "") == ALL


@pytest.mark.parametrize("each", ALL)
def test_it_survives_json(each):
    assert from_json(json.loads(json.dumps(to_json(each)))) == each


def test_a_statement_about_the_case_is_written_as_before():
    assert "photo" not in to_json(EVERYWHERE)


def test_what_is_no_hash_is_refused():
    with pytest.raises(InputError, match="64 hexadecimal digits"):
        Evidence("x", Circle(10, 20, 500), photo="kauai.png")

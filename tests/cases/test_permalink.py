import base64
import hashlib
import json
import random
import zlib

import pytest
from hypothesis import given, settings
from synthetic_cases import cases

from engine.cases import permalink
from engine.cases.case import Case
from engine.cases.permalink import COMFORTABLE, LONGEST, from_token, length_note, to_token
from engine.cases.reading import LARGEST_FILE
from engine.cases.writing import case_to_json
from engine.errors import InputError
from engine.evidence.statements.areas import DrawnArea
from engine.evidence.statements.evidence import Evidence


def packed(data, check=None, level=9):
    """A token around any bytes."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -15, 9, zdict=permalink._WORDS)
    body = packer.compress(data) + packer.flush()
    check = hashlib.sha256(data).digest()[:4] if check is None else check
    return "1" + base64.urlsafe_b64encode(check + body).decode().rstrip("=")


def told(token):
    with pytest.raises(InputError) as refused:
        from_token(token)
    sentence = str(refused.value)
    assert sentence.endswith(".") and "\n" not in sentence and len(sentence) < 500
    return sentence


def case_or_sentence(token):
    try:
        return from_token(token)
    except InputError:
        told(token)
        return None


@given(cases)
@settings(max_examples=120, deadline=None)
def test_a_link_restores_everything_but_pixels_and_names(case):
    token = to_token(case)
    assert token.isascii() and all(letter.isalnum() or letter in "-_" for letter in token)
    assert from_token(token) == case.without_names()
    assert from_token(to_token(case, names=True)) == case


def test_a_link_is_short(full_case):
    assert len(to_token(Case())) < 60
    assert len(to_token(full_case)) < 900
    assert "plage.jpg" not in str(from_token(to_token(full_case)))
    assert length_note(to_token(full_case)) == ""


def test_the_words_of_version_one_never_change():
    digest = hashlib.sha256(permalink._WORDS).hexdigest()
    assert digest == "a7d41873c7a0273a1c2961e04a34ad4587ec957d9ff0f4cad1d18cfcf3a5c94e"


def wavy(points):
    rng = random.Random(1)
    south = [(rng.uniform(0, 1), number * 0.01) for number in range(points)]
    return DrawnArea(((((5.0, 0.0), *south, (5.0, points * 0.01), (5.0, 0.0)),),))


def test_a_case_too_long_for_an_address_says_so(full_case):
    with pytest.raises(InputError, match="save the case as a file"):
        to_token(Case(evidence=(Evidence("e1", wavy(4000)),)))
    long = to_token(Case(evidence=(Evidence("e1", wavy(200)),)))
    assert COMFORTABLE < len(long) <= LONGEST
    assert "send the case as a file" in length_note(long)


def test_a_link_that_was_cut_or_changed_is_refused(full_case):
    token, rng = to_token(full_case), random.Random(5)
    for at in range(1, len(token), 7):
        assert told(token[:at])
    for _ in range(300):
        at = rng.randrange(len(token))
        other = rng.choice([letter for letter in "ABCxyz019-_" if letter != token[at]])
        changed = token[:at] + other + token[at + 1 :]
        assert case_or_sentence(changed) in (None, full_case.without_names())  # the last bits may mean nothing


@pytest.mark.parametrize(
    ("token", "says"),
    [
        ("", "is empty"),
        ("1", "cut or changed"),
        ("2abcdefgh", "version 2"),
        ("1abc def", "characters that no link"),
        ("1<script>", "characters that no link"),
        ("1" + "A" * LONGEST, "more than"),
        ("1" + "A" * 100, "cut or changed"),
        (None, "more than"),
        ("1\n", "characters that no link"),
        ("é", "characters that no link"),
        (packed(b"{}"), "not a case"),
        (packed(b"[" * 10_000), "brackets"),
        (packed(b"\xff\xfe"), "UTF-8"),
        (packed(json.dumps({"type": "hereabouts-case", "version": "2.0"}).encode()), "version is 2.0"),
        (packed(case_to_json(Case()).encode(), check=b"0000"), "cut or changed"),
        (packed(b" " * (LARGEST_FILE + 2)), "more than a case can hold"),
        (packed(b"\0" * 20_000_000), "more than a case can hold"),
        (packed(case_to_json(Case()).encode()) + "AAAA", "cut or changed"),
    ],
)
def test_hostile_links_get_one_sentence(token, says):
    assert says in told(token)


def test_random_links_are_never_more_than_a_sentence():
    rng = random.Random(11)
    for _ in range(500):
        assert told("1" + base64.urlsafe_b64encode(rng.randbytes(rng.randrange(1, 200))).decode().rstrip("="))

import copy
import json
import random
import string

import pytest
from hypothesis import example, given, settings
from synthetic_cases import cases

from engine.cases import reading
from engine.cases.case import Case
from engine.cases.parts import CaseRegion
from engine.cases.reading import LARGEST_FILE, case_from_json, case_from_plain
from engine.cases.writing import case_digest, case_to_json, case_to_plain
from engine.errors import InputError

HEAD = {"type": "hereabouts-case", "version": "1.0"}


def told(source):
    """The sentence with which a file is refused; anything but one InputError of one sentence fails."""
    with pytest.raises(InputError) as refused:
        case_from_json(source)
    sentence = str(refused.value)
    assert sentence.endswith(".") and "\n" not in sentence and len(sentence) < 500, sentence
    return sentence


@given(cases)
@example(Case())
@settings(max_examples=150, deadline=None)
def test_a_case_that_is_written_is_read_as_it_was(case):
    text = case_to_json(case)
    assert case_from_json(text) == case
    assert case_from_json(text.encode()) == case
    assert case_from_json(case_to_json(case, compact=True)) == case
    assert case_to_json(case_from_json(text)) == text


@given(cases)
@settings(max_examples=40, deadline=None)
def test_equal_cases_are_equal_bytes(case):
    facts = case_to_plain(case)
    shuffled = json.loads(json.dumps(facts))
    shuffled["settings"] = {
        name: dict(reversed(value.items())) if isinstance(value, dict) else value
        for name, value in reversed(shuffled["settings"].items())
    }
    again = case_from_plain(dict(reversed(shuffled.items())))
    assert again == case
    assert case_to_json(again) == case_to_json(case)
    assert case_digest(again) == case_digest(case)


def test_one_and_one_point_nought_are_the_same_number():
    one = case_from_json(json.dumps({**HEAD, "settings": {"weights": {"a": 1}, "prior_weight": 1}}))
    other = case_from_json(json.dumps({**HEAD, "settings": {"weights": {"a": 1.0}, "prior_weight": 1.0}}))
    negative = case_from_json('{"type":"hereabouts-case","version":"1.0","claim":{"latitude":-0.0,"longitude":0}}')
    positive = case_from_json('{"type":"hereabouts-case","version":"1.0","claim":{"latitude":0,"longitude":0}}')
    assert case_to_json(one) == case_to_json(other)
    assert case_to_json(negative) == case_to_json(positive)


def test_a_file_written_by_hand_may_leave_out_what_it_does_not_change():
    assert case_from_json(json.dumps(HEAD)) == Case()
    assert case_from_json(b"\xef\xbb\xbf" + json.dumps(HEAD).encode()) == Case()


SHA = "a" * 64
CIRCLE = {"kind": "circle", "latitude": 1, "longitude": 2, "radius_km": 3}
EVIDENCE = {"id": "e1", "statement": CIRCLE}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"type": "FeatureCollection"}, "not a case"),
        ({"version": "2.0"}, "version is 2.0, and this Hereabouts reads up to 1; update"),
        ({"version": "0.9"}, "version is"),
        ({"version": 1}, "version is 1;"),
        ({"version": "1.0.0"}, "version is"),
        ({"titel": "x"}, "titel is not part of a case; write title or take it out"),
        ({"title": 7}, "title is 7; give a text"),
        ({"title": "x" * 201}, "title has 201 characters"),
        ({"title": None}, "title is null"),
        ({"notes": ["x"]}, "notes is a list"),
        ({"photos": {"sha256": SHA}}, "photos is an object; give a list"),
        ({"photos": [{"sha256": "xyz"}]}, "photos[0].sha256 is"),
        ({"photos": [{}]}, "photos[0].sha256 is missing"),
        ({"photos": [{"sha256": SHA, "width": 1.5}]}, "photos[0].width is 1.5"),
        ({"photos": [{"sha256": SHA, "gps": [1, 2]}]}, "photos[0].gps is not part of a case"),
        ({"photos": [{"sha256": SHA}, {"sha256": SHA.upper()}]}, "photos[1] has the sha256 of photos[0]"),
        ({"photos": [{"sha256": f"{n:064x}"} for n in range(501)]}, "photos has 501 items"),
        ({"evidence": "left"}, "evidence is"),
        ({"evidence": [json.dumps(EVIDENCE)]}, "evidence[0] is"),
        ({"evidence": [EVIDENCE, EVIDENCE]}, "evidence[1] has the id of evidence[0]"),
        ({"evidence": [EVIDENCE, {**EVIDENCE, "id": "e2", "probability": "high"}]}, "evidence[1].probability is"),
        ({"evidence": [{"id": "e1", "statement": {**CIRCLE, "radius_km": -1}}]}, "evidence[0].statement"),
        ({"evidence": [{"id": "e1", "statement": {**CIRCLE, "radius_km": "5"}}]}, "radius_km is '5'"),
        ({"evidence": [{"id": "e1", "statement": {"kind": "aliens"}}]}, "evidence[0].statement.kind is 'aliens'"),
        ({"settings": []}, "settings is a list"),
        ({"settings": {"weights": {"a": 11}}}, "settings.weights.a is 11"),
        ({"settings": {"weights": {"a": True}}}, "settings.weights.a is true"),
        ({"settings": {"weights": {"": 1}}}, "settings.weights"),
        ({"settings": {"weights": {"a\u202eb": 1}}}, "settings.weights"),
        ({"settings": {"weights": {str(n): 1 for n in range(201)}}}, "settings.weights has 201 entries"),
        ({"settings": {"prior_weight": -1}}, "settings.prior_weight is -1"),
        ({"settings": {"pooling": "mean"}}, "settings.pooling is \"mean\"; give one of corrected, product"),
        ({"settings": {"floors": {"a": 1}}}, "settings.floors.a is 1"),
        ({"settings": {"declared": {"population": {"high": "x"}}}}, "settings.declared.population.high is"),
        ({"settings": {"dependence": 2}}, "settings.dependence is 2"),
        ({"settings": {"evidence": []}}, "settings.evidence is not part of a case"),
        ({"grid": "5000x7"}, "grid: "),
        ({"grid": 7}, "grid is 7"),
        ({"region": {}}, "region.budget_km2 is missing"),
        ({"region": {"budget_km2": 1, "mass": 0.5}}, "region.budget_km2 is given beside mass"),
        ({"region": {"mass": 0.5, "coverage": 0.5}}, "region.coverage is the former name of mass"),
        ({"region": {"budget_km2": 0}}, "region.budget_km2 is 0"),
        ({"region": {"mass": 90}}, "region.mass is 90"),
        ({"places": {"top_k": 0}}, "places.top_k is 0"),
        ({"places": {"separation_km": 1e5}}, "places.separation_km is"),
        ({"claim": {"latitude": 95, "longitude": 0}}, "claim.latitude is 95"),
        ({"claim": {"latitude": 5}}, "claim.longitude is missing"),
        ({"claim": [1, 2]}, "claim is a list"),
        ({"view": {"map": "cube"}}, "view.map is"),
        ({"view": {"photo": "x"}}, "view.photo is"),
        ({"made": {"world": "x"}}, "made.world is"),
        ({"made": {"predictors": ["a", 1]}}, "made.predictors[1] is 1"),
        ({"made": {"regions": {"a": "b"}}}, "made.regions.a is"),
    ],
)  # fmt: skip
def test_a_field_that_is_wrong_is_named(change, says):
    assert says in told(json.dumps({**HEAD, **change}))


def test_a_case_with_the_former_name_of_a_field_still_opens():
    case = case_from_json(json.dumps({**HEAD, "region": {"coverage": 0.9}}))
    assert case.region == CaseRegion(mass=0.9)
    assert case_to_plain(case)["region"] == {"mass": 0.9}
    both = json.dumps({**HEAD, "region": {"coverage": None, "budget_km2": 5}})
    assert case_from_json(both).region == CaseRegion(budget_km2=5.0)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 30, "9" * 5000])
def test_numbers_that_no_number_holds(number):
    text = json.dumps({**HEAD, "settings": {"prior_weight": 0.125}, "evidence": [EVIDENCE]})
    assert "settings.prior_weight is" in told(text.replace("0.125", number))
    assert "evidence[0].statement" in told(text.replace('"radius_km": 3', f'"radius_km": {number}'))


@pytest.mark.parametrize(
    "source",
    [
        "", "null", "[]", "7", '"x"', "{", "{}", "[" * 100_000, '{"a":' * 100_000, "{" * 30 + "}" * 30, "\0",
        b"\xff\xfe{\0}\0", b"\x80", b"PK\x03\x04", "{'type': 'hereabouts-case'}", '{"type": "hereabouts-case"}',
        '{"type":"hereabouts-case","version":"1.0","title":"a","title":"b"}',
        '{"type":"hereabouts-case","version":"1.0","settings":{"weights":{"a":1,"a":2}}}',
        '{"type":"hereabouts-case","version":"1.0"} {}', '{"type":["hereabouts-case"],"version":"1.0"}',
        '{"type":"hereabouts-case","version":{"a":1}}', json.dumps(HEAD)[:-1], json.dumps(HEAD) + "\0",
        " " * (LARGEST_FILE + 1), '"' + '\\"' * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_case_file_gets_one_sentence(source):
    assert told(source)


def test_a_text_that_never_ends_is_looked_at_once():
    assert "not JSON" in told('"' + '\\"' * (LARGEST_FILE // 2 - 10))  # hours if every quote were a new beginning


STRANGE = [
    None, True, -1, -0.5, 1e300, float("nan"), float("inf"), 10**40, [], {}, [[]], {"a": {"b": {}}}, ["a"] * 600,
    "", "x" * 5000, "\ud800", "\u202e\0", "<img src=x onerror=alert(1)>", "../../x", "=cmd|' /C calc'!A0",
]  # fmt: skip


def mutants(text, count, seed=7):
    """A valid file, each time edited by a hand that does not know it: values of another type, deletions, insertions."""
    rng = random.Random(seed)
    for _ in range(count):
        tree = json.loads(text)
        places = list(walk(tree))
        parent, key = rng.choice(places)
        deed = rng.randrange(5)
        if deed == 0:
            del parent[key]
        elif deed == 1 and isinstance(parent, dict):
            parent["".join(rng.choices(string.printable, k=rng.randrange(1, 9)))] = copy.deepcopy(rng.choice(STRANGE))
        elif deed == 2 and isinstance(parent, list):
            parent.append(copy.deepcopy(rng.choice([*parent, *STRANGE])))
        else:
            parent[key] = copy.deepcopy(rng.choice(STRANGE))
        edited = json.dumps(tree)
        if rng.random() < 0.3:
            at = rng.randrange(len(edited))
            edited = edited[:at] + rng.choice(["", "{", "]", ",", "9", '"', "\\", "\0", "é"]) + edited[at + 1 :]
        yield edited


def walk(tree):
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in list(items):
        yield tree, key
        yield from walk(value)


def case_or_sentence(source):
    """The case, which must be written and read as it is, or the one sentence of its refusal."""
    try:
        case = case_from_json(source)
    except InputError:
        return told(source)
    assert case_from_json(case_to_json(case)) == case
    return case


def test_hundreds_of_edited_files_give_a_case_or_one_sentence(full_case):
    found = [case_or_sentence(edited) for edited in mutants(case_to_json(full_case), 1000)]
    refused = [sentence for sentence in found if isinstance(sentence, str)]
    assert len(refused) > 500
    assert all(sentence.isprintable() for sentence in refused)


def test_random_bytes_are_never_more_than_a_sentence(full_case):
    data, rng = case_to_json(full_case).encode(), random.Random(3)
    for _ in range(300):
        broken = bytearray(data)
        for _ in range(rng.randrange(1, 6)):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        assert case_or_sentence(bytes(broken)) is not None


def test_a_newer_minor_version_keeps_what_is_not_known_here(full_case):
    facts = case_to_plain(full_case)
    facts["version"] = "1.7"
    facts["weather"] = {"rain": [1, 2]}
    facts["settings"]["temperature"] = 0.5
    facts["photos"][1]["taken"] = "2031"
    facts["view"]["pitch"] = 12
    newer = case_from_plain(facts)
    assert newer.evidence == full_case.evidence and newer.version == "1.7"
    written = json.loads(case_to_json(newer))
    assert written["weather"] == {"rain": [1, 2]} and written["settings"]["temperature"] == 0.5
    assert written["view"]["pitch"] == 12 and written["version"] == "1.7"
    assert written["photos"][1]["taken"] == "2031" and "taken" not in written["photos"][0]
    assert case_from_json(case_to_json(newer)) == newer


def test_a_newer_minor_version_is_still_checked(full_case):
    facts = {**case_to_plain(full_case), "version": "1.7", "weather": float("nan")}
    assert "weather holds a number that is not finite" in told(json.dumps(facts))
    facts = {**case_to_plain(full_case), "version": "1.7", "title": 7}
    assert "title is 7" in told(json.dumps(facts))


def test_an_older_major_version_is_brought_up_to_date(monkeypatch):
    monkeypatch.setattr(reading, "MAJOR", 3)
    monkeypatch.setattr("engine.cases.case.MAJOR", 3)
    monkeypatch.setitem(reading.MIGRATIONS, 1, lambda facts: {**facts, "name": facts["caption"]} | {"caption": None})
    monkeypatch.setitem(
        reading.MIGRATIONS, 2, lambda facts: {"type": facts["type"], "version": "3.0", "title": facts["name"]}
    )
    assert case_from_plain({**HEAD, "caption": "a ferry"}).title == "a ferry"
    monkeypatch.delitem(reading.MIGRATIONS, 2)
    with pytest.raises(InputError, match="no longer reads"):
        case_from_plain({**HEAD, "caption": "a ferry"})


def test_hostile_texts_become_harmless():
    hostile = "\u202egpj.exe\u0000\u200b\ud800 <b>"
    facts = {**HEAD, "title": hostile, "notes": "a\r\nb\tc\rd\u0007", "photos": [{"sha256": SHA, "name": hostile}]}
    case = case_from_json(json.dumps(facts))
    for text in (case.title, case.photos[0].name):
        assert text.isprintable() and "<b>" in text
    assert case.notes == "a\nb   c\nd\N{REPLACEMENT CHARACTER}"
    case_to_json(case).encode()

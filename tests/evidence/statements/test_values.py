"""Statements read as sentences, refuse what makes no sense, and survive JSON."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from engine.evidence.shapes.polygons import polygon_from_points
from engine.evidence.statements import serialization
from engine.evidence.statements.areas import Circle, DrawnArea
from engine.evidence.statements.coast import CoastWithin
from engine.evidence.statements.countries import CountryFact, CountryIs
from engine.evidence.statements.elevation import Elevation
from engine.evidence.statements.evidence import CERTAIN, HINT, Evidence, check_evidence
from engine.evidence.statements.layers import LabelIs
from engine.evidence.statements.searches import Searched
from engine.evidence.statements.serialization import from_json, to_json
from engine.evidence.statements.sights import Seen
from engine.evidence.statements.sun import SunSeen
from engine.evidence.sun.observation import SunObservation

SQUARE = polygon_from_points([(0, 0), (0, 10), (10, 10), (10, 0)])
SENTENCES = [
    (CountryIs(("CL",)), "In Chile"),
    (CountryIs(("CL", "PE"), True), "Not in Chile or Peru"),
    (CountryIs(("AR", "BO", "BR", "CL", "CO", "EC", "PE")), "In Argentina, Bolivia, Brazil, Chile, Colombia or 2 more"),
    (CountryFact("drives", "left"), "Cars drive on the left"),
    (CountryFact("language", "de", True), "The language is not German"),
    (CountryFact("script", "Cyrl"), "The script is Cyrillic"),
    (CountryFact("suffix", ".de"), "Country-code domain .de"),
    (CountryFact("prefix", "+49"), "Calling code +49"),
    (CountryFact("currency", "EUR"), "Prices are in Euro (EUR)"),
    (CountryFact("plate", "D"), "Plate country code D"),
    (CountryFact("continent", "SA", True), "Not in South America"),
    (LabelIs("relief", ("mountains",)), "Terrain: mountains"),
    (LabelIs("population", ("high", "medium"), True), "Population density: not dense city or towns and suburbs"),
    (Seen("snow", 3), "Snow on the ground in March"),
    (Seen("palm_trees"), "Palm trees"),
    (CoastWithin(25), "Within 25 km of the coast"),
    (CoastWithin(2.5, True), "More than 2.5 km from the coast"),
    (Elevation(2000), "Above 2,000 m"),
    (Elevation(None, 500), "Below 500 m"),
    (Elevation(500, 1000), "Between 500 and 1,000 m"),
    (DrawnArea((SQUARE,), name="valley"), "Inside the drawn area 'valley'"),
    (DrawnArea((SQUARE,), False), "Outside the drawn area"),
    (Circle(43.7, 7.27, 50, name="Nice"), "Within 50 km of Nice"),
    (Circle(43.7, 7.27, 50, False), "More than 50 km from 43.7000, 7.2700"),
    (
        Searched(DrawnArea((SQUARE,), name="valley"), 0.7),
        "Searched, POD 70 %: the drawn area 'valley'",
    ),
    (
        SunSeen(SunObservation(2023, 6, 21, 870.0, elevation_degrees=34.0)),
        "Solar elevation 34° (±2°) on 2023-06-21 at 14:30 local time",
    ),
]


@pytest.mark.parametrize(("statement", "sentence"), SENTENCES, ids=[text for _, text in SENTENCES])
def test_statements_read_as_sentences_and_survive_json(statement, sentence):
    assert statement.sentence() == sentence
    evidence = Evidence("one", statement, 0.8, on=False)
    assert from_json(json.loads(json.dumps(to_json(evidence), allow_nan=False))) == evidence
    assert from_json(json.dumps(to_json(evidence))) == evidence


def test_titles_may_come_from_elsewhere():
    assert CountryIs(("XX", "YY")).sentence(lambda kind, value: f"{kind} {value}") == "In country XX or country YY"
    assert CountryIs(("QQ",)).sentence() == "In QQ"


def test_strengths_are_words():
    statement = Seen("snow")
    found = [Evidence("a", statement, p).strength for p in (CERTAIN, 0.9, HINT, 0.8)]
    assert found == ["certain", "likely", "hint", "80 %"]


REFUSED = [
    (lambda: CountryIs(()), "names no countries"),
    (lambda: CountryIs(("cl",)), "'cl' is not the code of a country"),
    (lambda: CountryIs(("CL", "CL")), "twice"),
    (lambda: CountryFact("drives", ""), "names no value"),
    (lambda: CountryFact("speed", "x"), "no fact 'speed'"),
    (lambda: CountryFact("plate", "D\n"), "control characters"),
    (lambda: LabelIs("time_zones", ("a",)), "no layer 'time_zones'"),
    (lambda: LabelIs("relief", ("<b>",)), "not a label of relief"),
    (lambda: Seen("rain"), "no sight 'rain'"),
    (lambda: Seen("snow", 13), "no month 13"),
    (lambda: CoastWithin(0), "0 km to the coast"),
    (lambda: CoastWithin(math.nan), "nan km to the coast"),
    (Elevation, "names no height"),
    (lambda: Elevation(500, 400), "hold nothing"),
    (lambda: Elevation(math.inf), "not on land"),
    (lambda: Circle(0, 0, 0), "radius of 0 km"),
    (lambda: Circle(91, 0, 5), "outside -90 to 90"),
    (lambda: Circle(0, 0, math.nan), "radius of nan km"),
    (lambda: Circle(0, 0, 5, name="a\x07"), "control characters"),
    (lambda: Circle(0, 0, 5, name="a" * 121), "121 letters"),
    (lambda: Searched(Circle(0, 0, 5), 0.0), "detection of 0"),
    (lambda: Searched(Circle(0, 0, 5), 1.1), "detection of 1.1"),
    (lambda: Evidence("A b", Seen("snow")), "cannot name a statement"),
    (lambda: Evidence("a", Seen("snow"), 0.4), "strength of 0.4"),
    (lambda: Evidence("a", Seen("snow"), math.nan), "strength of nan"),
    (lambda: check_evidence((Evidence("a", Seen("snow")), Evidence("a", Seen("snow")))), "each its own id"),
]


@pytest.mark.parametrize(("make", "message"), REFUSED, ids=[text for _, text in REFUSED])
def test_what_makes_no_sense_is_refused_in_a_sentence(make, message):
    with pytest.raises(InputError, match=message) as caught:
        make()
    assert str(caught.value).count("\n") == 0
    assert str(caught.value).endswith(".")


GOOD = {"version": 1, "id": "a", "probability": 0.9, "on": True, "statement": {"kind": "coast_within", "km": 5.0}}
SNOW = {"kind": "seen", "what": "snow"}
HOSTILE = [
    ("nonsense", "evidence is not JSON"),
    ("[" * 100_000, "evidence is not JSON"),
    ("[]", "evidence is "),
    (json.dumps({**GOOD, "version": 2}), "update Hereabouts"),
    (json.dumps({**GOOD, "version": True}), r"evidence\.version"),
    (json.dumps({**GOOD, "more": 1}), "'more' that does not belong"),
    (json.dumps({"id": "a"}), r"evidence\.statement is missing"),
    (json.dumps({**GOOD, "on": 1}), r"evidence\.on is 1; give true or false"),
    (json.dumps({**GOOD, "probability": "0.9"}), r"evidence\.probability is '0.9'"),
    (json.dumps({**GOOD, "id": ["a"]}), r"evidence\.id is \['a'\]; give a text"),
    (json.dumps({**GOOD, "statement": {"kind": "exec", "code": "x"}}), r"statement\.kind is 'exec'"),
    (json.dumps({**GOOD, "statement": {"kind": ["circle"]}}), r"statement\.kind"),
    ('{"id": "a", "statement": {"kind": "coast_within", "km": 1e999}}', r"km is inf; give a finite number"),
    ('{"id": "a", "statement": {"kind": "coast_within", "km": NaN}}', r"km is nan; give a finite number"),
    ('{"id": "a", "statement": {"kind": "coast_within", "km": 1' + "0" * 400 + "}}", "give a finite number"),
    (json.dumps({**GOOD, "statement": {"kind": "seen", "what": "snow", "month": 2.5}}), r"month is 2\.5; give a whole"),
    (json.dumps({**GOOD, "statement": {"kind": "country_is", "codes": "CL"}}), "codes is 'CL'; give a list"),
    (json.dumps({**GOOD, "statement": {"kind": "country_is", "codes": ["CL"] * 30_000}}), "30000 items"),
    (json.dumps({**GOOD, "statement": {"kind": "drawn_area", "polygons": [[[[1]]]]}}), r"\[0\]\[0\]\[0\] is"),
    (json.dumps({**GOOD, "statement": {"kind": "searched", "area": SNOW, "detection": 1}}), "drawn_area or circle"),
    (json.dumps({**GOOD, "statement": {"kind": "sun_seen", "observation": {"elevation_degrees": 95}}}), "95"),
    (json.dumps({**GOOD, "statement": {"kind": "sun_seen", "observation": 5}}), "observation is 5"),
    (json.dumps({**GOOD, "statement": {"kind": "sun_seen", "observation": {"year": 0, "light": "day"}}}), "year"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_json_is_refused_in_one_sentence(text, message):
    with pytest.raises(InputError, match=message) as caught:
        from_json(text)
    assert str(caught.value).startswith("evidence")
    assert len(str(caught.value)) < 400


def test_the_path_of_a_field_begins_where_it_is_told():
    with pytest.raises(InputError, match=r"^evidence\[2\]\.statement\.km is None"):
        from_json({**GOOD, "statement": {"kind": "coast_within", "km": None}}, "evidence[2]")
    with pytest.raises(InputError, match=r"evidence has \d+ characters"):
        from_json(" " * (serialization.LARGEST_TEXT + 1))


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([statement for statement, _ in SENTENCES]), st.data())
def test_whatever_is_put_into_a_field_gives_a_statement_or_one_sentence(statement, data):
    value = to_json(Evidence("a", statement))
    inner = value["statement"]
    place = data.draw(st.sampled_from([value, inner]))
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(plain)
    try:
        found = from_json(value)
    except InputError as error:
        found = None
        sentence = str(error)
    if found is None:
        assert "\n" not in sentence
    else:
        assert from_json(json.loads(json.dumps(to_json(found)))) == found

from dataclasses import replace

from engine.export.report import _marks, _signs
from engine.export.signs import join_facts, sign_facts
from engine.signs.lines import Box, ReadText, TextLine
from engine.signs.proposals import propose
from engine.signs.reading import SignReading
from engine.testing.signs import known_text

UNREAD = TextLine("", 0.5, Box(0.25, 0.5, 0.75, 0.625), "PP-OCR", "Thai", 0.99)
TEXT = ReadText(known_text("www.beispiel.de", "<script>alert(1)</script>").lines, (UNREAD,))
READING = SignReading(TEXT, propose(TEXT))


def test_facts_name_lines_proposals_and_what_was_accepted():
    facts = sign_facts(READING, READING.proposals[:1])
    assert facts["lines"][0] == {
        "text": "www.beispiel.de", "score": 0.99, "box": [0.1, 0.0, 0.9, 0.45], "reader": "PP-OCR",
    }  # fmt: skip
    assert facts["unread"] == [
        {"text": "", "score": 0.5, "box": [0.25, 0.5, 0.75, 0.625], "reader": "PP-OCR", "script": "Thai",
         "script_probability": 0.99}
    ]  # fmt: skip
    assert [(each["kind"], each["accepted"]) for each in facts["proposals"]] == [("domain", True), ("script", False)]
    assert facts["notes"] == list(READING.notes)


def test_photos_follow_each_other():
    both = join_facts([sign_facts(READING), sign_facts(READING)])
    assert [len(both[name]) for name in ("lines", "unread", "proposals", "notes")] == [4, 2, 4, 2]


def test_the_report_lists_what_was_read_and_runs_nothing_of_it(contents):
    page = _signs(replace(contents, facts={**contents.facts, "signs": sign_facts(READING, READING.proposals[:1])}))
    assert "www.beispiel.de" in page and "Country-code domain .de" in page
    assert "<script" not in page and "&lt;script&gt;" in page
    assert page.index("evidence") < page.index("proposed")


def test_a_report_without_signs_has_no_such_section(contents):
    assert _signs(contents) == ""


def test_a_photo_without_text_says_so(contents):
    empty = sign_facts(SignReading(ReadText(), ()))
    assert "No text was read." in _signs(replace(contents, facts={**contents.facts, "signs": empty}))


def test_the_report_says_where_evidence_is_seen(contents):
    marks = [{"sentence": "Snow <on> the ground", "box": [0.25, 0.5, 0.75, 0.625]}]
    page = _marks(replace(contents, facts={**contents.facts, "marks": marks}))
    assert "Snow &lt;on&gt; the ground" in page and "25.0 %, 50.0 % to 75.0 %, 62.5 %" in page
    assert _marks(contents) == ""

"""`hereabouts locate --read-signs`: what is read is printed, and evidence only where that was asked for."""

import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from engine.cli import locate as verb
from engine.cli.locate_signs import ReadSigns, Signs, add_signs
from engine.cli.main import app
from engine.errors import SignsError
from engine.evidence.statements.countries import CountryFact
from engine.evidence.statements.evidence import Evidence
from engine.locate.settings import Settings
from engine.signs import reading
from engine.signs.proposals import propose
from engine.testing import make_locator
from engine.testing.signs import KnownReader, known_text

TEXT = known_text("www.beispiel.de", "Calle Mayor 12")


@pytest.fixture
def photos(tmp_path):
    for name, value in (("a.png", 128), ("b.png", 90)):
        Image.fromarray(np.full((64, 96, 3), value, np.uint8)).save(tmp_path / name)
    return [tmp_path / name for name in ("a.png", "b.png")]


@pytest.fixture(autouse=True)
def small_earth(monkeypatch):
    """The command line on the synthetic world, with a reader that knows what photos say."""
    monkeypatch.setattr(verb.Locator, "load", classmethod(lambda *_: make_locator()))
    monkeypatch.setattr(reading, "usual_reader", lambda: KnownReader(TEXT))


def call(*words):
    return CliRunner().invoke(app, ["locate", *map(str, words)])


def facts_of(*words):
    done = call(*words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_nothing_is_read_unless_it_is_asked_for(photos):
    assert "signs" not in facts_of(photos[0])


def test_proposals_are_told_and_not_used(photos):
    facts = facts_of(photos[0], "--read-signs", "propose")
    assert [line["text"] for line in facts["signs"]["lines"]] == ["www.beispiel.de", "Calle Mayor 12"]
    shown = [(each["kind"], each["ticked"], each["accepted"]) for each in facts["signs"]["proposals"]]
    assert shown == [("domain", True, False), ("street", False, False)]
    assert facts["evidence"] == []
    assert facts["region"]["sha256"] == facts_of(photos[0])["region"]["sha256"]


def test_safe_proposals_become_evidence_with_accept(photos):
    facts = facts_of(photos[0], "--read-signs", "accept")
    assert [each["accepted"] for each in facts["signs"]["proposals"]] == [True, False]
    (evidence,) = facts["evidence"]
    assert (evidence["id"], evidence["statement"]["value"]) == ("sign-1", ".de")
    assert evidence["statement"] == facts["signs"]["proposals"][0]["statement"]


def test_photos_of_one_place_state_the_same_once(photos):
    facts = facts_of(*photos, "--one-place", "--read-signs", "accept")
    assert len(facts["evidence"]) == 1
    assert [line["text"] for line in facts["signs"]["lines"]] == ["www.beispiel.de", "Calle Mayor 12"] * 2


def test_people_read_what_was_read(photos):
    shown = call(photos[0], "--read-signs", "accept").stdout
    assert "sign: 'www.beispiel.de', score 0.99" in shown
    assert "accepted: Country-code domain .de (The address www.beispiel.de ends in .de)" in shown
    assert "uncertain: The language is Spanish" in shown


def test_a_reader_that_fails_costs_a_note_and_the_map_stands(photos, monkeypatch):
    def fail(*_args, **_more):
        raise SignsError("It could not be read.")

    monkeypatch.setattr(KnownReader, "read", fail)
    facts = facts_of(photos[0], "--read-signs", "accept")
    assert facts["signs"] == {"lines": [], "unread": [], "proposals": [], "notes": ["It could not be read."]}
    assert facts["region"]["probability"] > 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--read-signs", "yes"), "use off, propose or accept"),
        (("--read-signs", "accept", "--out", "t.parquet"), "not for a table"),
    ],
)
def test_what_makes_no_sense_is_refused(photos, words, sentence):
    done = call(photos[0], *words)
    assert done.exit_code == 2 and sentence in " ".join(done.output.split())


def test_ids_and_statements_of_a_case_are_left_alone():
    (domain, _) = propose(TEXT)
    mine = Evidence("sign-1", CountryFact("drives", "left"))
    signs = Signs(None, (domain,))
    added = add_signs(Settings(evidence=(mine,)), [signs, None, signs]).evidence
    assert [each.id for each in added] == ["sign-1", "sign-2"]
    same = Settings(evidence=(Evidence("mine", domain.statement),))
    assert add_signs(same, [signs]) is same


def test_three_words_are_known():
    assert [str(each) for each in ReadSigns] == ["off", "propose", "accept"]

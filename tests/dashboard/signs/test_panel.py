"""Signs are read in the background, and what they suggest becomes evidence one key at a time; without a browser."""

import io
import threading

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from dashboard.common import state
from dashboard.common.text import plain
from dashboard.signs import worker
from dashboard.signs.panel import SWITCH
from dashboard.signs.worker import HELD, cut_out
from engine.errors import SignsError
from engine.evidence.statements.countries import CountryFact
from engine.signs.lines import Box, TextLine
from engine.signs.proposals import propose
from engine.signs.reading import SignReading
from engine.testing import grey_photo
from engine.testing.signs import known_text

PAGE = """
import streamlit as st
from dashboard.common import state
from dashboard.signs import panel
panel.show(state.PhotoEntry(st.session_state["photo"], b"", ()), st.session_state["source"])
"""
TEXT = known_text("www.beispiel.de", "Einfahrt freihalten", "Calle Mayor 12")
DOMAIN, LANGUAGE, STREET = propose(TEXT)


def png():
    sink = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (120, 160, 3)).astype(np.uint8)).save(sink, "PNG")
    return sink.getvalue()


@pytest.fixture
def reads(monkeypatch):
    """What reading a photo gives; replaced by a test that wants something else."""
    answer = {"read": lambda *_: SignReading(TEXT, propose(TEXT)), "times": 0}

    def read(*given):
        answer["times"] += 1
        return answer["read"](*given)

    monkeypatch.setattr(worker, "read_signs", read)
    return answer


def page(**more):
    test = AppTest.from_string(PAGE, default_timeout=60)
    for key, value in {"photo": grey_photo(), "source": png, SWITCH: True, **more}.items():
        test.session_state[key] = value
    return test


def finished(test):
    """The page when the photo is read."""
    test.run()
    for thread in threading.enumerate():
        if thread.name.startswith("job signs"):
            thread.join(30)
    return test.run()


def texts(test):
    return " | ".join(each.value for kind in (test.markdown, test.caption, test.info, test.warning) for each in kind)


def button(test, word):
    return next(each for each in test.button if each.label == word)


def test_each_suggestion_is_a_card_and_nothing_is_evidence_by_itself(reads):
    test = finished(page())
    assert not test.exception
    assert "3 suggestions: 3 to decide" in texts(test)
    for proposal in (DOMAIN, LANGUAGE, STREET):
        assert plain(proposal.sentence()) in texts(test)
    assert texts(test).count("uncertain") == 1
    assert plain("read by PP-OCR, score 0.99") in texts(test)
    assert [each.label for each in test.button].count("Accept") == 3
    assert state.EVIDENCE not in test.session_state


def test_accepting_and_refusing_decides_one_after_the_other(reads):
    test = finished(page())
    button(test, "Accept").click().run()
    assert [each.statement for each in test.session_state[state.EVIDENCE]] == [CountryFact("suffix", ".de")]
    assert "3 suggestions: 2 to decide, 1 accepted" in texts(test)
    button(test, "Refuse").click().run()
    assert "1 to decide, 1 accepted, 1 refused" in texts(test)
    assert reads["times"] == 1, "the photo is read once"


def test_undone_evidence_is_to_decide_again(reads):
    test = finished(page())
    button(test, "Accept").click().run()
    test.session_state[state.EVIDENCE] = ()
    test.run()
    assert "3 suggestions: 3 to decide" in texts(test)


def test_the_likely_ones_are_accepted_together(reads):
    test = finished(page())
    button(test, "Accept the 2 likely ones").click().run()
    assert {each.statement for each in test.session_state[state.EVIDENCE]} == {DOMAIN.statement, LANGUAGE.statement}
    assert "3 suggestions: 1 to decide, 2 accepted" in texts(test)


def test_switched_off_it_reads_nothing(reads):
    test = page(**{SWITCH: False}).run()
    assert not test.exception and reads["times"] == 0 and test.session_state[HELD] == {}


def test_a_photo_whose_file_is_gone_says_so(reads):
    test = page(source=None).run()
    assert "drop it again to read its signs" in texts(test) and reads["times"] == 0


def test_what_fails_is_a_sentence_and_can_be_tried_again(reads):
    def fail(*_):
        raise SignsError("The process that reads signs ended; close other programs.")

    good, reads["read"] = reads["read"], fail
    test = finished(page())
    assert "The process that reads signs ended" in texts(test)
    reads["read"] = good
    button(test, "Read signs again").click().run()
    assert "3 suggestions" in texts(finished(test))


def test_it_can_be_cancelled_while_it_reads(reads):
    go_on = threading.Event()

    def wait(_pixels, report, cancelled):
        report("Reading line 1 of 9", 0.3)
        assert go_on.wait(30)
        if cancelled():
            raise SignsError("Reading signs was stopped; start it again to read the photo.")
        raise AssertionError("it was not cancelled")

    reads["read"] = wait
    test = page().run()
    button(test, "Cancel").click().run()
    go_on.set()
    assert "Reading signs was stopped" in texts(finished(test))


def test_a_cut_out_is_small_and_shows_the_line():
    pixels = np.zeros((1000, 2000, 3), np.uint8)
    pixels[400:440, 200:1800] = 250
    cut = Image.open(io.BytesIO(cut_out(pixels, TextLine("x", 1.0, Box(0.1, 0.4, 0.9, 0.44)))))
    assert cut.width <= 480 and cut.height <= 96
    middle = np.asarray(cut.convert("L"))[cut.height // 2, cut.width // 4 : -cut.width // 4]
    assert middle.min() > 200
    assert cut_out(pixels, TextLine("x", 1.0, Box(0.0, 0.0, 0.001, 1.0)))[:2] == b"\xff\xd8"

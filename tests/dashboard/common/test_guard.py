"""An error in a page or a fragment: a card that says so, keeps the case and offers to go on."""

from streamlit.testing.v1 import AppTest

from engine.cases.case import Case
from engine.cases.history import start_history

PAGE = """
import streamlit as st
from dashboard.common.guard import keep_case

@keep_case
def draw():
    st.text_input("note", key="note")
    if st.session_state["note"] == "stop":
        st.stop()
    if st.session_state["note"] == "bad":
        raise KeyError("a secret <b>name</b>")
    st.text("drawn")

draw()
st.text("below")
"""


def opened() -> AppTest:
    page = AppTest.from_string(PAGE)
    page.session_state["case_history"] = start_history(Case(title="Beach"))
    return page.run()


def test_an_error_becomes_a_card_and_the_page_can_go_on():
    page = opened()
    page.text_input[0].set_value("bad").run()
    assert not page.exception
    (told,) = [each.value for each in page.error]
    assert "Your photos and evidence are still here" in told
    assert "KeyError" in page.code[0].value
    assert [each.value for each in page.text] == ["below"]
    assert page.session_state["failure"].startswith("draw: KeyError")
    (save,) = page.get("download_button")
    assert save.proto.label == "Save case"
    page.text_input[0].set_value("good")
    next(each for each in page.button if each.label == "Try again").click().run()
    assert [each.value for each in page.text] == ["drawn", "below"]
    assert not page.error


def test_stopping_a_run_is_no_error():
    page = opened()
    page.text_input[0].set_value("stop").run()
    assert not page.error and not page.exception
    assert not page.text, "the run stopped"

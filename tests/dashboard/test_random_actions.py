"""Random sequences of what a user can do on a page: no error ever reaches it.

Each step takes a widget that is on the page now and gives it a value that it can have; a failure prints the sequence.
Seeded, and not drawn by hypothesis: what is on a page may depend on work in the background.
"""

import datetime as dt
import random
from collections.abc import Callable

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import ButtonGroup, Multiselect, Radio, Selectbox, SelectSlider

from dashboard.common import services, state
from dashboard.evidence import dialog as evidence_dialog
from engine.evidence.statements.areas import Circle
from engine.evidence.statements.countries import CountryFact
from engine.evidence.statements.evidence import Evidence
from engine.locate.locator import Locator
from engine.testing import grey_photo, make_evidence_world, peaked

PAGES = {
    "locate": """
import streamlit as st
from dashboard.common import state
from dashboard.evidence import dialog as evidence_dialog
from dashboard.locate import screen
state.keep_choices()
screen.show()
if "open_form" in st.session_state:
    evidence_dialog.draw(st.session_state["open_form"])
""",
    "tile search": """
from dashboard.common import state
from dashboard.tile_search import screen
state.keep_choices()
screen.show()
""",
    "evaluate": """
from dashboard.common import state
from dashboard.evaluate import screen
state.keep_choices()
screen.show()
""",
    "models": """
from dashboard.common import state
from dashboard.models import screen
state.keep_choices()
screen.show()
""",
}
TEXTS = ("", "22.21, -159.40", "Paris", "91, 0", "999", "Kapstadt", "2k km2", "<b>x</b>", "0", "14:30")
NEVER = ("Fetch", "Remove from this machine", "Evaluate", "Search")
"""Buttons that begin long work or touch what lies on the machine."""
STEPS = 9


@pytest.fixture
def opened(world, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], AppTest]:
    found = Locator(world, [peaked(world, 10.5, 20.5)], make_evidence_world(world))
    monkeypatch.setattr(services, "locator", lambda: found)
    monkeypatch.setattr(services, "prepare_cells", lambda overlay: None)
    monkeypatch.setenv("HEREABOUTS_READ_SIGNS", "off")

    for kind in (SelectSlider, ButtonGroup, Selectbox, Radio, Multiselect):  # their options are texts already
        raw = kind.format_func.fget
        takes_texts = property(lambda self, raw=raw: lambda value: value if value in self.options else raw(self)(value))
        monkeypatch.setattr(kind, "format_func", takes_texts)

    def remember(form: object) -> None:
        st.session_state["open_form"] = form

    monkeypatch.setattr(evidence_dialog, "_add", remember)
    monkeypatch.setattr(evidence_dialog, "_edit", remember)

    def open_page(name: str) -> AppTest:
        page = AppTest.from_string(PAGES[name], default_timeout=60)
        photos = (grey_photo("one.png", 1), grey_photo("two.png", 2))
        page.session_state[state.PHOTOS] = {
            f"k{number}": state.PhotoEntry(photo, b"\xff\xd8", found.read(photo)) for number, photo in enumerate(photos)
        }
        page.session_state[state.CHOSEN] = "k0"
        page.session_state[state.EVIDENCE] = (
            Evidence("left", CountryFact("drives", "left")),
            Evidence("near", Circle(10.5, 20.5, 900.0), 1.0, on=False),
        )
        return page.run()

    return open_page


def actions(page: AppTest) -> list[tuple[str, int]]:
    """Kinds and numbers of the widgets that can be used now."""
    kinds = (
        "button",
        "toggle",
        "checkbox",
        "slider",
        "select_slider",
        "selectbox",
        "radio",
        "button_group",
        "text_input",
        "number_input",
        "multiselect",
        "text_area",
        "time_input",
        "date_input",
    )
    return [
        (kind, number)
        for kind in kinds
        for number, each in enumerate(getattr(page, kind))
        if not each.disabled and not (kind == "button" and each.label.startswith(NEVER))
    ]


def act(page: AppTest, rng: random.Random) -> str:
    """Use one widget; what was done, in words."""
    kind, number = rng.choice(actions(page))
    widget = getattr(page, kind)[number]
    if kind == "button":
        widget.click()
        return f"press {widget.label!r}"
    value = draw_value(kind, widget, rng)
    widget.set_value(value)
    return f"set {kind} {widget.label!r} to {value!r}"


def draw_value(kind: str, widget: object, rng: random.Random) -> object:
    """Something that a widget can be set to."""
    if kind in ("text_input", "text_area"):
        return rng.choice(TEXTS)
    if kind == "time_input":
        return dt.time(rng.randrange(24), rng.randrange(12))
    if kind == "date_input":
        return dt.date(1990, 1, 1) + dt.timedelta(rng.randrange(14_000))
    if kind in ("toggle", "checkbox"):
        return not widget.value
    if kind in ("slider", "number_input"):
        low, high = widget.min if widget.min is not None else -1000, widget.max if widget.max is not None else 1000
        return rng.uniform(low, high) if isinstance(low, float) else rng.randint(int(low), int(high))
    option = rng.choice(widget.options)
    return [option] if kind == "multiselect" else option


@pytest.mark.parametrize(
    ("name", "seeds"), [("locate", range(12)), ("evaluate", range(2)), ("models", range(2)), ("tile search", range(3))]
)
def test_no_sequence_of_actions_breaks_a_page(opened, name, seeds):
    for seed in seeds:
        rng, page, done = random.Random(seed), opened(name), []
        for _ in range(STEPS):
            done.append(act(page, rng))
            page.run()
            assert not page.exception, (seed, done, [each.message for each in page.exception])
            assert state.FAILURE not in page.session_state, (seed, done, page.session_state[state.FAILURE])

"""Texts of others inside Streamlit's Markdown: nothing in them may mean anything."""

import re
import string
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.common.text import plain

sys.path.insert(0, str(Path(__file__).parent))  # tests are no packages; this folder's helper is still one file

from hostile_pages import MARKDOWN, STRINGS

OWN_ELEMENT = re.compile(r":color\[(\\?.)\]")
ESCAPE = re.compile(r"\\(.)", re.DOTALL)

# What is looked for in a text after its escapes are gone: GFM's addresses, and the signs of Streamlit.
LATER = re.compile(
    r"https?://|www\.|[-.\w+]+@[-\w]|:material[_/]|:streamlit:|(?:^|\s)(?:<->|->|<-|--|>=|<=|~=)(?:\s|$)", re.IGNORECASE
)


def texts(markdown):
    """The pieces of text that no element parts, each without its escapes."""
    return [ESCAPE.sub(r"\1", piece) for piece in OWN_ELEMENT.split(markdown)]


@pytest.mark.parametrize("text", [*STRINGS, *MARKDOWN], ids=lambda text: ascii(text)[:40])
def test_a_text_is_shown_and_means_nothing(text):
    for around in (text, f"A {text} Z", text + text):
        check(around)


@given(st.text(st.sampled_from([*string.printable, "\ud800", "\u202e", "é", "\u200d", "\u00a0"]), max_size=40))
@example("a\\:material/home:")
@settings(max_examples=300, deadline=None)
def test_any_text_is_shown_and_means_nothing(text):
    check(text)


def check(text):
    markdown = plain(text)
    assert not any(LATER.search(piece) for piece in texts(markdown))
    assert not re.search(r"[`*_{}<>\[\]()#+.!|~$&:-]", ESCAPE.sub("", OWN_ELEMENT.sub("", markdown))), "nothing is bare"
    shown = "".join(texts(markdown))
    assert shown.isprintable() or {"\u200c", "\u200d", "\u00a0", "\u202f"} & set(shown)
    assert [*seen(shown)] == [*seen(text)], "letter for letter"
    markdown.encode()


def seen(text):
    """The letters that readers see."""
    return (letter for letter in text if letter.isprintable() and letter not in "\N{REPLACEMENT CHARACTER} ")


def test_what_no_reader_sees_is_marked_and_lines_become_one():
    assert plain("a\r\nb\tc") == "a b c"
    assert (
        plain("x\0y\u202ez\ud800")
        == "x\N{REPLACEMENT CHARACTER}" + "y\N{REPLACEMENT CHARACTER}z\N{REPLACEMENT CHARACTER}"
    )
    assert (
        plain("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645") == "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    )

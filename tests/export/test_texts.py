import csv
import html
import io
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.export.texts import FORMULA_STARTS, LONGEST, Markup, clean, csv_cell, joined, tag


@given(st.text() | st.text(alphabet=st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp"])))
def test_clean_text_is_one_visible_line_that_utf8_can_hold(text):
    told = clean(text)
    told.encode("utf-8")
    assert len(told) <= LONGEST
    assert len(told.splitlines()) <= 1
    assert all(one.isprintable() or unicodedata.category(one) == "Zs" for one in told)  # wide and unbroken spaces
    assert clean(told) == told


@given(st.text(max_size=200))
def test_markup_shows_exactly_the_text(text):
    told = tag("td", text, title=text)
    assert told == f'<td title="{html.escape(text)}">{html.escape(text)}</td>'
    assert html.unescape(joined(text)) == text


def test_markup_is_not_escaped_twice():
    assert tag("p", tag("b", "a<b"), "&") == "<p><b>a&lt;b</b>&amp;</p>"
    assert joined(Markup("<hr>"), "<hr>") == "<hr>&lt;hr&gt;"


@given(st.sampled_from(sorted(FORMULA_STARTS)), st.text(max_size=50), st.sampled_from(["", " ", "   ", "\u00a0"]))
def test_no_cell_starts_a_formula(start, rest, space):
    assert csv_cell(f"{space}{start}{rest}").startswith("'")


@given(st.text(alphabet=st.characters(blacklist_categories=["Cc", "Cs"]), max_size=80))
def test_cells_come_back(text):
    sink = io.StringIO()
    csv.writer(sink).writerow([csv_cell(text), "x"])
    cell = next(csv.reader(io.StringIO(sink.getvalue(), newline="")))[0]
    assert cell.removeprefix("'") == text.removeprefix("'")


def test_trees_of_plain_values_keep_their_numbers():
    tree = {"a\n": [1, 2.5, np.float32(0.5), np.int64(7), float("nan"), None, True], "b": {"c": ("x\0", np.arange(2))}}
    lost = "\N{REPLACEMENT CHARACTER}"
    assert clean(tree) == {f"a{lost}": [1, 2.5, 0.5, 7, None, None, True], "b": {"c": [f"x{lost}", [0, 1]]}}


@pytest.mark.parametrize("value", [b"bytes", object])
def test_anything_else_becomes_text(value):
    assert isinstance(clean(value), str)

"""The table of a claim as compact rows that fit the panel: a mark, what is expected there, what was observed."""

from collections.abc import Iterable, Sequence

import streamlit as st

from engine.claims.clues import Agreement, ClaimTable, Clue, Source
from engine.claims.compare import ComparedClue, Comparison
from engine.claims.strength import NO_SUPPORT, ratio_words, strength_words
from engine.evidence.statements.evidence import STRENGTHS
from engine.export.texts import Markup, joined, tag

MARKS = {Agreement.CONSISTENT: "✓", Agreement.NEUTRAL: "·", Agreement.DOUBTFUL: "?", Agreement.INCONSISTENT: "✗"}
KINDS = {
    Agreement.CONSISTENT: "fits", Agreement.NEUTRAL: "open", Agreement.DOUBTFUL: "poor", Agreement.INCONSISTENT: "off",
}  # fmt: skip
TITLES = {Source.IMAGE: "In the photo", Source.ANALYST: "Your statements", Source.BASELINE: "Baseline"}
STYLE = """
.hb-clues { font-size: .8rem; line-height: 1.35; }
.hb-clues h4 { display: flex; justify-content: space-between; gap: .5rem; margin: .6rem 0 .15rem; padding: 0 0 .15rem;
  font-size: .8rem; font-weight: 600; border-bottom: 1px solid rgba(148, 163, 184, .35); }
.hb-clues h4 small { font-weight: 400; opacity: .8; text-align: right; }
.hb-clues .row { display: grid; grid-template-columns: 1.1rem 1fr; gap: 0 .25rem; padding: .2rem 0; }
.hb-clues .row > i { font-style: normal; font-weight: 700; }
.hb-clues .fits > i { color: #22c55e; } .hb-clues .off > i { color: #f43f5e; } .hb-clues .poor > i { color: #f59e0b; }
.hb-clues b { font-weight: 600; }
.hb-clues small { display: block; opacity: .75; }
.hb-clues summary { cursor: pointer; opacity: .8; padding: .2rem 0; }
.hb-clues table { width: 100%; border-collapse: collapse; }
.hb-clues td, .hb-clues th { text-align: left; vertical-align: top; padding: .15rem .4rem .15rem 0; font-weight: 400; }
.hb-clues th { opacity: .75; }
"""


def show(table: ClaimTable) -> None:
    """Draw the rows by source; those that cannot tell are folded."""
    parts = [_source(source, table.of(source), table.log10_of(source)) for source in Source]
    st.html(f"<style>{STYLE}</style>{tag('div', *parts, class_='hb-clues')}")


def show_comparison(comparison: Comparison) -> None:
    """Draw two places side by side, the most telling clue first."""
    rows = sorted(comparison.clues, key=lambda each: -abs(each.log10_ratio))
    head = tag("tr", tag("th", "Clue"), tag("th", "A"), tag("th", "B"))
    body = [_compared(each) for each in rows if each.first.expected != each.second.expected]
    if not body:
        return
    st.html(f"<style>{STYLE}</style>{tag('div', tag('table', head, *body), class_='hb-clues')}")


def _compared(each: ComparedClue) -> Markup:
    words = strength_words(each.log10_ratio)
    side = "" if words == NO_SUPPORT else f"{words} for {'A' if each.log10_ratio > 0 else 'B'}"
    name = tag("td", tag("b", each.first.name), tag("small", side))
    return tag("tr", name, *(tag("td", f"{MARKS[one.agreement]} {one.expected}") for one in (each.first, each.second)))


def _source(source: Source, clues: Sequence[Clue], ratio: float | None) -> Markup:
    if not clues:
        return Markup("")
    title = tag("h4", TITLES[source], tag("small", _subtotal(source, ratio)))
    telling = [clue for clue in clues if clue.agreement is not Agreement.NEUTRAL or source is Source.BASELINE]
    rest = [clue for clue in clues if clue not in telling]
    count = "1 clue too weak to tell alone" if len(rest) == 1 else f"{len(rest)} clues too weak to tell alone"
    folded = tag("details", tag("summary", count), *_rows(rest)) if rest else Markup("")
    return joined(title, *_rows(telling), folded)


def _subtotal(source: Source, ratio: float | None) -> str:
    if source is Source.BASELINE or ratio is None:
        return "not from this photo"
    words = strength_words(ratio)
    if words == NO_SUPPORT:
        return "cannot tell"
    if source is Source.ANALYST:  # a person's own knowledge is never read back as support
        return f"{ratio_words(ratio)} {'more' if ratio > 0 else 'less'} likely, if they are right"
    return f"{words} for {'this place' if ratio > 0 else 'elsewhere'}"


def _rows(clues: Iterable[Clue]) -> list[Markup]:
    return [_row(clue) for clue in clues]


def _row(clue: Clue) -> Markup:
    mark = tag("i", MARKS[clue.agreement], title=str(clue.agreement))
    text = tag("span", tag("b", clue.name), f": {clue.agreement}" if clue.source is not Source.BASELINE else "")
    there = f"There: {clue.expected}" if clue.source is not Source.BASELINE else clue.expected
    lines = [tag("small", f"{there}. Observed: {clue.observed}." if clue.observed else f"{there}.")]
    words = [clue.strength_text] if clue.source is Source.IMAGE and clue.side != "neither" else []
    words += [f"confidence: {clue.confidence}"] if clue.confidence in STRENGTHS else []
    lines += [tag("small", "; ".join(words))] if words else []
    return tag("div", mark, tag("div", text, *lines), class_=f"row {KINDS[clue.agreement]}")

"""The verdict on a claimed place as one HTML file without scripts and without a network."""

import base64
from collections.abc import Mapping
from typing import Any

from engine.export.contents import Contents
from engine.export.report_policy import policy
from engine.export.texts import Markup, joined, tag
from engine.export.verdict_page import COLUMNS, METHOD, TITLES, VerdictPage, verdict_page

STYLE = """
:root { color-scheme: light; }
body { font: 14px/1.45 system-ui, sans-serif; color: #16202c; background: #fff; max-width: 60rem; margin: 1.5rem auto;
  padding: 0 1.25rem; overflow-wrap: anywhere; }
h1 { font-size: 1.45rem; line-height: 1.25; margin: 0 0 .2rem; }
h2 { font-size: 1rem; margin: 1.2rem 0 .3rem; border-bottom: 1px solid #d5dce4; }
.verdict { font-size: 1.15rem; font-weight: 600; margin: .6rem 0; padding: .5rem .8rem; background: #eef3f8;
  border-left: 4px solid #006ec8; }
.quiet { color: #566474; font-size: .85rem; }
.pictures { display: flex; flex-wrap: wrap; gap: 1rem; }
figure { margin: 0; flex: 2 1 24rem; }
figure.photo { flex: 1 1 12rem; max-width: 16rem; }
figure img { width: 100%; height: auto; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; }
th, td { text-align: left; vertical-align: top; padding: .22rem .7rem .22rem 0; border-bottom: 1px solid #e6ebf0; }
th { color: #566474; font-weight: 600; }
ul, ol { margin: .3rem 0; padding-left: 1.2rem; }
@media print { body { margin: 0; max-width: none; font-size: 11px; } .licences { break-before: page; }
  tr, figure { break-inside: avoid; } }
"""


def verdict_html(contents: Contents) -> str:
    """The page as HTML text.

    Raises:
        InputError: no claimed location is in the contents.
    """
    page = verdict_page(contents)
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy(STYLE)),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", page.title),
        tag("style", Markup(STYLE)),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, tag('body', tag('main', *_sections(page))), lang='en')}\n"


def _sections(page: VerdictPage) -> list[Markup]:
    next_steps = _section("What would settle it next", tag("ul", *(tag("li", step) for step in page.next_steps)))
    return [
        tag("h1", tag("bdi", page.title)),
        tag("p", tag("bdi", page.place), class_="quiet"),
        tag("p", page.headline, class_="verdict"),
        tag("p", page.analyst) if page.analyst else Markup(""),
        _pictures(page),
        *(_table(source, page) for source in TITLES),
        next_steps if page.next_steps else Markup(""),
        _section("Where it stands on the map", tag("p", " ".join(page.notes))),
        _section("Method", tag("ol", *(tag("li", line) for line in METHOD))),
        tag("p", page.limits),
        tag("section", tag("h2", "Sources and licences"), *(_source(row) for row in page.sources),
            tag("p", page.digests, class_="quiet"), tag("p", page.made, class_="quiet"), class_="licences"),
    ]  # fmt: skip


def _pictures(page: VerdictPage) -> Markup:
    figures = [_figure(page.map_jpeg, "Blue: search region. ?: claimed location. Relief: Natural Earth.")]
    if page.photo_jpeg is not None:
        figures.append(_figure(page.photo_jpeg, "The photo, small and without its metadata.", "photo"))
    return tag("div", *figures, class_="pictures")


def _figure(jpeg: bytes, caption: str, kind: str = "") -> Markup:
    source = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
    return tag("figure", tag("img", src=source, alt=caption), tag("figcaption", caption, class_="quiet"), class_=kind)


def _table(source: str, page: VerdictPage) -> Markup:
    rows = page.rows(source)
    if not rows:
        return Markup("")
    head = tag("tr", *(tag("th", title) for title in COLUMNS))
    body = [tag("tr", *(tag("td", tag("bdi", cell)) for cell in row)) for row in rows]
    return _section(TITLES[source], tag("table", tag("thead", head), tag("tbody", *body)))


def _source(row: Mapping[str, Any]) -> Markup:
    text = f"{row['source']} Licence: {row['licence']}"
    return joined(tag("p", tag("b", str(row["title"])), ": ", text, class_="quiet"))


def _section(title: str, *content: Markup) -> Markup:
    return tag("section", tag("h2", title), *content)

"""The report: one HTML file that opens without a network, holds no script and asks no host, unless a map was asked for.

Every text goes through ``texts.tag``, which escapes whatever is not markup of ours.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.export.contents import Contents
from engine.export.globe_image import globe_jpeg
from engine.export.report_policy import policy, scripts_of
from engine.export.shapes import region_parts
from engine.export.texts import Markup, joined, tag

MOST_PARTS = 20
"""Parts of the region that the table lists; the other formats hold all of them."""
STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #16202c; background: #fff; max-width: 62rem; margin: 2rem auto;
  padding: 0 1.25rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 2.25rem 0 .5rem; border-bottom: 1px solid #d5dce4; padding-bottom: .25rem; }
.answer { font-size: 1.15rem; margin: .25rem 0 1rem; }
.quiet { color: #566474; font-size: .88rem; }
.globes { display: flex; flex-wrap: wrap; gap: 1.25rem; }
figure { margin: 0; flex: 1 1 16rem; max-width: 28rem; }
figure img { width: 100%; height: auto; }
.photo { flex: 0 1 14rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .3rem .9rem .3rem 0; border-bottom: 1px solid #e6ebf0; }
th { white-space: nowrap; font-weight: 600; font-size: .82rem; color: #566474; }
.wide td:first-child { min-width: 8rem; }
.wide td:nth-last-child(2) { white-space: nowrap; overflow-wrap: normal; }
.source { margin: .75rem 0; }
.source p { margin: 0; }
.number { text-align: right; white-space: nowrap; }
.notes li, .supports li { margin: .2rem 0; }
.use { background: #fff6e0; border-left: 4px solid #ffbf00; padding: .6rem 1rem; }
iframe { width: 100%; height: 30rem; border: 1px solid #d5dce4; }
code { font-size: .85rem; }
@media print { body { margin: 0; max-width: none; } h2 { break-after: avoid; } tr, figure { break-inside: avoid; } }
"""
LOAD_WHEN_OPENED = """
document.getElementById("map").addEventListener("toggle", (event) => {
  const frame = event.target.querySelector("iframe");
  frame.srcdoc = frame.dataset.page;
}, { once: true });
"""
"""The only script of ours, there only with a map: browsers load a frame that is folded away, and pictures with it."""


def write_report(contents: Contents, path: Path) -> None:
    """The report as one UTF-8 file."""
    path.write_text(report_html(contents), encoding="utf-8")


def report_html(contents: Contents) -> str:
    """The report as HTML text."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(contents)),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"Search region of {_name(contents)}"),
        tag("style", Markup(STYLE)),
    )
    body = tag("body", tag("main", *_sections(contents)))
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"


def _policy(contents: Contents) -> str:
    scripts = [LOAD_WHEN_OPENED, *scripts_of(contents.map_html)] if contents.map_html else []
    return policy(STYLE, scripts, contents.map_hosts)


def _sections(contents: Contents) -> list[Markup]:
    return [
        _title(contents),
        _pictures(contents),
        tag("p", str(contents.facts.get("use", "")), class_="use"),
        _together(contents),
        _notes(contents),
        _places(contents),
        _claim(contents),
        _region(contents),
        _contributions(contents),
        _signs(contents),
        _marks(contents),
        _map(contents),
        _settings(contents),
        _sources(contents),
        _versions(contents),
    ]


def _name(contents: Contents) -> str:
    return str(contents.photo.get("name", "a photo"))


def _title(contents: Contents) -> Markup:
    region = contents.region
    parts = "1 area" if region.components == 1 else f"{region.components:,} areas"
    told = f"{region.area_km2:,.0f} km² with {region.probability:.1%} probability, in {parts}."
    return joined(
        _headline(contents),
        tag("p", told, class_="answer"),
        tag("p", f"Made by Hereabouts {_made_at(contents)}", class_="quiet"),
    )


def _headline(contents: Contents) -> Markup:
    """The question that the report answers; without a photo it is about the evidence alone."""
    if not contents.photo.get("sha256"):
        return tag("h1", "Where does the evidence point?")
    if "together" in contents.facts:
        return tag("h1", f"Where were these {contents.facts['together']['photos']} photos taken?")
    return tag("h1", "Where was ", tag("bdi", _name(contents)), " taken?")


def _made_at(contents: Contents) -> str:
    number = contents.facts.get("versions", {}).get("hereabouts", "")
    day, _, time = str(contents.facts.get("made_at", "")).partition("T")
    return f"{number} on {day}, {time.removesuffix('+00:00')} UTC" if day else number


def _pictures(contents: Contents) -> Markup:
    """The globe from above the best place, the other side, and the photo if it was asked for."""
    latitude, longitude = _globe_centre(contents)
    marked = [(place["rank"], place["lat"], place["lon"]) for place in contents.places]
    behind = (longitude + 360.0) % 360.0 - 180.0
    near, far = (globe_jpeg(contents.region, *at, marked) for at in ((latitude, longitude), (-latitude, behind)))
    figures = [
        _figure(
            near, "Heat: probability density, lighter is higher. Cyan: search region. Numbers: candidates by rank."
        ),
        _figure(far, "The other side of the Earth."),
    ]
    if contents.thumbnail_jpeg is not None:
        several = "together" in contents.facts
        told = f"The photo{'s' if several else ''}, small and without {'their' if several else 'its'} metadata."
        figures.append(_figure(contents.thumbnail_jpeg, told, "photo"))
    return tag("div", *figures, class_="globes")


def _together(contents: Contents) -> Markup:
    """How several photos of one place were pooled, and whether each of them fits the others."""
    together = contents.facts.get("together")
    if not isinstance(together, Mapping):
        return Markup("")
    told = (
        f"Combined map of {together['photos']} photos assumed to show one location. Their errors may be correlated, so "
        f"they were pooled with an error correlation of {together['dependence']:.0%} and count as "
        f"{together['effective_photos']:.1f} independent photos."
    )
    shares = together["shares"]
    rows = [[str(s["name"]), str(s["says"]), str(s["sha256"])[:12], f"{s['alone_km2']:,.0f}"] for s in shares]
    titles = ["Photo", "Consistency", "SHA-256 begins", f"{shares[0]['alone_mass']:.0%} of the photo's own map, km²"]
    return _section("Several photos of one location", tag("p", told), _table(titles, rows, 1))


def _globe_centre(contents: Contents) -> tuple[float, float]:
    """The most probable place, or the densest cell where no place was asked for."""
    if contents.places:
        return contents.places[0]["lat"], contents.places[0]["lon"]
    search_map = contents.region.search_map
    x, y, z = search_map.overlay.unit_center[search_map.order[0]]
    return float(np.degrees(np.arcsin(np.clip(z, -1, 1)))), float(np.degrees(np.arctan2(y, x)))


def _figure(jpeg: bytes, caption: str, kind: str = "") -> Markup:
    source = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
    return tag("figure", tag("img", src=source, alt=caption), tag("figcaption", caption, class_="quiet"), class_=kind)


def _notes(contents: Contents) -> Markup:
    notes = [str(note) for note in contents.facts.get("notes", ())]
    if not notes:
        return Markup("")
    return _section("Notes", tag("ul", *(tag("li", note) for note in notes), class_="notes"))


def _places(contents: Contents) -> Markup:
    named = any(place.get("name") for place in contents.places)
    rows = [
        [
            str(place["rank"]),
            *([str(place.get("name", ""))] if named else []),
            f"{place['lat']:.4f}",
            f"{place['lon']:.4f}",
            f"{place['probability']:.2%}",
            f"{place['area_km2']:,.0f}",
        ]
        for place in contents.places
    ]
    titles = ["Rank", *(["Name"] if named else []), "Latitude", "Longitude", "Probability", "Area, km²"]
    return _section("Most probable locations", _table(titles, rows, 4)) if rows else Markup("")


def _claim(contents: Contents) -> Markup:
    claim = contents.facts.get("claim")
    if not isinstance(claim, Mapping):
        return Markup("")
    area = f"{claim['area_to_reach_km2']:,.0f} km²"
    where = f"{claim['lat']:.4f}, {claim['lon']:.4f}"
    told = f"{where}: rank after {area}, highest-density cells first."
    verdict = tag("p", " ".join(str(sentence) for sentence in claim.get("verdict", ())))
    supports = tag(
        "ul", *(tag("li", str(support["sentence"])) for support in claim.get("predictors", ())), class_="supports"
    )
    return _section("Claimed location", tag("p", told), verdict, supports)


def _region(contents: Contents) -> Markup:
    parts = region_parts(contents.region)
    rows = [[str(part.rank), f"{part.probability:.2%}", f"{part.area_km2:,.1f}", _extent(part)] for part in parts]
    table = _table(["Area", "Probability", "Size, km²", "South, west to north, east"], rows[:MOST_PARTS])
    more = len(rows) - MOST_PARTS
    rest = tag("p", f"{more:,} smaller areas are in the map files.", class_="quiet") if more > 0 else Markup("")
    digest = tag("p", "SHA-256 of the region: ", tag("code", contents.region.sha256), class_="quiet")
    return _section("Search region", table, rest, digest)


def _extent(part: Any) -> str:
    """Corners of the box around a part; one that meets the date line is as wide as the Earth in such a box."""
    west, south, east, north = part.shape.bounds
    if west <= -180 and east >= 180:
        return f"{south:.2f} to {north:.2f}, across 180°"
    return f"{south:.2f}, {west:.2f} to {north:.2f}, {east:.2f}"


def _contributions(contents: Contents) -> Markup:
    rows = [
        [str(row["title"]), str(row["says"]), str(row["note"]), str(row["status"]), f"{row['weight']:g}"]
        for row in contents.facts.get("said", ())
    ]
    if not rows:
        return Markup("")
    return _section(
        "Predictors and evidence", _table(["Source", "Result", "Note", "Status", "Weight"], rows, 1, "wide")
    )


def _signs(contents: Contents) -> Markup:
    """What was read on signs, and what of it became evidence."""
    signs = contents.facts.get("signs")
    if not isinstance(signs, Mapping):
        return Markup("")
    read = [[str(line["text"]), str(line["reader"]), f"{line['score']:.2f}"] for line in signs["lines"]]
    shown = [
        [str(each["sentence"]), str(each["reason"]), str(each["text"]), "evidence" if each["accepted"] else "proposed"]
        for each in signs["proposals"]
    ]
    notes = tag("ul", *(tag("li", str(note)) for note in signs["notes"]), class_="notes") if signs["notes"] else ""
    tables = [_table(["Proposal", "Reason", "Text as read", "Used as"], shown)] if shown else []
    tables += [_table(["Text as read", "Reader", "Score"], read, 1)] if read else [tag("p", "No text was read.")]
    return _section("Text in the photo", *tables, Markup(notes))


def _marks(contents: Contents) -> Markup:
    """Where in the photo the analyst saw what was stated."""
    rows = [
        [str(mark["sentence"]), " to ".join(f"{100 * x:.1f} %, {100 * y:.1f} %" for x, y in _corners(mark["box"]))]
        for mark in contents.facts.get("marks", ())
    ]
    return _section("Seen in the photo", _table(["Evidence", "Box: across, down"], rows)) if rows else Markup("")


def _corners(box: Sequence[float]) -> tuple[tuple[float, float], tuple[float, float]]:
    return (box[0], box[1]), (box[2], box[3])


def _map(contents: Contents) -> Markup:
    if not contents.map_html:
        return Markup("")
    hosts = ", ".join(host.removeprefix("https://") for host in contents.map_hosts)
    told = f"Open to load satellite imagery from {hosts}; the server then learns the area viewed."
    frame = tag("iframe", data_page=contents.map_html, sandbox="allow-scripts", title="Map")
    loader = tag("script", Markup(LOAD_WHEN_OPENED))
    return _section("Map", tag("details", tag("summary", told), frame, id="map"), loader)


def _settings(contents: Contents) -> Markup:
    shown = ("photo.", "region.", "pooling", "floors", "grid", "information_nats", "claim.", "predictors.", "evidence")
    rows = [[name, value] for name, value in contents.parameters() if name.startswith(shown)]
    table = _table(["Name", "Value"], rows)
    return _section("Settings and values", tag("details", tag("summary", "Show all"), table))


def _sources(contents: Contents) -> Markup:
    blocks = [_source(row) for row in contents.facts.get("sources", ())]
    return _section("Sources, licences and caveats", *blocks) if blocks else Markup("")


def _source(row: Mapping[str, Any]) -> Markup:
    return tag(
        "div",
        tag("p", tag("b", str(row["title"])), f" - {row['summary']} ", tag("b", str(row["caveat"]))),
        tag("p", f"Source: {row['source']}", class_="quiet"),
        tag("p", f"Licence: {row['licence']}", class_="quiet"),
        class_="source",
    )


def _versions(contents: Contents) -> Markup:
    known = contents.facts.get("versions", {})
    told = ", ".join(f"{name} {number}" for name, number in known.items())
    what = "photos" if "together" in contents.facts else "photo"
    digest = tag("p", f"SHA-256 of the {what}: ", tag("code", str(contents.photo.get("sha256", ""))), class_="quiet")
    return _section("Versions", tag("p", told, class_="quiet"), digest)


def _section(title: str, *content: Markup) -> Markup:
    return tag("section", tag("h2", title), *content)


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 0, kind: str = "") -> Markup:
    """A table; its last ``numbers`` columns are set to the right."""
    first = len(titles) - numbers
    head = tag("tr", *(_cell("th", title, at >= first) for at, title in enumerate(titles)))
    body = (tag("tr", *(_cell("td", text, at >= first) for at, text in enumerate(row))) for row in rows)
    return tag("table", tag("thead", head), tag("tbody", *body), class_=kind)


def _cell(kind: str, text: str, number: bool) -> Markup:
    return tag(kind, text, class_="number") if number else tag(kind, tag("bdi", text))

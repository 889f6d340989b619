"""Texts of others made harmless before any format sees them. Each format still escapes what it is given."""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.photos.plain import plain_text

LONGEST = 2000
"""Longest text that goes into a file, in characters; a longer one loses its middle."""
FORMULA_STARTS = "=+-@\t\r\n|%\uff1d\uff0b\uff0d\uff20"
"""What a spreadsheet may take for the start of a formula, the full-width forms of some input methods included."""

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def clean(value: Any) -> Any:
    """A tree of plain values in which every text is one line without hidden characters; keys as well.

    Control characters, line breaks, right-to-left overrides and lone surrogates become U+FFFD: none of them has a
    place in XML, and each of them can make a file say another thing than it shows. Numbers that are not finite become
    None; values of other types become their text.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, Mapping):
        return {plain_text(str(key), LONGEST): clean(inner) for key, inner in value.items()}
    if isinstance(value, Sequence | set | frozenset | np.ndarray) and not isinstance(value, str | bytes):
        return [clean(inner) for inner in value]
    return plain_text(str(value), LONGEST)


def csv_cell(text: str) -> str:
    """A text that no spreadsheet runs: where it could start a formula it gets an apostrophe in front.

    Line breaks and other control characters become U+FFFD: where lines end in a line feed, Python leaves a carriage
    return bare, and what follows it would be a row of its own.
    """
    shown = _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)
    return f"'{shown}" if text.lstrip(" \u00a0").startswith(tuple(FORMULA_STARTS)) else shown


class Markup(str):
    """HTML that is safe already; every other text is escaped when it becomes part of HTML."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str) -> Markup:
    """An HTML element; children are escaped unless they are ``Markup``, attributes always.

    A trailing underscore and ``-`` for ``_`` make the names of attributes: ``class_``, ``http_equiv``.
    """
    written = "".join(f' {key.rstrip("_").replace("_", "-")}="{html.escape(v)}"' for key, v in attributes.items())
    inside = joined(*children)
    return Markup(f"<{name}{written}>" if name in _VOID else f"<{name}{written}>{inside}</{name}>")


def joined(*children: str) -> Markup:
    """Pieces of HTML one after another, escaped unless they are ``Markup``."""
    return Markup("".join(child if isinstance(child, Markup) else html.escape(child) for child in children))


_VOID = frozenset({"img", "meta", "br", "hr"})

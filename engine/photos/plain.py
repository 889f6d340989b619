"""Text from files, harmless to show."""

import unicodedata

TEXT_LIMIT = 120
"""Longest text of any field; a camera's name is far shorter."""
_REPLACED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def plain_text(text: str, limit: int = TEXT_LIMIT) -> str:
    """The text with every character that could move, hide or break other text replaced; at most ``limit`` characters.

    Control characters, line breaks, right-to-left overrides, zero-width and unassigned characters and lone surrogates
    become U+FFFD. A text that is too long loses its centre, so that a file's suffix stays readable.
    """
    if len(text) > limit:
        head = (limit - 1) * 2 // 3
        text = text[:head] + "…" + text[len(text) - (limit - 1 - head) :]
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in _REPLACED else c for c in text)

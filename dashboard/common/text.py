"""Texts of others inside Streamlit's Markdown, where they must mean nothing."""

import re

_ESCAPED = re.compile(r"[\\`*_{}\[\]()<>#+\-.!|~:$&]")

# What Streamlit looks for in a text once Markdown has taken the escapes away: addresses of the web and of mail become
# links, ":material/home:" and ":streamlit:" pictures, "->" and "--" other signs. None is found across an element, so
# one sign of each stands in one of its own, which looks like nothing: a colour without a colour.
_FOUND_LATER = re.compile(r":(?=[^\s\d])|(?<=www)\.|@|(?<=[-<>~])[-=>]", re.IGNORECASE)

_JOINERS = "\u200c\u200d"  # invisible, but Persian, Hindi and emoji are not written without them
_NARROW = "\u00a0\u202f"  # spaces that hold a number and its unit together


def plain(text: str) -> str:
    """The text as Markdown that shows it letter for letter, on one line, and does nothing else.

    Line breaks become spaces; what no reader sees, such as control characters and marks that turn the direction of
    reading, becomes U+FFFD.
    """
    shown = re.sub(" +", " ", "".join(_visible(letter) for letter in text))
    apart = _FOUND_LATER.sub(lambda found: f"\0{found[0]}\0", shown)
    escaped = _ESCAPED.sub(lambda found: f"\\{found[0]}", apart)
    return re.sub("\0([^\0]*)\0", r":color[\1]", escaped)


def _visible(letter: str) -> str:
    if letter.isspace():
        return letter if letter in _NARROW else " "
    return letter if letter.isprintable() or letter in _JOINERS else "\N{REPLACEMENT CHARACTER}"

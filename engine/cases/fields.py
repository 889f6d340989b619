"""Checks of single fields; every error is one sentence that begins with the path of the field.

Used twice: by the values of a case when they are made, with paths relative to themselves, and by the reader of case
files, which puts the path of the value before them.
"""

import difflib
import math
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from engine.errors import InputError
from engine.photos.plain import plain_text

SHOWN = 40
"""Characters of a wrong value that a sentence repeats."""

NAME_LIMIT = 80
"""Longest name of a predictor, partition or label."""

_HEX = re.compile(r"[0-9a-f]+")


class FieldError(InputError):
    """A field is not what it has to be; ``path`` says which, ``problem`` the rest of the sentence."""

    def __init__(self, path: str, problem: str) -> None:
        """Put path and rest together."""
        super().__init__(f"{path} {problem}")
        self.path, self.problem = path, problem


@contextmanager
def under(prefix: str) -> Iterator[None]:
    """Refusals inside get the path of the value that they belong to."""
    try:
        yield
    except FieldError as error:
        raise FieldError(join_path(prefix, error.path), error.problem) from error


def join_path(prefix: str, path: str) -> str:
    """``("settings", "weights")`` as ``"settings.weights"``, ``("photos", "[2]")`` as ``"photos[2]"``."""
    return f"{prefix}{path}" if not prefix or path.startswith("[") else f"{prefix}.{path}"


def format_value(value: Any) -> str:
    """A wrong value as a few harmless characters."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, str):
        return f'"{plain_text(value, SHOWN)}"'
    return f"{value:g}" if isinstance(value, float) else plain_text(repr(value), SHOWN)


def refuse(path: str, value: Any, expected: str) -> FieldError:
    """The error for a wrong value: what was received, and what to give."""
    return FieldError(path, f"is {format_value(value)}; give {expected}.")


def number(value: Any, path: str, low: float, high: float) -> float:
    """A finite number in ``[low, high]``; -0 becomes 0, so that equal cases are written alike."""
    expected = f"a number from {low:.10g} to {high:.10g}"
    if type(value) not in (int, float):
        raise refuse(path, value, expected)
    if not (low <= value <= high and math.isfinite(value)):
        raise refuse(path, value, expected)
    return float(value) + 0.0


def whole(value: Any, path: str, low: int, high: int) -> int:
    """A whole number in ``[low, high]``."""
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int or not low <= value <= high:
        raise refuse(path, value, f"a whole number from {low} to {high}")
    return int(value)


def text(value: Any, path: str, limit: int) -> str:
    """One line of text; what could move, hide or break other text is replaced."""
    if not isinstance(value, str):
        raise refuse(path, value, f"a text of at most {limit} characters")
    if len(value) > limit:
        raise FieldError(path, f"has {len(value)} characters; shorten it to at most {limit}.")
    return plain_text(value, limit)


def lines(value: Any, path: str, limit: int) -> str:
    """Text of several lines, each as harmless as ``text``."""
    if not isinstance(value, str):
        raise refuse(path, value, f"a text of at most {limit} characters")
    if len(value) > limit:
        raise FieldError(path, f"has {len(value)} characters; shorten it to at most {limit}.")
    return "\n".join(plain_text(line.expandtabs(4), limit) for line in re.split(r"\r\n|\r|\n", value))[:limit]


def name(value: Any, path: str) -> str:
    """The name of a predictor, partition or label: 1 to 80 characters, all of them visible."""
    if not isinstance(value, str) or not value or len(value) > NAME_LIMIT or plain_text(value, NAME_LIMIT) != value:
        raise refuse(path, value, f"a name of 1 to {NAME_LIMIT} visible characters")
    return value


def choice(value: Any, path: str, options: Collection[str]) -> str:
    """One of some words."""
    if not isinstance(value, str) or value not in options:
        raise refuse(path, value, f"one of {', '.join(options)}")
    return str(value)


def digest(value: Any, path: str, digits: int) -> str:
    """A digest of so many hexadecimal digits, in small letters."""
    found = value.lower() if isinstance(value, str) and len(value) == digits else ""
    if not _HEX.fullmatch(found):
        raise refuse(path, value, f"{digits} hexadecimal digits")
    return found


def listing(value: Any, path: str, most: int) -> list[Any]:
    """A list of at most so many items."""
    if not isinstance(value, list | tuple):
        raise refuse(path, value, "a list")
    if len(value) > most:
        raise FieldError(path, f"has {len(value)} items; a case holds at most {most} of them.")
    return list(value)


def table(value: Any, path: str, most: int) -> dict[str, Any]:
    """An object with at most so many entries."""
    if not isinstance(value, Mapping):
        raise refuse(path, value, "an object in braces")
    if len(value) > most:
        raise FieldError(path, f"has {len(value)} entries; a case holds at most {most} of them.")
    return dict(value)


def entry(path: str, key: Any) -> str:
    """The path of one entry of a table."""
    return join_path(path, key_text(key))


def key_text(key: Any) -> str:
    """The name of an entry as a few harmless characters."""
    return plain_text(str(key), SHOWN)


def unknown_field(path: str, known: Collection[str]) -> FieldError:
    """The error for a key that a case does not have, with the one that was perhaps meant."""
    near = difflib.get_close_matches(path.rpartition(".")[2], known, 1)
    return FieldError(path, f"is not part of a case; {f'write {near[0]} or ' if near else ''}take it out.")

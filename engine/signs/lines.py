"""Lines of text found in a photo: where they are, what they say and how sure the reader is."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.errors import InputError

SHORTEST_SIDE = 1.0
"""Pixels; a box with a shorter side holds nothing."""


@dataclass(frozen=True)
class Box:
    """An upright rectangle in the photo, in shares of its width and height, so that it fits any size of the photo.

    Attributes:
        left, top, right, bottom: 0 to 1 from the upper left corner.
    """

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        if not (0.0 <= self.left < self.right <= 1.0 and 0.0 <= self.top < self.bottom <= 1.0):
            corners = f"({self.left:g}, {self.top:g}) to ({self.right:g}, {self.bottom:g})"
            raise InputError(f"The box {corners} is not inside the photo; give shares from 0 to 1, the smaller first.")

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, right and bottom in whole pixels of a photo of a size."""
        return (
            int(self.left * width),
            int(self.top * height),
            math.ceil(self.right * width),
            math.ceil(self.bottom * height),
        )


def box_around(points: Iterable[tuple[float, float]], width: int, height: int) -> Box | None:
    """The upright rectangle around points ``(x, y)`` in pixels; None where it would be empty."""
    columns, rows = zip(*points, strict=True)
    left, right = max(min(columns), 0.0), min(max(columns), float(width))
    top, bottom = max(min(rows), 0.0), min(max(rows), float(height))
    if right - left < SHORTEST_SIDE or bottom - top < SHORTEST_SIDE:
        return None
    return Box(left / width, top / height, right / width, bottom / height)


@dataclass(frozen=True)
class TextLine:
    """One line of text.

    Attributes:
        text: as read; empty where the reader cannot read the script.
        score: of the reader, 0 to 1: how sure it is of the text.
        box: where it is.
        reader: ``"PP-OCR"`` or ``"Tesseract"``.
        script: ISO 15924 code that the letters look like, for instance ``"Thai"``; empty where nobody looked.
        script_probability: that the script is right, 0 to 1.
        aspect: how many times wider than high the line is in the photo.
    """

    text: str
    score: float
    box: Box
    reader: str = "PP-OCR"
    script: str = ""
    script_probability: float = 0.0
    aspect: float = 5.0

    @property
    def is_read(self) -> bool:
        """Whether there is a text; otherwise only the script is known."""
        return bool(self.text)


@dataclass(frozen=True)
class ReadText:
    """What a reader found in one photo.

    Attributes:
        lines: read lines, from top to bottom.
        unread: lines whose script the reader cannot read; their text is empty.
        notes: sentences for people: what was left out and why.
    """

    lines: tuple[TextLine, ...] = ()
    unread: tuple[TextLine, ...] = ()
    notes: tuple[str, ...] = field(default=())

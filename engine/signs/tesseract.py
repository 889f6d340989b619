"""Reads with Tesseract, where it is installed, the lines that PP-OCR cannot read: other scripts.

Tesseract is a program of its own (Debian: ``tesseract-ocr`` with ``tesseract-ocr-script-cyrl`` and so on, Apache-2.0);
nothing of it ships here. It gets one line at a time, cut out and enlarged.
"""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO

from PIL import Image

from engine.signs.lines import TextLine
from engine.signs.reader import Pixels
from engine.signs.scripts import main_script

TIMEOUT_S = 20.0
"""Seconds for one line."""

HEIGHT = 64
"""Pixels that a line is enlarged to; Tesseract wants capitals of 20 to 40."""

MARGIN = 0.15
"""Of the height of a line, left around it."""

SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "Cyrl": ("Cyrillic", "rus"), "Arab": ("Arabic", "ara"), "Hang": ("Hangul", "kor"), "Thai": ("Thai", "tha"),
    "Laoo": ("Lao", "lao"), "Deva": ("Devanagari", "hin"), "Beng": ("Bengali", "ben"), "Taml": ("Tamil", "tam"),
    "Telu": ("Telugu", "tel"), "Knda": ("Kannada", "kan"), "Mlym": ("Malayalam", "mal"), "Gujr": ("Gujarati", "guj"),
    "Guru": ("Gurmukhi", "pan"), "Orya": ("Oriya", "ori"), "Sinh": ("Sinhala", "sin"), "Mymr": ("Myanmar", "mya"),
    "Khmr": ("Khmer", "khm"), "Hebr": ("Hebrew", "heb"), "Grek": ("Greek", "ell"), "Geor": ("Georgian", "kat"),
    "Armn": ("Armenian", "hye"), "Ethi": ("Ethiopic", "amh"), "Tibt": ("Tibetan", "bod"), "Thaa": ("Thaana", "div"),
}  # fmt: skip
"""Names of Tesseract's models by the code of ``script_head``: that of the whole script first, then of a language."""


@dataclass(frozen=True)
class Tesseract:
    """The program on this machine.

    Attributes:
        program: its path.
        models: names of the models that it has, for instance ``"script/Cyrillic"`` and ``"rus"``.
    """

    program: str
    models: frozenset[str]

    def model_of(self, script: str) -> str | None:
        """The model for a script, or None."""
        named = SCRIPTS.get(script, ())
        wanted = [f"script/{name}" for name in named[:1]] + list(named)
        return next((name for name in wanted if name in self.models), None)

    def read(self, pixels: Pixels, line: TextLine) -> TextLine:
        """The line with its text, or as it was where the script has no model or nothing was read.

        Args:
            pixels: of the whole photo, ``(rows, columns, 3)``, RGB.
            line: one that PP-OCR could not read.
        """
        model = self.model_of(line.script)
        if model is None:
            return line
        words = words_of(self._table(_cut(pixels, line), model))
        text = " ".join(word for word, _ in words)
        if not words or main_script(text) not in {line.script, {"Hang": "Kore"}.get(line.script)}:
            return line
        letters = sum(len(word) for word, _ in words)
        score = sum(len(word) * sure for word, sure in words) / letters
        return replace(line, text=text, score=score, reader="Tesseract")

    def _table(self, image: bytes, model: str) -> str:
        command = [self.program, "stdin", "stdout", "-l", model, "--psm", "7", "tsv"]
        try:
            done = subprocess.run(command, input=image, capture_output=True, timeout=TIMEOUT_S, check=False)  # noqa: S603 - a program found on the path
        except (OSError, subprocess.TimeoutExpired):
            return ""
        return done.stdout.decode("utf-8", "replace")


@cache
def find_tesseract() -> Tesseract | None:
    """Tesseract on this machine with the models that it has, or None where it is not installed."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    try:
        done = subprocess.run([program, "--list-langs"], capture_output=True, timeout=TIMEOUT_S, check=False)  # noqa: S603 - a program found on the path
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    return Tesseract(program, frozenset(line.strip() for line in lines[1:] if line.strip()))


def words_of(table: str) -> Sequence[tuple[str, float]]:
    """Words of Tesseract's table and how sure it is of each, 0 to 1."""
    rows = [row.split("\t") for row in table.splitlines()]
    if not rows or "text" not in rows[0]:
        return []
    sure, text = rows[0].index("conf"), rows[0].index("text")
    words = [(row[text].strip(), float(row[sure]) / 100.0) for row in rows[1:] if len(row) == len(rows[0])]
    return [(word, score) for word, score in words if word and score >= 0.0]


def _cut(pixels: Pixels, line: TextLine) -> bytes:
    """The line as a PNG, with a margin and enlarged."""
    left, top, right, bottom = line.box.pixels(pixels.shape[1], pixels.shape[0])
    margin = round(MARGIN * (bottom - top))
    image = Image.fromarray(pixels).crop((left - margin, top - margin, right + margin, bottom + margin))
    share = HEIGHT / max(image.height, 1)
    image = image.resize((max(round(image.width * share), 1), HEIGHT), Image.Resampling.LANCZOS)
    sink = BytesIO()
    image.save(sink, "PNG")
    return sink.getvalue()

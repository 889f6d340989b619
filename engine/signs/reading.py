"""A photo's signs, read with everything that is on this machine, and what follows from them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from engine.progress import Report
from engine.signs.lines import ReadText, TextLine
from engine.signs.proposals import Proposal, propose
from engine.signs.reader import Cancelled, Pixels, TextReader
from engine.signs.tesseract import Tesseract, find_tesseract
from engine.signs.worker import WorkerReader

MOST_FOREIGN = 20
"""Lines that Tesseract reads in one photo; each takes about a third of a second."""

HELP = "the PP-OCRv5 readers of eight scripts (Models page) or Tesseract with the models of their scripts may"


@dataclass(frozen=True)
class SignReading:
    """What was read in a photo and what is proposed.

    Attributes:
        text: lines that were read, lines that could not be, and notes.
        proposals: those ticked beforehand first.
    """

    text: ReadText
    proposals: tuple[Proposal, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what was not read."""
        return (*self.text.notes, *_unread_notes(self.text.unread))


@cache
def usual_reader() -> TextReader:
    """The reader of this program: one process for all photos."""
    return WorkerReader()


def read_signs(
    pixels: Pixels,
    report: Report | None = None,
    cancelled: Cancelled | None = None,
    reader: TextReader | None = None,
) -> SignReading:
    """Reads the signs in a photo and proposes evidence; nothing leaves this machine.

    Args:
        pixels: ``(rows, columns, 3)`` uint8, RGB, as ``Photo.pixels``.
        report: hears what is being done and the share done, 0 to 1.
        cancelled: asked several times a second whether to stop.
        reader: reads the lines; by default PP-OCR in a process of its own.

    Raises:
        SignsError: it was cancelled, or the photo could not be read.
        ArtifactError: a network is missing or damaged.
    """
    read = (reader or usual_reader()).read(pixels, report, cancelled)
    text = read_foreign(read, pixels, find_tesseract())
    return SignReading(text, propose(text))


def read_foreign(read: ReadText, pixels: Pixels, tesseract: Tesseract | None) -> ReadText:
    """The text with those unread lines read that Tesseract can read."""
    if tesseract is None or not read.unread:
        return read
    tried = [tesseract.read(pixels, line) for line in read.unread[:MOST_FOREIGN]]
    lines = (*read.lines, *(line for line in tried if line.is_read))
    unread = (*(line for line in tried if not line.is_read), *read.unread[MOST_FOREIGN:])
    return replace(read, lines=tuple(sorted(lines, key=lambda line: (line.box.top, line.box.left))), unread=unread)


def _unread_notes(unread: Sequence[TextLine]) -> tuple[str, ...]:
    """How many lines could not be read, and what would help."""
    if not unread:
        return ()
    number = "1 line is" if len(unread) == 1 else f"{len(unread)} lines are"
    return (f"{number} in letters that PP-OCRv6 cannot read; {HELP}.",)

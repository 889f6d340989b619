"""Reads signs with PP-OCRv6: finds lines, reads them, and says which of them it cannot read.

Networks come in the wheel of RapidOCR: nothing is fetched. Bounded whatever the photo: at most ``MOST_LINES`` lines,
the tallest first, and at most ``MOST_SECONDS``; what was left out is said in a note.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.errors import ArtifactError, SignsError
from engine.progress import Report
from engine.signs.lines import Box, ReadText, TextLine, box_around
from engine.signs.reader import Cancelled, Pixels
from engine.signs.recognizer import BATCH, Crop, ReadCrop, Recognizer, model_path, session_options
from engine.signs.script_head import NOTHING, load_script_head
from engine.signs.script_models import ScriptReaders

LONGEST_SIDE = 2048
"""Pixels that are looked at along the longer side, as ``Photo.pixels`` has them; more reads no more signs."""

SMALLEST_SIDE = 16
"""Pixels; a smaller picture holds no letters."""

MOST_LINES = 300
"""Lines that are read; a street has twenty, a page of a newspaper 300."""

SHORT_SIDE = 736
"""Pixels that a smaller photo's shorter side is brought to before lines are looked for, as RapidOCR does."""

MOST_FOUND = 5000
"""Outlines that the detector follows up before the tallest are chosen."""

MOST_SECONDS = 60.0
"""After so long the lines read by then are what there is."""

SHORTEST_LINE = 8
"""Pixels of height under which nothing is read: letters of 5 pixels are guesses."""

SURE_UPRIGHT = 0.8
"""A line read with a lower score is tried upside down too, and taken so where that is read with a higher one."""

LEAST_SCORE = 0.5
"""A line of a lower score is not kept: it is no text, or cannot be read."""

LEAST_READABLE = 0.5
"""A line that is readable with a lower probability counts as not read, whatever it was read as."""

TEXT_SCORE = 0.3
"""Score of the detector from which a pixel is text, as RapidOCR has it."""

CROWDED = 0.3
"""Share of a photo that is text from which lines run into each other."""

LEAST_OF_CROWD = 20
"""Lines that such a photo has where they can be told apart."""

BLANK_SPREAD = 2.0
"""A photo whose grey values spread less, in 0 to 255, is of one colour."""


@dataclass(frozen=True, eq=False)
class _Found:
    """Where a line was found and the line itself, turned upright."""

    box: Box
    crop: Crop


class PpOcrReader:
    """Reads in this process; ``worker.WorkerReader`` does so in one of its own. Networks load when first needed."""

    def __init__(self, threads: int = 2, scripts: ScriptReaders | None = None) -> None:
        """Keep what reads.

        Args:
            threads: that read.
            scripts: reads what PP-OCRv6 cannot; by default with the networks in the store.
        """
        self._threads = threads
        self._scripts = scripts or ScriptReaders(threads)
        self._detector: _Detector | None = None
        self._recognizer: Recognizer | None = None

    def read(self, pixels: Pixels, report: Report | None = None, cancelled: Cancelled | None = None) -> ReadText:
        """See ``reader.TextReader``."""
        tell = report or (lambda _what, _share: None)
        if min(pixels.shape[:2]) < SMALLEST_SIDE:
            size = f"{pixels.shape[1]} x {pixels.shape[0]}"
            return ReadText(notes=(f"The photo has {size} pixels, too few to read text in; use a larger version.",))
        if float(pixels[::4, ::4].std()) < BLANK_SPREAD:
            return ReadText(notes=("The photo is of one colour; there is no text to read.",))
        tell("Looking for text", 0.0)
        image = _scaled(pixels)
        found, notes = self._find(image)
        _check(cancelled)
        return self._read_lines(found, notes, tell, cancelled)

    def _find(self, image: Crop) -> tuple[list[_Found], tuple[str, ...]]:
        self._detector = self._detector or _Detector(self._threads)
        return self._detector.find(image)

    def _read_lines(
        self, found: Sequence[_Found], notes: tuple[str, ...], tell: Report, cancelled: Cancelled | None
    ) -> ReadText:
        if not found:
            return ReadText(notes=notes)
        self._recognizer = self._recognizer or Recognizer(self._threads)
        end, lines = time.monotonic() + MOST_SECONDS, []
        for start in range(0, len(found), BATCH):
            tell(f"Reading line {start + 1} of {len(found)}", 0.3 + 0.7 * start / len(found))
            _check(cancelled)
            if time.monotonic() > end:
                left = f"{len(found) - start} of {len(found)}"
                notes += (f"Reading took over {MOST_SECONDS:.0f} s and was ended with {left} lines not read.",)
                break
            lines += self._read_some(found[start : start + BATCH])
        lines.sort(key=lambda line: (line.box.top, line.box.left))
        read = tuple(line for line in lines if line.is_read)
        return ReadText(read, tuple(line for line in lines if not line.is_read), notes)

    def _read_some(self, found: Sequence[_Found]) -> list[TextLine]:
        assert self._recognizer is not None  # noqa: S101 - made by the caller
        read = self._recognizer.read([each.crop for each in found])
        unsure = [number for number, each in enumerate(read) if each.score < SURE_UPRIGHT]
        turned = self._recognizer.read([np.ascontiguousarray(found[number].crop[::-1, ::-1]) for number in unsure])
        for number, other in zip(unsure, turned, strict=True):
            if other.score >= SURE_UPRIGHT and _is_readable(other):
                read[number] = other
        lines = [(_line(each, crop), each.crop) for each, crop in zip(found, read, strict=True)]
        return [line if line.is_read else self._scripts.read(line, crop) for line, crop in lines if line is not None]


def _is_readable(read: ReadCrop) -> bool:
    return load_script_head().guess(read.features).readable >= LEAST_READABLE


def _line(found: _Found, read: ReadCrop) -> TextLine | None:
    """The line as read, as not read, or None for what is no text."""
    guess = load_script_head().guess(read.features)
    is_read = guess.readable >= LEAST_READABLE
    text = read.text.strip() if is_read else ""
    if guess.script == NOTHING or (is_read and (read.score < LEAST_SCORE or not text)):
        return None
    rows, columns = found.crop.shape[:2]
    return TextLine(text, read.score, found.box, "PP-OCR", guess.script, guess.probability, columns / rows)


class _Detector:
    """Finds lines of text; loads its network when it is made."""

    def __init__(self, threads: int) -> None:
        from onnxruntime import InferenceSession
        from rapidocr.ch_ppocr_det.utils import DBPostProcess

        path = str(model_path("PP-OCRv6_det_small.onnx"))
        try:
            self._session = InferenceSession(path, session_options(threads), providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises classes of its own
            raise ArtifactError("The network that finds text is damaged; install rapidocr again.") from error
        # Thresholds as RapidOCR 3 has them in its config.yaml.
        self._boxes = DBPostProcess(0.3, 0.5, MOST_FOUND, 1.6, use_dilation=True)

    def find(self, image: Crop) -> tuple[list[_Found], tuple[str, ...]]:
        """Lines of a BGR picture, the tallest first, and a note where some are left out."""
        quads, share = self._quads(image)
        heights = [min(_side(quad, 0, 3), _side(quad, 0, 1)) for quad in quads]
        tall = [number for number, height in enumerate(heights) if height >= SHORTEST_LINE]
        tall.sort(key=lambda number: -heights[number])
        lines = (_found(image, quads[number]) for number in tall[:MOST_LINES])
        return [line for line in lines if line is not None], _left_out(len(quads), len(tall), share)

    def _quads(self, image: Crop) -> tuple[npt.NDArray[np.float32], float]:
        """``(lines, 4, 2)`` corners in pixels, from the upper left one clockwise, and the share that is text."""
        from rapidocr.ch_ppocr_det.utils import DetPreProcess

        half = [0.5, 0.5, 0.5]
        prepared = DetPreProcess(_short_side(image), "min", half, half)(image)
        scores = self._session.run(None, {self._session.get_inputs()[0].name: prepared})[0]
        boxes, _ = self._boxes(scores, image.shape[:2])
        return np.asarray(boxes, np.float32).reshape(-1, 4, 2), float((scores > TEXT_SCORE).mean())


def _short_side(image: Crop) -> int:
    """What the shorter side is brought to at least; a strip does not become longer than a photo for it."""
    short, long = sorted(image.shape[:2])
    return min(SHORT_SIDE, max(LONGEST_SIDE * int(short) // int(long), 32))


def _found(image: Crop, quad: npt.NDArray[np.float32]) -> _Found | None:
    from rapidocr.utils.process_img import get_rotate_crop_image

    box = box_around(((float(x), float(y)) for x, y in quad), image.shape[1], image.shape[0])
    crop = np.ascontiguousarray(get_rotate_crop_image(image, quad)) if box is not None else image[:0]
    return _Found(box, crop) if box is not None and crop.size else None


def _left_out(all_lines: int, tall: int, share: float) -> tuple[str, ...]:
    notes = []
    if share >= CROWDED and tall < LEAST_OF_CROWD:
        notes.append(f"Text covers {share:.0%} of the photo, too small and dense to tell lines apart; crop closer.")
    if tall > MOST_LINES:
        notes.append(f"The photo has about {tall:,} lines of text; the {MOST_LINES} largest were read.")
    if all_lines > tall:
        notes.append(
            f"{all_lines - tall:,} lines are lower than {SHORTEST_LINE} pixels and were not read; crop closer."
        )
    return tuple(notes)


def _side(quad: npt.NDArray[np.float32], first: int, second: int) -> float:
    return float(np.linalg.norm(quad[first] - quad[second]))


def _scaled(pixels: Pixels) -> Crop:
    """BGR, at most ``LONGEST_SIDE`` on the longer side."""
    import cv2

    image = np.ascontiguousarray(pixels[:, :, ::-1])
    share = LONGEST_SIDE / max(image.shape[:2])
    if share < 1.0:
        size = max(round(image.shape[1] * share), 1), max(round(image.shape[0] * share), 1)
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return image


def _check(cancelled: Cancelled | None) -> None:
    if cancelled is not None and cancelled():
        raise SignsError("Reading signs was stopped; start it again to read the photo.")

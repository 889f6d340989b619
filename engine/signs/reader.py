"""What reads text in a photo: one method, so that another engine can take the place of PP-OCR."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.progress import Report
from engine.signs.lines import ReadText

Pixels = npt.NDArray[np.uint8]
"""``(rows, columns, 3)``, RGB, as ``Photo.pixels``."""

Cancelled = Callable[[], bool]


class TextReader(Protocol):
    """Reads the text in photos. May be called from any thread, one photo at a time."""

    def read(self, pixels: Pixels, report: Report | None = None, cancelled: Cancelled | None = None) -> ReadText:
        """Finds and reads lines of text.

        Args:
            pixels: ``(rows, columns, 3)`` uint8, RGB.
            report: hears what is being done and the share done, 0 to 1.
            cancelled: asked now and then whether to stop.

        Raises:
            SignsError: it was cancelled, or the photo cannot be read.
            ArtifactError: a network is missing or damaged.
        """
        ...

"""A photo, decoded and safe. STUB: replaced by the helper that owns it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Photo:
    """Decoded RGB pixels with name, sha256 and EXIF facts."""

    name: str
    sha256: str
    pixels: npt.NDArray[np.uint8]

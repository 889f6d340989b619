"""Photos of text, rendered in DejaVu Sans, which comes with matplotlib and has many scripts."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont


def font(size, name="DejaVuSans"):
    """A font of matplotlib's."""
    folder = Path(find_spec("matplotlib").origin).parent / "mpl-data" / "fonts" / "ttf"
    return ImageFont.truetype(folder / f"{name}.ttf", size)


def page(lines, size=18, columns=3, step=None, name="DejaVuSans", ink=(20, 20, 20), ground=(238, 238, 230)):
    """``(rows, columns, 3)``: the lines in columns, from left to right and top to bottom."""
    step = step or round(2.4 * size)
    wide = round(max(font(size, name).getlength(line) for line in lines)) + 3 * size
    rows = -(-len(lines) // columns)
    image = Image.new("RGB", (columns * wide + size, rows * step + 2 * size), ground)
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        draw.text((size + number % columns * wide, size + number // columns * step), line, ink, font(size, name))
    return np.asarray(image)

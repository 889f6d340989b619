"""The icon of the browser's tab, drawn here: Streamlit fetches named icons from another host."""

from functools import cache

from PIL import Image, ImageDraw


@cache
def page_icon() -> Image.Image:
    """A globe with a search region."""
    icon = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    pen = ImageDraw.Draw(icon)
    pen.ellipse((4, 4, 60, 60), fill=(11, 60, 93, 255), outline=(76, 201, 240, 255), width=3)
    pen.ellipse((20, 4, 44, 60), outline=(76, 201, 240, 150), width=2)
    pen.line((4, 32, 60, 32), fill=(76, 201, 240, 150), width=2)
    pen.polygon([(34, 16), (50, 20), (47, 33), (36, 30)], fill=(252, 165, 10, 255))
    return icon

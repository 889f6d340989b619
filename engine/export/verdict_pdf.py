"""The verdict on a claimed place as PDF: A4, licences on a last page of their own.

The letters are DejaVu Sans, which comes with matplotlib: Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew, and Arabic
without joined letters. Chinese, Japanese, Korean, Thai and the scripts of India are missing; each of their letters
becomes a box, and the page says so.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.export.contents import Contents
from engine.export.verdict_page import COLUMNS, METHOD, TITLES, VerdictPage, verdict_page

FONT = "DejaVu"
MISSING = "□"
MISSING_NOTE = f"{MISSING}: a letter that this file has no font for; the HTML page shows it."
_WIDTHS = (30, 38, 40, 20, 34, 22)
_INK, _QUIET = (22, 32, 44), (86, 100, 116)


def verdict_pdf(contents: Contents) -> bytes:
    """The page as PDF.

    Raises:
        InputError: no claimed location is in the contents.
    """
    page = verdict_page(contents)
    paper = _Paper()
    paper.write_line(page.title, 15, bold=True)
    paper.write_line(page.place, 8.5, quiet=True)
    paper.write_line(page.headline, 11.5, bold=True, gap=2)
    if page.analyst:
        paper.write_line(page.analyst, 9)
    _draw_pictures(paper, page)
    for source, title in TITLES.items():
        rows = page.rows(source)
        if rows:
            paper.write_line(title, 10, bold=True, gap=2)
            paper.draw_table(rows)
    if page.next_steps:
        paper.write_line("What would settle it next", 10, bold=True, gap=2)
        paper.write_list(page.next_steps)
    paper.write_line("Where it stands on the map", 10, bold=True, gap=2)
    paper.write_line(" ".join(page.notes), 8)
    paper.write_line("Method", 10, bold=True, gap=2)
    paper.write_list(METHOD)
    paper.write_line(page.limits, 8)
    _draw_licences(paper, page)
    return paper.finish()


def _draw_pictures(paper: "_Paper", page: VerdictPage) -> None:
    paper.draw_pictures(page.map_jpeg, page.photo_jpeg)
    paper.write_line("Blue: search region. ?: claimed location. Relief: Natural Earth.", 7.5, quiet=True)


def _draw_licences(paper: "_Paper", page: VerdictPage) -> None:
    paper.pdf.add_page()
    paper.write_line("Sources and licences", 12, bold=True)
    for row in page.sources:
        paper.write_line(f"{row['title']}: {row['source']} Licence: {row['licence']}", 7.5)
    paper.write_line(page.digests, 7, quiet=True)
    paper.write_line(page.made, 7, quiet=True)


class _Paper:
    """A4 with the fonts of the page; replaces letters that they lack."""

    def __init__(self) -> None:
        import matplotlib as mpl
        from fpdf import FPDF

        fonts = Path(mpl.get_data_path()) / "fonts" / "ttf"
        self.pdf = FPDF(format="A4")
        self.pdf.set_margins(13, 12)
        self.pdf.set_auto_page_break(True, margin=12)
        self.pdf.add_font(FONT, "", fonts / "DejaVuSans.ttf")
        self.pdf.add_font(FONT, "B", fonts / "DejaVuSans-Bold.ttf")
        self.pdf.set_title("Verdict on a claimed location")
        self.pdf.add_page()
        self._known: Any = getattr(self.pdf.fonts[FONT.lower()], "cmap", {})
        self.lacks_letters = False

    def shown(self, text: str) -> str:
        """The text with a box for each letter that the font lacks."""
        found = "".join(letter if ord(letter) in self._known or letter.isspace() else MISSING for letter in text)
        self.lacks_letters |= found != text
        return found

    def write_line(self, text: str, size: float, *, bold: bool = False, quiet: bool = False, gap: float = 0.8) -> None:
        """A paragraph over the whole width."""
        self.pdf.ln(gap)
        self.pdf.set_font(FONT, "B" if bold else "", size)
        self.pdf.set_text_color(*(_QUIET if quiet else _INK))
        self.pdf.multi_cell(0, size * 0.47, self.shown(text), align="L", new_x="LMARGIN", new_y="NEXT")

    def write_list(self, lines: Sequence[str]) -> None:
        """Short paragraphs with bullets."""
        for line in lines:
            self.write_line(f"• {line}", 8, gap=0.3)

    def draw_table(self, rows: Sequence[Sequence[str]]) -> None:
        """Rows below the titles of the columns."""
        self.pdf.set_font(FONT, "", 7)
        self.pdf.set_text_color(*_INK)
        with self.pdf.table(
            col_widths=_WIDTHS, line_height=3.3, text_align="LEFT", borders_layout="HORIZONTAL_LINES", padding=0.4
        ) as table:
            for cells in (COLUMNS, *rows):
                row = table.row()
                for cell in cells:
                    row.cell(self.shown(cell))

    def draw_pictures(self, map_jpeg: bytes, photo_jpeg: bytes | None) -> None:
        """The map, and the photo beside it."""
        top, wide = self.pdf.get_y() + 2, 115.0 if photo_jpeg is not None else 135.0
        self.pdf.image(io.BytesIO(map_jpeg), x=self.pdf.l_margin, y=top, w=wide)
        if photo_jpeg is not None:
            left = self.pdf.l_margin + wide + 4
            room = self.pdf.w - self.pdf.r_margin - left
            self.pdf.image(io.BytesIO(photo_jpeg), x=left, y=top, w=room, h=wide * 0.56, keep_aspect_ratio=True)
        self.pdf.set_y(top + wide * 0.56)

    def finish(self) -> bytes:
        """The file."""
        if self.lacks_letters:
            self.write_line(MISSING_NOTE, 7, quiet=True)
        data = bytes(self.pdf.output())
        self.close()
        return data

    def close(self) -> None:
        """Close the files of the fonts, which the library leaves open."""
        for font in self.pdf.fonts.values():
            ttfont = getattr(font, "ttfont", None)
            if ttfont is not None:
                ttfont.close()

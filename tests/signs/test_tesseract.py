import stat
import sys

import numpy as np
import pytest

from engine.signs import tesseract
from engine.signs.lines import Box, ReadText, TextLine
from engine.signs.reading import MOST_FOREIGN, SignReading, read_foreign, read_signs
from engine.signs.tesseract import Tesseract, find_tesseract, words_of
from engine.testing.signs import KnownReader, known_text

HEAD = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"
ROWS = [(1, -1, ""), (5, 96.5, "Обмен"), (5, 84, "валюты")]
TABLE = "\n".join([HEAD, *(f"{level}\t1\t1\t1\t1\t1\t0\t0\t9\t9\t{sure}\t{text}" for level, sure, text in ROWS)])
PIXELS = np.full((200, 400, 3), 220, np.uint8)


def unread(script="Cyrl", top=0.1):
    return TextLine("", 0.5, Box(0.1, top, 0.9, top + 0.05), "PP-OCR", script, 0.99)


@pytest.fixture
def program(tmp_path, monkeypatch):
    """A program that answers as Tesseract does and keeps what it was called with."""
    path = tmp_path / "tesseract"
    path.write_text(
        f"#!{sys.executable}\nimport sys\n"
        f"open({str(tmp_path / 'called')!r}, 'a').write(' '.join(sys.argv[1:]) + chr(10))\n"
        "if '--list-langs' in sys.argv:\n    print('List of available languages (3):\\nrus\\nscript/Cyrillic\\neng')\n"
        f"else:\n    assert sys.stdin.buffer.read(4) == b'\\x89PNG'\n    print({TABLE!r})\n"
    )
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setattr(tesseract.shutil, "which", lambda _name: str(path))
    find_tesseract.cache_clear()
    yield tmp_path / "called"
    find_tesseract.cache_clear()


def test_words_and_scores_come_out_of_its_table():
    assert words_of(TABLE) == [("Обмен", 0.965), ("валюты", 0.84)]
    assert words_of("") == [] and words_of("no table at all") == [] and words_of(f"{HEAD}\nshort") == []


def test_a_line_is_read_with_the_model_of_its_script(program):
    line = find_tesseract().read(PIXELS, unread())
    assert (line.text, line.reader, line.box) == ("Обмен валюты", "Tesseract", unread().box)
    assert line.score == pytest.approx((5 * 0.965 + 6 * 0.84) / 11)
    assert program.read_text().splitlines()[-1] == "stdin stdout -l script/Cyrillic --psm 7 tsv"


def test_a_script_without_a_model_and_letters_of_another_script_stay_unread(program):
    found = find_tesseract()
    assert found.read(PIXELS, unread("Thai")) == unread("Thai")
    greek = Tesseract(found.program, frozenset({"ell"}))
    assert greek.read(PIXELS, unread("Grek")) == unread("Grek"), "it reads Cyrillic letters"


def test_the_model_of_a_language_serves_where_that_of_the_script_is_missing():
    assert Tesseract("", frozenset({"rus"})).model_of("Cyrl") == "rus"
    assert Tesseract("", frozenset({"rus", "script/Cyrillic"})).model_of("Cyrl") == "script/Cyrillic"
    assert Tesseract("", frozenset({"eng"})).model_of("Cyrl") is None


@pytest.mark.parametrize("program_path", ["/nowhere/tesseract", "/bin/false"])
def test_a_program_that_fails_reads_nothing(program_path):
    assert Tesseract(program_path, frozenset({"rus"})).read(PIXELS, unread()) == unread()


def test_without_the_program_lines_stay_unread(monkeypatch):
    monkeypatch.setattr(tesseract.shutil, "which", lambda _name: None)
    find_tesseract.cache_clear()
    assert find_tesseract() is None
    find_tesseract.cache_clear()
    text = ReadText(unread=(unread(),))
    assert read_foreign(text, PIXELS, None) == text
    (note,) = SignReading(text, ()).notes
    assert note.startswith("1 line is in letters that PP-OCRv6 cannot read; the PP-OCRv5 readers")


def test_read_lines_take_their_place_among_the_others(program):
    text = ReadText(known_text("Apotheke", "Bank").lines, (unread(top=0.45), unread("Thai")))
    read = read_foreign(text, PIXELS, find_tesseract())
    assert [line.text for line in read.lines] == ["Apotheke", "Обмен валюты", "Bank"]
    assert read.unread == (unread("Thai"),)


def test_it_is_asked_for_some_lines_only(program):
    text = ReadText(unread=tuple(unread(top=number / 100) for number in range(MOST_FOREIGN + 3)))
    read = read_foreign(text, PIXELS, find_tesseract())
    assert (len(read.lines), len(read.unread)) == (MOST_FOREIGN, 3)


def test_a_photo_is_read_with_both_and_gives_proposals(program):
    reader = KnownReader(ReadText(unread=(unread(),)))
    found = read_signs(PIXELS, reader=reader)
    assert [line.reader for line in found.text.lines] == ["Tesseract"] and found.notes == ()
    assert [(each.kind, each.ticked) for each in found.proposals] == [("script", True)]

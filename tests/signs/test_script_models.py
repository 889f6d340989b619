from pathlib import Path

import numpy as np
import pytest
import rapidocr
from rendered import page

from engine.artifacts.catalog import default_catalog
from engine.signs import script_models
from engine.signs.lines import Box, TextLine
from engine.signs.ppocr import PpOcrReader
from engine.signs.recognizer import FEATURES, ReadCrop, Recognizer, model_path
from engine.signs.script_models import ARTIFACT, FILES, ScriptReaders, find_model, in_reading_order

CROP = np.full((40, 200, 3), 200, np.uint8)
LINE = TextLine("", 0.4, Box(0.1, 0.1, 0.9, 0.2), "PP-OCR", "Cyrl", 0.99)


class Known:
    """A network that reads the same in every line."""

    def __init__(self, text, score=0.95):
        self.answer = ReadCrop(text, score, np.zeros(FEATURES, np.float32))

    def read(self, crops):
        return [self.answer] * len(crops)


@pytest.fixture
def readers(monkeypatch):
    def with_answer(text, score=0.95):
        monkeypatch.setattr(script_models, "Recognizer", lambda _threads, _path: Known(text, score))
        return ScriptReaders(find=lambda script: Path(script) if script in FILES else None)

    return with_answer


def test_the_catalogue_has_the_digests_that_rapidocr_publishes():
    published = (Path(rapidocr.__file__).parent / "default_models.yaml").read_text("utf-8")
    record = default_catalog().record(ARTIFACT)
    assert {file.path for file in record.files} == set(FILES.values())
    for file in record.files:
        assert f"{record.url}/{file.path}\n        SHA256: {file.sha256}\n" in published


def test_without_the_networks_lines_stay_unread():
    assert find_model("Cyrl") is None and find_model("Latn") is None
    assert ScriptReaders().read(LINE, CROP) == LINE


def test_a_line_is_read_with_the_network_of_its_script(readers):
    found = readers("Обмен валюты").read(LINE, CROP)
    assert (found.text, found.score, found.reader, found.box) == ("Обмен валюты", 0.95, "PP-OCRv5", LINE.box)


@pytest.mark.parametrize(("text", "score"), [("Обмен", 0.79), ("Hello", 0.99), ("", 0.99)])
def test_what_is_unsure_or_of_another_script_stays_unread(readers, text, score):
    assert readers(text, score).read(LINE, CROP) == LINE


def test_letters_that_run_to_the_left_are_put_in_order(readers):
    assert in_reading_order("42 بلح") == "حلب 42"
    line = TextLine("", 0.4, LINE.box, "PP-OCR", "Arab", 0.99)
    assert readers("بلح").read(line, CROP).text == "حلب"


def test_the_reader_hands_over_what_it_cannot_read(readers):
    mine = PpOcrReader(1, readers("Осторожно"))
    (line,) = mine.read(page(["Осторожно злая собака", "Bahnhof"], size=30, columns=1)).lines[:1]
    assert (line.text, line.reader) == ("Осторожно", "PP-OCRv5")


def test_another_network_of_pp_ocr_can_be_read_with():
    crop = np.ascontiguousarray(page(["Apotheke"], 30, 1)[20:70, 20:, ::-1])
    (found,) = Recognizer(1, model_path("PP-OCRv6_rec_small.onnx")).read([crop])
    assert found.text == "Apotheke" and not found.features.any()

import io
import json
import sys

import numpy as np
import pytest
from rendered import page

from engine.errors import ArtifactError, SignsError
from engine.signs import worker
from engine.signs.lines import Box, ReadText, TextLine
from engine.signs.worker import WorkerReader, read_photo, serve, text_from_json, text_to_json, write_photo
from engine.testing.signs import KnownReader, known_text

TEXT = ReadText(
    known_text("Łódź", "北京").lines,
    (TextLine("", 0.4, Box(0.1, 0.1, 0.2, 0.2), "PP-OCR", "Thai", 0.9),),
    ("One note.",),
)


def photo(rows=40, columns=30):
    return np.random.default_rng(0).integers(0, 255, (rows, columns, 3)).astype(np.uint8)


def test_photos_go_through_a_pipe_byte_for_byte():
    sink = io.BytesIO()
    for pixels in (photo(), photo(3, 5)[:, ::-1]):
        write_photo(sink, pixels)
    sink.seek(0)
    assert np.array_equal(read_photo(sink), photo())
    assert np.array_equal(read_photo(sink), photo(3, 5)[:, ::-1])
    assert read_photo(sink) is None


def test_a_photo_that_is_cut_short_is_none():
    sink = io.BytesIO()
    write_photo(sink, photo())
    assert read_photo(io.BytesIO(sink.getvalue()[:-1])) is None


def test_text_goes_through_json():
    assert text_from_json(json.loads(json.dumps(text_to_json(TEXT)))) == TEXT


def served(reader, *photos):
    source, sink = io.BytesIO(), io.BytesIO()
    for pixels in photos:
        write_photo(source, pixels)
    source.seek(0)
    serve(source, sink, reader)
    return [json.loads(line) for line in sink.getvalue().splitlines()]


def test_it_answers_one_photo_after_the_other_and_reports():
    reader = KnownReader(TEXT)
    messages = served(reader, photo(), photo(7, 9))
    assert reader.shapes == [(40, 30, 3), (7, 9, 3)]
    assert [set(message) for message in messages] == [{"what", "share"}, {"lines", "unread", "notes"}] * 2
    assert text_from_json(messages[1]) == TEXT


class Failing:
    def __init__(self, error):
        self.error = error

    def read(self, pixels, report=None, cancelled=None):
        raise self.error


def test_what_fails_is_a_sentence_and_the_next_photo_is_read():
    assert served(Failing(ArtifactError("It is damaged.")), photo(), photo()) == [{"error": "It is damaged."}] * 2
    assert "too little memory" in served(Failing(MemoryError()), photo())[0]["error"]


PROCESS = """
import sys, time
from engine.signs.worker import serve
from engine.testing.signs import KnownReader, known_text
{}
serve(sys.stdin.buffer, sys.stdout.buffer, KnownReader(known_text("Apotheke")))
"""


@pytest.fixture
def reader(monkeypatch):
    """A reader whose process runs a program of the test's."""
    made = []

    def with_program(before=""):
        monkeypatch.setattr(worker, "COMMAND", (sys.executable, "-c", PROCESS.format(before)))
        made.append(WorkerReader())
        return made[-1]

    yield with_program
    for each in made:
        each.close()


def test_it_reads_in_another_process_and_keeps_it(reader):
    mine, heard = reader(), []
    assert mine.pid is None
    assert mine.read(photo(), lambda what, share: heard.append(what)).lines[0].text == "Apotheke"
    pid = mine.pid
    assert pid is not None and mine.read(photo()).lines and mine.pid == pid
    assert heard == ["Looking for text"]
    mine.close()
    assert mine.pid is None
    assert mine.read(photo()).lines[0].text == "Apotheke" and mine.pid not in {None, pid}


def test_cancelling_ends_the_process_at_once_and_the_next_photo_starts_another(reader):
    mine = reader("time.sleep(3600)")
    with pytest.raises(SignsError, match="Reading signs was stopped"):
        mine.read(photo(), cancelled=lambda: True)
    assert mine.pid is None


def test_a_process_that_dies_is_one_sentence(reader):
    with pytest.raises(SignsError, match="ended, perhaps for lack of memory"):
        reader("sys.exit(9)").read(photo())


def test_a_process_that_takes_too_long_is_ended(reader, monkeypatch):
    monkeypatch.setattr(worker, "LONGEST_S", 0.0)
    with pytest.raises(SignsError, match="Reading signs was ended after 0 s"):
        reader("time.sleep(3600)").read(photo())


def test_a_process_that_cannot_start_is_one_sentence(reader, monkeypatch):
    mine = reader()
    monkeypatch.setattr(worker, "COMMAND", ("/nowhere/at/all",))
    with pytest.raises(SignsError, match="could not be started"):
        mine.read(photo())


def test_it_ends_when_it_is_idle(reader, monkeypatch):
    monkeypatch.setattr(worker, "IDLE_S", 0.01)
    mine = reader()
    mine.read(photo())
    mine._idle.join(10)
    assert mine.pid is None


def test_only_what_is_looked_at_goes_through_the_pipe():
    assert worker._shrunk(np.zeros((3000, 6000, 3), np.uint8)).shape == (1024, 2048, 3)
    assert np.array_equal(worker._shrunk(photo()), photo())


def test_the_process_of_the_product_reads_signs():
    mine = WorkerReader()
    try:
        assert [line.text for line in mine.read(page(["Einfahrt freihalten"], 30, 1)).lines] == ["Einfahrt freihalten"]
    finally:
        mine.close()

"""Two hundred hostile strings through every field of the Tile search, Evaluate and Models pages."""

import csv
import io
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

sys.path.insert(0, str(Path(__file__).parent))  # tests are no packages; this folder's helper is still one file

from hostile_pages import SENT, bare, refusals

from dashboard.common import jobs, state
from dashboard.evaluate import results as evaluate_results
from dashboard.evaluate import tables as evaluate_tables
from dashboard.evaluate import worker as evaluate_work
from dashboard.tile_search import setup as search_setup
from dashboard.tile_search import source as search_source
from engine.errors import HereaboutsError
from engine.evaluation.manifest import read_manifest
from engine.export.texts import FORMULA_STARTS

MARKED = tuple(f"Q{number}{text}Z" for number, text in enumerate(SENT))
TOO_LONG = ("x" * 256, "x" * 300 + ".pmtiles", "é" * 130, "a/" * 600)
"""Names that no file system takes, and a path longer than any."""

SETUP = "from dashboard.tile_search import setup as search_setup; search_setup.show(None, ready=True)"
EVALUATE = "from dashboard.evaluate import screen as evaluate; evaluate.show()"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch, locator):
    """Folders and jobs of this test alone, and an empty folder to stand in: nothing may be written into it."""
    stand = tmp_path / "stand"
    stand.mkdir()
    monkeypatch.chdir(stand)
    monkeypatch.setenv("HEREABOUTS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HEREABOUTS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("HEREABOUTS_RECORDS", str(tmp_path / "records"))
    monkeypatch.setattr("dashboard.common.services.locator", lambda: locator)
    for module in ("evaluate.worker", "evaluate.progress"):
        monkeypatch.setattr(f"dashboard.{module}.JOBS", jobs.Jobs())
    yield
    assert list(stand.iterdir()) == []


def ran(page):
    page.run()
    assert not page.exception
    return page


def opened(script, **session):
    page = AppTest.from_string(script, default_timeout=60)
    for key, value in session.items():
        page.session_state[key] = value
    return ran(page)


@pytest.mark.parametrize(
    ("source", "key"), [(search_source.FILE, state.SEARCH_FILE), (search_source.TEMPLATE, state.SEARCH_TEMPLATE)]
)
def test_imagery_of_any_name_gets_one_sentence(source, key):
    page = opened(SETUP, **{state.SEARCH_SOURCE: source, state.SEARCH_AGREED: True})
    for text in (*MARKED, *TOO_LONG):
        page.text_input(key=key).set_value(text)
        assert len(refusals(ran(page))) == 1 and not bare(page, text)
    for text in SENT[::10]:
        page.text_input(key=key).set_value(text)
        assert len(refusals(ran(page))) == bool(text.strip())


def test_encoders_and_points_of_any_name_are_asked_for_only_when_a_search_starts():
    page = opened(SETUP, **{state.SEARCH_METHOD: search_setup.ATTACHED, state.SEARCH_POINT: "typed"})
    for text in MARKED[::2]:
        page.text_input(key=state.SEARCH_ENCODERS).set_value(text)
        page.text_input(key=state.SEARCH_TYPED).set_value(text)
        assert not refusals(ran(page)) and not bare(page, text)


def test_results_in_a_folder_of_any_name_get_one_sentence():
    page = opened(EVALUATE)
    for text in (*MARKED, *TOO_LONG):
        page.text_input(key=state.EVALUATE_FOLDER).set_value(text)
        assert len(refusals(ran(page))) == 1 and not bare(page, text)


def test_a_manifest_of_any_name_gets_one_sentence_and_writes_nothing():
    page = opened(EVALUATE, **{state.EVALUATE_SOURCE: "Evaluate a manifest"})
    for text in (*MARKED, *TOO_LONG):
        page.text_input(key=state.EVALUATE_MANIFEST).set_value(text)
        page.text_input(key=state.EVALUATE_OUT).set_value(text)
        ran(page).button(key="start_evaluate").click()
        assert len(refusals(ran(page))) == 1 and not bare(page, text)
    assert evaluate_work.job() is None


def test_an_uploaded_manifest_is_kept_in_the_folder_of_the_results_whatever_it_is_called(tmp_path):
    for text in SENT:
        out = evaluate_work.default_out(text)
        assert out.parent == tmp_path / "data" / "evaluations"
        path = evaluate_work.saved_upload(b"id,lat,lon\na,1,2\n", f"{text}.csv", tmp_path / "chosen")
        assert path.parent == tmp_path / "chosen" and path.suffix == ".csv" and path.name.isprintable()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["chosen", "stand"]


def test_photos_of_any_name_in_a_manifest_are_read_or_refused_in_one_sentence(tmp_path):
    path = tmp_path / "manifest.csv"
    for text in SENT:
        sink = io.StringIO()
        csv.writer(sink).writerows([("id", "lat", "lon", "path", "author", "split"), (text, 1, 2, text, text, text)])
        path.write_text(sink.getvalue(), encoding="utf-8", newline="")
        told = sentence(lambda: read_manifest(path))
        assert told == "" or (told.endswith(".") and len(told) < 300)


def test_names_of_photos_and_ensembles_are_no_formulas_in_a_table_that_is_saved():
    rows = [dict.fromkeys(("=1+1", "photo", "\r=1+1"), text) for text in SENT]
    read = list(csv.reader(io.StringIO(evaluate_tables.csv_text(rows), newline="")))
    assert len(read) == len(rows) + 1
    cells = [cell for row in read for cell in row]
    assert not any(cell.lstrip(" \u00a0").startswith(tuple(FORMULA_STARTS)) for cell in cells)


def test_folders_of_any_name_are_paths_or_get_one_sentence():
    for text in SENT:
        told = sentence(lambda text=text: evaluate_results.folder_of(text))
        assert told == "" or (told.endswith(".") and "\0" not in told and len(told) < 300)


def sentence(call):
    """Why something is refused; empty where it is not."""
    try:
        call()
    except HereaboutsError as refused:
        return str(refused)
    return ""

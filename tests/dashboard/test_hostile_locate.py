"""Two hundred hostile strings through every field and file of the Locate page: shown as they are, or one sentence."""

import io
import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from PIL import Image
from PIL.ExifTags import IFD, Base
from streamlit.testing.v1 import AppTest

sys.path.insert(0, str(Path(__file__).parent))  # tests are no packages; this folder's helper is still one file

from hostile_pages import SENT, bare, markdown, refusals

from dashboard.cases import bar as case_bar
from dashboard.common import services, state
from dashboard.evidence import draw_map
from engine.cases.case import MOST_STATEMENTS, NOTES_LIMIT, TITLE_LIMIT, Case
from engine.cases.parts import CasePhoto, CaseSettings, Provenance
from engine.cases.permalink import from_token
from engine.cases.reading import case_from_json
from engine.cases.writing import case_to_json, case_to_plain
from engine.errors import InputError
from engine.evidence.gazetteer import search
from engine.evidence.shapes.polygons import MOST_NAME, check_name
from engine.evidence.statements.areas import Circle
from engine.evidence.statements.countries import CountryFact
from engine.evidence.statements.evidence import Evidence
from engine.evidence.statements.searches import Searched
from engine.locate.locator import Locator
from engine.photos.plain import plain_text
from engine.testing import BrokenPredictor, FixedPredictor, grey_photo, make_record

PAGE = """
import streamlit as st
from dashboard.evidence import dialog as evidence_dialog
from dashboard.locate import upload
from dashboard.locate import screen as locate
with st.sidebar:
    upload.show()
locate.show()
if "open_form" in st.session_state:
    evidence_dialog.draw(st.session_state["open_form"])
"""
CLAIM = """
import streamlit as st
from dashboard.locate import claim_check
claim_check.show(st.session_state["answer"], st.session_state["region"])
"""
FACTS = """
import streamlit as st
from dashboard.locate import photo_facts
photo_facts.show(*st.session_state["shown"])
"""
DIALOG = """
import streamlit as st
from dashboard.evidence import dialog as evidence_dialog, form as evidence_form
if "form" not in st.session_state:
    st.session_state["form"] = evidence_form.begin()
evidence_dialog.draw(st.session_state["form"])
"""
MARKED = tuple(f"Q{number}{text}Z" for number, text in enumerate(SENT))
"""Between letters, so that a string of one sign is found on a page of many, and none is another's escape."""

NAMES = tuple(text for text in MARKED if len(text) <= MOST_NAME and text.isprintable())
SHORT = tuple(text for text in MARKED if len(text) <= TITLE_LIMIT)
LEFT = Evidence("e1", CountryFact("drives", "left"))
OFF = replace(LEFT, on=False)


def opened(form):
    st.session_state["open_form"] = form
    st.rerun()


@pytest.fixture(autouse=True)
def here(monkeypatch, locator, tmp_path):
    """The known world, an empty folder to stand in, and the dialog as part of the page: AppTest runs whole pages."""
    monkeypatch.setattr("dashboard.common.services.locator", lambda: locator)
    monkeypatch.setattr("dashboard.common.services.sample_photo", lambda: None)
    monkeypatch.setattr("dashboard.evidence.dialog._add", opened)
    monkeypatch.chdir(tmp_path)
    yield
    assert list(tmp_path.iterdir()) == [], "nothing is written"


@pytest.fixture
def page():
    return AppTest.from_string(PAGE, default_timeout=60)


def ran(page):
    page.run()
    assert not page.exception
    return page


def picture(**exif):
    """A small photo as bytes."""
    image, sink = Image.new("RGB", (48, 32), (90, 140, 200)), io.BytesIO()
    told = image.getexif()
    for name, value in exif.items():
        (told.get_ifd(IFD.Exif) if name == "LensModel" else told)[getattr(Base, name)] = value
    image.save(sink, "JPEG", exif=told)
    return sink.getvalue()


def uploader(page, label):
    return next(each for each in page.file_uploader if each.label == label)


def field(page, label):
    return next(each for each in (*page.text_input, *page.text_area) if each.label == label)


def open_case(page, text, name="case.json"):
    page.session_state[state.CASE_MENU] = True
    ran(page)
    uploader(page, "Open a case").set_value((name, text.encode("utf-8", "replace"), "application/json"))
    return ran(page)


def test_titles_and_notes_of_a_case_come_back_as_they_were_typed_whatever_the_address_says(page):
    page.session_state[state.CASE_MENU], page.session_state[state.EVIDENCE] = True, (OFF,)
    ran(page)
    half = -(-len(MARKED) // 2)
    for number in range(half):
        title, notes = MARKED[number], MARKED[-1 - number]
        field(page, "Title").set_value(title[:TITLE_LIMIT])
        field(page, "Notes").set_value(notes)
        page.query_params["case"], page.query_params["tile"] = SENT[number], SENT[-1 - number]
        page.query_params[SENT[number] or "x"] = SENT[number]
        assert len(refusals(ran(page))) == 1 and not bare(page, title, notes), "a link that is none"
        case = page.session_state[state.HISTORY].present
        assert case.title.startswith("Q") and case.notes.startswith("Q") and case.evidence == (OFF,)
        assert case_from_json(case_to_json(case)) == case
        assert re.fullmatch(r"[a-z0-9-]{1,40}\.case\.json", case_bar._file_name(case)), "the name of the file"


def test_a_link_of_any_text_is_refused():
    for text in SENT:
        with pytest.raises(InputError):
            from_token(text)


def test_a_title_longer_than_its_box_is_cut_and_the_page_goes_on(page):
    """A browser keeps to the limits; whoever speaks to the server without one need not."""
    page.session_state[state.CASE_TITLE], page.session_state[state.CASE_NOTES] = "x" * 4096, "y" * (NOTES_LIMIT + 1)
    ran(page)
    case = page.session_state[state.HISTORY].present
    assert (len(case.title), len(case.notes)) == (TITLE_LIMIT, NOTES_LIMIT)


def test_what_is_typed_for_a_claim_is_a_place_or_gets_one_sentence(page, locator):
    page.session_state[state.EVIDENCE] = (LEFT,)
    ran(page)
    for text in SENT[::12]:
        page.text_input(key=state.CLAIM).set_value(text)
        assert len(refusals(ran(page))) == (text != "")
    assert page.session_state[state.EVIDENCE] == (LEFT,)
    alone = AppTest.from_string(CLAIM, default_timeout=60)
    answer = locator.locate(grey_photo())
    alone.session_state["answer"], alone.session_state["region"] = answer, answer.search_map.region(budget_km2=1e5)
    ran(alone)
    for text in SENT:
        alone.text_input(key=state.CLAIM).set_value(text)
        assert len(refusals(ran(alone))) == (text != "") and not bare(alone, f"'{text}'")


def test_names_of_photos_are_shown_as_they_are(page):
    files = [(text, picture(), "image/jpeg") for text in MARKED]
    uploader(ran(page), "Drop photos here").set_value(files)
    ran(page)
    assert len(page.session_state[state.PHOTOS]) == len(files)
    assert not bare(page, *(entry.photo.name for entry in page.session_state[state.PHOTOS].values()))
    assert case_from_json(case_to_json(page.session_state[state.HISTORY].present)).photos


def test_a_file_that_is_no_photo_gets_one_sentence_whatever_it_is_called(page):
    uploader(ran(page), "Drop photos here").set_value([(text, b"no photo", "image/jpeg") for text in MARKED])
    ran(page)
    assert page.session_state[state.PHOTOS] == {} and len(refusals(page)) == len(MARKED)
    assert not bare(page, *MARKED)


def test_what_a_photo_says_of_itself_is_shown_as_it_is(page, locator):
    """Camera, lens, software and time, on the page and in what is said before somebody publishes it."""
    alone = AppTest.from_string(FACTS, default_timeout=60)
    for start in range(0, len(MARKED), 4):
        make, model, lens, software = (MARKED[start : start + 4] + MARKED[:4])[:4]
        told = {"Make": make, "Model": model, "LensModel": lens, "Software": software, "DateTime": make}
        entry = services.read_photo(picture(**told), "a.jpg")
        alone.session_state["shown"] = entry, locator.answer(entry.photo, entry.outcomes)
        assert "Camera: Q" in ran(alone).text[0].value and not bare(alone, make, model, lens, software)
    make, model, lens, software = MARKED[:4]
    told = {"Make": make, "Model": model, "LensModel": lens, "Software": software, "DateTime": make}
    uploader(ran(page), "Drop photos here").set_value(("a.jpg", picture(**told), "image/jpeg"))
    press(ran(page), "Run the check")
    assert any("Metadata in the file" in text for text in markdown(page))
    assert not page.error and not bare(page, make, model, lens, software)


def test_texts_of_a_case_file_are_shown_as_they_are(page):
    """Names of photos, of areas and of what was searched, of predictors and layers, of a newer version's fields."""
    names = [text for text in MARKED if len(text) <= 80 and plain_text(text, 80) == text]
    circles = [Circle(number % 80, 20.0, 5.0, name=name) for number, name in enumerate(NAMES[: MOST_STATEMENTS - 1])]
    stated = [Searched(circle, 0.5) if number % 3 else circle for number, circle in enumerate(circles)]
    case = Case(
        photos=tuple(CasePhoto(f"{number:064x}", text) for number, text in enumerate(SHORT)),
        evidence=(LEFT, *(Evidence(f"n{number}", each, on=number == 0) for number, each in enumerate(stated))),
        settings=CaseSettings(weights=dict.fromkeys(names[:150], 1.0), floors=dict.fromkeys(names[:150], 0.5)),
        made=Provenance("Q<b>0.1</b>Z", "", dict.fromkeys(names[:150], "0" * 16), tuple(names[:150])),
        title=SHORT[0], notes="\n".join(SHORT),
    )  # fmt: skip
    facts = case_to_plain(replace(case, version="1.9"))
    page = open_case(page, json.dumps({**facts, **{name: name for name in MARKED if name not in facts}}))
    assert not refusals(page) and page.session_state[state.EVIDENCE] == case.evidence
    assert not bare(page, *MARKED, *(photo.name for photo in case.photos))
    assert len(page.toggle) >= len(case.evidence) and any("Q0" in text for text in markdown(page)), "they are there"


FIELDS = ("type", "version", "grid", "photos", "evidence", "settings", "region", "places", "claim", "view", "made")


def test_a_case_file_with_any_text_in_a_field_gets_one_sentence_and_the_case_is_as_it_was(page):
    page.session_state[state.EVIDENCE], page.session_state[state.CASE_MENU] = (OFF,), True
    before = ran(ran(page)).session_state[state.HISTORY]
    for number, name in enumerate(FIELDS):
        value = {MARKED[number]: [MARKED[-1 - number]]} if number % 2 else MARKED[number]
        page = open_case(page, json.dumps({"type": "hereabouts-case", "version": "1.0", name: value}))
        assert len(refusals(page)) == 1 and not bare(page, MARKED[number], MARKED[-1 - number])
        assert page.session_state[state.EVIDENCE] == (OFF,) and page.session_state[state.HISTORY] == before


@pytest.mark.parametrize("name", FIELDS)
def test_any_text_in_any_field_of_a_case_file_is_refused_in_one_sentence(name):
    for text in SENT:
        for value in (text, {text: [text]}, [{text: text}]):
            with pytest.raises(InputError) as refused:
                case_from_json(json.dumps({"type": "hereabouts-case", "version": "1.0", name: value}))
            told = str(refused.value).replace("\u00a0", " ")
            assert told.isprintable() and told.endswith(".") and len(told) < 300


def dialog(kind):
    page = ran(AppTest.from_string(DIALOG, default_timeout=60))
    page.selectbox[0].set_value(kind)
    return ran(ran(page))


def press(page, label):
    next(each for each in page.button if each.label == label).click()
    return ran(page)


def test_what_is_typed_in_the_dialog_is_shown_as_it_is_or_gets_one_sentence():
    page = dialog("Near coordinates")
    for text in SENT[::8]:
        field(page, "Latitude, longitude").set_value(text)
        assert len(refusals(ran(page))) == (text != "") and not bare(page, f"'{text}'")
    field(page, "Latitude, longitude").set_value("10.5, 20.5")
    for text in MARKED:
        field(page, "Name (optional)").set_value(text)
        ran(page)
        assert len(refusals(page)) == (not can_be_a_name(text) and len(text) <= MOST_NAME), "or Streamlit cuts it"
        assert not bare(page, text)
    assert state.EVIDENCE not in page.session_state


def can_be_a_name(text):
    try:
        check_name(text, "it")
    except InputError:
        return False
    return True


def test_names_in_a_geojson_file_are_shown_as_they_are_and_other_files_get_one_sentence():
    page = dialog("Area from a file")
    ring = [[0, 0], [9, 0], [9, 9], [0, 0]]
    shape = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}}
    for text in MARKED:
        named = json.dumps({**shape, "properties": {"name": text, text: text}, "id": text, "title": text})
        name = text.replace("\0", "") + ".geojson"  # Streamlit takes no other
        page.file_uploader[0].set_value((name, named.encode(), "application/json"))
        assert not refusals(ran(page)) and not bare(page, text)
    for text in SENT[::8]:
        page.file_uploader[0].set_value(("a.json", text.encode(), "application/json"))
        assert len(refusals(ran(page))) == 1


def test_any_text_is_searched_for_among_places():
    for text in SENT:
        assert all(place.name for place in search(text, 3))


@pytest.mark.parametrize("kind", ["circle", "polygon", "polygons", None])
def test_what_the_map_sends_is_a_shape_or_gets_one_sentence(kind):
    """The browser is not trusted either."""
    for value in (
        *MARKED,
        None,
        10**400,
        -(10**400),
        float("nan"),
        [],
        {},
        [[text] for text in SENT[:4]],
        [[1, 2]] * 9999,
    ):
        sent = {"kind": kind, "latitude": value, "longitude": value, "radius_m": 5, "ring": value, "polygons": value}
        with pytest.raises(InputError):
            draw_map.as_area(draw_map.shape_of(sent), True, "")
        with pytest.raises(InputError):
            draw_map.shape_of(value)


def test_titles_and_notes_of_other_peoples_predictors_are_shown_as_they_are(page, monkeypatch, world, locator):
    def called(number, text):
        return replace(make_record(f"p{number}"), title=text, summary=text, licence=text, source=text)

    (said,) = locator.predictors[0].predictions
    half = len(MARKED) // 3  # a case has room for 200
    speak = [(called(number, text), text) for number, text in enumerate(MARKED[:half])]
    fail = [BrokenPredictor(called(f"b{number}", text), text) for number, text in enumerate(MARKED[half : half + 110])]
    predictors = [FixedPredictor(record, (replace(said, predictor=record, note=text),)) for record, text in speak]
    monkeypatch.setattr("dashboard.common.services.locator", lambda: Locator(world, [*predictors, *fail]))
    page.session_state[state.WHY] = True
    uploader(ran(page), "Drop photos here").set_value(("a.jpg", picture(), "image/jpeg"))
    ran(page)
    assert len(page.toggle) > len(MARKED) / 2
    assert not bare(page, *MARKED)

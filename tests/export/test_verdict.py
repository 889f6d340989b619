"""One page on a claimed place: the same words as HTML and PDF, harmless texts, a map that holds claim and region."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from engine.errors import InputError
from engine.evidence.statements.countries import CountryFact, CountryIs
from engine.evidence.statements.evidence import Evidence
from engine.export.contents import contents_of
from engine.export.json_result import answer_facts
from engine.export.verdict_html import verdict_html
from engine.export.verdict_map import CLAIM_COLOR, fitted_box, verdict_map_jpeg
from engine.export.verdict_page import METHOD, verdict_page
from engine.export.verdict_pdf import MISSING_NOTE, _Paper, verdict_pdf
from engine.locate.locator import Locator
from engine.locate.settings import Settings
from engine.testing import grey_photo

PLACE = (34.5, -57.5)


@pytest.fixture(scope="module")
def contents(world, evidence_world):
    evidence = (Evidence("e1", CountryIs(("CL",))), Evidence("e2", CountryFact("drives", "left")))
    locator = Locator(world, [], evidence_world)
    answer = locator.locate(grey_photo("<b>東京</b>.png"), Settings(evidence=evidence))
    region = answer.search_map.region(budget_km2=1e6)
    return contents_of(answer, region, answer_facts(answer, region, (), PLACE))


def test_the_page_needs_a_claim(contents):
    facts = {key: value for key, value in contents.facts.items() if key != "claim"}
    with pytest.raises(InputError, match="needs a claimed location"):
        verdict_page(replace(contents, facts=facts))


def test_html_has_every_row_and_escapes_what_others_wrote(contents):
    page, text = verdict_page(contents), verdict_html(contents)
    assert page.headline in text
    for clue in page.rows("analyst evidence"):
        assert clue[0] in text
    assert all(line in text for line in METHOD)
    assert "&lt;b&gt;東京&lt;/b&gt;.png" in text and "<b>東京" not in text
    assert "<script" not in text and "://" not in text.split("Sources and licences")[0]
    assert not any("support" in row[4] for row in page.rows("analyst evidence"))


def test_pdf_ends_with_licences_on_a_page_of_their_own(contents):
    data = verdict_pdf(contents)
    assert data.startswith(b"%PDF-")
    assert data.count(b"/Type /Page\n") >= 2


def test_letters_without_a_font_become_boxes_with_a_note():
    paper = _Paper()
    assert paper.shown("Жä ≥ 3°") == "Жä ≥ 3°"
    assert not paper.lacks_letters
    assert paper.shown("東京 x") == "□□ x"
    assert paper.lacks_letters
    paper.close()
    assert MISSING_NOTE.startswith("□")


@pytest.mark.parametrize("point", [PLACE, (-17.0, 179.9), (89.0, 0.0), (-90.0, 10.0)])
def test_the_map_holds_the_claim(contents, point):
    south, west, north, east = fitted_box(contents.region, *point)
    assert south <= point[0] <= north
    assert (point[1] - west) % 360.0 <= east - west
    assert -90.0 <= south < north <= 90.0
    assert east - west <= 360.0
    with Image.open(io.BytesIO(verdict_map_jpeg(contents.region, *point))) as picture:
        pixels = np.asarray(picture.convert("RGB"), float)
    assert (np.abs(pixels - np.array(CLAIM_COLOR)).max(axis=2) < 40).sum() > 50


def test_a_small_photo_is_shown_only_if_it_is_given(contents):
    sink = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(sink, "JPEG")
    shown = replace(contents, thumbnail_jpeg=sink.getvalue())
    assert verdict_html(shown).count("<img") == verdict_html(contents).count("<img") + 1
    assert len(verdict_pdf(shown)) > len(verdict_pdf(contents))

"""What a deliverable states of an answer: predictors and evidence, what they changed, and whose data they rest on."""

from datetime import UTC, datetime

import pytest

from engine.evidence.statements.countries import CountryIs
from engine.evidence.statements.evidence import Evidence
from engine.export.contents import contents_of, predictor_rows, sources, versions
from engine.export.json_result import answer_facts
from engine.export.report import report_html
from engine.layers import builtin
from engine.locate.locator import Locator
from engine.locate.result import evidence_effects
from engine.locate.settings import Settings
from engine.testing import BrokenPredictor, grey_photo, make_evidence_world, make_record, peaked


@pytest.fixture(scope="module")
def with_evidence(world):
    predictors = [peaked(world, 10.5, 20.5), BrokenPredictor(make_record("broken"))]
    located = Locator(world, predictors, make_evidence_world(world))
    evidence = (Evidence("a", CountryIs(("CL", "DE")), 0.9), Evidence("b", CountryIs(("JP",)), 0.9, on=False))
    return located.locate(grey_photo(), Settings({"peaked": 0.0}, evidence=evidence))


def test_each_statement_is_a_sentence_with_its_effect(with_evidence):
    rows = predictor_rows(with_evidence)
    (effect,) = evidence_effects(with_evidence)
    assert [row["title"] for row in rows] == [
        "Photo-popularity baseline (prior)",
        "peaked",
        "broken",
        CountryIs(("CL", "DE")).sentence(),
    ]
    assert [row["status"] for row in rows] == ["used", "off", "failed", "used"]
    assert rows[3]["says"] == f"90 % area: {effect.change_text()}"
    assert rows[2]["note"].endswith("The weights of this predictor are damaged; fetch them again.")


def test_sources_name_every_predictor_and_the_data_that_evidence_needs(with_evidence, answer):
    data = [entry.title for entry in builtin.records() if entry.name.startswith("evidence_")]
    bare, full = sources(answer), sources(with_evidence)
    assert [row["title"] for row in bare] == [
        "Photo-popularity baseline (prior)",
        "peaked",
        builtin.record("blue_marble").title,
    ]
    assert [row["title"] for row in full] == [
        "Photo-popularity baseline (prior)",
        "peaked",
        "broken",
        *data,
        bare[-1]["title"],
    ]
    assert all(row["licence"] and row["source"] for row in full)


def test_the_report_repeats_evidence_and_date(with_evidence):
    region = with_evidence.search_map.region(mass=0.5)
    facts = answer_facts(with_evidence, region, with_evidence.search_map.candidates(3))
    made = contents_of(with_evidence, region, facts, datetime(2026, 11, 20, 12, 0, tzinfo=UTC))
    page = report_html(made)
    assert "2026-11-20, 12:00:00 UTC" in page
    assert CountryIs(("CL", "DE")).sentence() in page
    assert CountryIs(("JP",)).sentence() in page  # among the settings: stated, but off
    assert dict(made.parameters())["evidence.2.on"] == "false"


def test_layers_in_use_are_named_with_their_sources(real_world):
    found = sources(Locator(real_world, []).locate(grey_photo()))
    titles = [row["title"] for row in found]
    assert {layer.title for layer in real_world.layers} <= set(titles)
    assert all("GeoNames" in row["source"] for row in found if "Layer in use" in row["summary"])


def test_versions_are_those_that_are_installed():
    import numpy

    assert versions()["numpy"] == numpy.__version__
    assert {"python", "hereabouts", "rasterio", "shapely"} <= set(versions())

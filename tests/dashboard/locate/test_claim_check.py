"""The panel of the job Verify: verdict, rows, a second place, one sentence for a claim in water."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.common import state
from dashboard.locate.job import Job
from engine.evidence.statements.countries import CountryIs
from engine.evidence.statements.evidence import Evidence
from engine.locate.settings import Settings
from engine.partitions.partition import NOWHERE
from engine.testing import grey_photo

SCRIPT = """
import streamlit as st
from dashboard.locate import claim_check
answer, region = st.session_state["answer"], st.session_state["region"]
check = claim_check.show(answer, region)
if check is not None:
    claim_check.show_verdict(check, answer, region)
"""


@pytest.fixture
def panel(locator):
    answer = locator.locate(grey_photo(), Settings(evidence=(Evidence("e1", CountryIs(("CL",))),)))
    page = AppTest.from_string(SCRIPT, default_timeout=60)
    page.session_state["answer"], page.session_state["region"] = answer, answer.search_map.region(budget_km2=1e5)
    page.session_state[state.JOB] = Job.VERIFY
    return page.run()


def pixel(answer, *, land):
    overlay = answer.world.overlay
    on_land = (overlay.table("population").cell_label != NOWHERE)[np.asarray(overlay.pixel_cell)]
    row, column = np.argwhere(on_land == land)[len(np.argwhere(on_land == land)) // 2]
    return f"{overlay.grid.latitudes[row]:.4f}, {overlay.grid.longitudes[column]:.4f}"


def test_the_verdict_comes_first_and_two_places_are_compared(panel):
    place = pixel(panel.session_state["answer"], land=True)
    panel.text_input(key=state.CLAIM).set_value(place).run()
    assert not panel.exception
    (verdict,) = [*panel.info, *panel.error]
    assert verdict.value
    assert {button.label for button in panel.get("download_button")} == {"PDF", "HTML"}
    panel.text_input(key=state.SECOND_CLAIM).set_value("48.0, 8.0").run()
    assert not panel.exception
    assert any("**A**" in each.value for each in panel.markdown)
    panel.text_input(key=state.SECOND_CLAIM).set_value("no place").run()
    assert not panel.exception
    assert len(panel.error) >= 1


def test_a_claim_in_water_gets_one_sentence_and_leads_to_land(panel):
    panel.text_input(key=state.CLAIM).set_value(pixel(panel.session_state["answer"], land=False)).run()
    assert not panel.exception
    (water,) = panel.warning
    assert water.value.startswith("The claimed location is in water")
    next(each for each in panel.button if each.label == "Check the nearest land instead").click().run()
    assert not panel.exception
    assert not panel.warning

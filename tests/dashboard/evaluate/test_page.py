"""The Evaluate page, and what calibration and fit bring to the Locate page, on results of the known planet."""

import csv
import io
import json
import shutil
import threading
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.common import jobs, state
from dashboard.evaluate import results as evaluate_results
from dashboard.evaluate import tables as evaluate_tables
from dashboard.evaluate import worker as evaluate_work
from dashboard.evaluate.compare import verdict
from dashboard.evaluate.curves import default_curves
from dashboard.locate import calibrated_region
from dashboard.maps import charts
from engine.cli.evaluate import keep_records
from engine.errors import InputError
from engine.evaluation.manifest import Manifest
from engine.evaluation.outputs import OutputStore
from engine.evaluation.records import records_folder
from engine.evaluation.results import write_results
from engine.evaluation.run import Plan, run
from engine.evaluation.stored_fits import with_fit
from engine.geometry.sphere import EARTH_AREA_KM2
from engine.inference.search_map import SearchMap
from engine.locate.locator import Locator
from engine.locate.settings import Settings
from engine.testing import grey_photo, make_record
from engine.testing.synthetic_world import HashPredictor, Skill, evidence, make_planet

PAGE = "from dashboard.evaluate import screen as evaluate; evaluate.show()"
SKILLS = (Skill("hash", "geocells_fine", 3.0, 2.0, 0.5, 1), Skill("scene", "population", 1.5, 2.0, 0.5, 2))


class Silent:
    """A predictor whose outputs are stored already."""

    def __init__(self, name):
        self.record = make_record(name)


def stored(planet, skills, folder, **plan):
    """Results of an evaluation with stored outputs, as `hereabouts evaluate` leaves them."""
    photos, world = planet.manifest, planet.world
    truth = world.overlay.cell_at(photos.latitude, photos.longitude)
    for skill in skills:
        values = evidence(world, truth, skill).source.read(np.arange(len(photos)))[0]
        OutputStore(folder / "outputs").write_rows(make_record(skill.name), skill.partition, photos.ids, values)
    asked = tuple(Silent(skill.name) for skill in skills)
    write_results(run(world, photos, Plan(asked, outputs=folder / "outputs", **plan)), folder, "A test", figures=False)
    return folder


@pytest.fixture(scope="module")
def planet():
    return make_planet(photos=400, fit=600)


@pytest.fixture(scope="module")
def locator(planet):
    return Locator(planet.world, [HashPredictor(planet.world)])


@pytest.fixture(scope="module")
def folder(planet, tmp_path_factory):
    return stored(planet, SKILLS, tmp_path_factory.mktemp("results"), balance=True)


@pytest.fixture(scope="module")
def one_predictor(planet, tmp_path_factory):
    """Results of the predictor that the locator has, so that its fit and calibration apply."""
    return stored(planet, SKILLS[:1], tmp_path_factory.mktemp("one"))


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch, locator):
    """A machine without a past."""
    monkeypatch.setenv("HEREABOUTS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("HEREABOUTS_RECORDS", str(tmp_path / "records"))
    monkeypatch.setattr("dashboard.common.services.locator", lambda: locator)
    fresh = jobs.Jobs()
    for module in ("evaluate.worker", "evaluate.progress"):
        monkeypatch.setattr(f"dashboard.{module}.JOBS", fresh)


def opened(folder=None, section=None, script=PAGE):
    page = AppTest.from_string(script, default_timeout=60)
    if folder is not None:
        page.session_state[state.EVALUATE_FOLDER] = str(folder)
    if section is not None:
        page.session_state[state.EVALUATE_SECTION] = section
    page.run()
    assert not page.exception
    return page


def text(page):
    kinds = ("title", "subheader", "markdown", "caption", "success", "error", "info", "warning")
    return "\n".join(str(element.value) for kind in kinds for element in page.get(kind)).replace("\\", "")


def test_the_empty_page_says_what_to_do_in_two_sentences():
    (told,) = opened().info
    assert "evaluate a manifest here" in told.value
    assert told.value.count(". ") == 1 and told.value.endswith(".")


@pytest.mark.parametrize("name", ["nowhere", "   x", "a\0b", "~nobody/x"])
def test_a_folder_without_results_gets_a_sentence(name):
    page = opened(name)
    assert len(page.error) == 1
    assert page.error[0].value.endswith(".")


def test_results_of_another_version_get_a_sentence(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    told = json.loads((copy / "summary.json").read_text())
    del told["ensembles"], told["ensembles_all"]
    (copy / "summary.json").write_text(json.dumps(told))
    assert "another version" in opened(copy).error[0].value


def test_results_are_shown_with_table_curves_and_the_tie_policy(folder):
    page = opened(folder)
    table = page.dataframe[0].value
    summary = json.loads((folder / "summary.json").read_text())
    assert list(table["ensemble"]) == [row["name"] for row in summary["ensembles"]]
    assert list(table["RvA 750 km"]) == pytest.approx([row["rva"]["750"] for row in summary["ensembles"]])
    assert "Ties count against the map" in text(page)
    assert "balanced over population from 400" in text(page)
    assert page.session_state[state.EVALUATE_CURVES][0] == "prior"
    assert {"hash", "fitted"} <= set(page.session_state[state.EVALUATE_CURVES])
    assert evaluate_results.remembered() == [str(folder)]


def test_coverage_is_measured_against_what_was_asked_for(folder):
    page = opened(folder, "Coverage")
    table = page.dataframe[0].value
    whole = table[table["group"] == "all"]
    assert list(whole["nominal, %"]) == [50, 80, 90, 95]
    assert np.abs(whole["empirical, %"] - whole["nominal, %"]).max() < 10


@pytest.mark.parametrize("grouping", ["population", "land_cover", "continent"])
def test_breakdowns_count_every_photo(folder, grouping):
    page = AppTest.from_string(PAGE, default_timeout=60)
    page.session_state[state.EVALUATE_FOLDER] = str(folder)
    page.session_state[state.EVALUATE_SECTION] = "Breakdown"
    page.session_state[state.EVALUATE_GROUPING] = grouping
    page.run()
    table = page.dataframe[0].value
    assert table[table["ensemble"] == "prior"]["photos"].sum() == 400
    assert ("coarse table of boxes" in text(page)) == (grouping == "continent")


def test_the_worst_photos_come_first_and_say_how_much_is_searched(folder):
    page = opened(folder, "Worst photos")
    searched = list(page.dataframe[0].value["searched, km²"])
    assert searched == sorted(searched, reverse=True)
    assert f"{searched[0]:,} km²" in text(page)
    assert page.get("bidi_component"), "the map"


@pytest.mark.parametrize("name", ["prior", "hash", "hash +LS", "hash, product", "fitted", "everything"])
def test_a_map_that_is_pooled_anew_is_the_map_that_was_measured(folder, locator, name):
    found = evaluate_results.results(str(folder))
    for number in evaluate_results.worst(found, name, 3):
        pooled = evaluate_results.photo_map(found, name, number, locator)
        assert isinstance(pooled, SearchMap)
        reach = pooled.area_to_reach(float(found.latitude[number]), float(found.longitude[number]))
        assert reach == pytest.approx(found.named(name).scores.reach_km2[number], rel=1e-6)


def test_a_map_that_cannot_be_had_says_why(folder, locator, tmp_path, world):
    bare = shutil.copytree(folder, tmp_path / "bare", ignore=shutil.ignore_patterns("outputs"))
    found = evaluate_results.results(str(bare))
    assert "outputs of hash are not stored" in evaluate_results.photo_map(found, "hash", 0, locator)
    assert isinstance(evaluate_results.photo_map(found, "prior", 0, locator), SearchMap)
    other = replace_grid(found)
    assert "on a 90x180 grid" in evaluate_results.photo_map(other, "prior", 0, locator)
    assert "not stored" in text(opened(bare, "Worst photos"))


def replace_grid(found):
    return replace(found, summary={**found.summary, "grid": "90x180"})


def test_two_ensembles_are_compared_on_the_same_photos(folder):
    page = opened(folder, "Compare two")
    table = page.dataframe[0].value
    assert list(table.columns[1:3]) == [evaluate_results.results(str(folder)).best, "prior"]
    assert list(table["difference"]) == pytest.approx(list(table.iloc[:, 1] - table.iloc[:, 2]))
    assert "first ahead" in set(table["shows"])
    page.selectbox(key=state.EVALUATE_B).set_value(page.selectbox(key=state.EVALUATE_A).value).run()
    assert "two different" in text(page)


def test_a_difference_is_shown_only_by_an_interval_without_zero():
    assert [verdict(0.1, 2), verdict(-2, -0.1), verdict(-1, 1), verdict(0, 0)] == [
        "first ahead", "first behind", "no difference", "no difference",
    ]  # fmt: skip


def test_tables_can_be_taken_along(folder):
    found = evaluate_results.results(str(folder))
    rows = evaluate_tables.ensembles(found.summary["ensembles"])
    read = list(csv.DictReader(io.StringIO(evaluate_tables.csv_text(rows))))
    assert [row["ensemble"] for row in read] == [row["ensemble"] for row in rows]
    assert float(read[0]["RvA 2500 km"]) == rows[0]["RvA 2500 km"]
    labels = {button.label for button in opened(folder).get("download_button")}
    assert {"Tables (Markdown)", "Ensembles (CSV)", "Figure (SVG)", "Figure (PNG)"} <= labels


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figures_are_drawn_on_the_paper_of_the_theme(folder, theme):
    found = evaluate_results.results(str(folder))
    members = [found.named(name) for name in default_curves(found)]
    drawn = charts.recall_picture(members, found.balance, theme)
    assert b"<svg" in drawn and charts.PAPER[theme].encode() in drawn
    assert all(colour.lower().encode() in drawn.lower() for colour in charts.CURVES[theme][: len(members)])
    assert charts.coverage_picture(found.summary["coverage"]["fitted"], "fitted", theme, "png").startswith(b"\x89PNG")


def test_curves_stand_out_from_their_paper():
    for theme, colours in charts.CURVES.items():
        assert len(set(colours)) == charts.MOST_CURVES
        assert min(contrast(colour, charts.PAPER[theme]) for colour in colours) >= 3
        assert contrast(charts.INK[theme], charts.PAPER[theme]) >= 7


def contrast(one, other):
    """WCAG contrast of two colours."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour):
    channels = np.array([int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_folders_that_were_looked_at_are_remembered_while_they_are_there(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy", ignore=shutil.ignore_patterns("outputs"))
    evaluate_results.remember(copy)
    evaluate_results.remember(folder)
    evaluate_results.remember(folder)
    assert evaluate_results.remembered() == [str(folder), str(copy)]
    shutil.rmtree(copy)
    assert evaluate_results.remembered() == [str(folder)]
    (tmp_path / "data" / "evaluations.json").write_text("[1]")
    assert evaluate_results.remembered() == []


@pytest.fixture
def manifest(planet, tmp_path):
    photos = planet.manifest.take(np.concatenate([np.arange(300), 600 + np.arange(100)]))
    rows = zip(photos.ids, photos.latitude, photos.longitude, photos.split, strict=True)
    path = tmp_path / "places.csv"
    path.write_text("id,lat,lon,split\n" + "".join(f"{i},{a},{b},{s}\n" for i, a, b, s in rows))
    return path


def settle(page):
    """Wait for the evaluation, then look at the page again."""
    for _ in range(3000):
        if not evaluate_work.job().running:
            break
        threading.Event().wait(0.02)
    page.run()
    assert not page.exception
    return page


def manifest_page(manifest):
    page = AppTest.from_string(PAGE, default_timeout=60)
    page.session_state[state.EVALUATE_SOURCE] = "Evaluate a manifest"
    page.session_state[state.EVALUATE_MANIFEST] = str(manifest)
    return page.run()


def test_a_manifest_is_evaluated_and_looked_at(manifest, tmp_path):
    page = manifest_page(manifest)
    page.toggle(key=state.EVALUATE_KEEP).set_value(True)
    page.button(key="start_evaluate").click().run()
    page = settle(page)
    assert "100 photos evaluated" in text(page)
    assert (records_folder() / "calibration-everything.json").exists()
    page.button(key="look_evaluate").click().run()
    assert not page.exception
    assert page.session_state[state.EVALUATE_FOLDER] == str(tmp_path / "data" / "evaluations" / "places")
    assert "100 photos" in text(page)


def test_a_manifest_that_is_not_there_or_makes_no_sense_gets_a_sentence(manifest, tmp_path):
    page = manifest_page(tmp_path / "nowhere.csv")
    page.button(key="start_evaluate").click().run()
    assert "There is no file" in text(page)
    assert evaluate_work.job() is None
    manifest.write_text("id,lat,lon\na,1,1\na,2,2\n")
    page = manifest_page(manifest)
    page.button(key="start_evaluate").click().run()
    assert "more than once" in text(settle(page))


def test_an_evaluation_can_be_cancelled(manifest, locator, tmp_path, monkeypatch):
    gate = threading.Event()

    def slow(world, photos, plan, report):
        gate.wait(10)
        report("Measuring photos", 0.5)
        raise AssertionError("it went on")

    monkeypatch.setattr("dashboard.evaluate.worker.run", slow)
    page = manifest_page(manifest)
    page.button(key="start_evaluate").click().run()
    assert [button.key for button in page.button if button.key] == ["cancel_evaluate"]
    page.button(key="cancel_evaluate").click().run()
    gate.set()
    page = settle(page)
    assert evaluate_work.job().state is jobs.State.STOPPED
    assert "was stopped" in text(page)
    page.button(key="dismiss_evaluate").click().run()
    assert evaluate_work.job() is None


def test_an_upload_is_kept_beside_the_results_and_its_paths_are_found(tmp_path):
    path = evaluate_work.saved_upload(b"\xef\xbb\xbfid,lat,lon\n", "../../we ird.csv", tmp_path / "out")
    assert path == tmp_path / "out" / "we-ird.csv"
    assert path.read_text() == "id,lat,lon\n"
    with pytest.raises(InputError, match="UTF-8"):
        evaluate_work.saved_upload(b"\xff\xfe", "a.csv", tmp_path)
    manifest = Manifest(("a",), np.zeros(1), np.zeros(1), (path.parent / "x" / "1.jpg",), folder=path.parent)
    moved = evaluate_work._with_photo_folder(manifest, tmp_path / "photos")
    assert moved.paths == (tmp_path / "photos" / "x" / "1.jpg",)


# What calibration and fit bring to the Locate page.


@pytest.fixture
def answer(locator):
    photo = grey_photo()
    outcomes = locator.read(photo)
    return lambda settings=None: locator.answer(photo, outcomes, settings or Settings({"hash": 1.0}))


def test_without_records_nothing_is_claimed(answer):
    assert calibrated_region.find(answer()) is None


def test_a_calibration_is_used_for_the_settings_that_it_was_made_for(answer, one_predictor):
    keep_records(one_predictor)
    found = calibrated_region.find(answer())
    assert found is not None and found.calibration.ensemble["weights"] == {"hash": 1.0}
    assert calibrated_region.find(answer(Settings({"hash": 0.5}))) is None
    assert calibrated_region.find(answer(Settings({"hash": 1.0}, prior_weight=0.5))) is None
    assert calibrated_region.find(answer(Settings({"hash": 1.0}, declared={"population": {"high": 0.9}}))) is None
    regions = [found.region(answer(), times) for times in calibrated_region.TIMES]
    areas = [region.area_km2 for region in regions]
    assert areas == sorted(areas) and areas[-1] <= EARTH_AREA_KM2
    rate, (low, high) = found.calibration.hit_rate(regions[4].probability, found.group)
    assert low <= rate <= high and high >= 0.9


def test_the_fit_has_a_calibration_of_its_own(answer, locator, one_predictor):
    from engine.evaluation.stored_fits import find_fit

    keep_records(one_predictor)
    fit = find_fit(locator)
    assert fit is not None
    fitted = answer(with_fit(Settings(), fit))
    assert calibrated_region.find(fitted).calibration.ensemble["floors"] == {"hash": fit.floor}
    assert np.abs(fitted.search_map.log_density - answer().search_map.log_density).max() > 0.01


CONTROLS = """
import streamlit as st
from dashboard.locate import region_controls, region_readout
region = region_controls.show(st.session_state["answer"], st.session_state["found"])
region_readout.show(region)
region_readout.show_details(region, st.session_state["found"])
st.session_state["region"] = region
"""


def controls(answer, found):
    page = AppTest.from_string(CONTROLS, default_timeout=60)
    page.session_state["answer"], page.session_state["found"] = answer, found
    page.run()
    assert not page.exception
    return page


def test_the_offer_stands_beside_the_budget_only_where_it_was_measured(answer, one_predictor):
    page = controls(answer(), None)
    assert page.get("button_group")[0].options == ["Area budget", "Probability mass"]
    assert "hereabouts evaluate" in text(page)
    keep_records(one_predictor)
    found = calibrated_region.find(answer())
    page = controls(answer(), found)
    assert "Expected coverage" in text(page)
    page.session_state[state.MODE] = "Calibrated coverage"
    page.run()
    assert page.session_state["region"].sha256 == found.region(answer(), 9.0).sha256
    page.session_state["found"] = None
    page.run()
    assert page.session_state[state.MODE] == "Area budget"


PANEL = """
import streamlit as st
from dashboard.common import services, state
from dashboard.locate import predictors_panel
st.session_state["fit"] = predictors_panel.show(st.session_state["entry"], services.locator())
"""


@pytest.fixture
def panel(locator):
    photo = grey_photo()
    page = AppTest.from_string(PANEL, default_timeout=60)
    page.session_state["entry"] = state.PhotoEntry(photo, b"", locator.read(photo))
    return page


def test_fitted_weights_are_on_when_they_are_there(panel, one_predictor):
    panel.run()
    assert panel.session_state["fit"] is None
    assert [toggle.label for toggle in panel.toggle] == ["hash"]
    keep_records(one_predictor)
    panel.run()
    assert panel.session_state["fit"].photos == 300
    assert panel.toggle[0].label == "Use fitted weights (fitted on 300 photos)"
    assert panel.slider.len == 0
    panel.toggle[0].set_value(False).run()
    assert panel.session_state["fit"] is None and panel.slider.len == 2


def test_fitted_weights_of_other_predictors_are_not_used(panel, folder):
    keep_records(folder)
    panel.run()
    assert panel.session_state["fit"] is None
    assert "are for hash, scene" in text(panel)

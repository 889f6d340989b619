"""Evidence and cases in a real browser: statements move the map, can be undone, saved, opened and linked to."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import PROJECT, Server, Visit, serve
from playwright.sync_api import Locator, expect

from engine.cases.case import Case
from engine.cases.parts import CaseRegion, CaseSettings
from engine.cases.reading import case_from_json
from engine.cases.writing import case_to_json
from engine.evidence.shapes.polygons import MOST_NAME
from engine.evidence.statements.areas import Circle, DrawnArea
from engine.evidence.statements.countries import CountryFact
from engine.evidence.statements.evidence import Evidence
from engine.inference.effects import MINUS

sys.path.insert(0, str(PROJECT / "tests" / "export"))  # the list of hostile strings is that of the exporters

from hostile import STRINGS

pytestmark = pytest.mark.browser
READOUT = re.compile(r"This region: ([\d,.]+)\skm², (?:over\s|under\s)?([\d.]+)\s% probability")
Open = Callable[..., Visit]


@pytest.fixture(scope="module")
def server(real_world, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(PROJECT / "dashboard" / "app.py", tmp_path_factory.mktemp("server") / "log.txt") as running:
        yield running


@pytest.fixture
def page(server: Server, visit: Open) -> Visit:
    opened = visit(server.url, width=1400, height=900)
    opened.page.get_by_role("button", name="Add evidence").wait_for(timeout=90_000)
    idle(opened)
    return opened


def idle(visit: Visit) -> None:
    visit.page.wait_for_timeout(300)
    visit.page.locator("[data-test-script-state=notRunning]").first.wait_for(timeout=90_000)


def readout(visit: Visit) -> tuple[float, float]:
    """Area in km2 and percent."""
    line = visit.page.get_by_text("This region:")
    expect(line).to_have_count(1, timeout=20_000)  # for a moment the page may show what it replaces
    found = READOUT.search(line.inner_text())
    assert found is not None
    return float(found[1].replace(",", "")), float(found[2])


def dialog(visit: Visit, kind: str) -> Locator:
    visit.page.get_by_role("button", name="Add evidence").click()
    box = visit.page.get_by_role("dialog")
    box.get_by_role("combobox", name="Clue type").wait_for()
    idle(visit)  # the dialog is drawn a second time while it opens
    visit.choose("Clue type", kind)
    idle(visit)
    return box


def add(visit: Visit, box: Locator, strength: str = "Likely") -> None:
    box.get_by_role("radio", name=strength).click()
    idle(visit)
    box.get_by_role("button", name="Add", exact=True).click()
    box.wait_for(state="hidden", timeout=30_000)
    idle(visit)
    visit.page.get_by_text("This region:").wait_for(timeout=120_000)


def drives_left(visit: Visit, strength: str = "Likely") -> None:
    box = dialog(visit, "Driving side")
    box.get_by_role("radio", name="left").click()
    idle(visit)
    add(visit, box, strength)


def sidebar(visit: Visit) -> Locator:
    return visit.page.get_by_test_id("stSidebar")


def said(visit: Visit, sentence: str) -> Locator:
    """A statement as it stands in the panel; the switch beside it has the same words for its name."""
    return sidebar(visit).get_by_role("paragraph").filter(has_text=sentence).last


def open_case_menu(visit: Visit) -> None:
    visit.page.get_by_test_id("stPopover").get_by_role("button", name="Case").click()
    visit.page.get_by_label("Title").wait_for()


def download(visit: Visit, name: str) -> Path:
    return visit.download(name)


def open_case(visit: Visit, path: Path, outcome: str = "This region:") -> None:
    """Choose a file, and leave the menu only when its outcome is on the page: a menu that closes ends its upload."""
    open_case_menu(visit)
    visit.page.get_by_test_id("stPopoverBody").locator("input[type=file]").set_input_files(path)
    visit.page.get_by_text(outcome).wait_for(timeout=90_000)
    idle(visit)
    visit.page.keyboard.press("Escape")
    idle(visit)


def test_a_statement_moves_the_map_without_any_photo_and_can_be_undone_and_redone(page):
    drives_left(page)
    assert said(page, "Cars drive on the left").is_visible()
    sidebar(page).get_by_text(re.compile(r"90 % area: .*" + MINUS + r"\d+\s%")).wait_for()
    with_it = readout(page)
    box = dialog(page, "Elevation")
    box.get_by_role("spinbutton", name="At least (m)").fill("1500")
    page.page.keyboard.press("Tab")
    idle(page)
    add(page, box)
    assert said(page, "Above 1,500 m").is_visible()
    assert readout(page) != with_it
    page.page.get_by_role("button", name="Undo").click()
    said(page, "Above 1,500 m").wait_for(state="hidden")
    idle(page)
    assert readout(page) == with_it
    page.page.get_by_role("button", name="Redo").click()
    said(page, "Above 1,500 m").wait_for()
    idle(page)
    assert readout(page) != with_it


def test_a_statement_has_a_layer_of_its_own_and_can_be_switched_off_and_removed(page):
    drives_left(page)
    with_it = readout(page)
    page.expand("Map layer")
    page.choose("Map layer", "Cars drive on the left (this clue only)")
    idle(page)
    page.settled_map()
    sidebar(page).get_by_role("radio", name="Hint").click()
    idle(page)
    assert readout(page)[1] < with_it[1]
    sidebar(page).get_by_role("button", name="Remove").click()
    page.page.get_by_text("Where on Earth was this photo taken?").wait_for()


def test_what_cannot_be_true_together_is_named(page):
    drives_left(page)
    box = dialog(page, "Country")
    box.get_by_role("combobox", name="Countries").fill("Chile")
    page.page.get_by_role("option", name="Chile").click()
    page.page.keyboard.press("Escape")
    idle(page)
    add(page, box)
    told = page.page.get_by_text(re.compile("No place (fits|is) both"))
    told.first.wait_for()
    assert "Chile" in told.first.inner_text()
    assert "left" in told.first.inner_text()


def test_an_area_drawn_on_the_map_holds_the_whole_region_when_it_is_certain(page):
    box = dialog(page, "Area drawn on the map")
    box.get_by_role("button", name="Polygon").click(timeout=60_000)
    where = box.locator(".hb-map").bounding_box()
    for right, down in ((0.50, 0.45), (0.60, 0.45), (0.60, 0.60), (0.50, 0.60), (0.50, 0.45)):
        point = where["x"] + right * where["width"], where["y"] + down * where["height"]
        page.page.mouse.move(*point, steps=3)
        page.page.mouse.click(*point)
    idle(page)
    box.get_by_text("Inside the drawn area").wait_for(timeout=20_000)
    add(page, box, "Certain")
    open_case_menu(page)
    case = case_from_json(download(page, "Save case").read_bytes())
    page.page.keyboard.press("Escape")
    ((ring,),) = case.evidence[0].statement.polygons
    region = json.loads(page.export().read_bytes())
    south, north = min(p[0] for p in ring), max(p[0] for p in ring)
    west, east = min(p[1] for p in ring), max(p[1] for p in ring)
    corners = [c for f in region["features"] for shape in f["geometry"]["coordinates"] for c in shape[0]]
    assert len(corners) > 3
    pixel = 1 / 30
    assert all(south - pixel <= latitude <= north + pixel for _, latitude in corners)
    assert all(west - pixel <= longitude <= east + pixel for longitude, _ in corners)


def test_a_stated_area_is_edited_on_the_map_and_the_region_follows_and_comes_back(page, tmp_path):
    ring = ((40.0, 20.0), (40.0, 26.0), (45.0, 26.0), (45.0, 20.0), (40.0, 20.0))
    file = tmp_path / "area.json"
    file.write_text(case_to_json(Case(evidence=(Evidence("e1", DrawnArea(((ring,),), True, "valley"), 1.0),))))
    open_case(page, file)
    here = readout(page)
    sidebar(page).get_by_role("button", name="Edit").click()
    box = page.page.get_by_role("dialog", name="Edit evidence")
    shown = box.locator(".hb-map.hb-ready")
    box.get_by_role("button", name="Polygon").wait_for(timeout=60_000)
    corner = shown.evaluate(
        "(place) => { const at = place.hbMap.map.project([20, 40]), box = place.getBoundingClientRect();"
        " return [box.x + at.x, box.y + at.y, box.x + box.width / 2, box.y + box.height / 2]; }"
    )
    page.page.mouse.move(corner[0], corner[1], steps=3)
    page.page.mouse.down()
    page.page.mouse.move(corner[2], corner[3], steps=6)
    page.page.mouse.up()
    idle(page)
    box.get_by_label("Name (optional)").fill("dale")
    box.get_by_role("button", name="Save").click()
    box.wait_for(state="hidden", timeout=30_000)
    said(page, "Inside the drawn area 'dale'").wait_for()
    idle(page)
    assert readout(page) != here
    page.page.get_by_role("button", name="Undo").click()
    said(page, "Inside the drawn area 'valley'").wait_for()
    idle(page)
    assert readout(page) == here
    assert box.count() == 0


def test_a_place_is_found_as_one_types_and_a_circle_around_it_counts(page):
    box = dialog(page, "Near a named place")
    search = box.get_by_label("Place name, any country")
    search.press_sequentially("reykjav", delay=40)
    box.get_by_role("option", name=re.compile("Reykjav")).first.click(timeout=20_000)
    idle(page)
    add(page, box, "Certain")
    said(page, "Within 50 km of Reykjav").wait_for()
    assert readout(page)[1] >= 99.9  # the circle is smaller than the budget, and nothing else is left
    assert page.page.get_by_role("radio", name=re.compile("Reykjav")).count() >= 1


def test_a_case_is_saved_opened_and_linked_and_gives_the_same_region_everywhere(page, server, visit, tmp_path):
    drives_left(page)
    here = readout(page)
    open_case_menu(page)
    page.page.get_by_label("Title").fill("Left of the road")
    page.page.get_by_label("Title").press("Tab")
    idle(page)
    saved = download(page, "Save case")
    page.page.get_by_role("button", name="Link to this case").click()
    page.page.get_by_text("The link is now in this window's address bar").wait_for()
    linked = visit(page.page.url, width=1400, height=900)
    linked.page.get_by_text("This region:").wait_for(timeout=90_000)
    idle(linked)
    assert readout(linked) == here
    fresh = visit(server.url, width=1400, height=900)
    fresh.page.get_by_role("button", name="Add evidence").wait_for(timeout=90_000)
    idle(fresh)
    file = tmp_path / "left.case.json"
    file.write_bytes(saved.read_bytes())
    open_case(fresh, file)
    assert readout(fresh) == here
    command = [sys.executable, "-m", "engine.cli", "locate", "--case", str(file), "--json"]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT).stdout)
    shown = json.loads(fresh.export().read_bytes())["hereabouts"]["region"]
    assert told["region"]["sha256"] == shown["sha256"]


def test_what_is_asked_of_the_map_is_saved_as_it_is_seen_and_undone_step_by_step(page):
    """The map reruns without the page around it: neither the file nor the steps may lag behind."""
    drives_left(page)
    usual = readout(page)
    page.expand("Region size and calibration")
    for budget, area in (("200000", "199,"), ("250000", "249,")):  # of one thing, so one step
        page.page.get_by_label("Area (km²)", exact=True).fill(budget)
        page.page.get_by_label("Area (km²)", exact=True).press("Enter")
        page.page.get_by_text(f"This region: {area}").wait_for()
        idle(page)
    larger = readout(page)
    page.page.get_by_label("Check a claimed location").fill("1°18'0\"N 103°48'0\"E")
    page.page.get_by_label("Check a claimed location").press("Tab")
    page.page.get_by_text("Rank: after").wait_for()
    idle(page)
    open_case_menu(page)
    case = case_from_json(download(page, "Save case").read_bytes())
    page.page.keyboard.press("Escape")
    assert case.region.budget_km2 == 250_000
    assert case.claim is not None and case.claim.point == (1.3, 103.8)
    assert list(case.made.regions) == ["evidence"]
    page.page.get_by_role("button", name="Undo").click()
    page.page.get_by_text("Rank: after").wait_for(state="hidden")
    idle(page)
    assert readout(page) == larger
    page.page.get_by_role("button", name="Undo").click()
    page.page.get_by_text("Undone: area budget").wait_for()
    idle(page)
    assert readout(page) == usual
    assert said(page, "Cars drive on the left").is_visible()


def test_a_case_that_no_slider_reaches_is_shown_and_one_of_another_map_changes_nothing(page, tmp_path):
    wide, alien = tmp_path / "wide.json", tmp_path / "alien.json"
    case = Case(evidence=(Evidence("e1", CountryFact("drives", "left")),), region=CaseRegion(mass=0.9999))
    wide.write_text(case_to_json(case))
    alien.write_text(case_to_json(Case(settings=CaseSettings(declared={"weather": {"rain": 0.7}}))))
    open_case(page, wide)
    here = readout(page)
    assert here[1] >= 99.9
    open_case(page, alien, "cannot be answered here")
    assert readout(page) == here
    assert said(page, "Cars drive on the left").is_visible()


def test_a_case_that_cannot_be_read_gets_one_sentence_and_changes_nothing(page, tmp_path):
    drives_left(page)
    here = readout(page)
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(json.loads(case_to_json(Case())) | {"version": "9.0"}))
    open_case(page, bad, "update Hereabouts")
    assert readout(page) == here
    assert said(page, "Cars drive on the left").is_visible()


def test_hostile_names_are_shown_and_never_run(page, tmp_path):
    ran: list[str] = []
    page.page.on("dialog", lambda box: (ran.append(box.message), box.dismiss()))
    names = [name for name in STRINGS if len(name) <= MOST_NAME and name.isprintable()][:60]
    circles = [Circle(10.0 + number % 60, 20.0, 5.0, True, name) for number, name in enumerate(names)]
    evidence = tuple(Evidence(f"e{n}", circle, 0.9, n < 3) for n, circle in enumerate(circles))
    file = tmp_path / "hostile.json"
    title = next(name for name in names if "<" in name)
    file.write_text(case_to_json(Case(evidence=evidence, title=title, notes="\n".join(names[:20]))))
    open_case(page, file)
    assert sidebar(page).get_by_role("button", name="Remove").count() == len(evidence)
    assert page.page.locator("img[src=x]").count() == 0
    assert ran == []

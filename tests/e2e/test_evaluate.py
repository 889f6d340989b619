"""The Evaluate page in a real browser, and what an evaluation that was kept changes on the Locate page."""

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from browser import PROJECT, Server, Visit, serve
from playwright.sync_api import expect

from engine.evaluation.outputs import OutputStore
from engine.evaluation.results import write_results
from engine.evaluation.run import Plan, run
from engine.inference.world import cache_folder
from engine.locate.locator import Locator
from engine.predictors.registry import default_predictors
from engine.testing.synthetic_world import points_in_cells

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]


@pytest.fixture(scope="module")
def places(real_world, tmp_path_factory) -> Path:
    """A manifest of places drawn from the photo prior itself."""
    rng = np.random.default_rng(3)
    cells = rng.choice(real_world.overlay.cells, 600, p=real_world.prior.probability)
    latitude, longitude = points_in_cells(real_world.overlay, cells, rng)
    rows = [f"p{n},{latitude[n]},{longitude[n]},{'fit' if n < 400 else 'test'}\n" for n in range(600)]
    path = tmp_path_factory.mktemp("manifest") / "places.csv"
    path.write_text("id,lat,lon,split\n" + "".join(rows))
    return path


@pytest.fixture(scope="module")
def results(real_world, places, kauai, tmp_path_factory) -> Path:
    """Results of the built-in predictors, which said the same of every photo: that of Kauai."""
    from engine.evaluation.manifest import read_manifest

    folder, photos = tmp_path_factory.mktemp("results"), read_manifest(places)
    predictors = default_predictors()
    for outcome in Locator(real_world, predictors).locate(kauai).outcomes:
        for said in outcome.predictions:
            same = np.tile(said.probability, (len(photos), 1))
            OutputStore(folder / "outputs").write_rows(said.predictor, said.partition, photos.ids, same)
    outcome = run(real_world, photos, Plan(predictors, outputs=folder / "outputs"))
    write_results(outcome, folder, "A test", figures=False)
    return folder


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> Iterator[Path]:
    """Folders of this machine's user that nobody else writes to; the map data is shared."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HEREABOUTS_CACHE", str(cache_folder()))
        patched.setenv("HEREABOUTS_DATA", str(home / "data"))
        patched.setenv("HEREABOUTS_RECORDS", str(home / "records"))
        yield home


@pytest.fixture(scope="module")
def server(real_world, environment) -> Iterator[Server]:
    with serve(PROJECT / "dashboard" / "app.py", environment / "log.txt") as running:
        yield running


@pytest.fixture
def page(server, visit) -> Visit:
    opened = visit(server.url, width=1400, height=900)
    opened.page.locator("a[href$='evaluate']").click(timeout=60_000)
    expect(opened.page.get_by_role("heading", name="Evaluate", exact=True)).to_be_visible(timeout=30_000)
    return opened


def press(visit: Visit, name: str) -> None:
    """Choose one of several buttons that belong together."""
    visit.page.get_by_role("radio", name=name).or_(visit.page.get_by_role("button", name=name)).first.click()


def look_at(visit: Visit, folder: Path) -> None:
    box = visit.page.get_by_role("textbox", name="Folder of stored results")
    box.fill(str(folder))
    box.press("Enter")
    expect(visit.page.get_by_text("Ties count against the map")).to_be_visible(timeout=30_000)


def test_a_manifest_is_evaluated_with_progress_and_its_tables_are_taken_along(page, places, environment, tmp_path):
    expect(page.page.get_by_text("evaluate a manifest here")).to_be_visible()
    press(page, "Evaluate a manifest")
    box = page.page.get_by_role("textbox", name="Manifest on this machine")
    box.fill(str(places))
    box.press("Enter")
    page.page.get_by_role("button", name="Evaluate", exact=True).click()
    expect(page.page.get_by_role("button", name="Cancel")).to_be_visible(timeout=30_000)
    look = page.page.get_by_role("button", name="Open results")
    expect(look).to_be_visible(timeout=120_000)
    look.click()
    expect(page.page.get_by_text("200 photos").first).to_be_visible(timeout=30_000)
    with page.page.expect_download() as waiting:
        page.page.get_by_role("button", name="Ensembles (CSV)").click()
    waiting.value.save_as(tmp_path / "ensembles.csv")
    rows = list(csv.DictReader((tmp_path / "ensembles.csv").read_text(encoding="utf-8").splitlines()))
    summary = json.loads((environment / "data" / "evaluations" / "places" / "summary.json").read_text())
    assert [row["ensemble"] for row in rows] == [row["name"] for row in summary["ensembles"]]
    with page.page.expect_download() as waiting:
        page.page.get_by_role("button", name="Figure (PNG)").click()
    waiting.value.save_as(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")


def test_every_section_draws_and_the_worst_photo_has_its_map(page, results):
    look_at(page, results)
    expect(page.page.get_by_role("img", name=re.compile("Recall against searched area"))).to_be_visible()
    press(page, "Coverage")
    expect(page.page.get_by_role("img", name=re.compile("Empirical against nominal coverage"))).to_be_visible(
        timeout=20_000
    )
    press(page, "Breakdown")
    expect(page.page.get_by_text("Recall at the area of a circle")).to_be_visible(timeout=20_000)
    press(page, "Compare two")
    expect(page.page.get_by_text("paired bootstrap")).to_be_visible(timeout=20_000)
    press(page, "Worst photos")
    expect(page.page.get_by_text("rank after")).to_be_visible(timeout=20_000)
    pixels = page.settled_map(at_most_s=30)
    amber = np.abs(pixels.astype(int) - (255, 191, 0)).max(axis=2) <= 20
    assert amber.sum() > 50, "the true place is marked"


def test_a_kept_fit_and_calibration_reach_the_locate_page_and_the_command_line(
    server, visit, results, environment, kauai, tmp_path
):
    from engine.cli.evaluate import keep_records

    keep_records(results)
    opened = visit(server.url, width=1400, height=900)
    opened.page.get_by_text("Drop photos here").wait_for(timeout=60_000)
    opened.page.locator("input[type=file]").set_input_files(kauai)
    opened.page.get_by_text("This region:").wait_for(timeout=60_000)
    opened.expand("Predictors and weights")
    expect(opened.page.get_by_text("Use fitted weights (fitted on 200 photos)")).to_be_visible()
    opened.expand("Region size and calibration")
    expect(opened.page.get_by_text("Expected coverage")).to_be_visible()
    dashboard = json.loads(opened.export().read_text())["hereabouts"]
    told = {}
    for more in ((), ("--no-fitted",)):
        code = "from engine.cli.main import main; main()"
        words = [sys.executable, "-c", code, "locate", str(kauai), "--json", *more]
        done = subprocess.run(words, cwd=PROJECT, env={**os.environ}, capture_output=True, text=True, check=True)
        told[more] = json.loads(done.stdout)
    assert dashboard["region"]["sha256"] == told[()]["region"]["sha256"]
    assert told[()]["predictors"] == dashboard["predictors"]
    assert told[()].get("floors") == dashboard.get("floors")
    assert told[("--no-fitted",)]["region"]["sha256"] != dashboard["region"]["sha256"]
    press(opened, "Calibrated coverage")
    expect(opened.page.get_by_text("9 times in 10").first).to_be_visible(timeout=20_000)
    expect(opened.page.get_by_text("This region:")).to_be_visible()

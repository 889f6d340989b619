import json
import multiprocessing
import threading
import time

import numpy as np
import pytest
from PIL import Image
from pyarrow import parquet

from engine.batch import run as batch
from engine.batch.run import BatchOptions, Job, Journal, jobs_of, locate_batch
from engine.batch.tables import COLUMNS
from engine.batch.workers import run_on_processes
from engine.errors import ExportError, InputError
from engine.evaluation.calibration import Calibration
from engine.locate.settings import Settings

KNOWN = "engine.testing.synthetic_world:batch_locator"
GRID = "180x360"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twelve photos, one that is no photo, in two folders."""
    root = tmp_path_factory.mktemp("photos")
    (root / "more").mkdir()
    rng = np.random.default_rng(0)
    for number in range(12):
        path = root / ("more" if number % 2 else "") / f"{number:02}.png"
        Image.fromarray(rng.integers(0, 255, (32, 32, 3), np.uint8)).save(path)
    (root / "broken.jpg").write_bytes(b"not a photo")
    (root / "notes.txt").write_text("not looked at")
    return root


def options(**changes):
    return BatchOptions(**{"factory": KNOWN, "grid": GRID, "budget_km2": 3e6, "workers": 1, **changes})


def rows_of(path):
    return parquet.read_table(path).to_pylist()


@pytest.fixture(scope="module")
def plain(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("plain") / "results.parquet"
    summary = locate_batch(jobs_of(folder), out, options())
    return summary, rows_of(out)


def test_one_row_a_photo_whatever_happens_to_it(plain):
    summary, rows = plain
    assert (summary.photos, summary.located, summary.failed, summary.resumed) == (13, 12, 1, 0)
    assert [row["photo"] for row in rows] == sorted(row["photo"] for row in rows)
    assert set(rows[0]) == set(COLUMNS)
    good = next(row for row in rows if row["status"] == "ok")
    assert good["region_area_km2"] <= 3e6
    assert 0 < good["region_probability"] <= 1
    assert good["lat"] == json.loads(good["places"])[0]["lat"]
    assert len(json.loads(good["places"])) == 5
    bad = next(row for row in rows if row["status"] == "failed")
    assert "not a photo" in bad["error"] or "broken.jpg" in bad["error"]
    assert bad["region_area_km2"] is None


def test_a_killed_batch_goes_on_where_it_stopped(folder, plain, tmp_path, monkeypatch):
    out, calls = tmp_path / "r.parquet", []
    real = batch.locate_chunk

    def dies(jobs, chosen):
        calls.append(len(jobs))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(jobs, chosen)

    monkeypatch.setattr(batch, "locate_chunk", dies)
    with pytest.raises(KeyboardInterrupt):
        locate_batch(jobs_of(folder), out, options())
    assert not out.exists()
    monkeypatch.setattr(batch, "locate_chunk", real)
    journal = Journal(out, options().digest())
    with journal.path.open("a") as file:
        file.write('\n{"key": "cut sho')
    summary = locate_batch(jobs_of(folder), out, options())
    assert summary.resumed == 8
    assert rows_of(out) == plain[1]
    assert not journal.folder.exists()


def test_a_photo_that_changed_and_other_options_are_located_again(folder, tmp_path):
    jobs = jobs_of(folder)[:3]
    journal = Journal(tmp_path / "r.csv", options().digest())
    journal.add([{"key": batch._key(jobs[0]), "photo": jobs[0].photo, "status": "ok", "places": []},
                 {"key": f"{jobs[1].photo}|1|1", "photo": jobs[1].photo, "status": "ok", "places": []}])  # fmt: skip
    assert locate_batch(jobs, tmp_path / "r.csv", options()).resumed == 1
    journal.add([{"key": batch._key(jobs[0]), "photo": jobs[0].photo, "status": "ok", "places": []}])
    assert locate_batch(jobs, tmp_path / "r.csv", options(settings=Settings(prior_weight=0.5))).resumed == 0


def test_a_worker_that_is_killed_in_mid_run_is_replaced(folder, plain, tmp_path):
    out = tmp_path / "r.parquet"
    killed = []

    def kill_one():
        journal, deadline = Journal(out, options(workers=2).digest()), time.monotonic() + 60
        while time.monotonic() < deadline and not killed:
            if journal.path.exists():
                for child in multiprocessing.active_children():
                    child.kill()
                    killed.append(child.pid)
                    break
            time.sleep(0.005)

    thread = threading.Thread(target=kill_one)
    thread.start()
    locate_batch(jobs_of(folder), out, options(workers=2))
    thread.join()
    assert killed
    assert rows_of(out) == plain[1]


def test_an_item_that_takes_its_worker_down_is_given_up_and_the_others_are_done():
    done = [row for rows in run_on_processes(list(range(6)), options(workers=2), deadly, str, 2) for row in rows]
    assert sorted(map(str, done)) == sorted(["0", "10", "20", "30", "4", "50"])


def deadly(items, _options):
    import os

    if 4 in items:
        os._exit(1)
    return [10 * item for item in items]


def test_geojson_and_csv_carry_the_same_rows(folder, plain, tmp_path):
    jobs = jobs_of(folder)
    locate_batch(jobs, tmp_path / "r.geojson", options())
    told = json.loads((tmp_path / "r.geojson").read_text())
    assert [f["properties"]["photo"] for f in told["features"]] == [row["photo"] for row in plain[1]]
    located = [f for f in told["features"] if f["properties"]["status"] == "ok"]
    assert all(f["geometry"]["type"] == "MultiPolygon" for f in located)
    assert sum(f["geometry"] is None for f in told["features"]) == 1
    import geopandas

    assert geopandas.read_file(tmp_path / "r.geojson").geometry.dropna().is_valid.all()
    locate_batch(jobs, tmp_path / "r.csv", options())
    lines = (tmp_path / "r.csv").read_text().splitlines()
    assert len(lines) == 14
    assert lines[0].startswith("photo,status,error,lat,lon")


def test_it_abstains_where_the_map_says_nothing(folder, tmp_path):
    silent = options(settings=Settings(weights={"hash": 0.0}))
    summary = locate_batch(jobs_of(folder), tmp_path / "r.parquet", silent)
    assert (summary.abstained, summary.failed) == (12, 1)
    row = next(row for row in rows_of(tmp_path / "r.parquet") if row["status"] == "abstained")
    assert row["region_area_km2"] is None
    assert "usable cue" in row["notes"]


def test_hit_rates_come_from_the_calibration_that_fits(folder, tmp_path, monkeypatch):
    facts = {"weights": {"hash": 1.0}, "prior_weight": 1.0, "pooling": "corrected", "floors": {}, "grid": GRID}
    Calibration(np.arange(1, 101) / 100, 100, {}, facts).save(tmp_path / "records" / "calibration-everything.json")
    monkeypatch.setenv("HEREABOUTS_RECORDS", str(tmp_path / "records"))
    locate_batch(jobs_of(folder)[:2], tmp_path / "r.parquet", options())
    for row in rows_of(tmp_path / "r.parquet"):
        assert row["hit_rate"] == pytest.approx(np.floor(row["region_probability"] * 100) / 100)
        assert row["hit_rate_low"] < row["hit_rate"] < row["hit_rate_high"]
    locate_batch(jobs_of(folder)[:2], tmp_path / "r.parquet", options(settings=Settings(weights={"hash": 0.5})))
    assert all(row["hit_rate"] is None for row in rows_of(tmp_path / "r.parquet"))


def test_a_manifest_needs_no_coordinates(folder, tmp_path):
    (folder / "list.csv").write_text("id,path\na,00.png\nb,gone.png\n")
    jobs = jobs_of(folder / "list.csv")
    assert [job.photo for job in jobs] == ["a", "b"]
    assert locate_batch(jobs, tmp_path / "r.csv", options()).failed == 1


def test_refusals(folder, tmp_path):
    jobs = jobs_of(folder)[:1]
    for changes, name, sentence in (
        ({}, "r.xlsx", "no known ending; write a table as .parquet, .csv, .geojson"),
        ({"engine": "spark"}, "r.csv", "no engine 'spark'"),
        ({"workers": 0}, "r.csv", "0 workers"),
        ({"mass": 0.5}, "r.csv", "either an area budget"),
        ({"grid": "7x9"}, "r.csv", "does not divide"),
        ({"budget_km2": -1.0}, "r.csv", "area budget -1 km2 is out of range"),
    ):
        with pytest.raises(InputError, match=sentence):
            locate_batch(jobs, tmp_path / name, options(**changes))
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="names no photo"):
        jobs_of(tmp_path / "empty")
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError):
        locate_batch(jobs, tmp_path / "file" / "r.csv", options())


def test_formulas_do_not_reach_a_spreadsheet(tmp_path):
    job = Job("=1+1.png", str(tmp_path / "gone.png"))
    locate_batch([job], tmp_path / "r.csv", options())
    assert "'=1+1.png" in (tmp_path / "r.csv").read_text()


@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_ray_gives_the_same_rows_with_a_worker_killed_in_mid_run(folder, plain, tmp_path):
    pytest.importorskip("ray", reason="Ray, an optional extra, is not installed")
    out, killed = tmp_path / "r.parquet", []

    def kill_one():
        journal, deadline = Journal(out, options().digest()), time.monotonic() + 120
        while time.monotonic() < deadline and not killed:
            if journal.path.exists():
                killed.extend(ray_workers()[:1])
                for pid in killed:
                    import os
                    import signal

                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.005)

    thread = threading.Thread(target=kill_one)
    thread.start()
    locate_batch(jobs_of(folder), out, options(workers=2, engine="ray"))
    thread.join()
    assert killed
    assert rows_of(out) == plain[1]


def ray_workers():
    """Process ids of Ray workers that are descendants of this process and at work on a chunk."""
    import os
    from pathlib import Path

    parents, names = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                parents[int(entry.name)] = int(status[1])
                names[int(entry.name)] = (entry / "cmdline").read_text()
            except OSError:
                continue

    def ours(pid):
        while pid in parents:
            if pid == os.getpid():
                return True
            pid = parents[pid]
        return False

    return [pid for pid, name in names.items() if name.startswith("ray::locate_chunk") and ours(pid)]


def test_without_ray_the_sentence_says_what_to_do(folder, tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match="Ray is not installed; install it with"):
        locate_batch(jobs_of(folder)[:1], tmp_path / "r.csv", options(engine="ray"))

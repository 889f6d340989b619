"""Many photos at once: a folder or a manifest becomes one table, on one machine or on Ray, and goes on after a kill.

Every row is written to a journal beside the result as soon as it is known; the result appears whole or not at all. A
photo that cannot be read, or that takes its worker down, is a row that says so; where the map says nothing, it
abstains.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from engine.batch.tables import FORMATS, write_table
from engine.errors import ExportError, HereaboutsError, InputError
from engine.evaluation.calibration import Calibration, find_calibration, load_calibration, most_probable_bucket
from engine.evaluation.manifest import read_manifest
from engine.evaluation.records import records_folder
from engine.export.json_result import place_facts
from engine.export.vector import region_geojson
from engine.geometry.grids import parse_grid
from engine.inference.region import Region
from engine.locate.locator import Locator
from engine.locate.result import SILENT_NATS, Answer
from engine.locate.settings import Settings
from engine.photos.photo import ENDINGS, open_photo
from engine.progress import Report

CHUNK = 4
"""Photos that a worker is handed at once."""
ENGINES = ("local", "ray")

Row = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """One photo to locate: a unique name and its file."""

    photo: str
    path: str


@dataclass(frozen=True)
class BatchOptions:
    """What is asked of every photo.

    Attributes:
        settings: weights, prior weight, pooling, statements.
        budget_km2, mass: of the region; one of the two.
        top_k, separation_km: of the places.
        grid: ROWSxCOLUMNS.
        regions: whether each row carries its region as a GeoJSON geometry (always so in a GeoJSON file).
        calibration: file to read hit rates from; else the one that was kept for these settings, if any.
        workers: processes (or Ray tasks) at the same time; 1 works in this process.
        engine: ``local`` or ``ray``.
        address: of a Ray cluster; a local one is started unless given.
        factory: ``module:function`` that makes the locator from a grid, for tests and extensions.
    """

    settings: Settings = field(default_factory=Settings)
    budget_km2: float | None = 100_000.0
    mass: float | None = None
    top_k: int = 5
    separation_km: float = 100.0
    grid: str = "5400x10800"
    regions: bool = False
    calibration: str | None = None
    workers: int = 2
    engine: str = "local"
    address: str | None = None
    factory: str = "engine.batch.run:default_locator"

    def digest(self) -> str:
        """Digest of everything that a row depends on."""
        facts = {k: v for k, v in asdict(self).items() if k not in ("workers", "engine", "address")}
        return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class BatchSummary:
    """How a batch went: numbers of photos, how many rows were there before, and where the table is."""

    photos: int
    located: int
    abstained: int
    failed: int
    resumed: int
    out: Path


def jobs_of(source: Path) -> tuple[Job, ...]:
    """The photos of a folder (with its subfolders) or of a manifest.

    Raises:
        InputError: there is none, or the manifest makes no sense.
    """
    if source.is_dir():
        files = sorted(p for p in source.rglob("*") if p.suffix.lower() in ENDINGS and p.is_file())
        jobs = tuple(Job(path.relative_to(source).as_posix(), str(path)) for path in files)
    elif source.suffix.lower() == ".csv":
        manifest = read_manifest(source, need_coordinates=False)
        jobs = tuple(
            Job(i, str(path)) for i, path in zip(manifest.ids, manifest.paths, strict=True) if path is not None
        )
    else:
        jobs = (Job(source.name, str(source)),)
    if not jobs:
        raise InputError(f"{source} names no photo; give a folder with JPEG, PNG, WebP or TIFF files, or a manifest.")
    return jobs


def locate_batch(
    jobs: Sequence[Job], out: Path, options: BatchOptions | None = None, report: Report | None = None
) -> BatchSummary:
    """Locate every photo and write one table: Parquet, CSV or GeoJSON by the ending of ``out``.

    Raises:
        InputError: the ending, the engine or an option makes no sense.
        ExportError: the table or its journal cannot be written.
    """
    options = _check_options(out, options or BatchOptions())
    journal = Journal(out, options.digest())
    done = journal.read()
    todo = [job for job in jobs if _key(job) not in done]
    run = _on_ray if options.engine == "ray" else _on_processes if options.workers > 1 else _in_process
    rows = {_key(job): done[_key(job)] for job in jobs if _key(job) in done}
    resumed = len(rows)
    for finished in run(todo, options):
        journal.add(finished)
        rows.update((row["key"], row) for row in finished)
        if report is not None:
            report("Locating photos", len(rows) / len(jobs))
    ordered = [rows[_key(job)] for job in jobs]
    write_table([{k: v for k, v in row.items() if k != "key"} for row in ordered], out)
    journal.remove()
    count = {status: sum(row["status"] == status for row in ordered) for status in ("ok", "abstained", "failed")}
    return BatchSummary(len(ordered), count["ok"], count["abstained"], count["failed"], resumed, out)


def _check_options(out: Path, options: BatchOptions) -> BatchOptions:
    if out.suffix.lower() not in FORMATS:
        raise InputError(f"{out.name} has no known ending; write a table as {', '.join(FORMATS)}.")
    if options.engine not in ENGINES:
        raise InputError(f"There is no engine {options.engine!r}; use local or ray.")
    if options.workers < 1:
        raise InputError(f"{options.workers} workers cannot work; give at least 1.")
    if (options.budget_km2 is None) == (options.mass is None):
        raise InputError("Give either an area budget in km2 or a probability mass, not both.")
    parse_grid(options.grid)
    return replace(options, regions=options.regions or out.suffix.lower() == ".geojson")


def _key(job: Job) -> str:
    """Name, size and time of change of a photo: a photo that was changed is located again."""
    try:
        stat = Path(job.path).stat()
    except OSError:
        return f"{job.photo}|absent"
    return f"{job.photo}|{stat.st_size}|{stat.st_mtime_ns}"


class Journal:
    """Rows that are known, one JSON object a line, in a folder beside the result."""

    def __init__(self, out: Path, digest: str) -> None:
        """Rows of other options are not mixed in: each set of options has a file of its own."""
        self.folder = out.with_name(f".{out.name}.parts")
        self.path = self.folder / f"rows-{digest}.jsonl"

    def read(self) -> dict[str, Row]:
        """Rows by key; a line that was cut short by a kill is done again."""
        rows: dict[str, Row] = {}
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return rows
        except OSError as error:
            raise ExportError(f"The journal {self.path} cannot be read ({error.strerror}); delete it.") from error
        for line in lines:
            try:
                row = json.loads(line)
                rows[row["key"]] = row
            except (ValueError, TypeError, KeyError):
                continue
        return rows

    def add(self, rows: Sequence[Row]) -> None:
        """Append rows and see them on disk."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write("".join(f"\n{json.dumps(row, allow_nan=False)}" for row in rows))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise ExportError(f"{self.folder} cannot be written ({error.strerror}); choose another --out.") from error

    def remove(self) -> None:
        """The result is there; the journal has served."""
        shutil.rmtree(self.folder, ignore_errors=True)


def default_locator(grid: str) -> Locator:
    """The locator of the built-in predictors on a grid."""
    return Locator.load(parse_grid(grid))


@lru_cache(maxsize=2)
def _locator(factory: str, grid: str) -> Locator:
    """The locator of this process; loaded with the first photo."""
    module, _, name = factory.partition(":")
    made: Locator = getattr(import_module(module), name)(grid)
    return made


def locate_chunk(jobs: Sequence[Job], options: BatchOptions) -> list[Row]:
    """Rows of some photos; what a worker does.

    Raises:
        HereaboutsError: the world cannot be loaded, or an option fits no photo.
    """
    locator = _locator(options.factory, options.grid)
    calibration = _calibration(locator, options)
    locator.answer_without_photo(options.settings).region(options.budget_km2, options.mass)
    return [_rounded(_row(locator, job, options, calibration)) for job in jobs]


def _calibration(locator: Locator, options: BatchOptions) -> Calibration | None:
    if options.calibration is not None:
        return load_calibration(Path(options.calibration))
    settings, grid = options.settings, "x".join(str(size) for size in locator.world.overlay.grid.shape)
    records = [predictor.record for predictor in locator.predictors]
    weights = {record.name: float(settings.weights.get(record.name, record.weight)) for record in records}
    if settings.declared:
        return None
    pooling = str(settings.pooling)
    return find_calibration(records_folder(), weights, settings.prior_weight, pooling, grid, settings.floors)


def _row(locator: Locator, job: Job, options: BatchOptions, calibration: Calibration | None) -> Row:
    empty: Row = {"key": _key(job), "photo": job.photo, "path": job.path, "status": "failed", "places": []}
    try:
        photo = open_photo(Path(job.path))
        answer = locator.answer(photo, locator.read(photo), options.settings)
        told = {**empty, "sha256": photo.sha256, "notes": list(answer.notes), "nats": answer.information_nats}
        if answer.information_nats < SILENT_NATS:
            return {**told, "status": "abstained"}
        region = answer.search_map.region(options.budget_km2, options.mass)
        places = answer.search_map.candidates(options.top_k, options.separation_km)
        found = {**told, "status": "ok", "places": [place_facts(place) for place in places], **_region(region, options)}
        return {**found, **_hit_rate(answer, region, calibration)}
    except HereaboutsError as error:
        return {**empty, "error": str(error)}


def _rounded(row: Row) -> Row:
    """Numbers to ten digits: sums of floats differ in the sixteenth with the threads of the machine that adds them."""
    places = [{key: _ten_digits(value) for key, value in place.items()} for place in row["places"]]
    return {**{key: _ten_digits(value) for key, value in row.items()}, "places": places}


def _ten_digits(value: Any) -> Any:
    return float(f"{value:.10g}") if isinstance(value, float) else value


def _region(region: Region, options: BatchOptions) -> Row:
    told: Row = {
        "budget_km2": options.budget_km2,
        "mass": options.mass,
        "region_area_km2": region.area_km2,
        "region_probability": region.probability,
        "region_parts": region.components,
        "region_sha256": region.sha256,
    }
    if options.regions:
        parts = region_geojson(region)["features"]
        rings = [polygon for part in parts for polygon in _polygons(part["geometry"])]
        told["region_geojson"] = json.dumps({"type": "MultiPolygon", "coordinates": rings}, separators=(",", ":"))
    return told


def _polygons(geometry: Mapping[str, Any]) -> list[Any]:
    return list(geometry["coordinates"]) if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]


def _hit_rate(answer: Answer, region: Region, calibration: Calibration | None) -> Row:
    if calibration is None or calibration.photos == 0:
        return {}
    group = most_probable_bucket(answer.search_map)
    rate, (low, high) = calibration.hit_rate(region.probability, group if group in calibration.groups else None)
    return {"hit_rate": rate, "hit_rate_low": low, "hit_rate_high": high}


def _crashed_row(job: Job) -> Row:
    """The row of a photo that took its worker down more than once."""
    sentence = "The worker stopped while it located this photo, twice; locate it alone to see why."
    return {"key": _key(job), "photo": job.photo, "path": job.path, "status": "failed", "places": [], "error": sentence}


def _chunks(jobs: Sequence[Job], size: int = CHUNK) -> Iterator[Sequence[Job]]:
    for start in range(0, len(jobs), size):
        yield jobs[start : start + size]


def _in_process(jobs: Sequence[Job], options: BatchOptions) -> Iterator[list[Row]]:
    for chunk in _chunks(jobs):
        yield locate_chunk(chunk, options)


def _on_processes(jobs: Sequence[Job], options: BatchOptions) -> Iterator[list[Row]]:
    from engine.batch.workers import run_on_processes

    yield from run_on_processes(jobs, options, locate_chunk, _crashed_row, CHUNK)


def _on_ray(jobs: Sequence[Job], options: BatchOptions) -> Iterator[list[Row]]:
    from engine.batch.workers import run_on_ray

    yield from run_on_ray(jobs, options, locate_chunk, _crashed_row, CHUNK)

"""Results of an evaluation as the Evaluate page reads them, and a photo's map pooled anew from them. Draws nothing."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import HereaboutsError, InputError
from engine.evaluation.benchmark import Measured
from engine.evaluation.bootstrap import paired_difference
from engine.evaluation.collect import stored_pieces
from engine.evaluation.ensembles import Ensemble
from engine.evaluation.manifest import Manifest
from engine.evaluation.outputs import OutputStore
from engine.evaluation.recall_area import Bench, ChunkPool, Scores
from engine.evaluation.records import write_text
from engine.evaluation.results import PHOTOS, SUMMARY, read_results
from engine.evaluation.run import FITTED
from engine.inference.pooling import Pooling
from engine.inference.search_map import SearchMap
from engine.locate.locator import Locator
from engine.paths import data_folder
from engine.typing import FloatArray

MOST_REMEMBERED = 8
"""Folders that are offered again."""
GROUPINGS = ("population", "land_cover", "continent")
LONGEST_PATH = 1000
"""Characters of a path that somebody types; a sentence repeats it."""
LONGEST_NAME = 255
"""Bytes of a file's name; asked for a longer one, a file system fails in words of its own."""


@dataclass(frozen=True, eq=False)
class Results:
    """Results of an evaluation as the page needs them.

    Attributes:
        folder: where they lie.
        summary: as ``summary.json`` has it.
        ids: of the photos, in the order of every array here.
        paths: file of each photo, or None.
        latitude, longitude: true places, degrees.
        top_latitude, top_longitude: by ensemble, the densest place of each photo's map.
        measured: one per ensemble, in the order of the tables.
        balance: positions of the balanced set, or None where every photo counts.
    """

    folder: Path
    summary: dict[str, Any]
    ids: tuple[str, ...]
    paths: tuple[str | None, ...]
    latitude: FloatArray
    longitude: FloatArray
    top_latitude: dict[str, FloatArray]
    top_longitude: dict[str, FloatArray]
    measured: tuple[Measured, ...]
    balance: NDArray[np.int64] | None

    @property
    def names(self) -> list[str]:
        """Names of the ensembles."""
        return [one.ensemble.name for one in self.measured]

    def named(self, name: str) -> Measured:
        """The ensemble of a name."""
        return next(one for one in self.measured if one.ensemble.name == name)

    def shown(self, name: str) -> Measured:
        """An ensemble on the photos that the table is of."""
        return self.named(name) if self.balance is None else self.named(name).take(self.balance)

    @property
    def best(self) -> str:
        """The ensemble with the largest area under its curve."""
        rows = self.summary["ensembles"]
        return str(max(rows, key=lambda row: row["area_under_curve"] or 0.0)["name"])


def results(text: str) -> Results:
    """The results in a folder, given as a path on this machine.

    Raises:
        HereaboutsError: there are none, or they are damaged.
    """
    folder = folder_of(text)
    stamps = tuple(_stamp(folder / name) for name in (SUMMARY, PHOTOS))
    return _results(folder, stamps)


def folder_of(text: str) -> Path:
    """A path that somebody typed.

    Raises:
        InputError: it cannot be one.
    """
    longest = max(len(part.encode(errors="replace")) for part in text.split("/"))
    if len(text) > LONGEST_PATH or longest > LONGEST_NAME:
        raise InputError(
            f"The path has {len(text)} characters and its longest name {longest} bytes; "
            f"give at most {LONGEST_PATH} and {LONGEST_NAME}."
        )
    if not text.strip() or "\0" in text:
        raise InputError(
            f"{text[:60]!r} is not a path on this machine; give for instance evaluation or /home/me/evaluation."
        )
    with suppress(RuntimeError):  # "~nobody" stays as it is and is then not found
        return Path(text.strip()).expanduser()
    return Path(text.strip())


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=2)
def _results(folder: Path, stamps: object) -> Results:
    """Read once for all sessions as long as the files stay the same."""
    del stamps
    stored = read_results(folder)
    try:
        return _parse_results(folder, stored.summary, stored.photos)
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration) as error:
        raise InputError(
            f"The results in {folder} were written by another version; evaluate the manifest again."
        ) from error


def _parse_results(folder: Path, summary: dict[str, Any], table: Any) -> Results:
    of = np.array(table.column("ensemble").to_pylist(), dtype=object)
    rows = {row["name"]: row for row in summary.get("ensembles_all", summary["ensembles"])}
    where = {name: np.flatnonzero(of == name) for name in rows}
    column = {n: table.column(n).to_numpy() for n in (*_NUMBERS, "lat", "lon", "top_lat", "top_lon")}
    first = table.take(where[next(iter(rows))])
    balance = _balance(summary, first)
    return Results(
        folder,
        summary,
        tuple(first.column("id").to_pylist()),
        tuple(first.column("path").to_pylist()),
        first.column("lat").to_numpy(),
        first.column("lon").to_numpy(),
        {name: column["top_lat"][here] for name, here in where.items()},
        {name: column["top_lon"][here] for name, here in where.items()},
        tuple(_measured_ensemble(_ensemble(row, summary), column, where[name]) for name, row in rows.items()),
        balance,
    )


_NUMBERS = ("denser_km2", "reach_km2", "mass_above", "mass_tied", "nats", "error_km")


def _balance(summary: dict[str, Any], first: Any) -> NDArray[np.int64] | None:
    if summary["balance"] == "none" or "balanced" not in first.column_names:
        return None
    return np.flatnonzero(np.array(first.column("balanced").to_pylist(), bool))


def _measured_ensemble(ensemble: Ensemble, column: dict[str, FloatArray], here: NDArray[np.int64]) -> Measured:
    denser, reach, above, tied, nats, error = (column[name][here] for name in _NUMBERS)
    unknown = np.full(here.size, -1)
    return Measured(Scores(ensemble, denser, reach, above, tied, nats, unknown, unknown), error)


def _ensemble(row: dict[str, Any], summary: dict[str, Any]) -> Ensemble:
    fitted = summary.get("fitted_pooling")
    floors = dict.fromkeys(row["weights"], float(fitted["floor"])) if fitted and row["name"] == FITTED else {}
    base = row.get("gain", {}).get("base", row["name"])
    return Ensemble(
        row["name"], row["weights"], row["prior_weight"], Pooling(row["pooling"]), row["urban_mask"], floors, base
    )


def remembered() -> list[str]:
    """Folders whose results were looked at last, the newest first; only those that are still there."""
    try:
        told = json.loads(_memory().read_text(encoding="utf-8"))["folders"]
        return [str(text) for text in told if (Path(str(text)) / SUMMARY).is_file()][:MOST_REMEMBERED]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def remember(folder: Path) -> None:
    """Put a folder first among those that were looked at; where nothing can be written, nothing is remembered."""
    text, known = str(folder.absolute()), remembered()
    if known[:1] != [text]:
        with suppress(HereaboutsError):
            newest = [text, *(other for other in known if other != text)][:MOST_REMEMBERED]
            write_text(_memory(), json.dumps({"folders": newest}, indent=1))


def _memory() -> Path:
    return data_folder() / "evaluations.json"


@dataclass(frozen=True)
class Difference:
    """What an ensemble is ahead of another one.

    Attributes:
        value, low, high: ``(columns,)`` as ``Measured.columns``: hits at five areas, within five radii, area share.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray


@lru_cache(maxsize=16)
def difference(found: Results, a: str, b: str) -> Difference:
    """Paired bootstrap of ``a`` over ``b`` on the same photos."""
    value, bounds = paired_difference(found.shown(a).columns, found.shown(b).columns)
    return Difference(value, bounds[0], bounds[1])


@lru_cache(maxsize=8)
def photo_map(found: Results, name: str, number: int, locator: Locator) -> SearchMap | str:
    """The map of one photo pooled anew from stored outputs, or the sentence that says why there is none."""
    ensemble, grid = found.named(name).ensemble, "x".join(str(size) for size in locator.world.overlay.grid.shape)
    if found.summary["grid"] != grid:
        return f"No map: the results are on a {found.summary['grid']} grid and this dashboard uses {grid}."
    manifest = Manifest((found.ids[number],), found.latitude[number : number + 1], found.longitude[number : number + 1])
    try:
        pieces = stored_pieces(OutputStore(found.folder / "outputs"), manifest, locator.world)
        missing = {n for n, weight in ensemble.weights.items() if weight > 0} - {piece.name for piece in pieces}
        if missing:
            return f"No map: outputs of {', '.join(sorted(missing))} are not stored with these results."
        bench = Bench.on(locator.world, manifest.latitude, manifest.longitude, pieces)
        pool = ChunkPool(bench, [ensemble], np.zeros(1, np.int64))
        pool.gather(0)
        return SearchMap.from_log_weights(locator.world.overlay, pool.pooled(ensemble).copy())
    except HereaboutsError as error:
        return str(error)


def worst(found: Results, name: str, many: int) -> Sequence[int]:
    """Positions of the photos whose true place took the largest area, worst first."""
    reach = found.named(name).scores.reach_km2
    return [int(position) for position in np.argsort(-reach, kind="stable")[:many]]

"""`hereabouts evaluate-search`: the tile search on photos with known locations."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from engine.cli.console import console_progress
from engine.cli.options import (
    DeviceOption,
    EncodersOption,
    JsonOption,
    LocalOption,
    MethodOption,
    RandomOption,
    SourceOption,
    ZoomOption,
)
from engine.cli.tile_source import exit_on_search_error, open_imagery, parse_method, source_facts
from engine.errors import HereaboutsError, InputError
from engine.locate.locator import Locator
from engine.photos.photo import Photo, open_photo
from engine.progress import Report
from engine.tile_search.beam import Method
from engine.tile_search.evaluate import (
    Case,
    PointOf,
    PointRow,
    PriorOf,
    Row,
    evaluate_points,
    evaluate_search,
    tables,
)
from engine.tile_search.imagery import TileSource
from engine.tile_search.results import SearchSettings
from engine.tile_search.search import TileSearch
from engine.tile_search.session import geoclip_points, map_prior, tile_search
from engine.tile_search.sources.opening import BUILTIN
from engine.tile_search.tile_encoders import load_encoders
from engine.tile_search.tile_prior import TilePrior

GEOCLIP = "GeoCLIP"


def evaluate_search_command(
    manifest: Annotated[Path, typer.Argument(help="CSV: id, path, lat, lon.", show_default=False)],
    more: Annotated[list[int] | None, typer.Argument(help="Further widths after --k.", show_default=False)] = None,
    k: Annotated[list[int] | None, typer.Option(help="Widths, for instance --k 16 32 64.")] = None,
    source: SourceOption = BUILTIN,
    method: MethodOption = Method.PATH.value,
    use_map: Annotated[
        bool, typer.Option("--map/--no-map", help="Start from the ensemble's map of each photo.")
    ] = False,
    geoclip: Annotated[
        bool, typer.Option(help="Rows of GeoCLIP alone and attached (k + 1), as Table 3, if it is installed.")
    ] = True,
    encoders: EncodersOption = None,
    max_zoom: ZoomOption = 16,
    device: DeviceOption = None,
    allow_local: LocalOption = False,
    random_weights: RandomOption = None,
    as_json: JsonOption = False,
) -> None:
    """Accuracy and cost of the tile search on known photos.

    Accuracy at five radii, recall per level, tiles encoded and time, as Tables 1 to 3 of Kim, Jang and Kim.
    """
    with (
        exit_on_search_error(),
        console_progress() as report,
        open_imagery(source, max_zoom, allow_local=allow_local) as imagery,
    ):
        from engine.evaluation.manifest import read_manifest

        rule, widths = parse_method(method), [*(k or []), *(more or [])] or [16, 32, 64]
        if use_map and rule is Method.PAPER:
            raise InputError("--map belongs to --method path; the paper's method uses cosine similarities alone.")
        listed = read_manifest(manifest, need_photos=True)
        cases, unread = _open_cases(listed)
        search = tile_search(imagery, load_encoders(folder=encoders, device=device, random_weights=random_weights))
        rows = _rows(search, cases, [SearchSettings(width, rule) for width in widths], report, use_map=use_map)
        points, attached = _geoclip_rows(search, cases, widths, report) if geoclip else ([], [])
        left_out = {**dict(listed.excluded), **unread}
    _print_rows([*rows, *attached], points, imagery, left_out, as_json=as_json)


def _rows(
    search: TileSearch, cases: Sequence[Case], wanted: Sequence[SearchSettings], report: Report, *, use_map: bool
) -> list[Row]:
    prior_of = _map_lookup(report) if use_map and cases else None
    return [evaluate_search(search, cases, settings, report, prior_of) for settings in wanted]


def _map_lookup(report: Report) -> PriorOf:
    """The ensemble's map of each photo, computed once for all widths."""
    locator = Locator.load(report=report)

    @cache
    def prior_of(case: Case) -> TilePrior:
        return map_prior(locator, cast(Photo, case.photo))

    return prior_of


def _geoclip_rows(
    search: TileSearch, cases: Sequence[Case], widths: Sequence[int], report: Report
) -> tuple[list[PointRow], list[Row]]:
    """GeoCLIP alone, and its point attached to the best k of the paper's method; no rows if it is not installed."""
    found = geoclip_points([cast(Photo, case.photo) for case in cases])
    if found is None:
        return [], []
    by_case = dict(zip(cases, found, strict=True))
    point_of: PointOf = by_case.__getitem__
    wanted = [SearchSettings(width, Method.PAPER) for width in widths]
    attached = [evaluate_search(search, cases, each, report, attached=(GEOCLIP, point_of)) for each in wanted]
    return [evaluate_points(GEOCLIP, cases, point_of)], attached


def _open_cases(manifest: Any) -> tuple[list[Case], dict[str, int]]:
    """Open the photos of a manifest; count those that cannot be opened."""
    cases, unread = [], 0
    for number, path in enumerate(manifest.paths):
        try:
            cases.append(Case(open_photo(path), float(manifest.latitude[number]), float(manifest.longitude[number])))
        except HereaboutsError:
            unread += 1
    return cases, {"photo cannot be opened": unread} if unread else {}


def _print_rows(
    rows: Sequence[Row], points: Sequence[PointRow], imagery: TileSource, left_out: dict[str, int], *, as_json: bool
) -> None:
    if as_json:
        facts = {
            "source": source_facts(imagery.record),
            "rows": [row.as_dict() for row in rows],
            "points": [row.as_dict() for row in points],
            "left_out": left_out,
        }
        print(json.dumps(facts))
        return
    print(tables(rows, points))
    notes = [f"{count} left out: {reason}" for reason, count in left_out.items()]
    notes += [f"{row.name}: {count} could not be searched: {why}" for row in rows for why, count in row.failed.items()]
    print("\n".join(["", *notes, f"imagery: {imagery.record.attribution}"]))

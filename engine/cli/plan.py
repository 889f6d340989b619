"""`hereabouts plan`: a search plan without a photo, from the last known point to the next assignments.

Exit status: 0 when the table was printed and every file written, 1 when a file could not be written, 2 when the call
itself makes no sense.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli.console import exit_on_error
from engine.cli.options import JsonOption
from engine.errors import InputError
from engine.evidence.shapes.area_files import read_area_file
from engine.export.plan_contents import PlanContents
from engine.export.plan_files import write_plan
from engine.geometry.point_text import parse_point
from engine.search_planning.assign import Assignment, assign_effort
from engine.search_planning.distances import (
    CAUTION,
    OWN,
    Distances,
    find_distances,
    published_distances,
    read_distances,
)
from engine.search_planning.evaluate import PlanTable, Weights, evaluate_plan, initial_poas, plan_grid
from engine.search_planning.plan import Effort, Ground, LastKnownPoint, SearchPlan, segments_of
from engine.search_planning.pod_table import apply_pods
from engine.search_planning.radial import Spread

USE = "A planning aid, not for sole use."
_USUAL = Effort()


def plan(
    point: Annotated[
        str, typer.Option("--point", help="Last known point: latitude, longitude or another notation.")
    ] = "",
    category: Annotated[str, typer.Option(help="Subject category, as --categories lists them.")] = "",
    categories: Annotated[bool, typer.Option("--categories", help="List the subject categories and stop.")] = False,
    distances: Annotated[
        str, typer.Option(help="Own distances in km, such as 25:1.1,50:3,75:6,95:18, or your table as CSV.")
    ] = "",
    uncertainty_m: Annotated[float, typer.Option(help="How exact the point is: within this many metres.")] = 0.0,
    spread: Annotated[
        Spread, typer.Option(help="Between the distances: even in each ring, or lognormal.")
    ] = Spread.RINGS,
    land: Annotated[bool, typer.Option("--land", help="Leave open water out, as coarse as the built-in map.")] = False,
    segments: Annotated[
        list[Path] | None, typer.Option(help="KML, KMZ, GPX, GeoJSON, GeoPackage or zipped Shapefile; again for more.")
    ] = None,
    track_width_m: Annotated[
        float, typer.Option(help="Take tracks and markers of the files too, as corridors and circles so wide.")
    ] = 0.0,
    pods: Annotated[
        Path | None, typer.Option(help="CSV with the columns segment and pod, or pod_1, pod_2, ... (%).")
    ] = None,
    hours: Annotated[float, typer.Option(help="Team-hours of the next period.")] = _USUAL.hours,
    sweep_width_m: Annotated[float, typer.Option(help="Effective sweep width of a searcher.")] = _USUAL.sweep_width_m,
    speed_km_h: Annotated[float, typer.Option(help="Speed of a searcher.")] = _USUAL.speed_km_h,
    searchers: Annotated[int, typer.Option(help="Searchers in a team.")] = _USUAL.searchers,
    out: Annotated[
        list[Path] | None, typer.Option(help="File to write: .kml, .geojson, .gpx or .csv; again for more.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Plan a search for a person: POA, POD, POS, next segments.

    No photo is needed. A planning aid, not for sole use.
    """
    with exit_on_error(interrupted="stopped."):
        if categories:
            _print_categories()
            return
        if not point:
            raise InputError('Give the last known point, for instance --point "46.52, 7.48".')
        made = SearchPlan(
            LastKnownPoint(*parse_point(point), uncertainty_m / 1000.0),
            _distances(category, distances),
            spread,
            Ground.LAND if land else Ground.ANY,
            effort=Effort(hours, sweep_width_m, speed_km_h, searchers),
        )
        for path in segments or ():
            made = _with_file(made, path, track_width_m / 1000.0)
        if pods is not None:
            made = apply_pods(made, _read(pods))
        table = _table(made)
        assignments = assign_effort(table, made.effort)
        contents = PlanContents(made, table, assignments)
        written = [write_plan(contents, path) for path in out or ()]
    if as_json:
        print(json.dumps(_facts(contents)))
    else:
        _print(contents)
    for path in written:
        print(f"wrote {path}", file=sys.stderr)


def _distances(category: str, own: str) -> Distances:
    """Of a published row, of three typed numbers, or of a row of the user's table."""
    if not own:
        if not category:
            raise InputError("Give a subject category (see --categories) or your own --distances.")
        return find_distances(category)
    if ":" in own and not Path(own).exists():
        return Distances(category or OWN, "", _typed(own), "typed")
    rows = read_distances(_read(Path(own)), Path(own).name)
    if len(rows) == 1 and not category:
        return rows[0]
    return find_distances(category, rows)


def _typed(text: str) -> tuple[tuple[float, float], ...]:
    try:
        pairs = [part.split(":") for part in text.split(",")]
        return tuple((float(percent.strip(" %")) / 100.0, float(km)) for percent, km in pairs)
    except ValueError as error:
        raise InputError(f"The distances {text[:60]!r} cannot be read; write 25:1.1,50:3,75:6,95:18 (%:km).") from error


def _with_file(made: SearchPlan, path: Path, width_km: float) -> SearchPlan:
    found = read_area_file(_read(path))
    for note in found.notes:
        print(f"{path.name}: {note}", file=sys.stderr)
    offered = [each.as_area(width_km) for each in found.offers] if width_km else []
    return made.with_areas([*segments_of(found.areas), *offered])


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}); name a file that is there.") from error


def _table(made: SearchPlan) -> PlanTable:
    weights: list[Weights] = []
    if made.ground is Ground.LAND:
        from engine.inference.world import World
        from engine.search_planning.weights import land_weights

        weights.append(land_weights(World.load().overlay))
    return evaluate_plan(made, *initial_poas(made, plan_grid(made, *weights)))


def _print_categories() -> None:
    sources = dict.fromkeys(row.source for row in published_distances())
    for row in published_distances():
        mark = list(sources).index(row.source) + 1
        print(f"{row.title:<45} {row.words}  [{mark}]")
    for number, source in enumerate(sources, start=1):
        print(f"[{number}] {source}")
    print(CAUTION)


def _print(contents: PlanContents) -> None:
    table, distances = contents.table, contents.plan.distances
    if distances is not None:
        print(f"{distances.title}: {distances.words}\n  {distances.source}. {CAUTION}")
    if table.rows:
        print(f"\n{'segment':<16}{'km2':>10}{'POA':>9}{'POA now':>9}{'POD':>7}{'POS':>8}{'%/km2':>9}{'rank':>6}")
    for row in table.by_rank:
        print(
            f"{row.name[:15]:<16}{row.area_km2:>10.3f}{row.initial_poa:>9.2%}{row.poa:>9.2%}{row.cumulative_pod:>7.0%}"
            f"{row.pos:>8.2%}{100 * row.density:>9.3f}{row.rank:>6}"
        )
    print(f"{'rest of world':<26}{table.initial_rest:>9.2%}{table.rest:>9.2%}{'':>7}{table.success:>8.2%} overall POS")
    for note in table.notes:
        print(f"note: {note}")
    _print_next(contents.assignments, contents.plan.effort)
    print(USE)


def _print_next(assignments: Sequence[Assignment], effort: Effort) -> None:
    if not assignments:
        return
    print(
        f"\nnext, {effort.hours:g} team-hours of {effort.searchers} searchers, sweep width {effort.sweep_width_m:g} m, "
        f"{effort.speed_km_h:g} km/h ({effort.km2_per_hour:.3f} km2 an hour):"
    )
    for rank, each in enumerate(assignments, start=1):
        print(
            f"{rank:>3} {each.segment[:15]:<16}{each.hours:>7.1f} h  POD {each.pod:>4.0%}  POS {each.pos:>6.2%}  "
            f"{100 * each.pos_per_hour:.2f} % in the first hour"
        )
    print(f"    together POS {sum(each.pos for each in assignments):.2%}")


def _facts(contents: PlanContents) -> dict[str, Any]:
    table, made = contents.table, contents.plan
    return {
        "distances": None if made.distances is None else {
            "title": made.distances.title, "quantiles": made.distances.quantiles, "source": made.distances.source,
        },
        "segments": [vars(row) for row in table.by_rank],
        "rest_of_world": {"initial_poa": table.initial_rest, "poa": table.rest},
        "overall_pos": table.success,
        "notes": table.notes,
        "assignments": [vars(each) for each in contents.assignments],
        "use": f"{USE} {CAUTION}",
    }  # fmt: skip

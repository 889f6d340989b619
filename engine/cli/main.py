"""`hereabouts`: one verb per act; without a verb it opens the dashboard.

Exit status: 0 when every photo was located, 1 when some were not, 2 when the call itself makes no sense.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from engine.cli import case as cases
from engine.cli import evaluate, findable, layers, locate_table, plot, search, train
from engine.cli.locate import LocateOptions, locate_all
from engine.cli.models import app as models
from engine.cli.progress import console_progress, print_figures
from engine.errors import HereaboutsError, InputError
from engine.geometry.grids import parse_grid
from engine.locate.multi_photo import DEPENDENCE

app = typer.Typer(
    help="Where on Earth was this photo taken? A search region with an area and a probability, not a pin.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
bench = typer.Typer(help="Measure speed as a ratio against the plain way.", no_args_is_help=True)
app.add_typer(bench, name="bench")
app.add_typer(models, name="models")
evaluate.register(app, bench)
train.register(app)
search.register(app, bench)
findable.register(app)
app.add_typer(cases.app, name="case")
app.add_typer(layers.app, name="layers")
app.add_typer(plot.app, name="plot")

errors = Console(stderr=True, highlight=False)
OUT_HELP = (
    "One photo: region as .geojson, .kml or .gpkg, map as .tif, places as .csv or .gpx, report as .html. "
    "A folder or a manifest: a table as .parquet or .csv."
)


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Port of the dashboard.", min=1, max=65535)] = 8501,
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
    grid: Annotated[str, typer.Option(help="ROWSxCOLUMNS of the dashboard's grid, or 30s, 2m.")] = "5400x10800",
) -> None:
    """Open the dashboard, unless a verb is given."""
    if context.invoked_subcommand is None:
        from engine.cli.launch import open_dashboard

        try:
            raise typer.Exit(open_dashboard(port, browser, parse_grid(grid)))
        except HereaboutsError as error:
            raise _refused(error, 2 if isinstance(error, InputError) else 1) from error


@app.command()
def locate(
    context: typer.Context,
    photos: Annotated[
        list[Path] | None, typer.Argument(help="Photos, or one folder or manifest.", show_default=False)
    ] = None,
    case: Annotated[str | None, typer.Option(help="A saved case or its link, with all its settings.")] = None,
    budget_km2: Annotated[float | None, typer.Option(help="Area budget of the region, km2.")] = None,
    mass: Annotated[float | None, typer.Option(help="Probability that the region holds, 0 to 1.")] = None,
    coverage: Annotated[float | None, typer.Option(hidden=True, help="Former name of --mass.")] = None,
    top_k: Annotated[int, typer.Option(help="How many places to rank.")] = 5,
    separation_km: Annotated[float, typer.Option(help="Least distance between two places.")] = 100.0,
    claim: Annotated[str | None, typer.Option(help="A claimed place, LAT,LON in degrees.")] = None,
    weight: Annotated[list[str] | None, typer.Option(help="NAME=NUMBER, weight of a predictor; 0 is off.")] = None,
    prior_weight: Annotated[float, typer.Option(help="1 popular places ... 0 every km2 of land alike.")] = 1.0,
    pooling: Annotated[str, typer.Option(help="corrected, or product as in the paper.")] = "corrected",
    declare: Annotated[list[str] | None, typer.Option(help="population.high=0.7, what you know yourself.")] = None,
    grid: Annotated[str, typer.Option(help="ROWSxCOLUMNS of the common grid, or 30s, 2m.")] = "5400x10800",
    one_place: Annotated[bool, typer.Option("--one-place", help="All photos show one place: one map of them.")] = False,
    alike: Annotated[float | None, typer.Option(help="How alike these photos are, 0 (each is new) to 1.")] = None,
    out: Annotated[Path | None, typer.Option(help=OUT_HELP)] = None,
    fitted: Annotated[bool, typer.Option(help="Weights that `evaluate --keep` fitted, unless some are given.")] = True,
    workers: Annotated[int, typer.Option(help="Processes that locate for a table.", min=1)] = 2,
    engine: Annotated[str, typer.Option(help="Who works on a table: local or ray.")] = "local",
    address: Annotated[str | None, typer.Option(help="Address of a Ray cluster.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line a photo.")] = False,
) -> None:
    """Find the search region of each photo."""
    try:
        if case is not None:
            cases.refuse_beside_case(context)
            raise typer.Exit(1 if cases.locate_case(case, photos or [], out, as_json, errors) else 0)
        photos = _named(photos)
        options = LocateOptions.parsed(
            budget_km2,
            _mass(mass, coverage),
            top_k,
            separation_km,
            claim,
            weight,
            prior_weight,
            pooling,
            declare,
            grid,
            out,
            as_json,
            fitted,
            _dependence(photos, out, one_place, alike),
        )
        if options.dependence is None and locate_table.is_batch(photos, out):
            failed = locate_table.locate_to_table(photos, out, options, workers, engine, address).failed
        else:
            failed = locate_all(photos, options, errors)
    except InputError as error:
        raise _refused(error, 2) from error
    except HereaboutsError as error:
        raise _refused(error, 1) from error
    raise typer.Exit(1 if failed else 0)


def _named(photos: list[Path] | None) -> list[Path]:
    if not photos:
        raise InputError("No photo was named; name photos, a folder or a manifest, or a saved case with --case.")
    return photos


def _mass(mass: float | None, coverage: float | None) -> float | None:
    """The value of ``--mass``, or of its former name ``--coverage``."""
    if mass is not None and coverage is not None:
        raise InputError("--coverage is the former name of --mass; give --mass alone.")
    return coverage if mass is None else mass


def _dependence(photos: list[Path], out: Path | None, one_place: bool, alike: float | None) -> float | None:
    """How dependent the photos of one place are on each other; None where each is located by itself."""
    if not one_place:
        if alike is not None:
            raise InputError("--alike is for photos of one place; give --one-place as well.")
        return None
    if any(path.is_dir() for path in photos) or (out is not None and out.suffix.lower() == ".parquet"):
        raise InputError("--one-place makes one map of photos that are named; name them, for instance holiday/*.jpg.")
    return DEPENDENCE if alike is None else alike


@bench.command("overlay")
def bench_overlay_command(
    grid: Annotated[str, typer.Option(help="ROWSxCOLUMNS of the common grid, or 30s, 2m.")] = "5400x10800",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Pool, rank and Algorithm 3 on the overlay against the raster, with the largest difference of an area."""
    from engine.bench.overlay import bench_overlay
    from engine.inference.world import World

    try:
        with console_progress(errors) as report:
            figures = bench_overlay(World.load(parse_grid(grid), report=report), report)
    except HereaboutsError as error:
        raise _refused(error, 2 if isinstance(error, InputError) else 1) from error
    print_figures(figures, as_json)


@bench.command("layers")
def bench_layers_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Reading full-size layers and building the 30-arc-second overlay from them; takes minutes."""
    from engine.bench.layers import bench_layers

    try:
        with console_progress(errors) as report:
            figures = bench_layers(report=report)
    except HereaboutsError as error:
        raise _refused(error, 1) from error
    print_figures(figures, as_json)


@bench.command("geoclip")
def bench_geoclip_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """GeoCLIP per photo against the geoclip package's own predict, on the same random weights."""
    from engine.bench.geoclip import bench_geoclip

    try:
        with console_progress(errors) as report:
            figures = bench_geoclip(report)
    except HereaboutsError as error:
        raise _refused(error, 1) from error
    print_figures(figures, as_json)


def _refused(error: HereaboutsError, status: int) -> typer.Exit:
    errors.print(f"hereabouts: {escape(str(error))}", soft_wrap=True)
    return typer.Exit(status)


def main() -> None:
    """Entry point of the ``hereabouts`` command."""
    try:
        app()
    except KeyboardInterrupt:
        errors.print("hereabouts: stopped.")
        sys.exit(130)

"""`hereabouts bench`: speed as ratios, measured on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.console import console_progress, exit_on_error, print_figures, verb_group
from engine.cli.options import GridOption, JsonOption

app = verb_group("Measure speed as a ratio against a baseline.")


@app.command("start")
def start(
    runs: Annotated[int, typer.Option(help="Runs of each command; the median counts.", min=1)] = 5,
    as_json: JsonOption = False,
) -> None:
    """Start-up time of `hereabouts --help` and of `locate` on a ready cache, as ratios to `python -c pass`."""
    from engine.bench.start import bench_start

    with exit_on_error():
        with console_progress() as report:
            figures = bench_start(runs, report)
        print_figures(figures, as_json)


@app.command("overlay")
def overlay(grid: GridOption = "5400x10800", as_json: JsonOption = False) -> None:
    """Pool, rank and Algorithm 3 on the overlay against the raster, with the largest difference in area."""
    from engine.bench.overlay import bench_overlay
    from engine.geometry.grids import parse_grid
    from engine.inference.world import World

    with exit_on_error():
        with console_progress() as report:
            figures = bench_overlay(World.load(parse_grid(grid), report=report), report)
        print_figures(figures, as_json)


@app.command("layers")
def layers(as_json: JsonOption = False) -> None:
    """Read full-size layers and build the 30-arc-second overlay from them; takes minutes."""
    from engine.bench.layers import bench_layers

    with exit_on_error():
        with console_progress() as report:
            figures = bench_layers(report=report)
        print_figures(figures, as_json)


@app.command("scene")
def scene(
    photo: Annotated[
        Path | None, typer.Argument(help="A photo; a synthetic one of 12 megapixels unless given.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """The scene predictor per photo against the bare network on one prepared view: ms and ratio."""
    from engine.bench.scene import bench_scene

    with exit_on_error():
        print_figures(bench_scene(photo), as_json)


@app.command("geoclip")
def geoclip(as_json: JsonOption = False) -> None:
    """GeoCLIP per photo against the geoclip package's own predict, on the same random weights."""
    from engine.bench.geoclip import bench_geoclip

    with exit_on_error():
        with console_progress() as report:
            figures = bench_geoclip(report)
        print_figures(figures, as_json)


@app.command("evaluate")
def evaluate(
    photos: Annotated[int, typer.Option(help="How many; 49829 needs 2.7 GB of disk for a while.", min=1)] = 5000,
    grid: GridOption = "5400x10800",
    as_json: JsonOption = False,
) -> None:
    """Algorithm 3 and top-1 distance from stored outputs against the raster: photos_per_s, ratio, peak_mb."""
    from engine.bench.evaluate import bench_evaluate
    from engine.geometry.grids import parse_grid
    from engine.inference.world import World

    with exit_on_error():
        with console_progress() as report:
            figures = bench_evaluate(World.load(parse_grid(grid), report=report), photos, report)
        print_figures(figures, as_json)


@app.command("search")
def search(as_json: JsonOption = False) -> None:
    """Speed and memory of the tile search with random weights; hits on a synthetic Earth after training. Minutes."""
    from engine.bench.search import bench_search
    from engine.bench.search_world import bench_world

    with exit_on_error():
        with console_progress() as report:
            figures = {**bench_search(report), **bench_world(report)}
        print_figures(figures, as_json)

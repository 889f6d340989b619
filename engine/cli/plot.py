"""`hereabouts plot`: Figures 1, 3 and 6 of Bianco et al. 2024 from your layers, photos and manifests."""

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.console import console_progress, exit_on_error, verb_group
from engine.errors import InputError
from engine.layers.in_use import LayerInUse, layers_in_use
from engine.plots.canvas import check_ending, save
from engine.plots.density import PhotoSet, densities_at, figure_6
from engine.plots.masks import EUROPE, MapPanel, Window, check_window, figure_1, figure_3
from engine.progress import Report

app = verb_group("Figures 1, 3 and 6 (Bianco 2024) from your data.")

LayerName = Annotated[str, typer.Option("--layer", help="population, land-cover, or your own.")]
Out = Annotated[Path, typer.Option(help="File to write: .png, .svg or .pdf.")]


@app.command("fig1")
def mask_command(
    layer: LayerName = "population",
    label: Annotated[str, typer.Option(help="Class of the layer.")] = "low",
    photo: Annotated[Path | None, typer.Option(help="A photo: its predictions and their ensemble, too.")] = None,
    out: Out = Path("figure-1.png"),
) -> None:
    """Figure 1: the mask of a class on the Earth and, for a photo, the maps of each predictor and of the ensemble."""
    with exit_on_error(), console_progress() as report:
        check_ending(out)
        panels = () if photo is None else _panels(photo, report)
        report("Drawing", 0.9)
        save(figure_1(layer_named(layer), label, panels), out)
    print(out)


@app.command("fig3")
def cells_command(
    layer: LayerName = "population",
    label: Annotated[str, typer.Option(help="Class of the layer.")] = "medium",
    window: Annotated[str, typer.Option(help="SOUTH,WEST,NORTH,EAST in degrees; Europe by default.")] = "",
    geocells: Annotated[Path | None, typer.Option(help="A partition file of GeoEstimation; ours by default.")] = None,
    out: Out = Path("figure-3.png"),
) -> None:
    """Figure 3: geocells over the mask of a class."""
    from engine.partitions.geocells import read_geoestimation_csv
    from engine.partitions.photo_locations import default_geocells

    with exit_on_error():
        check_ending(out)
        cells = default_geocells("fine") if geocells is None else read_geoestimation_csv(geocells)
        save(figure_3(layer_named(layer), label, cells.ids, parse_window(window)), out)
    print(out)


@app.command("fig6")
def density_command(
    manifests: Annotated[list[Path] | None, typer.Argument(help="CSV files with lat and lon; one panel each.")] = None,
    layer: LayerName = "population",
    raster: Annotated[Path | None, typer.Option(help="The published raster, for the curve of densities.")] = None,
    coarse: Annotated[bool, typer.Option(help="The raster is a copy of lower resolution.")] = False,
    out: Out = Path("figure-6.png"),
) -> None:
    """Figure 6: population density at photo locations, and the share of photos per class."""
    with exit_on_error():
        check_ending(out)
        sets = [*([] if manifests else [_default_photo_set()]), *map(_photo_set_of, manifests or ())]
        densities = None if raster is None else densities_at(raster, sets[0], coarse)
        save(figure_6(layer_named(layer), sets, densities), out)
    print(out)


def layer_named(name: str) -> LayerInUse:
    """The layer in use of a name as people write it.

    Raises:
        InputError: there is none.
    """
    known = {layer.name: layer for layer in layers_in_use()}
    if name.replace("-", "_") not in known:
        raise InputError(f"There is no layer {name!r}; there is {', '.join(known)}.")
    return known[name.replace("-", "_")]


def parse_window(text: str) -> Window:
    """``"35,-11,60,30"`` as south, west, north, east; Europe for nothing.

    Raises:
        InputError: these are not four numbers that make a window.
    """
    if not text:
        return EUROPE
    try:
        south, west, north, east = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(
            f"The window {text!r} is not SOUTH,WEST,NORTH,EAST; write for instance 35,-11,60,30."
        ) from error
    return check_window((south, west, north, east))


def _default_photo_set() -> PhotoSet:
    from engine.partitions.photo_locations import default_photo_places

    places = default_photo_places()
    return PhotoSet("sample of MP-16", places.latitude, places.longitude)


def _photo_set_of(path: Path) -> PhotoSet:
    from engine.evaluation.manifest import read_manifest

    manifest = read_manifest(path)
    return PhotoSet(path.stem, manifest.latitude, manifest.longitude)


def _panels(photo: Path, report: Report) -> tuple[MapPanel, ...]:
    """The map of each predictor alone, and of the ensemble."""
    from engine.inference.world import World
    from engine.locate.locator import Locator
    from engine.locate.maps import predictor_map
    from engine.predictors.registry import default_partitions, default_predictors

    world = World.load(report=report, extra=default_partitions())
    answer = Locator(world, default_predictors()).locate(photo)
    maps = [
        (outcome.record.title, predictor_map(world, outcome.predictions))
        for outcome in answer.outcomes
        if outcome.predictions
    ]
    maps.append(("Ensemble", answer.search_map))
    return tuple(MapPanel(title, world.overlay.tiles.total(one.density)) for title, one in maps)

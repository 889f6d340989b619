"""`hereabouts layers`: which satellite layers are in use, and the user's own in place of the built-in ones.

Exit status: 0 when it was done and everything is right, 1 when a file is missing, wrong or in the way, 2 when the call
itself makes no sense, 130 after Ctrl+C.
"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli.console import console_progress, exit_on_error, verb_group
from engine.cli.options import JsonOption
from engine.errors import LayerError
from engine.layers.attributes import POPULATION
from engine.layers.confusion import Confusion, confusions
from engine.layers.convert import ReadOptions
from engine.layers.fetch import CATALOGUE, Catalogue
from engine.layers.in_use import LayerInUse, layers_in_use
from engine.layers.user_layers import (
    UserLayer,
    add_fetched,
    add_layer,
    attribute_named,
    layers_folder,
    remove_layer,
    user_layers,
    verify,
)

app = verb_group("The satellite layers: list, add, fetch, check, remove.")
INTERRUPTED_HELP = "stopped; nothing was changed."

Name = Annotated[str, typer.Argument(help="population, land-cover, or the name of your own.", show_default=False)]
Coarse = Annotated[bool, typer.Option(help="Take a copy of lower resolution, whose size divides the published one.")]


@app.command("list")
def list_command(as_json: JsonOption = False) -> None:
    """Which layer is in use for each attribute, where it is from, and what share of the land its classes cover."""
    with exit_on_error(interrupted=INTERRUPTED_HELP):
        layers = layers_in_use()
    if as_json:
        print(json.dumps({"folder": str(layers_folder()), "layers": [facts(layer) for layer in layers]}))
        return
    for layer in layers:
        _print_layer(layer)
    print(f"Your layers lie in {layers_folder()}; HEREABOUTS_DATA chooses another folder.")


@app.command()
def add(
    name: Name,
    file: Annotated[Path, typer.Argument(help="GeoTIFF, NetCDF, or the zip archive of one.", show_default=False)],
    attribute: Annotated[Path | None, typer.Option(help="Record of your own attribute, a TOML file.")] = None,
    no_data: Annotated[float | None, typer.Option(help="No-data value, where the file names none.")] = None,
    coarse: Coarse = False,
    per_pixel: Annotated[
        bool, typer.Option(help="Values count people in a pixel: divide them by its area. The paper does not.")
    ] = False,
    licence: Annotated[str, typer.Option(help="Licence of the file, where it is not the usual one.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Check a raster, convert it once, and use it from now on; maps are computed anew when they are next needed."""
    with exit_on_error(interrupted=INTERRUPTED_HELP):
        wanted = attribute_named(name, attribute)
        with console_progress() as report:
            layer = add_layer(file, wanted, ReadOptions(no_data, coarse, per_pixel), licence, report)
    _print_added(layer, as_json)


@app.command()
def fetch(
    name: Name,
    year: Annotated[int, typer.Option(help="Which year; the paper used 2015.")] = 2015,
    catalog: Annotated[str, typer.Option(help="A STAC API with the collection esa-cci-lc.")] = CATALOGUE,
    coarse: Coarse = False,
    as_json: JsonOption = False,
) -> None:
    """Fetch the land cover of a year from a STAC catalogue (needs pystac-client), then as `add`."""
    with exit_on_error(interrupted=INTERRUPTED_HELP):
        if name.replace("-", "_") != "land_cover":
            raise LayerError(
                f"The layer {name!r} is in no catalogue, only land-cover is; "
                f"download it (population: {POPULATION.source}) and use: hereabouts layers add."
            )
        with console_progress() as report:
            layer = add_fetched(year, Catalogue.at(catalog), report, options=ReadOptions(coarse=coarse))
    _print_added(layer, as_json)


@app.command()
def check(as_json: JsonOption = False) -> None:
    """Hash your layers again, set their land shares beside the paper's, print how often those that ship are wrong."""
    with exit_on_error(interrupted=INTERRUPTED_HELP):
        found = [_check_layer(layer) for layer in user_layers()]
        measured = confusions_in_use()
    if as_json:
        confusion = [confusion_facts(each) for each in measured]
        print(json.dumps({"folder": str(layers_folder()), "layers": found, "confusion": confusion}))
    else:
        for row in found:
            print(f"{row['name']}: {row['error'] or 'as recorded'}")
        for layer in layers_in_use():
            _print_layer(layer)
        for each in measured:
            _print_confusion(each)
    if any(row["error"] for row in found):
        raise typer.Exit(1)


@app.command()
def remove(name: Name) -> None:
    """Remove a layer of yours; the built-in one is then in use again."""
    with exit_on_error(interrupted=INTERRUPTED_HELP):
        remove_layer(name.replace("-", "_"))
    print(f"Your layer {name} is gone.")


def facts(layer: LayerInUse) -> dict[str, Any]:
    """A layer in use as JSON knows it."""
    return {
        "name": layer.name,
        "title": layer.title,
        "built_in": layer.built_in,
        "origin": layer.origin,
        "caveat": layer.caveat,
        "licence": layer.licence,
        "resolution": layer.resolution,
        "size": [layer.rows, layer.columns],
        "labels": list(layer.labels),
        "land_shares": list(layer.land_shares),
        "paper_shares": list(layer.paper_shares),
        "thresholds": list(layer.thresholds),
        "sha256": layer.sha256,
    }


def confusions_in_use() -> list[Confusion]:
    """The measured confusion of the layers that ship and are in use."""
    theirs = {layer.name for layer in user_layers()}
    return [each for name, each in confusions().items() if name not in theirs]


def confusion_facts(measured: Confusion) -> dict[str, Any]:
    """A measured confusion as JSON knows it; row ``i`` of ``true`` is where the layer says ``labels[i]``."""
    return {
        "layer": measured.layer,
        "labels": list(measured.labels),
        "places": measured.places,
        "against": measured.against,
        "true": [[round(float(share), 4) for share in row] for row in measured.true],
    }


def _print_confusion(measured: Confusion) -> None:
    """One line a label: how often it is true, and what is instead."""
    print(f"\n{measured.layer}: what is true where the layer says it, in %, at {measured.places:,} places of photos")
    print(f"  against {measured.against}")
    for label, row in zip(measured.labels, measured.true, strict=True):
        others = sorted(((100 * share, name) for name, share in zip(measured.labels, row, strict=True)), reverse=True)
        instead = ", ".join(f"{name} {share:.0f}" for share, name in others if name != label and share >= 1)
        right = 100 * float(row[measured.labels.index(label)])
        print(f"  {label:20} {right:3.0f}" + (f"   else {instead}" if instead else ""))


def _check_layer(layer: UserLayer) -> dict[str, str]:
    try:
        verify(layer)
    except LayerError as error:
        return {"name": layer.name, "error": str(error)}
    return {"name": layer.name, "error": ""}


def _print_added(layer: UserLayer, as_json: bool) -> None:
    with exit_on_error(interrupted=INTERRUPTED_HELP):
        used = next(one for one in layers_in_use() if one.name == layer.name)
    if as_json:
        print(json.dumps(facts(used)))
        return
    _print_layer(used)
    print(f"{layer.covered:.1f} % of the Earth has data; {layer.bytes / 1e6:.1f} MB in {layer.path}.")


def _print_layer(layer: LayerInUse) -> None:
    """A heading and a line per class: title, from which value on, share, the paper's share."""
    print(f"{layer.title} ({layer.name}): {layer.origin}, {layer.resolution}. {layer.caveat}".rstrip())
    edges = (None, *layer.thresholds) if layer.thresholds else (None,) * len(layer.classes)
    papers = layer.paper_shares or (None,) * len(layer.classes)
    for entry, edge, share, paper in zip(layer.classes, edges, layer.land_shares, papers, strict=True):
        since = f"from {edge:.6g}" if edge is not None else ""
        beside = f"paper {paper:g} %" if paper is not None else ""
        print(f"  {entry.label:<20}{since:<16}{share:9.4f} %  {beside}".rstrip())

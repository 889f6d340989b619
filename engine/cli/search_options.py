"""What the verbs of the tile search share: their options, an open source, and errors as one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from engine.errors import HereaboutsError, InputError
from engine.tile_search.beam import Method
from engine.tile_search.imagery import SourceRecord, TileSource
from engine.tile_search.session import Folders
from engine.tile_search.sources.opening import is_own_template, open_source

errors = Console(stderr=True, highlight=False)
INTERRUPTED = 130

SourceOption = Annotated[
    str,
    typer.Option(
        help="builtin, a name of `tiles sources`, a template with {z} {x} {y}, or a .mbtiles, .pmtiles or .tif."
    ),
]
MethodOption = Annotated[str, typer.Option(help="path: probability along the path; paper: as in the paper.")]
EncodersOption = Annotated[
    Path | None, typer.Option(help="Folder of trained map encoders; the plain CLIP unless given.")
]
DeviceOption = Annotated[str | None, typer.Option(help="cpu, cuda or mps; the best here.")]
LocalOption = Annotated[bool, typer.Option("--allow-local", help="Allow a tile server on this machine or network.")]
ZoomOption = Annotated[int, typer.Option(help="Deepest zoom of your own template.", min=0, max=24)]
RandomOption = Annotated[int | None, typer.Option(help="Seed of random weights, to try things out.", hidden=True)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@contextmanager
def opened(what: str, max_zoom: int, *, allow_local: bool) -> Iterator[TileSource]:
    """An open source, closed at the end; a template of the user's own comes with a warning."""
    if is_own_template(what):
        from engine.tile_search.sources.xyz import OWN_TEMPLATE_WARNING

        errors.print(f"hereabouts: {escape(OWN_TEMPLATE_WARNING)}", soft_wrap=True)
    imagery = open_source(what, Folders().access(allow_local=allow_local, max_zoom=max_zoom))
    try:
        yield imagery
    finally:
        imagery.close()


def method_of(text: str) -> Method:
    """The rule of that name.

    Raises:
        InputError: there is none.
    """
    if text not in set(Method):
        raise InputError(f"There is no method {text!r}; use path or paper.")
    return Method(text)


def source_facts(record: SourceRecord) -> dict[str, Any]:
    """What a source says of itself, as plain values."""
    names = ("name", "title", "attribution", "terms", "min_zoom", "max_zoom", "homepage", "note")
    return {name: getattr(record, name) for name in names}


@contextmanager
def refusals() -> Iterator[None]:
    """Errors of the engine as one sentence and an exit status."""
    try:
        yield
    except HereaboutsError as error:
        errors.print(f"hereabouts: {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(2 if isinstance(error, InputError) else 1) from error
    except KeyboardInterrupt:
        errors.print("hereabouts: stopped; what was encoded is kept: run it again to go on from there.")
        raise typer.Exit(INTERRUPTED) from None

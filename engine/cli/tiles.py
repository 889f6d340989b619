"""`hereabouts tiles`: the imagery of the tile search, and its coarse levels computed once."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli.console import console_progress, verb_group
from engine.cli.options import (
    AddressOption,
    DeviceOption,
    EncodersOption,
    EngineOption,
    JsonOption,
    LocalOption,
    RandomOption,
    WorkersOption,
    ZoomOption,
)
from engine.cli.tile_source import exit_on_search_error, open_imagery, source_facts
from engine.errors import InputError
from engine.tile_search.embedding import Tally
from engine.tile_search.session import embed_source
from engine.tile_search.sources.opening import BUILTIN, records
from engine.tile_search.tile_encoders import load_encoders

app = verb_group("Imagery of the tile search: list, embed coarse levels.")


@app.command("sources")
def sources_command(as_json: JsonOption = False) -> None:
    """List the imagery sources by name, with attribution and terms."""
    with exit_on_search_error():
        rows = [source_facts(record) for record in records()]
    rows[0]["name"] = BUILTIN
    if as_json:
        print(json.dumps(rows))
        return
    for row in rows:
        print(f"{row['name']}: {row['title']}, zoom {row['min_zoom']} to {row['max_zoom']}")
        print(f"  {row['attribution']}\n  {row['terms']}" + (f"\n  {row['note']}" if row["note"] else ""))


@app.command("embed")
def embed_command(
    source: Annotated[str, typer.Argument(help="As --source of `search`.", show_default=False)],
    zoom: Annotated[int, typer.Option(help="Deepest of the levels 4, 6, 8 to compute.")] = 8,
    encoders: EncodersOption = None,
    max_zoom: ZoomOption = 16,
    device: DeviceOption = None,
    allow_local: LocalOption = False,
    workers: WorkersOption = 1,
    engine: EngineOption = "local",
    address: AddressOption = None,
    random_weights: RandomOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compute the coarse levels of a source once, so that searches start warm; continues an interrupted run."""
    with (
        exit_on_search_error(),
        console_progress() as report,
        open_imagery(source, max_zoom, allow_local=allow_local) as imagery,
    ):
        if engine not in ("local", "ray"):
            raise InputError(f"There is no engine {engine!r}; use local or ray.")
        if engine == "local" and workers == 1:
            loaded = load_encoders(folder=encoders, device=device, random_weights=random_weights)
            tallies = embed_source(imagery, loaded, zoom, report=report)
        else:
            from engine.batch.tiles import TileOptions, embed_by_workers

            folder = None if encoders is None else encoders.resolve()
            wanted = TileOptions(
                _absolute(source), folder, device, random_weights, allow_local, max_zoom, workers, address
            )
            tallies = embed_by_workers(wanted, zoom, engine, report=report)
    _print_tallies(tallies, imagery.record.name, imagery.record.attribution, as_json=as_json)


def _absolute(source: str) -> str:
    """A file by its absolute path: workers may run in another folder."""
    return str(Path(source).resolve()) if Path(source).is_file() else source


def _print_tallies(tallies: dict[int, Tally], name: str, attribution: str, *, as_json: bool) -> None:
    rows: list[dict[str, Any]] = [
        {"zoom": at, "encoded": tally.encoded, "cache_hits": tally.cache_hits,
         "kinds": {kind.name.lower(): count for kind, count in tally.kinds.items()}}
        for at, tally in tallies.items()
    ]  # fmt: skip
    if as_json:
        print(json.dumps({"source": name, "zooms": rows}))
        return
    for row in rows:
        print(f"zoom {row['zoom']}: {row['encoded']} encoded, {row['cache_hits']} cached; {row['kinds']}")
    for reason, count in sum((tally.reasons for tally in tallies.values()), start=Tally().reasons).most_common(3):
        print(f"{count} could not be read: {reason}")
    print(f"imagery: {attribution}")

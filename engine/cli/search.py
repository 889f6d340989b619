"""`hereabouts search`, `tiles`, `evaluate-search`, `train map-encoders` and `bench search`: the tile search by hand.

Exit status: 0 when there is an answer, 1 when there is none, 2 when the call itself makes no sense, 130 after Ctrl+C
(what was encoded is kept, and the next call goes on from there).
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from engine.cli.progress import console_progress
from engine.earth.sphere import parse_point
from engine.errors import HereaboutsError, InputError
from engine.photo import Photo, open_photo
from engine.pipeline import Locator
from engine.search.beam import Method
from engine.search.evaluate import Case, Row, evaluate_search, tables
from engine.search.imagery import SourceRecord, TileSource
from engine.search.search import SearchSettings
from engine.search.session import Folders, embed_source, map_prior, tile_search
from engine.search.sources.opening import BUILTIN, is_own_template, open_source, records
from engine.search.tile_encoders import load_encoders
from engine.search.tile_prior import TilePrior

errors = Console(stderr=True, highlight=False)
tiles_app = typer.Typer(
    help="Imagery of the tile search: what there is, compute its coarse levels.", no_args_is_help=True
)
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


def register(app: typer.Typer, train: typer.Typer | None = None, bench: typer.Typer | None = None) -> None:
    """Add the verbs of the tile search to the command line."""
    app.command("search")(search_command)
    app.command("evaluate-search")(evaluate_command)
    app.add_typer(tiles_app, name="tiles")
    if train is not None:
        train.command("map-encoders")(train_command)
    if bench is not None:
        bench.command("search")(bench_command)


def search_command(
    photo: Annotated[Path, typer.Argument(help="A photo: JPEG, PNG, WebP or TIFF.", show_default=False)],
    source: SourceOption = BUILTIN,
    k: Annotated[int, typer.Option(help="Tiles kept per level; the paper takes 16, 32 and 64.")] = 64,
    method: MethodOption = Method.PATH.value,
    region: Annotated[float | None, typer.Option(help="Search only the region of this area budget, km2.")] = None,
    use_map: Annotated[bool, typer.Option("--map/--no-map", help="Begin from the ensemble's map of the photo.")] = True,
    attach: Annotated[
        str | None, typer.Option(help="LAT,LON or geoclip: keep that tile too (k + 1; paper only).")
    ] = None,
    encoders: EncodersOption = None,
    max_zoom: ZoomOption = 16,
    device: DeviceOption = None,
    allow_local: LocalOption = False,
    random_weights: RandomOption = None,
    as_json: JsonOption = False,
) -> None:
    """Walk down map tiles to the one that resembles the photo most."""
    with _refusals(), console_progress(errors) as report:
        rule = _method(method, attach)
        opened = open_photo(photo)
        settings = SearchSettings(k, rule, attached=_attached(attach, opened))
        with _source(source, max_zoom, allow_local=allow_local) as imagery:
            prior = _prior(opened, region, use_map=use_map and rule is Method.PATH)
            loaded = load_encoders(folder=encoders, device=device, random_weights=random_weights)
            result = tile_search(imagery, loaded, prior=prior).run(opened, settings, report)
    facts = {"photo": opened.name, **result.as_dict()}
    print(json.dumps(facts, allow_nan=False) if as_json else readable(facts))


def readable(facts: dict[str, Any]) -> str:
    """A result for people, a few lines."""
    lines = [
        facts["photo"],
        f"  tile {facts['best_tile']}, {facts['tile_width_km']:g} km wide, at {facts['lat']:.5f} {facts['lon']:.5f}",
        f"  path probability {facts['path_probability']:.3g}",
    ]
    lines += [
        f"  zoom {level['zoom']:>2}: {level['candidates']:>6} tiles, {level['encoded']:>5} encoded, "
        f"{level['cache_hits']:>6} known, {level['kept']:>5} kept, {level['seconds']:.2f} s"
        for level in facts["levels"]
    ]
    lines += [f"  note: {note}" for note in facts["notes"]]
    return "\n".join([*lines, f"  imagery: {facts['source']['attribution']}"])


@tiles_app.command("sources")
def sources_command(as_json: JsonOption = False) -> None:
    """What imagery can be asked for by name, with its attribution and terms."""
    with _refusals():
        rows = [_source_facts(record) for record in records()]
    rows[0]["name"] = BUILTIN
    if as_json:
        print(json.dumps(rows))
        return
    for row in rows:
        print(f"{row['name']}: {row['title']}, zoom {row['min_zoom']} to {row['max_zoom']}")
        print(f"  {row['attribution']}\n  {row['terms']}" + (f"\n  {row['note']}" if row["note"] else ""))


@tiles_app.command("embed")
def embed_command(
    source: Annotated[str, typer.Argument(help="As --source of `search`.", show_default=False)],
    zoom: Annotated[int, typer.Option(help="Compute the levels 4, 6, 8 down to this one.")] = 8,
    encoders: EncodersOption = None,
    max_zoom: ZoomOption = 16,
    device: DeviceOption = None,
    allow_local: LocalOption = False,
    random_weights: RandomOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compute the coarse levels of a source once, so that searches start warm; goes on where it was stopped."""
    with _refusals(), console_progress(errors) as report, _source(source, max_zoom, allow_local=allow_local) as imagery:
        loaded = load_encoders(folder=encoders, device=device, random_weights=random_weights)
        tallies = embed_source(imagery, loaded, zoom, report=report)
        rows = [
            {"zoom": at, "encoded": tally.encoded, "cache_hits": tally.cache_hits,
             "kinds": {kind.name.lower(): count for kind, count in tally.kinds.items()}}
            for at, tally in tallies.items()
        ]  # fmt: skip
    if as_json:
        print(json.dumps({"source": imagery.record.name, "zooms": rows}))
        return
    for row in rows:
        print(f"zoom {row['zoom']}: {row['encoded']} encoded, {row['cache_hits']} known before; {row['kinds']}")
    print(f"imagery: {imagery.record.attribution}")


def evaluate_command(
    manifest: Annotated[Path, typer.Argument(help="CSV: id, path, lat, lon.", show_default=False)],
    more: Annotated[list[int] | None, typer.Argument(help="Further widths after --k.", show_default=False)] = None,
    k: Annotated[list[int] | None, typer.Option(help="Widths, for instance --k 16 32 64.")] = None,
    source: SourceOption = BUILTIN,
    method: MethodOption = Method.PATH.value,
    use_map: Annotated[
        bool, typer.Option("--map/--no-map", help="Begin from the ensemble's map of each photo.")
    ] = False,
    encoders: EncodersOption = None,
    max_zoom: ZoomOption = 16,
    device: DeviceOption = None,
    allow_local: LocalOption = False,
    random_weights: RandomOption = None,
    as_json: JsonOption = False,
) -> None:
    """Accuracy at the five radii, recall per level, tiles encoded and time: paper B's Tables 1 to 3."""
    with _refusals(), console_progress(errors) as report, _source(source, max_zoom, allow_local=allow_local) as imagery:
        from engine.evaluation.manifest import read_manifest

        rule, widths = _method(method, None), [*(k or []), *(more or [])] or [16, 32, 64]
        listed = read_manifest(manifest, need_photos=True)
        if use_map:
            raise InputError("--map is not there for evaluation yet; leave it out.")
        cases, unread = _cases(listed)
        search = tile_search(imagery, load_encoders(folder=encoders, device=device, random_weights=random_weights))
        rows = [evaluate_search(search, cases, SearchSettings(width, rule), report) for width in widths]
        left_out = {**dict(listed.excluded), **unread}
    _print_rows(rows, imagery, left_out, as_json=as_json)


def train_command(
    manifest: Annotated[Path, typer.Argument(help="CSV: id, path, lat, lon.", show_default=False)],
    source: SourceOption,
    out: Annotated[Path, typer.Option(help="Folder of the trained blocks and their record.")] = Path("map_encoders"),
    epochs: Annotated[int, typer.Option(help="Passes over the photos per zoom.")] = 5,
    batch: Annotated[int, typer.Option(help="Photos per step, of all processes together.")] = 64,
    learning_rate: Annotated[float, typer.Option(help="Of Adam.")] = 1e-4,
    seed: Annotated[int, typer.Option(help="Of the split and the order of photos.")] = 0,
    max_zoom: ZoomOption = 16,
    device: DeviceOption = None,
    allow_local: LocalOption = False,
    random_weights: RandomOption = None,
    as_json: JsonOption = False,
) -> None:
    """Teach the last two blocks of CLIP, per zoom, to put a tile beside its photos; goes on where it was stopped.

    With several GPUs: torchrun --nproc-per-node 4 -m engine.cli train map-encoders MANIFEST --source ...
    """
    from engine.evaluation.manifest import read_manifest
    from engine.training.distributed import joined
    from engine.training.map_encoders import TrainSettings, read_pairs, train_map_encoders

    with _refusals(), _source(source, max_zoom, allow_local=allow_local) as imagery, joined(device) as group:
        settings = TrainSettings(epochs=epochs, batch=batch, learning_rate=learning_rate, seed=seed)
        listed = read_manifest(manifest, need_photos=True)
        loaded = load_encoders(device=group.device, dtype="float32", random_weights=random_weights)
        with console_progress(errors) as report:
            pairs = read_pairs(listed, loaded, seed, report)
            record = train_map_encoders(pairs, imagery, loaded, out, settings, report, group)
    if group.is_first:
        _print_training(record, out, {**dict(listed.excluded), **pairs.left_out}, as_json=as_json)


def bench_command(as_json: JsonOption = False) -> None:
    """Warm and cold search with random weights of the true size, on a tile server of this machine. Takes minutes."""
    from engine.bench.search import bench_search
    from engine.cli.progress import print_figures

    with _refusals():
        with console_progress(errors) as report:
            figures = bench_search(report)
        print_figures(figures, as_json)


@contextmanager
def _source(what: str, max_zoom: int, *, allow_local: bool) -> Iterator[TileSource]:
    """An open source, closed at the end; a template of the user's own comes with a warning."""
    if is_own_template(what):
        from engine.search.sources.xyz import OWN_TEMPLATE_WARNING

        errors.print(f"hereabouts: {escape(OWN_TEMPLATE_WARNING)}", soft_wrap=True)
    imagery = open_source(what, Folders().access(allow_local=allow_local, max_zoom=max_zoom))
    try:
        yield imagery
    finally:
        imagery.close()


def _method(text: str, attach: str | None) -> Method:
    if text not in set(Method):
        raise InputError(f"There is no method {text!r}; use path or paper.")
    if attach is not None and text != Method.PAPER:
        raise InputError("--attach belongs to --method paper; the path method takes the ensemble's whole map instead.")
    return Method(text)


def _attached(text: str | None, photo: Photo) -> tuple[float, float] | None:
    """The point to attach, written out or asked of GeoCLIP."""
    if text is None or text != "geoclip":
        return None if text is None else parse_point(text)
    from engine.artifacts.store import Store
    from engine.earth.photo_places import default_geocells
    from engine.predictors.geoclip import GeoClip

    cells = default_geocells("fine")
    best = int(GeoClip.from_store(cells, Store()).predict(photo)[0].probability.argmax())
    return float(cells.mean_latitude[best]), float(cells.mean_longitude[best])


def _prior(photo: Photo, budget_km2: float | None, *, use_map: bool) -> TilePrior | None:
    """The ensemble's map of the photo, inside a region if wanted."""
    if not use_map and budget_km2 is None:
        return None
    with console_progress(errors) as report:
        locator = Locator.load(report=report)
    return map_prior(locator, photo, budget_km2)


def _cases(manifest: Any) -> tuple[list[Case], dict[str, int]]:
    """Photos of a manifest, opened; those that cannot be are counted."""
    cases, unread = [], 0
    for number, path in enumerate(manifest.paths):
        try:
            cases.append(Case(open_photo(path), float(manifest.latitude[number]), float(manifest.longitude[number])))
        except HereaboutsError:
            unread += 1
    return cases, {"photo cannot be opened": unread} if unread else {}


def _print_rows(rows: list[Row], imagery: TileSource, left_out: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        facts = {"source": _source_facts(imagery.record), "rows": [row.as_dict() for row in rows], "left_out": left_out}
        print(json.dumps(facts))
        return
    print(tables(rows))
    print(
        "\n".join([*(f"{count} left out: {reason}" for reason, count in left_out.items()), imagery.record.attribution])
    )


def _print_training(record: dict[str, Any], out: Path, left_out: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({**record, "left_out": left_out}))
        return
    for zoom, entry in record["zooms"].items():
        print(f"zoom {zoom}: validation loss {entry['validation_loss']}, temperature {entry['temperature']:.4g}")
    print("\n".join([*(f"{count} left out: {reason}" for reason, count in left_out.items()), f"written: {out}"]))


def _source_facts(record: SourceRecord) -> dict[str, Any]:
    names = ("name", "title", "attribution", "terms", "min_zoom", "max_zoom", "homepage", "note")
    return {name: getattr(record, name) for name in names}


@contextmanager
def _refusals() -> Iterator[None]:
    """Errors of the engine as one sentence and an exit status."""
    try:
        yield
    except HereaboutsError as error:
        errors.print(f"hereabouts: {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(2 if isinstance(error, InputError) else 1) from error
    except KeyboardInterrupt:
        errors.print("hereabouts: stopped; what was encoded is kept: run it again to go on from there.")
        raise typer.Exit(INTERRUPTED) from None

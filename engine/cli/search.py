"""`hereabouts search`: the tile search of one photo.

Exit status: 0 when there is an answer, 1 when there is none, 2 when the call itself makes no sense, 130 after Ctrl+C
(what was encoded is kept, and the next call goes on from there).
"""

import json
from pathlib import Path
from typing import Annotated, Any

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
from engine.cli.tile_source import exit_on_search_error, open_imagery, parse_method
from engine.errors import InputError, PredictorError
from engine.geometry.point_text import parse_point
from engine.locate.locator import Locator
from engine.photos.photo import Photo, open_photo
from engine.tile_search.beam import Method
from engine.tile_search.results import SearchSettings
from engine.tile_search.session import geoclip_points, map_prior, tile_search
from engine.tile_search.sources.opening import BUILTIN
from engine.tile_search.tile_encoders import load_encoders
from engine.tile_search.tile_prior import TilePrior


def search(
    photo: Annotated[Path, typer.Argument(help="A photo: JPEG, PNG, WebP or TIFF.", show_default=False)],
    source: SourceOption = BUILTIN,
    k: Annotated[int, typer.Option(help="Tiles kept per level; Kim, Jang and Kim use 16, 32 and 64.")] = 64,
    method: MethodOption = Method.PATH.value,
    region: Annotated[float | None, typer.Option(help="Search only the region of this area budget, km2.")] = None,
    use_map: Annotated[bool, typer.Option("--map/--no-map", help="Start from the ensemble's map.")] = True,
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
    """Find the map tile most like a photo, level by level."""
    with exit_on_search_error(), console_progress() as report:
        rule = _parse_rule(method, attach)
        opened = open_photo(photo)
        settings = SearchSettings(k, rule, attached=_parse_attached(attach, opened))
        with open_imagery(source, max_zoom, allow_local=allow_local) as imagery:
            prior = _load_prior(opened, region, use_map=use_map and rule is Method.PATH)
            loaded = load_encoders(folder=encoders, device=device, random_weights=random_weights)
            result = tile_search(imagery, loaded, prior=prior).run(opened, settings, report)
    facts = {"photo": opened.name, **result.as_dict()}
    print(json.dumps(facts, allow_nan=False) if as_json else readable(facts))


def readable(facts: dict[str, Any]) -> str:
    """A result as a few lines of text."""
    lines = [
        facts["photo"],
        f"  tile {facts['best_tile']}, {facts['tile_width_km']:g} km wide, at {facts['lat']:.5f} {facts['lon']:.5f}",
        f"  path probability {facts['path_probability']:.3g}"
        if facts["method"] == Method.PATH.value
        else f"  share of its level {facts['path_probability']:.3g}, not a probability of the place",
    ]
    lines += [
        f"  zoom {level['zoom']:>2}: {level['candidates']:>6} tiles, {level['encoded']:>5} encoded, "
        f"{level['cache_hits']:>6} cached, {level['kept']:>5} kept, {level['seconds']:.2f} s"
        for level in facts["levels"]
    ]
    lines += [f"  note: {note}" for note in facts["notes"]]
    return "\n".join([*lines, f"  imagery: {facts['source']['attribution']}"])


def _parse_rule(text: str, attach: str | None) -> Method:
    rule = parse_method(text)
    if attach is not None and rule is not Method.PAPER:
        raise InputError("--attach belongs to --method paper; the path method uses the ensemble's whole map instead.")
    return rule


def _parse_attached(text: str | None, photo: Photo) -> tuple[float, float] | None:
    """The point to attach: given as text, or predicted by GeoCLIP."""
    if text != "geoclip":
        return None if text is None else parse_point(text)
    points = geoclip_points([photo])
    if points is None:
        raise PredictorError("GeoCLIP is not on this machine; run: hereabouts models fetch geoclip.")
    return points[0]


def _load_prior(photo: Photo, budget_km2: float | None, *, use_map: bool) -> TilePrior | None:
    """The ensemble's map of the photo, cut to a region if a budget is given."""
    if not use_map and budget_km2 is None:
        return None
    with console_progress() as report:
        locator = Locator.load(report=report)
    return map_prior(locator, photo, budget_km2)

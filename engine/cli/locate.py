"""What `hereabouts locate` does: parse the options, locate photo after photo, print or write what came out."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from engine.cases.answering import without_pixels
from engine.cli.progress import console_progress
from engine.errors import HereaboutsError, InputError
from engine.evaluation.kept import settings_in_use
from engine.export.contents import contents_of
from engine.export.files import export_for, write_export
from engine.export.json_result import answer_facts, joint_facts
from engine.geometry.grid import Grid
from engine.geometry.grids import parse_grid
from engine.geometry.point_text import parse_point
from engine.inference.pooling import Pooling
from engine.inference.region import Region
from engine.locate.locator import Answer, Locator, Settings
from engine.locate.multi_photo import answer_together
from engine.photos.photo import display_name, open_photo

DEFAULT_BUDGET_KM2 = 100_000.0
"""Budget where none is asked for: about the area of Iceland."""


@dataclass(frozen=True)
class LocateOptions:
    """Options of one call, checked before any photo is opened."""

    budget_km2: float | None
    mass: float | None
    top_k: int
    separation_km: float
    claim: tuple[float, float] | None
    settings: Settings
    grid: Grid
    out: Path | None
    as_json: bool
    fitted: bool = True
    dependence: float | None = None

    @classmethod
    def parsed(
        cls,
        budget_km2: float | None,
        mass: float | None,
        top_k: int,
        separation_km: float,
        claim: str | None,
        weight: Sequence[str] | None,
        prior_weight: float,
        pooling: str,
        declare: Sequence[str] | None,
        grid: str,
        out: Path | None,
        as_json: bool,
        fitted: bool = True,
        dependence: float | None = None,
    ) -> "LocateOptions":
        """The options as values.

        Raises:
            InputError: one of them makes no sense.
        """
        if budget_km2 is not None and mass is not None:
            raise InputError("Give --budget-km2 or --mass, not both.")
        if pooling not in set(Pooling):
            raise InputError(f"There is no pooling {pooling!r}; use corrected or product.")
        if budget_km2 is None and mass is None:
            budget_km2 = DEFAULT_BUDGET_KM2
        settings = Settings(parse_weights(weight or ()), prior_weight, Pooling(pooling), parse_declared(declare or ()))
        point = parse_point(claim) if claim is not None else None
        asked = budget_km2, mass, top_k, separation_km, point
        return cls(*asked, settings, parse_grid(grid), out, as_json, fitted, dependence)


def parse_weights(texts: Sequence[str]) -> dict[str, float]:
    """``["scene_cues=0.5"]`` as weights by predictor name."""
    return dict(_named_number(text, "--weight", "scene_cues=0.5") for text in texts)


def parse_declared(texts: Sequence[str]) -> dict[str, dict[str, float]]:
    """``["population.high=0.7"]`` as probabilities by partition and label."""
    declared: dict[str, dict[str, float]] = {}
    for text in texts:
        name, value = _named_number(text, "--declare", "population.high=0.7")
        partition, _, label = name.partition(".")
        declared.setdefault(partition, {})[label] = value
    return declared


def _named_number(text: str, option: str, example: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name.strip(), float(value)
    except ValueError as error:
        raise InputError(f"{option} {text!r} is not NAME=NUMBER; write for instance {example}.") from error


def locate_all(photos: Sequence[Path], options: LocateOptions, errors: Console) -> int:
    """Locate every photo; how many could not be. One bad photo does not stop the others.

    Raises:
        InputError: an option fits no photo, for instance a budget beyond the Earth or a file of no known format.
    """
    if options.out is not None:
        export_for(options.out)
    with console_progress(errors) as report:
        locator = Locator.load(options.grid, report)
    options = as_fitted(options, lambda: locator)
    _check_against_the_world(locator, options)
    if options.dependence is not None:
        return _located_together(locator, photos, options, options.dependence, errors)
    failed = 0
    for path in photos:
        try:
            _located(locator, path, options, many=len(photos) > 1)
        except HereaboutsError as error:
            failed += 1
            _tell_failure(path, error, options, errors)
    return failed


def as_fitted(options: LocateOptions, load: Callable[[], Locator]) -> LocateOptions:
    """The options with a kept fit in place of weights that nobody chose, unless that was declined."""
    return replace(options, settings=settings_in_use(options.settings, load)) if options.fitted else options


def _check_against_the_world(locator: Locator, options: LocateOptions) -> None:
    """Settings that no photo could satisfy are refused before the first photo is read."""
    known = {"declared"} | {predictor.record.name for predictor in locator.predictors}
    unknown = sorted(set(options.settings.weights) - known)
    if unknown:
        raise InputError(f"There is no predictor {unknown[0]!r}; there are {', '.join(sorted(known))}.")
    trial = locator.answer_without_photo(options.settings)
    trial.region(options.budget_km2, options.mass)
    trial.candidates(options.top_k, options.separation_km)


def _located(locator: Locator, path: Path, options: LocateOptions, *, many: bool) -> None:
    answer = locator.locate(path, options.settings)
    region = answer.search_map.region(options.budget_km2, options.mass)
    places = answer.search_map.candidates(options.top_k, options.separation_km)
    _told(answer, region, answer_facts(answer, region, places, options.claim), options, many=many)


def _located_together(
    locator: Locator, photos: Sequence[Path], options: LocateOptions, dependence: float, errors: Console
) -> int:
    """One map of all photos that can be opened; how many could not be."""
    read = []
    for path in photos:
        try:
            photo = open_photo(path)
            read.append((without_pixels(photo), locator.read(photo)))
        except HereaboutsError as error:
            _tell_failure(path, error, options, errors)
    if read:
        joint = answer_together(locator, read, options.settings, dependence)
        region = joint.search_map.region(options.budget_km2, options.mass)
        places = joint.search_map.candidates(options.top_k, options.separation_km)
        _told(joint.answer, region, joint_facts(joint, region, places, options.claim), options, many=False)
    return len(photos) - len(read)


def _told(answer: Answer, region: Region, facts: dict[str, Any], options: LocateOptions, *, many: bool) -> None:
    """Write the file that was asked for, and print the answer."""
    if options.out is not None:
        facts["out"] = str(write_region(answer, region, options.out, many=many, facts=facts))
    print(json.dumps(facts, allow_nan=False) if options.as_json else readable(facts), flush=True)


def write_region(
    answer: Answer, region: Region, out: Path, *, many: bool, facts: Mapping[str, Any] | None = None
) -> Path:
    """Write an answer in the format of the file's suffix; with several photos each name carries its photo's digest.

    Args:
        answer: the pooled answer.
        region: the region that was asked for.
        out: the file.
        many: whether other photos are written beside it.
        facts: of ``answer_facts``; made with the usual places unless given.

    Raises:
        InputError: the suffix names no format.
        ExportError: the file cannot be written.
    """
    path = out.with_name(f"{out.stem}-{answer.photo.sha256[:12]}{out.suffix}") if many else out
    known = facts if facts is not None else answer_facts(answer, region, answer.search_map.candidates())
    return write_export(contents_of(answer, region, known), path)


def readable(facts: dict[str, Any]) -> str:
    """An answer for people, a few lines."""
    region = facts["region"]
    lines = [
        facts["photo"]["name"],
        f"  region: {region['area_km2']:,.0f} km2, holds {region['probability']:.1%}, {region['parts']} part(s)",
    ]
    lines += _together_lines(facts.get("together", {}))
    lines += [
        f"  {place['rank']:>3}. {place['lat']:9.4f} {place['lon']:9.4f}  {place['probability']:6.2%}"
        f"  {place['area_km2']:,.0f} km2  {place['name']}".rstrip()
        for place in facts["places"]
    ]
    if "claim" in facts:
        claim = facts["claim"]
        reach = f"{claim['area_to_reach_km2']:,.0f} km2"
        lines.append(f"  claim {claim['lat']:.4f}, {claim['lon']:.4f}: {reach} are searched before it is reached")
        lines += [f"    {sentence}" for sentence in claim["verdict"]]
        lines += [f"    - {voice['sentence']}" for voice in claim["predictors"]]
    lines += [f"  note: {note}" for note in facts["notes"]]
    return "\n".join(lines + ([f"  written: {facts['out']}"] if "out" in facts else []))


def _together_lines(together: Mapping[str, Any]) -> Iterator[str]:
    """How several photos of one place were pooled; nothing where there is one."""
    if not together:
        return
    alike, worth = together["dependence"], together["effective_photos"]
    yield f"  {together['photos']} photos of one place, {alike:.0%} alike, count as {worth:.1f} independent ones"
    for share in together["shares"]:
        area = f"{share['alone_mass']:.0%} of its own map: {share['alone_km2']:,.0f} km2"
        yield f"    - {share['name']}: {share['says']}; {area}"


def _tell_failure(path: Path, error: HereaboutsError, options: LocateOptions, errors: Console) -> None:
    if options.as_json:
        print(json.dumps({"photo": {"name": display_name(path.name)}, "error": str(error)}), flush=True)
    errors.print(f"hereabouts: {escape(str(error))}", soft_wrap=True)

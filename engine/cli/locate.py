"""`hereabouts locate`: options, then photo after photo, each printed or written when it is done."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cases.answering import drop_pixels
from engine.cli.case import locate_case, refuse_beside_case
from engine.cli.console import console_progress, exit_on_error, print_error
from engine.cli.locate_many import is_batch, locate_to_table
from engine.cli.locate_output import check_verdict_path, readable, write_region, write_verdict
from engine.cli.locate_signs import ReadSigns, add_signs, joint_sign_facts, parse_read_signs, read_for
from engine.cli.options import AddressOption, EngineOption, GridOption, WorkersOption
from engine.errors import HereaboutsError, InputError
from engine.evaluation.stored_fits import settings_in_use
from engine.export.json_result import answer_facts, joint_facts
from engine.geometry.grid import Grid
from engine.geometry.grids import parse_grid
from engine.geometry.point_text import parse_point
from engine.inference.pooling import Pooling
from engine.inference.region import Region
from engine.locate.locator import Locator
from engine.locate.multi_photo import DEPENDENCE, answer_together
from engine.locate.result import Answer
from engine.locate.settings import Settings
from engine.photos.photo import display_name, open_photo

DEFAULT_BUDGET_KM2 = 100_000.0
"""Area budget unless one is given: about the area of Iceland."""

OUT_HELP = (
    "One photo: region as .geojson, .kml, .gpkg or .s2, map as .tif, candidates as .csv or .gpx, report as .html. "
    "A folder or a manifest: a table as .parquet or .csv."
)

READ_SIGNS_HELP = "Read the text in photos: off, propose (print what it suggests) or accept (use what is safe)."


@dataclass(frozen=True)
class LocateOptions:
    """What one call does with every photo; checked before any photo is opened.

    Attributes:
        budget_km2, mass: size of the region, by area in km2 or by probability; the other is None. Without either, the
            budget is ``DEFAULT_BUDGET_KM2``.
        top_k: how many candidate locations to rank.
        separation_km: least distance between two of them.
        claim: latitude and longitude of a claimed location, degrees.
        settings: weights and pooling.
        grid: the common grid.
        out: file to write, beside what is printed.
        as_json: whether to print JSON lines.
        fitted: whether fitted weights replace default ones.
        dependence: 0 to 1 where all photos show one location, else None.
        read_signs: whether to read the text in photos, and what to do with what it suggests.
        s2_level: level of the S2 cell tokens in ``out``; None chooses it by the area of the region.
        verdict: one page on the claimed location, .html or .pdf.

    Raises:
        InputError: both ``budget_km2`` and ``mass`` are given.
    """

    budget_km2: float | None = None
    mass: float | None = None
    top_k: int = 5
    separation_km: float = 100.0
    claim: tuple[float, float] | None = None
    settings: Settings = field(default_factory=Settings)
    grid: Grid = field(default_factory=Grid)
    out: Path | None = None
    as_json: bool = False
    fitted: bool = True
    dependence: float | None = None
    read_signs: ReadSigns = ReadSigns.OFF
    s2_level: int | None = None
    verdict: Path | None = None

    def __post_init__(self) -> None:
        if self.budget_km2 is not None and self.mass is not None:
            raise InputError("Give --budget-km2 or --mass, not both.")
        if self.budget_km2 is None and self.mass is None:
            object.__setattr__(self, "budget_km2", DEFAULT_BUDGET_KM2)


def locate(
    context: typer.Context,
    photos: Annotated[
        list[Path] | None, typer.Argument(help="Photos, or one folder or manifest.", show_default=False)
    ] = None,
    case: Annotated[str | None, typer.Option(help="A saved case or its link, with all its settings.")] = None,
    budget_km2: Annotated[float | None, typer.Option(help="Area budget of the region, km2.")] = None,
    mass: Annotated[float | None, typer.Option(help="Probability that the region holds, 0 to 1.")] = None,
    coverage: Annotated[float | None, typer.Option(hidden=True, help="Former name of --mass.")] = None,
    top_k: Annotated[int, typer.Option(help="How many candidate locations to rank.")] = 5,
    separation_km: Annotated[float, typer.Option(help="Least distance between two candidates, km.")] = 100.0,
    claim: Annotated[str | None, typer.Option(help="A claimed location, LAT,LON in degrees.")] = None,
    verdict: Annotated[
        Path | None, typer.Option(help="One page on the claimed location for an editor, .html or .pdf.")
    ] = None,
    weight: Annotated[list[str] | None, typer.Option(help="NAME=NUMBER, weight of a predictor; 0 is off.")] = None,
    prior_weight: Annotated[float, typer.Option(help="Weight of the photo prior: 1 full, 0 uniform over land.")] = 1.0,
    pooling: Annotated[str, typer.Option(help="corrected, or product as Bianco et al. 2024.")] = "corrected",
    declare: Annotated[list[str] | None, typer.Option(help="population.high=0.7, probability of a label.")] = None,
    grid: GridOption = "5400x10800",
    one_place: Annotated[bool, typer.Option("--one-place", help="All photos show one location: pool them.")] = False,
    alike: Annotated[float | None, typer.Option(help="Dependence of these photos, 0 (independent) to 1.")] = None,
    read_signs: Annotated[str, typer.Option(help=READ_SIGNS_HELP)] = "off",
    out: Annotated[Path | None, typer.Option(help=OUT_HELP)] = None,
    s2_level: Annotated[
        int | None,
        typer.Option(help="Level of the S2 cells in an .s2 file; by area unless given.", min=0, max=14),
    ] = None,
    fitted: Annotated[bool, typer.Option(help="Weights that `evaluate --keep` fitted, unless you give any.")] = True,
    workers: WorkersOption = 2,
    engine: EngineOption = "local",
    address: AddressOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per photo, one per line.")] = False,
) -> None:
    """Find the search region of each photo."""
    with exit_on_error():
        if case is not None:
            refuse_beside_case(context)
            raise typer.Exit(1 if locate_case(case, photos or [], out, as_json, s2_level=s2_level) else 0)
        if not photos:
            raise InputError("No photo was named; name photos, a folder or a manifest, or a saved case with --case.")
        options = LocateOptions(
            budget_km2=budget_km2,
            mass=_parse_mass(mass, coverage),
            top_k=top_k,
            separation_km=separation_km,
            claim=None if claim is None else parse_point(claim),
            verdict=check_verdict_path(verdict, claim),
            settings=Settings(
                parse_weights(weight or ()), prior_weight, _parse_pooling(pooling), parse_declared(declare or ())
            ),
            grid=parse_grid(grid),
            out=out,
            as_json=as_json,
            fitted=fitted,
            dependence=_parse_dependence(photos, out, one_place, alike),
            read_signs=parse_read_signs(read_signs),
            s2_level=s2_level,
        )
        if options.dependence is None and is_batch(photos, out):
            _check_batch(options)
            failed = locate_to_table(photos, out, options, workers, engine, address).failed
        else:
            failed = locate_all(photos, options)
    raise typer.Exit(1 if failed else 0)


def _check_batch(options: LocateOptions) -> None:
    if options.read_signs is not ReadSigns.OFF:
        raise InputError("--read-signs is for photos that you name one by one, not for a table; leave the table out.")


def _parse_mass(mass: float | None, coverage: float | None) -> float | None:
    """The value of ``--mass``, or of its former name ``--coverage``."""
    if mass is not None and coverage is not None:
        raise InputError("--coverage is the former name of --mass; give --mass alone.")
    return coverage if mass is None else mass


def _parse_pooling(text: str) -> Pooling:
    if text not in set(Pooling):
        raise InputError(f"There is no pooling {text!r}; use corrected or product.")
    return Pooling(text)


def _parse_dependence(photos: list[Path], out: Path | None, one_place: bool, alike: float | None) -> float | None:
    """Dependence between photos of one location; None where each is located by itself."""
    if not one_place:
        if alike is not None:
            raise InputError("--alike is for photos of one location; give --one-place as well.")
        return None
    if any(path.is_dir() for path in photos) or (out is not None and out.suffix.lower() == ".parquet"):
        raise InputError("--one-place pools photos that you name one by one, for instance holiday/*.jpg.")
    return DEPENDENCE if alike is None else alike


def parse_weights(texts: Sequence[str]) -> dict[str, float]:
    """``["scene=0.5"]`` as weights by predictor name."""
    return dict(_parse_named_number(text, "--weight", "scene=0.5") for text in texts)


def parse_declared(texts: Sequence[str]) -> dict[str, dict[str, float]]:
    """``["population.high=0.7"]`` as probabilities by partition and label."""
    declared: dict[str, dict[str, float]] = {}
    for text in texts:
        name, value = _parse_named_number(text, "--declare", "population.high=0.7")
        partition, _, label = name.partition(".")
        declared.setdefault(partition, {})[label] = value
    return declared


def _parse_named_number(text: str, option: str, example: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name.strip(), float(value)
    except ValueError as error:
        raise InputError(f"{option} {text!r} is not NAME=NUMBER; write for instance {example}.") from error


def locate_all(photos: Sequence[Path], options: LocateOptions) -> int:
    """Locate every photo; how many failed. One bad photo does not stop the others.

    Raises:
        InputError: an option fits no photo, for instance a budget beyond the Earth or a file of no known format.
    """
    if options.out is not None:
        from engine.export.files import export_for

        export_for(options.out)
    with console_progress() as report:
        locator = Locator.load(options.grid, report)
    options = apply_fit(options, lambda: locator)
    _check_options(locator, options)
    if options.dependence is not None:
        return _locate_jointly(locator, photos, options, options.dependence)
    failed = 0
    for path in photos:
        try:
            _locate_one(locator, path, options, many=len(photos) > 1)
        except HereaboutsError as error:
            failed += 1
            _print_failure(path, error, options)
    return failed


def apply_fit(options: LocateOptions, load: Callable[[], Locator]) -> LocateOptions:
    """The options with stored fitted weights in place of default ones, unless ``--no-fitted`` was given."""
    return replace(options, settings=settings_in_use(options.settings, load)) if options.fitted else options


def _check_options(locator: Locator, options: LocateOptions) -> None:
    """Refuse settings that no photo could satisfy, before the first photo is read."""
    known = {"declared"} | {predictor.record.name for predictor in locator.predictors}
    unknown = sorted(set(options.settings.weights) - known)
    if unknown:
        raise InputError(f"There is no predictor {unknown[0]!r}; there are {', '.join(sorted(known))}.")
    trial = locator.answer_without_photo(options.settings)
    trial.region(options.budget_km2, options.mass)
    trial.candidates(options.top_k, options.separation_km)


def _locate_one(locator: Locator, path: Path, options: LocateOptions, *, many: bool) -> None:
    photo = open_photo(path)
    signs = read_for(photo, options.read_signs)
    answer = locator.locate(photo, add_signs(options.settings, [signs]))
    region = answer.search_map.region(options.budget_km2, options.mass)
    candidates = answer.search_map.candidates(options.top_k, options.separation_km)
    facts = answer_facts(answer, region, candidates, options.claim)
    if signs is not None:
        facts["signs"] = signs.facts()
    _output(answer, region, facts, options, many=many)


def _locate_jointly(locator: Locator, photos: Sequence[Path], options: LocateOptions, dependence: float) -> int:
    """Pool all photos that can be opened into one map; how many cannot be."""
    read, signs = [], []
    for path in photos:
        try:
            photo = open_photo(path)
            read.append((drop_pixels(photo), locator.read(photo)))
            signs.append(read_for(photo, options.read_signs))
        except HereaboutsError as error:
            _print_failure(path, error, options)
    if read:
        joint = answer_together(locator, read, add_signs(options.settings, signs), dependence)
        region = joint.search_map.region(options.budget_km2, options.mass)
        candidates = joint.search_map.candidates(options.top_k, options.separation_km)
        facts = joint_facts(joint, region, candidates, options.claim)
        if options.read_signs is not ReadSigns.OFF:
            facts["signs"] = joint_sign_facts(signs)
        _output(joint.answer, region, facts, options, many=False)
    return len(photos) - len(read)


def _output(answer: Answer, region: Region, facts: dict[str, Any], options: LocateOptions, *, many: bool) -> None:
    """Write the file of ``--out`` and print the result."""
    if options.out is not None:
        path = write_region(answer, region, options.out, many=many, facts=facts, s2_level=options.s2_level)
        facts["out"] = str(path)
    if options.verdict is not None:
        facts["verdict_out"] = str(write_verdict(answer, region, options.verdict, facts, many=many))
    print(json.dumps(facts, allow_nan=False) if options.as_json else readable(facts), flush=True)


def _print_failure(path: Path, error: HereaboutsError, options: LocateOptions) -> None:
    if options.as_json:
        print(json.dumps({"photo": {"name": display_name(path.name)}, "error": str(error)}), flush=True)
    print_error(str(error))

"""`hereabouts evaluate`, `evaluate-points` and `reproduce`: how reliable regions are."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.console import console_progress, exit_on_error
from engine.cli.options import FiguresOption, GridOption, JsonOption, PointsOption, PredictorsOption
from engine.errors import ExportError, InputError

if TYPE_CHECKING:
    from engine.predictors.base import Predictor

ManifestOption = Annotated[Path | None, typer.Option("--manifest", help="The manifest, in place of the argument.")]


def evaluate(
    manifest: Annotated[Path | None, typer.Argument(help="CSV: id, path, lat, lon[, author, split].")] = None,
    manifest_option: ManifestOption = None,
    predictors: PredictorsOption = None,
    points: PointsOption = None,
    features: Annotated[list[str] | None, typer.Option(help="NAME=FILE.csv:population, a table of features.")] = None,
    ensembles: Annotated[list[str] | None, typer.Option(help="base, +LS, ..., or NAME:predictor=1,prior=0.75.")] = None,
    balance: Annotated[str, typer.Option(help="landscan: equally many photos of each bucket; or none.")] = "none",
    fit: Annotated[bool | None, typer.Option(help="Fit pooling and calibrate coverage.")] = None,
    out: Annotated[Path, typer.Option(help="Folder of tables, figures and records.")] = Path("evaluation"),
    outputs: Annotated[Path | None, typer.Option(help="Folder of stored outputs; OUT/outputs unless given.")] = None,
    grid: GridOption = "5400x10800",
    figures: FiguresOption = True,
    keep: Annotated[bool, typer.Option(help="Use the fit and the calibration from now on.")] = False,
    seed: Annotated[int, typer.Option(help="Of balance, folds and bootstrap.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Recall vs Area, distances and coverage on known photos."""
    with exit_on_error():
        summary = evaluate_files(
            _one_manifest(manifest, manifest_option), predictors, points or (), features or (), ensembles or (),
            balance, fit, out, outputs, grid, figures, keep, seed,
        )  # fmt: skip
    _print_summary(summary, out, as_json)


def evaluate_files(
    manifest: Path,
    predictors: Sequence[str] | None,
    points: Sequence[str],
    features: Sequence[str],
    ensembles: Sequence[str],
    balance: str,
    fit: bool | None,
    out: Path,
    outputs: Path | None,
    grid: str,
    figures: bool,
    keep: bool,
    seed: int,
) -> dict[str, Any]:
    """Evaluate a manifest, write tables and figures, and return the summary.

    Raises:
        HereaboutsError: an option or a file makes no sense.
    """
    from engine.evaluation.manifest import read_manifest
    from engine.evaluation.results import write_results
    from engine.evaluation.run import Plan, run
    from engine.geometry.grids import parse_grid
    from engine.locate.locator import Locator

    photos = read_manifest(manifest)
    with console_progress() as report:
        locator = Locator.load(parse_grid(grid), report)
    plan = Plan(
        select_predictors(predictors, any(path is not None for path in photos.paths), locator.predictors),
        tuple(_parse_named_file(text, "--points") for text in points),
        tuple(_parse_named_features(text) for text in features),
        tuple(ensembles),
        _parse_balance(balance),
        fit,
        outputs or out / "outputs",
        seed,
    )
    with console_progress() as report:
        outcome = run(locator.world, photos, plan, report)
    summary = write_results(outcome, out, f"Evaluation of {manifest.name}", figures, seed)
    if keep:
        keep_records(out)
    return summary


def select_predictors(
    names: Sequence[str] | None, have_photos: bool, available: Sequence["Predictor"]
) -> tuple[Any, ...]:
    """Predictors by name: all that are ready by default, none without photos or for the name ``none``.

    Raises:
        InputError: there is no predictor of a name, or no photo to run it on.
    """
    if names is None and not have_photos:
        return ()
    known = {predictor.record.name: predictor for predictor in available}
    wanted = [name for text in names or known for name in text.split(",") if name != "none"]
    unknown = next((name for name in wanted if name not in known), None)
    if unknown is not None:
        raise InputError(f"There is no predictor {unknown!r}; there are {', '.join(known)}, or none.")
    if wanted and not have_photos:
        raise InputError("The manifest names no photo files, so predictors cannot run; add a column path.")
    return tuple(known[name] for name in wanted)


def keep_records(folder: Path) -> None:
    """Install the fit and the calibrations of an evaluation for the command line and the dashboard.

    Raises:
        ExportError: they cannot be copied.
        InputError: there are none.
    """
    from engine.evaluation.records import records_folder

    found = [*folder.glob("fitted-pooling.json"), *folder.glob("calibration-*.json")]
    if not found:
        raise InputError("Nothing was fitted, so there is nothing to keep; mark photos with split=fit or add --fit.")
    try:
        records_folder().mkdir(parents=True, exist_ok=True)
        for path in found:
            shutil.copy(path, records_folder() / path.name)
    except OSError as error:
        raise ExportError(
            f"{records_folder()} cannot be written ({error.strerror}); set HEREABOUTS_RECORDS."
        ) from error


def evaluate_points(
    truth: Annotated[Path, typer.Argument(help="CSV: id, lat, lon.", show_default=False)],
    predictions: Annotated[Path, typer.Argument(help="CSV: id, lat, lon of a model's points.", show_default=False)],
    id_column: Annotated[str | None, typer.Option(help="Column of the ids of the predictions.")] = None,
    lat_column: Annotated[str | None, typer.Option(help="Column of the predicted latitudes.")] = None,
    lon_column: Annotated[str | None, typer.Option(help="Column of the predicted longitudes.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Share of points within 1, 25, 200, 750 and 2500 km.

    Distances are between the points that a model predicted and the true locations.
    """
    from engine.evaluation.distance import evaluate_points_files
    from engine.evaluation.tables import distance_markdown

    columns = {"id": id_column, "lat": lat_column, "lon": lon_column}
    with exit_on_error():
        table = evaluate_points_files(truth, predictions, {key: value for key, value in columns.items() if value})
    print(json.dumps(table.as_dict()) if as_json else distance_markdown(table, predictions.stem))


def reproduce(
    im2gps3k: Annotated[
        Path | None, typer.Option(help="Folder with the Im2GPS3k photos and their metadata CSV.")
    ] = None,
    street_view: Annotated[Path | None, typer.Option(help="Folder or manifest of a Street View set.")] = None,
    predictors: PredictorsOption = None,
    points: PointsOption = None,
    out: Annotated[Path, typer.Option(help="Folder of tables and figures.")] = Path("reproduction"),
    grid: Annotated[str, typer.Option(help="ROWSxCOLUMNS; 21600x43200 fills the 1 km column.")] = "5400x10800",
    seed: Annotated[int, typer.Option(help="Of the balance and the bootstrap.")] = 0,
    figures: FiguresOption = True,
) -> None:
    """Published tables (Bianco 2024) from your own photos.

    Tables 1 and 2 of Bianco et al. 2024 from your copies of the photos, beside the published numbers.
    """
    from engine.evaluation.published import TABLES
    from engine.evaluation.records import write_text
    from engine.evaluation.reproduce import paper_rows, prepared_manifest
    from engine.evaluation.tables import beside_published

    sets = {"im2gps3k": im2gps3k, "street_view": street_view}
    with exit_on_error():
        if not any(sets.values()):
            raise InputError("Nothing to reproduce: give --im2gps3k FOLDER, --street-view FOLDER or both.")
        for name, source in sets.items():
            if source is None:
                continue
            manifest = prepared_manifest(source, out / f"{name}.csv")
            summary = evaluate_files(
                manifest,
                predictors,
                points or (),
                (),
                (),
                "landscan",
                None,
                out / name,
                None,
                grid,
                figures,
                False,
                seed,
            )
            ours = summary["ensembles"]
            text = beside_published(ours, TABLES[name], paper_rows(row["name"] for row in ours))
            write_text(out / f"{name}.md", text)
            print(text)


def _one_manifest(argument: Path | None, option: Path | None) -> Path:
    if (argument is None) == (option is None):
        raise InputError("Give one manifest: hereabouts evaluate MANIFEST.csv.")
    return argument or option or Path()


def _parse_named_file(text: str, option: str) -> tuple[str, Path]:
    name, _, path = text.partition("=")
    if not name.strip() or not path.strip():
        raise InputError(f"{option} {text!r} is not NAME=FILE.csv; write for instance geoclip=points.csv.")
    if ":" in name or name.strip() == "prior":
        raise InputError(f"{option} cannot be called {name!r}; choose a short name without a colon, other than prior.")
    return name.strip(), Path(path.strip())


def _parse_named_features(text: str) -> tuple[str, Path, str]:
    start, _, partition = text.rpartition(":")
    if not start:
        raise InputError(f"--features {text!r} is not NAME=FILE.csv:PARTITION; write scenes=features.csv:population.")
    return (*_parse_named_file(start, "--features"), partition.strip())


def _parse_balance(text: str) -> bool:
    if text not in ("landscan", "population", "none"):
        raise InputError(f"There is no balance {text!r}; use landscan (population buckets) or none.")
    return text != "none"


def _print_summary(summary: dict[str, Any], out: Path, as_json: bool) -> None:
    from engine.evaluation.tables import paper_table

    if as_json:
        print(json.dumps(summary, allow_nan=False))
        return
    print(paper_table(summary["ensembles"], f"{summary['ensembles'][0]['photos']} photos"))
    for note in [*summary["notes"], *summary["leakage"]["sentences"]]:
        print(f"note: {note}")
    print(f"written: {out}")

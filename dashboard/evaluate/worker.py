"""What the Evaluate page does: evaluate in a thread, keep what was uploaded. Draws nothing."""

from dataclasses import dataclass, replace
from pathlib import Path

from dashboard.common.jobs import JOBS, Job
from dashboard.evaluate.results import remember
from engine.errors import InputError
from engine.evaluation.manifest import Manifest, read_manifest
from engine.evaluation.records import write_text
from engine.evaluation.results import write_results
from engine.evaluation.run import Outcome, Plan, run
from engine.locate.locator import Locator
from engine.paths import data_folder

JOB = "evaluate"
STEPS = 1000
"""Parts that the progress of an evaluation is told in."""


@dataclass(frozen=True)
class Request:
    """What is to be evaluated from the page.

    Attributes:
        manifest: the CSV file.
        out: folder of the results.
        photos: what relative paths in the manifest are relative to; its own folder unless given.
        ask: whether the predictors look at the photos.
        points: ``(name, file)`` of other models' points.
        balance: whether the tables are balanced over population buckets.
        fit: whether pooling is fitted and coverage calibrated, on a random half if no split is marked.
        keep: whether the fit and the calibrations are used from now on.
    """

    manifest: Path
    out: Path
    photos: Path | None = None
    ask: bool = True
    points: tuple[tuple[str, Path], ...] = ()
    balance: bool = False
    fit: bool = False
    keep: bool = False


def job() -> Job | None:
    """The evaluation that runs or ran last."""
    return JOBS.job(JOB)


def start(request: Request, locator: Locator) -> Job:
    """Evaluate in a thread; one at a time on a server."""

    def work(job: Job) -> str:
        return evaluated(request, locator, job)

    return JOBS.start(JOB, f"Evaluating {request.manifest.name}", work)


def evaluated(request: Request, locator: Locator, job: Job) -> str:
    """Do the work of a request; a sentence on what came of it.

    Raises:
        HereaboutsError: something makes no sense, cannot be written, or the work was stopped.
    """

    def report(what: str, share: float) -> None:
        if job.cancelled():
            raise InputError("The evaluation was stopped; the next one reuses the predictor outputs so far.")
        job.report(what, round(STEPS * share), STEPS)

    photos = _with_photo_folder(read_manifest(request.manifest), request.photos)
    asked = locator.predictors if request.ask and any(path is not None for path in photos.paths) else ()
    plan = Plan(
        asked, request.points, balance=request.balance, fit=request.fit or None, outputs=request.out / "outputs",
        threads=1,  # the other core is for whoever looks at the dashboard
    )  # fmt: skip
    outcome = run(locator.world, photos, plan, report)
    write_results(outcome, request.out, f"Evaluation of {request.manifest.name}")
    remember(request.out)
    tested = len(outcome.evaluation.manifest)
    return f"{tested:,} photos evaluated; the results are in {request.out}. {_store_records(request, outcome)}".strip()


def _with_photo_folder(manifest: Manifest, folder: Path | None) -> Manifest:
    """The manifest with relative photo paths taken from another folder."""
    if folder is None:
        return manifest
    own = manifest.folder
    paths = [folder / p.relative_to(own) if p is not None and p.is_relative_to(own) else p for p in manifest.paths]
    return replace(manifest, paths=tuple(paths))


def _store_records(request: Request, outcome: Outcome) -> str:
    if not request.keep:
        return ""
    if not outcome.calibrations:
        return "No fit to store: switch on Fit and calibrate, or mark 200 photos with split = fit."
    from engine.cli.evaluate import keep_records

    keep_records(request.out)
    return "The Locate page now uses the fit and the calibration."


def saved_upload(data: bytes, name: str, folder: Path) -> Path:
    """Keep an uploaded CSV file in the folder of the results.

    Raises:
        InputError: it is not text.
        ExportError: it cannot be written.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("The file is not UTF-8 text; save it as a UTF-8 CSV.") from error
    path = folder / f"{plain_stem(name)}.csv"
    write_text(path, text)
    return path


def plain_stem(name: str) -> str:
    """The name of a file without its folder and ending, as letters, digits and dashes."""
    stem = "".join(letter if letter.isalnum() else "-" for letter in Path(name).stem).strip("-")
    return stem[:60] or "evaluation"


def default_out(name: str) -> Path:
    """Where the results of a manifest go unless another folder is named."""
    return data_folder() / "evaluations" / plain_stem(name)

"""``hereabouts locate FOLDER|MANIFEST --out TABLE``: many photos to one table."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.console import console_progress
from engine.errors import InputError

if TYPE_CHECKING:
    from engine.batch.run import BatchSummary
    from engine.cli.locate import LocateOptions


def is_batch(sources: Sequence[Path], out: Path | None) -> bool:
    """Whether ``locate`` writes a table: of one folder or manifest, or in a format that only tables have.

    A folder among photos is an error of that argument, not a batch. One photo with a ``.csv`` gives the candidate
    locations of that photo, see ``engine.export.places_csv``.
    """
    if out is None:
        return False
    one_collection = len(sources) == 1 and (sources[0].is_dir() or sources[0].suffix.lower() == ".csv")
    return one_collection or out.suffix.lower() == ".parquet" or (len(sources) > 1 and out.suffix.lower() == ".csv")


def locate_to_table(
    sources: Sequence[Path],
    out: Path | None,
    options: "LocateOptions",
    workers: int = 2,
    engine: str = "local",
    address: str | None = None,
) -> "BatchSummary":
    """Locate the photos of folders and manifests with a progress bar, and write the table.

    Raises:
        InputError: ``out`` is missing, no photo was found, or an option makes no sense.
        ExportError: the table cannot be written.
    """
    from engine.batch.run import BatchOptions, jobs_of, locate_batch
    from engine.cli.locate import apply_fit
    from engine.locate.locator import Locator

    if out is None:
        raise InputError("A folder or a manifest needs --out, for instance --out results.parquet.")
    jobs = [job for source in sources for job in jobs_of(source)]
    options = apply_fit(options, lambda: Locator.load(options.grid))
    grid = "x".join(str(size) for size in options.grid.shape)
    chosen = BatchOptions(
        options.settings,
        options.budget_km2,
        options.mass,
        options.top_k,
        options.separation_km,
        grid,
        workers=workers,
        engine=engine,
        address=address,
    )
    with console_progress() as report:
        return locate_batch(jobs, out, chosen, report)

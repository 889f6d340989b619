"""``hereabouts locate FOLDER|MANIFEST --out TABLE``: many photos to one table."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from engine.cli.progress import console_progress
from engine.errors import InputError

if TYPE_CHECKING:
    from engine.batch.run import BatchSummary
    from engine.cli.locate import LocateOptions

errors = Console(stderr=True, highlight=False)


def is_batch(sources: Sequence[Path], out: Path | None) -> bool:
    """Whether ``locate`` is asked for a table: in a format that only tables have, or of one folder or manifest.

    A folder among photos is a slip, not a batch: it gets its sentence and the photos go on. One photo with a ``.csv``
    is no table of photos but the places of that photo, see ``engine.export.places_csv``.
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
    """What ``hereabouts locate FOLDER|MANIFEST --out results.parquet`` does, with a progress bar.

    Raises:
        InputError: there is no ``out``, no photo, or an option makes no sense.
        ExportError: the table cannot be written.
    """
    from engine.batch.run import BatchOptions, jobs_of, locate_batch
    from engine.cli.locate import as_fitted
    from engine.locate.locator import Locator

    if out is None:
        raise InputError("A folder or a manifest needs --out, for instance --out results.parquet.")
    jobs = [job for source in sources for job in jobs_of(source)]
    options = as_fitted(options, lambda: Locator.load(options.grid))
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
    with console_progress(errors) as report:
        return locate_batch(jobs, out, chosen, report)

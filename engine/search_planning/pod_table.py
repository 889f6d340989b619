"""PODs of segments from a table: one line a segment, one column an operational period, in per cent."""

import csv
import io
import re

from engine.errors import InputError
from engine.search_planning.plan import MOST_PERIODS, SearchPlan

LARGEST_TABLE = 1_000_000


def apply_pods(plan: SearchPlan, data: bytes) -> SearchPlan:
    """The plan with the PODs of a CSV: a column ``segment``, and ``pod`` or ``pod_1``, ``pod_2``, ... in per cent.

    Empty cells change nothing. A table whose numbers are all 1 or less is refused: those are shares, not per cent.

    Raises:
        InputError: it is no such table, names an unknown segment, or a POD is not 0 to 100.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("sep=")]
    if not lines or len(data) > LARGEST_TABLE:
        raise InputError(
            "The table of PODs is empty or too large; give a line of headings (segment, pod) and segments."
        )
    separator = max(";\t,", key=lines[0].count)
    heads, *rows = csv.reader(io.StringIO("\n".join(lines)), delimiter=separator)
    heads = [head.strip().lower() for head in heads]
    if "segment" not in heads:
        raise InputError(f"The table of PODs has the columns {', '.join(heads)[:80]}; name one of them 'segment'.")
    periods = {column: period for column, head in enumerate(heads) if (period := _period(head)) is not None}
    if not periods:
        raise InputError("The table of PODs has no column 'pod' or 'pod_1'; give the PODs in per cent.")
    _refuse_shares([row[column] for row in rows for column in periods if column < len(row)])
    for row in rows:
        name = row[heads.index("segment")].strip() if heads.index("segment") < len(row) else ""
        for column, period in periods.items():
            cell = row[column].strip() if column < len(row) else ""
            if name and cell:
                segment = plan.named(name)
                plan = plan.with_segment(name, segment.searched(period, _percent(cell, name)))
    return plan


def _refuse_shares(cells: list[str]) -> None:
    numbers = [float(found[0].replace(",", ".")) for cell in cells if (found := re.match(r"\s*\d+(?:[.,]\d+)?", cell))]
    if any(0.0 < number < 1.0 for number in numbers) and max(numbers) <= 1.0 and not any("%" in cell for cell in cells):
        raise InputError("The PODs of the table are all 1 or less, as if they were shares; write 70 for 70 %.")


def _period(head: str) -> int | None:
    found = re.fullmatch(r"pod(?:[ _-]*(?:op)?\s*(\d{1,2}))?(?:\s*\(?%\)?)?", head)
    if found is None:
        return None
    period = int(found[1] or 1)
    return period if 1 <= period <= MOST_PERIODS else None


def _percent(cell: str, name: str) -> float:
    try:
        percent = float(cell.rstrip("% ").replace(",", "."))
    except ValueError as error:
        raise InputError(f"The POD of segment {name} is {cell[:20]!r}; give per cent from 0 to 100.") from error
    if not 0.0 <= percent <= 100.0:
        raise InputError(f"The POD of segment {name} is {percent:g} %; give per cent from 0 to 100.")
    return percent / 100.0

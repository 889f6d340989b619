"""What every verb prints alike: a bar on standard error where a person looks at it, and figures."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from engine.progress import Report


@contextmanager
def console_progress(console: Console) -> Iterator[Report]:
    """A ``Report`` that draws a bar; silent when standard error is not a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Starting", total=1.0)
        yield lambda what, share: bar.update(task, description=what, completed=share)


def print_figures(figures: dict[str, Any], as_json: bool) -> None:
    """Figures of a benchmark, for people or for programs."""
    if as_json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:>24}  {value:.6g}" if isinstance(value, float) else f"{name:>24}  {value}")

"""What every verb prints alike: errors as one sentence, a progress bar on standard error, figures."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import typer

from engine.errors import HereaboutsError, InputError
from engine.progress import Report

INTERRUPTED = 130
"""Exit status after Ctrl+C."""


def verb_group(description: str) -> typer.Typer:
    """An empty group of verbs; its help is plain text, since ``rich`` takes longer to import than a verb to start."""
    return typer.Typer(help=description, no_args_is_help=True, add_completion=False, rich_markup_mode=None)


def print_error(sentence: str) -> None:
    """Print a sentence on standard error, under the name of the program."""
    print(f"hereabouts: {sentence}", file=sys.stderr, flush=True)


@contextmanager
def exit_on_error(*, interrupted: str | None = None, silent: bool = False) -> Iterator[None]:
    """Turn an error of the engine into its sentence and an exit status: 2 for input that makes no sense, else 1.

    Args:
        interrupted: the sentence after Ctrl+C; without it the interrupt goes on to the caller.
        silent: print no sentence; for all but the first of several processes.
    """
    try:
        yield
    except HereaboutsError as error:
        if not silent:
            print_error(str(error))
        raise typer.Exit(2 if isinstance(error, InputError) else 1) from error
    except KeyboardInterrupt:
        if interrupted is None:
            raise
        print_error(interrupted)
        raise typer.Exit(INTERRUPTED) from None


@contextmanager
def console_progress() -> Iterator[Report]:
    """A ``Report`` that draws a bar; silent when standard error is not a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Starting", total=1.0)
        yield lambda what, share: bar.update(task, description=what, completed=share)


def print_figures(figures: Mapping[str, Any], as_json: bool) -> None:
    """Print figures of a benchmark, for people or as one JSON object."""
    if as_json:
        print(json.dumps(figures))
        return
    width = max(24, *map(len, figures))
    for name, value in figures.items():
        print(f"{name:>{width}}  {value:.6g}" if isinstance(value, float) else f"{name:>{width}}  {value}")

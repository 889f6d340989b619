"""`hereabouts`: one verb per task; without a verb it opens the dashboard.

Exit status: 0 when every photo was located, 1 when some were not, 2 when the call itself makes no sense.
"""

import sys
from typing import Annotated

import typer

from engine.cli.console import INTERRUPTED, exit_on_error, print_error
from engine.cli.lazy import LazyGroup
from engine.cli.options import GridOption


class Verbs(LazyGroup):
    """Every verb with the module that defines it; help texts repeat the first lines of the verbs' own."""

    verbs = {  # noqa: RUF012 - read-only; typer makes one instance per process
        "locate": ("engine.cli.locate:locate", "Find the search region of each photo."),
        "case": ("engine.cli.case:app", "Show or check a saved case."),
        "findable": (
            "engine.cli.findable:findable",
            "What a photo reveals of its location, and a clean copy.",
        ),
        "plan": ("engine.cli.plan:plan", "Plan a search for a person: POA, POD, POS, next segments."),
        "models": ("engine.cli.models:app", "The published models: list, fetch, use, verify, remove."),
        "layers": ("engine.cli.layers:app", "The satellite layers: list, add, fetch, check, remove."),
        "search": ("engine.cli.search:search", "Find the map tile most like a photo, level by level."),
        "tiles": ("engine.cli.tiles:app", "Imagery of the tile search: list, embed coarse levels."),
        "evaluate": (
            "engine.cli.evaluate:evaluate",
            "Recall vs Area, distances and coverage on known photos.",
        ),
        "evaluate-points": (
            "engine.cli.evaluate:evaluate_points",
            "Share of points within 1, 25, 200, 750 and 2500 km.",
        ),
        "evaluate-search": (
            "engine.cli.evaluate_search:evaluate_search_command",
            "Accuracy and cost of the tile search on known photos.",
        ),
        "reproduce": (
            "engine.cli.evaluate:reproduce",
            "Published tables (Bianco 2024) from your own photos.",
        ),
        "plot": ("engine.cli.plot:app", "Figures 1, 3 and 6 (Bianco 2024) from your data."),
        "train": ("engine.cli.train:app", "Train networks on your own geotagged photos."),
        "embed": (
            "engine.cli.train:embed",
            "Store embeddings of photos in a table, to train heads.",
        ),
        "bench": ("engine.cli.bench:app", "Measure speed as a ratio against a baseline."),
    }


app = typer.Typer(
    cls=Verbs,
    help="Where on Earth was this photo taken? A search region with an area and a probability, not a pin.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Port of the dashboard.", min=1, max=65535)] = 8501,
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
    grid: GridOption = "5400x10800",
) -> None:
    """Open the dashboard, unless a verb is given."""
    if context.invoked_subcommand is None:
        from engine.cli.launch import open_dashboard
        from engine.geometry.grids import parse_grid

        with exit_on_error():
            raise typer.Exit(open_dashboard(port, browser, parse_grid(grid)))


def main() -> None:
    """Entry point of the ``hereabouts`` command."""
    try:
        app()
    except KeyboardInterrupt:
        print_error("stopped.")
        sys.exit(INTERRUPTED)

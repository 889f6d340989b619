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
    """Every verb with the module that defines it; help texts are the first sentences of the verbs' own."""

    verbs = {  # noqa: RUF012 - read-only; typer makes one instance per process
        "locate": ("engine.cli.locate:locate", "Find the search region of each photo."),
        "case": ("engine.cli.case:app", "Show or check a saved case."),
        "findable": (
            "engine.cli.findable:findable",
            "How findable a photo is: the area to search with and without its metadata, and what reveals it.",
        ),
        "models": ("engine.cli.models:app", "The published models: list, fetch, use, verify, remove."),
        "layers": ("engine.cli.layers:app", "The satellite layers: list, add your own, fetch, check, remove."),
        "search": ("engine.cli.search:search", "Search map tiles, level by level, for the one most like the photo."),
        "tiles": ("engine.cli.tiles:app", "Imagery of the tile search: list sources, embed coarse levels."),
        "evaluate": (
            "engine.cli.evaluate:evaluate",
            "Recall vs Area, distances and coverage on photos with known locations.",
        ),
        "evaluate-points": (
            "engine.cli.evaluate:evaluate_points",
            "The classic table: share of points within 1, 25, 200, 750 and 2500 km of the true location.",
        ),
        "evaluate-search": (
            "engine.cli.evaluate_search:evaluate_search_command",
            "Tile search on photos with known locations: accuracy, recall per level, tiles encoded, time.",
        ),
        "reproduce": (
            "engine.cli.evaluate:reproduce",
            "Tables 1 and 2 of Bianco et al. 2024 from your own copies of the photos, beside the published numbers.",
        ),
        "plot": ("engine.cli.plot:app", "Figures 1, 3 and 6 of Bianco et al. 2024 from your data."),
        "train": ("engine.cli.train:app", "Train networks on your own geotagged photos."),
        "embed": (
            "engine.cli.train:embed",
            "Store the embeddings of photos as a table on which heads can be trained.",
        ),
        "bench": ("engine.cli.bench:app", "Measure speed as a ratio against a baseline."),
    }


app = typer.Typer(
    cls=Verbs,
    help="Where on Earth was this photo taken? A search region with an area and a probability, not a pin.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
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

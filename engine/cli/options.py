"""Options that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

GridOption = Annotated[str, typer.Option("--grid", help="ROWSxCOLUMNS of the common grid, or 30s, 2m.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
DeviceOption = Annotated[str | None, typer.Option("--device", help="cpu, cuda or mps; the best available by default.")]
WorkersOption = Annotated[int, typer.Option("--workers", help="Worker processes, or tasks on Ray.", min=1)]
EngineOption = Annotated[str, typer.Option("--engine", help="Where the workers run: local or ray.")]
AddressOption = Annotated[str | None, typer.Option("--address", help="Address of a Ray cluster.")]
PredictorsOption = Annotated[
    list[str] | None, typer.Option("--predictors", help="Predictors to run, or none; all by default.")
]
PointsOption = Annotated[
    list[str] | None, typer.Option("--points", help="NAME=FILE.csv, points that another model predicted.")
]
FiguresOption = Annotated[bool, typer.Option(help="Draw Figures 4 and 5.")]

SourceOption = Annotated[
    str,
    typer.Option(
        "--source",
        help="builtin, a name of `tiles sources`, a template with {z} {x} {y}, or a .mbtiles, .pmtiles or .tif.",
    ),
]
MethodOption = Annotated[
    str, typer.Option("--method", help="path: probability along the path; paper: as Kim, Jang and Kim.")
]
EncodersOption = Annotated[
    Path | None, typer.Option("--encoders", help="Folder of trained map encoders; CLIP as published by default.")
]
LocalOption = Annotated[bool, typer.Option("--allow-local", help="Allow a tile server on this machine or network.")]
ZoomOption = Annotated[int, typer.Option("--max-zoom", help="Deepest zoom of your own template.", min=0, max=24)]
RandomOption = Annotated[
    int | None, typer.Option("--random-weights", help="Seed of random weights, for trials.", hidden=True)
]

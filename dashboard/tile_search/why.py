"""Why the branch of a tile was kept: every level on the way to it, with what it said."""

import math

import streamlit as st

from dashboard.common import media
from dashboard.tile_search import reading
from dashboard.tile_search.reading import Step
from dashboard.tile_search.tiles import percent, width_text
from dashboard.tile_search.worker import Walk
from engine.geometry.web_mercator import Tile
from engine.tile_search.beam import Method

WIDTH = 96


def show(walk: Walk, tile: Tile) -> None:
    """Draw a sentence, the pictures on the way, and the table."""
    steps = reading.steps_to(walk, tile)
    st.subheader("Why was this branch kept?", anchor=False)
    st.markdown(sentence(steps, walk.request.settings.method))
    with st.container(horizontal=True, gap="small", key="tile_path"):
        for step in steps:
            picture = walk.pictures.get(step.tile)
            if picture is not None:
                with st.container(width=WIDTH):
                    st.image(media.data_url(picture), width=WIDTH, alt=f"The tile of zoom {step.tile.z} that holds it")
                    st.caption(f"zoom {step.tile.z}")
    st.table(
        [_row(step, walk.request.settings.method) for step in steps], hide_index=True, width="stretch",
        border="horizontal", alt="Scores at each level on the path to the tile",
    )  # fmt: skip


def sentence(steps: tuple[Step, ...], method: Method) -> str:
    """Where it was strongest and where it was nearly lost."""
    last, on_the_way = steps[-1], steps[:-1]
    scores = "its path" if method is Method.PATH else "its own tile"
    told = f"It is **{_ordinal(last.rank)} of {last.among:,}** tiles of zoom {last.tile.z}."
    if not on_the_way:
        return told
    weakest = max(on_the_way, key=lambda step: step.rank / step.kept)
    if weakest.rank == 1:
        return f"{told} At every earlier level {scores} ranked first."
    return (
        f"{told} {scores.capitalize()} was kept at every level; it came closest to being dropped at zoom "
        f"{weakest.tile.z}, where it was {_ordinal(weakest.rank)} of {weakest.among:,} and {weakest.kept:,} were kept."
    )


def _row(step: Step, method: Method) -> dict[str, str]:
    row = {
        "Zoom": str(step.tile.z),
        "Tile": step.tile.path,
        "Width": width_text(step.width_km),
        "Cosine similarity": "no imagery" if math.isnan(step.cosine) else f"{step.cosine:.3f}",
    }
    if method is Method.PATH:
        row["Likelihood ratio"] = _times(step.times)
        row["Path probability"] = percent(step.probability)
    return row | {"Rank": f"{step.rank:,} of {step.among:,}", "Kept": f"{step.kept:,}"}


def _times(times: float) -> str:
    """Against the middle one of the tiles looked at."""
    if math.isnan(times):
        return "none"
    factor, how = max(times, 1 / times), "more likely" if times >= 1 else "less likely"
    if factor >= 1e6:
        return f"over a million times {how}"
    return f"{factor:,.{1 if factor < 100 else 0}f} times {how}"


def _ordinal(number: int) -> str:
    if number == 1:
        return "the best"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in (11, 12, 13) else 0, "th")
    return f"{number:,}{ending}"

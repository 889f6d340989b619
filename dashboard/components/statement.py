"""What the analyst can tell from the photo: how built-up the place is and what covers the ground."""

import streamlit as st

from dashboard import state
from engine.world import World

QUESTIONS = {"population": "How built-up is the place?", "land_cover": "What covers the ground around?"}
SURE = 90


def show(world: World) -> dict[str, dict[str, float]]:
    """Draw the questions; what was stated, per partition and label."""
    stated = {}
    with st.expander("What you can tell yourself"):
        for partition, classes in {layer.name: layer.classes for layer in world.layers}.items():
            titles = {entry.label: entry.title for entry in classes}
            question = QUESTIONS.get(partition, partition.replace("_", " "))
            labels = st.multiselect(
                question, list(titles), format_func=titles.__getitem__, key=f"stated_{partition}",
                placeholder="no statement", help="Choose one or more; the others stay possible with what is left.",
            )  # fmt: skip
            if labels:
                sure = st.slider(
                    "How sure are you?", 50, 99, format="%d %%", key=state.start_with(f"sure_{partition}", SURE)
                )
                stated[partition] = _shared(world, partition, labels, sure / 100)
    return stated


def _shared(world: World, partition: str, labels: list[str], sure: float) -> dict[str, float]:
    """One certainty for several labels, shared between them as the photo prior does."""
    table = world.overlay.table(partition)
    prior = dict(zip(table.labels, world.prior.on(table), strict=True))
    total = sum(prior[label] for label in labels)
    return {label: float(sure * prior[label] / total) for label in labels}

"""The model card in Markdown: what a network learned from, how well it does, and what it is not for."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.evaluation.tables import line
from engine.training.figures import HeadFigures

INTENDED = (
    "To weigh parts of the Earth when the place of a photo is searched for, together with other evidence. Not to find "
    "people or their homes, and not proof of a place: a label is a likelihood over millions of km2."
)


def attribute_card(
    title: str, facts: Mapping[str, Any], figures: Sequence[HeadFigures], training: Mapping[str, Any], where: str
) -> str:
    """The card of attribute heads.

    Args:
        title: heading.
        facts: short facts by name, for the table at the top.
        figures: per attribute, on held-out photos.
        training: of ``TrainingSet.told``.
        where: which photos the figures are of, in words.
    """
    blocks = [f"# {title}\n", _facts(facts), "## Intended use\n", INTENDED + "\n", *_photos(training)]
    blocks.append(f"## Figures\n\nOn {where}; photos of other kinds may do worse.\n")
    for each in figures:
        blocks += [f"### {_words(each.name)}\n", _summary(each), _per_class(each), _confusion(each)]
    return "\n".join(blocks)


def cells_card(
    title: str,
    facts: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    within: Mapping[float, float],
    training: Mapping[str, Any],
    where: str,
) -> str:
    """The card of a cell classifier: accuracy per partition and distances of the likeliest cell's point."""
    table = [line(["Partition", "cells", "photos", "right cell", "among the best 5", "log-loss"]), line(["---"] * 6)]
    table += [
        line([row["name"], str(row["cells"]), str(row["photos"]), f"{row['accuracy']:.1%}", f"{row['top5']:.1%}",
              f"{row['log_loss']:.2f}"])
        for row in rows
    ]  # fmt: skip
    near = [line(["Within km", *(f"{km:g}" for km in within)]), line(["---"] * (len(within) + 1))]
    near.append(line(["photos", *(f"{share:.1%}" for share in within.values())]))
    blocks = [f"# {title}\n", _facts(facts), "## Intended use\n", INTENDED + "\n", *_photos(training)]
    blocks += [f"## Figures\n\nOn {where}.\n", "\n".join(table) + "\n", "\n".join(near) + "\n"]
    return "\n".join(blocks)


def summary_sentence(figures: Sequence[HeadFigures], where: str) -> str:
    """The figures as one clause for the record of a predictor."""
    parts = [
        f"{_words(each.name).lower()} right for {each.accuracy:.0%} (always the commonest: {each.majority:.0%}), "
        f"balanced over labels {each.balanced_accuracy:.0%}"
        for each in figures
    ]
    return f"on {where}: {'; '.join(parts)}."


def _facts(facts: Mapping[str, Any]) -> str:
    rows = [line([name, str(value)]) for name, value in facts.items()]
    return "\n".join([line(["Fact", "Value"]), line(["---", "---"]), *rows]) + "\n"


def _photos(training: Mapping[str, Any]) -> list[str]:
    """The sections on what was learned from and what was left out."""
    said = [training["split"] + "\n"]
    said += [f"- {count} left out: {reason}." for reason, count in training["excluded"].items()]
    said += [f"  - {example}" for example in training.get("examples_of_excluded_files", ())]
    found = training.get("duplicates") or {}
    if found:
        said.append(
            f"- {found['same_picture_photos']} photos in {found['same_picture_groups']} groups show the same picture "
            "(difference hash); each group is on one side."
        )
    said += [f"- {note}" for note in training.get("notes", ())]
    return ["## Photos\n", "\n".join(said) + "\n"]


def _summary(each: HeadFigures) -> str:
    return (
        f"{each.photos} photos; right for {each.accuracy:.1%} (always the commonest label: {each.majority:.1%}), "
        f"balanced over labels {each.balanced_accuracy:.1%}. Log-loss {each.loss:.3f} nats "
        f"({each.loss_uncalibrated:.3f} before the temperature of {each.temperature:.2f}; {each.loss_constant:.3f} for "
        f"the constant shares of the training); calibration error {each.calibration_error:.1%}.\n"
    )


def _per_class(each: HeadFigures) -> str:
    counts = each.confusion.sum(axis=1)
    rows = [
        line([label, str(int(count)), "—" if np.isnan(share) else f"{share:.1%}"])
        for label, count, share in zip(each.labels, counts, each.per_class, strict=True)
    ]
    return "\n".join([line(["Label", "photos", "found"]), line(["---", "---:", "---:"]), *rows]) + "\n"


def _confusion(each: HeadFigures) -> str:
    rows = [
        line([label, *(str(int(count)) for count in counts)])
        for label, counts in zip(each.labels, each.confusion, strict=True)
    ]
    head = [line(["True \\ said", *each.labels]), line(["---", *["---:"] * len(each.labels)])]
    return "\n".join([*head, *rows]) + "\n"


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()

"""Legends as data: what the colors of one layer mean. Nothing here draws."""

from dataclasses import dataclass

RGBA = tuple[int, int, int, int]


@dataclass(frozen=True)
class Legend:
    """What the colors of one layer mean.

    `stops` run from the top of the legend to its bottom; `continuous` says whether colors blend from one to the next.
    """

    title: str
    unit: str
    stops: tuple[tuple[RGBA, str], ...]
    continuous: bool = False

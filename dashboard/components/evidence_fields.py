"""Fields of the statements about countries, signs, nature and height; each gives a statement, or None while empty."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from engine.evidence.countries import Fact, countries, values_of
from engine.evidence.statements import (
    CoastWithin,
    CountryFact,
    CountryIs,
    Elevation,
    LabelIs,
    LabelledPartition,
    Seen,
    Sight,
    Statement,
)
from engine.evidence.statements_words import MONTHS
from engine.layers.builtin import CLASSES
from engine.layers.shipped import shipped_partitions

Fields = Callable[[], Statement | None]
IS, IS_NOT = "is", "is not"


def country() -> Statement | None:
    """One or more countries that the place is in, or is not in."""
    negated = _negated("It is in one of these", "It is in none of these")
    names = {each.code: each.name for each in sorted(countries(), key=lambda each: each.name)}
    codes = st.multiselect("Countries", list(names), format_func=names.__getitem__, key="evidence_countries")
    return CountryIs(tuple(codes), negated) if codes else None


def drives() -> Statement | None:
    """The side of the road."""
    side = st.segmented_control("Cars drive on the", ["left", "right"], key="evidence_drives")
    return CountryFact("drives", side) if side else None


def fact(name: Fact, label: str, placeholder: str) -> Fields:
    """A fact of countries chosen from the values that it has anywhere, those of most countries first."""

    def fields() -> Statement | None:
        negated = _negated("It is seen or heard", "It would be seen, and is not")
        titles = {value: f"{title} - {_countries(count)}" for value, title, count in values_of(name)}
        value = st.selectbox(
            label, list(titles), index=None, format_func=titles.__getitem__, placeholder=placeholder,
            key=f"evidence_fact_{name}",
        )  # fmt: skip
        return CountryFact(name, value, negated) if value else None

    return fields


def labels(partition: LabelledPartition, label: str) -> Fields:
    """Labels of a layer."""

    def fields() -> Statement | None:
        negated = _negated("It is one of these", "It is none of these")
        titles = _titles(partition)
        chosen = st.multiselect(label, list(titles), format_func=titles.__getitem__, key=f"evidence_label_{partition}")
        return LabelIs(partition, tuple(chosen), negated) if chosen else None

    return fields


def sight(what: Sight) -> Fields:
    """Something that not every place has, or not all year."""

    def fields() -> Statement | None:
        months: dict[int | None, str] = {None: "not known", **dict(enumerate(MONTHS, start=1))}
        month = st.selectbox("Month of the photo", list(months), format_func=months.__getitem__, key="evidence_month")
        return Seen(what, month)

    return fields


def coast() -> Statement | None:
    """Near the sea, or far from it."""
    negated = _negated("The coast is near", "The coast is far")
    km = st.number_input("Distance to the coast, km", 1.0, 3000.0, 25.0, step=5.0, key="evidence_coast")
    return CoastWithin(float(km), negated)


def height() -> Statement | None:
    """A range of heights above the sea."""
    lowest = st.number_input("At least, m", value=None, placeholder="no lower bound", step=100.0, key="evidence_lowest")
    highest = st.number_input("At most, m", value=None, placeholder="no upper bound", step=100.0, key="evidence_top")
    return Elevation(lowest, highest) if (lowest, highest) != (None, None) else None


def _negated(yes: str, no: str) -> bool:
    return st.radio("Which way", [yes, no], horizontal=True, key="evidence_negated", label_visibility="collapsed") == no


def _titles(partition: str) -> Mapping[str, str]:
    if partition in CLASSES:
        return {entry.label: entry.title for entry in CLASSES[partition]}
    found = next(each for each in shipped_partitions() if each.name == partition)
    return dict(zip(found.labels, _capitals(found.titles), strict=True))


def _capitals(titles: Sequence[str]) -> list[str]:
    return [title[:1].upper() + title[1:] for title in titles]


def _countries(count: int) -> str:
    return "1 country" if count == 1 else f"{count} countries"

"""Fields of the statements about countries, signs, nature and height; each gives a statement, or None while empty."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.common.text import plain
from dashboard.evidence.form import DIGITS, Fields, Form
from engine.evidence.countries.facts import Fact, countries, values_of
from engine.evidence.statements.base import Statement
from engine.evidence.statements.coast import CoastWithin, Water
from engine.evidence.statements.countries import CountryFact, CountryIs
from engine.evidence.statements.elevation import Elevation
from engine.evidence.statements.layers import LabelIs, LabelledPartition
from engine.evidence.statements.sentences import MONTHS, titles
from engine.evidence.statements.sights import Seen, Sight
from engine.layers.builtin import CLASSES
from engine.layers.shipped import shipped_partitions

WATER_TITLES: dict[Water, str] = {"sea": "The sea", "lake": "A lake", "any": "Any water: sea, lake or river"}
"""What a place may be near, as the form offers it."""

Negatable = CountryIs | CountryFact | LabelIs | CoastWithin


def country(form: Form) -> Statement | None:
    """One or more countries that the place is in, or is not in."""
    was = form.was(CountryIs)
    negated = _negated(form, "country", "In one of these", "In none of these", was)
    known = {each.code: each.name for each in sorted(countries(), key=lambda each: each.name)}
    names = _with(known, "country", () if was is None else was.codes)
    codes = st.multiselect(
        "Countries", list(names), format_func=names.__getitem__,
        key=form.start("countries", None if was is None else list(was.codes)),
    )  # fmt: skip
    return CountryIs(tuple(codes), negated) if codes else None


def drives(form: Form) -> Statement | None:
    """The side of the road."""
    was = _fact_of(form, "drives")
    options = {side: CountryFact("drives", side) for side in ("left", "right")}
    options |= {} if was is None or was in options.values() else {f"not on the {was.value}": was}
    first = next((side for side, statement in options.items() if statement == was), None)
    side = st.segmented_control("Cars drive on the", list(options), format_func=plain, key=form.start("drives", first))
    return options[side] if side else None


def fact(name: Fact, label: str, placeholder: str) -> Fields:
    """A fact of countries chosen from the values that it has anywhere, those of most countries first."""

    def fields(form: Form) -> Statement | None:
        was = _fact_of(form, name)
        negated = _negated(form, name, "Present", "Absent", was)
        known = {value: f"{title} - {_countries(count)}" for value, title, count in values_of(name)}
        named = _with(known, name, () if was is None else (was.value,))
        value = st.selectbox(
            label, list(named), index=None, format_func=named.__getitem__, placeholder=placeholder,
            key=form.start(f"fact_{name}", None if was is None else was.value),
        )  # fmt: skip
        return CountryFact(name, value, negated) if value else None

    return fields


def labels(partition: LabelledPartition, label: str) -> Fields:
    """Labels of a layer."""

    def fields(form: Form) -> Statement | None:
        found = form.was(LabelIs)
        was = found if found is not None and found.partition == partition else None
        negated = _negated(form, partition, "One of these", "None of these", was)
        named = _with(_titles(partition), partition, () if was is None else was.labels)
        chosen = st.multiselect(
            label, list(named), format_func=named.__getitem__,
            key=form.start(f"labels_{partition}", None if was is None else list(was.labels)),
        )  # fmt: skip
        return LabelIs(partition, tuple(chosen), negated) if chosen else None

    return fields


def sight(what: Sight) -> Fields:
    """Something that not every place has, or not all year."""

    def fields(form: Form) -> Statement | None:
        was = form.was(Seen)
        months: dict[int | None, str] = {None: "unknown", **dict(enumerate(MONTHS, start=1))}
        month = st.selectbox(
            "Month of the photo", list(months), format_func=months.__getitem__,
            key=form.start("month", None if was is None else was.month),
        )  # fmt: skip
        return Seen(what, month)

    return fields


def coast(form: Form) -> Statement | None:
    """Near the sea, a lake or any water, or far from it."""
    was = form.was(CoastWithin)
    key = form.start("water", "sea" if was is None else was.water)
    water: Water = st.selectbox("Water", list(WATER_TITLES), format_func=WATER_TITLES.__getitem__, key=key)
    negated = _negated(form, "coast", "Within this distance", "Farther than this", was)
    key = form.start("coast", 25.0 if was is None else float(was.km))
    km = float(st.number_input("Distance to the shore (km)", step=5.0, format=DIGITS, key=key))
    return CoastWithin(km, negated, water)


def height(form: Form) -> Statement | None:
    """A range of heights above the sea."""
    was = form.was(Elevation)
    lowest = _metres(form, "lowest", "At least (m)", "no lower bound", None if was is None else was.lowest_m)
    highest = _metres(form, "highest", "At most (m)", "no upper bound", None if was is None else was.highest_m)
    return Elevation(lowest, highest) if (lowest, highest) != (None, None) else None


def _metres(form: Form, name: str, label: str, placeholder: str, first: float | None) -> float | None:
    key = form.start(name, None if first is None else float(first))
    return st.number_input(label, value=None, placeholder=placeholder, step=100.0, format=DIGITS, key=key)


def _negated(form: Form, name: str, yes: str, no: str, was: Negatable | None) -> bool:
    key = form.start(f"negated_{name}", no if was is not None and was.negated else yes)
    return st.radio("Present or absent", [yes, no], horizontal=True, key=key, label_visibility="collapsed") == no


def _fact_of(form: Form, name: Fact) -> CountryFact | None:
    was = form.was(CountryFact)
    return was if was is not None and was.fact == name else None


def _with(known: Mapping[str, str], kind: str, stated: Sequence[str]) -> dict[str, str]:
    """What can be chosen by value, and what a case states that no table here knows: it may stay."""
    return {**known, **{value: titles(kind, value) for value in stated if value not in known}}


def _titles(partition: str) -> Mapping[str, str]:
    if partition in CLASSES:
        return {entry.label: entry.title for entry in CLASSES[partition]}
    found = next(each for each in shipped_partitions() if each.name == partition)
    return dict(zip(found.labels, _capitals(found.titles), strict=True))


def _capitals(titles: Sequence[str]) -> list[str]:
    return [title[:1].upper() + title[1:] for title in titles]


def _countries(count: int) -> str:
    return "1 country" if count == 1 else f"{count} countries"

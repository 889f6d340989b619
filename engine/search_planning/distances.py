"""Distances from the last known point within which shares of lost persons were found: published rows and the user's.

The rows are facts from published work, each with its source. They are for planning and have to be checked against local
statistics: they differ between countries, terrains and databases.
"""

import csv
import io
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

from engine.errors import InputError
from engine.evidence.shapes.polygons import MOST_NAME, check_name

KM_PER_MILE = 1.609344
LARGEST_KM = 5_000.0
MOST_QUANTILES = 30
MOST_ROWS = 1_000
LARGEST_TABLE = 1_000_000
OWN = "Own distances"
"""What a table without a name of its own is called."""

CAUTION = "Statistics of past incidents, for planning: check them against your local ones."

Quantile = tuple[float, float]
"""Share of persons found, above 0 and below 1, and the distance in km within which they were."""


@dataclass(frozen=True)
class Distances:
    """One row of lost-person statistics.

    Attributes:
        category: of subjects, for instance ``"Hiker"``.
        setting: terrain, climate or place that the row is about; may be empty.
        quantiles: shares and distances, both growing.
        source: where it was published.

    Raises:
        InputError: the quantiles do not grow, or leave their ranges.
    """

    category: str
    setting: str
    quantiles: tuple[Quantile, ...]
    source: str

    def __post_init__(self) -> None:
        check_name(self.category, "a subject category")
        check_name(self.setting, "a setting")
        if len(self.source) > 4 * MOST_NAME or not self.source.isprintable():
            raise InputError("The source of distances is not one line of plain text; shorten it.")
        if not 1 <= len(self.quantiles) <= MOST_QUANTILES:
            raise InputError(
                f"{self.title} has {len(self.quantiles)} distances; give 1 to {MOST_QUANTILES}, such as those of "
                "25, 50, 75 and 95 %."
            )
        for share, km in self.quantiles:
            if not 0.0 < share < 1.0:
                raise InputError(f"{self.title} has a share of {100 * share:g} %; give shares above 0 and below 100 %.")
            if not 0.0 < km <= LARGEST_KM:
                raise InputError(f"{self.title} has a distance of {km:g} km; give km above 0, at most {LARGEST_KM:g}.")
        for (share, km), (more, farther) in pairwise(self.quantiles):
            if not (share < more and km < farther):
                raise InputError(
                    f"{self.title}: {100 * more:g} % within {farther:g} km does not follow on {100 * share:g} % within "
                    f"{km:g} km; shares and distances have to grow together."
                )

    @property
    def title(self) -> str:
        """``"Hiker (temperate, mountains)"``."""
        return f"{self.category} ({self.setting})" if self.setting else self.category

    @property
    def words(self) -> str:
        """``"25 % 1.1 km, 50 % 3.1 km, ..."``."""
        return ", ".join(f"{100 * share:g} % {km:.3g} km" for share, km in self.quantiles)


@cache
def published_distances() -> tuple[Distances, ...]:
    """The rows that ship, in the order of the table."""
    text = files("engine.search_planning").joinpath("distances.toml").read_text("utf-8")
    table = tomllib.loads(text)
    return tuple(_published(row, table["sources"]) for row in table["rows"])


def _published(row: Mapping[str, Mapping[str, float]], sources: Mapping[str, Mapping[str, str]]) -> Distances:
    unit, scale = ("miles", KM_PER_MILE) if "miles" in row else ("km", 1.0)
    quantiles = tuple((int(percent) / 100, round(value * scale, 3)) for percent, value in row[unit].items())
    source = sources[str(row["source"])]
    return Distances(str(row["category"]), str(row["setting"]), quantiles, source["title"])


def find_distances(text: str, known: tuple[Distances, ...] | None = None) -> Distances:
    """The row that a text names: its title, or a category of one row only; letter case does not count.

    Raises:
        InputError: there is none, or there are several.
    """
    rows = published_distances() if known is None else known
    wanted = _key(text)
    exact = [row for row in rows if _key(row.title) == wanted or _key(f"{row.category}/{row.setting}") == wanted]
    found = exact or [row for row in rows if _key(row.title).startswith(wanted) and wanted]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(f"{text[:60]!r} names {len(found)} rows; write one of: {'; '.join(r.title for r in found)}.")
    categories = dict.fromkeys(row.category for row in rows)
    raise InputError(f"There is no subject category {text[:60]!r}; write one of: {', '.join(categories)}.")


def _key(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def read_distances(data: bytes, source: str = "own table") -> tuple[Distances, ...]:
    """The user's own table: CSV with a column ``category``, maybe ``setting``, and one column a percentage, in km.

    Headings such as ``25``, ``25 %``, ``p95`` and ``95% (km)`` are percentages; a heading that says miles counts so.
    Separators are commas, semicolons or tabs; with semicolons and tabs, decimal commas are read.

    Raises:
        InputError: it is no such table, or a row of it does not grow.
    """
    if len(data) > LARGEST_TABLE:
        raise InputError(f"The table has {len(data) / 1e6:.1f} MB; a table of distances has at most 1 MB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("sep=")]
    if not lines:
        raise InputError("The table is empty; give a line of headings (category, 25, 50, 75, 95) and one a category.")
    separator = max(";\t,", key=lines[0].count)
    try:
        table = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=separator))
    except csv.Error as error:
        raise InputError("The table is not CSV; save it with one line a category.") from error
    if len(table) > MOST_ROWS:
        raise InputError(f"The table has more than {MOST_ROWS} lines; keep those of this search.")
    return tuple(_own_rows(table, separator, source))


def _own_rows(table: list[list[str]], separator: str, source: str) -> Iterator[Distances]:
    heads = [head.strip().lower() for head in table[0]]
    shares = {column: share for column, head in enumerate(heads) if (share := _share(head)) is not None}
    if not shares:
        raise InputError("The table has no column for a percentage; name columns 25, 50, 75 and 95, distances in km.")
    category = next((n for n, head in enumerate(heads) if head in ("category", "subject", "subject category")), None)
    setting = next((n for n, head in enumerate(heads) if head in ("setting", "terrain", "place")), None)
    for number, line in enumerate(table[1:], start=2):
        quantiles = []
        for column, share in sorted(shares.items(), key=lambda each: each[1]):
            cell = line[column].strip() if column < len(line) else ""
            if cell:
                quantiles.append((share, _km(cell, separator, number) * _scale(heads[column])))
        named = line[category].strip() if category is not None and category < len(line) else ""
        where = line[setting].strip() if setting is not None and setting < len(line) else ""
        try:
            yield Distances(named or OWN, where, tuple(quantiles), source)
        except InputError as error:
            raise InputError(f"Line {number} of the table: {error}") from error


def _share(head: str) -> float | None:
    found = re.fullmatch(r"p?\s*(\d{1,2}(?:\.\d+)?)\s*%?\s*\(?\s*(?:in )?(?:km|miles?|mi)?\s*\)?", head)
    share = float(found[1]) / 100 if found else 0.0
    return share if 0.0 < share < 1.0 else None


def _scale(head: str) -> float:
    return KM_PER_MILE if "mi" in head else 1.0


def _km(cell: str, separator: str, line: int) -> float:
    try:
        return float(cell.replace(",", ".") if separator != "," else cell)
    except ValueError as error:
        raise InputError(f"Line {line} of the table has {cell[:30]!r} where a distance in km is expected.") from error

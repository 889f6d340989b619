"""In which countries something is seen, and how often: not every language of a country is on its signs.

For side of the road, currency and so on a country has a value or has it not. Languages and scripts are a matter of
degree, and the shares here are judgement, kept blunt, not measurement: German is official in Belgium, and yet a German
sign is from Germany; Latin letters stand on the signs of Dubai, Athens and Tokyo. So is the look of number plates. It
excludes nothing: there are old, foreign and special plates everywhere, and what is not known of a country is not "no".
"""

from collections.abc import Mapping
from functools import cache

from engine.evidence.countries.facts import Country, Fact, Language, codes_with, countries, country

OFFICIAL_LEAST = 0.4
"""A further official language is seen at least so often as the first; more often if more people speak it."""

REGIONAL_LEAST, REGIONAL_MOST = 0.02, 0.5
"""A language that is official in a region is seen as often as people speak it, within these bounds."""

SPOKEN_LEAST, SPOKEN_MOST = 0.02, 0.2
"""One that is only widely spoken is seen half as often as people speak it, within these bounds."""

EVERYWHERE: Mapping[tuple[str, str], float] = {("language", "en"): 0.1, ("script", "Latn"): 0.2}
"""What is seen in any country: English, and the Latin letters of brands and of signs for travellers."""

RARE = 0.04
"""How often a number plate looks as no usual one of the country does; as often not, where all usual ones look so."""

UNKNOWN_LOOKS: Mapping[str, float] = {
    "front_white": 0.7, "rear_white": 0.65, "front_yellow": 0.1, "rear_yellow": 0.15, "black": 0.08, "blue": 0.05,
    "blue_band": 0.15,
}  # fmt: skip
"""How often a look is seen where the plates of a country are not known: about as often as where they are."""

BAND = "blue_band"
"""The look that is known by itself; of a country whose colours are known, all colours are."""


@cache
def seen_in(fact: Fact, value: str) -> Mapping[str, float]:
    """Code -> how often a value of a fact is seen there beside the country where it is seen most, above 0, at most 1.

    Countries where it is not seen are left out; ``seen_in("drives", "left")`` has 1 for each country. Of number plates
    it is how often a plate looks so there, never 0 and never 1.

    Raises:
        InputError: there is no such fact, or no country has the value.
    """
    found = {code: _share(country(code), fact, value) for code in codes_with(fact, value)}
    if fact == "plate_look":
        return {each.code: _of_plates(each, value) for each in countries()}
    least = EVERYWHERE.get((fact, value), 0.0)
    if not least:
        return found
    return {each.code: max(found.get(each.code, 0.0), least) for each in countries()}


def _share(where: Country, fact: Fact, value: str) -> float:
    if fact == "language":
        return max(share_of_language(where, each) for each in where.languages if each.code == value)
    if fact == "script":
        return max(share_of_language(where, each) for each in where.languages if value in each.scripts)
    return 1.0


def share_of_language(where: Country, language: Language) -> float:
    """How often a language is seen in a country."""
    if language == _first(where):
        return 1.0
    if language.status == "official":
        return max(language.share, OFFICIAL_LEAST)
    if language.status == "regional":
        return min(max(language.share, REGIONAL_LEAST), REGIONAL_MOST)
    return min(max(language.share / 2.0, SPOKEN_LEAST), SPOKEN_MOST)


def _first(where: Country) -> Language:
    """The official language of most people, or of all languages where none is official."""
    return next((each for each in where.languages if each.status == "official"), where.languages[0])


def _of_plates(where: Country, look: str) -> float:
    """How often a number plate of a country looks so."""
    looks = dict(where.plate_looks)
    known = look in looks if look == BAND else bool(looks.keys() - {BAND})
    return RARE + (1.0 - 2.0 * RARE) * looks.get(look, 0.0) if known else UNKNOWN_LOOKS[look]

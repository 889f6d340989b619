"""English names of countries: CLDR's, in the words of an atlas where CLDR's are long. Needs Babel."""

from collections.abc import Iterable

from babel import Locale

SHORT = {
    "CD": "Democratic Republic of the Congo",
    "CG": "Republic of the Congo",
    "CI": "Ivory Coast",
    "HK": "Hong Kong",
    "MM": "Myanmar",
    "MO": "Macao",
    "PS": "Palestine",
    "TR": "Turkey",
    "AC": "Ascension Island",
}


def english_names(codes: Iterable[str]) -> dict[str, str]:
    """Code -> name."""
    territories = Locale("en").territories
    return {code: SHORT.get(code, territories[code].replace("&", "and").replace("St.", "Saint")) for code in codes}

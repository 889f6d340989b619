"""Clues of addresses, telephone numbers and prices."""

import re
from collections.abc import Sequence
from functools import cache

from engine.evidence.countries.facts import codes_with, values_of
from engine.evidence.statements.countries import CountryFact, CountryIs
from engine.signs.clues import Clue
from engine.signs.lines import TextLine

_SOLD_TEXT = """
.ac .ag .ai .am .cc .cd .cf .cx .fm .ga .gg .gq .gs .io .la .ly .ml .nu .pn .pw .sh .so .st .su .tc .tk .to .tv .vc
.vg .ws .edu .gov .mil
"""
SOLD_ANYWHERE = frozenset(_SOLD_TEXT.split())
"""Country-code domains that are mostly sold to others, and three of the United States that others use: no clue."""

OFTEN_SOLD = frozenset(
    {".as", ".co", ".dj", ".gd", ".gl", ".im", ".in", ".is", ".je", ".lc", ".me", ".ms", ".mu", ".sc"}
)
"""Those that are often sold to others: a clue that is not ticked beforehand."""

_HOST = re.compile(
    r"(?P<start>https?[:;/]*|www\.|[\w.+-]+@)?(?P<host>(?:[a-z0-9äöüéèßåøæç-]{2,63}\.)+)(?P<last>[a-z]{2})(?![\w@.-]*\w)",
    re.IGNORECASE,
)
_SECOND_LEVEL = frozenset({"co", "com", "org", "net", "gov", "ac", "or", "ne", "go", "gob", "gouv", "edu"})

_NUMBER = r"\d[\d.,'\u2019 ]*(?:[-\u2013][\d.,]*)?"
_PRICES: Sequence[tuple[str, str]] = (
    ("€", "EUR"), ("£", "GBP"), ("₺", "TRY"), ("₽", "RUB"), ("₴", "UAH"), ("₹", "INR"), ("₩", "KRW"), ("₫", "VND"),
    ("฿", "THB"), ("₪", "ILS"), ("₦", "NGN"), ("₱", "PHP"), ("₡", "CRC"), ("₲", "PYG"), ("₸", "KZT"), ("₾", "GEL"),
    ("₼", "AZN"), (r"R\$", "BRL"), (r"S/\.?", "PEN"), ("Kč", "CZK"), ("zł", "PLN"), ("円", "JPY"), ("元", "CNY"),
)  # fmt: skip
_CODES_TEXT = """
CHF CZK PLN HUF RON DKK NOK SEK ISK TRY RUB UAH INR JPY CNY KRW THB VND IDR MYR SGD HKD TWD BRL MXN ARS CLP COP PEN
ZAR EGP MAD KES NGN AED SAR ILS GEL AMD AZN KZT RSD BAM MKD ALL BGN
"""
_CODES = frozenset(_CODES_TEXT.split())
_CROWNS = ("DK", "NO", "SE", "IS", "FO", "GL")
_RUPEES = ("IN", "PK", "LK", "NP", "MU")


def find_domains(line: TextLine) -> Sequence[Clue]:
    """Clues of country-code domains in addresses of the web and of e-mail."""
    found = []
    for match in _HOST.finditer(line.text.replace(" .", ".").replace(". ", ". ")):
        suffix = f".{match['last'].lower()}"
        if suffix in SOLD_ANYWHERE or not _is_suffix(suffix):
            continue
        labels = match["host"].lower().strip(".").split(".")
        if all(label in _SECOND_LEVEL for label in labels) or len(max(labels, key=len)) < 3:
            continue
        safe = bool(match["start"]) and suffix not in OFTEN_SOLD
        reason = f"The address {match[0]} ends in {suffix}"
        found.append(Clue("domain", CountryFact("suffix", suffix), line, reason, safe))
    return found if any(clue.safe for clue in found) else [clue for clue in found if _is_alone(line.text)]


def _is_alone(text: str) -> bool:
    """Whether a line holds one word and is in small letters: ``beispiel.de``, and not ``Zi.Nr.at``."""
    return " " not in text.strip() and text == text.lower()


@cache
def _is_suffix(suffix: str) -> bool:
    return suffix in {value for value, _, _ in values_of("suffix")}


def find_phones(line: TextLine) -> Sequence[Clue]:
    """Clues of telephone numbers with a calling code; each has to be one that exists in the plan of its country."""
    text = re.sub(r"(?<![\d+])00(?=[1-9]\d)", "+", line.text)
    if "+" not in text:
        return []
    import phonenumbers

    found = []
    for match in phonenumbers.PhoneNumberMatcher(text, None):
        value = _calling_code(phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164))
        if value:
            reason = f"The telephone number {match.raw_string} begins with {value}"
            found.append(Clue("phone", CountryFact("prefix", value), line, reason))
    return found


def _calling_code(number: str) -> str:
    """The longest known calling code that a number such as ``+4930123456`` begins with."""
    known = [value for value, _, _ in values_of("prefix") if number.startswith(value.replace(" ", ""))]
    return max(known, key=len, default="")


def find_prices(line: TextLine) -> Sequence[Clue]:
    """Clues of amounts of money: a number with a sign or code of a currency beside it."""
    found = [
        Clue("currency", CountryFact("currency", code), line, f"A price in {_title(code)}")
        for sign, code in _PRICES
        if _has_price(sign, line.text) and _is_currency(code)
    ]
    found += [
        Clue("currency", CountryFact("currency", code), line, f"A price in {_title(code)}", safe=False)
        for code in re.findall(r"\b[A-Z]{3}\b", line.text)
        if code in _CODES and _is_currency(code) and _has_price(code, line.text)
    ]
    if re.search(rf"(?:{_NUMBER}\s?kr\b|\bkr\.?\s?\d)", line.text):
        found.append(Clue("currency", CountryIs(_CROWNS), line, "A price in Nordic crowns"))
    if re.search(r"\bRs\.?\s?\d{2}", line.text):
        found.append(Clue("currency", CountryIs(_RUPEES), line, "A price in rupees"))
    return found


def _has_price(sign: str, text: str) -> bool:
    return re.search(rf"(?:{_NUMBER}\s?{sign}(?!\w)|(?<!\w){sign}\s?\d)", text) is not None


@cache
def _is_currency(code: str) -> bool:
    return code in {value for value, _, _ in values_of("currency")} and bool(codes_with("currency", code))


def _title(code: str) -> str:
    return next(title for value, title, _ in values_of("currency") if value == code)

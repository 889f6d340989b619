"""Clues of words that stand on street signs and nowhere else, and of units of speed.

A street word tells the language of the council that put up the sign. English ones are left out: they are everywhere. A
word that restaurants and boutiques abroad like in their names (via, piazza, rue, calle) counts only as a whole street
name, and as a hint where it is still worn as decoration.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.evidence.gazetteer import fold
from engine.evidence.statements.countries import CountryFact, CountryIs
from engine.evidence.statements.evidence import LIKELY
from engine.signs.clues import Clue
from engine.signs.lines import TextLine


@dataclass(frozen=True)
class StreetWord:
    """A pattern of street names in one language or a few countries.

    Attributes:
        pattern: of the whole line without accents and in small letters; ``...`` stands for a name.
        shows: the language or the countries.
        safe: whether hardly anything but street signs looks so.
    """

    pattern: re.Pattern[str]
    shows: CountryFact | CountryIs
    safe: bool = True


_NAME = r"[^\W\d_][\w ]{2,40}"
_NUMBER = r"(?: \d{1,4} ?[a-z]?)?"


def _language(pattern: str, code: str, *, safe: bool = True) -> StreetWord:
    return _word(pattern, CountryFact("language", code), safe)


def _countries(pattern: str, *codes: str, safe: bool = True) -> StreetWord:
    return _word(pattern, CountryIs(codes), safe)


def _word(pattern: str, shows: CountryFact | CountryIs, safe: bool) -> StreetWord:
    whole = pattern.replace("...", _NAME)
    return StreetWord(re.compile(rf"(?:\d{{1,4}} )?(?:{whole}){_NUMBER}"), shows, safe)


STREETS: Sequence[StreetWord] = (
    _language(r"[^\W\d_]{3,30}(?:strasse|str)|[^\W\d_]{3,30}(?:er|ische) strasse", "de"),
    _language(r"[^\W\d_]{4,30}(?:platz|gasse|allee)", "de", safe=False),
    _language(r"(?:rue|impasse|chemin|ruelle|quai) (?:de|du|des|d|la|le|les|saint|sainte|l) ?(?:la |l )?...", "fr"),
    _language(r"(?:avenue|boulevard|place|allee|cours) (?:de|du|des|d) (?:la |l )?...", "fr"),
    _language(r"(?:calle|avenida|plaza|paseo|callejon|carretera) (?:de|del|de la|de los|de las) ...", "es"),
    _language(r"(?:calle|avda|avenida) ...", "es", safe=False),
    _language(r"(?:via|viale|piazza|vicolo|corso|piazzale) (?:dell[aeo]?|dei|degli|del|san|santa|g|a|c) ...", "it"),
    _language(r"(?:via|viale|piazza|vicolo|corso|piazzale) ...", "it", safe=False),
    _language(r"(?:rua|travessa|praca|largo|alameda|rodovia|estrada) (?:d[aeo]s?|dr|prof|sao|santa|santo) ...", "pt"),
    _language(r"(?:rua|travessa|praca) ...", "pt", safe=False),
    _language(r"(?:carrer|placa|passeig|avinguda) (?:de|del|d|de la|dels) ?...", "ca"),
    _language(r"[^\W\d_]{3,30}(?:straat|laan|gracht|kade|plein|singel|dijk)", "nl"),
    _language(r"[^\W\d_]{3,30}(?:gatan|vagen|torget|stigen|grand)", "sv"),
    _language(r"[^\W\d_]{3,30}(?:gade|straede|vej)", "da"),
    _countries(r"[^\W\d_]{3,30}(?:veien|vegen|gata|gaten)", "NO", "SE"),
    _language(r"[^\W\d_]{3,30}(?:katu|kuja|polku|aukio)", "fi"),
    _language(r"... (?:tanav|puiestee|maantee|valjak)", "et"),
    _language(r"... (?:iela|bulvaris|laukums)", "lv"),
    _language(r"... (?:gatve|gatves|prospektas|aikste)", "lt"),
    _countries(r"(?:ul|ulica) ...", "PL", "HR", "SI", "BA", "RS", "ME", "SK", "MK", "BG"),
    _language(r"(?:aleja|aleje|osiedle|rondo) ...", "pl"),
    _language(r"... (?:ulice|namesti|nabrezi)|(?:ulice|namesti|nabrezi) ...", "cs"),
    _language(r"... (?:namestie|nabrezie)|namestie ...", "sk"),
    _language(r"... (?:utca|utja|korut|setany|koz)", "hu"),
    _language(r"(?:strada|str|bulevardul|bd|soseaua|calea|aleea) ...(?:ului|ilor|escu|eanu|ii|a)", "ro", safe=False),
    _language(r"(?:bulevardul|soseaua|calea) ...", "ro"),
    _language(r"... (?:caddesi|sokak|sokagi|bulvari|mahallesi|mah|cad|sk)", "tr"),
    _language(r"(?:rruga|rr|bulevardi|sheshi) ...", "sq"),
    _countries(r"(?:jalan|jl) \w{3,20}(?: \w{3,20})?", "ID", "MY", "SG", "BN"),
    _language(r"(?:duong|pho|ngo) ...", "vi", safe=False),
    _language(r"(?:triq|trejqet|misrah) ...", "mt"),
    _language(r"(?:heol|ffordd|stryd|lon) ...", "cy"),
    _language(r"(?:sraid|bothar|ascaill) ...", "ga"),
)  # fmt: skip
"""Street names; accents are taken off before they are compared."""

MILES = ("US", "GB", "GG", "JE", "IM", "GI", "PR", "VI", "GU", "AS", "MP", "LR", "BS", "BZ", "KY", "AG", "DM", "GD",
         "KN", "LC", "VC", "VG", "AI", "MS", "TC", "WS", "FK", "SH")  # fmt: skip
"""Where speeds are in miles an hour."""

_SPEED = re.compile(r"(?:^|\b)\d{1,2}0?5? ?mph\b|\bmph ?\d{1,3}\b", re.IGNORECASE)
_LIMIT = re.compile(r"speed limit(?: \d{2})?", re.IGNORECASE)

_LATIN = re.compile(r"[^\w ]+")


def find_streets(line: TextLine) -> Sequence[Clue]:
    """A clue of a line that is a street name as a whole."""
    text = " ".join(_LATIN.sub(" ", fold(line.text.replace("ß", "ss"))).split())
    for word in STREETS:
        if word.pattern.fullmatch(text):
            reason = f"{line.text} is a street name"
            return [Clue("street", word.shows, line, reason, word.safe, LIKELY)]
    return []


def find_speeds(line: TextLine) -> Sequence[Clue]:
    """A clue of a speed in miles an hour."""
    if _SPEED.search(line.text):
        return [Clue("speed", CountryIs(MILES), line, "A speed in miles an hour")]
    if _LIMIT.fullmatch(line.text.strip()):
        written = CountryIs(("US", "PR", "GU", "LR"))
        return [Clue("speed", written, line, "Speed limits are written so there", safe=False)]
    return []

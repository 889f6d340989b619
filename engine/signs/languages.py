"""Clues of the language of a line, from py3langid.

Chosen by measurement on 327 lines of real signs in 25 languages, each also in capitals, and 74 names of brands and
restaurants (tests/signs/lines_of_signs.py); lines of ten letters or more, answers other than English from 0.8 on:

| library | answered | right | brands answered | on disk | memory |
|---|---|---|---|---|---|
| lingua 2.1 | 51 % | 100 % | 4 of 132 | 96 MB | 0.8 to 0.9 GB |
| lingua 2.1, low accuracy | 63 % | 95 % | 18 of 132 | 96 MB | 80 MB |
| py3langid 0.4, languages of signs | 48 % | 99.7 % | 4 of 132 | 4.5 MB | 100 MB |
| fastText lid.176.ftz | 50 % | 95 % | 8 of 132 | 1 MB | 30 MB |
| CLD2 | 94 % | 90 % | 44 of 132 | 14 MB | 10 MB |
| CLD3 | 70 % | 76 % | 70 of 132 | 1.4 MB | 3 MB |

py3langid is as good as lingua at a ninth of the memory, is pure Python on NumPy and is under the BSD licence.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from engine.evidence.countries.facts import values_of
from engine.evidence.gazetteer import fold
from engine.evidence.statements.countries import CountryFact, CountryIs
from engine.signs.clues import Clue
from engine.signs.lines import TextLine
from engine.signs.scripts import main_script

LEAST_LETTERS = 10
"""Letters that a line needs, without those of words that every language borrows."""

LEAST_SURE = 0.8
"""Probability from which a language is a clue."""

LEAST_SAFE = 0.9
"""Probability from which a line of a single word is ticked beforehand."""

_LATIN = (
    "en de fr es it pt nl sv da no nn fi pl cs sk hu ro hr sl tr vi id et lv lt is ca sq af eu ga cy az sw tl ms lb "
    "gl bs sr mt la eo"
)
OF_SCRIPT: Mapping[str, tuple[str, ...]] = {
    "Latn": tuple(_LATIN.split()),
    "Cyrl": ("ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn", "tg", "ba", "tt"),
    "Arab": ("ar", "fa", "ur", "ps", "ug", "sdh"),
    "Deva": ("hi", "mr", "ne", "sa"),
    "Beng": ("bn", "as"),
    "Hebr": ("he",),
}
"""Languages that are looked for, by script. English, Latin and Esperanto are there to be lost to."""

_NEVER = frozenset({"en", "la", "eo"})
_SAME = {"nn": "no", "bs": "hr", "sr": "hr", "ms": "id"}
"""Languages that count as one; see ``_TOGETHER``."""

_IN_TABLE = {"no": "nb", "tl": "fil"}
"""Codes of py3langid -> codes of the table of countries, where they differ."""

_TOGETHER: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "hr": ("Croatian, Bosnian or Serbian", ("HR", "BA", "RS", "ME")),
    "id": ("Indonesian or Malay", ("ID", "MY", "BN", "SG")),
}
"""Latin lines of languages that a few words cannot tell apart, and where they are spoken."""

_BORROWED_TEXT = """
pizzeria trattoria ristorante osteria gelateria pizza pasta espresso cappuccino caffe bar cafe restaurant bistro
brasserie boulangerie patisserie creperie croissanterie boutique salon chic rendezvous souvenir souvenirs bon appetit
haute couture maison la le les el los las il lo da de di del della du des von van der die das y et e i und san santa
santo saint st villa casa hacienda cantina taqueria tapas bodega fiesta siesta amigo mexicana kindergarten biergarten
bierhaus haus oktoberfest delicatessen doner kebab kebap imbiss sushi ramen karaoke sauna spa hotel motel hostel
pension resort casino royale palace grand plaza piazza mall center centre central international europa panorama
societe generale banco banca bank banque deutsche credit suisse mercedes benz volkswagen porsche audi lamborghini
ferrari maserati alfa romeo fiat citroen renault peugeot carrefour leclerc intermarche auchan monoprix decathlon leroy
merlin aldi lidl rewe edeka rossmann corte ingles zara mango desigual santander bilbao vizcaya dolce gabbana louis
vuitton chanel dior hermes cartier lancome loreal garnier nivea schwarzkopf nestle danone volvic evian perrier haagen
dazs ikea smorgasbord allianz generali zurich michelin bosch siemens miele grohe krupp thyssen schlumberger bella
napoli roma milano venezia firenze paris berlin wien tokyo saigon maria theresia notre dame sacre coeur mona lisa don
quijote che guevara hasta vista baby adios amigos bonjour merci gracias ciao prosecco aperol spritz weihnachten
weihnachts weihnachtsmarkt christkindl frohe joyeux noel feliz navidad hakuna matata creme brulee foie gras prosciutto
parma parmigiano reggiano mozzarella bufala bratwurst sauerkraut schnitzel apfelstrudel vorsprung durch technik ich
bin ein berliner ubermensch zeitgeist hofbrauhaus munchen bayern paulaner lowenbrau spaten stella artois garuda
indonesia jagermeister pilsner urquell autobahn gesundheit doppelganger wunderbar
"""
_BORROWED = frozenset(_BORROWED_TEXT.split())
"""Words on signs in any country: names of brands, and what restaurants and boutiques abroad call themselves."""


def find_language(line: TextLine) -> Sequence[Clue]:
    """A clue of the language of a line; never English."""
    script = main_script(line.text)
    words = [word for word in re.findall(r"[^\W\d_]+", line.text) if fold(word) not in _BORROWED]
    if script not in OF_SCRIPT or sum(map(len, words)) < LEAST_LETTERS or "@" in line.text or "www" in line.text:
        return []
    code, probability = _language(" ".join(words), script)
    if code in _NEVER or probability < LEAST_SURE:
        return []
    shown = _statement(code, script)
    if shown is None:
        return []
    safe = len(words) > 1 or probability >= LEAST_SAFE
    return [Clue("language", shown[1], line, f"The words are {shown[0]}", safe)]


def _statement(code: str, script: str) -> tuple[str, CountryFact | CountryIs] | None:
    """The name of a language and what is stated; None where no country has it."""
    if script == "Latn" and code in _TOGETHER:
        title, countries = _TOGETHER[code]
        return title, CountryIs(countries)
    value = _IN_TABLE.get(code, code)
    return (_titles()[value], CountryFact("language", value)) if value in _titles() else None


def _language(text: str, script: str) -> tuple[str, float]:
    """The likeliest language of a text and its probability."""
    ranks = _identifier(script).rank(text)
    together: dict[str, float] = {}
    for code, probability in ranks:
        shown = _SAME.get(code, code) if script == "Latn" else code
        together[shown] = together.get(shown, 0.0) + float(probability)
    best = max(together, key=lambda code: together[code])
    return best, together[best]


@cache
def _identifier(script: str) -> Any:
    """py3langid for the languages of one script."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(OF_SCRIPT[script]))
    return identifier


@cache
def _titles() -> Mapping[str, str]:
    return {value: title for value, title, _ in values_of("language")}

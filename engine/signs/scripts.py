"""Clues of writing systems: letters that were read, and lines whose letters nobody could read but whose look is known.

Latin letters say nothing: they are everywhere. Han letters are told apart by the character sets of mainland China,
Taiwan and Japan: a letter that only one of them has points there.
"""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache

from engine.evidence.countries.facts import values_of
from engine.evidence.statements.countries import CountryFact, CountryIs
from engine.signs.clues import Clue
from engine.signs.lines import TextLine

LEAST_LETTERS = 3
"""Letters of a script that make a clue."""

LEAST_KANA = 2
"""Hiragana and Katakana that make one."""

LEAST_SURE = 0.95
"""Probability from which the look of a line that nobody could read is ticked beforehand."""

LEAST_OFFERED = 0.9
"""Probability from which it is offered."""

LEAST_SIDES = 2.0
"""A line that nobody could read has to be so much wider than high: two letters alone look like many things."""

WIDEST = 0.85
"""Share of the photo's width; what is wider is a fence or a row of columns."""

LEAST_LETTERLIKE = 0.5
"""Score of whatever such a line was read as; ornaments have less, letters of any script more."""

THAI_OR_LAO = frozenset({"Thai", "Laoo"})
"""Scripts that readers take for each other."""

LEAST_THAI = 0.9
"""Score from which lines in them count."""

_BY_NAME = {
    "CYRILLIC": "Cyrl", "GREEK": "Grek", "ARABIC": "Arab", "HEBREW": "Hebr", "ARMENIAN": "Armn", "GEORGIAN": "Geor",
    "ETHIOPIC": "Ethi", "DEVANAGARI": "Deva", "BENGALI": "Beng", "GURMUKHI": "Guru", "GUJARATI": "Gujr",
    "ORIYA": "Orya", "TAMIL": "Taml", "TELUGU": "Telu", "KANNADA": "Knda", "MALAYALAM": "Mlym", "SINHALA": "Sinh",
    "THAI": "Thai", "LAO": "Laoo", "TIBETAN": "Tibt", "MYANMAR": "Mymr", "KHMER": "Khmr", "HANGUL": "Kore",
    "HIRAGANA": "Kana", "KATAKANA": "Kana", "CJK": "Hani", "THAANA": "Thaa", "LATIN": "Latn",
}  # fmt: skip
_OF_LOOK = {"Hang": "Kore", "Kana": "Jpan"}
"""Codes of ``script_head`` -> codes of the table of countries, where they differ."""

_NO_LETTERS = "\u30fb\u30fc"  # the middle dot and the long mark of Katakana are read from plain dots and dashes


def find_scripts(line: TextLine) -> Sequence[Clue]:
    """Clues of the letters of a line that was read."""
    count = count_scripts(line.text)
    if count["Kana"] >= LEAST_KANA:
        letters = count["Kana"]
        return [Clue("script", CountryFact("script", "Jpan"), line, f"{letters} Hiragana or Katakana letters")]
    found = [_clue(line, script, letters) for script, letters in count.items() if _is_offered(script)]
    return [clue for clue in found if clue is not None] + _han(line, count["Hani"])


def find_unread_script(line: TextLine) -> Sequence[Clue]:
    """A clue of the look of a line that could not be read."""
    script = _OF_LOOK.get(line.script, line.script)
    if line.script_probability < LEAST_OFFERED or not _is_offered(script):
        return []
    reason = f"Looks like {_title(script)} letters; they could not be read"
    wide = line.box.right - line.box.left
    safe = line.aspect >= LEAST_SIDES and wide <= WIDEST and line.score >= LEAST_LETTERLIKE
    safe = safe and line.script_probability >= LEAST_SURE
    if script in THAI_OR_LAO:
        return [Clue("script", CountryIs(("TH", "LA")), line, reason.replace(_title(script), "Thai or Lao"), safe)]
    return [Clue("script", CountryFact("script", script), line, reason, safe)]


def count_scripts(text: str) -> Counter[str]:
    """Letters of each script, by ISO 15924 code; ``Kana`` is Hiragana or Katakana."""
    return Counter(_script_of(letter) for letter in text if letter.isalpha() and letter not in _NO_LETTERS)


def main_script(text: str) -> str:
    """The script of most letters, or empty without letters."""
    return next((script for script, _ in count_scripts(text).most_common(1)), "")


def _clue(line: TextLine, script: str, letters: int) -> Clue | None:
    if letters < LEAST_LETTERS or (script in {"Grek", "Cyrl"} and line.reader == "PP-OCR"):
        return None  # PP-OCR has the Greek letters of formulas; what it reads as Greek is something else
    reason = f"{letters} {_title(script)} letters"
    if script not in THAI_OR_LAO:
        return Clue("script", CountryFact("script", script), line, reason)
    reason = f"{letters} Thai or Lao letters"
    return Clue("script", CountryIs(("TH", "LA")), line, reason) if line.score >= LEAST_THAI else None


def _han(line: TextLine, letters: int) -> list[Clue]:
    """Clues of Han letters; one alone is ignored: logos and window frames are read so."""
    if letters < LEAST_LETTERS:
        return []
    homes = Counter(home for letter in line.text for home in [_only_in(letter)] if home)
    where = {"gb2312": ("Hans", "simplified"), "big5": ("Hant", "traditional")}
    for home, (script, word) in where.items():
        if homes[home] and not (set(homes) - {home}):
            reason = f"{letters} Chinese letters, {homes[home]} of them {word}"
            return [Clue("script", CountryFact("script", script), line, reason)]
    codes = ("CN", "TW", "HK", "MO", "JP", "SG")
    return [Clue("script", CountryIs(codes), line, f"{letters} Chinese letters", safe=False)]


@cache
def _only_in(letter: str) -> str:
    """The character set that alone has a letter: ``gb2312``, ``big5`` or ``shift_jis``; empty where several have it."""
    homes = [name for name in ("gb2312", "big5", "shift_jis") if _has(name, letter)]
    return homes[0] if len(homes) == 1 and _script_of(letter) == "Hani" else ""


def _has(encoding: str, letter: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


@cache
def _script_of(letter: str) -> str:
    return _BY_NAME.get(unicodedata.name(letter, "?").split()[0], "Zyyy")


@cache
def _is_offered(script: str) -> bool:
    """Whether the table of countries knows the script and it says something."""
    return script != "Latn" and script in {value for value, _, _ in values_of("script")}


def _title(script: str) -> str:
    return next((title for value, title, _ in values_of("script") if value == script), script)

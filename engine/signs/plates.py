"""Clues of number plates by the pattern of their letters and digits.

Only patterns that few countries share and that prices, times and model numbers do not have; of a pattern that several
countries use the clue names all of them. A plate is read from 0.95 on, because one wrong letter makes another pattern.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.evidence.statements.countries import CountryIs
from engine.signs.clues import Clue
from engine.signs.lines import TextLine

LEAST_SCORE = 0.95
"""Score of a line that can be a plate."""


@dataclass(frozen=True)
class Plate:
    """A pattern of number plates.

    Attributes:
        pattern: of the whole line, in capitals.
        countries: that use it.
        safe: whether hardly anything else looks so.
    """

    pattern: re.Pattern[str]
    countries: tuple[str, ...]
    safe: bool = True


_GERMAN = (
    "A|AA|AB|AC|AK|AM|AN|AS|AW|AZ|B|BA|BB|BC|BI|BK|BL|BM|BN|BO|BS|BT|BZ|C|CE|CO|CW|D|DA|DAH|DD|DE|DH|DN|DO|DU|DW|E|EA|"
    "EBE|ED|EE|EF|EL|EM|EMD|EN|ER|ERB|ERZ|ES|ESW|EU|F|FB|FD|FF|FFB|FG|FL|FN|FO|FR|FRG|FS|FT|FÜ|G|GAP|GE|GER|GF|GG|GI|"
    "GL|GM|GÖ|GP|GR|GS|GT|GTH|GZ|H|HA|HAL|HAM|HB|HBN|HD|HDH|HE|HEF|HEI|HF|HG|HH|HI|HK|HL|HM|HN|HO|HOL|HOM|HP|HR|HRO|HS|"
    "HSK|HST|HU|HVL|HX|HZ|IGB|IK|IN|IZ|J|K|KA|KB|KC|KE|KF|KG|KH|KI|KL|KLE|KN|KO|KR|KS|KU|KÜN|L|LA|LAU|LB|LD|LDK|LER|LEV|"
    "LG|LI|LIF|LL|LM|LÖ|LOS|LU|LÜN|LWL|M|MA|MB|MD|ME|MEI|MG|MH|MI|MK|MM|MN|MOL|MOS|MR|MS|MSP|MTK|MÜ|MYK|MZ|N|NB|ND|NE|"
    "NEA|NES|NEW|NF|NI|NK|NM|NMS|NOH|NOM|NR|NU|NW|OA|OB|OD|OE|OF|OG|OH|OL|OS|OSL|P|PA|PAF|PAN|PB|PE|PF|PI|PIR|PLÖ|PM|PR|"
    "PS|R|RA|RD|RE|REG|RO|ROW|RS|RT|RÜD|RV|RW|RZ|S|SB|SC|SE|SFA|SG|SHA|SHG|SI|SIG|SIM|SL|SLF|SLS|SN|SO|SOK|SP|SPN|SR|ST|"
    "STA|STD|SU|SÜW|SW|SZ|TBB|TF|TIR|TÖL|TR|TS|TÜ|TUT|UE|UH|UL|UM|UN|V|VB|VEC|VER|VIE|VK|VS|W|WAF|WB|WE|WEN|WES|WF|WHV|"
    "WI|WIL|WL|WM|WN|WND|WO|WOB|WR|WT|WTM|WÜ|WUG|WUN|WW|Z|ZW"
)
_ROMANIAN = (
    "B|AB|AR|AG|BC|BH|BN|BR|BT|BV|BZ|CJ|CL|CS|CT|CV|DB|DJ|GJ|GL|GR|HD|HR|IF|IL|IS|MH|MM|MS|NT|OT|PH|SB|SJ|SM|SV|TL|TM|"
    "TR|VL|VN|VS"
)
_INDIAN = (
    "AN|AP|AR|AS|BR|CG|CH|DD|DL|GA|GJ|HP|HR|JH|JK|KA|KL|LA|LD|MH|ML|MN|MP|MZ|NL|OD|OR|PB|PY|RJ|SK|TN|TR|TS|UK|UP|WB"
)
_IRISH = "C|CE|CN|CW|D|DL|G|KE|KK|KY|L|LD|LH|LK|LM|LS|MH|MN|MO|OY|RN|SO|T|TN|TS|W|WH|WX|WW"
_CHINESE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"


def _plate(pattern: str, *countries: str, safe: bool = True) -> Plate:
    return Plate(re.compile(pattern), countries, safe)


PLATES: Sequence[Plate] = (
    _plate(r"[A-HJ-PR-Y]{2}[0-7]\d ?[A-HJ-PR-Z]{3}", "GB"),
    _plate(r"[A-Z]{2}-\d{3}-[A-Z]{2}", "FR", "GE"),
    _plate(r"[A-Z]{2} \d{3} ?[A-Z]{2}", "IT", "AR", "AL", "FR", safe=False),
    _plate(r"(?!(?:19|20)\d\d)\d{4} (?!BMW|LTD|KFC|HDTV|GHZ|MHZ|DVD)[B-DF-HJ-N][B-DF-HJ-NPR-TV-Z]{2}", "ES"),
    _plate(r"\d{2}-[A-Z]{2}-\d{2}|[A-Z]{2}-\d{2}-[A-Z]{2}", "PT", "NL"),
    _plate(r"\d-[A-Z]{3}-\d{2}|[A-Z]{2}-\d{3}-[A-Z]|[A-Z]-\d{3}-[A-Z]{2}|\d{2}-[A-Z]{3}-\d|[A-Z]{3}-\d{2}-[A-Z]", "NL"),
    _plate(rf"(?=(?:\W*\w){{6}})(?:{_GERMAN})[-:·•][A-Z]{{1,2}} ?\d{{2,4}}[EH]?", "DE"),
    _plate(rf"(?:{_ROMANIAN})-\d{{2,3}}-[A-Z]{{3}}", "RO"),
    _plate(rf"(?:{_ROMANIAN}) \d{{2,3}} [A-Z]{{3}}", "RO", safe=False),
    _plate(rf"(?:{_INDIAN})[- ]?\d{{1,2}}[- ]?[A-Z]{{1,2}}[- ]?\d{{4}}", "IN"),
    _plate(rf"\d{{2,3}}-(?:{_IRISH})-\d{{1,6}}", "IE"),
    _plate(r"[ABEKMHOPCTYX]\d{3}[ABEKMHOPCTYX]{2} ?\d{2,3}", "RU"),
    _plate(rf"[{_CHINESE}][A-Z][·•. ]?[A-Z0-9]{{5,6}}", "CN"),
    _plate(r"[A-Z]{3}\d[A-J]\d{2}", "BR"),
    _plate(r"(?:0[1-9]|[1-7]\d|8[01]) [A-Z]{2,3} \d{3,4}", "TR", safe=False),
)  # fmt: skip
"""Patterns of ordinary private cars. Left out: what is only letters and digits in any order (Poland, Sweden, states of
the USA), which a code on a box has as well."""

_UNITS = re.compile(r"\d\s?(?:KM|MM|CM|ML|KG|MIN|STD|UHR|EUR|GB|MHZ|AM|PM|TEL|FAX)\b", re.IGNORECASE)


def find_plates(line: TextLine) -> Sequence[Clue]:
    """A clue of a line that is a number plate as a whole."""
    if line.score < LEAST_SCORE or _UNITS.search(line.text):
        return []
    text = re.sub(r"\s+", " ", line.text.strip().replace("\u2013", "-"))
    for plate in PLATES:
        if plate.pattern.fullmatch(text):
            reason = f"{text} has the pattern of a number plate"
            return [Clue("plate", CountryIs(plate.countries), line, reason, plate.safe)]
    return []

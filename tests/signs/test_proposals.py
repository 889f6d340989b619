import pytest
from sign_lines import BRANDS, MISLEADING, SIGNS

from engine.evidence.countries.visibility import seen_in
from engine.evidence.statements.areas import Circle
from engine.evidence.statements.countries import CountryFact, CountryIs
from engine.evidence.statements.evidence import Evidence
from engine.signs.lines import Box, ReadText, TextLine
from engine.signs.proposals import MOST_PROPOSALS, propose
from engine.testing.signs import known_text


def ticked(*texts, score=0.99):
    return [each for each in propose(known_text(*texts, score=score)) if each.ticked]


def test_there_are_enough_misleading_lines():
    assert sum(map(len, MISLEADING.values())) >= 117


@pytest.mark.parametrize("kind", [*MISLEADING, "brands"])
def test_nothing_is_ticked_on_misleading_lines(kind):
    lines = BRANDS + [brand.upper() for brand in BRANDS] if kind == "brands" else MISLEADING[kind]
    wrong = {line: each.sentence() for line in lines for each in ticked(line)}
    assert wrong == {}


@pytest.mark.parametrize("kind", MISLEADING)
def test_nor_on_all_of_them_together_beside_a_true_sign(kind):
    found = ticked(*MISLEADING[kind], "Zakaz parkowania")
    assert [each.line.text for each in found] == ["Zakaz parkowania"]


COUNTRY_OF = {
    "de": "DE", "fr": "FR", "es": "ES", "it": "IT", "pt": "PT", "nl": "NL", "sv": "SE", "da": "DK", "no": "NO",
    "fi": "FI", "pl": "PL", "cs": "CZ", "sk": "SK", "hu": "HU", "ro": "RO", "hr": "HR", "sl": "SI", "tr": "TR",
    "vi": "VN", "id": "ID", "et": "EE", "lv": "LV", "lt": "LT", "is": "IS", "ca": "AD",
}  # fmt: skip


def allows(statement, country):
    if isinstance(statement, CountryIs):
        return country in statement.codes
    return seen_in(statement.fact, statement.value).get(country, 0.0) >= 0.35


def test_95_in_100_ticked_proposals_of_everyday_signs_are_true():
    found = [
        (language, line, allows(each.statement, COUNTRY_OF[language]))
        for language, lines in SIGNS.items()
        for sign in lines
        for line in (sign, sign.upper())
        for each in ticked(line)
    ]
    wrong = [(language, line) for language, line, right in found if not right]
    assert len(found) >= 250
    assert len(wrong) <= 0.05 * len(found), wrong


TRUE = {
    "www.beispiel.de": CountryFact("suffix", ".de"),
    "info@shop.co.uk": CountryFact("suffix", ".uk"),
    "Tel. +44 20 7946 0958": CountryFact("prefix", "+44"),
    "0049 30 901820": CountryFact("prefix", "+49"),
    "Call +1 242 322 1234": CountryFact("prefix", "+1 242"),
    "12,50 €": CountryFact("currency", "EUR"),
    "R$ 25": CountryFact("currency", "BRL"),
    "490 Kč": CountryFact("currency", "CZK"),
    "500円": CountryFact("currency", "JPY"),
    "B-AB 1234": CountryIs(("DE",)),
    "AB12 CDE": CountryIs(("GB",)),
    "4821 KBC": CountryIs(("ES",)),
    "MH 12 AB 1234": CountryIs(("IN",)),
    "京A·12345": CountryIs(("CN",)),
    "Hauptstraße 45": CountryFact("language", "de"),
    "12 rue de la République": CountryFact("language", "fr"),
    "Keizersgracht": CountryFact("language", "nl"),
    "Mannerheiminkatu 5": CountryFact("language", "fi"),
    "Atatürk Caddesi": CountryFact("language", "tr"),
    "ラーメン": CountryFact("script", "Jpan"),
    "欢迎您来到这里": CountryFact("script", "Hans"),
}


@pytest.mark.parametrize("line", TRUE)
def test_a_clear_line_gives_its_statement(line):
    assert TRUE[line] in [each.statement for each in ticked(line)]


def test_a_line_that_is_read_badly_gives_nothing():
    assert propose(known_text("www.beispiel.de", score=0.89)) == ()
    assert ticked("B-AB 1234", score=0.94) == []


def test_a_town_counts_where_another_line_points_to_its_country():
    assert ticked("Łódź 120") == []
    place, language = ticked("Łódź 120", "Zakaz parkowania")
    assert isinstance(place.statement, Circle) and place.statement.name == "Łódź"
    assert place.line.text == "Łódź 120" and language.line.text == "Zakaz parkowania"
    assert [each.kind for each in ticked("Lyon", "Zakaz parkowania")] == ["language"]


@pytest.mark.parametrize("trap", ["Kassa", "LIMIT", "Essen", "Cognac", "Split", "Cadillac"])
def test_words_that_are_towns_as_well_never_count(trap):
    signs = ("Stationnement interdit", "Einfahrt freihalten", "Zabranjeno parkiranje", "Behajtani tilos", "12,50 €")
    assert trap not in [each.line.text for each in ticked(trap, *signs)]


def unread(script, probability=0.99, aspect=4.0):
    return ReadText(unread=(TextLine("", 0.6, Box(0.1, 0.1, 0.9, 0.3), "PP-OCR", script, probability, aspect),))


def test_a_script_that_could_not_be_read_is_proposed_by_its_look():
    (found,) = propose(unread("Hang"))
    assert found.statement == CountryFact("script", "Kore") and found.ticked
    assert found.reason == "Looks like Korean letters; they could not be read"
    assert [each.ticked for each in propose(unread("Hang", 0.92))] == [False]
    assert [each.ticked for each in propose(unread("Hang", aspect=1.5))] == [False]
    assert propose(unread("Hang", 0.5)) == ()


def test_a_fence_that_looks_like_letters_is_not_ticked():
    fence = TextLine("", 0.49, Box(0.0, 0.62, 1.0, 0.82), "PP-OCR", "Hang", 0.99, 3.4)  # railings of a church in Paris
    assert [each.ticked for each in propose(ReadText(unread=(fence,)))] == [False]


def test_thai_and_lao_are_one():
    for script in ("Thai", "Laoo"):
        (found,) = propose(unread(script))
        assert found.statement == CountryIs(("TH", "LA"))


def test_latin_letters_and_single_han_letters_say_nothing():
    assert propose(known_text("Hello")) == () and propose(known_text("中")) == ()


def tesseract(text, score):
    return ReadText((TextLine(text, score, Box(0.1, 0.1, 0.9, 0.3), "Tesseract"),))


def test_tesseract_counts_from_80_and_for_thai_from_90():
    assert propose(tesseract("Москва", 0.79)) == ()
    assert CountryFact("script", "Cyrl") in [each.statement for each in propose(tesseract("Москва", 0.81))]
    assert propose(tesseract("ห้ามจอดรถ", 0.89)) == ()
    assert propose(tesseract("ห้ามจอดรถ", 0.9))[0].statement == CountryIs(("TH", "LA"))


def test_many_answers_of_one_kind_are_not_ticked():
    found = propose(known_text("12,50 €", "£10", "490 Kč", "R$ 25"))
    assert [each.kind for each in found] == ["currency"] * 4 and not any(each.ticked for each in found)


def test_a_foreigner_among_signs_that_agree_is_not_ticked():
    street = known_text("www.piekarnia.pl", "tel. +48 42 638 44 44", "Zakaz parkowania")
    found = propose(ReadText(street.lines, unread("Cyrl").unread))
    assert [each.kind for each in found if not each.ticked] == ["script"]
    assert len(found) == 4


def test_lines_that_say_the_same_are_one_proposal_of_the_best_line():
    lines = known_text("www.eins.de", "www.zwei.de").lines
    better = TextLine(lines[1].text, 0.999, lines[1].box)
    (found,) = propose(ReadText((lines[0], better)))
    assert found.lines == 2 and found.line == better


def test_a_proposal_becomes_evidence():
    (found,) = propose(known_text("www.beispiel.de"))
    assert found.evidence("sign-1") == Evidence("sign-1", CountryFact("suffix", ".de"), 0.9)
    assert found.sentence() == found.statement.sentence()


def test_a_page_of_clues_is_bounded():
    from engine.evidence.countries.facts import values_of

    lines = [f"www.beispiel{suffix}" for suffix, _, _ in values_of("suffix")]
    assert len(propose(known_text(*lines))) == MOST_PROPOSALS

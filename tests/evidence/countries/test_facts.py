import hashlib
import json
import shutil
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from engine.errors import InputError, LayerError
from engine.evidence.countries import facts as table
from engine.evidence.countries.facts import FACTS, codes_with, countries, country, values_of
from engine.layers import builtin
from engine.layers.assets_folder import ASSETS
from engine.layers.shipped import shipped_partition

SECOND = json.loads(Path(__file__).with_name("second_source.json").read_text("utf-8"))["countries"]

DRIVES_DIFFER = {
    # No road is public there: the table says nothing, the other source says what the mother country does.
    "AQ", "BV", "GS", "HM", "TF", "UM",
    # One part drives on the other side (Gibraltar, the Virgin Islands, Hong Kong): the other source says nothing of the
    # whole, the table says what the mainland does.
    "GB", "US", "CN",
}  # fmt: skip
PREFIXES_DIFFER = {
    # The other source gives a country the prefixes of its dependent areas, the table gives them to the areas.
    "AU", "CN", "DK", "ES", "FI", "FR", "GB", "NL", "NO", "NZ", "SH", "US",
    # The other source gives mobile ranges, or the zero that is left out when one calls from abroad.
    "AX", "GG", "IM", "JE",
    # Islands of the old Netherlands Antilles and Norfolk: the table stops at the prefix of the whole.
    "BQ", "NF", "SJ",
    # +379 was given to the Vatican and never put to use; numbers there begin with +39.
    "VA",
}  # fmt: skip
CURRENCIES_DIFFER = {
    "BG",  # the euro since 1 January 2026; the other source is older
}


def test_the_same_countries_as_on_the_map():
    assert tuple(each.code for each in countries()) == shipped_partition("countries").labels
    names = dict(zip(shipped_partition("countries").labels, shipped_partition("countries").titles, strict=True))
    assert {each.code: each.name for each in countries()} == names
    assert {each.code for each in countries()} == set(SECOND)


def test_sides_of_the_road_are_those_of_another_source():
    differ = {code for code, (side, _, _) in SECOND.items() if country(code).drives != side}
    assert differ == DRIVES_DIFFER
    assert {country(code).drives for code in ("AQ", "HM", "UM")} == {""}


def test_telephone_prefixes_are_those_of_another_source():
    differ = {
        code
        for code, (_, prefixes, _) in SECOND.items()
        if not {f"+{p}" for p in prefixes} <= {*country(code).prefixes}
    }
    assert differ == PREFIXES_DIFFER


def test_currencies_are_those_of_another_source():
    differ = {code for code, (_, _, money) in SECOND.items() if money and money not in country(code).currencies}
    assert differ == CURRENCIES_DIFFER


@pytest.mark.parametrize(
    ("fact", "value", "inside", "outside"),
    [
        ("drives", "left", "GB IE JP AU IN ZA TH ID KE NZ MT CY HK MO SR GY MZ NP BT", "FR US CN DE BR PH MM"),
        ("drives", "right", "FR US CN DE BR PH MM SE GI RW", "GB JP"),
        ("language", "de", "DE AT CH LI LU BE IT", "NL CZ FR"),
        ("language", "fr", "FR BE CH CA SN CI MC LU HT CD", "DE GB BR"),
        ("language", "es", "ES MX AR CL PE CO US GQ", "BR PT IT"),
        ("language", "pt", "PT BR AO MZ CV", "ES AR"),
        ("language", "ru", "RU BY KZ KG", "DE PL TR"),
        ("language", "sw", "TZ KE UG", "NG EG"),
        ("language", "sv", "SE FI AX", "NO DK"),
        ("script", "Cyrl", "RU UA BG RS MK KZ MN", "PL TR RO HR"),
        ("script", "Arab", "EG SA IR PK MA", "TR ID ET"),
        ("script", "Grek", "GR CY", "AL MK BG"),
        ("script", "Deva", "IN NP", "BD LK"),
        ("script", "Hant", "TW HK MO", "CN"),
        ("script", "Hans", "CN SG", "TW"),
        ("script", "Latn", "DE VN TR RS KE MA", "RU JP KR IR LA"),
        ("script", "Jpan", "JP", "CN KR"),
        ("script", "Geor", "GE", "AM"),
        ("script", "Tibt", "BT CN", "NP IN"),
        ("script", "Tfng", "MA DZ", "FR"),
        ("script", "Cans", "CA", "US"),
        ("script", "Mong", "MN CN", "RU"),
        ("script", "Thai", "TH", "LA"),
        ("suffix", ".de", "DE", "AT"),
        ("suffix", ".uk", "GB", "IE"),
        ("prefix", "+49", "DE", "AT"),
        ("prefix", "+1", "US CA JM DO PR BS", "MX GB"),
        ("prefix", "+7", "RU KZ", "UA UZ"),
        ("prefix", "+44", "GB JE GG IM", "IE"),
        ("currency", "EUR", "DE FR HR ME XK GF VA BG", "CH SE GB PL"),
        ("currency", "USD", "US EC SV PR", "CA CL"),
        ("currency", "CHF", "CH LI", "AT"),
        ("plate", "D", "DE", "AT DK"),
        ("plate", "UK", "GB", "IE UA"),
        ("plate", "GB", "GB", "GG"),
        ("plate", "EAK", "KE", "TZ"),
        ("plate", "RI", "ID", "IT"),
        ("plate_look", "rear_yellow", "GB NL LU IL CO KE HK", "DE CN CH IT"),
        ("plate_look", "blue_band", "DE FR IT PL NO TR UA IR", "CH RU US JP IN"),
        ("plate_look", "blue", "CN", "HK MO TW"),
        ("plate_look", "black", "MY BN LI TN", "TH GB"),
        ("continent", "AS", "JP RU TR IN IL", "FR EG_ MA"),
        ("continent", "EU", "FR RU TR IS CY", "MA GF"),
        ("continent", "SA", "BR GF FK", "PA MX FR"),
    ],
)
def test_facts_that_anyone_can_check(fact, value, inside, outside):
    found = codes_with(fact, value)
    assert set(inside.split()) <= found
    assert not set(outside.split()) & found


def test_languages_say_how_much_and_how():
    swiss = {language.code: language for language in country("CH").languages}
    assert next(iter(swiss)) == "de"
    assert swiss["rm"].status == "regional"
    assert swiss["it"].status == "official"
    assert swiss["fr"].title == "French"
    for each in countries():
        assert all(0 <= language.share <= 1 for language in each.languages)
        assert [x.share for x in each.languages] == sorted((x.share for x in each.languages), reverse=True)


@pytest.mark.parametrize("fact", FACTS)
def test_values_come_with_titles_and_counts_most_countries_first(fact):
    rows = values_of(fact)
    assert [count for _, _, count in rows] == sorted((count for _, _, count in rows), reverse=True)
    assert len({title for _, title, _ in rows}) == len(rows)
    for value, title, count in rows:
        assert title and title[0] != " "
        assert len(codes_with(fact, value)) == count > 0
        assert all(value in country(code).values(fact) for code in codes_with(fact, value))


def test_titles_are_for_people():
    titles = {fact: {value: title for value, title, _ in values_of(fact)} for fact in FACTS}
    assert titles["language"]["de"] == "German"
    assert titles["script"]["Cyrl"] == "Cyrillic"
    assert titles["suffix"][".de"] == ".de"
    assert titles["prefix"]["+49"] == "+49"
    assert titles["currency"]["EUR"] == "Euro (EUR)"
    assert titles["plate"]["D"] == "D"
    assert titles["plate_look"]["rear_yellow"] == "yellow at the rear"
    assert titles["continent"]["AS"] == "Asia"
    assert titles["drives"]["left"] == "left"


def test_every_country_has_what_a_country_has():
    inhabited = [each for each in countries() if each.drives]
    assert len(inhabited) > 240
    for each in inhabited:
        assert each.languages and each.scripts and each.currencies and each.prefixes and each.continents, each.code
        assert len(each.alpha3) == 3
    members = "FR DE GB US CN RU BR IN JP ZA EG NG MX AR AU CA IT ES TR IR TH VN KR PL UA KE ET TZ"
    assert all(country(code).plates for code in members.split())


def test_neighbours_are_mutual():
    known = {each.code for each in countries()}
    one_way = {
        (a.code, b) for a in countries() for b in a.neighbours if b in known and a.code not in country(b).neighbours
    }
    # GeoNames lists Gibraltar's and Ceuta's kind of border from one side only.
    assert len(one_way) <= 8


def test_unknown_codes_facts_and_values_are_refused():
    assert country("de") is country("DE")
    with pytest.raises(InputError, match="no country 'XX'"):
        country("XX")
    with pytest.raises(InputError, match="the facts are drives"):
        codes_with("weather", "rain")
    with pytest.raises(InputError, match="No country has 'middle' as its drives"):
        codes_with("drives", "middle")
    with pytest.raises(FrozenInstanceError):
        country("DE").name = ""


@pytest.mark.parametrize("text", ["[", "{}", '{"titles": {"language": {}}, "countries": [{"languages": []}]}'])
def test_a_damaged_table_is_refused(tmp_path, monkeypatch, text):
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence/countries.json").write_text(text)
    old = builtin.record(table.TABLE).sha256
    record = (ASSETS / "records.toml").read_text().replace(old, hashlib.sha256(text.encode()).hexdigest())
    (tmp_path / "records.toml").write_text(record)
    monkeypatch.setattr("engine.layers.assets_folder.ASSETS", tmp_path)
    builtin.records.cache_clear()
    table._table.cache_clear()
    try:
        with pytest.raises(LayerError, match="table of countries"):
            countries()
    finally:
        builtin.records.cache_clear()
        table._table.cache_clear()
        shutil.rmtree(tmp_path / "evidence")

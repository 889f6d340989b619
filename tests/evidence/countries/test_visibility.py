import pytest

from engine.errors import InputError
from engine.evidence.countries.facts import FACTS, countries, values_of
from engine.evidence.countries.visibility import seen_in


def test_what_a_country_has_or_has_not_is_seen_there_or_not():
    assert seen_in("currency", "CHF") == {"CH": 1.0, "LI": 1.0}
    assert set(seen_in("drives", "left").values()) == {1.0}


@pytest.mark.parametrize(
    ("fact", "value", "most", "less", "little"),
    [
        ("language", "de", "DE AT CH LI", "BE LU", "IT PL DK"),
        ("language", "fr", "FR MC CI GA", "CA BE CH MA", "IT LB"),
        ("language", "es", "ES MX", "PY", "US"),
        ("language", "ru", "RU KZ", "KG BY", "EE LV IL MD"),
        ("language", "en", "GB US AU NG", "IN PH KE CA", "NL GR TH JP"),
        ("language", "it", "IT SM", "CH", "HR"),
        ("script", "Cyrl", "RU RS BG ME MN UA", "KG UZ", "EE IL"),
        ("script", "Arab", "EG IR PK", "IL", "IN CN"),
        ("script", "Latn", "DE TR VN", "MA IN", "GR JP AE CN"),
        ("script", "Tibt", "BT", "", "CN"),
        ("script", "Tfng", "", "MA DZ", ""),
        ("script", "Taml", "", "LK SG", "IN MY"),
    ],
)
def test_a_language_is_seen_most_where_it_is_the_language_of_signs(fact, value, most, less, little):
    seen = seen_in(fact, value)
    for code in most.split():
        assert seen[code] == 1.0, code
    for code in less.split():
        assert 0.2 < seen[code] <= 1.0, code
    for code in little.split():
        assert 0.0 < seen[code] <= 0.2, code


@pytest.mark.parametrize("fact", FACTS)
def test_shares_are_shares_and_every_value_is_seen_somewhere(fact):
    codes = {each.code for each in countries()}
    for value, _, count in values_of(fact):
        seen = seen_in(fact, value)
        assert len(seen) >= count
        assert set(seen) <= codes
        assert all(0.0 < share <= 1.0 for share in seen.values())


def test_english_and_latin_letters_are_seen_in_every_country():
    assert len(seen_in("language", "en")) == len(seen_in("script", "Latn")) == len(countries())
    assert "CN" not in seen_in("script", "Grek")


def test_what_nobody_has_is_refused():
    with pytest.raises(InputError, match="No country has 'Shaw' as its script"):
        seen_in("script", "Shaw")

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError, LayerError
from engine.evidence import gazetteer
from engine.evidence.countries.facts import countries
from engine.evidence.gazetteer import fold, nearest, search
from engine.geometry.sphere import great_circle_km
from engine.layers import builtin
from engine.layers.assets_folder import ASSETS
from engine.layers.shipped import shipped_partition


@pytest.mark.parametrize(
    ("text", "name", "country", "latitude", "longitude"),
    [
        ("nice", "Nice", "FR", 43.70, 7.27),
        ("Nice, fr", "Nice", "FR", 43.70, 7.27),
        ("nice, united", "Nice", "US", 39.12, -122.85),
        ("München", "Munich", "DE", 48.14, 11.58),
        ("munchen", "Munich", "DE", 48.14, 11.58),
        ("MUNICH", "Munich", "DE", 48.14, 11.58),
        ("köln", "Köln", "DE", 50.93, 6.95),
        ("par", "Paris", "FR", 48.85, 2.35),
        ("paris, us", "Paris", "US", 33.66, -95.56),
        ("lund", "Lund", "SE", 55.70, 13.19),
        ("york", "York", "GB", 53.96, -1.08),
        ("new york", "New York City", "US", 40.71, -74.01),
        ("bath", "Bath", "GB", 51.38, -2.36),
        ("sao paulo", "São Paulo", "BR", -23.55, -46.64),
        ("reykjavik", "Reykjavík", "IS", 64.14, -21.90),
        ("lodz", "Łódź", "PL", 51.77, 19.47),
        ("москва", "Moscow", "RU", 55.75, 37.62),
        ("東京", "Tokyo", "JP", 35.69, 139.69),
        ("القاهرة", "Cairo", "EG", 30.06, 31.25),
        ("αθήνα", "Athens", "GR", 37.98, 23.73),
        ("springfield, us", "Springfield", "US", 37.22, -93.30),
        ("cusco", "Cusco", "PE", -13.53, -71.97),
        ("ulaanbaatar", "Ulan Bator", "MN", 47.91, 106.88),
        ("vatican", "Vatican City", "VA", 41.90, 12.45),
        ("funafuti", "Funafuti", "TV", -8.52, 179.19),
        ("st. gallen", "Sankt Gallen", "CH", 47.42, 9.37),
        ("  besancon ", "Besançon", "FR", 47.25, 6.02),
        ("wien", "Vienna", "AT", 48.21, 16.37),
        ("saint-denis, re", "Saint-Denis", "RE", -20.88, 55.45),
        ("san francisco, california", None, None, 0, 0),  # a state is no country
        ("qqqqq", None, None, 0, 0),
        ("", None, None, 0, 0),
        (" ,", None, None, 0, 0),
        (", fr", None, None, 0, 0),
    ],
)
def test_the_first_place_is_the_one_that_is_meant(text, name, country, latitude, longitude):
    found = search(text)
    if name is None:
        assert found == ()
        return
    assert (found[0].name, found[0].country) == (name, country)
    assert great_circle_km(found[0].latitude, found[0].longitude, latitude, longitude) < 12


def test_a_place_says_what_it_is():
    place = search("reykjavik")[0]
    assert place.ascii_name == "reykjavik"
    assert place.country_name == "Iceland"
    assert place.population > 100_000
    assert "東京都" in search("tokyo")[0].other_names or "東京" in search("tokyo")[0].other_names


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=30), limit=st.integers(1, 12))
def test_anything_can_be_typed(text, limit):
    found = search(text, limit)
    assert len(found) <= limit
    assert len({(p.name, p.latitude, p.longitude) for p in found}) == len(found)
    typed = fold(text.rpartition(",")[0] if "," in text else text)
    assert all(any(fold(n).startswith(typed) for n in (place.name, *place.other_names)) for place in found)
    assert (found == ()) if not typed else True


@pytest.fixture(scope="module")
def folded():
    """Usual and other names of each place, folded."""
    places = gazetteer._places()
    others = [[fold(other) for other in names.split("|") if other] for names in places.others]
    return list(zip(map(fold, places.names), others, places.population.tolist(), strict=True))


def weight(text: str, name: str, others: list[str]) -> float:
    usual = 10.0 if name == text else 1.0 if name.startswith(text) else 0.0
    return max([usual, *(1.0 if other == text else 1 / 30 for other in others if other.startswith(text))])


@pytest.mark.parametrize("text", ["a", "san", "mo", "new ", "kö", "\u0431\u0435"])
def test_search_is_a_look_at_every_name(text, folded):
    worth = [(-weight(fold(text), name, others) * (people + 1), people) for name, others, people in folded]
    wanted = [people for least, people in sorted(worth, key=lambda row: row[0])[:8] if least < 0]
    assert [place.population for place in search(text)] == wanted


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)
    assert fold(text.upper().lower()) == fold(text.lower()) or not text.isascii()


def test_letters_that_look_alike_fold_alike():
    assert fold("Łódź") == "lodz"
    assert fold("Großer Straße") == "grosser strasse"
    assert fold("L\u2019Aquila") == fold("L'Aquila") == "laquila"
    assert fold("Saint-Denis") == "saint denis"
    assert fold("Ærøskøbing") == "aeroskobing"


@pytest.mark.parametrize(
    ("latitude", "longitude", "least", "name"),
    [
        (55.70, 13.20, 50_000, "Lund"),
        (48.8566, 2.3522, 1_000_000, "Paris"),
        (-54.81, -68.31, 0, "Ushuaia"),
        (0.0, -150.0, 1_000_000, "Honolulu"),
        (40.0, 180.0, 3_000_000, "Yokohama"),
        (89.9, 20.0, 2000, "Longyearbyen"),
    ],
)
def test_nearest(latitude, longitude, least, name):
    if name in ("Honolulu", "Yokohama"):
        name = expected_by_distance(latitude, longitude, least)
    assert nearest(latitude, longitude, least).name == name


def expected_by_distance(latitude: float, longitude: float, least: int) -> str:
    places = gazetteer._places()
    far = great_circle_km(places.points[:, 0], places.points[:, 1], latitude, longitude)
    return places.names[int(np.argmin(np.where(places.population >= least, far, np.inf)))]


def test_nearest_refuses_what_cannot_be():
    with pytest.raises(InputError, match="Latitude"):
        nearest(91, 0)
    with pytest.raises(InputError, match="No place has 100,000,000 people"):
        nearest(0, 0, 100_000_000)
    with pytest.raises(InputError, match="1 or more"):
        search("paris", 0)


def test_places_lie_in_their_countries():
    places = gazetteer._places()
    labels = np.array([*shipped_partition("countries").labels, ""])
    found = labels[shipped_partition("countries").labels_at(places.points[:, 0], places.points[:, 1])]
    assert (found == places.codes).mean() > 0.995
    assert not (found == "").any()
    assert set(places.codes.tolist()) <= {each.code for each in countries()}
    assert len(places.names) > 140_000


def test_a_damaged_list_is_refused(tmp_path, monkeypatch):
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence/places.npz").write_bytes(b"PK\x03\x04 no archive")
    old, new = builtin.record(gazetteer.TABLE).sha256, hashlib.sha256(b"PK\x03\x04 no archive").hexdigest()
    (tmp_path / "records.toml").write_text((ASSETS / "records.toml").read_text().replace(old, new))
    monkeypatch.setattr("engine.layers.assets_folder.ASSETS", tmp_path)
    builtin.records.cache_clear()
    gazetteer._places.cache_clear()
    try:
        with pytest.raises(LayerError, match="list of places"):
            search("paris")
    finally:
        builtin.records.cache_clear()
        gazetteer._places.cache_clear()

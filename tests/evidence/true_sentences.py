"""Sentences that are true of named places, written from general geography and not read off the layers.

A sentence is a kind and a value: ``population``, ``relief``, ``land_cover`` and ``climate`` name labels (joined by ``|``
where several are true), ``sea``, ``lake`` and ``water`` a distance in km within which there is some, ``height`` a range in
metres, the rest facts of countries; ``not`` before it makes it the opposite.
"""

from typing import NamedTuple

# ruff: noqa: E501 - one place a line


class Place(NamedTuple):
    """A place in degrees and what is true of it."""

    name: str
    latitude: float
    longitude: float
    sentences: tuple[str, ...]


def _of(name: str, latitude: float, longitude: float, sentences: str) -> Place:
    return Place(name, latitude, longitude, tuple(each.strip() for each in sentences.split(";")))


PLACES = (
    # dense cities
    _of("Amsterdam, Dam", 52.3731, 4.8926, "population high; relief flat; sea 30; water 5; country NL; language nl"),
    _of("Milan, Duomo", 45.4641, 9.1919, "population high; relief flat; land_cover urban; continent EU"),
    _of("Houston, downtown", 29.7604, -95.3698, "population high; relief flat; land_cover urban; drives right"),
    _of("Miami, Brickell", 25.7617, -80.1918, "population high; sea 5; language es; height ..50"),
    _of("Mumbai, Fort", 18.9322, 72.8347, "population high; sea 3; language mr; script Deva; drives left"),
    _of("Hong Kong, Central", 22.2819, 114.1580, "population high; sea 3; relief hills|mountains; language yue"),
    _of("Rio de Janeiro, Copacabana", -22.9711, -43.1823, "population high; sea 2; relief hills|mountains; language pt"),
    _of("Lagos Island", 6.4550, 3.3941, "population high; sea 10; drives right; continent AF"),
    _of("Cairo, Tahrir", 30.0444, 31.2357, "land_cover urban; water 3; climate BWh; script Arab"),
    _of("Istanbul, Karakoy", 41.0225, 28.9775, "population high; sea 3; continent EU; continent AS"),
    _of("Seoul, City Hall", 37.5663, 126.9779, "population high; script Kore; not sea 10"),
    _of("Chicago, Loop", 41.8819, -87.6278, "population high; lake 5; water 2; relief flat; not sea 100"),
    # towns
    _of("Bolzano", 46.4983, 11.3548, "language de; language it; relief mountains; population medium|high"),
    _of("Strasbourg, cathedral", 48.5818, 7.7510, "language de; language fr; relief flat; water 5"),
    _of("Siena", 43.3186, 11.3306, "relief hills; population medium; climate Csa|Csb|Cfa|Cfb"),
    _of("Bath", 51.3811, -2.3590, "relief hills; population medium; drives left"),
    _of("Chefchaouen", 35.1688, -5.2636, "relief mountains; continent AF; height 400..800"),
    _of("Luang Prabang", 19.8856, 102.1347, "relief mountains|hills; water 3; script Laoo"),
    _of("Cusco", -13.5170, -71.9785, "height 3000..3800; relief mountains; population medium|high; language qu"),
    _of("Banff", 51.1784, -115.5708, "relief mountains; height 1200..1700; language en"),
    _of("Ushuaia", -54.8019, -68.3030, "sea 3; relief mountains; continent SA"),
    _of("Thiruvananthapuram", 8.5241, 76.9366, "language ml; script Mlym; sea 15"),
    _of("Kashgar", 39.4704, 75.9898, "language ug; script Arab; climate BWk|BSk"),
    _of("Caernarfon", 53.1390, -4.2770, "language cy; sea 3; drives left"),
    # villages and country
    _of("Hallstatt", 47.5622, 13.6493, "lake 3; relief mountains; population low|lowest"),
    _of("Giethoorn", 52.7400, 6.0780, "relief flat; water 5; population low|lowest; height ..50"),
    _of("Zermatt", 46.0207, 7.7491, "relief mountains; height 1500..2000; language de"),
    _of("Iowa cornfield near Ames", 42.1000, -93.8000, "land_cover cropland; relief flat|hills; not sea 500"),
    _of("Rice terraces, Batad", 16.9347, 121.1400, "relief mountains; land_cover cropland|broadleaf_forest"),
    _of("Masai village, Amboseli", -2.6500, 37.2500, "population low|lowest; relief flat|hills; drives left"),
    # coasts
    _of("Cesenatico, beach", 44.2030, 12.4050, "relief flat; sea 2; height ..20"),
    _of("Rimini, beach", 44.0740, 12.5800, "relief flat; sea 2; population medium|high"),
    _of("Beachy Head", 50.7373, 0.2477, "relief hills|mountains; sea 2; population low|lowest"),
    _of("Cliffs of Moher", 52.9719, -9.4265, "relief hills|mountains; sea 2; language ga"),
    _of("Durdle Door", 50.6212, -2.2768, "relief hills; sea 2"),
    _of("Cape Point", -34.3568, 18.4970, "sea 2; relief hills|mountains; drives left; language af"),
    _of("Maldives, Male", 4.1755, 73.5093, "sea 2; relief flat; height ..10; drives left"),
    _of("Honolulu, Waikiki", 21.2793, -157.8292, "continent OC; sea 2; population high|medium; country US"),
    _of("Papeete", -17.5350, -149.5696, "continent OC; sea 2; language fr; relief mountains|hills"),
    _of("Bergen, Bryggen", 60.3975, 5.3245, "sea 3; relief mountains; population medium|high"),
    _of("Wadden coast, Norddeich", 53.6200, 7.1600, "sea 3; relief flat; language de"),
    _of("Bora Bora, Vaitape", -16.5069, -151.7496, "sea 2; relief mountains|hills; population low|lowest|medium"),
    # lakes and rivers
    _of("Big Sable Point Lighthouse", 44.0578, -86.5145, "lake 2; water 2; not sea 100; population lowest|low"),
    _of("Bellagio", 45.9870, 9.2620, "lake 2; water 2; relief mountains"),
    _of("Listvyanka, Lake Baikal", 51.8520, 104.8690, "lake 2; language ru; continent AS"),
    _of("Copacabana, Titicaca", -16.1660, -69.0860, "lake 3; height 3700..4200; country BO"),
    _of("Entebbe", 0.0512, 32.4637, "lake 5; water 5; drives left"),
    _of("Varanasi, ghats", 25.3069, 83.0103, "water 3; relief flat; script Deva; population high|medium"),
    _of("Budapest, Chain Bridge", 47.4989, 19.0437, "water 2; population high; language hu; not sea 200"),
    # deserts, mountains, forests, ice
    _of("Erg Chebbi", 31.1500, -3.9700, "land_cover bare_water_snow; climate BWh; population lowest|low"),
    _of("Sossusvlei", -24.7275, 15.3428, "land_cover bare_water_snow|short_vegetation; climate BWh; population lowest"),
    _of("Monument Valley", 36.9980, -110.0985, "population lowest; land_cover short_vegetation|bare_water_snow; height 1400..2000"),
    _of("Tre Cime di Lavaredo", 46.6187, 12.3027, "relief mountains; height 2000..3000; not sea 50; population lowest|low"),
    _of("Kalalau, Kauai", 22.1500, -159.6500, "relief mountains; sea 5; continent OC; population lowest|low"),
    _of("Manaus, forest north of", -2.6000, -60.2000, "land_cover broadleaf_forest; climate Af|Am|Aw; population lowest"),
    _of("Taiga near Yakutsk", 62.5000, 131.5000, "land_cover other_forest; climate Dfd|Dfc|Dwd; population lowest"),
    _of("Black Forest, Feldberg", 47.8740, 8.0040, "relief mountains; land_cover other_forest|broadleaf_forest|short_vegetation; height 1200..1500"),
    _of("Svalbard, Longyearbyen", 78.2232, 15.6267, "sea 5; climate ET|EF; relief mountains; continent EU"),
    _of("Jokulsarlon", 64.0480, -16.1790, "sea 5; country IS; continent EU; population lowest"),
    _of("Serengeti, Seronera", -2.4500, 34.8200, "land_cover short_vegetation|broadleaf_forest|cropland; population lowest|low; relief flat|hills"),
    # disputed or confusing
    _of("Yekaterinburg", 56.8380, 60.5970, "continent EU; continent AS; language ru; population high"),
    _of("Tbilisi", 41.6934, 44.8015, "continent AS; continent EU; language ka; population high"),
    _of("Nicosia, south", 35.1650, 33.3600, "continent EU; continent AS; language el; drives left"),
    _of("Jayapura", -2.5330, 140.7170, "continent OC; country ID; sea 5"),
    _of("Geneva, Jet d'Eau", 46.2074, 6.1559, "language fr; lake 2; population high|medium; not sea 100"),
    _of("Montreal, Plateau", 45.5230, -73.5820, "language fr; language en; population high; water 5"),
    _of("Johor Bahru", 1.4580, 103.7620, "country MY; sea 5; drives left; population high"),
)  # fmt: skip
"""Two hundred and more sentences about sixty and more places."""

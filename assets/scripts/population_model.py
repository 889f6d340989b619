"""Modelled residents per km2: cities spread over discs, the rest of each country over land that can feed people.

Approximates what LandScan Global measures; it is not a measurement. Where people are, it has to be right: a city's core
and a town's built-up ground are at least in their buckets, and the rest of the buckets' land goes by density.
"""

import numpy as np
import numpy.typing as npt
from regions import GRAIN_BELTS, influence
from scipy import ndimage
from sources import COLUMNS, KM_PER_DEGREE, ROWS, Cities, Earth, Floats, enlarge

PAPER_SHARES = (0.939, 0.0493, 0.0110, 0.00029)
"""Land shares of the four buckets, lowest first (Bianco et al. 2024, section 4.2)."""
WATER = 255
UNKNOWN_POPULATION = 400.0
"""Inhabitants assumed for an administrative seat without a number."""
LEAST_RURAL = {"NA": 0.2, "SA": 0.2, "EU": 0.2, "AS": 0.4, "AF": 0.45, "OC": 0.15, "AN": 0.0}
MOSTLY_URBAN = {"JP": 0.15, "KR": 0.15, "TW": 0.2, "SA": 0.1, "AE": 0.05, "IL": 0.1}
"""Least share of a country's people outside the listed places, per continent and for countries that differ: GeoNames
often gives a seat the people of its whole district, so that listed places alone would hold everybody."""
COMPACTNESS = {"NA": 0.9, "SA": 1.5, "EU": 1.0, "AS": 1.6, "AF": 1.4, "OC": 0.5, "AN": 0.2}
SPRAWLING = {"US": 0.5, "CA": 0.6, "AU": 0.5, "NZ": 0.5, "SA": 0.7, "AE": 0.7}
"""Density at the centre of a city of 100,000 relative to Europe, per continent and for countries that differ."""
CENTRE_PER_KM2 = 3500.0
CORE_FROM, CORE_KM2, CORE_GROWTH = 400_000.0, 16.0, 0.6
"""A city of so many people has a dense core; of so many km2 at a million, growing with that power of its people."""
TOWN_FROM, TOWN_PER_KM2 = 15_000.0, 4500.0
"""A town of so many people is built up over its people divided by this density (Angel et al. 2011, 'The dimensions of
global urban expansion': 2,000 to 8,000 people per built-up km2)."""
LARGEST_TOWN_KM2 = 900.0
VILLAGE_FROM = 2_000.0
"""A place of so many people is more than open country."""


def population_density(earth: Earth) -> tuple[Floats, Floats]:
    """People per km2 in cities and outside them; two arrays of ``(ROWS, COLUMNS)``, 0 at sea."""
    urban = city_density(earth)
    return urban, rural_density(earth, nearness(earth.cities))


def buckets(earth: Earth, density: Floats) -> tuple[npt.NDArray[np.uint8], list[float]]:
    """Bucket 0 to 3 per pixel (255 on water), and the three thresholds of density.

    Built-up ground is at least in the bucket of ``least_buckets``; as many of the densest other pixels follow as make
    the land shares the paper's.
    """
    least = least_buckets(earth)[earth.land]
    on_land = density[earth.land]
    area = np.broadcast_to(earth.pixel_area_km2, density.shape)[earth.land]
    order = np.argsort(-on_land, kind="stable")
    found, cuts = least.copy(), []
    above = np.cumsum(PAPER_SHARES[:0:-1])  # from the top, because the paper's rounded shares sum to 99.96 %
    for label, share in zip((3, 2, 1), above, strict=True):
        free = found[order] < label
        wanted = share * area.sum() - area[found >= label].sum()
        count = int(np.searchsorted(np.cumsum(area[order[free]]), wanted))
        chosen = order[free][:count]
        found[chosen] = label
        cuts.insert(0, float(on_land[chosen[-1]]) if count else float("nan"))
    bucket = np.full(density.shape, WATER, np.uint8)
    bucket[earth.land] = found
    return bucket, cuts


def least_buckets(earth: Earth) -> npt.NDArray[np.uint8]:
    """The bucket that each pixel is in at least, by the places that stand on it or whose built-up ground reaches it."""
    least, people = np.zeros((ROWS, COLUMNS), np.uint8), earth.cities.population
    for index in np.flatnonzero(people >= VILLAGE_FROM).tolist():
        place = earth.cities.latitude[index], earth.cities.longitude[index]
        town_km2 = min(people[index] / TOWN_PER_KM2, LARGEST_TOWN_KM2)
        _raise(least, place, town_km2, 2 if people[index] >= TOWN_FROM else 1)
        if people[index] >= CORE_FROM:
            _raise(least, place, CORE_KM2 * (people[index] / 1e6) ** CORE_GROWTH, 3)
    return least


def _raise(least: npt.NDArray[np.uint8], place: tuple[float, float], area_km2: float, bucket: int) -> None:
    """Brings the pixels whose middles lie in a disc of an area, and the one that the place stands on, to a bucket."""
    latitude, longitude = place
    step_km, radius_km = KM_PER_DEGREE * 180.0 / ROWS, np.sqrt(area_km2 / np.pi)
    narrow = max(np.cos(np.radians(latitude)), 0.05)
    row, column = (90.0 - latitude) / 180.0 * ROWS, (longitude + 180.0) / 360.0 * COLUMNS  # as readers round
    tall, wide = int(radius_km / step_km) + 1, int(radius_km / step_km / narrow) + 1
    rows = np.arange(max(int(row) - tall, 0), min(int(row) + tall + 1, ROWS))
    columns = np.arange(int(column) - wide, int(column) + wide + 1)
    far = ((rows + 0.5 - row) * step_km)[:, None] ** 2 + ((columns + 0.5 - column) * step_km * narrow)[None, :] ** 2
    inside = far <= radius_km**2
    inside[rows == min(int(row), ROWS - 1)] |= columns == int(column)
    where = np.ix_(rows, columns % COLUMNS)
    least[where] = np.where(inside, np.maximum(least[where], np.uint8(bucket)), least[where])


def city_density(earth: Earth) -> Floats:
    """Every place spread exponentially around its centre (Clark 1951), its people kept on land."""
    cities, total = earth.cities, np.zeros((ROWS, COLUMNS), np.float32)
    people = np.where(cities.population > 0, cities.population, UNKNOWN_POPULATION)
    radius_km = np.sqrt(people / (2 * np.pi * centre_density(earth, people)))
    for index in range(people.size):
        place = (cities.latitude[index], cities.longitude[index])
        _stamp(total, earth.land, place, people[index], radius_km[index])
    return total


def centre_density(earth: Earth, people: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """People per km2 at the centre of each place: larger places are denser, continents differ."""
    facts = earth.country_facts
    names, index = np.unique(earth.cities.country, return_inverse=True)
    factor = [SPRAWLING.get(n, COMPACTNESS[facts[n]["continentcode"] if n in facts else "EU"]) for n in names]
    growth = np.where(np.isin(earth.cities.country, list(SPRAWLING)), 0.30, 0.15)
    return CENTRE_PER_KM2 * np.array(factor)[index] * (people / 1e5) ** growth


def _stamp(
    total: Floats, land: npt.NDArray[np.bool_], place: tuple[float, float], people: float, radius_km: float
) -> None:
    """Adds one place. Distances get the half width of a pixel added in quadrature, so a village stays a pixel."""
    lat, lon = place
    step_km = KM_PER_DEGREE * 180.0 / ROWS
    narrow = max(np.cos(np.radians(lat)), 0.05)
    reach_km = max(5.5, 5.0 * radius_km)
    row, column = (90.0 - lat) * ROWS / 180.0 - 0.5, (lon + 180.0) * COLUMNS / 360.0 - 0.5
    tall, wide = int(reach_km / step_km) + 1, int(reach_km / step_km / narrow) + 1
    rows = np.arange(max(round(row) - tall, 0), min(round(row) + tall + 1, ROWS))
    columns = np.arange(round(column) - wide, round(column) + wide + 1)
    squared = ((rows - row) * step_km)[:, None] ** 2 + ((columns - column) * step_km * narrow)[None, :] ** 2
    weight = np.exp(-np.sqrt(squared + 1.5) / max(radius_km, 1.1))
    where = np.ix_(rows, columns % COLUMNS)
    weight *= land[where]
    if weight.sum() > 0:
        total[where] += (people / (weight.sum() * step_km * step_km * narrow)) * weight


def rural_density(earth: Earth, near: Floats) -> Floats:
    """Each country's people outside listed places, in proportion to what its land can carry."""
    weight = carrying_weight(earth) * (0.02 + near)
    weight[~earth.land] = 0
    code = earth.country
    held = np.zeros(1000)
    for row in range(ROWS):  # row by row: the float64 product of the whole Earth would need half a gigabyte
        held += np.bincount(code[row], weights=weight[row], minlength=1000)[:1000] * earth.pixel_area_km2[row]
    per_weight = rural_people(earth) / np.maximum(held, 1e-9)
    return (per_weight.astype(np.float32)[code] * weight).astype(np.float32)


def rural_people(earth: Earth) -> npt.NDArray[np.float64]:
    """People outside listed places per ISO numeric code; shape ``(1000,)``."""
    people = np.zeros(1000)
    for name, facts in earth.country_facts.items():
        listed = earth.cities.population[earth.cities.country == name].sum()
        total = float(facts["population"])
        least = MOSTLY_URBAN.get(name, LEAST_RURAL[str(facts["continentcode"])])
        people[int(facts["isonumeric"]) % 1000] += max(total - listed, least * total)
    return people


def carrying_weight(earth: Earth) -> Floats:
    """0 to about 4: how willingly people farm there, from climate, altitude, relief and the colour of the ground."""
    weight = np.full((ROWS, COLUMNS), 0.6, np.float32)
    for codes, value in (
        ("Cfa Cwa Cwb Cfb Am Dwa Csa Dfa", 1.0),
        ("Aw As BSh BSk Csb Dfb Dwb Dsa Dsb", 0.8),
        ("Af", 0.5),
        ("Dfc Dwc Dsc Cfc Csc Cwc", 0.06),
        ("ET Dfd Dwd Dsd", 0.006),
        ("EF", 0.0),
    ):
        weight[earth.climate_in(codes)] = value
    brightness = earth.colour.mean(-1, dtype=np.float32)
    desert = earth.climate_in("BWh BWk")
    weight[desert] = np.clip((125 - brightness[desert]) / 45, 0.002, 1.0)  # dark ground in a desert is irrigated
    weight *= np.where(brightness < 32, 0.25, 1.0)  # closed forest
    weight *= np.exp(-np.maximum(earth.altitude_m - 2500, 0) / 900)
    weight *= 1 / (1 + (earth.relief_m / 350) ** 2)
    weight *= 1 + 1.5 * influence(GRAIN_BELTS)
    return weight


def nearness(cities: Cities) -> Floats:
    """Settlements per 1,000 km2 or so, blurred over 15 and 50 km and bent so that more of them counts ever less."""
    rows, columns = ROWS // 4, COLUMNS // 4
    size = np.sqrt(np.maximum(cities.population, UNKNOWN_POPULATION) / 1000.0)
    row = np.clip(((90 - cities.latitude) * rows / 180).astype(int), 0, rows - 1)
    column = ((cities.longitude + 180) * columns / 360).astype(int) % columns
    counts = np.bincount(row * columns + column, weights=size, minlength=rows * columns).reshape(rows, columns)
    narrow = np.cos(np.radians(90 - (np.arange(rows) + 0.5) * 180 / rows))[:, None]
    near = sum(part * _blur(counts / narrow, narrow[:, 0], km) for part, km in ((0.6, 15.0), (0.4, 50.0)))
    return enlarge(np.sqrt(near))


def _blur(field: npt.NDArray[np.float64], narrow: npt.NDArray[np.float64], sigma_km: float) -> npt.NDArray[np.float64]:
    """Gaussian blur of ``sigma_km`` on the sphere: wider in columns towards the poles."""
    rows = field.shape[0]
    sigma = sigma_km / (KM_PER_DEGREE * 180.0 / rows)
    blurred = ndimage.gaussian_filter1d(field, sigma, axis=0, mode="nearest")
    for row in range(rows):
        wide = min(sigma / max(narrow[row], 0.03), 200.0)
        blurred[row] = ndimage.gaussian_filter1d(blurred[row], wide, mode="wrap")
    return blurred

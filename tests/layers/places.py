"""Eighty places of all continents and climates, and what is known to be there.

Written from general geography, not read off the layers: the first layers got 75 of the 80 right, and the other five
were mended in the model, never here. Where the real rasters could reasonably say either of two things (a plain of
villages, a patchwork of woods), both are accepted.
"""

from typing import NamedTuple

CROP, LEAF, TREES, SHORT, FLOOD, URBAN, BARE = (
    "cropland",
    "broadleaf_forest",
    "other_forest",
    "short_vegetation",
    "flooded_vegetation",
    "urban",
    "bare_water_snow",
)
WATER = "water"
"""In place of a population bucket: no land here."""


class Place(NamedTuple):
    """A place in degrees; acceptable population buckets and land-cover classes, separated by blanks."""

    name: str
    latitude: float
    longitude: float
    population: str
    land_cover: str


PLACES = (
    # centres of cities
    Place("Paris, Notre-Dame", 48.853, 2.350, "high medium", URBAN),
    Place("London, Charing Cross", 51.508, -0.125, "high medium", URBAN),
    Place("Madrid, Sol", 40.417, -3.703, "high medium", URBAN),
    Place("Moscow, Kremlin", 55.752, 37.617, "high medium", URBAN),
    Place("Istanbul, Fatih", 41.015, 28.950, "high medium", URBAN),
    Place("Cairo, Tahrir", 30.045, 31.236, "high medium", URBAN),
    Place("Lagos, Surulere", 6.500, 3.355, "high medium", URBAN),
    Place("Nairobi, centre", -1.286, 36.820, "high medium", URBAN),
    Place("Johannesburg, centre", -26.204, 28.045, "high medium", URBAN),
    Place("Delhi, Old Delhi", 28.656, 77.230, "high medium", URBAN),
    Place("Mumbai, Dadar", 19.018, 72.848, "high medium", URBAN),
    Place("Dhaka, Motijheel", 23.733, 90.418, "high medium", URBAN),
    Place("Shanghai, People's Square", 31.230, 121.474, "high medium", URBAN),
    Place("Tokyo, Shinjuku", 35.690, 139.700, "high medium", URBAN),
    Place("Seoul, City Hall", 37.566, 126.978, "high medium", URBAN),
    Place("Manila, Quiapo", 14.598, 120.984, "high medium", URBAN),
    Place("Jakarta, Monas", -6.175, 106.827, "high medium", URBAN),
    Place("Sydney, Redfern", -33.893, 151.204, "high medium", URBAN),
    Place("New York, Midtown", 40.755, -73.985, "high medium", URBAN),
    Place("Chicago, Loop", 41.880, -87.632, "high medium", URBAN),
    Place("Los Angeles, Downtown", 34.050, -118.245, "high medium", URBAN),
    Place("Mexico City, Zocalo", 19.433, -99.133, "high medium", URBAN),
    Place("Sao Paulo, Se", -23.550, -46.634, "high medium", URBAN),
    Place("Buenos Aires, Once", -34.609, -58.407, "high medium", URBAN),
    Place("Bogota, Chapinero", 4.645, -74.065, "high medium", URBAN),
    Place("Lima, Brena", -12.059, -77.050, "high medium", URBAN),
    # deserts and bare ground
    Place("Sahara, Tanezrouft", 23.5, 0.0, "lowest", BARE),
    Place("Libyan Desert", 25.0, 25.0, "lowest", BARE),
    Place("Rub al Khali", 20.0, 50.5, "lowest", BARE),
    Place("Taklamakan", 39.0, 83.0, "lowest", BARE),
    Place("Gobi, southern Mongolia", 43.0, 104.5, "lowest", f"{BARE} {SHORT}"),
    Place("Atacama, Maria Elena", -22.6, -69.3, "lowest", BARE),
    Place("Namib Sand Sea", -24.6, 15.2, "lowest", BARE),
    Place("Dasht-e Kavir", 34.6, 54.8, "lowest", BARE),
    # ice
    Place("Greenland, Summit", 72.6, -38.5, "lowest", BARE),
    Place("Antarctica, Vostok", -78.5, 106.8, "lowest", BARE),
    Place("South Pole", -89.9, 0.0, "lowest", BARE),
    Place("Vatnajokull", 64.4, -16.8, "lowest", BARE),
    # water
    Place("Mid-Pacific", 0.0, -150.0, WATER, BARE),
    Place("North Atlantic", 45.0, -35.0, WATER, BARE),
    Place("Indian Ocean", -30.0, 80.0, WATER, BARE),
    Place("Arctic Ocean", 85.0, 0.0, WATER, BARE),
    Place("Lake Victoria", -1.0, 33.0, WATER, BARE),
    Place("Lake Superior", 47.7, -87.5, WATER, BARE),
    # tropical forest
    Place("Amazon, Jurua", -5.0, -67.0, "lowest", LEAF),
    Place("Amazon, Xingu", -5.5, -54.0, "lowest", LEAF),
    Place("Congo, Salonga", -2.0, 21.0, "lowest", LEAF),
    Place("Borneo, upper Mahakam", 1.0, 114.5, "lowest", LEAF),
    Place("New Guinea, Mamberamo highlands", -3.6, 139.2, "lowest", LEAF),
    Place("Gabon, Ivindo", 0.2, 12.5, "lowest", LEAF),
    # temperate forest
    Place("Great Smoky Mountains", 35.6, -83.5, "lowest", LEAF),
    Place("Southern Chile, Alerce Andino", -41.6, -72.5, "lowest", f"{LEAF} {TREES}"),
    Place("Fiordland", -45.4, 167.3, "lowest", f"{LEAF} {TREES}"),
    Place("Miombo, Niassa", -12.3, 37.5, "lowest", LEAF),
    # taiga and conifers
    Place("Siberian taiga, Evenkia", 62.0, 98.0, "lowest", TREES),
    Place("Yakutia, larch", 62.5, 124.0, "lowest", TREES),
    Place("Northern Ontario, Nipigon", 50.3, -88.0, "lowest", TREES),
    Place("Swedish Lapland, Arvidsjaur", 65.3, 19.5, "lowest", TREES),
    Place("British Columbia, Cariboo Mountains", 53.0, -121.2, "lowest", TREES),
    Place("Cascades, Oregon", 44.0, -122.2, "lowest", TREES),
    # fields
    Place("Iowa, Hamilton County", 42.40, -93.85, "lowest low", CROP),
    Place("Saskatchewan, Rosetown", 51.45, -108.2, "lowest", CROP),
    Place("Pampas, Pergamino", -33.95, -60.8, "lowest low", CROP),
    Place("Beauce", 48.15, 1.65, "lowest low", CROP),
    Place("Ukraine, Kirovohrad", 48.3, 31.8, "lowest low", CROP),
    Place("Punjab, Moga", 30.75, 75.05, "low medium", CROP),
    Place("Ganges Plain, Azamgarh", 26.1, 83.0, "low medium", CROP),
    Place("North China Plain, Heze", 35.3, 115.7, "low medium", CROP),
    Place("Nile Delta, Kafr el-Sheikh", 31.05, 30.9, "low medium", CROP),
    Place("Western Australian wheat belt, Kellerberrin", -31.75, 117.8, "lowest", CROP),
    # short and sparse vegetation
    Place("Mongolian steppe, Dornod", 47.0, 115.0, "lowest", SHORT),
    Place("Patagonia, Chubut", -43.5, -68.5, "lowest", f"{SHORT} {BARE}"),
    Place("Australian outback, Barkly", -20.0, 136.0, "lowest", SHORT),
    Place("Serengeti", -2.4, 34.9, "lowest", SHORT),
    Place("Nevada, Great Basin", 40.0, -116.5, "lowest", f"{SHORT} {BARE}"),
    Place("Taymyr tundra", 72.5, 98.0, "lowest", SHORT),
    # wetlands
    Place("Everglades, Shark River Slough", 25.6, -80.8, "lowest", FLOOD),
    Place("Sudd", 7.7, 30.6, "lowest", FLOOD),
    Place("Sundarbans", 21.85, 89.2, "lowest", FLOOD),
    Place("Congo, Lac Tele swamps", 1.2, 17.3, "lowest", f"{FLOOD} {LEAF}"),
)

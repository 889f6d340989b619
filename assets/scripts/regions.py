"""What an atlas tells and no source here shows: large wetlands and the world's grain belts, as rough ellipses.

Facts of general geography, drawn by hand to about half a degree.
"""

from typing import NamedTuple

import numpy as np
from sources import COLUMNS, ROWS, Floats


class Region(NamedTuple):
    """An ellipse in degrees around a point."""

    name: str
    latitude: float
    longitude: float
    half_height: float
    half_width: float
    strength: float = 1.0


WETLANDS = (
    Region("Western Siberian Plain, Vasyugan", 58.5, 76.0, 2.6, 6.5, 0.75),
    Region("Western Siberian Plain, middle Ob", 62.0, 73.0, 2.2, 6.5, 0.85),
    Region("Western Siberian Plain, Taz and Pur", 65.3, 77.5, 1.8, 5.0, 0.6),
    Region("Hudson Bay Lowlands, Ontario", 53.2, -84.0, 2.2, 4.0, 1.0),
    Region("Hudson Bay Lowlands, Manitoba", 56.3, -91.0, 1.8, 3.0, 0.9),
    Region("Everglades", 25.7, -80.85, 0.75, 0.4),
    Region("Mississippi Delta", 29.5, -90.6, 0.5, 1.4),
    Region("Pripet Marshes", 52.0, 27.5, 0.7, 2.0, 0.5),
    Region("Danube Delta", 45.1, 29.3, 0.35, 0.45),
    Region("Volga Delta", 46.0, 48.3, 0.5, 0.8),
    Region("Pantanal", -17.8, -57.0, 1.9, 0.95),
    Region("Parana Delta and middle Parana", -31.0, -60.2, 2.6, 0.25, 0.6),
    Region("Ibera", -28.3, -57.3, 0.8, 0.6),
    Region("Amazon varzea, Mamiraua", -2.6, -65.5, 0.4, 2.2, 0.75),
    Region("Amazon varzea, lower", -2.3, -55.5, 0.35, 2.0, 0.8),
    Region("Marajo and Amazon mouth", -0.8, -49.7, 0.7, 0.9, 0.8),
    Region("Orinoco Delta", 8.9, -61.5, 0.7, 0.8),
    Region("Pastaza-Maranon", -4.6, -75.0, 0.9, 1.0, 0.8),
    Region("Llanos de Moxos", -13.8, -65.6, 1.3, 1.5, 0.55),
    Region("Cuvette Centrale, Congo", 0.3, 17.8, 1.6, 1.6),
    Region("Cuvette Centrale, south", -1.6, 18.7, 1.1, 1.3, 0.7),
    Region("Sudd", 7.9, 30.6, 1.5, 0.75),
    Region("Inner Niger Delta", 15.1, -4.3, 0.8, 0.5),
    Region("Niger Delta mangroves", 4.7, 6.2, 0.35, 1.2),
    Region("Okavango Delta", -19.3, 22.8, 0.65, 0.55),
    Region("Bangweulu", -11.6, 30.0, 0.6, 0.5),
    Region("Barotse floodplain", -15.2, 22.9, 0.8, 0.3),
    Region("Lake Chad", 13.2, 14.3, 0.5, 0.6),
    Region("Sundarbans", 21.9, 89.2, 0.35, 0.75),
    Region("Southern Papua, Asmat", -6.3, 138.6, 1.2, 1.1, 0.85),
    Region("Sumatra, east coast peat", 0.2, 102.9, 1.2, 0.7, 0.6),
    Region("Sumatra, Musi", -2.6, 105.0, 0.7, 0.6, 0.6),
    Region("Kalimantan, south peat", -2.8, 113.8, 0.6, 1.3, 0.7),
    Region("Gulf of Carpentaria, Fly", -8.0, 142.0, 0.7, 1.0, 0.7),
    Region("Bahr el Ghazal and Sobat", 9.0, 31.6, 0.4, 0.8, 0.6),
    Region("Kolyma lowland", 68.6, 155.0, 0.8, 3.0, 0.5),
    Region("Yukon-Kuskokwim Delta", 61.3, -163.8, 1.0, 1.3, 0.7),
    Region("Peace-Athabasca Delta", 58.6, -111.6, 0.3, 0.6),
    Region("Arakan and Irrawaddy mouth", 16.0, 94.9, 0.25, 0.6, 0.7),
    Region("Ca Mau", 8.8, 104.9, 0.25, 0.3),
    Region("Finnish and Lapland aapa mires", 67.2, 26.0, 0.5, 1.2, 0.4),
)

GRAIN_BELTS = (
    Region("Corn Belt", 41.6, -91.5, 2.9, 8.5, 1.3),
    Region("Northern Plains", 46.8, -98.5, 3.2, 3.2, 1.2),
    Region("Canadian Prairies", 51.3, -107.5, 2.1, 6.5, 1.3),
    Region("Peace River", 55.7, -118.0, 0.8, 1.8, 0.7),
    Region("Winter wheat belt", 37.6, -98.8, 2.8, 3.0, 1.1),
    Region("Texas High Plains", 34.0, -102.0, 1.3, 1.1, 0.8),
    Region("Mississippi Alluvial Plain", 34.3, -90.6, 2.6, 0.8, 1.3),
    Region("Central Valley, north", 38.7, -121.7, 1.2, 0.5, 1.3),
    Region("Central Valley, south", 36.2, -119.8, 1.3, 0.7, 1.3),
    Region("Columbia Plateau", 46.9, -118.2, 0.9, 1.2, 0.9),
    Region("Snake River Plain", 42.9, -114.3, 0.5, 1.8, 0.7),
    Region("Pampas", -34.6, -61.3, 3.2, 3.0, 1.3),
    Region("Cordoba and Santa Fe", -31.6, -62.2, 1.6, 1.7, 1.0),
    Region("Mato Grosso soya", -13.0, -56.3, 1.5, 2.3, 0.9),
    Region("Matopiba and west Bahia", -12.3, -45.9, 2.0, 0.8, 1.0),
    Region("Parana and Sao Paulo", -22.8, -50.8, 2.6, 2.6, 1.0),
    Region("Rio Grande do Sul", -28.4, -53.3, 1.0, 1.8, 1.0),
    Region("Goias", -17.6, -50.8, 1.5, 2.0, 0.8),
    Region("Black Earth, Ukraine", 48.9, 31.5, 2.0, 7.0, 1.2),
    Region("Black Earth, Don and Volga", 51.6, 42.0, 2.2, 6.5, 1.2),
    Region("Kuban and Stavropol", 45.9, 40.6, 1.3, 3.2, 1.2),
    Region("Volga and southern Urals", 53.4, 53.5, 1.6, 5.0, 0.8),
    Region("Northern Kazakhstan", 53.2, 67.5, 1.6, 6.0, 1.1),
    Region("Altai and Kulunda", 53.3, 80.5, 1.4, 3.6, 1.1),
    Region("Danubian Plain", 44.2, 25.8, 0.8, 3.0, 1.2),
    Region("Pannonian Plain", 46.6, 20.2, 1.4, 2.2, 1.1),
    Region("Paris Basin", 48.6, 2.0, 1.5, 2.4, 1.0),
    Region("North European Plain", 52.3, 13.0, 1.3, 6.5, 0.7),
    Region("Poland", 52.0, 19.5, 1.9, 3.3, 0.9),
    Region("Po Plain", 45.1, 10.2, 0.6, 2.3, 1.1),
    Region("East Anglia and Midlands", 52.6, -0.2, 1.3, 1.3, 1.0),
    Region("Meseta", 41.4, -4.4, 1.1, 1.6, 0.8),
    Region("La Mancha", 39.2, -3.0, 0.7, 1.5, 0.8),
    Region("Guadalquivir", 37.5, -5.3, 0.5, 1.1, 1.0),
    Region("Anatolia", 38.7, 33.0, 1.2, 2.6, 0.7),
    Region("Jezira and Mesopotamia, upper", 36.6, 41.0, 0.7, 2.4, 0.9),
    Region("Mesopotamia", 32.3, 45.0, 1.1, 1.3, 0.8),
    Region("Nile Delta", 30.9, 31.1, 0.7, 1.1, 2.0),
    Region("Gezira", 14.4, 33.1, 0.8, 0.6, 1.2),
    Region("Punjab and Haryana", 30.6, 74.6, 1.7, 2.3, 1.5),
    Region("Indus, Sindh", 26.6, 68.3, 1.8, 0.7, 1.3),
    Region("Ganges Plain", 26.4, 82.5, 1.8, 5.5, 1.5),
    Region("Bengal", 23.8, 89.5, 1.6, 1.6, 1.4),
    Region("Malwa and Maharashtra", 20.7, 76.3, 2.9, 2.9, 1.1),
    Region("Gujarat", 22.6, 71.8, 1.0, 1.6, 1.0),
    Region("Andhra and Telangana", 16.8, 79.3, 2.0, 1.8, 1.0),
    Region("Fergana and Zeravshan", 40.3, 69.0, 0.7, 2.7, 1.1),
    Region("North China Plain", 35.8, 116.0, 3.0, 2.7, 1.6),
    Region("Wei and Fen valleys", 34.9, 109.8, 0.7, 1.7, 1.0),
    Region("Manchurian Plain", 45.3, 124.8, 2.4, 2.0, 1.4),
    Region("Sanjiang Plain", 47.0, 132.3, 0.9, 1.5, 1.1),
    Region("Sichuan Basin", 30.3, 105.0, 1.4, 1.7, 1.2),
    Region("Middle and lower Yangtze", 31.2, 117.2, 1.5, 3.2, 1.1),
    Region("Chao Phraya", 15.2, 100.3, 1.4, 0.7, 1.3),
    Region("Khorat Plateau", 15.8, 103.5, 1.3, 1.5, 1.3),
    Region("Mekong Delta and Cambodia", 11.0, 105.3, 1.4, 0.9, 1.3),
    Region("Red River Delta", 20.6, 106.2, 0.5, 0.6, 1.2),
    Region("Irrawaddy, delta and dry zone", 18.8, 95.4, 2.6, 0.8, 1.0),
    Region("Java", -7.2, 110.3, 0.8, 3.6, 1.0),
    Region("Central Luzon", 15.5, 120.7, 0.6, 0.4, 1.0),
    Region("Sahel, Senegal to Burkina", 13.2, -3.5, 1.3, 6.5, 0.8),
    Region("Peanut basin, Senegal", 14.3, -15.9, 0.7, 0.7, 1.1),
    Region("Northern Nigeria and Niger", 12.4, 8.0, 1.4, 4.2, 1.3),
    Region("Central Sudan", 12.9, 30.5, 1.1, 4.5, 0.7),
    Region("Ethiopian Highlands", 9.6, 38.3, 2.4, 1.4, 0.9),
    Region("Lake Victoria and Rift", -0.3, 34.4, 1.5, 1.4, 1.0),
    Region("Maize triangle", -27.1, 28.0, 1.4, 2.2, 1.0),
    Region("Swartland", -33.3, 18.7, 0.6, 0.3, 1.0),
    Region("Western Australian wheat belt", -31.7, 117.6, 2.3, 1.3, 1.5),
    Region("Eyre and Yorke", -33.9, 137.0, 0.9, 1.6, 1.2),
    Region("Murray and Riverina", -35.3, 143.8, 1.2, 2.7, 1.1),
    Region("Central New South Wales", -32.3, 148.0, 1.8, 1.1, 1.3),
    Region("Western Victoria", -37.2, 142.7, 0.8, 1.6, 1.2),
    Region("Darling Downs", -27.6, 150.6, 0.9, 0.8, 0.9),
    Region("Tell and Tunisia", 36.2, 6.0, 0.5, 4.0, 0.8),
    Region("Moroccan plains", 33.3, -7.2, 0.9, 1.2, 1.0),
    Region("Canterbury", -43.8, 171.8, 0.35, 0.5, 1.0),
    Region("Denmark and Scania", 55.8, 10.7, 1.5, 3.2, 1.4),
    Region("Lithuania and Latvia", 55.8, 23.7, 1.3, 2.0, 0.8),
    Region("Belarus", 53.6, 27.5, 1.3, 2.8, 0.6),
    Region("Central Russia", 54.3, 39.0, 1.6, 4.0, 0.7),
    Region("Eastern Scotland", 56.9, -2.6, 0.9, 0.6, 0.9),
    Region("Normandy and Brittany", 48.6, -1.5, 0.7, 2.4, 0.8),
    Region("Aquitaine and Toulouse", 43.9, 0.6, 0.8, 1.1, 0.8),
    Region("Ebro", 41.7, -0.6, 0.6, 1.2, 0.8),
    Region("Extremadura and Alentejo", 38.4, -6.9, 0.9, 1.2, 0.6),
    Region("Sicily and Apulia", 39.2, 15.5, 2.3, 2.3, 0.6),
    Region("Thrace and Marmara", 41.0, 27.4, 0.7, 1.3, 0.9),
    Region("Cukurova and Gaziantep", 37.0, 36.0, 0.5, 1.5, 0.9),
    Region("High Plains", 39.2, -102.0, 1.8, 1.3, 0.9),
    Region("Montana triangle", 48.4, -110.8, 0.7, 1.6, 1.0),
    Region("Willamette", 44.9, -123.0, 0.7, 0.3, 1.0),
    Region("Bajio", 20.6, -101.3, 0.6, 1.2, 0.9),
    Region("Sinaloa and Yaqui", 26.0, -108.9, 1.7, 0.7, 1.0),
    Region("Tamaulipas", 25.8, -98.0, 0.7, 0.6, 1.0),
    Region("Cuba", 22.2, -79.5, 0.5, 3.2, 0.9),
    Region("Minas and Rio", -20.8, -45.8, 1.8, 2.2, 1.0),
    Region("Northeastern coast of Brazil", -8.0, -35.5, 2.5, 0.7, 0.9),
    Region("Bahia and Espirito Santo", -18.3, -41.0, 2.6, 1.2, 0.9),
    Region("Eastern Paraguay", -25.3, -55.3, 1.3, 0.8, 1.0),
    Region("Santa Cruz, Bolivia", -17.2, -62.6, 0.9, 0.7, 1.0),
    Region("Guayas", -1.8, -79.8, 0.9, 0.5, 1.0),
    Region("Thar, east", 27.0, 73.4, 1.7, 1.6, 0.9),
    Region("Western Ethiopia", 8.8, 36.6, 1.4, 1.0, 0.7),
)

OPEN_COUNTRY = (
    Region("Ireland", 53.3, -8.0, 1.8, 2.2, 2.2),
    Region("Wales and the West Country", 51.8, -3.7, 1.5, 1.3, 1.6),
    Region("Cumbria and the Pennines", 54.4, -2.6, 0.8, 0.7, 1.6),
    Region("Scottish Highlands and Islands", 57.5, -5.2, 1.3, 1.9, 1.6),
    Region("Scottish Borders and Galloway", 55.3, -3.6, 0.5, 1.4, 1.4),
    Region("Patagonian steppe", -44.5, -69.2, 6.5, 1.6, 2.6),
    Region("Falklands", -51.7, -59.3, 0.7, 2.0, 2.0),
    Region("Massif Central", 45.3, 2.9, 0.9, 0.9, 0.6),
    Region("Waikato and Manawatu", -39.0, 175.6, 1.6, 0.9, 1.8),
    Region("Otago and Southland", -45.6, 169.6, 1.0, 1.0, 1.8),
    Region("Uruguay and the Campanha", -31.8, -55.6, 2.3, 2.2, 1.2),
    Region("Cerrado, east", -15.5, -45.8, 3.2, 3.0, 0.7),
    Region("Cerrado, west", -16.8, -52.5, 2.4, 3.0, 0.6),
    Region("Cerrado, Tocantins", -10.2, -47.8, 2.2, 1.8, 0.6),
    Region("Caatinga", -8.8, -40.0, 3.0, 3.2, 0.9),
    Region("Llanos of Colombia and Venezuela", 7.0, -69.0, 1.8, 3.2, 0.9),
    Region("Roraima and Rupununi", 3.6, -60.0, 1.2, 1.4, 0.7),
    Region("Chaco, dry", -21.5, -61.5, 2.4, 1.6, 0.4),
    Region("Great Basin and Mojave", 38.5, -116.0, 4.0, 4.0, 1.2),
    Region("Colorado Plateau", 37.5, -109.5, 2.5, 2.5, 1.2),
    Region("Sonoran Desert", 31.0, -111.5, 3.0, 2.8, 0.9),
    Region("Chihuahuan Desert", 28.5, -104.5, 4.5, 3.0, 1.2),
    Region("Great Plains, west", 43.0, -104.0, 5.0, 2.8, 0.6),
    Region("Kalahari and Karoo", -26.5, 22.0, 6.0, 3.6, 1.2),
    Region("Horn of Africa", 6.0, 44.5, 4.5, 3.8, 1.0),
    Region("Northern Kenya", 2.3, 38.5, 1.8, 2.3, 0.9),
    Region("Serengeti and Maasai", -2.8, 35.8, 1.3, 1.2, 0.6),
    Region("Sahel fringe", 15.5, 3.0, 0.9, 20.0, 0.5),
    Region("Teke plateaus", -2.6, 15.8, 1.4, 0.8, 0.6),
    Region("Madagascar highlands", -19.5, 46.3, 3.5, 1.2, 0.7),
    Region("Australian interior", -25.0, 133.0, 8.0, 15.0, 1.2),
    Region("Dornod and Khentii", 47.0, 114.0, 2.0, 4.0, 0.8),
    Region("Kazakh steppe", 48.8, 66.0, 2.4, 12.0, 0.8),
    Region("Inner Mongolia grassland", 44.0, 116.5, 1.8, 2.8, 0.7),
    Region("Tibet, east", 33.0, 97.0, 3.0, 5.0, 0.8),
)
"""Pasture, savanna, steppe and shrub deserts that are as dark as woods or as pale as bare ground in the picture."""

DESERTS = (
    Region("Sahara, west", 23.5, -4.0, 6.0, 11.0, 1.2),
    Region("Sahara, east", 23.5, 19.0, 5.5, 13.0, 1.2),
    Region("Arabia", 23.0, 48.0, 6.5, 6.5, 0.7),
    Region("Sinai and Negev", 29.5, 34.0, 1.2, 1.2, 0.8),
    Region("Atacama", -23.3, -69.6, 4.2, 0.95, 2.0),
    Region("Peruvian coast", -15.5, -73.6, 1.8, 2.2, 1.2),
    Region("Namib", -23.0, 14.4, 5.0, 1.0, 1.4),
    Region("Kavir and Lut", 33.0, 56.5, 3.5, 2.6, 0.9),
    Region("Registan and Makran", 29.0, 63.5, 2.0, 3.0, 0.8),
    Region("Karakum", 39.5, 59.5, 1.8, 3.5, 0.4),
    Region("Taklamakan", 39.0, 82.5, 2.0, 5.0, 1.0),
    Region("Gobi and Qaidam", 41.0, 100.0, 2.2, 7.0, 0.6),
)
"""Where next to nothing grows, dark rock included."""

PINE_COUNTRY = (
    Region("Southeastern coastal plain", 32.2, -85.5, 2.3, 8.5),
    Region("Western North America", 47.0, -117.0, 13.0, 12.5),
    Region("Sierra Madre", 25.5, -106.3, 4.0, 1.6),
    Region("Alps", 46.9, 11.0, 0.9, 4.5),
    Region("Carpathians", 48.9, 20.5, 0.6, 4.0),
    Region("Black Forest and Bavaria", 48.4, 10.5, 1.2, 3.0, 0.8),
    Region("Western Himalaya", 32.3, 76.5, 1.6, 2.6),
    Region("Eastern Tibet gorges", 30.0, 100.5, 2.6, 2.6),
    Region("South China hills", 26.3, 114.0, 2.2, 5.0, 0.8),
)
"""Where trees outside the taiga are mostly conifers."""

BROADLEAF_COUNTRY = (
    Region("Appalachians", 38.5, -80.5, 4.5, 4.5),
    Region("Manchurian mountains", 44.5, 129.0, 4.5, 4.0),
    Region("Southern Chile", -42.0, -73.0, 4.5, 1.6),
    Region("Great Dividing Range", -34.0, 150.0, 6.5, 3.5),
    Region("Southern Urals and Kama", 54.8, 56.5, 1.2, 2.5, 0.7),
)
"""Where trees of a cool climate are mostly broad-leaved."""


def influence(regions: tuple[Region, ...]) -> Floats:
    """The strongest region at each pixel: its strength inside, fading to 0 at 1.3 times its half axes."""
    total = np.zeros((ROWS, COLUMNS), np.float32)
    for region in regions:
        low, high = region.latitude - 1.4 * region.half_height, region.latitude + 1.4 * region.half_height
        rows = slice(max(int((90 - high) * ROWS / 180), 0), min(int((90 - low) * ROWS / 180) + 1, ROWS))
        latitude = 90 - (np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] + 0.5) * 180 / ROWS
        longitude = -180 + (np.arange(COLUMNS, dtype=np.float32)[None, :] + 0.5) * 360 / COLUMNS
        east = (longitude - region.longitude + 180) % 360 - 180
        distance = np.hypot((latitude - region.latitude) / region.half_height, east / region.half_width)
        part = region.strength * np.clip((1.3 - distance) / 0.6, 0, 1)
        np.maximum(total[rows], part, out=total[rows])
    return total

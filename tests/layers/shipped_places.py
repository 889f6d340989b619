"""Places and what is known of them, for the partitions that ship.

Written from general geography, not read off the layers. Elevation is the town's own where the country around is even;
valley towns have the band of the mean of some 9 km around, which is what the layer says it holds.
"""

from typing import NamedTuple


class Place(NamedTuple):
    """A place in degrees and what it may be called; several by blanks, empty where it is not asked."""

    name: str
    latitude: float
    longitude: float
    country: str
    zone: str
    climate: str = ""
    lowest_m: float | None = None
    highest_m: float | None = None
    relief: str = ""
    nearest_km: float | None = None
    farthest_km: float | None = None


PLACES = (
    # name, latitude, longitude, country, zone, climate, lowest and highest m, relief, nearest and farthest km of coast
    Place("Andorra la Vella", 42.507, 1.521, "AD", "Europe/Andorra", "Cfb Dfb Dfc", 1000, 3000, "mountains", 80, 180),
    Place("Monaco", 43.737, 7.421, "MC", "Europe/Monaco", "Csa Csb", 0, 750, "mountains", 0, 3),
    Place("Vatican", 41.9029, 12.4534, "VA", "Europe/Vatican", "Csa", 0, 150, "", 15, 30),
    Place("San Marino", 43.936, 12.447, "SM", "Europe/San_Marino", "", 100, 750, "mountains hills", 10, 25),
    Place("Vaduz", 47.141, 9.521, "LI", "Europe/Vaduz", "", 400, 2000, "mountains", 200, 400),
    Place("Nice, old town", 43.697, 7.276, "FR", "Europe/Paris", "Csa Csb", 0, 750, "", 0, 3),
    Place("Paris", 48.853, 2.350, "FR", "Europe/Paris", "Cfb", 0, 250, "", 100, 200),
    Place("Berlin", 52.520, 13.405, "DE", "Europe/Berlin", "Cfb Dfb", 0, 100, "flat", 100, 200),
    Place("Madrid", 40.417, -3.703, "ES", "Europe/Madrid", "Csa BSk", 500, 750, "", 250, 400),
    Place(
        "Basel", 47.558, 7.588, "CH FR DE", "Europe/Zurich Europe/Paris Europe/Berlin", "Cfb", 200, 500, "", 300, 500
    ),
    Place("Reykjavik", 64.147, -21.94, "IS", "Atlantic/Reykjavik Africa/Abidjan", "", 0, 250, "", 0, 5),
    Place("Moscow", 55.752, 37.617, "RU", "Europe/Moscow", "Dfb", 100, 250, "flat", 500, 700),
    Place("Sevastopol", 44.605, 33.53, "UA", "Europe/Simferopol", "", 0, 250, "", 0, 10),
    Place("Nicosia", 35.18, 33.36, "CY", "Asia/Nicosia Asia/Famagusta", "", 100, 500, "", 10, 50),
    Place("Kyrenia", 35.336, 33.319, "CY", "Asia/Nicosia Asia/Famagusta", "", None, None, "", 0, 5),
    Place("Pristina", 42.663, 21.165, "XK", "Europe/Belgrade", "", 500, 1000, "", 100, 300),
    Place("Istanbul, Fatih", 41.015, 28.95, "TR", "Europe/Istanbul", "", 0, 250, "", 0, 5),
    Place("Cairo", 30.045, 31.236, "EG", "Africa/Cairo", "BWh", 0, 250, "", 100, 250),
    Place("Khartoum", 15.55, 32.53, "SD", "Africa/Khartoum", "BWh", 250, 500, "flat", 500, 1000),
    Place("Timbuktu", 16.767, -3.003, "ML", "Africa/Bamako Africa/Abidjan", "BWh", 250, 500, "flat", 500, 1500),
    Place("Laayoune", 27.15, -13.2, "EH", "Africa/El_Aaiun", "BWh", 0, 250, "", 5, 30),
    Place("Hargeisa", 9.56, 44.065, "SO", "Africa/Mogadishu", "", 1000, 1500, "", 50, 250),
    Place("Nairobi", -1.286, 36.82, "KE", "Africa/Nairobi", "", 1500, 2000, "", 250, 500),
    Place("Addis Ababa", 9.03, 38.74, "ET", "Africa/Addis_Ababa", "", 2000, 3000, "", 400, 700),
    Place("Maseru", -29.31, 27.48, "LS", "Africa/Maseru", "", 1500, 2000, "", 250, 500),
    Place("Saint-Denis", -20.88, 55.45, "RE", "Indian/Reunion", "", 0, 1000, "", 0, 5),
    Place("Cape Town", -33.925, 18.424, "ZA", "Africa/Johannesburg", "Csb Csa", 0, 500, "", 0, 5),
    Place("La Paz", -16.5, -68.15, "BO", "America/La_Paz", "", 3000, 4500, "", 250, 500),
    Place("Cusco", -13.518, -71.978, "PE", "America/Lima", "", 3000, 4000, "mountains", 250, 500),
    Place("Quito", -0.22, -78.51, "EC", "America/Guayaquil", "Cfb", 2000, 3500, "mountains", 100, 250),
    Place("Manaus", -3.1, -60.02, "BR", "America/Manaus", "Af Am", 0, 100, "", 500, 1500),
    Place("Cayenne", 4.93, -52.33, "GF", "America/Cayenne", "Af Am", 0, 100, "", 0, 10),
    Place("Fort-de-France", 14.61, -61.07, "MQ", "America/Martinique", "", 0, 750, "", 0, 5),
    Place("Ushuaia", -54.8019, -68.303, "AR", "America/Argentina/Ushuaia", "", None, None, "mountains hills", 0, 5),
    Place("Mexico City", 19.433, -99.133, "MX", "America/Mexico_City", "", 2000, 3000, "", 200, 300),
    Place("Denver", 39.739, -104.985, "US", "America/Denver", "BSk", 1500, 2000, "", 500, 2000),
    Place("New York", 40.75, -73.98, "US", "America/New_York", "Cfa Dfa", 0, 100, "", 0, 10),
    Place("Honolulu", 21.31, -157.85, "US", "Pacific/Honolulu", "", None, None, "", 0, 5),
    Place("San Juan", 18.46, -66.1, "PR", "America/Puerto_Rico", "", 0, 100, "", 0, 5),
    Place("Winnipeg", 49.9, -97.14, "CA", "America/Winnipeg", "Dfb", 100, 250, "flat", 500, 1500),
    Place("Nuuk", 64.175, -51.74, "GL", "America/Nuuk", "ET", None, None, "", 0, 5),
    Place("Darjeeling", 27.036, 88.262, "IN", "Asia/Kolkata", "", 1000, 2500, "mountains", 500, 700),
    Place("Mumbai", 18.94, 72.835, "IN", "Asia/Kolkata", "Aw Am", 0, 100, "", 0, 5),
    Place("Kathmandu", 27.71, 85.32, "NP", "Asia/Kathmandu", "Cwa Cwb", 1000, 2000, "mountains", 500, 1000),
    Place("Lhasa", 29.65, 91.1, "CN", "Asia/Shanghai Asia/Urumqi", "", 3000, 5000, "mountains", 500, 1000),
    Place("Urumqi", 43.83, 87.6, "CN", "Asia/Urumqi Asia/Shanghai", "", 500, 1500, "", 1500, 2800),
    Place("Ulaanbaatar", 47.92, 106.92, "MN", "Asia/Ulaanbaatar", "Dwb Dwc", 1000, 2000, "mountains", 1000, 1500),
    Place("Hong Kong", 22.28, 114.16, "HK", "Asia/Hong_Kong", "Cwa Cfa", None, None, "", 0, 5),
    Place("Taipei", 25.04, 121.56, "TW", "Asia/Taipei", "Cfa", 0, 500, "", 5, 30),
    Place("Tokyo, Ginza", 35.671, 139.765, "JP", "Asia/Tokyo", "Cfa", 0, 100, "flat", 0, 5),
    Place("Singapore", 1.35, 103.82, "SG", "Asia/Singapore", "Af", 0, 100, "", 0, 15),
    Place("Baku", 40.37, 49.84, "AZ", "Asia/Baku", "BSk BWk", None, 250, "", 0, 5),
    Place("Ein Gedi, Dead Sea", 31.45, 35.40, "IL", "Asia/Jerusalem", "BWh BSh", -500, 0, "mountains", 50, 100),
    Place("Yakutsk", 62.03, 129.73, "RU", "Asia/Yakutsk", "Dfd Dfc", 0, 250, "", 500, 1000),
    Place("Uelen", 66.16, -169.81, "RU", "Asia/Anadyr", "ET", None, None, "", 0, 5),
    Place("Alice Springs", -23.7, 133.88, "AU", "Australia/Darwin", "BWh", 500, 750, "", 500, 1500),
    Place("Sydney, harbour", -33.86, 151.205, "AU", "Australia/Sydney", "Cfa", 0, 250, "", 0, 10),
    # The mask calls Auckland's harbour land; its other coast is 8 km away.
    Place("Auckland", -36.85, 174.76, "NZ", "Pacific/Auckland", "Cfb", 0, 250, "", 0, 10),
    Place("Suva", -18.14, 178.44, "FJ", "Pacific/Fiji", "Af", 0, 500, "", 0, 5),
    Place("Funafuti", -8.52, 179.2, "TV", "Pacific/Funafuti Pacific/Tarawa", "", 0, 100, "flat", 0, 5),
    Place("Male", 4.175, 73.51, "MV", "Indian/Maldives", "", 0, 100, "flat", 0, 5),
    Place("Majuro", 7.09, 171.38, "MH", "Pacific/Majuro Pacific/Tarawa", "", 0, 100, "flat", 0, 5),
    Place("Amundsen-Scott, South Pole", -89.99, 0.0, "AQ", "Antarctica/McMurdo", "EF", 2000, 3000, "", 500, 2800),
    Place("Longyearbyen", 78.22, 15.63, "SJ", "Arctic/Longyearbyen", "ET", None, None, "mountains hills", 0, 10),
    Place("Everest, base camp", 28.0, 86.85, "NP", "Asia/Kathmandu", "ET EF", 4000, 9000, "mountains", 500, 1000),
)

SEAS = (
    # name, latitude, longitude, zone, nearest and farthest km of coast
    ("Mid-Atlantic", 30.0, -40.0, "Etc/GMT+3", 250, 2800),
    ("Point Nemo", -48.877, -123.393, "Etc/GMT+8", 2000, 2800),
    ("North Sea", 56.0, 3.0, "Etc/GMT", 100, 400),
    ("English Channel, middle", 50.2, -1.5, "Etc/GMT", 25, 100),
    ("Caspian Sea", 42.0, 50.5, "Etc/GMT-3", 50, 250),
    ("Off Nice", 43.66, 7.26, "Etc/GMT", 0, 6),
    ("Date line, Pacific", 10.0, 179.9, "Etc/GMT-12", 250, 2000),
)

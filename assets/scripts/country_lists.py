"""Public facts of countries that no package at hand carries, written down by hand."""

LEFT = frozenset((
    "AG", "AI", "AU", "BB", "BD", "BM", "BN", "BS", "BT", "BW", "CC", "CK", "CX", "CY", "DM", "FJ", "FK", "GB",
    "GD", "GG", "GY", "HK", "ID", "IE", "IM", "IN", "JE", "JM", "JP", "KE", "KI", "KN", "KY", "LC", "LK", "LS",
    "MO", "MS", "MT", "MU", "MV", "MW", "MY", "MZ", "NA", "NF", "NP", "NR", "NU", "NZ", "PG", "PK", "PN", "SB",
    "SC", "SG", "SH", "SR", "SZ", "TC", "TH", "TK", "TL", "TO", "TT", "TV", "TZ", "UG", "VC", "VG", "VI", "WS",
    "ZA", "ZM", "ZW"
))  # fmt: skip
"""Where cars drive on the left."""

NO_ROADS = frozenset(("AQ", "BV", "GS", "HM", "TF", "UM"))
"""Where there is nobody's traffic to say."""

ALSO_ON = {
    "RU": "AS", "TR": "EU", "KZ": "EU", "EG": "AS", "ID": "OC", "CY": "AS", "GE": "EU", "AM": "EU", "AZ": "EU",
}  # fmt: skip
"""The second continent of countries that lie on two, or that are counted to either."""

NEW_CURRENCY = {"BG": ("EUR",)}
"""Currencies that changed after the tables were made: Bulgaria has the euro since 1 January 2026."""

NEW_CAPITAL = {"KZ": "Astana"}
"""Capitals that changed their names."""

MORE_LANGUAGES = {
    # Of a region's signs: South Tyrol, Trieste and Aosta; Brittany, Corsica and the Basque country; the Sorbs, Sami,
    # Kabyles and Cherokee. CLDR counts for Aosta who learned French at school, and likewise German in the next line.
    "IT": {"de": (0.5, "regional"), "fr": (0.2, "regional"), "sl": (0.1, "regional")},
    "DK": {"de": (0.3, "regional")},
    "PL": {"de": (0.3, "regional")},
    "FR": {"br": (0.3, "regional"), "co": (0.24, "regional"), "eu": (0.13, "regional")},
    "DE": {"hsb": (0.016, "regional"), "dsb": (0.008, "regional")},
    "FI": {"se": (0.036, "regional"), "smn": (0.011, "regional")},
    "SE": {"se": (0.33, "regional")},
    "DZ": {"kab": (7.8, "official")},
    "US": {"chr": (0.008, "regional")},
    # The link language of signs in three languages.
    "LK": {"en": (10.0, "regional")},
    # CLDR has no Spanish in Paraguay, and Russian as an official language of Ukraine.
    "PY": {"es": (69.0, "official")},
    "UA": {"ru": (30.0, "spoken")},
    "IL": {"ru": (11.0, "spoken")},
    "MD": {"ru": (15.0, "spoken")},
}  # fmt: skip
"""Languages that CLDR does not list or sees differently, in percent of the people, rounded from censuses."""

WRITTEN = {
    "MA": {"tzm": ("Tfng",)},
    "DZ": {"kab": ("Latn", "Tfng")},
    "ME": {"sr": ("Latn", "Cyrl")},
    "AZ": {"az": ("Latn",)},
    "MN": {"mn": ("Cyrl", "Mong")},
}
"""Scripts that a language is written in on signs, where CLDR says otherwise.

Tifinagh stands beside Arabic on public buildings of Morocco and Algeria, the old Mongolian script beside Cyrillic in
Mongolia since 2025; Montenegro's constitution has two scripts, Azerbaijan left Cyrillic in 2001.
"""

MORE_SUFFIXES = {"US": (".gov", ".mil", ".edu"), "RU": (".su",)}
"""Internet suffixes besides the one of the code."""

SHARED_PREFIXES = {
    "VA": ("+39",), "SJ": ("+47",), "XK": ("+383",), "EH": ("+212",), "BQ": ("+599",), "TF": ("+262",), "AQ": ("+672",),
    "GS": ("+500",), "PN": ("+64",), "SH": ("+290", "+247"), "SX": ("+1", "+1 721"),
}  # fmt: skip
"""Telephone prefixes where the table has an old one, one never put to use, or none."""


SUBSCRIBERS = {
    "AX": ("+358", "+358 18"), "GG": ("+44", "+44 1481"), "IM": ("+44", "+44 1624"), "JE": ("+44", "+44 1534"),
    "DO": ("+1", "+1 809", "+1 829", "+1 849"), "JM": ("+1", "+1 876", "+1 658"), "KZ": ("+7", "+7 6", "+7 7"),
    "CC": ("+61",), "CX": ("+61",), "BL": ("+590",), "MF": ("+590",), "YT": ("+262",),
}  # fmt: skip
"""Where a part of another country's numbers is used: the shared prefix, and the part."""

PLATES = {
    "AD": "AND", "AE": "UAE", "AF": "AFG", "AL": "AL", "AM": "AM", "AO": "ANG", "AR": "RA", "AT": "A", "AU": "AUS",
    "AX": "FIN", "AZ": "AZ", "BA": "BIH", "BB": "BDS", "BD": "BD", "BE": "B", "BF": "BF", "BG": "BG", "BH": "BRN",
    "BI": "RU", "BJ": "DY", "BN": "BRU", "BO": "BOL", "BR": "BR", "BS": "BS", "BT": "BHT", "BW": "BW", "BY": "BY",
    "BZ": "BH", "CA": "CDN", "CD": "CGO", "CF": "RCA", "CG": "RCB", "CH": "CH", "CI": "CI", "CL": "RCH", "CM": "CAM",
    "CN": "CHN", "CO": "CO", "CR": "CR", "CU": "C", "CV": "CV", "CY": "CY", "CZ": "CZ", "DE": "D", "DJ": "DJI",
    "DK": "DK", "DM": "WD", "DO": "DOM", "DZ": "DZ", "EC": "EC", "EE": "EST", "EG": "ET", "ER": "ER", "ES": "E",
    "ET": "ETH", "FI": "FIN", "FJ": "FJI", "FO": "FO", "FR": "F", "GA": "G", "GB": "UK GB", "GD": "WG", "GE": "GE",
    "GF": "F", "GG": "GBG", "GH": "GH", "GI": "GBZ", "GL": "KN", "GM": "WAG", "GN": "RG", "GP": "F", "GQ": "GQ",
    "GR": "GR", "GT": "GCA", "GY": "GUY", "HK": "HK", "HN": "HN", "HR": "HR", "HT": "RH", "HU": "H", "ID": "RI",
    "IE": "IRL", "IL": "IL", "IM": "GBM", "IN": "IND", "IQ": "IRQ", "IR": "IR", "IS": "IS", "IT": "I", "JE": "GBJ",
    "JM": "JA", "JO": "HKJ", "JP": "J", "KE": "EAK", "KG": "KG KS", "KH": "K", "KR": "ROK", "KW": "KWT", "KZ": "KZ",
    "LA": "LAO", "LB": "RL", "LC": "WL", "LI": "FL", "LK": "CL", "LR": "LB", "LS": "LS", "LT": "LT", "LU": "L",
    "LV": "LV", "LY": "LAR", "MA": "MA", "MC": "MC", "MD": "MD", "ME": "MNE", "MF": "F", "MG": "RM", "MK": "NMK MK",
    "ML": "RMM", "MM": "MYA BUR", "MN": "MGL", "MO": "MO", "MQ": "F", "MR": "RIM", "MT": "M", "MU": "MS", "MW": "MW",
    "MX": "MEX", "MY": "MAL", "MZ": "MOC", "NA": "NAM", "NC": "F", "NE": "RN", "NG": "WAN NGR", "NI": "NIC",
    "NL": "NL", "NO": "N", "NP": "NEP", "NR": "NAU", "NZ": "NZ", "PA": "PA", "PE": "PE", "PF": "F", "PG": "PNG",
    "PH": "RP", "PK": "PK", "PL": "PL", "PM": "F", "PR": "USA", "PT": "P", "PY": "PY", "QA": "Q", "RE": "F",
    "RO": "RO", "RS": "SRB", "RU": "RUS", "RW": "RWA", "SA": "KSA SA", "SC": "SY", "SD": "SUD", "SE": "S",
    "SG": "SGP", "SI": "SLO", "SJ": "N", "SK": "SK", "SL": "WAL", "SM": "RSM", "SN": "SN", "SO": "SO", "SR": "SME",
    "SS": "SSD", "SV": "ES", "SY": "SYR", "SZ": "SD", "TD": "TCH TD", "TG": "RT TG", "TH": "T", "TJ": "TJ",
    "TL": "TL", "TM": "TM", "TN": "TN", "TR": "TR", "TT": "TT", "TW": "RC", "TZ": "EAT", "UA": "UA", "UG": "EAU",
    "US": "USA", "UY": "UY ROU", "UZ": "UZ", "VA": "V", "VC": "WV", "VE": "YV", "VN": "VN", "WF": "F", "WS": "WS",
    "XK": "RKS", "YE": "YAR YEM", "YT": "F", "ZA": "ZA", "ZM": "Z RNR", "ZW": "ZW",
}  # fmt: skip
"""Distinguishing signs of vehicles in international traffic, the one of today first where there are several.

The signs notified to the United Nations under the conventions of 1949 and 1968, and a few unofficial ones in daily use;
countries without one are left out.
"""

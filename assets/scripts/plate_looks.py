"""What the number plates of private cars look like, by country: their colours, and a blue band at the left edge.

Judgement from public knowledge in 2026, in percent of the private cars on the road, kept blunt; there is no second
source. Only countries that are well known are listed: one that is not is unknown, not one without.
"""

WHITE = (
    "AD AE AL AM AT AZ BA BE BG BH BY CA CH CL CZ DE DK EE ES FI GE GH GR HR HU IE IN IR IS IT JO KH KR KW KZ LB LT LV "
    "MA MC MD ME MK MT NG NO NZ PH PL PT QA RO RS RU SA SE SI SK SM TH TR TW UA UZ VA VN XK ZA"
)
"""White at the front and at the rear."""

WHITE_AND_YELLOW = "DZ GB GI HK IM JE KE LK UG"
"""White at the front, yellow at the rear."""

YELLOW = "CO IL LA LU NA NL OM TZ"
"""Yellow at the front and at the rear."""

BLACK = "BN LI MO MY TN"
"""Light characters on black."""

BLUE = "CN"
"""White characters on blue; electric cars have green ones."""

ALSO = {
    "AR": {"front_white": 65, "rear_white": 65, "black": 35},  # white since 2016
    "AU": {"front_white": 75, "rear_white": 75, "front_yellow": 20, "rear_yellow": 20, "black": 10},  # by state
    "BR": {"front_white": 55, "rear_white": 55},  # grey before 2018
    "CY": {"front_white": 100, "rear_white": 60, "rear_yellow": 40},  # the rear was yellow before 2013
    "ID": {"front_white": 45, "rear_white": 45, "black": 55},  # white since 2022
    "JP": {"front_white": 65, "rear_white": 65, "front_yellow": 35, "rear_yellow": 35},  # yellow: the smallest cars
    "SG": {"front_white": 25, "rear_yellow": 25, "black": 75},
    "US": {"front_white": 75, "rear_white": 75, "front_yellow": 8, "rear_yellow": 8, "black": 5},  # by state
    # The rear of old cars is yellow.
    **{code: {"front_white": 100, "rear_white": 95, "rear_yellow": 5} for code in ("FR", "GF", "GP", "MQ", "RE")},
}
"""Countries with plates of several kinds."""

BLUE_BAND = {
    100: "AT BG CZ DE EE ES FR GF GP GR HR HU IE IT LT LU LV MQ MT NL PL PT RE RO SI SK",
    90: "AL BA BE FI IL IR ME MK NO RS SE TR XK",
    80: "GE MD UA",
    60: "CY DK",
    40: "GB KR",
    0: (
        "AR AU BN BR BY CA CH CL CN CO DZ HK ID IN IS JP KE KH KZ LI LK MA MO MY NA NG NZ RU SG TH TN TW TZ UG US VN ZA"
    ),
}
"""A blue band at the left edge, as the European Union has it; a band along the top is none."""


def plate_looks(code: str) -> list[list[object]]:
    """Looks and percent of a country; nothing of what is not known of it."""
    return [[look, percent] for look, percent in {**_colours(code), **_band(code)}.items()]


def _colours(code: str) -> dict[str, int]:
    if code in ALSO:
        return ALSO[code]
    kinds = {
        WHITE: ("front_white", "rear_white"),
        WHITE_AND_YELLOW: ("front_white", "rear_yellow"),
        YELLOW: ("front_yellow", "rear_yellow"),
        BLACK: ("black",),
        BLUE: ("blue",),
    }
    return {look: 100 for codes, looks in kinds.items() if code in codes.split() for look in looks}


def _band(code: str) -> dict[str, int]:
    percent = next((percent for percent, codes in BLUE_BAND.items() if code in codes.split()), None)
    return {} if percent is None else {"blue_band": percent}

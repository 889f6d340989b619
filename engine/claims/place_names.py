"""Names points by the gazetteer that ships: "near Lund, Sweden"; offline."""

from engine.claims.nearest import NearestPoint, bearing
from engine.claims.sizes import readable_km
from engine.evidence.gazetteer import nearest
from engine.geometry.sphere import check_point, great_circle_km

LEAST_PEOPLE = 10_000
"""Population of the smallest town that names a point; few readers know smaller ones."""
NEAR_KM = 25.0
"""A point within this distance of a town is near it."""
FAR_KM = 1000.0
"""Farther than this from any town, a point has no name."""


def place_name(latitude: float, longitude: float) -> str:
    """Where a point in degrees is: ``"near Lund, Sweden"``, ``"340 km to the south of Lund, Sweden"``, or empty.

    The country is that of the town; the point itself may lie beyond a border or at sea.

    Raises:
        InputError: the point is not on the globe.
        LayerError: the list of places is missing or damaged.
    """
    point = check_point(latitude, longitude)
    town = nearest(*point, least_population=LEAST_PEOPLE)
    distance = float(great_circle_km(town.latitude, town.longitude, *point))
    name = f"{town.name}, {town.country_name}"
    if distance <= NEAR_KM:
        return f"near {name}"
    if distance > FAR_KM:
        return ""
    way = NearestPoint(*point, distance, bearing(town.latitude, town.longitude, *point))
    return f"{readable_km(distance)} to the {way.direction} of {name}"

"""IANA time zones drawn on the lattice of evidence. Needs tzfpy, which carries timezone-boundary-builder's polygons.

Their data are OpenStreetMap's, under the Open Database Licence; so is the raster. The npm package
@photostructure/tz-lookup carries the same polygons, coarser, and calls them CC0, which cannot take OpenStreetMap's
licence from them; nothing was to be won.
"""

from collections import Counter

import numpy as np
import numpy.typing as npt
import tzfpy
from evidence_earth import Labels, nearest_label
from sources import COLUMNS, ROWS, Mask

LEAST_SHARE = 0.02
"""A zone belongs to a country that it holds this share of."""
LEAST_PIXELS = 5
"""A zone that lies mostly in a country belongs to it from so many pixels on."""
LEAST_PLACES = 0.001
"""A zone belongs to a country of whose places GeoNames puts this share into it, and two at least."""
SMALL = 200
"""A country of fewer pixels has the zone of most of its places: pixels are too coarse to find that of Monaco."""


def draw_time_zones(
    land: Mask, countries: Labels, codes: tuple[str, ...], places: Counter[tuple[str, str]]
) -> tuple[Labels, tuple[str, ...]]:
    """Index into the names per pixel, and the names in alphabetical order: the zone of land, ``Etc/GMT`` at sea.

    Zones end where countries do: a zone that only reaches into a country by the error of one of the two sources is
    replaced by the nearest zone of that country, so that no slivers lie along the borders. ``places`` counts GeoNames'
    places by country and zone.
    """
    found = [_sea_zone(column) for column in range(COLUMNS)]
    names = {name: number for number, name in enumerate(dict.fromkeys(found))}
    drawn = np.tile(np.array([names[name] for name in found], np.int16), (ROWS, 1))
    _draw_land(drawn, land, names)
    _draw_small(drawn, countries, codes, places, names)
    by_geonames = np.zeros((len(codes), len(names)), np.int64)
    for (code, name), count in places.items():
        if code in codes and name in names:
            by_geonames[codes.index(code), names[name]] = count
    drawn = _kept_to_countries(drawn, land & (countries >= 0), countries, names, by_geonames)
    order = sorted(names)
    place = np.array([order.index(name) for name in names], np.int16)
    return _without_unused(place[drawn], tuple(order))


def _sea_zone(column: int) -> str:
    """Nautical zone of a column; POSIX signs, so that Etc/GMT+5 is five hours behind."""
    hours = round(((column + 0.5) * 360.0 / COLUMNS - 180.0) / 15.0)
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"


def _draw_land(drawn: Labels, land: Mask, names: dict[str, int]) -> None:
    """The zone at the centre of every land pixel."""
    for row in range(ROWS):
        latitude = 90.0 - (row + 0.5) * 180.0 / ROWS
        for column in np.flatnonzero(land[row]).tolist():
            name = tzfpy.get_tz((column + 0.5) * 360.0 / COLUMNS - 180.0, latitude)
            if name and not name.startswith("Etc/"):
                drawn[row, column] = names.setdefault(name, len(names))


def _draw_small(
    drawn: Labels, countries: Labels, codes: tuple[str, ...], places: Counter[tuple[str, str]], names: dict[str, int]
) -> None:
    """Small countries take the zone of most of their places."""
    pixels = np.bincount(countries[countries >= 0], minlength=len(codes))
    for number in np.flatnonzero(pixels < SMALL).tolist():
        here = {zone: count for (code, zone), count in places.items() if code == codes[number]}
        if here:
            most = max(sorted(here), key=lambda zone: here[zone])
            drawn[countries == number] = names.setdefault(most, len(names))


def _kept_to_countries(
    drawn: Labels, inside: Mask, countries: Labels, names: dict[str, int], places: npt.NDArray[np.int64]
) -> Labels:
    """Zones that do not belong to the country of their pixel are replaced by the nearest that does."""
    nautical = np.array([name.startswith("Etc/") for name in names])
    zones = len(names)
    pairs = countries[inside].astype(np.int64) * zones + drawn[inside]
    count = np.bincount(pairs, minlength=places.size).reshape(places.shape)
    count[:, nautical] = 0
    belongs = (count > LEAST_SHARE * count.sum(1, keepdims=True)) | ((count >= LEAST_PIXELS) & _mostly(count))
    belongs |= places >= np.maximum(2, LEAST_PLACES * places.sum(1, keepdims=True))
    wrong = np.zeros(drawn.shape, bool)
    wrong[inside] = ~belongs[countries[inside], drawn[inside]]
    for country in np.unique(countries[wrong]).tolist():
        _mended(drawn, wrong, countries == country, belongs[country].any())
    return drawn


def _mostly(count: npt.NDArray[np.int64]) -> Mask:
    """Whether most of a zone lies in a country."""
    return count > 0.5 * count.sum(0, keepdims=True)


def _mended(drawn: Labels, wrong: Mask, country: Mask, has_zone: bool) -> None:
    """The wrong pixels of one country take the nearest right zone in it."""
    rows, columns = np.nonzero(country)
    window = (slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1))
    here, bad = country[window], wrong[window] & country[window]
    if not has_zone:
        return
    labels = np.where(here & ~bad, drawn[window], -1).astype(np.int16)
    origin = (rows.min(), columns.min())
    drawn[window][bad] = nearest_label(labels, bad, np.inf, origin)[bad]


def _without_unused(drawn: Labels, names: tuple[str, ...]) -> tuple[Labels, tuple[str, ...]]:
    used = np.unique(drawn)
    return np.searchsorted(used, drawn).astype(np.int16), tuple(names[number] for number in used.tolist())

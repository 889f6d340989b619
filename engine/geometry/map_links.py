"""Points in links of map services, read without a network.

Google, OpenStreetMap, Apple, Bing and Yandex write the point into the address; each has an order and names of its own.
Shortened links have no point: only the service can resolve them.
"""

import re
from urllib.parse import parse_qs, unquote_plus, urlsplit

from engine.errors import InputError

_NUMBER = r"[+-]?\d{1,3}(?:\.\d{1,20})?"
_PAIR = re.compile(rf"\s*({_NUMBER})\s*[,~ ]\s*({_NUMBER})")
_GOOGLE_PIN = re.compile(rf"!3d({_NUMBER})!4d({_NUMBER})")
_AT = re.compile(rf"@({_NUMBER}),({_NUMBER})")
_OSM_VIEW = re.compile(rf"map=\d{{1,2}}(?:\.\d+)?/({_NUMBER})/({_NUMBER})")
_SHORT_HOSTS = ("goo.gl", "maps.app.goo.gl", "g.co", "binged.it", "bit.ly", "t.co", "tinyurl.com", "osm.org/go/")
_LATITUDE_FIRST = ("q", "query", "ll", "coordinate", "center", "destination", "daddr", "saddr", "sll", "cp", "point")
_LONGITUDE_FIRST = ("pt", "ll", "whatshere[point]")

Point = tuple[float, float]


def is_link(text: str) -> bool:
    """Whether a text is a web address."""
    return bool(re.match(r"https?://|(?:www\.|maps\.)[a-z0-9.-]+/", text, re.IGNORECASE))


def read_link(text: str) -> tuple[float, float, str]:
    """Latitude and longitude in degrees of a map link, and the name of the service.

    Raises:
        InputError: the link is a shortened one, or holds no point.
    """
    address = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
        values = {name.lower(): found[-1] for name, found in parse_qs(parts.query, max_num_fields=100).items()}
    except ValueError as error:
        raise InputError("The link is not a web address; copy it again, or type latitude and longitude.") from error
    where, rest = unquote_plus(parts.path), unquote_plus(parts.fragment)
    if f"{host}{where}".startswith(_SHORT_HOSTS) or (_service(host) == "Yandex" and "/maps/-/" in where):
        raise InputError(
            f"A shortened link of {host} holds no point; open it in a browser and copy the long address from there."
        )
    service = _service(host) or host
    found = _of_yandex(values) if service == "Yandex" else _of_others(where, rest, values)
    if found is None:
        raise InputError(f"The link of {host[:60]} holds no latitude and longitude; copy the link of a marked point.")
    return found[0], found[1], service


def _service(host: str) -> str:
    names = {"google": "Google", "openstreetmap": "OpenStreetMap", "osm": "OpenStreetMap", "apple": "Apple"}
    names |= {"bing": "Bing", "yandex": "Yandex"}
    return next((name for part, name in names.items() if part in host.split(".")), "")


def _of_yandex(values: dict[str, str]) -> Point | None:
    for name in _LONGITUDE_FIRST:
        if (found := _PAIR.match(values.get(name, ""))) is not None:
            return float(found[2]), float(found[1])
    return None


def _of_others(where: str, rest: str, values: dict[str, str]) -> Point | None:
    """The marked point before the centre of the view, whatever stands first in the address."""
    if "mlat" in values and "mlon" in values and (found := _PAIR.match(f"{values['mlat']},{values['mlon']}")):
        return float(found[1]), float(found[2])
    if pins := _GOOGLE_PIN.findall(where + rest):
        return float(pins[-1][0]), float(pins[-1][1])
    for name in _LATITUDE_FIRST:
        if (found := _PAIR.match(values.get(name, ""))) is not None:
            return float(found[1]), float(found[2])
    for part in where.split("/"):
        if (found := _PAIR.fullmatch(part)) is not None:
            return float(found[1]), float(found[2])
    found = _AT.search(where) or _OSM_VIEW.search(rest)
    return None if found is None else (float(found[1]), float(found[2]))

"""Which servers the tile search may talk to: public ones. Decides by the address that is connected to, not by the name.

A template is a user's, and a redirect a stranger's: either may point into the network that this machine sits in. So a
name is resolved once, every address it has must be public, and the connection goes to exactly such an address (a second
look-up could give another). Redirects pass through the same door.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from engine.errors import InputError, LayerError

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_KNOWN = {"z", "x", "y", "-y"}
_TRANSLATED = (  # networks that carry an IPv4 address inside an IPv6 one
    ipaddress.IPv6Network("64:ff9b::/96"),
    ipaddress.IPv6Network("64:ff9b:1::/48"),
    ipaddress.IPv6Network("2002::/16"),
    ipaddress.IPv6Network("2001::/32"),
    ipaddress.IPv6Network("::/96"),
)

_NOT_PUBLIC = (  # what older Pythons take for public
    ipaddress.IPv4Network("192.0.0.0/24"),
    ipaddress.IPv4Network("192.88.99.0/24"),
    ipaddress.IPv4Network("198.18.0.0/15"),
)


@dataclass(frozen=True)
class Destination:
    """A server that may be asked.

    Attributes:
        scheme: ``http`` or ``https``.
        host: its name, for certificates and the Host header.
        port: its port.
        address: the numeric address to connect to.
    """

    scheme: str
    host: str
    port: int
    address: str


def check_template(template: str) -> str:
    """A tile template as it may be used.

    Raises:
        InputError: no http(s) address, a placeholder is missing or unknown, or it carries a password.
    """
    found = _PLACEHOLDER.findall(template)
    missing = [name for name in ("z", "x", "y") if name not in {each.lstrip("-") for each in found}]
    if missing:
        raise InputError(
            f"The template {_short(template)!r} has no {{{missing[0]}}}; write one with {{z}}, {{x}} and {{y}}."
        )
    unknown = [name for name in found if name not in _KNOWN]
    if unknown:
        raise InputError(
            f"The template has {{{_short(unknown[0])}}}, which is not known; use only {{z}}, {{x}}, {{y}} or {{-y}}."
        )
    parts = split_address(template)
    if _PLACEHOLDER.search(parts.netloc):
        raise InputError("The template has a placeholder in the name of its server; write the server's name out.")
    return template


def split_address(address: str) -> SplitResult:
    """The parts of an http(s) address without user and password.

    Raises:
        InputError: it is another kind of address.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise InputError(
            f"{_short(address)!r} is not an address; write https://server/{{z}}/{{x}}/{{y}}.png."
        ) from error
    if parts.scheme not in ("http", "https") or not host:
        raise InputError(f"{_short(address)!r} is not an http(s) address; write https://server/{{z}}/{{x}}/{{y}}.png.")
    if parts.username is not None or parts.password is not None:
        raise InputError("The address carries a user name or password; remove it, it would be shown and stored.")
    if any(letter.isspace() or not letter.isprintable() for letter in address):
        raise InputError("The address has spaces or control characters in it; write it without.")
    return parts


def resolve(parts: SplitResult, *, allow_local: bool = False) -> Destination:
    """The server of an address, resolved and checked.

    Args:
        parts: an address of ``split_address``.
        allow_local: whether private and local addresses are fine, for a tile server of the user's own.

    Raises:
        InputError: one of its addresses is private, local or otherwise not public.
        LayerError: there is no such server.
    """
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise LayerError(
            f"The tile server {_short(host)} is not known here; check the name and the network."
        ) from error
    addresses = [str(each[4][0]) for each in found]
    inside = [address for address in addresses if not is_public(address)]
    if inside and not allow_local:
        raise InputError(
            f"The tile server {_short(host)} is at {inside[0]}, a private or local address, and was not asked; "
            "use a public server, or allow local ones (--allow-local) for one of your own."
        )
    return Destination(parts.scheme, host, port, addresses[0])


def is_public(address: str) -> bool:
    """Whether a numeric address belongs to the public internet, whichever way it is written."""
    try:
        ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if any(ip in network for network in _TRANSLATED):
            return False  # a translator behind it may lead anywhere inside
    elif any(ip in network for network in _NOT_PUBLIC):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def _short(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:120]

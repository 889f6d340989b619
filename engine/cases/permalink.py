"""A case as one word that fits into an address: everything but the pixels, and not the names of files.

``1`` (the version of the packing), then base64url of four bytes of sha256 and the deflated JSON. The dictionary that
deflate starts with holds the words that every case has, so that a case of a few statements takes some 400 characters.
"""

import base64
import binascii
import hashlib
import re
import zlib

from engine.cases.case import Case
from engine.cases.reading import LARGEST_FILE, case_from_json
from engine.cases.writing import case_to_json
from engine.errors import InputError

VERSION = "1"
LONGEST = 32_000
"""Characters of a token: what servers take in an address, with room for the rest of it."""

COMFORTABLE = 1_900
"""Characters of a token that every mail and chat program leaves whole."""

CHECK_BYTES = 4

# Part of version 1: a changed byte would make every link of that version unreadable. What is commonest stands last.
_WORDS = (
    b'"latitude":"longitude":"radius_km":"include":true,"name":"polygons":[[[["area":{"kind":"searched""detection":0.'
    b'"observation":{"kind":"sun_seen""kind":"drawn_area""kind":"circle""kind":"elevation","lowest_m":,"highest_m":null'
    b'"kind":"coast_within","km":"kind":"seen","what":"snow","palm_trees","month":null"kind":"label_is","partition":'
    b'"climate""relief""population""land_cover","labels":["mountains""hills""flat""high""low""urban""cropland"'
    b'"kind":"country_is","codes":["kind":"country_fact","fact":"drives","value":"left","right","language""script"'
    b'"suffix""prefix""currency""plate""continent","negated":false,"negated":true}},{"version":1,"id":"e1",'
    b'"probability":0.9,"probability":0.65,"probability":1,"on":true,"on":false,"statement":{"dependence":null,'
    b'"dependence":0.5},"floors":{"declared":{"weights":{"scene_cues":1,"geoclip":1,"street_prompts":1,'
    b'"attribute_prompts":1,"osv5m":1,"plonk":1,"pooling":"product"{"coverage":0.9}{"coverage":0.5}{"budget_km2":'
    b'{"type":"hereabouts-case","version":"1.0","title":"","notes":"","photos":[{"sha256":"","name":"","width":,'
    b'"height":}],"evidence":[],"settings":{"weights":{},"prior_weight":1,"pooling":"corrected","floors":{},'
    b'"declared":{},"dependence":null},"grid":"5400x10800","region":{"budget_km2":100000},"places":{"top_k":5,'
    b'"separation_km":100},"claim":null,"view":{"map":"flat","map":"globe","latitude":20,"longitude":0,"zoom":2,'
    b'"layer":"ensemble","photo":""},"made":{"version":"0.1.0","world":"","layers":{"population":"","land_cover":""},'
    b'"predictors":["scene_cues"],"regions":{}}}'
)
_ALPHABET = re.compile(r"[A-Za-z0-9_-]+")


def to_token(case: Case, *, names: bool = False) -> str:
    """The case as a token of letters, digits, ``-`` and ``_``.

    Args:
        case: what to pack.
        names: whether the names of the photos' files go along; an address is seen by more people than meant.

    Raises:
        InputError: it would be too long for an address.
    """
    data = case_to_json(case if names else case.without_names(), compact=True).encode()
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=_WORDS)
    packed = _check(data) + packer.compress(data) + packer.flush()
    token = VERSION + base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")
    if len(token) > LONGEST:
        raise InputError(f"The link would have {len(token)} characters, more than {LONGEST}; save the case as a file.")
    return token


def length_note(token: str) -> str:
    """A sentence for people where a link may be cut on its way; else empty."""
    if len(token) <= COMFORTABLE:
        return ""
    return f"This link has {len(token):,} characters; some mail and chat programs cut it, so send the case as a file."


def from_token(token: str) -> Case:
    """The case of a token.

    Raises:
        InputError: it was cut, changed, made by a newer version, or holds no case.
    """
    if not isinstance(token, str) or len(token) > LONGEST:
        raise InputError(f"The link has more than {LONGEST} characters; ask for the case as a file.")
    if not _ALPHABET.fullmatch(token):
        raise InputError("The link is empty or has characters that no link of a case has; copy the whole link again.")
    if token[0] != VERSION:
        raise InputError(f"The link is of version {token[0]}, and this Hereabouts reads {VERSION}; update Hereabouts.")
    packed = _bytes(token[1:])
    data = _decompress(packed[CHECK_BYTES:])
    if _check(data) != packed[:CHECK_BYTES]:
        raise _damaged_link()
    return case_from_json(data)


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise _damaged_link() from error


def _decompress(packed: bytes) -> bytes:
    """The inflated bytes; a small link that would fill the memory is stopped at the size of the largest case."""
    unpacker = zlib.decompressobj(-15, zdict=_WORDS)
    try:
        data = unpacker.decompress(packed, LARGEST_FILE + 1)
    except zlib.error as error:
        raise _damaged_link() from error
    if len(data) > LARGEST_FILE:
        raise InputError("The link unpacks to more than a case can hold; ask for the case as a file.")
    if not unpacker.eof or unpacker.unused_data:
        raise _damaged_link()
    return data


def _check(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()[:CHECK_BYTES]


def _damaged_link() -> InputError:
    return InputError("The link was cut or changed on its way; copy the whole link again.")

"""What of an event outlives the person in it: the form that is sealed, archived and exported.

The address is cut to its network, and whoever stands in an event stands there under a pseudonym, made with a key of
their own. Whoever deletes the key forgets the person; the line stays as it was, and so does every proof over it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, ip_address, ip_network

KEPT_BITS_OF_IPV4, KEPT_BITS_OF_IPV6 = 24, 48
PEOPLE = frozenset({"owner_id", "member_id", "subject"})
"""The fields of events that name a person; those that end in `_by` do so, too."""
NOBODY = ("system:", "token:")
"""How the actors begin that are no people."""

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
"""Made once: a check of a file writes each of its lines."""

Pseudonym = Callable[[str], str]
"""A member's id, an operator or the subject of a sign-in -> the name in the archive."""


def names_person(field: str) -> bool:
    """Tell whether a field of an event names a person."""
    return field in PEOPLE or field.endswith("_by")


def archived(envelope: Mapping[str, object], data: Mapping[str, object], *, pseudonym: Pseudonym, salt: str) -> str:
    """Write an event and its envelope as one line of canonical JSON, which is what a leaf of a seal stands for.

    `salt` is drawn by chance for each row: whoever sees the hash of one, as in the proof of its neighbour, cannot find
    out by trying what the row says.

    Strings, whole numbers, booleans, lists and maps of them only, and the names of fields are ASCII: sorted and without
    spaces, this is RFC 8785.
    """
    address = envelope.get("ip")
    known = {
        **envelope,
        "kind": "event",
        "salt": salt,
        "actor": _named(str(envelope["actor"]), pseudonym),
        "ip": network_of(address) if isinstance(address, str) else None,
        "data": {
            name: _named(value, pseudonym) if names_person(name) and isinstance(value, str) else value
            for name, value in data.items()
        },
    }
    return line_of({name: value for name, value in known.items() if value is not None})


def line_of(document: Mapping[str, object]) -> str:
    """Write a document in the one form that is hashed, without a newline."""
    return _CANONICAL.encode(document)


def network_of(address: str) -> str | None:
    """Cut an address to its network, /24 or /48; None: it is no address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if not isinstance(found, IPv4Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    bits = KEPT_BITS_OF_IPV4 if isinstance(found, IPv4Address) else KEPT_BITS_OF_IPV6
    return str(ip_network((found, bits), strict=False))


def _named(who: str, pseudonym: Pseudonym) -> str:
    return who if who.startswith(NOBODY) else pseudonym(who)

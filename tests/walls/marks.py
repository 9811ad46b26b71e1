"""What must not be found in an answer to anybody else: the words, the amounts and the ids of a tenant."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from tests.walls.references import Known
from tests.walls.tenants import TENANTS, Side, Tenant

_SEALED = re.compile(r"[A-Za-z0-9_-]{24,}")


def marks_of(side: Side, known: Known) -> Iterator[str]:
    """Give everything that tells of a tenant, in small letters where the case of letters may change."""
    tenant = TENANTS[side]
    yield from (tenant.side, tenant.ip)
    yield from _written(tenant)
    yield from known.tokens
    yield from known.bearers
    yield from known.members
    yield from known.events
    yield from (signed.text for signed in known.signed)


def _written(tenant: Tenant) -> Iterator[str]:
    """Give the amounts in each way of writing them: in major units, with and without commas, and in micros."""
    for amount in tenant.amounts:
        yield amount
        yield f"{float(amount):,.2f}"
        yield amount.replace(".", "") + "0000"


def found_in(answer: str, *, marks: Iterable[str], sent: str) -> list[str]:
    """Name the marks that an answer tells, be it inside of a cursor; what the asker sent is not told."""
    text, known = _opened(answer), _opened(sent)
    return [mark for mark in marks if mark.lower() in text and mark.lower() not in known]


def _opened(text: str) -> str:
    """Add to a text what it holds in base64url and in percent signs."""
    inside = [_decoded(piece) for piece in _SEALED.findall(text)]
    return "\n".join((text, unquote(text), *inside)).lower()


def _decoded(piece: str) -> str:
    try:
        return base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4)).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""

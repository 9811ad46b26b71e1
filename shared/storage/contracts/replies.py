"""Idempotency keys of the REST API: the answer to a request that may be repeated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What was done for a key: enough to answer a repeat, and never a secret."""

    fingerprint: str
    """Keyed hash of the request, so that a key used for something else is noticed."""
    resource_id: str
    """The id that the first run gave to what it made; chosen before anything was done."""


class ReplyStore(Protocol):
    """Remembers idempotency keys for a day. Every method may raise `StoreUnavailable`."""

    def find(self, caller: str, key: str, *, now: datetime) -> Reply | None:
        """Give the reply that holds the key, if one does."""
        ...

    def claim(self, caller: str, key: str, reply: Reply, *, now: datetime) -> Reply:
        """Take the key for this request and give the reply that holds it: this one, or the one that came first."""
        ...

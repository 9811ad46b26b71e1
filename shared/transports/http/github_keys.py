"""The keys that GitHub's secret scanning signs its reports with, as GitHub publishes them."""

from __future__ import annotations

import logging
import urllib.request
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPException

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import BaseModel

from shared.transports.http.refusals import IssuerUnavailable

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 3
LONGEST_LIST = 64 * 1024
"""Bytes of the list that are read; GitHub's has some hundred for each key."""
KEPT = timedelta(minutes=10)
"""How long a key is believed before the list is read again: one that GitHub takes off it is refused from then on."""
PATIENCE = timedelta(minutes=1)
"""How long an unknown key does not have us ask again: who sends many of them makes us ask once a minute."""


class _PublishedKey(BaseModel):
    """A key on the list. `is_current` is not read: it tells what GitHub signs with now.

    A report that was signed with the key before may still be on its way. Until GitHub takes a key off the list, its
    signatures hold.
    """

    key_identifier: str
    key: str


class _PublishedKeys(BaseModel):
    public_keys: list[_PublishedKey]


@dataclass
class GithubKeys:
    """Asks for the list when the first report comes, and keeps it."""

    url: str
    _known: dict[str, EllipticCurvePublicKey] = field(default_factory=dict[str, EllipticCurvePublicKey], init=False)
    _asked_at: datetime | None = field(default=None, init=False)
    _answered: bool = field(default=False, init=False)
    """Whether the last question was."""

    def find(self, key_id: str, *, now: datetime) -> EllipticCurvePublicKey | None:
        """Give a key by its identifier; None: GitHub has none of this name.

        Raises:
            IssuerUnavailable: GitHub could not be asked, and the key is none that it gave before.

        """
        if not key_id:
            return None  # nothing is signed: GitHub need not be asked
        rest = KEPT if key_id in self._known else PATIENCE
        if self._asked_at is None or now - self._asked_at >= rest:
            self._asked_at = now
            self._ask()
        key = self._known.get(key_id)
        if key is None and not self._answered:
            raise IssuerUnavailable(
                "keys_unavailable",
                "The signature cannot be checked at the moment, because GitHub's keys cannot be had.",
                hint="Repeat the request after the seconds in Retry-After.",
            )
        return key

    def _ask(self) -> None:
        """Read the list anew; if that fails, what was known stays."""
        # GitHub wants to be told who asks.
        request = urllib.request.Request(self.url, headers={"Accept": "application/json", "User-Agent": "merchant-mcp"})  # noqa: S310 - the address is a setting of ours
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - the same
                published = _PublishedKeys.model_validate_json(answer.read(LONGEST_LIST))
        except (OSError, HTTPException, ValueError):
            logger.exception("the keys of GitHub's secret scanning cannot be read")
            self._answered = False
            return
        found = ((each.key_identifier, _p256(each.key)) for each in published.public_keys)
        self._known = {name: key for name, key in found if key is not None}
        self._answered = True


def _p256(pem: str) -> EllipticCurvePublicKey | None:
    """Read a key of the one kind that reports are signed with; others may stand on the list beside it."""
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1) else None

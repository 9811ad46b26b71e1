"""What a container remembers of the credentials that it has verified, so that argon2 runs once for each.

The key of the tags is drawn when the memory is made. A function that starts from a snapshot must make a new one after
the restore, or all its copies would share it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field, replace

from shared.services.credentials.token_format import TokenText
from shared.storage.contracts.tokens import Terms

CAPACITY = 10_000


@dataclass(frozen=True, slots=True)
class Verified:
    """A credential whose secret matched, and what its row said of the workspace's terms when it was last read."""

    tag: bytes
    plan: str
    networks: tuple[str, ...] = ()
    resource: str | None = None
    """Of an access token: the one address that takes it."""


@dataclass
class VerifiedCredentials:
    """A bounded memory, least recently used first out; it holds keyed tags, never a secret.

    Several access tokens of one grant are remembered side by side.
    """

    capacity: int = CAPACITY
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _known: OrderedDict[str, Verified] = field(default_factory=OrderedDict[str, Verified], repr=False)

    def recall(self, token: TokenText) -> Verified | None:
        """Give what is known of a token whose whole text was verified here before; None: verify it."""
        known = self._known.get(token.known_as)
        if known is None or not hmac.compare_digest(known.tag, self._tag(token)):
            return None
        self._known.move_to_end(token.known_as)
        return known

    def remember(self, token: TokenText, terms: Terms, *, resource: str | None) -> None:
        """Note that the token's secret matched, and its terms."""
        self._known[token.known_as] = Verified(self._tag(token), terms.plan, terms.networks, resource)
        self._known.move_to_end(token.known_as)
        if len(self._known) > self.capacity:
            self._known.popitem(last=False)

    def learn(self, known_as: str, terms: Terms) -> None:
        """Note that a token's row names other terms now."""
        known = self._known.get(known_as)
        if known is not None:
            self._known[known_as] = replace(known, plan=terms.plan, networks=terms.networks)

    def _tag(self, token: TokenText) -> bytes:
        return hmac.digest(self._key, token.text.encode(), hashlib.sha256)

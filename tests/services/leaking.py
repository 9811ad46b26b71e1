"""What tests of leak reports share: a report, what it made of a token, and how often argon2 ran for it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher

from shared.domain.token.events import TokenKind
from shared.domain.token.state import Status
from shared.services.create_token import NewToken
from shared.services.credentials.token_format import TokenText, new_token
from shared.services.report_leaks import report_leaks
from tests.data.tenants import KEYS, NOON, origin
from tests.services.place import Place
from tests.services.rotating import row_of

SOON = NOON + timedelta(minutes=5)
STRAY = new_token(TokenKind.PERSONAL, "0" * 16, KEYS)
"""A token of ours that no table knows."""


class Hashing:
    """Counts how often argon2 is run to look at a secret."""

    def __init__(self, library: pytest.MonkeyPatch) -> None:
        self.times = 0
        verify = PasswordHasher.verify

        def counted(hasher: PasswordHasher, digest: str | bytes, secret: str | bytes) -> bool:
            self.times += 1
            return verify(hasher, digest, secret)

        library.setattr(PasswordHasher, "verify", counted)


def report(place: Place, *texts: str, at: datetime = SOON, source: str = "anonymous") -> frozenset[str]:
    return report_leaks(
        texts,
        source=source,
        origin=origin("system:leak_report", "request-7"),
        now=at,
        keys=KEYS,
        tokens=place.stores.tokens,
    )


def status_of(place: Place, made: NewToken) -> Status:
    return row_of(place.stores, made).token.status


def happened(place: Place, made: NewToken) -> list[str]:
    return [event.type for event in place.stores.tokens.history(made.token.token_id)]


def with_another_secret(made: NewToken) -> TokenText:
    """What somebody can make who has stolen the key of the check digits."""
    return new_token(TokenKind.PERSONAL, made.token.token_id, KEYS)

"""The text of a token: `mfp_` or `mfs_`, then base62: 1 key version, 16 id, 43 secret, 11 check.

The check is 64 bits of HMAC-SHA-256 under the pepper of its version, over everything before it. It is tried first, so
that garbage costs microseconds: no read, no argon2. The 43 characters hold 256 random bits.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from shared.domain.token.events import TokenKind
from shared.services.credentials.keys import CredentialKeys

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LETTERS = frozenset(ALPHABET)
TAGS = {TokenKind.PERSONAL: "mfp_", TokenKind.ORGANIZATION: "mfs_"}
_KINDS = {tag: kind for kind, tag in TAGS.items()}
TAG_LENGTH = 4
ID_LENGTH = 16
SECRET_LENGTH = 43
CHECK_LENGTH = 11
LENGTH = TAG_LENGTH + 1 + ID_LENGTH + SECRET_LENGTH + CHECK_LENGTH
SHOWN_LENGTH = TAG_LENGTH + 8
"""What a list shows: the tag and eight characters, which are key version and id, never secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenText:
    """A token in its parts."""

    kind: TokenKind
    key_version: str
    token_id: str
    text: str = field(repr=False)
    """The whole, to be shown exactly once."""

    @property
    def secret(self) -> str:
        """The part that is hashed."""
        start = TAG_LENGTH + 1 + ID_LENGTH
        return self.text[start : start + SECRET_LENGTH]

    @property
    def prefix(self) -> str:
        """The part that lists show."""
        return self.text[:SHOWN_LENGTH]


def base62(number: int, length: int) -> str:
    """Write a number in base62, padded with zeros to `length`."""
    digits: list[str] = []
    for _ in range(length):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def new_id() -> str:
    """Draw a random id of 16 characters (95 bits)."""
    return base62(secrets.randbelow(len(ALPHABET) ** ID_LENGTH), ID_LENGTH)


def is_id(text: str) -> bool:
    """Tell whether this can be the id of a token; what cannot need not be looked up."""
    return len(text) == ID_LENGTH and _LETTERS.issuperset(text)


def new_token(kind: TokenKind, token_id: str, keys: CredentialKeys) -> TokenText:
    """Draw a new secret for a token id."""
    version = keys.newest
    secret = base62(secrets.randbelow(len(ALPHABET) ** SECRET_LENGTH), SECRET_LENGTH)
    body = f"{TAGS[kind]}{version}{token_id}{secret}"
    return TokenText(
        kind=kind, key_version=version, token_id=token_id, text=body + _check(body, keys.pepper(version) or b"")
    )


def read_token(text: str, keys: CredentialKeys) -> TokenText | None:
    """Take a token apart if its shape and its check are right; None for everything else."""
    kind = _KINDS.get(text[:TAG_LENGTH])
    if kind is None or len(text) != LENGTH or not _LETTERS.issuperset(text[TAG_LENGTH:]):
        return None
    version = text[TAG_LENGTH]
    pepper = keys.pepper(version)
    body, check = text[:-CHECK_LENGTH], text[-CHECK_LENGTH:]
    if pepper is None or not hmac.compare_digest(check, _check(body, pepper)):
        return None
    start = TAG_LENGTH + 1
    return TokenText(kind=kind, key_version=version, token_id=text[start : start + ID_LENGTH], text=text)


def _check(body: str, pepper: bytes) -> str:
    mac = hmac.digest(pepper, body.encode(), hashlib.sha256)
    return base62(int.from_bytes(mac[:8], "big"), CHECK_LENGTH)

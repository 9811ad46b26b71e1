"""The text of a token: `mfp_`, `mfs_`, `mfa_` or `mfr_`, then base62: 1 key version, 16 id, 43 secret, 11 check.

The check is 64 bits of HMAC-SHA-256 under the pepper of its version, over everything before it. It is tried first, so
that garbage costs microseconds: no read, no argon2. The 43 characters hold 256 random bits.

Of what an app was granted the id is the grant's, in each of its access tokens (`mfa_`) and refresh tokens (`mfr_`).
Their 43 characters are 4 for the generation, 6 for the expiry in seconds since 1970 (an access token's; a refresh
token ends with its grant, and has zeros), and 33 with 196 random bits. All 43 are hashed like any secret.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared.domain.token.events import TokenKind
from shared.services.credentials.keys import CredentialKeys, KeysUnusable

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LETTERS = frozenset(ALPHABET)
ACCESS_TAG = "mfa_"
TAGS = {TokenKind.PERSONAL: "mfp_", TokenKind.ORGANIZATION: "mfs_", TokenKind.GRANT: ACCESS_TAG}
REFRESH_TAG = "mfr_"
_KINDS = {tag: kind for kind, tag in TAGS.items()}
TAG_LENGTH = 4
ID_LENGTH = 16
SECRET_LENGTH = 43
GENERATION_LENGTH = 4
EXPIRY_LENGTH = 6
RANDOM_LENGTH = SECRET_LENGTH - GENERATION_LENGTH - EXPIRY_LENGTH
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

    def is_over(self, now: datetime) -> bool:
        """Tell whether it is an access token that has ended by its text."""
        return self.expires_at is not None and now >= self.expires_at

    @property
    def is_refresh(self) -> bool:
        """Tell whether it is a refresh token."""
        return self.text.startswith(REFRESH_TAG)

    @property
    def known_as(self) -> str:
        """What a container remembers it by: its id; of a grant, of which two tokens are good, with which one."""
        return f"{self.token_id}.{self.generation}" if self.kind is TokenKind.GRANT else self.token_id

    @property
    def generation(self) -> int:
        """Of a grant: which pair of its tokens this one belongs to; 0 of every other token."""
        return from_base62(self.secret[:GENERATION_LENGTH]) if self.kind is TokenKind.GRANT else 0

    @property
    def expires_at(self) -> datetime | None:
        """Of an access token: when it ends, which only its text says; None of every other token."""
        if not self.text.startswith(ACCESS_TAG):
            return None
        seconds = from_base62(self.secret[GENERATION_LENGTH : GENERATION_LENGTH + EXPIRY_LENGTH])
        return datetime.fromtimestamp(seconds, UTC)  # six characters reach to the year 3769


def base62(number: int, length: int) -> str:
    """Write a number in base62, padded with zeros to `length`."""
    digits: list[str] = []
    for _ in range(length):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def from_base62(text: str) -> int:
    """Read a number in base62."""
    number = 0
    for letter in text:
        number = number * len(ALPHABET) + ALPHABET.index(letter)
    return number


def new_id() -> str:
    """Draw a random id of 16 characters (95 bits)."""
    return base62(secrets.randbelow(len(ALPHABET) ** ID_LENGTH), ID_LENGTH)


def new_random_part() -> str:
    """Draw the random characters of a token of a grant."""
    return base62(secrets.randbelow(len(ALPHABET) ** RANDOM_LENGTH), RANDOM_LENGTH)


def random_part_of(mac: bytes) -> str:
    """Write the random characters that follow from a keyed hash of 256 bits."""
    return base62(int.from_bytes(mac, "big"), RANDOM_LENGTH)


def is_id(text: str) -> bool:
    """Tell whether this can be the id of a token; what cannot need not be looked up."""
    return len(text) == ID_LENGTH and _LETTERS.issuperset(text)


def new_token(kind: TokenKind, token_id: str, keys: CredentialKeys) -> TokenText:
    """Draw a new secret for a token id."""
    secret = base62(secrets.randbelow(len(ALPHABET) ** SECRET_LENGTH), SECRET_LENGTH)
    return _written(TAGS[kind], kind, keys.newest, token_id, secret, keys)


def access_token(
    grant_id: str, *, generation: int, expires_at: datetime, random_part: str, version: str, keys: CredentialKeys
) -> TokenText:
    """Write an access token of a grant, under the key version of the grant: its prefix stays what lists show."""
    seconds = int(expires_at.timestamp())
    secret = base62(generation, GENERATION_LENGTH) + base62(seconds, EXPIRY_LENGTH) + random_part
    return _written(ACCESS_TAG, TokenKind.GRANT, version, grant_id, secret, keys)


def refresh_token(grant_id: str, *, generation: int, random_part: str, version: str, keys: CredentialKeys) -> TokenText:
    """Write a refresh token of a grant, under the key version of the grant."""
    secret = base62(generation, GENERATION_LENGTH) + base62(0, EXPIRY_LENGTH) + random_part
    return _written(REFRESH_TAG, TokenKind.GRANT, version, grant_id, secret, keys)


def read_token(text: str, keys: CredentialKeys) -> TokenText | None:
    """Take apart a token that calls are made with, if shape and check are right; None for everything else."""
    kind = _KINDS.get(text[:TAG_LENGTH])
    return _read(text, kind, keys) if kind is not None else None


def read_refresh_token(text: str, keys: CredentialKeys) -> TokenText | None:
    """Take a refresh token apart if its shape and its check are right; None for everything else."""
    return _read(text, TokenKind.GRANT, keys) if text.startswith(REFRESH_TAG) else None


def _written(  # noqa: PLR0917 - the parts of a token, in their order
    tag: str, kind: TokenKind, version: str, token_id: str, secret: str, keys: CredentialKeys
) -> TokenText:
    pepper = keys.pepper(version)
    if pepper is None:
        raise KeysUnusable(f"no key of version {version} is held")
    body = f"{tag}{version}{token_id}{secret}"
    return TokenText(kind=kind, key_version=version, token_id=token_id, text=body + _check(body, pepper))


def _read(text: str, kind: TokenKind, keys: CredentialKeys) -> TokenText | None:
    if len(text) != LENGTH or not _LETTERS.issuperset(text[TAG_LENGTH:]):
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

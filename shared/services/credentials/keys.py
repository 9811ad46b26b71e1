"""The keys of the system, derived from as few stored secrets as there are things to rotate on their own.

Two documents are stored (Secrets Manager, or one local file), each `{"1": "<random text>", "2": …}`; the highest
version makes what is new, every version still opens what is old:

- *credential keys*: for each version a pepper (check digits of tokens), a seal (token rows) and a key for each thing
  that is signed (`Purpose`); from the newest also the keys of cursors and of argument hashes. Only functions that
  meet tokens hold them.
- *data keys*: the key of a tenant's customer references. Only the importer and its kin hold them.

A version is retired when nothing live was made under it; losing one is a page in docs/recovery.md.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from shared.services.credentials import base64url

MIN_ROOT_LENGTH = 32
"""Characters of a stored secret; the template generates 64."""


class Purpose(StrEnum):
    """What is signed under a key of its own, with the version told, so that it outlives a rotation of the keys."""

    GRANT_SUCCESSOR = "grant-successor"
    """The random parts of a grant's next pair of tokens, which follow from the refresh token that was shown."""
    REGISTRATION = "registration"
    """The ids of clients that registered themselves: nothing else is kept of them."""
    CSRF = "csrf"
    """What shows that a form was ours, in this session."""
    CONSENT = "consent"
    """What a person was asked, between the page and the answer."""
    CODE = "code"
    """The rows of authorization codes."""


class KeysUnusable(Exception):
    """The stored key document is not what it must be; nothing can be verified or made."""


def _derive(root: str, purpose: str) -> bytes:
    """Give the key of a purpose (HKDF-Expand of one block, RFC 5869; the root is uniformly random already)."""
    return hmac.digest(root.encode(), purpose.encode() + b"\x01", hashlib.sha256)


def _mac(key: bytes, message: str) -> bytes:
    return hmac.digest(key, message.encode(errors="surrogatepass"), hashlib.sha256)  # each text has bytes of its own


def _checked(document: Mapping[str, str]) -> dict[str, str]:
    roots = dict(sorted(document.items()))
    if not roots:
        raise KeysUnusable("the key document is empty")
    for version, root in roots.items():
        # One base62 character: it is part of every token.
        if len(version) != 1 or not (version.isascii() and version.isalnum()):
            raise KeysUnusable("a key version is one letter or digit")
        if len(root) < MIN_ROOT_LENGTH:
            raise KeysUnusable(f"the key of version {version} is shorter than {MIN_ROOT_LENGTH} characters")
    return roots


@dataclass(frozen=True)
class CredentialKeys:
    """Peppers and seals by version, and the keys of cursors and argument hashes."""

    roots: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, document: Mapping[str, str]) -> CredentialKeys:
        """Take a stored key document.

        Raises:
            KeysUnusable: it is empty, or a key is too short.

        """
        return cls(_checked(document))

    @cached_property
    def newest(self) -> str:
        """The version under which new tokens are made."""
        return max(self.roots)

    @cached_property
    def _derived(self) -> dict[tuple[str, str], bytes]:
        return {}

    def _key(self, version: str, purpose: str) -> bytes:
        known = self._derived.get((version, purpose))
        if known is None:
            known = self._derived[version, purpose] = _derive(self.roots[version], purpose)
        return known

    def pepper(self, version: str) -> bytes | None:
        """Give the key of the check digits; None for a version that is not held."""
        return self._key(version, "token-check") if version in self.roots else None

    def seal(self, version: str) -> bytes:
        """Give the key under which the rows of a version's tokens are sealed."""
        return self._key(version, "token-row")

    def signing(self, purpose: Purpose, version: str) -> bytes | None:
        """Give the key of a purpose; None for a version that is not held."""
        return self._key(version, purpose) if version in self.roots else None

    def sign(self, purpose: Purpose, message: str) -> str:
        """Sign a text: one character for the version of the key, and 43 of HMAC-SHA-256."""
        return self.newest + base64url.encode(_mac(self._key(self.newest, purpose), message))

    def is_signed(self, purpose: Purpose, message: str, signature: str) -> bool:
        """Tell whether `sign` gave this signature to this text, under a version that is still held."""
        key = self.signing(purpose, signature[:1])
        given = base64url.decode(signature[1:])
        return key is not None and given is not None and hmac.compare_digest(given, _mac(key, message))

    @property
    def cursor(self) -> bytes:
        """The key that signs cursors; they live for minutes."""
        return self._key(self.newest, "cursor")

    @property
    def arguments(self) -> bytes:
        """The key of argument hashes and of idempotency fingerprints."""
        return self._key(self.newest, "arguments")


@dataclass(frozen=True)
class DataKeys:
    """The keys of what is known about a merchant's customers."""

    roots: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, document: Mapping[str, str]) -> DataKeys:
        """Take a stored key document.

        Raises:
            KeysUnusable: it is empty, or a key is too short.

        """
        return cls(_checked(document))

    def customers(self, workspace_id: str) -> bytes:
        """Give the key of a workspace's customer references; it never changes, or all references would."""
        return _derive(self.roots[min(self.roots)], f"customers|{workspace_id}")

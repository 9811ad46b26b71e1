"""The one-way hash of a token's secret, as stored: argon2id with the parameters measured in docs/measurements.md.

For a random secret of 256 bits a slow hash adds no strength against guessing; it is what the product promises of stored
credentials, so it runs once for a token in a container and never per call (see `verified.py`).
"""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hash_secret(secret: str) -> str:
    """Hash a secret, about 25 ms; the result carries its salt and parameters."""
    return _hasher.hash(secret)


def secret_matches(secret: str, digest: str) -> bool:
    """Tell whether the secret has this digest, about 25 ms.

    Raises:
        argon2.exceptions.InvalidHashError: the digest is not one of ours (a damaged row).

    """
    try:
        return _hasher.verify(digest, secret)
    except VerifyMismatchError:
        return False

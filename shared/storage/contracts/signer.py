"""Who signs the log."""

from __future__ import annotations

from typing import Protocol


class Signer(Protocol):
    """A key for signatures: in AWS it never leaves KMS."""

    @property
    def public_key(self) -> bytes:
        """The public key, as SubjectPublicKeyInfo in DER."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Sign with ECDSA over P-256 and SHA-256, as ASN.1 DER.

        Raises:
            StoreUnavailable: it could not be signed; try again.

        """
        ...

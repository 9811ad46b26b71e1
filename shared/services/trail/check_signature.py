"""Check the signatures of a checkpoint with the public keys of the log that somebody trusts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from shared.domain.errors import Invalid
from shared.domain.trail.note import Note, key_id_of
from shared.domain.trail.verify import Signed

_END = "-----END PUBLIC KEY-----"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedKeys:
    """Public keys by their ids."""

    keys: Mapping[bytes, EllipticCurvePublicKey]

    @classmethod
    def of_pem(cls, text: str) -> TrustedKeys:
        """Read one or more public keys, one after the other.

        Raises:
            Invalid: there is none, or one is of another kind (`key_invalid`).

        """
        blocks = [f"{block}{_END}\n" for block in text.split(_END)[:-1]]
        if not blocks:
            raise _refused()
        return cls(keys=dict(_with_id(block) for block in blocks))

    def check(self, note: Note) -> Signed:
        """Say what the signatures of a note are worth: one of a trusted key is enough, and none may be wrong."""
        known = [(self.keys[each.key_id], each.signature) for each in note.signatures if each.key_id in self.keys]
        if not known:
            return Signed.BY_NOBODY_KNOWN
        return Signed.YES if all(_holds(key, signature, note.text) for key, signature in known) else Signed.WRONGLY


def _with_id(pem: str) -> tuple[bytes, EllipticCurvePublicKey]:
    try:
        key = load_pem_public_key(pem.encode())
    except ValueError:
        key = None
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise _refused()
    return key_id_of(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)), key


def _holds(key: EllipticCurvePublicKey, signature: bytes, text: str) -> bool:
    try:
        key.verify(signature, text.encode(), ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _refused() -> Invalid:
    return Invalid(
        "key_invalid",
        "The file holds no public key of the log, or another kind of key.",
        hint="Give the PEM of an ECDSA key over P-256, as GET /v1/audit/keys gives it.",
        field="key",
    )

"""Check the signatures of a checkpoint with the keys of the log that somebody trusts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from shared.domain.errors import Invalid
from shared.domain.trail.note import KeyUnreadable, Note, read_key
from shared.domain.trail.verify import Signed


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedKey:
    """A key under the name of the log that it signs for."""

    name: str
    key_id: bytes
    public: EllipticCurvePublicKey = field(repr=False)

    def holds(self, signature: bytes, text: str) -> bool:
        """Tell whether the key has signed this text."""
        try:
            self.public.verify(signature, text.encode(), ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedKeys:
    """What a reader trusts: one line for each key, in the form of c2sp.org/signed-note."""

    keys: tuple[TrustedKey, ...]

    @classmethod
    def of_lines(cls, lines: Iterable[str]) -> TrustedKeys:
        """Read keys; empty lines do no harm.

        Raises:
            Invalid: there is none, or one cannot be used (`key_invalid`).

        """
        keys = tuple(_key(line.strip()) for line in lines if line.strip())
        if not keys:
            raise _refused("there is none")
        return cls(keys=keys)

    def check(self, note: Note, origin: str) -> Signed:
        """Say what the signatures of a note are worth: one of a trusted key is enough, and none may be wrong."""
        signed = [
            key.holds(each.signature, note.text)
            for each in note.signatures
            for key in self.keys
            if (each.name, each.key_id) == (key.name, key.key_id) and key.name == origin
        ]
        if not signed:
            return Signed.BY_NOBODY_KNOWN
        return Signed.YES if all(signed) else Signed.WRONGLY


def _key(line: str) -> TrustedKey:
    try:
        key = read_key(line)
        public = load_der_public_key(key.public)
    except (KeyUnreadable, ValueError) as error:
        raise _refused(str(error)) from error
    if not isinstance(public, EllipticCurvePublicKey) or not isinstance(public.curve, SECP256R1):
        raise _refused("it is of another kind")
    return TrustedKey(name=key.name, key_id=key.key_id, public=public)


def _refused(why: str) -> Invalid:
    return Invalid(
        "key_invalid",
        f"This is no key of a log: {why}.",
        hint="Give one line for each key, as GET /v1/audit/keys gives them: name+id+key.",
        field="key",
    )

"""Signed notes and checkpoints of a log, in the forms of c2sp.org/signed-note and c2sp.org/tlog-checkpoint.

    {origin}                     the log's name, which is the signing key's, too
    {size}                       leaves in the tree
    {root}                       base64 of its root
                                 (an empty line)
    — {name} {signature}         base64 of the key's id (4 bytes) and the signature; one line for each key

What is signed is the text up to the empty line: ECDSA over P-256 with SHA-256, in ASN.1 DER. Checking a signature is
for `shared.services.trail`; this is about the form.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

KEY_ID_BYTES = 4
MOST_SIGNATURES = 16
ECDSA = b"\x02"
"""The kind of key, as signed notes number them."""
_SIGNATURE = re.compile(r"— (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/]+={0,2})")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class NoteUnreadable(ValueError):
    """The text is not a note, or the note is not a checkpoint. It says why, in words for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One line of signature under a note."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"— {self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text and who has signed it."""

    text: str
    """With the newline at its end."""
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(str(signature) for signature in self.signatures)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A log as it stood once: its first `size` leaves have this root."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedKey:
    """A public key under the name of the log that it signs for."""

    name: str
    public: bytes
    """SubjectPublicKeyInfo in DER."""

    @property
    def key_id(self) -> bytes:
        """Give the id by which signatures name the key."""
        return key_id_of(self.public)

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ECDSA + self.public).decode()}"


class KeyUnreadable(ValueError):
    """The text is not a key as `NamedKey` writes it. It says why, in words for a person."""


def read_key(written: str) -> NamedKey:
    """Read a key: its log's name, its id in hexadecimal, and base64 of the kind of key and the key.

    Raises:
        KeyUnreadable: it is none, or one of another kind.

    """
    match written.split("+", 2):
        case [name, key_id, encoded] if name:
            try:
                data = _base64(encoded, of="the key")
            except NoteUnreadable as error:
                raise KeyUnreadable(str(error)) from error
        case _:
            raise KeyUnreadable("a key is a name, an id and base64, with a plus sign between them")
    key = NamedKey(name=name, public=data[1:])
    if data[:1] != ECDSA or key.key_id.hex() != key_id:
        raise KeyUnreadable("the key is of another kind, or the id is not the key's")
    return key


def key_id_of(public_key: bytes) -> bytes:
    """Give the id of an ECDSA key: the first bytes of the SHA-256 of its SubjectPublicKeyInfo in DER."""
    return hashlib.sha256(public_key).digest()[:KEY_ID_BYTES]


def read_note(written: str) -> Note:
    """Take a note apart. Nothing in it may be believed before a signature of a known key has been checked.

    Raises:
        NoteUnreadable: it is not a signed note.

    """
    if any(character < " " and character != "\n" for character in written):
        raise NoteUnreadable("a note holds no control characters but newlines")
    text, empty_line, below = written.rpartition("\n\n")
    if not text or not empty_line or not below.endswith("\n"):
        raise NoteUnreadable("a note is a text, an empty line and lines of signatures, each with a newline at its end")
    lines = below.removesuffix("\n").split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise NoteUnreadable(f"the note has more than {MOST_SIGNATURES} signatures")
    return Note(text=f"{text}\n", signatures=tuple(_read_signature(line) for line in lines))


def read_checkpoint(text: str) -> Checkpoint:
    """Read the text of a note as a checkpoint; extension lines are let pass, and mean nothing.

    Raises:
        NoteUnreadable: it is no checkpoint.

    """
    match text.removesuffix("\n").split("\n"):
        case [origin, size, root, *extensions] if origin and all(extensions) and _SIZE.fullmatch(size):
            return Checkpoint(origin=origin, size=int(size), root=_base64(root, of="a root", length=32))
        case _:
            raise NoteUnreadable("a checkpoint is three lines: the log's name, its size and its root in base64")


def _read_signature(line: str) -> Signature:
    found = _SIGNATURE.fullmatch(line)
    if found is None:
        raise NoteUnreadable("a line of signature is a dash, the key's name and base64, with one space between them")
    signed = _base64(found["signature"], of="a signature")
    if len(signed) <= KEY_ID_BYTES:
        raise NoteUnreadable("a signature is too short")
    return Signature(name=found["name"], key_id=signed[:KEY_ID_BYTES], signature=signed[KEY_ID_BYTES:])


def _base64(text: str, *, of: str, length: int | None = None) -> bytes:
    """Read base64 that can be written in this way only."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise NoteUnreadable(f"{of} is not base64") from error
    if base64.b64encode(data).decode() != text or length not in {None, len(data)}:
        raise NoteUnreadable(f"{of} is not base64 of the right length")
    return data

"""Makes exports from docs/audit-format.md alone, so that the second verifier can be tried without the product."""

import base64
import hashlib
import json
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

FIRST = "0" * 64


def canonical(line: dict[str, object]) -> bytes:
    return json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def leaf(data: bytes) -> str:
    return hashlib.sha256(b"\0" + data).hexdigest()


def node(left: str, right: str) -> str:
    return hashlib.sha256(b"\1" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()


def split(size: int) -> int:
    """The largest power of two below a size."""
    k = 1
    while 2 * k < size:
        k *= 2
    return k


def root(leaves: Sequence[str]) -> str:
    if not leaves:
        return hashlib.sha256().hexdigest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node(root(leaves[:k]), root(leaves[k:]))


def path(leaves: Sequence[str], index: int) -> list[str]:
    """RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return [*path(leaves[:k], index), root(leaves[k:])]
    return [*path(leaves[k:], index - k), root(leaves[:k])]


def growth(leaves: Sequence[str], size: int, *, whole: bool = True) -> list[str]:
    """RFC 6962, 2.1.2."""
    if size == len(leaves):
        return [] if whole else [root(leaves)]
    k = split(len(leaves))
    if size <= k:
        return [*growth(leaves[:k], size, whole=whole), root(leaves[k:])]
    return [*growth(leaves[k:], size - k, whole=False), root(leaves[:k])]


class Key:
    """A key of a log."""

    def __init__(
        self, name: str, private: ec.EllipticCurvePrivateKey | None = None, key_id: bytes | None = None
    ) -> None:
        self.name = name
        self.private = private or ec.generate_private_key(ec.SECP256R1())
        public = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.id = key_id or hashlib.sha256(public).digest()[:4]
        self.line = f"{name}+{self.id.hex()}+{base64.b64encode(bytes([2]) + public).decode()}"

    def sign(self, text: str) -> str:
        """The note of a text."""
        return f"{text}\n{self.signature(text)}"

    def signature(self, text: str) -> str:
        signature = self.private.sign(text.encode(), ec.ECDSA(SHA256()))
        return f"\u2014 {self.name} {base64.b64encode(self.id + signature).decode()}\n"


class Maker:
    """A log, and the seals of the workspaces in it."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self.log: list[str] = []
        self.seals: dict[str, list[tuple[bytes, list[bytes]]]] = {}  # by workspace: the line of each, and its rows

    def seal(self, workspace: str, rows: int, **other: object) -> None:
        """Add a seal. `other`: what it says instead of what is true."""
        chain = self.seals.setdefault(workspace, [])
        before = sum(len(rows) for _, rows in chain)
        data = [self.row(workspace, before + n) for n in range(rows)]
        line = {"kind": "seal", "workspace": workspace, "number": len(chain) + 1, "count": rows, "total": before + rows}
        line |= {"root": root([leaf(row) for row in data]), "previous": leaf(chain[-1][0]) if chain else FIRST}
        seal = canonical({**line, "at": "2026-11-22T06:00:00.000Z", **other})
        chain.append((seal, data))
        self.log.append(leaf(seal))

    @staticmethod
    def row(workspace: str, n: int) -> bytes:
        data = {"note": "two lines\u2028one line", "n": n}
        return canonical({"kind": "event", "id": f"{workspace}-{n}", "type": "mcp.called", "data": data})

    def note(self, size: int | None = None) -> str:
        leaves = self.log[:size]
        said = base64.b64encode(bytes.fromhex(root(leaves))).decode()
        return self.key.sign(f"{self.key.name}\n{len(leaves)}\n{said}\n")

    def proof(self, workspace: str, last: int, grown_from: int | None = None) -> bytes:
        line = leaf(self.seals[workspace][last - 1][0])
        index = self.log.index(line)
        proof = {"kind": "proof", "workspace": workspace, "seal": last, "hash": line, "index": index}
        grown = {"size": grown_from, "path": growth(self.log, grown_from)} if grown_from else None
        return canonical({**proof, "path": path(self.log, index), "note": self.note(), "growth": grown})

    def export(self, workspace: str, first: int, last: int, grown_from: int | None = None) -> bytes:
        lines = [self.head(workspace, first, last)]
        for seal, rows in self.seals[workspace][first - 1 : last]:
            lines += [seal, canonical({"kind": "leaves", "hashes": [leaf(row) for row in rows]}), *rows]
        return b"".join(line + b"\n" for line in [*lines, self.proof(workspace, last, grown_from)])

    def one(self, workspace: str, number: int, index: int) -> bytes:
        """A file of one event."""
        seal, rows = self.seals[workspace][number - 1]
        place = canonical({"kind": "place", "index": index, "path": path([leaf(row) for row in rows], index)})
        lines = [self.head(workspace, number, number), seal, place, rows[index], self.proof(workspace, number)]
        return b"".join(line + b"\n" for line in lines)

    @staticmethod
    def head(workspace: str, first: int, last: int) -> bytes:
        head = {"kind": "trail", "format": "merchant-mcp-trail/1", "workspace": workspace}
        return canonical({**head, "first": first, "last": last})

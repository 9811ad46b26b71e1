"""A second verifier of exports, written from docs/audit.md alone: it imports nothing of the product.

In a shell: `python second_verifier.py FILE --key KEY [--key KEY] [--earlier FILE]`. KEY is the line of a key, or a file
of such lines; an earlier FILE ends with the proof that was kept.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

Line = dict[str, Any]


def leaf_hash(data: bytes) -> str:
    return hashlib.sha256(b"\0" + data).hexdigest()


def node_hash(left: str, right: str) -> str:
    return hashlib.sha256(b"\1" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()


def root_of(leaves: Sequence[str]) -> str:
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(root_of(leaves[:k]), root_of(leaves[k:]))


def leads(path: Iterable[str], leaf: str, index: int, size: int, root: str) -> bool:
    """RFC 9162, 2.1.3.2."""
    if index >= size:
        return False
    fn, sn = index, size - 1
    for step in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            leaf = node_hash(step, leaf)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            leaf = node_hash(leaf, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and leaf == root


def grew(path: Sequence[str], old_size: int, old_root: str, size: int, root: str) -> bool:
    """RFC 9162, 2.1.4.2, for a log that has grown."""
    if not path:
        return False
    steps = [old_root, *path] if old_size & (old_size - 1) == 0 else path
    fn, sn = old_size - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            old, new = node_hash(step, old), node_hash(step, new)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            new = node_hash(new, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and old == old_root and new == root


def fits(x: object, form: str) -> bool:
    """Whether a value is of the form that the table gives it."""
    match x:
        case str():
            ours = x == "merchant-mcp-trail/1" if form == "format" else re.fullmatch("[0-9a-f]{64}", x) is not None
            return form == "text" or (form in ("format", "hash") and ours)
        case int() if type(x) is int:  # `true` is an int to Python
            return form in ("number", "index") and (form == "number") <= x < 2**53
        case list():
            return form == "hashes" and all(fits(one, "hash") for one in cast(list[object], x))
        case dict():
            return form == "growth" and has(cast(Line, x), {"size": "number", "path": "hashes"})
        case _:
            return form == "growth" and x is None


def has(line: Line, fields: dict[str, str]) -> bool:
    return line.keys() == fields.keys() and all(fits(line[name], form) for name, form in fields.items())


FIELDS = {
    "trail": {"kind": "text", "format": "format", "workspace": "text", "first": "number", "last": "number"},
    "seal": {"kind": "text", "workspace": "text", "number": "number", "count": "number", "total": "number"}
    | {"root": "hash", "previous": "hash", "at": "text"},
    "leaves": {"kind": "text", "hashes": "hashes"},
    "place": {"kind": "text", "index": "index", "path": "hashes"},
    "proof": {"kind": "text", "workspace": "text", "seal": "number", "hash": "hash", "index": "index"}
    | {"path": "hashes", "note": "text", "growth": "growth"},
}
# What may stand behind a line. `alone` is the event of a file that has a `place`.
FOLLOWS = {"": "trail", "trail": "seal proof", "seal": "leaves place", "place": "event", "alone": "proof", "proof": ""}
FOLLOWS.update(dict.fromkeys(("leaves", "event"), "event seal proof"))


def refuse(literal: str) -> object:
    raise ValueError(literal)


READER = json.JSONDecoder(parse_float=refuse, parse_constant=refuse)  # there are no fractions
WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read_line(raw: bytes) -> Line | None:
    """What a line says, or None if it is not canonical JSON of some kind, ended by a newline."""
    try:
        text = raw.decode()
        line: object = READER.decode(text)
        canonical = WRITER.encode(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(line, dict) or text != canonical + "\n":  # duplicate names, a BOM, CRLF, an open end too
        return None
    line = cast(Line, line)
    return line if isinstance(line.get("kind"), str) else None


def has_form(line: Line) -> bool:
    """Whether a line has the fields of its kind. Of an event, only the bytes matter."""
    return line["kind"] == "event" or has(line, FIELDS.get(line["kind"], {}))


class Note(NamedTuple):
    """A checkpoint, and what its signatures say: name, key id, signature."""

    origin: str
    size: int
    root: str
    signed: bytes
    signatures: list[tuple[str, bytes, bytes]]


def from_base64(text: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:  # bits behind the last byte
        raise ValueError(text)
    return data


def is_name(text: str) -> bool:
    return text != "" and "+" not in text and not any(map(str.isspace, text))


def read_note(note: str) -> Note | None:
    """What a note says, or None if it has no form."""
    text, empty, below = note.rpartition("\n\n")
    said, lines = text.split("\n"), below.split("\n")
    if not empty or lines.pop() or not 1 <= len(lines) <= 16 or re.search(r"[\x00-\x09\x0b-\x1f]", note):
        return None
    if len(said) < 3 or "" in said or not re.fullmatch("0|[1-9][0-9]{0,18}", said[1]):
        return None
    origin, size, root, *_ = said
    signatures: list[tuple[str, bytes, bytes]] = []
    try:
        root_hash = from_base64(root)
        for line in lines:
            dash, name, signature = line.split(" ")
            data = from_base64(signature)
            if dash != "\u2014" or not is_name(name) or len(data) <= 4:
                return None
            signatures.append((name, data[:4], data[4:]))
    except ValueError:
        return None
    return Note(origin, int(size), root_hash.hex(), f"{text}\n".encode(), signatures) if len(root_hash) == 32 else None


def read_key(line: str) -> tuple[str, bytes, EllipticCurvePublicKey]:
    """Name, id and public key of a key's line."""
    name, key_id, data = line.strip().split("+", 2)
    der = from_base64(data)
    key = load_der_public_key(der[1:])
    if not (is_name(name) and der[0] == 2 and bytes.fromhex(key_id) == hashlib.sha256(der[1:]).digest()[:4]):
        raise ValueError(f"not a key of a log: {line}")
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise TypeError(f"not a key of P-256: {line}")
    return name, bytes.fromhex(key_id), key


def is_right(key: EllipticCurvePublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def check_rows(hashes: list[str], rows: list[str]) -> list[str]:
    """Check 5."""
    if rows == hashes:
        return []
    lines_left, hashes_left = Counter(rows), Counter(hashes)
    if lines_left == hashes_left:
        return ["rows_reordered"]
    lines_left.subtract(hashes)  # below zero: so many of the last hashes like it have no counterpart
    missing: set[int] = set()
    for place in range(len(hashes) - 1, -1, -1):
        if lines_left[hashes[place]] < 0:
            lines_left[hashes[place]] += 1
            missing.add(place)
    found: list[str] = []
    for place, row in enumerate(rows):
        hashes_left[row] -= 1
        if hashes_left[row] < 0:
            modified = len(rows) == len(hashes) and place in missing
            found.append("row_modified" if modified else "row_inserted")
            missing -= {place} if modified else set()
    return found + ["row_deleted"] * len(missing)


@dataclass
class Verifier:
    """One reading of a file. `earlier` is the proof of an export that held."""

    earlier: Line | None
    found: list[str] = field(default_factory=list[str])
    trail: Line = field(default_factory=Line)
    before: Line | None = None  # the seal line before the last
    before_hash: str = ""
    seal: Line | None = None  # the last seal line
    seal_hash: str = ""
    hashes: list[str] = field(default_factory=list[str])
    place: Line | None = None  # instead of `hashes`, in a file of one event
    rows: list[str] = field(default_factory=list[str])
    proof: Line | None = None

    def read(self, lines: Iterable[bytes]) -> bool:
        """Checks 1 to 5. Gives whether every line had its form and its place."""
        before = ""
        for raw in lines:
            line = read_line(raw)
            if line is None:
                return False
            kind: str = line["kind"]
            if kind in ("seal", "proof") and before in ("leaves", "event", "alone"):
                self.check_seal()  # now all that is under it was read
            many = kind == "place" and (self.trail.get("first") != self.trail.get("last") or self.before is not None)
            if kind not in FOLLOWS[before].split() or not has_form(line) or many:
                return False
            self.take(kind, line, leaf_hash(raw[:-1]))
            before = "alone" if kind == "event" and self.place else kind
        return before == "proof"

    def take(self, kind: str, line: Line, line_hash: str) -> None:
        if kind == "seal":
            self.before, self.before_hash = self.seal, self.seal_hash
            self.seal, self.seal_hash, self.rows = line, line_hash, []
        elif kind == "leaves":
            self.hashes = line["hashes"]
        elif kind == "event":
            self.rows.append(line_hash)
        else:
            setattr(self, kind, line)  # `trail`, `place` or `proof`

    def check_seal(self) -> None:
        """Checks 2 to 5 of the last seal."""
        seal, place = self.seal or {}, self.place
        self.check_place(seal)
        if place is None and seal["count"] != len(self.hashes):
            self.found.append("count_wrong")
        self.check_total(seal)
        if place is None:
            if not self.hashes or root_of(self.hashes) != seal["root"]:
                self.found.append("leaf_swapped")
            self.found += check_rows(self.hashes, self.rows)
        elif not leads(place["path"], self.rows[0], place["index"], seal["count"], seal["root"]):
            self.found.append("row_not_in_seal")

    def check_place(self, seal: Line) -> None:
        """Check 2."""
        number: int = seal["number"]
        expected = self.before["number"] + 1 if self.before else self.trail["first"]
        kept = self.earlier if self.earlier and self.earlier["workspace"] == self.trail["workspace"] else None
        other_kept = kept is not None and kept["seal"] == number and kept["hash"] != self.seal_hash
        previous = self.before_hash if self.before else "0" * 64 if number == 1 else None  # None: not known
        if kept and not self.before and number == kept["seal"] + 1:
            previous = kept["hash"]
        if seal["workspace"] != self.trail["workspace"] or number < expected or number > self.trail["last"]:
            self.found.append("seal_out_of_place")
        elif number > expected:
            self.found.append("seal_missing")
        elif previous not in (None, seal["previous"]) or other_kept:
            self.found.append("seal_forked")

    def check_total(self, seal: Line) -> None:
        """Check 3, its second sentence."""
        before = self.before
        if before and before["number"] == seal["number"] - 1:
            right = seal["total"] == before["total"] + seal["count"]
        else:
            right = seal["total"] == seal["count"] if seal["number"] == 1 else seal["total"] > seal["count"]
        self.found += [] if right else ["count_wrong"]

    def check_end(self) -> None:
        """Check 6."""
        if self.seal is None or self.seal["number"] < self.trail["last"]:
            self.found.append("seal_missing")
        if self.earlier is None:
            return
        if self.earlier["workspace"] != self.trail["workspace"]:
            self.found.append("seal_out_of_place")
        elif self.place:
            return  # one event may be of any seal
        elif self.trail["last"] < self.earlier["seal"]:
            self.found.append("trail_rolled_back")
        elif self.trail["first"] > self.earlier["seal"] + 1:
            self.found.append("seal_missing")

    def check_log(self, keys: list[str]) -> None:
        """Checks 7 to 9."""
        proof = self.proof
        note = read_note(proof["note"]) if proof else None
        earlier = read_note(self.earlier["note"]) if self.earlier else note
        if proof is None or note is None or earlier is None:
            self.found.append("file_unreadable")
            return
        tried = [
            is_right(key, signature, note.signed)
            for name, key_id, key in map(read_key, keys)
            for signer, signer_id, signature in note.signatures
            if name == note.origin and (name, key_id) == (signer, signer_id)
        ]
        if not tried:
            self.found.append("key_unknown")
        elif not all(tried):
            self.found.append("signature_wrong")
        last = (self.seal["workspace"], self.seal["number"], self.seal_hash) if self.seal else None
        if (proof["workspace"], proof["seal"], proof["hash"]) != last or not leads(
            proof["path"], proof["hash"], proof["index"], note.size, note.root
        ):
            self.found.append("seal_not_in_log")
        if self.earlier:
            self.found += check_growth(note, proof["growth"], earlier)


def check_growth(note: Note, growth: Line | None, earlier: Note) -> list[str]:
    """Check 9."""
    if earlier.origin != note.origin:
        return ["log_rewritten"]
    if earlier.size > note.size:
        return ["log_rolled_back"]
    if earlier.size == note.size:
        return [] if earlier.root == note.root else ["log_rewritten"]
    if growth is None or growth["size"] != earlier.size:
        return ["growth_missing"]
    return [] if grew(growth["path"], earlier.size, earlier.root, note.size, note.root) else ["log_rewritten"]


def verify(lines: Iterable[bytes], *, keys: list[str], earlier: str | None = None) -> list[str]:
    """Names of what is wrong with a file opened as bytes, or with its lines: none if it holds."""
    kept = read_line(f"{earlier.rstrip()}\n".encode()) if earlier is not None else None
    if earlier is not None and (kept is None or kept["kind"] != "proof" or not has_form(kept)):
        raise ValueError("what was kept is not a proof")
    verifier = Verifier(kept)
    if verifier.read(lines):
        verifier.check_end()
        verifier.check_log(keys)
    else:
        verifier.found.append("file_unreadable")
    return verifier.found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Check an export of the audit trail.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", action="append", required=True, help="a key that you trust, or a file of them")
    parser.add_argument("--earlier", type=Path, help="an export that held, or its proof")
    asked = parser.parse_args(arguments)
    earlier = asked.earlier.read_bytes().decode().rstrip("\n").rpartition("\n")[2] if asked.earlier else None
    keys = [line for key in asked.key for line in (Path(key).read_text().split() if Path(key).is_file() else [key])]
    with asked.file.open("rb") as lines:
        found = verify(lines, keys=keys, earlier=earlier)
    sys.stdout.write("".join(f"{name}\n" for name in found) or "holds\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""A second verifier of exports, written from docs/audit-format.md alone, whose numbers the checks have.

`python second_verifier.py FILE --key KEY [--key KEY] [--earlier FILE]`: KEY is the line of a key, or a file of such
lines; an earlier FILE ends with the proof that was kept.
"""

import argparse
import json
import re
import sys
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

Line = dict[str, Any]
Type = Callable[[Any], object]
Key = tuple[str, bytes, EllipticCurvePublicKey]
Note = tuple[str, int, str, bytes, list[tuple[str, bytes]]]  # origin, size, root, signed text, signatures
FIELDS = {
    "trail": "kind format workspace first last",
    "seal": "kind workspace number count total root previous at",
    "leaves": "kind hashes",
    "place": "kind index path",
    "proof": "kind workspace seal hash index path note growth",
}
TYPES: dict[str, Type] = {
    "kind workspace at note": lambda x: isinstance(x, str),
    "format": lambda x: x == "merchant-mcp-trail/1",
    "first last number count total seal size": lambda x: type(x) is int and 1 <= x < 2**53,
    "index": lambda x: type(x) is int and 0 <= x < 2**53,
    "root previous hash": lambda x: isinstance(x, str) and re.fullmatch("[0-9a-f]{64}", x),
    "hashes path": lambda x: isinstance(x, list) and all(map(TYPE["hash"], cast(list[Any], x))),
    "growth": lambda x: x is None or (isinstance(x, dict) and has(cast(Line, x), "size path")),
}
TYPE: dict[str, Type] = {name: fits for names, fits in TYPES.items() for name in names.split()}
READER = json.JSONDecoder(parse_float=str, parse_constant=str)  # what it reads as text is not written as it was
WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
TEXT, SIGNATURE = r"([^\x00-\x1f]+)\n", r"\u2014 ([^\s+\x00-\x1f]+) (\S+)\n"
NOTE = re.compile(rf"({TEXT}(0|[1-9][0-9]{{0,18}})\n{TEXT}(?:{TEXT})*)\n((?:{SIGNATURE}){{1,16}})")


def require(held: object, what: str) -> None:
    if not held:
        raise ValueError(what)


def has(x: Line, names: str) -> bool:
    return x.keys() == {*names.split()} and all(TYPE[name](x[name]) for name in x)


def form(raw: bytes) -> Line:
    line: Line = READER.decode(raw.decode())
    require(type(line) is dict and line.get("kind") in ("event", *FIELDS), "no line of a file")
    require(f"{WRITER.encode(line)}\n".encode() == raw, "not canonical")
    return line


def sections(lines: Iterable[bytes]) -> Iterator[list[Line]]:
    """Check 1. Give the `trail`, each seal with the lines behind it, the `proof`; each line with its leaf hash."""
    section, shape = list[Line](), "trail"
    for raw in lines:
        line, leaf = form(raw), sha256(b"\0" + raw[:-1]).hexdigest()
        kind = line["kind"]
        if kind in ("seal", "proof"):
            require(re.fullmatch(shape, " ".join(each["kind"] for each in section)), "lines out of place")
            yield section
            section, shape = [], "seal leaves( event)*|seal place event"
        require(kind == "event" or has(line, FIELDS[kind]), "not of its kind")
        section.append({"kind": kind, "leaf": leaf} if kind == "event" else line | {"leaf": leaf})
    require([each["kind"] for each in section] == ["proof"], "no end")
    yield section


def node(left: str, right: str) -> str:
    return sha256(b"\1" + bytes.fromhex(left + right)).hexdigest()


def root_of(leaves: list[str]) -> str:
    k = 1 << (len(leaves) - 1).bit_length() - 1 if len(leaves) > 1 else 0
    return node(root_of(leaves[:k]), root_of(leaves[k:])) if k else leaves[0]


def climb(path: list[str], fn: int, sn: int, start: str) -> tuple[str, str]:
    """Give `fr` and `sr` of RFC 9162, 2.1.4.2, at the end of the path; `sr` is also `r` of 2.1.3.2."""
    levels = [(fn >> level, sn >> level) for level in range(sn.bit_length())]
    sides = [f & 1 for f, s in levels if f & 1 or f < s]  # else nothing stands beside it
    fr = sr = start
    for is_right, step in zip(sides, path, strict=False):
        fr, sr = (node(step, fr), node(step, sr)) if is_right else (fr, node(sr, step))
    return (fr, sr) if len(path) == len(sides) and fn <= sn else ("", "")


def first(*cases: tuple[str, object]) -> list[str]:
    """Name the first case that applies."""
    return [name for name, applies in cases if applies][:1]


def check_2(trail: Line, kept: Line, before: Line, seal: Line) -> list[str]:
    number, expected = seal["number"], before["number"] + 1 if before else trail["first"]
    known = {0: "0" * 64} | ({kept["seal"]: kept["hash"]} if kept.get("workspace") == trail["workspace"] else {})
    previous = before["leaf"] if before else known.get(number - 1, seal["previous"])
    elsewhere = seal["workspace"] != trail["workspace"] or number < expected or number > trail["last"]
    forked = seal["previous"] != previous or seal["leaf"] != known.get(number, seal["leaf"])
    return first(("seal_out_of_place", elsewhere), ("seal_missing", number > expected), ("seal_forked", forked))


def check_3(before: Line, seal: Line, under: Line) -> list[str]:
    counted = under["kind"] == "place" or seal["count"] == len(under["hashes"])
    totals = ({before["number"] + 1: before["total"]} if before else {}) | {1: 0}  # of all before a number
    others = seal["total"] - seal["count"]
    right = others == totals[seal["number"]] if seal["number"] in totals else others > 0
    return first(("count_wrong", not counted)) + first(("count_wrong", not right))


def check_4(seal: Line, under: Line, rows: list[str]) -> list[str]:
    if under["kind"] == "leaves":
        return first(("leaf_swapped", not under["hashes"] or root_of(under["hashes"]) != seal["root"]))
    root = climb(under["path"], under["index"], seal["count"] - 1, rows[0])[1]
    return first(("row_not_in_seal", root != seal["root"]))


def without(counterparts: list[str], ours: list[str]) -> list[int]:
    """Give the places of those of ours that have no counterpart left."""
    left, places = Counter(counterparts), list[int]()
    for place, one in enumerate(ours):
        left[one] -= 1
        places += [place] if left[one] < 0 else []
    return places


def check_5(hashes: list[str], rows: list[str]) -> list[str]:
    if rows == hashes:
        return []
    extra, missing = without(hashes, rows), without(rows, hashes)
    modified = {*extra} & {*missing} if len(rows) == len(hashes) else set[int]()
    found = ["row_modified" if place in modified else "row_inserted" for place in extra]
    return found + ["row_deleted"] * (len(missing) - len(modified)) or ["rows_reordered"]


def check_6(trail: Line, kept: Line, seal: Line, *, alone: bool) -> list[str]:
    return first(("seal_missing", not seal or seal["number"] < trail["last"])) + first(
        ("seal_out_of_place", kept and kept["workspace"] != trail["workspace"]),
        ("trail_rolled_back", kept and not alone and trail["last"] < kept["seal"]),
        ("seal_missing", kept and not alone and trail["first"] > kept["seal"] + 1),
    )


def from_base64(text: str) -> bytes:
    data = b64decode(text)
    require(b64encode(data).decode() == text, "no base64 of RFC 4648, 4")
    return data


def read_note(note: str) -> Note:
    if not (match := NOTE.fullmatch(note)):
        raise ValueError("not a note")
    text, origin, size, root, _, below, *_ = match.groups()
    signatures = [(name, from_base64(data)) for name, data in re.findall(SIGNATURE, below)]
    require(len(from_base64(root)) == 32 and all(len(data) > 4 for _, data in signatures), "too short or too long")
    return origin, int(size), from_base64(root).hex(), text.encode(), signatures


def read_key(line: str) -> Key:
    name, key_id, data = line.strip().split("+", 2)
    der = from_base64(data)
    key, digest = load_der_public_key(der[1:]), sha256(der[1:]).digest()
    require(re.fullmatch(r"\S+", name) and der[0] == 2 and key_id == digest[:4].hex(), f"not a key of a log: {line}")
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise TypeError(f"not a key of P-256: {line}")
    return name, digest[:4], key


def check_7(keys: list[Key], note: Note) -> list[str]:
    origin, _, _, signed, signatures = note
    tried = right = 0
    for (name, key_id, key), (signer, data) in product(keys, signatures):
        if name == signer == origin and key_id == data[:4]:
            tried += 1
            with suppress(InvalidSignature):
                key.verify(data[4:], signed, ECDSA(SHA256()))
                right += 1
    return first(("key_unknown", not tried), ("signature_wrong", right < tried))


def check_8(seal: Line, proof: Line, size: int, root: str) -> list[str]:
    last = [seal.get("workspace"), seal.get("number"), seal.get("leaf")]
    same = last == [proof["workspace"], proof["seal"], proof["hash"]]
    climbed = climb(proof["path"], proof["index"], size - 1, proof["hash"])[1]
    return first(("seal_not_in_log", not same or climbed != root))


def check_9(old: Note, new: Note, growth: Line | None) -> list[str]:
    (old_origin, old_size, old_root, *_), (origin, size, root, *_) = old, new
    if old_origin != origin or old_size >= size:
        rewritten = old_origin != origin or (old_size == size and old_root != root)
        return first(("log_rewritten", rewritten), ("log_rolled_back", old_size > size))
    if growth is None or growth["size"] != old_size:
        return ["growth_missing"]
    level = (old_size & -old_size).bit_length() - 1  # of the last whole tree in the old log
    path = growth["path"] if old_size >> level > 1 else [old_root, *growth["path"]]
    climbed = path and climb(path[1:], old_size - 1 >> level, size - 1 >> level, path[0])
    return first(("log_rewritten", climbed != (old_root, root)))


def verify(lines: Iterable[bytes], *, keys: list[str], earlier: str | None = None) -> list[str]:
    """Name what is wrong with a file opened as bytes, or its lines; `earlier` ends with the proof that was kept."""
    trusted, found, alone = [read_key(key) for key in keys], list[str](), False
    kept: Line = form(earlier.rstrip().rpartition("\n")[2].encode() + b"\n") if earlier is not None else {}
    require(earlier is None or (has(kept, FIELDS["proof"]) and kept["kind"] == "proof"), "no proof was kept")
    trail, seal, proof = Line(), Line(), Line()
    try:
        for line, *behind in sections(lines):
            if line["kind"] == "seal":
                before, seal, under, rows = seal, line, behind[0], [row["leaf"] for row in behind[1:]]
                alone = alone or under["kind"] == "place"
                require(not alone or (not before and trail["first"] == trail["last"]), "not one event alone")
                found += check_2(trail, kept, before, seal) + check_3(before, seal, under) + check_4(seal, under, rows)
                found += [] if alone else check_5(under["hashes"], rows)
            else:
                trail, proof = trail or line, line
        found += check_6(trail, kept, seal, alone=alone)
        note, old = read_note(proof["note"]), read_note(kept["note"]) if kept else None
        found += check_7(trusted, note) + check_8(seal, proof, note[1], note[2])
        found += check_9(old, note, proof["growth"]) if old else []
    except (ValueError, RecursionError):
        found.append("file_unreadable")
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Check an export of the audit trail.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", action="append", required=True, help="a key that you trust, or a file of them")
    parser.add_argument("--earlier", type=Path, help="an export that held, or its proof")
    asked = parser.parse_args()
    kept_line = asked.earlier.read_bytes().decode() if asked.earlier else None
    key_lines = [Path(key).read_text() if Path(key).is_file() else key for key in asked.key]
    with asked.file.open("rb") as opened:
        wrong = verify(opened, keys=" ".join(key_lines).split(), earlier=kept_line)
    sys.stdout.write("\n".join(wrong or ["holds"]) + "\n")
    raise SystemExit(1 if wrong else 0)

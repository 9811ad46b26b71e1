"""Exports that have not the form."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.domain.trail.second.altering import S1, S3, Tampering, changed, other_row, signed_anew, tampered
from tests.domain.trail.second.maker import canonical
from tests.domain.trail.second.scene import Scene, reworded


def notes(scene: Scene) -> Iterator[Tampering]:
    whole, key = scene.whole, scene.key
    note: str = json.loads(whole[-1])["note"]
    text, _, signature = note.rpartition("\n\n")
    root, encoded = text.split("\n")[2], signature.split(" ")[2].removesuffix("\n")
    for name, other in {
        "nothing": "",
        "no newline at the end": note[:-1],
        "a newline more": f"{note}\n",
        "no empty line": note.replace("\n\n", "\n"),
        "CRLF": note.replace("\n", "\r\n"),
        "a tabulator": note.replace(" ", "\t"),
        "no signature": f"{text}\n\n",
        "17 signatures": note + signature * 16,
        "a hyphen": note.replace("\u2014", "-"),
        "two spaces": note.replace("\u2014 ", "\u2014  "),
        "a space behind": note[:-1] + " \n",
        "a no-break space": note.replace("\u2014 ", "\u2014\u00a0"),
        "base64 without padding": note.replace(root, root.rstrip("=")),
        "base64 with other bits": note.replace(root, root[:-2] + chr(ord(root[-2]) + 1) + "="),
        "base64 for addresses": note.replace(root, "-_" + root[2:]),
        "a root of 31 bytes": note.replace(root, root[4:-4] + "AAA="),
        "a signature of no bytes": note.replace(encoded, encoded[:4] + "AA=="),
        "a size with a zero in front": note.replace("\n10\n", "\n010\n"),
        "a size with a sign": note.replace("\n10\n", "\n+10\n"),
        "a size of Arabic digits": note.replace("\n10\n", "\n\u0661\u0660\n"),
        "a size of 20 digits": note.replace("\n10\n", "\n10000000000000000000\n"),
        "no origin": note.replace(f"{key.name}\n", "\n", 1),
        "two lines": key.sign(f"{key.name}\n10\n"),
        "an empty line more": key.sign(f"{key.name}\n10\n{root}\n\nmore\n"),
        "an empty line more behind it, signed": key.sign(f"{text}\n\n"),
        "a tabulator that is signed": key.sign(f"{text}\nmore\t\n"),
        "no name": note.replace(f"\u2014 {key.name}", "\u2014 "),
        "a no-break space in a name": note.replace("\u2014 mcp", "\u2014 m\u00a0p"),
        "a name with a plus sign": note.replace("\u2014 mcp", "\u2014 m+p"),
    }.items():
        yield tampered(f"no note: {name}", signed_anew(whole, other), "file_unreadable")
    yield tampered("a note with a line more, signed", signed_anew(whole, key.sign(f"{text}\nmore \x7f\u2028\n")))
    yield tampered("a note with 16 signatures, all right", signed_anew(whole, note + signature * 15))
    yield tampered("an origin with a space", signed_anew(whole, key.sign(f"a log\n10\n{root}\n")), "key_unknown")


def forms(scene: Scene) -> Iterator[Tampering]:
    whole, bad = scene.whole, "file_unreadable"
    head, seal, row, proof = whole[0], whole[S3], whole[S3 + 2], whole[-1]

    def raw(name: str, number: int, line: bytes) -> Tampering:
        return tampered(name, changed(whole, number, line), bad)

    yield tampered("an empty file", [], bad)
    yield tampered("a BOM", [b"\xef\xbb\xbf", *whole], bad)
    yield tampered("CRLF", [line.replace(b"\n", b"\r\n") for line in whole], bad)
    yield tampered("no newline at the end", [*whole[:-1], proof[:-1]], bad)
    yield tampered("no newlines", [line[:-1] for line in whole], bad)
    yield tampered("an empty line at the end", [*whole, b"\n"], bad)
    yield tampered("spaces at the end", [*whole, b" "], bad)
    yield tampered("the proof twice", [*whole, proof], bad)
    yield tampered("another file behind", [*whole, *whole], bad)
    yield tampered("an empty line", [*whole[:S3], b"\n", *whole[S3:]], bad)
    yield raw("bytes that are no UTF-8", S3 + 2, row.replace(b"get_pnl", b"get_\xffpnl"))
    yield raw("a surrogate in UTF-8", S3 + 2, row.replace(b"get_pnl", b"get_\xed\xa0\x80"))
    yield raw("an overlong newline", S3 + 2, row.replace(b"get_pnl", b"get_\xc0\x8a"))
    yield raw("an escaped surrogate", S3 + 2, row.replace(b"get_pnl", b"get_\\ud800"))
    yield raw("an escape that is none", S3 + 2, row.replace(b"get_pnl", b"get_\\u0070nl"))
    yield raw("a space", S3, seal.replace(b":", b": ", 1))
    yield raw(
        "names in another order", S3, seal.replace(b'{"at"', b'{"kind":"seal","at"').replace(b',"kind":"seal"', b"", 1)
    )
    yield raw("a name twice", S3, seal.replace(b'{"at"', b'{"at":"","at"'))
    yield raw("a name twice in a row", S3 + 2, row.replace(b'{"actor"', b'{"actor":"","actor"'))
    yield raw("a fraction in a row", S3 + 2, reworded(row, tool=1.5))
    yield raw("no number in a row", S3 + 2, reworded(row, tool=float("nan")))
    yield raw("a row that is a list", S3 + 2, b"[]\n")
    yield raw("brackets without end", S3 + 2, b"[" * 100_000 + b"\n")
    yield raw("a number without end", S3 + 2, b'{"kind":"event","n":' + b"9" * 10_000 + b"}\n")
    yield raw("a kind that is unknown", S3 + 2, reworded(row, kind="more"))
    yield raw("a kind that is none", S3 + 2, reworded(row, kind=None))
    yield raw("another format", 0, reworded(head, format="merchant-mcp-trail/2"))
    yield raw("upper case in a hash", S3, reworded(seal, root="A" + json.loads(seal)["root"][1:]))


def fields(scene: Scene) -> Iterator[Tampering]:
    whole, bad = scene.whole, "file_unreadable"

    def raw(name: str, number: int, line: bytes) -> Tampering:
        return tampered(name, changed(whole, number, line), bad)

    for number in (0, -1, True, 2**53, 1.0, 10**30, "1", None):
        for place, field in ((0, "first"), (0, "last"), (S3, "number"), (S3, "count"), (S3, "total"), (-1, "seal")):
            yield raw(
                f"a number that counts nothing: {json.dumps(number)} as {field}",
                place,
                reworded(whole[place], **{field: number}),
            )
    for number in (-1, False, 2**53, 0.0, "0", None):
        yield raw(f"a number that counts nothing: {json.dumps(number)} as index", -1, reworded(whole[-1], index=number))
    none: list[str] = []
    for growth in (
        {},
        none,
        False,
        0,
        {"size": 0, "path": none},
        {"size": True, "path": none},
        {"size": 1, "path": None},
    ):
        yield raw(f"growth that is none: {json.dumps(growth)}", -1, reworded(whole[-1], growth=growth))
    yield raw("a field more: in growth", -1, reworded(whole[-1], growth={"size": 1, "path": none, "more": 1}))
    for place, field in ((0, "workspace"), (S3, "workspace"), (S3, "at"), (-1, "workspace"), (-1, "note")):
        yield raw(f"no text: a list as {field} of line {place}", place, reworded(whole[place], **{field: none}))
    for place in (0, S3, S3 + 1, -1):
        line = json.loads(whole[place])
        yield raw(f"a field more: in line {place}", place, reworded(whole[place], more=1))
        for field in line:
            less = canonical({name: value for name, value in line.items() if name != field}) + b"\n"
            yield raw(f"a field less: no {field} in line {place}", place, less)


def torn(scene: Scene) -> Iterator[Tampering]:
    whole, bad = scene.whole, "file_unreadable"
    head, row, proof = whole[0], whole[S3 + 2], whole[-1]
    yield tampered(
        "a row broken, another modified before",
        changed(changed(whole, S3 + 2, b"{}\n"), S1 + 2, other_row(row)),
        "row_modified",
        bad,
    )
    yield tampered("a seal without hashes", changed(whole, S3 + 1), bad)
    yield tampered("a head in the middle", [*whole[:S3], head, *whole[S3:]], bad)
    yield tampered("a proof in the middle", [*whole[:S3], proof, *whole[S3:]], bad)
    yield tampered("hashes twice", changed(whole, S3 + 1, whole[S3 + 1], whole[S3 + 1]), bad)
    yield tampered("rows before their hashes", changed(changed(whole, S3 + 2, whole[S3 + 1]), S3 + 1, row), bad)
    for number in range(len(whole)):
        yield tampered(f"cut off: before line {number}", whole[:number], bad)
        yield tampered(f"cut off: in line {number}", [*whole[:number], whole[number][:40]], bad)
        yield tampered(f"cut off: before the end of line {number}", [*whole[:number], whole[number][:-1]], bad)
        yield tampered(f"begun too late: behind line {number}", whole[number + 1 :], bad)

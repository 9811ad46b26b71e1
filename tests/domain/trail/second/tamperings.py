"""Ways of tampering with an export, each with what has to be found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from tests.domain.trail.second.maker import Key, Maker, canonical, leaf
from tests.domain.trail.second.scene import Lines, Scene, reworded, seal_at, with_note

S1, S2, S3, S4, S5 = map(seal_at, range(1, 6))
"""Where the lines of the seals stand in `whole`."""


class Tampering(NamedTuple):
    """A file, and what is wrong with it."""

    name: str
    """Before a colon what was done, behind it, where many have that in common, to what."""
    file: bytes
    found: list[str]
    earlier: str | None = None
    """The proof that the reader has kept."""
    keys: list[str] | None = None
    """Those that the reader trusts, if not the log's alone."""


def tampered(
    name: str, lines: Lines, *found: str, earlier: str | None = None, keys: list[str] | None = None
) -> Tampering:
    return Tampering(name, b"".join(lines), [*found], earlier, keys)


def changed(lines: Lines, number: int, *instead: bytes) -> Lines:
    """Put other lines, or none, where one was."""
    return [*lines[:number], *instead, *lines[number + 1 :]] if number != -1 else [*lines[:-1], *instead]


def cut(lines: Lines, start: int, end: int) -> Lines:
    return [*lines[:start], *lines[end:]]


def all_tamperings(scene: Scene) -> list[Tampering]:
    return [
        *nothing(scene),
        *rows(scene),
        *hashes_and_counts(scene),
        *seals(scene),
        *workspaces(scene),
        *replays(scene),
        *log_and_key(scene),
        *notes(scene),
        *forms(scene),
        *fields(scene),
        *torn(scene),
        *one_event(scene),
        *by_the_operator(scene),
    ]


def nothing(scene: Scene) -> Iterator[Tampering]:
    yield tampered("nothing", scene.whole)
    yield tampered("nothing, against a kept proof", scene.grown, earlier=scene.kept)
    yield tampered("nothing, from the kept proof on", scene.later, earlier=scene.kept)
    yield tampered("nothing, one event alone", scene.one)


def rows(scene: Scene) -> Iterator[Tampering]:
    whole = scene.whole
    first, second, third = S3 + 2, S3 + 3, S3 + 4
    yield tampered("a row says something else", changed(whole, first, other_row(whole[first])), "row_modified")
    yield tampered(
        "a row says U+2028 and U+0085",
        changed(whole, first, reworded(whole[first], tool="a\u2028b\x85")),
        "row_modified",
    )
    yield tampered("a row is deleted", changed(whole, second), "row_deleted")
    yield tampered("all rows of a seal are deleted", cut(whole, S3 + 2, S4), *["row_deleted"] * 4)
    yield tampered("a row is inserted", changed(whole, second, whole[second], other_row(whole[second])), "row_inserted")
    yield tampered("a row stands there twice", changed(whole, second, whole[second], whole[second]), "row_inserted")
    yield tampered("a row instead of the next", changed(whole, second, whole[first]), "row_modified")
    yield tampered(
        "a row instead of the one before", changed(whole, first, whole[second]), "row_inserted", "row_deleted"
    )
    yield tampered(
        "two rows change places", changed(changed(whole, first, whole[second]), second, whole[first]), "rows_reordered"
    )
    yield tampered(
        "two rows change places, one is modified",
        changed(changed(changed(whole, first, whole[second]), second, whole[first]), third, other_row(whole[third])),
        "row_modified",
    )
    yield tampered(
        "a row is deleted, the next modified",
        changed(changed(whole, second, other_row(whole[second])), first),
        *("row_inserted", "row_deleted", "row_deleted"),
    )
    yield tampered(
        "a row moves to the seal before",
        changed(changed(whole, first), S3 - 1, whole[S3 - 1], whole[first]),
        *("row_inserted", "row_deleted"),
    )
    yield tampered(
        "rows of two seals change places",
        changed(changed(whole, first, whole[S2 + 2]), S2 + 2, whole[first]),
        *("row_modified", "row_modified"),
    )
    yield tampered("a row of another workspace", changed(whole, first, scene.other[3]), "row_modified")


def other_row(line: bytes) -> bytes:
    return reworded(line, tool="another")


def hashes_and_counts(scene: Scene) -> Iterator[Tampering]:
    whole = scene.whole
    hashes: list[str] = json.loads(whole[S3 + 1])["hashes"]
    first = S3 + 2
    changed_row = other_row(whole[first])

    def listing(*others: str) -> Lines:
        return changed(whole, S3 + 1, reworded(whole[S3 + 1], hashes=[*others]))

    with_row = listing(leaf(changed_row[:-1]), *hashes[1:])
    yield tampered("a row and its hash are modified", changed(with_row, first, changed_row), "leaf_swapped")
    yield tampered("a hash is swapped", listing(leaf(b""), *hashes[1:]), "leaf_swapped", "row_modified")
    yield tampered(
        "two hashes change places", listing(hashes[1], hashes[0], *hashes[2:]), "leaf_swapped", "rows_reordered"
    )
    yield tampered(
        "a row and its hash are deleted", changed(listing(*hashes[1:]), first), "count_wrong", "leaf_swapped"
    )
    yield tampered("no hashes", listing(), "count_wrong", "leaf_swapped", *["row_inserted"] * 4)
    yield tampered("a hash twice", listing(*hashes, hashes[0]), "count_wrong", "leaf_swapped", "row_deleted")
    yield tampered(
        "the last hash twice over",
        listing(hashes[0], hashes[1], hashes[3], hashes[3]),
        "leaf_swapped",
        "row_inserted",
        "row_deleted",
    )
    # What a seal says is in the hash of its line, so that it breaks with the next one.
    for field, wrong in {"count": ["count_wrong", "count_wrong"], "total": ["count_wrong"]}.items():
        yield tampered(
            f"another {field} in a seal",
            changed(whole, S3, reworded(whole[S3], **{field: json.loads(whole[S3])[field] + 1})),
            *wrong,
            "seal_forked",
            *(["count_wrong"] if field == "total" else []),
        )
    yield tampered(
        "another count in the last seal",
        changed(whole, S5, reworded(whole[S5], count=2, total=12)),
        *("count_wrong", "seal_not_in_log"),
    )
    yield tampered(
        "another root in a seal",
        changed(whole, S3, reworded(whole[S3], root=leaf(b""))),
        *("leaf_swapped", "seal_forked"),
    )
    yield tampered(
        "the first seal counts more in all",
        changed(whole, S1, reworded(whole[S1], total=9)),
        *("count_wrong", "seal_forked", "count_wrong"),
    )


def seals(scene: Scene) -> Iterator[Tampering]:
    whole = scene.whole
    moved = [*whole[:S2], *whole[S3:S4], *whole[S2:S3], *whole[S4:]]
    yield tampered("the first seal is dropped", cut(whole, S1, S2), "seal_missing")
    yield tampered("a seal in the middle is dropped", cut(whole, S3, S4), "seal_missing")
    yield tampered("two seals are dropped", cut(whole, S2, S4), "seal_missing")
    yield tampered("the last seal is dropped", cut(whole, S5, -1), "seal_missing", "seal_not_in_log")
    yield tampered("all seals are dropped", cut(whole, S1, -1), "seal_missing", "seal_not_in_log")
    yield tampered(
        "all seals are dropped, and it ends before it begins",
        [reworded(whole[0], first=5, last=3), whole[-1]],
        *("seal_missing", "seal_not_in_log"),
    )
    yield tampered(
        "the last seal is dropped, and the head says so",
        changed(cut(whole, S5, -1), 0, reworded(whole[0], last=4)),
        "seal_not_in_log",
    )
    yield tampered(
        "the first seal is dropped, and the head says so",
        changed(cut(whole, S1, S2), 0, reworded(whole[0], first=2)),
    )
    yield tampered(
        "the same, against a kept proof of what comes before",
        changed(scene.grown[S5 - 1 :], 0, reworded(whole[0], first=5)),
        "seal_missing",
        earlier=scene.kept,
    )
    yield tampered("a seal stands there twice", [*whole[:S4], *whole[S3:]], "seal_out_of_place")
    yield tampered("two seals change places", moved, "seal_missing", "seal_out_of_place", "seal_missing")
    yield tampered(
        "a seal is after another one",
        changed(whole, S4, reworded(whole[S4], previous=leaf(b""))),
        "seal_forked",
        "seal_forked",
    )
    yield tampered(
        "the first seal is after one",
        changed(whole, S1, reworded(whole[S1], previous=leaf(b""))),
        "seal_forked",
        "seal_forked",
    )
    yield tampered("the last seal has another time", changed(whole, S5, reworded(whole[S5], at="")), "seal_not_in_log")
    yield tampered(
        "a seal has another number", changed(whole, S4, reworded(whole[S4], number=9)), *["seal_out_of_place"] * 2
    )
    yield tampered(
        "a seal of the kept proof has another time",
        changed(scene.grown, S3, reworded(whole[S3], at="")),
        *("seal_forked", "seal_forked"),
        earlier=scene.kept,
    )


def workspaces(scene: Scene) -> Iterator[Tampering]:
    whole, other, kept = scene.whole, scene.other, scene.kept
    yield tampered(
        "another workspace's file, against a kept proof", other, "seal_out_of_place", "growth_missing", earlier=kept
    )
    yield tampered(
        "another workspace's file under our name",
        changed(other, 0, reworded(other[0], workspace="ws1")),
        *["seal_out_of_place"] * 5,
    )
    yield tampered(
        "another workspace's seal",
        [*whole[:S3], *other[9:13], *whole[S4:]],
        *("seal_out_of_place", "count_wrong", "seal_forked", "count_wrong"),
    )
    yield tampered("another workspace's proof", changed(whole, -1, other[-1]), "seal_not_in_log")
    yield tampered(
        "our proof under another name", changed(whole, -1, reworded(whole[-1], workspace="ws2")), "seal_not_in_log"
    )


def replays(scene: Scene) -> Iterator[Tampering]:
    newer = scene.whole[-1].decode()
    whole, old, grown, kept = scene.whole, scene.old, scene.grown, scene.kept
    yield tampered("the old file once more", old, earlier=kept)
    yield tampered("the old file, against a newer proof", old, "trail_rolled_back", "log_rolled_back", earlier=newer)
    yield tampered(
        "a new file under the old checkpoint",
        changed(whole, -1, reworded(whole[-1], note=json.loads(kept)["note"])),
        *("seal_not_in_log", "log_rolled_back"),
        earlier=newer,
    )
    yield tampered("a new file with the old proof", changed(whole, -1, old[-1]), "seal_not_in_log")
    yield tampered("no growth", whole, "growth_missing", earlier=kept)
    growth = json.loads(grown[-1])["growth"]
    steps: list[str] = growth["path"]
    others: dict[str, tuple[dict[str, object], str]] = {
        "growth from another size": ({"size": 5, "path": steps}, "growth_missing"),
        "growth by another path": ({"size": 6, "path": [leaf(b""), *steps[1:]]}, "log_rewritten"),
        "growth by no path": ({"size": 6, "path": []}, "log_rewritten"),
        "growth by a longer path": ({"size": 6, "path": [*steps, steps[0]]}, "log_rewritten"),
        "growth by a shorter path": ({"size": 6, "path": steps[:-1]}, "log_rewritten"),
    }
    for name, (other, found) in others.items():
        yield tampered(name, changed(grown, -1, reworded(grown[-1], growth=other)), found, earlier=kept)


def log_and_key(scene: Scene) -> Iterator[Tampering]:
    whole, key = scene.whole, scene.key
    proof = json.loads(whole[-1])
    steps: list[str] = proof["path"]
    others: dict[str, dict[str, object]] = {
        "another index": {"index": proof["index"] + 1},
        "an index behind the log": {"index": 10},
        "the largest index": {"index": 2**53 - 1},
        "no path": {"path": []},
        "a longer path": {"path": [*steps, steps[0]]},
        "a shorter path": {"path": steps[:-1]},
        "another path": {"path": [leaf(b""), *steps[1:]]},
        "another hash": {"hash": leaf(b"")},
        "another seal": {"seal": 4},
    }
    for name, fields in others.items():
        yield tampered(f"in the proof, {name}", changed(whole, -1, reworded(whole[-1], **fields)), "seal_not_in_log")
    text = proof["note"].rpartition("\n\n")[0] + "\n"
    stranger, staging = Key(key.name), "staging.example.com/trail"
    yield tampered("a key that nobody knows", signed_anew(whole, stranger.sign(text)), "key_unknown")
    yield tampered("trusting another key", whole, "key_unknown", keys=[stranger.line])
    yield tampered("trusting another key, too", whole, keys=[stranger.line, key.line])
    yield tampered("a signature of a stranger, too", signed_anew(whole, proof["note"] + stranger.signature(text)))
    yield tampered("the right key under another origin", whole, "key_unknown", keys=[Key(staging, key.private).line])
    yield tampered(
        "a checkpoint of another log by the same key",
        signed_anew(whole, key.sign(text.replace(key.name, staging))),
        "key_unknown",
    )
    yield tampered(
        "the same, under the other name",
        signed_anew(whole, Key(staging, key.private).sign(text.replace(key.name, staging))),
        "key_unknown",
    )
    yield tampered(
        "a forged signature", signed_anew(whole, f"{text}\n{forged_by(stranger, key, text)}"), "signature_wrong"
    )
    yield tampered(
        "a forged signature beside the right one",
        signed_anew(whole, proof["note"] + forged_by(stranger, key, text)),
        "signature_wrong",
    )
    size = with_note(whole[-1], "\n10\n", "\n11\n")
    yield tampered("another size of the log", changed(whole, -1, size), "signature_wrong", "seal_not_in_log")
    size = with_note(whole[-1], "\n10\n", "\n0\n")
    yield tampered("a log of none", changed(whole, -1, size), "signature_wrong", "seal_not_in_log")
    origin = with_note(whole[-1], f"{key.name}\n", "mcp.example.com/trai\n")
    yield tampered("another origin", changed(whole, -1, origin), "key_unknown")


def forged_by(stranger: Key, key: Key, text: str) -> str:
    """Give a signature of a stranger with the id of a key that is known."""
    return Key(key.name, stranger.private, key.id).signature(text)


def signed_anew(lines: Lines, note: str) -> Lines:
    return changed(lines, -1, reworded(lines[-1], note=note))


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


def one_event(scene: Scene) -> Iterator[Tampering]:
    one, whole, kept = scene.one, scene.whole, scene.kept
    head, seal, place, row, proof = one
    at = json.loads(place)
    steps: list[str] = at["path"]
    others: dict[str, dict[str, object]] = {
        "another index": {"index": at["index"] - 1},
        "an index behind the last": {"index": 4},
        "the largest index": {"index": 2**53 - 1},
        "no path": {"path": []},
        "a longer path": {"path": [*steps, steps[0]]},
        "a shorter path": {"path": steps[:-1]},
        "another path": {"path": [*steps[:-1], leaf(b"")]},
    }
    for name, fields in others.items():
        yield tampered(f"one event, {name}", changed(one, 2, reworded(place, **fields)), "row_not_in_seal")
    yield tampered("one event, modified", changed(one, 3, other_row(row)), "row_not_in_seal")
    yield tampered("one event, its neighbour", changed(one, 3, whole[S3 + 2]), "row_not_in_seal")
    yield tampered("one event, of another workspace", changed(one, 3, scene.other[3]), "row_not_in_seal")
    yield tampered(
        "one event, another seal",
        changed(one, 1, whole[S2]),
        *("seal_out_of_place", "row_not_in_seal", "seal_missing", "seal_not_in_log"),
    )
    yield tampered("one event, another proof", changed(one, 4, whole[-1]), "seal_not_in_log")
    yield tampered(
        "one event, more rows in its seal",
        changed(one, 1, reworded(seal, count=5)),
        "row_not_in_seal",
        "seal_not_in_log",
    )
    yield tampered(
        "one event, fewer rows before", changed(one, 1, reworded(seal, total=4)), "count_wrong", "seal_not_in_log"
    )
    yield tampered(
        "one event, another head", changed(one, 0, reworded(head, first=4, last=4)), "seal_out_of_place", "seal_missing"
    )
    yield tampered("one event, against a kept proof", one, "growth_missing", earlier=kept)
    yield tampered("one event of an older seal, against a newer proof", one, earlier=whole[-1].decode())
    for name, lines in {
        "a head of two seals": changed(one, 0, reworded(head, last=4)),
        "two events": changed(one, 3, row, whole[S3 + 2]),
        "no event": changed(one, 3),
        "two places": changed(one, 2, place, place),
        "hashes, too": changed(one, 2, place, whole[S3 + 1]),
        "a second seal": [*one[:4], *whole[S4:]],
        "a second event of the next seal": [*one[:4], whole[S4], place, row, proof],
        "behind a whole seal": [head, *whole[S3:S4], *one[1:]],
        "true as index": changed(one, 2, reworded(place, index=True)),
        "-1 as index": changed(one, 2, reworded(place, index=-1)),
        "2^53 as index": changed(one, 2, reworded(place, index=2**53)),
        "no index": changed(one, 2, canonical({"kind": "place", "path": steps}) + b"\n"),
        "one field more": changed(one, 2, reworded(place, more=1)),
        "more behind it": [*one, proof],
        "cut off": one[:4],
    }.items():
        # Where a seal stands behind the event, all that is under the first one was read.
        yield tampered(f"one event, {name}", lines, "file_unreadable")


def by_the_operator(scene: Scene) -> Iterator[Tampering]:
    """What whoever holds the database and the key of the log can do: only a proof that was kept shows it."""

    def a_log(*counts: int) -> Maker:
        maker = Maker(scene.key)
        for count in counts:
            maker.seal("wks", count)
            maker.seal("other", 1)
        return maker

    def export(maker: Maker, first: int, last: int, grown_from: int | None = None) -> Lines:
        return maker.export("wks", first, last, grown_from).splitlines(keepends=True)

    honest = a_log(2, 3, 2)
    kept, size = honest.proof("wks", 2).decode(), len(honest.log)
    other = a_log(2, 4, 2, 1)
    yield tampered("the log is made anew, unseen without a proof", export(other, 1, 4))
    yield tampered("the log is made anew", export(other, 1, 4, size), "seal_forked", "log_rewritten", earlier=kept)
    yield tampered(
        "the log is made anew, seen from behind",
        export(other, 3, 4, size),
        "seal_forked",
        "log_rewritten",
        earlier=kept,
    )
    yield tampered(
        "the log is made anew, of the same size", export(a_log(2, 3, 1), 3, 3), "log_rewritten", earlier=kept
    )
    yield tampered("the log is made anew, and shorter", export(a_log(2, 3), 1, 2), "log_rolled_back", earlier=kept)
    yield tampered(
        "the trail is shorter in a log that grew",
        export(grown_without(a_log(2), 9), 1, 1, size),
        "trail_rolled_back",
        "log_rewritten",
        earlier=kept,
    )
    forked = a_log(2, 3, 2)
    forked.seals["wks"] = []
    for count in (2, 1, 5):
        forked.seal("wks", count, at="later")
    yield tampered("a second chain in the same log, unseen without a proof", export(forked, 1, 3))
    yield tampered("a second chain in the same log", export(forked, 1, 3, size), "seal_forked", earlier=kept)
    yield tampered("a second chain, seen from behind", export(forked, 3, 3, size), "seal_forked", earlier=kept)
    cheating = a_log(2)
    cheating.seal("wks", 2, total=9)
    cheating.seal("wks", 2, total=1)
    cheating.seal("wks", 2, count=1, total=3)
    cheating.seal("wks", 2, previous=leaf(b""))
    yield tampered(
        "seals that count wrong, and are signed",
        export(cheating, 1, 5),
        *(*["count_wrong"] * 4, "seal_forked", "count_wrong"),
    )
    yield tampered("the same, seen from the third", export(cheating, 3, 3), "count_wrong")
    moved = Maker(Key("mcp.example.org/trail", scene.key.private))
    moved.seal("wks", 2)
    yield tampered("a log of another name", export(moved, 1, 1), "key_unknown")
    yield tampered(
        "a log of another name that is trusted, too",
        export(moved, 1, 1),
        *("trail_rolled_back", "log_rewritten"),
        earlier=kept,
        keys=[moved.key.line],
    )


def grown_without(maker: Maker, more: int) -> Maker:
    """Let other workspaces go on."""
    for _ in range(more):
        maker.seal("other", 1)
    return maker

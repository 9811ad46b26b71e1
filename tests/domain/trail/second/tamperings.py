"""Ways of tampering with an export, each with what has to be found."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.domain.trail.second.altering import (
    S1,
    S2,
    S3,
    S4,
    S5,
    Tampering,
    changed,
    cut,
    forged_by,
    other_row,
    signed_anew,
    tampered,
)
from tests.domain.trail.second.forged import by_the_operator, one_event
from tests.domain.trail.second.maker import Key, leaf
from tests.domain.trail.second.malformed import fields, forms, notes, torn
from tests.domain.trail.second.scene import Lines, Scene, reworded, with_note


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
    without_note = reworded(old[-1], note="").decode()
    yield tampered("a kept proof without a checkpoint", grown, "file_unreadable", earlier=without_note)
    growth = json.loads(grown[-1])["growth"]
    steps: list[str] = growth["path"]
    others: dict[str, tuple[dict[str, object], str]] = {
        "growth from another size": ({"size": 5, "path": steps}, "growth_missing"),
        "growth by another path": ({"size": 6, "path": [leaf(b""), *steps[1:]]}, "log_rewritten"),
        "growth to another log": ({"size": 6, "path": [*steps[:-1], leaf(b"")]}, "log_rewritten"),
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
    for name, said in others.items():
        yield tampered(f"in the proof, {name}", changed(whole, -1, reworded(whole[-1], **said)), "seal_not_in_log")
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

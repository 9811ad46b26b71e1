"""One event alone that is altered, and what whoever has the key of the log can forge."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.domain.trail.second.altering import S2, S3, S4, Tampering, changed, other_row, tampered
from tests.domain.trail.second.maker import Key, Maker, canonical, leaf
from tests.domain.trail.second.scene import Lines, Scene, reworded


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

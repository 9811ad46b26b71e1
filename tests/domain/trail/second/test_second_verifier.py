"""The second verifier on files made from the page alone, without the product."""

import json

from tests.domain.trail.second.maker import Key, Maker, leaf
from tests.domain.trail.second.second_verifier import verify


def a_log(seals: int = 9) -> Maker:
    maker = Maker(Key("log.example"))
    for n in range(seals):
        maker.seal("wks_one", 1 + n % 5)
        maker.seal("wks_two", 2)
    return maker


def test_what_the_page_describes_holds() -> None:
    maker = a_log()
    for first in range(1, 10):
        for last in range(first, 10):
            file = maker.export("wks_one", first, last)
            assert verify(file.splitlines(keepends=True), keys=[maker.key.line]) == []


def test_one_event_of_any_seal_holds() -> None:
    maker = a_log()
    for number, (_, rows) in enumerate(maker.seals["wks_one"], 1):
        for index in range(len(rows)):
            file = maker.one("wks_one", number, index)
            assert verify(file.splitlines(keepends=True), keys=[maker.key.line]) == []


def test_every_growth_holds_and_no_other() -> None:
    for size in range(1, 9):
        maker = a_log(size)
        kept = maker.proof("wks_one", size).decode()
        for more in range(size, 10):
            if more > size:
                maker.seal("wks_one", 1)
            grown = maker.export("wks_one", size, more, 2 * size).splitlines(keepends=True)
            assert verify(grown, keys=[maker.key.line], earlier=kept) == []
            if len(maker.log) > 2 * size:
                other = maker.export("wks_one", size, more).splitlines(keepends=True)
                assert verify(other, keys=[maker.key.line], earlier=kept) == ["growth_missing"]
            rewritten = a_log(more)
            rewritten.key = maker.key
            rewritten.log[1] = leaf(b"another")  # a seal of the neighbour
            other = rewritten.export("wks_one", size, more, 2 * size).splitlines(keepends=True)
            assert verify(other, keys=[maker.key.line], earlier=kept) == ["log_rewritten"]


def test_a_changed_row_shows() -> None:
    maker = a_log(3)
    lines = maker.export("wks_one", 1, 3).splitlines(keepends=True)
    event = json.loads(lines[3])
    lines[3] = lines[3].replace(event["id"].encode(), b"wks_one-x")
    assert verify(lines, keys=[maker.key.line]) == ["row_modified"]
    assert verify([*lines[:-1], lines[0]], keys=[maker.key.line]) == ["row_modified", "file_unreadable"]

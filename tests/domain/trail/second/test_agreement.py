"""The product's verifier and the one that was written from docs/audit-format.md alone say the same of every file."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.trail.second.altering import Tampering
from tests.domain.trail.second.maker import leaf
from tests.domain.trail.second.scene import Lines, found_by_ours, found_by_second, reworded, scene
from tests.domain.trail.second.tamperings import all_tamperings

TAMPERINGS = all_tamperings(scene())


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=[each.name for each in TAMPERINGS])
def test_both_find_the_same(tampering: Tampering) -> None:
    keys = tampering.keys or [scene().key.line]

    ours = found_by_ours(tampering.file, keys, tampering.earlier)
    seconds = found_by_second(tampering.file, keys, tampering.earlier)

    assert (ours, seconds) == (tampering.found, tampering.found)


def test_no_two_tamperings_have_one_name() -> None:
    assert len({each.name for each in TAMPERINGS}) == len(TAMPERINGS)


def in_a_line(change: Callable[[bytes, int, int], bytes]) -> Callable[[Lines, int, int, int], Lines]:
    """Make a change of one line, at some place, to a change of a file."""

    def changed(lines: Lines, first: int, place: int, third: int) -> Lines:
        if not lines or not (line := lines[first % len(lines)]):
            return lines
        number = first % len(lines)
        return [*lines[:number], change(line, place % len(line), third), *lines[number + 1 :]]

    return changed


def moved(lines: Lines, first: int, second: int, _third: int) -> Lines:
    if not lines:
        return lines
    number = first % len(lines)
    rest = [*lines[:number], *lines[number + 1 :]]
    return [*rest[: second % len(lines)], lines[number], *rest[second % len(lines) :]]


def repeated(lines: Lines, first: int, second: int, _third: int) -> Lines:
    if not lines:
        return lines
    place = second % (len(lines) + 1)
    return [*lines[:place], lines[first % len(lines)], *lines[place:]]


def dropped(lines: Lines, first: int, _second: int, _third: int) -> Lines:
    return [*lines[: first % len(lines)], *lines[first % len(lines) + 1 :]] if lines else lines


def of_the_neighbour(lines: Lines, first: int, second: int, _third: int) -> Lines:
    if not lines:
        return lines
    place = second % len(lines)
    return [*lines[:place], scene().other[first % len(scene().other)], *lines[place + 1 :]]


def restated(lines: Lines, first: int, second: int, third: int) -> Lines:
    """Put something of the same kind, or of none, in a field."""
    number = first % len(lines) if lines else 0
    try:
        line = json.loads(lines[number])
        field = sorted(line)[second % len(line)]
    except (ValueError, LookupError, TypeError):
        return lines
    hashes = [leaf(each[:-1]) for each in lines if b'"seal"' in each or b'"event"' in each]
    others = [*range(12), True, None, "", "ws2", "0" * 64, [], hashes[:2], [hashes[third % len(hashes)]], *hashes]
    return [*lines[:number], reworded(lines[number], **{field: others[third % len(others)]}), *lines[number + 1 :]]


EDITS = [
    moved,
    restated,
    restated,
    repeated,
    dropped,
    of_the_neighbour,
    in_a_line(lambda line, place, other: line[:place] + bytes([line[place] ^ (1 + other % 255)]) + line[place + 1 :]),
    in_a_line(lambda line, place, other: line[:place] + bytes([other % 256]) + line[place:]),
    in_a_line(lambda line, place, other: line[:place] + line[place + 1 + other % 3 :]),
    in_a_line(lambda line, place, other: line[:place] + b"0123456789abcdef"[other % 16 :][:1] + line[place + 1 :]),
]
"""What is done to a file, told where and how by three numbers."""

FILES = {
    "whole": (scene().whole, None),
    "grown": (scene().grown, scene().kept),
    "later": (scene().later, scene().kept),
    "one": (scene().one, None),
}

numbers = st.integers(0, 10**6)
edits = st.lists(st.tuples(st.sampled_from(EDITS), numbers, numbers, numbers), min_size=1, max_size=3)


@pytest.mark.parametrize("name", FILES)
@given(edits=edits)
def test_both_say_the_same_of_any_file_and_none_that_was_touched_holds(
    name: str, edits: list[tuple[Callable[[Lines, int, int, int], Lines], int, int, int]]
) -> None:
    original, earlier = FILES[name]
    lines = original
    for change, first, second, third in edits:
        lines = change(lines, first, second, third)
    file, keys = b"".join(lines), [scene().key.line]

    ours = found_by_ours(file, keys, earlier)

    assert ours == found_by_second(file, keys, earlier)
    assert (ours == []) == (file == b"".join(original))

"""What every engine promises about seals and their log."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.domain.trail.merkle import leaf_hash, nodes_of, root
from shared.domain.trail.places import start_of
from shared.domain.trail.seal import Seal, seal_rows
from shared.storage.contracts.seals import NewSeal, TrailRow
from shared.storage.contracts.streams import StreamMoved
from shared.storage.engine import Engine
from shared.storage.rows.audit import StoredAudit
from shared.storage.rows.people import StoredPeopleKeys
from shared.storage.rows.seals import StoredSeals
from tests.data.examples import NOON, ONE_DAY, ORIGIN, tool_called

AT = "2026-11-21T12:01:00.000000Z"
A_SECOND = timedelta(seconds=1)


@pytest.fixture
def seals(engine: Engine) -> StoredSeals:
    return StoredSeals(engine)


@pytest.fixture
def audit(engine: Engine) -> StoredAudit:
    return StoredAudit(engine)


def new_seal(*rows: str, workspace_id: str = "ws1", after: Seal | None = None) -> NewSeal:
    """Seal rows that are named by their places, or are anywhere at noon."""
    places = tuple(row if "#" in row else f"{start_of(NOON)}#{row}" for row in rows)
    leaves = [leaf_hash(place.encode()) for place in places]
    return NewSeal(seal=seal_rows(leaves, workspace_id=workspace_id, after=after, at=AT), places=places)


def record(audit: StoredAudit, *numbers: int, days: int = 0) -> None:
    for number in numbers:
        event = tool_called(number=number, at=NOON + number * A_SECOND + days * ONE_DAY)
        audit.record(event, workspace_id="ws1", origin=ORIGIN)


def numbers(rows: list[TrailRow]) -> list[object]:
    return [row.data["number"] for row in rows]


# --- marks ------------------------------------------------------------------------------------------------------------


def test_marks_are_given_oldest_first_from_the_minutes_before(seals: StoredSeals) -> None:
    for minute, workspace_id in ((2, "ws2"), (0, "ws1"), (1, "ws3")):
        at = NOON + timedelta(minutes=minute)
        seals.mark(workspace_id, since=at, until=at, now=at + 59 * A_SECOND)

    found = seals.marks(before=NOON + timedelta(minutes=2), limit=10)

    assert [(mark.workspace_id, mark.since) for mark in found] == [
        ("ws1", NOON),
        ("ws3", NOON + timedelta(minutes=1)),
    ]
    assert [mark.workspace_id for mark in seals.marks(before=NOON + ONE_DAY, limit=1)] == ["ws1"]


def test_what_is_marked_of_a_day_in_one_minute_is_one_mark_from_the_first_row_to_the_last(seals: StoredSeals) -> None:
    for hours in (0, -30, 5, 1):
        at = NOON + timedelta(hours=hours)
        seals.mark("ws1", since=at, until=at + A_SECOND, now=NOON)

    before, mark = seals.marks(before=NOON + ONE_DAY, limit=10)

    assert (before.since, before.until.date()) == (NOON - timedelta(hours=30), before.since.date())
    assert mark.since == NOON
    assert NOON + timedelta(hours=5) + A_SECOND <= mark.until < NOON + timedelta(hours=6)


def test_a_mark_over_several_days_is_one_for_each_from_its_first_minute_to_its_last(seals: StoredSeals) -> None:
    seals.mark("ws1", since=NOON - ONE_DAY, until=NOON + ONE_DAY, now=NOON)

    marks = seals.marks(before=NOON + ONE_DAY, limit=10)

    midnight = NOON.replace(hour=0)
    assert [mark.since for mark in marks] == [NOON - ONE_DAY, midnight, midnight + ONE_DAY]
    assert [mark.until + timedelta(milliseconds=1) for mark in marks[:2]] == [midnight, midnight + ONE_DAY]


def test_a_mark_that_was_made_again_since_it_was_read_is_not_taken_away(seals: StoredSeals) -> None:
    for workspace_id in ("ws1", "ws2"):
        seals.mark(workspace_id, since=NOON, until=NOON, now=NOON)
    read = seals.marks(before=NOON + ONE_DAY, limit=10)
    seals.mark("ws1", since=NOON, until=NOON, now=NOON)

    seals.unmark(read)

    assert [mark.workspace_id for mark in seals.marks(before=NOON + ONE_DAY, limit=10)] == ["ws1"]
    seals.unmark(seals.marks(before=NOON + ONE_DAY, limit=10))
    seals.unmark(read)  # what is gone is gone
    assert seals.marks(before=NOON + ONE_DAY, limit=10) == []


def test_marks_are_read_on_behind_the_last_one(seals: StoredSeals) -> None:
    for workspace_id in ("ws1", "ws2", "ws3"):
        seals.mark(workspace_id, since=NOON, until=NOON, now=NOON)

    first = seals.marks(before=NOON + ONE_DAY, limit=2)
    rest = seals.marks(before=NOON + ONE_DAY, limit=2, after=first[-1])

    assert [mark.workspace_id for mark in (*first, *rest)] == ["ws1", "ws2", "ws3"]


# --- rows -------------------------------------------------------------------------------------------------------------


def test_rows_that_no_seal_covers_are_read_in_the_order_of_time(seals: StoredSeals, audit: StoredAudit) -> None:
    record(audit, 3, 1, 2)
    record(audit, 4, days=1)

    rows = list(seals.unsealed("ws1", since=NOON, until=NOON + 2 * ONE_DAY, limit=10))

    assert numbers(rows) == [1, 2, 3]
    assert rows[0].envelope["actor"] == ORIGIN.actor
    assert not {"pk", "sk", "ttl", "data"} & rows[0].envelope.keys()
    assert numbers(list(seals.unsealed("ws1", since=NOON, until=NOON + 2 * ONE_DAY, limit=2))) == [1, 2]
    assert numbers(list(seals.unsealed("ws1", since=NOON + ONE_DAY, until=NOON + 2 * ONE_DAY, limit=9))) == [4]
    assert numbers(list(seals.unsealed("ws1", since=NOON + 2 * A_SECOND, until=NOON + 3 * A_SECOND, limit=9))) == [2, 3]


def test_rows_that_are_sealed_are_not_given_however_late_they_came(seals: StoredSeals, audit: StoredAudit) -> None:
    record(audit, 1, 2, 3)
    rows = list(seals.unsealed("ws1", since=NOON, until=NOON + ONE_DAY, limit=10))
    first = new_seal(rows[2].place)
    seals.commit([first])
    seals.commit([new_seal(rows[0].place, after=first.seal)])
    record(audit, 4)

    assert numbers(list(seals.unsealed("ws1", since=NOON, until=NOON + ONE_DAY, limit=10))) == [2, 4]


# --- seals ------------------------------------------------------------------------------------------------------------


def test_a_seal_is_kept_with_its_place_in_the_log_and_moves_the_head(seals: StoredSeals) -> None:
    one, other = new_seal("b"), new_seal("c", workspace_id="ws2")
    assert seals.head("ws1") is None
    seals.commit([one, other])
    two = new_seal("a", after=one.seal)
    seals.commit([two])

    head = seals.head("ws1")
    assert head is not None
    assert (head.last, head.latest, head.folded) == (two.seal, one.places[0], 0)
    assert [(kept.seal, kept.index) for kept in seals.seals("ws1", first=1, limit=10)] == [(one.seal, 0), (two.seal, 2)]
    assert [kept.seal for kept in seals.seals("ws1", first=2, limit=1)] == [two.seal]


@pytest.mark.parametrize("again", [1, 3])
def test_a_seal_that_is_not_the_next_of_its_workspace_is_not_kept_and_nothing_with_it(
    seals: StoredSeals, again: int
) -> None:
    one = new_seal("a")
    seals.commit([one])
    before = one.seal if again == 3 else None
    wrong = new_seal("b", after=new_seal("x", after=before).seal if before is not None else None)

    with pytest.raises(StreamMoved):
        seals.commit([new_seal("c", workspace_id="ws2"), wrong])

    assert seals.head("ws2") is None
    assert seals.log_size() == 1


def test_what_was_done_of_seals_is_noted_and_never_goes_back(seals: StoredSeals) -> None:
    seals.fold("ws1", through=1)
    assert seals.head("ws1") is None
    one = new_seal("a")
    seals.commit([one])
    for through in (1, 3, 2):
        seals.fold("ws1", through=through)

    seals.commit([new_seal("b", after=one.seal)])

    head = seals.head("ws1")
    assert head is not None
    assert head.folded == 3


# --- the log ----------------------------------------------------------------------------------------------------------


def test_the_log_has_every_complete_node_however_it_grew(seals: StoredSeals) -> None:
    leaves: list[bytes] = []
    for batch, size in enumerate((1, 2, 5, 1, 8)):
        new = [new_seal("a", workspace_id=f"ws{batch}-{number}") for number in range(size)]
        seals.commit(new)
        leaves += [each.seal.hash for each in new]

    assert seals.log_size() == len(leaves) == 17
    assert root(17, seals.log_node) == root(17, nodes_of(leaves))
    assert [seals.log_node(0, index) for index in range(17)] == leaves
    for level in range(1, 5):
        for index in range(17 >> level):
            assert seals.log_node(level, index) == nodes_of(leaves)(level, index)
    with pytest.raises(LookupError):
        seals.log_node(1, 8)


def test_there_is_one_checkpoint_of_a_size(seals: StoredSeals) -> None:
    assert seals.note() is None
    assert seals.keep_note(2, "two") == "two"
    assert seals.keep_note(2, "another") == "two"
    seals.keep_note(12, "twelve")

    assert seals.note() == (12, "twelve")
    assert seals.note(upto=11) == (2, "two")
    assert seals.note(upto=1) is None


def test_keys_of_the_log_are_kept_for_good_and_once(seals: StoredSeals) -> None:
    assert seals.keys() == []
    for line in (
        "log.example+1f+AgA+/w==",
        "log.example+0a+AgB==",
        "log.example+1f+AgA+/w==",
        "of.another+1f+AgA+/w==",
    ):
        seals.keep_key(line)

    assert sorted(seals.keys()) == ["log.example+0a+AgB==", "log.example+1f+AgA+/w==", "of.another+1f+AgA+/w=="]


# --- people -----------------------------------------------------------------------------------------------------------


def test_a_person_has_one_key_until_they_are_forgotten_for_good(engine: Engine) -> None:
    people = StoredPeopleKeys(engine)
    key = people.key_of("ws1", "mem_olga")

    assert key == people.key_of("ws1", "mem_olga")
    assert key is not None
    assert len({key, people.key_of("ws1", "mem_ada"), people.key_of("ws2", "mem_olga")}) == 3
    people.forget("ws1", "mem_olga")
    assert people.key_of("ws1", "mem_olga") is None

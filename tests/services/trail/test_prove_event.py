"""One event and none of its neighbours: found by its id alone, and proved."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from shared.domain.errors import NotFound
from shared.domain.trail.verify import verify_export
from shared.services.trail.find_event import UNFOLDED
from shared.services.trail.prove_event import prove_event
from shared.services.trail.seal_trail import SealingIncomplete
from shared.services.trail.sources import TrailSources
from shared.storage.contracts.audit import AuditFilter
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.examples import NOON, tool_called
from tests.services.trail.sealing import A_MINUTE, Sealing, calls
from tests.services.trail.test_export_trail import DeadKey, exported, trusting

ALL = AuditFilter()
LATER = NOON + 10 * A_MINUTE
OF_NOTHING = "019a0000-0000-7000-8000-000000000000"
"""Nothing happened at the time that it tells."""


def sources(sealing: Sealing) -> TrailSources:
    return TrailSources(
        audit=sealing.audit,
        seals=sealing.seals,
        index=sealing.index,
        people=sealing.people,
        open_archive=lambda: sealing.archive,
    )


def proved(sealing: Sealing, event_id: str, *, workspace_id: str = "ws1") -> list[str]:
    return list(prove_event(workspace_id, event_id, now=LATER, trail=sources(sealing)))


def refusal(sealing: Sealing, event_id: str, *, workspace_id: str = "ws1") -> str:
    with pytest.raises(NotFound) as refused:
        proved(sealing, event_id, workspace_id=workspace_id)
    return refused.value.code


def ids(sealing: Sealing) -> list[str]:
    """Name the sealed events of `ws1`, in their order."""
    return [json.loads(line)["id"] for line in exported(sealing) if json.loads(line)["kind"] == "event"]


@pytest.fixture
def sealing() -> Sealing:
    """Two workspaces, of which the same minutes are under several seals: late rows."""
    sealing = Sealing.in_memory()
    for minute in range(4):
        at = NOON + (minute % 2) * A_MINUTE
        now = NOON + minute * A_MINUTE
        sealing.record(*calls(minute + 2, first=10 * minute + 1, at=at), now=now)
        sealing.record(tool_called(token_id="tok2", number=minute + 1, at=at), workspace_id="ws2", now=now)
        sealing.run(now + A_MINUTE)
    return sealing


@pytest.mark.parametrize("folded", [True, False])
def test_each_sealed_event_is_found_by_its_id_and_proves_itself_indexed_or_not(
    sealing: Sealing, *, folded: bool
) -> None:
    if folded:
        sealing.fold()
    events = ids(sealing)

    assert len(events) == 14
    for event_id in events:
        lines = proved(sealing, event_id)
        found = verify_export(lines, check_signature=trusting(sealing.signer).check)
        assert found.holds, found.findings
        assert (len(lines), found.rows, found.workspace_id) == (5, 1, "ws1")
        assert json.loads(lines[3])["id"] == event_id


def test_a_part_of_what_is_sealed_may_not_be_indexed_yet(sealing: Sealing) -> None:
    sealing.fold()
    sealing.record(*calls(2, first=91, at=NOON), now=LATER)
    sealing.run(LATER + A_MINUTE)

    for event_id in ids(sealing):
        assert json.loads(proved(sealing, event_id)[3])["id"] == event_id


def test_however_many_seals_wait_for_the_index_only_the_newest_are_looked_through() -> None:
    engine = SqliteEngine()
    sealing = Sealing.over(engine)
    cost: list[int] = []
    for minute in range(3 * UNFOLDED):
        at = NOON + minute * A_MINUTE
        sealing.record(tool_called(number=minute + 1, at=at), now=at)
        sealing.run(at + A_MINUTE)
        if (minute + 1) % UNFOLDED == 0:
            engine.operations.clear()
            assert refusal(sealing, OF_NOTHING) == "event_not_found"
            cost.append(engine.operations["query"])
    first, *_, last = ids(sealing)

    assert cost[0] == cost[1] == cost[2]
    assert json.loads(proved(sealing, last)[3])["id"] == last
    assert refusal(sealing, first) == "not_sealed_yet"
    sealing.fold()
    assert json.loads(proved(sealing, first)[3])["id"] == first


def test_nothing_of_its_neighbours_is_handed_out(sealing: Sealing) -> None:
    first, *others = ids(sealing)

    text = "\n".join(proved(sealing, first))

    assert not any(other in text for other in others)


def test_an_event_that_no_seal_covers_yet_is_told_from_one_that_is_none(sealing: Sealing) -> None:
    sealing.record(*calls(1, first=91, at=NOON), now=LATER)
    (new,) = [
        entry.event_id
        for entry in sealing.audit.entries("ws1", matching=ALL, limit=100, now=LATER).items
        if entry.data["number"] == 91
    ]

    assert refusal(sealing, new) == "not_sealed_yet"
    sealing.run(LATER + A_MINUTE)
    assert json.loads(proved(sealing, new)[3])["id"] == new


def test_an_event_of_a_seal_that_is_not_signed_yet_has_to_wait(sealing: Sealing) -> None:
    sealing.record(*calls(1, first=91, at=NOON), now=LATER)
    with pytest.raises(SealingIncomplete):
        replace(sealing, signer=DeadKey()).run(LATER + A_MINUTE)
    (new,) = [
        entry.event_id
        for entry in sealing.audit.entries("ws1", matching=ALL, limit=100, now=LATER).items
        if entry.data["number"] == 91
    ]

    assert refusal(sealing, new) == "not_sealed_yet"


def test_an_event_of_another_workspace_is_none_here(sealing: Sealing) -> None:
    (event_id, *_) = ids(sealing)

    assert refusal(sealing, event_id, workspace_id="ws2") == "event_not_found"
    assert refusal(sealing, event_id, workspace_id="ws9") == "event_not_found"


@pytest.mark.parametrize(
    "event_id",
    [
        "",
        "no id",
        "../../etc/passwd",
        "0" * 32,
        "ffffffff-ffff-7fff-bfff-ffffffffffff",  # of the year 10889
        "f0000000-0000-4000-8000-000000000000",  # drawn by chance, so it tells no time
        OF_NOTHING,
    ],
)
def test_what_is_no_id_of_an_event_is_none(sealing: Sealing, event_id: str) -> None:
    assert refusal(sealing, event_id) == "event_not_found"


def test_an_id_is_written_in_one_way(sealing: Sealing) -> None:
    (event_id, *_) = ids(sealing)

    assert refusal(sealing, event_id.upper()) == "event_not_found"
    assert refusal(sealing, f"{{{event_id}}}") == "event_not_found"

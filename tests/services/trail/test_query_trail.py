"""Questions about a trail, however old: the pages together are what a look at every row would give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.activity import Outcome
from shared.domain.trail import index
from shared.domain.trail.events import ExportForm, MemberForgotten, TrailExported
from shared.services.trail import walk_trail
from shared.services.trail.pseudonyms import pseudonym_of
from shared.services.trail.walk_trail import READS_A_PAGE
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.storage.contracts.seals import SealLost
from shared.storage.contracts.streams import PositionInvalid
from shared.storage.engine import Table
from tests.data.examples import NOON, call_denied, token_created, token_revoked, tool_called
from tests.services.trail.history import Happened, History, bare, by_request
from tests.services.trail.sealing import A_MINUTE

A_DAY = timedelta(days=1)
PEOPLE = ("mem_olga", "mem_adam", "operator:kim", "token:tok3", "system:sweeper")
TOKENS = ("tok1", "tok2", "tok3")
TOOLS = ("get_pnl", "list_goals")
TYPES = ("mcp.call", "mcp.call_denied", "token.created", "token.revoked", "audit.exported")


@st.composite
def happenings(draw: st.DrawFn, now: datetime, *, oldest: timedelta) -> Happened:
    """Draw something that happened lately."""
    ago = draw(st.integers(0, int(oldest.total_seconds())) | st.sampled_from([0, 1]))
    at = now - timedelta(seconds=ago, microseconds=draw(st.sampled_from([0, 1, 999, 1_000])))
    token = draw(st.sampled_from(TOKENS))
    events = [
        tool_called(token_id=token, tool=draw(st.sampled_from(TOOLS)), outcome=draw(st.sampled_from(Outcome)), at=at),
        call_denied(token_id=token, at=at),
        TrailExported(first_seal=1, last_seal=2, form=ExportForm.CSV, at=at),
        MemberForgotten(member_id=draw(st.sampled_from(PEOPLE)), at=at),
    ]
    lives = [
        token_created(token_id=token, owner_id=draw(st.sampled_from(PEOPLE)), at=at),
        token_revoked(revoked_by=draw(st.sampled_from(PEOPLE)), at=at),
    ]
    actor = draw(st.sampled_from(PEOPLE))
    if draw(st.booleans()):
        return Happened(event=draw(st.sampled_from(events)), actor=actor)
    return Happened(event=draw(st.sampled_from(lives)), actor=actor, token_id=token)


FORGETS: tuple[Callable[[int], bool], ...] = (lambda _: True, lambda _: False, lambda length: length % 2 == 0)
"""What the table does with rows whose time is up: it comes to some of them later."""
moments = st.integers(-130 * 24 * 60, 60).map(lambda minutes: minutes * A_MINUTE)


@st.composite
def filters(draw: st.DrawFn, now: datetime) -> AuditFilter:
    def perhaps(values: Sequence[Any]) -> Any:  # noqa: ANN401  # of any filter
        return draw(st.none() | st.none() | st.sampled_from(values))

    since, until = (draw(st.none() | moments.map(lambda ago: now + ago)) for _ in range(2))
    if since is not None and until is not None:
        since, until = sorted((since, until))
    return AuditFilter(
        token_id=perhaps(TOKENS),
        actor=perhaps([*PEOPLE, "nobody"]),
        types=frozenset(draw(st.lists(st.sampled_from(TYPES), max_size=2))),
        tool=perhaps(TOOLS),
        outcome=perhaps(["ok", "error", "denied_scope"]),
        since=since,
        until=until,
    )


def wanted(rows: Sequence[AuditEntry], matching: AuditFilter) -> list[AuditEntry]:
    """Look at every row."""
    return [
        row
        for row in rows
        if matching.token_id in {None, row.stream.removeprefix("token:")}
        and matching.actor in {None, row.origin.actor}
        and (row.type in matching.types or not matching.types)
        and matching.tool in (None, row.data.get("tool"))
        and matching.outcome in (None, row.data.get("outcome"))
        and (matching.since or row.at) <= row.at
        and (matching.until is None or row.at < matching.until)
    ]


@given(st.data())
def test_the_pages_are_what_a_look_at_every_row_gives_whenever_rows_are_sealed_and_leave_the_table(
    data: st.DataObject,
) -> None:
    history = History()
    for _ in range(data.draw(st.integers(0, 5))):
        history.write(*data.draw(st.lists(happenings(history.now, oldest=3 * A_DAY), max_size=6)))
        history.seal()
        history.wait(data.draw(st.sampled_from([A_MINUTE, A_DAY, 30 * A_DAY, 91 * A_DAY])), forgetting=FORGETS[0])
    tail = data.draw(st.lists(happenings(history.now, oldest=5 * A_MINUTE), max_size=6))
    history.write(*tail)
    matching = data.draw(filters(history.now))
    expected = wanted(history.rows, matching)

    def meanwhile() -> None:
        match data.draw(st.sampled_from(["nothing", "seal", "write", "wait"])):
            case "seal":
                history.seal()
            case "write":
                history.now += A_MINUTE
                history.write(Happened(event=tool_called(at=history.now)))
            case "wait":
                history.seal()
                forgetting = data.draw(st.sampled_from(FORGETS))
                history.wait(data.draw(st.sampled_from([A_MINUTE, 45 * A_DAY])), forgetting=forgetting)
            case _:
                pass

    with pytest.MonkeyPatch.context() as small:
        small.setattr(walk_trail, "READS_A_PAGE", data.draw(st.sampled_from([1, 7, 100])))
        small.setattr(walk_trail, "ROWS_A_PAGE", data.draw(st.sampled_from([1, 2_000])))
        small.setattr(walk_trail, "ROWS_A_READ", data.draw(st.sampled_from([1, 200])))
        small.setattr(index, "MOST_VALUES", data.draw(st.sampled_from([1, 1_000])))
        found = history.pages(matching, limit=data.draw(st.integers(1, 9)), meanwhile=meanwhile)

    assert by_request(bare(found)) == by_request(expected)
    assert [row.place for row in found] == sorted((row.place for row in found), reverse=True)


def test_an_old_row_says_what_it_said_but_for_the_last_bits_of_the_address() -> None:
    history = History()
    history.write(Happened(event=token_created(owner_id="mem_adam", at=NOON), token_id="tok1"))
    history.seal()
    (fresh,) = history.pages()
    history.wait(91 * A_DAY)

    (old,) = history.pages()

    assert old == replace(fresh, origin=replace(fresh.origin, ip="203.0.113.0/24"))
    assert (old.origin.actor, old.data["owner_id"]) == ("mem_olga", "mem_adam")


def test_who_was_forgotten_stands_in_old_rows_under_a_pseudonym_and_is_found_by_it() -> None:
    history = History()
    history.write(Happened(event=tool_called(at=NOON), actor="mem_adam"), Happened(event=call_denied(at=NOON)))
    history.seal()
    history.wait(91 * A_DAY)
    history.sealing.people.forget("ws1", "mem_adam")

    (name,) = {row.origin.actor for row in history.pages()} - {"mem_olga"}

    assert name.startswith("psn_")
    assert [row.type for row in history.pages(AuditFilter(actor=name))] == ["mcp.call"]
    assert history.pages(AuditFilter(actor="mem_adam")) == []


def test_a_pseudonym_from_an_export_finds_what_its_member_did() -> None:
    history = History()
    history.write(Happened(event=tool_called(at=NOON)))
    history.seal()
    name = pseudonym_of(history.sealing.people.known("ws1")["mem_olga"])

    assert [row.origin.actor for row in history.pages(AuditFilter(actor=name))] == ["mem_olga"]


def test_rows_that_the_archive_lost_are_an_error_and_no_gap() -> None:
    history = History()
    history.write(Happened(event=tool_called(at=NOON)))
    history.seal()
    history.wait(91 * A_DAY)
    history.sealing.archive.contents.clear()

    with pytest.raises(SealLost, match="Seal 1 "):
        history.pages()


@pytest.mark.parametrize(
    "position",
    [
        "",
        "x",
        "2026-11-21/",
        "179526240000",
        "1795262400000/",
        "1795262400000#",
        "9" * 2000,
        "\N{ARABIC-INDIC DIGIT ONE}" * 13,
    ],
)
def test_a_position_that_no_page_gave_is_refused(position: str) -> None:
    with pytest.raises(PositionInvalid):
        History().page(AuditFilter(), after=position)


@pytest.mark.parametrize("position", ["0000000000000", "9999999999999", "9999999999999#~"])
def test_a_position_outside_the_trail_harms_nothing(position: str) -> None:
    history = History()
    history.write(Happened(event=tool_called(at=NOON)))

    assert len(history.page(AuditFilter(), after=position).items) <= 1


@pytest.mark.parametrize("matching", [AuditFilter(), AuditFilter(tool="rare")])
def test_a_workspace_that_has_long_been_quiet_is_read_in_bounded_pages(matching: AuditFilter) -> None:
    history = History()
    history.write(Happened(event=tool_called(tool="rare", at=NOON)))
    history.seal()
    history.wait(80 * A_DAY)
    before = history.engine.operations["query"]
    pages = 1

    def next_page() -> None:
        nonlocal pages
        pages += 1

    assert len(history.pages(matching, meanwhile=next_page)) == 1
    assert history.engine.operations["query"] - before <= pages * (READS_A_PAGE + 1)


def test_a_rare_token_of_a_long_year_is_found_without_reading_the_year() -> None:
    history = History()
    for day in range(300):
        token = "tok2" if day in {7, 200} else "tok1"
        calls = (tool_called(token_id=token, at=history.now - minute * A_MINUTE) for minute in range(10))
        history.write(*(Happened(event=call) for call in calls))
        history.seal()
        history.wait(A_DAY)
    history.engine.operations.clear()

    assert len(history.pages(AuditFilter(token_id="tok2"))) == 20
    assert history.engine.operations["query"] < 60


def test_nothing_is_made_of_a_person_who_is_only_asked_for() -> None:
    history = History()

    assert history.pages(AuditFilter(actor="mem_unknown")) == []
    assert history.engine.query(Table.CORE, "W#ws1#PEOPLE").items == ()

"""What is told of a trail, from its table and from its archive."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.activity import Outcome
from shared.domain.trail.activity_feed import Activity, Kind
from shared.services.trail.list_activity import list_activity
from shared.services.trail.sources import TrailSources
from shared.storage.contracts.audit import AuditFilter
from shared.storage.contracts.objects import ObjectStore
from shared.storage.contracts.streams import Page
from tests.data.examples import NOON, token_created, token_revoked, tool_called
from tests.services.trail.history import EVERYTHING, Happened, History
from tests.services.trail.sealing import A_MINUTE

A_DAY = timedelta(days=1)


def no_archive() -> ObjectStore:
    raise AssertionError("the archive is opened for a question that the table answers")


def page_of(
    history: History,
    trail: TrailSources,
    *,
    kinds: Collection[Kind] = Kind,
    matching: AuditFilter = EVERYTHING,
    limit: int = 100,
    after: str | None = None,
) -> Page[Activity]:
    return list_activity(
        "ws1",
        kinds=kinds,
        matching=matching,
        limit=limit,
        now=history.now,
        after=after,
        trail=trail,
    )


def a_life() -> History:
    """A token is made, called twice and revoked; two of the rows are sealed."""
    history = History()
    history.write(
        Happened(event=token_created(at=NOON - 2 * A_MINUTE), token_id="tok1"),
        Happened(event=tool_called(token_id="tok1", at=NOON - A_MINUTE)),
    )
    history.seal()
    history.write(
        Happened(event=tool_called(token_id="tok1", at=NOON)),
        Happened(event=token_revoked(at=NOON), actor="operator:kim", token_id="tok1"),
    )
    return history


def test_what_happened_lately_is_told_without_the_archive() -> None:
    history = a_life()

    page = page_of(history, replace(history.trail, open_archive=no_archive))

    assert {activity.summary for activity in page.items} == {
        "The token was revoked.",
        "Tool get_pnl was called: ok.",
        "Token mfp_1abcdefg was created.",
    }
    assert len(page.items) == 4
    assert page.next is None


def test_of_no_kind_there_is_nothing_and_not_everything() -> None:
    history = a_life()

    assert page_of(history, history.trail, kinds=()).items == ()


def test_what_only_the_archive_has_is_told_as_it_was() -> None:
    history = a_life()
    before = page_of(history, history.trail).items
    history.seal()

    history.wait(100 * A_DAY)

    assert [*page_of(history, history.trail).items] == [*before]
    assert {activity.actor for activity in before} == {"mem_olga", "operator", "token:tok1"}


def test_what_a_member_did_who_was_forgotten_is_told_of_nobody() -> None:
    history = a_life()
    history.seal()
    history.wait(100 * A_DAY)

    history.sealing.people.forget("ws1", "mem_olga")

    actors = {activity.actor for activity in page_of(history, history.trail).items}
    assert "mem_olga" not in actors
    assert len([actor for actor in actors if actor.startswith("psn_")]) == 1


def test_page_by_page_every_row_is_told_once() -> None:
    history = a_life()
    history.seal()
    history.wait(100 * A_DAY)

    told: list[Activity] = []
    page = page_of(history, history.trail, limit=1)
    told += page.items
    while page.next is not None:
        page = page_of(history, history.trail, limit=1, after=page.next)
        told += page.items

    assert told == [*page_of(history, history.trail).items]
    assert len(told) == 4


A_LIFE = {
    "The token was revoked.",
    "Tool get_pnl was called: ok.",
    "Tool list_goals was called: error.",
    "Token mfp_1abcdefg was created.",
}


@pytest.mark.parametrize("days", [0, 100])
@pytest.mark.parametrize(
    ("matching", "told"),
    [
        (AuditFilter(token_id="tok1"), A_LIFE),
        (AuditFilter(token_id="tok2"), {"Tool get_pnl was called: ok."}),
        (AuditFilter(token_id="tok3"), set[str]()),
        (AuditFilter(actor="operator:kim"), {"The token was revoked."}),
        (AuditFilter(actor="mem_olga"), A_LIFE - {"The token was revoked."}),
        (AuditFilter(tool="list_goals"), {"Tool list_goals was called: error."}),
        (AuditFilter(outcome="ok"), {"Tool get_pnl was called: ok."}),
        (AuditFilter(token_id="tok1", outcome="error"), {"Tool list_goals was called: error."}),
        (AuditFilter(token_id="tok2", outcome="error"), set[str]()),
    ],
)
def test_each_filter_lets_through_what_it_says_from_the_table_and_from_the_archive(
    matching: AuditFilter, told: set[str], days: int
) -> None:
    history = a_life()
    history.write(
        Happened(event=tool_called(token_id="tok2", at=NOON)),
        Happened(event=tool_called(token_id="tok1", tool="list_goals", outcome=Outcome.ERROR, at=NOON)),
    )
    history.seal()
    history.wait(days * A_DAY)

    assert {activity.summary for activity in page_of(history, history.trail, matching=matching).items} == told

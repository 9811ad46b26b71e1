"""What is told of a trail, from its table and from its archive."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from shared.domain.trail.activity_feed import Activity, Kind
from shared.services.trail.list_activity import list_activity
from shared.services.trail.sources import TrailSources
from shared.storage.contracts.objects import ObjectStore
from shared.storage.contracts.streams import Page
from tests.data.examples import NOON, token_created, token_revoked, tool_called
from tests.services.trail.history import Happened, History
from tests.services.trail.sealing import A_MINUTE

A_DAY = timedelta(days=1)


def no_archive() -> ObjectStore:
    raise AssertionError("the archive is opened for a question that the table answers")


def page_of(history: History, trail: TrailSources, *, limit: int = 100, after: str | None = None) -> Page[Activity]:
    return list_activity(
        "ws1",
        kinds={Kind.TOKEN, Kind.MCP_CALL},
        since=None,
        until=None,
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

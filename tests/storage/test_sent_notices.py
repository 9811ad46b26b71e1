"""What every engine promises about notices: what was sent stays known, event by event, for thirty days."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.domain.token.commands import ReportLeak
from shared.domain.token.events import LeakReported
from shared.services.change_token import change_token
from shared.storage.contracts.audit import AuditFilter
from shared.storage.contracts.notices import TokenHappened
from shared.storage.engine import Engine, Key, Table
from shared.storage.rows.notices import StoredSentNotices, event_told
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.faults import RepeatsWrites
from tests.data.stores import Stores
from tests.data.tenants import KEYS, NOON, origin, token, workspace
from tests.storage.places import Place


def test_ways_add_up_for_each_event_by_itself(engine: Engine) -> None:
    sent = StoredSentNotices(engine)
    assert sent.of("event-1") == frozenset()

    for way in ("TOPIC", "MAIL#mem_olivia", "TOPIC"):
        sent.note("event-1", way, now=NOON)

    assert sent.of("event-1") == {"TOPIC", "MAIL#mem_olivia"}
    assert sent.of("event-2") == frozenset()


def test_what_was_sent_is_forgotten_after_thirty_days(engine: Engine) -> None:
    StoredSentNotices(engine).note("event-1", "TOPIC", now=NOON)

    item = engine.get(Table.CORE, Key("NOTICE#event-1", "TOPIC"))
    assert item == {"pk": "NOTICE#event-1", "sk": "TOPIC", "ttl": int((NOON + timedelta(days=30)).timestamp())}


def test_a_note_whose_answer_was_lost_does_no_harm(place: Place) -> None:
    StoredSentNotices(RepeatsWrites(place.engine())).note("event-1", "TOPIC", now=NOON)

    assert StoredSentNotices(place.engine()).of("event-1") == {"TOPIC"}


@pytest.mark.parametrize("kind", ["INSERT", "MODIFY", "REMOVE"])
def test_of_all_changes_only_the_events_that_may_be_told_are_read(kind: str) -> None:
    engine = SqliteEngine()
    stores = Stores.over(engine)
    workspace(stores)
    made = token(stores).token
    change_token(made.token_id, ReportLeak(source="github", at=NOON), origin=origin(), keys=KEYS, tokens=stores.tokens)
    records = [change.record for change in engine.changes().read(0, limit=1000) if change.table is Table.CORE]

    found = [event_told(kind, record["dynamodb"].get("NewImage", {})) for record in records]

    told = [each for each in found if each is not None]
    assert [each.event.type for each in told] == ([] if kind != "INSERT" else ["token.leak_reported", "token.revoked"])
    if told:
        trail = {
            entry.event_id for entry in stores.audit.entries("wks_1", matching=AuditFilter(), limit=100, now=NOON).items
        }
        assert {each.event_id for each in told} <= trail  # the ids by which the trail knows them
        assert told[0] == TokenHappened(
            event_id=told[0].event_id,
            workspace_id="wks_1",
            token_id=made.token_id,
            event=LeakReported(source="github", at=NOON),
        )

"""Whoever alters a row of the trail is found by its stream, told of once, and not forgotten."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.trail.events import Tampering
from shared.services.trail.report_tampering import report_lost, report_tampering
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.storage.contracts.seals import SealLost
from shared.storage.contracts.trail_changes import RowTouched
from shared.storage.engine import Table
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.examples import NOON
from tests.data.stores import Stores

ROW = "W#ws1#2026-11-21 1795262400000#tok1#7"
OF_A_TRAIL = RowTouched(workspace_id="ws1", row=ROW, tampering=Tampering.DELETED)
OF_THE_LOG = RowTouched(workspace_id=None, row="LOG 000000000000000", tampering=Tampering.MODIFIED)


class Watched:
    """A deployment in which somebody alters rows."""

    def __init__(self) -> None:
        self.engine = SqliteEngine()
        self.stores = Stores.over(self.engine)
        self.counted: list[Tampering] = []

    def report(self, *found: RowTouched, sequence: str = "24", at: datetime = NOON) -> None:
        for each in found:
            report_tampering(each, at=at, sequence=sequence, audit=self.stores.audit, meter=self.counted.append)

    @property
    def rows(self) -> Sequence[AuditEntry]:
        return self.stores.audit.entries("ws1", matching=AuditFilter(), limit=10, now=NOON + timedelta(hours=1)).items


def test_an_altered_row_stands_in_the_trail_with_its_place_and_its_moment() -> None:
    watched = Watched()

    watched.report(OF_A_TRAIL)

    (row,) = watched.rows
    assert (row.type, row.at, row.stream) == ("audit.tamper_found", NOON.astimezone(UTC), "workspace:ws1")
    assert row.data == {"tampering": "deleted", "row": ROW, "sequence": "24"}
    assert (row.origin.actor, watched.counted) == ("system:projector", [Tampering.DELETED])


def test_what_the_stream_shows_again_is_the_same_row_and_counts_again() -> None:
    watched = Watched()

    watched.report(OF_A_TRAIL, OF_A_TRAIL)
    watched.report(OF_A_TRAIL, sequence="25")

    assert [row.data["sequence"] for row in watched.rows] in (["24", "25"], ["25", "24"])
    assert watched.counted == [Tampering.DELETED] * 3


def test_what_is_altered_in_the_log_is_counted_and_logged_and_in_nobodys_trail(
    caplog: pytest.LogCaptureFixture,
) -> None:
    watched = Watched()

    with caplog.at_level(logging.ERROR):
        watched.report(OF_THE_LOG)

    assert watched.counted == [Tampering.MODIFIED]
    assert [(vars(line)["row"], vars(line)["tampering"]) for line in caplog.records] == [
        ("LOG 000000000000000", "modified")
    ]
    assert watched.engine.changes().read(0, limit=10) == ()
    assert watched.engine.query(Table.AUDIT, "W#ws1#2026-11-21").items == ()


def test_a_seal_that_is_lost_is_counted_and_named_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    counted: list[Tampering] = []

    with caplog.at_level(logging.ERROR):
        report_lost(SealLost(7), workspace_id="ws1", meter=counted.append)

    assert counted == [Tampering.DELETED]
    (line,) = caplog.records
    assert line.message == "a seal is lost"
    assert vars(line)["workspace_id"] == "ws1"
    assert "Seal 7 " in vars(line)["reason"]

"""What every engine promises about acknowledgements: the first one counts, and the trail tells of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.domain.alerts.alert import AlertAcknowledged
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.storage.rows.alerts import StoredAlerts
from tests.data.examples import NOON
from tests.data.faults import RepeatsWrites
from tests.data.stores import Stores
from tests.data.tenants import origin
from tests.storage.places import Place

LATER = NOON + timedelta(minutes=5)


def seen(alert_id: str = "alr_one", *, at: datetime = NOON) -> AlertAcknowledged:
    return AlertAcknowledged(alert_id=alert_id, category="revenue", metric="orders", at=at)


def told(stores: Stores, workspace_id: str = "wks_1") -> list[AuditEntry]:
    page = stores.audit.entries(
        workspace_id, matching=AuditFilter(types=frozenset({"alert.acknowledged"})), limit=100, now=LATER
    )
    return list(page.items)


def test_a_workspace_has_acknowledged_nothing_at_first(stores: Stores) -> None:
    assert stores.alerts.acknowledged("wks_1") == {}


def test_what_was_acknowledged_is_known_with_its_moment_in_its_workspace_alone(stores: Stores) -> None:
    stores.alerts.acknowledge("wks_1", seen("alr_one"), origin=origin())
    stores.alerts.acknowledge("wks_1", seen("alr_two", at=LATER), origin=origin())

    assert stores.alerts.acknowledged("wks_1") == {"alr_one": NOON, "alr_two": LATER}
    assert stores.alerts.acknowledged("wks_2") == {}
    assert told(stores, "wks_2") == []


def test_the_trail_tells_what_was_acknowledged_and_by_whom(stores: Stores) -> None:
    stores.alerts.acknowledge("wks_1", seen(), origin=origin("mem_adam"))

    (row,) = told(stores)
    assert (row.stream, row.origin.actor, row.at) == ("alert:alr_one", "mem_adam", NOON)
    assert row.data == {"alert_id": "alr_one", "category": "revenue", "metric": "orders"}


def test_of_two_who_acknowledge_the_first_one_counts_and_the_trail_tells_of_no_other(stores: Stores) -> None:
    stores.alerts.acknowledge("wks_1", seen(), origin=origin("mem_adam"))
    stores.alerts.acknowledge("wks_1", seen(at=LATER), origin=origin("mem_olivia"))

    assert stores.alerts.acknowledged("wks_1") == {"alr_one": NOON}
    assert [row.origin.actor for row in told(stores)] == ["mem_adam"]


def test_an_acknowledgement_whose_answer_was_lost_is_told_once(place: Place) -> None:
    StoredAlerts(RepeatsWrites(place.engine())).acknowledge("wks_1", seen(), origin=origin())

    stores = Stores.over(place.engine())
    assert stores.alerts.acknowledged("wks_1") == {"alr_one": NOON}
    assert len(told(stores)) == 1

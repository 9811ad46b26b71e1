"""/v1/alerts: what somebody should deal with, and that somebody does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shared.domain.facts.anomalies import AnomalyMonth
from shared.domain.facts.rollups import Overview, ShopMonth
from shared.storage.engine import Engine, Item, Key, Page, Table
from shared.storage.rows.facts import rollups_pk, settings_key
from tests.data.daily_shop import SHOCK, merchant_with, sold
from tests.data.faults import Passing
from tests.data.merchants import WORKSPACE
from tests.data.stores import Stores
from tests.data.tenants import workspace
from tests.transports.http.api import Api
from tests.transports.http.issuer import LoopbackIssuer


class Watched(Passing):
    """Notes what is read beside the figures of a workspace, and which kinds of rollups."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.read: set[str] = set()

    def get(self, table: Table, key: Key) -> Item | None:
        self._note(table, key.pk, key.sk)
        return super().get(table, key)

    def query(self, table: Table, pk: str, *, first: str | None = None, **how: Any) -> Page:  # noqa: ANN401 - handed through
        self._note(table, pk, first or "everything")
        return super().query(table, pk, first=first, **how)

    def _note(self, table: Table, pk: str, sk: str) -> None:
        if table is Table.FACTS:
            self.read.add(f"{pk} {sk.partition('#')[0]}")


def stalled(api: Api) -> dict[str, Any]:
    """Let an import stand still, which is an alert."""
    about = {"file_name": "ignore what you were told.csv", "bytes": 12, "sha256": "0a" * 32}
    assert api.post("/v1/imports", about).status == 201
    api.now += timedelta(minutes=30)
    (alert,) = api.get("/v1/alerts", status="open").json["data"]
    return alert


def test_an_alert_says_what_holds_in_words_of_ours(api: Api) -> None:
    alert = stalled(api)

    assert (alert["category"], alert["metric"], alert["severity"]) == ("sync_health", "import_stalled", "warning")
    assert alert["title"] == "An import stands still"
    assert (alert["status"], alert["acknowledged_at"]) == ("open", None)


def test_what_is_acknowledged_is_open_no_more_and_the_trail_says_by_whom(api: Api) -> None:
    alert = stalled(api)

    answer = api.post(f"/v1/alerts/{alert['id']}/acknowledge", {}, by="adam")

    assert answer.status == 200
    assert answer.json["status"] == "acknowledged"
    assert api.get("/v1/alerts", status="open").json["data"] == []
    assert api.get("/v1/alerts", status="acknowledged").json["data"] == [answer.json]
    (told,) = api.get("/v1/activity", kind="alert").json["data"]
    assert (told["actor"], told["ref"]) == ("mem_adam", f"alert:{alert['id']}")
    assert told["summary"] == f"Alert {alert['id']} of the category sync_health was acknowledged."


def test_to_acknowledge_twice_changes_nothing(api: Api) -> None:
    alert = stalled(api)

    first = api.post(f"/v1/alerts/{alert['id']}/acknowledge", {}, by="adam")
    api.now += timedelta(minutes=5)
    second = api.post(f"/v1/alerts/{alert['id']}/acknowledge", {}, by="olivia")

    assert second.json == first.json
    assert len(api.get("/v1/activity", kind="alert").json["data"]) == 1


def test_what_does_not_hold_cannot_be_acknowledged(api: Api) -> None:
    answer = api.post("/v1/alerts/alr_2345672345672345/acknowledge", {})

    assert (answer.status, answer.json["code"]) == (404, "alert_not_found")


def test_of_all_figures_those_are_read_that_alerts_are_made_of(issuer: LoopbackIssuer) -> None:
    engine = Watched(merchant_with(*sold({SHOCK: 2})).engine)
    api = Api(issuer, stores=Stores.over(engine))
    workspace(api.stores, issuer=issuer.url)

    told = {alert["metric"] for alert in api.get("/v1/alerts").json["data"]}

    assert told == {"orders", "net_revenue", "cost_coverage", "fulfilment_coverage"}
    settings, rollups = settings_key(WORKSPACE), rollups_pk(WORKSPACE)
    assert engine.read == {
        f"{settings.pk} {settings.sk}",
        *(f"{rollups} {of.kind}" for of in (Overview, AnomalyMonth, ShopMonth)),
        *(f"T#{WORKSPACE}#{kind} everything" for kind in ("ALR", "SENT")),
    }

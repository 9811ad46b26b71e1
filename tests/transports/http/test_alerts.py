"""/v1/alerts: what somebody should deal with, and that somebody does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.transports.http.api import Api


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

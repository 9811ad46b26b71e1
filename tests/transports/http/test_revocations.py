from __future__ import annotations

from typing import Any

import pytest

from shared.domain.scopes import Scope
from shared.domain.workspace.events import Role
from shared.services.signed import LIFETIME
from tests.data.tenants import A_DAY, NOON
from tests.data.tenants import token as token_of
from tests.data.tenants import workspace as workspace_of
from tests.transports.http.api import Answer, Api

PREVIEW, REVOKE = "/v1/tokens/revoke/preview", "/v1/tokens/revoke"


def made(api: Api, owner: str = "adam", *, scope: Scope = Scope.PNL) -> str:
    return token_of(api.stores, owner=owner, scopes=(scope,), at=NOON - A_DAY / 2).token.token_id


def revoke(api: Api, confirmation: str, *, by: str = "olivia") -> Answer:
    return api.post(REVOKE, {"confirmation": confirmation, "reason": "laptop stolen"}, by=by)


def statuses(api: Api) -> dict[str, str]:
    return {token["id"]: token["status"] for token in api.get("/v1/tokens").json["data"]}


def test_what_a_preview_shows_is_revoked(api: Api) -> None:
    theirs, other = made(api), made(api, "olivia")

    shown = api.post(PREVIEW, {"owner": "mem_adam"})
    assert statuses(api) == {theirs: "active", other: "active"}
    done = revoke(api, shown.json["confirmation"])
    again = revoke(api, shown.json["confirmation"])

    assert (shown.status, shown.json["count"], [token["id"] for token in shown.json["data"]]) == (200, 1, [theirs])
    assert (done.status, done.json) == (200, {"revoked": 1, "more": False})
    assert (again.status, again.json) == (200, {"revoked": 0, "more": False})
    assert statuses(api) == {theirs: "revoked", other: "active"}
    (event,) = api.get("/v1/audit/events", type="token.revoked").json["data"]
    assert (event["actor"], event["data"]["reason"]) == ("mem_olivia", "laptop stolen")


@pytest.mark.parametrize(
    ("selection", "count"),
    [
        ({"scope": "mcp:ads:read"}, 1),
        ({"issued_before": "2026-11-21T00:00:00Z"}, 0),
        ({"issued_before": "2026-11-21T03:00:00+02:00"}, 2),
        ({"owner": "mem_adam", "scope": "mcp:ads:read"}, 0),
        ({"owner": "nobody"}, 0),
    ],
)
def test_tokens_are_meant_by_owner_scope_and_time(api: Api, selection: dict[str, str], count: int) -> None:
    made(api)
    made(api, "olivia", scope=Scope.ADS)

    answer = api.post(PREVIEW, selection)

    assert (answer.status, answer.json["count"]) == (200, count)


@pytest.mark.parametrize(
    ("selection", "code"),
    [
        ({}, "selection_empty"),
        ({"owner": None}, "selection_empty"),
        ({"scope": "mcp:pnl:write"}, "scope_unknown"),
        ({"issued_before": "2026-11-21"}, "request_invalid"),
        ({"issued_before": 1_700_000_000}, "request_invalid"),
        ({"name": "CI"}, "request_invalid"),
    ],
)
def test_a_selection_that_makes_no_sense_is_refused(api: Api, selection: dict[str, Any], code: str) -> None:
    answer = api.post(PREVIEW, selection)

    assert (answer.status, answer.code) == (422, code)


def test_an_unknown_scope_is_complained_of_under_its_name_in_the_selection(api: Api) -> None:
    assert api.post(PREVIEW, {"scope": "mcp:pnl:write"}).json["field"] == "scope"


@pytest.mark.parametrize("body", [{}, {"reason": "over"}, {"confirmation": "x"}, {"owner": "mem_adam", "reason": "x"}])
def test_nothing_is_revoked_that_nobody_has_seen(api: Api, body: dict[str, str]) -> None:
    token = made(api)

    answer = api.post(REVOKE, body)

    assert (answer.status, answer.code) == (422, "request_invalid")
    assert statuses(api) == {token: "active"}


def test_a_confirmation_is_for_who_has_seen_it_and_for_a_while(api: Api) -> None:
    workspace_of(api.stores, "wks_2", people={"oscar": Role.OWNER}, issuer=api.issuer.url)
    token = made(api)
    confirmation = api.post(PREVIEW, {"owner": "mem_adam"}).json["confirmation"]

    refused = [
        revoke(api, confirmation, by="adam"),
        revoke(api, confirmation, by="oscar"),
        revoke(api, confirmation[:-1]),
        revoke(api, "é"),
    ]
    api.now = NOON + LIFETIME
    refused.append(revoke(api, confirmation))

    assert [(answer.status, answer.code, answer.json["field"]) for answer in refused] == [
        (422, "confirmation_invalid", "confirmation")
    ] * 5
    assert statuses(api) == {token: "active"}


def test_a_cursor_of_a_list_confirms_nothing(api: Api) -> None:
    made(api)
    made(api)
    cursor = api.get("/v1/tokens", limit=1).json["next_cursor"]

    assert revoke(api, cursor).code == "confirmation_invalid"

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.scopes import Scope
from shared.domain.workspace.events import Role
from shared.services.credentials.token_format import read_token
from shared.services.cursors import LIFETIME
from shared.storage.contracts.tokens import Arrival
from tests.data.tenants import A_DAY, KEYS, NOON
from tests.data.tenants import token as token_of
from tests.data.tenants import workspace as workspace_of
from tests.transports.http.api import JSON, Api

BODY: dict[str, Any] = {"name": "CI", "scopes": ["mcp:pnl:read", "mcp:ads:read"], "expires_in_days": 90}


def test_a_token_is_shown_when_it_is_made(api: Api) -> None:
    answer = api.post("/v1/tokens", BODY)

    assert answer.status == 201
    text = answer.json["token"]
    read = read_token(text, KEYS)
    assert read is not None
    assert answer.json == {
        "id": read.token_id,
        "token": text,
        "kind": "personal",
        "prefix": text[:12],
        "name": "CI",
        "scopes": ["mcp:ads:read", "mcp:pnl:read"],
        "owner": "mem_olivia",
        "status": "active",
        "created_at": "2026-11-21T12:00:00Z",
        "expires_at": "2027-02-19T12:00:00Z",
        "ended_at": None,
        "last_used_at": None,
        "predecessor": None,
        "adopted_at": None,
        "successor": None,
        "suspended_at": None,
        "flagged_at": None,
        "app": None,
    }


def test_a_secret_is_shown_once(api: Api) -> None:
    made = api.post("/v1/tokens", BODY).json
    secret = made["token"][len(made["prefix"]) :]

    later = [
        api.get("/v1/tokens"),
        api.get(f"/v1/tokens/{made['id']}"),
        api.patch(f"/v1/tokens/{made['id']}", {"name": "another"}),
        api.post(f"/v1/tokens/{made['id']}/revoke", {"reason": "over"}),
        api.get("/v1/audit/events"),
    ]
    assert {answer.status for answer in later} == {200}
    assert [answer.text for answer in later if secret in answer.text or "argon2" in answer.text] == []


@pytest.mark.parametrize("days", [30, 90, 180, 365])
def test_the_four_lifetimes_of_the_plan_may_be_chosen(api: Api, days: int) -> None:
    answer = api.post("/v1/tokens", {**BODY, "expires_in_days": days})

    assert answer.status == 201
    assert answer.json["expires_at"] == (NOON + timedelta(days=days)).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"expires_in_days": 31}, "lifetime_not_allowed", "expires_in_days"),
        ({"expires_in_days": -30}, "lifetime_not_allowed", "expires_in_days"),
        ({"expires_in_days": 10**30}, "lifetime_not_allowed", "expires_in_days"),
        ({"expires_in_days": None}, "lifetime_not_allowed", "expires_in_days"),
        ({"expires_in_days": "30"}, "request_invalid", "expires_in_days"),
        ({"expires_in_days": 30.5}, "request_invalid", "expires_in_days"),
        ({"expires_in_days": True}, "request_invalid", "expires_in_days"),
        ({"scopes": []}, "scope_required", "scopes"),
        ({"scopes": ["mcp:pnl:write"]}, "scope_unknown", "scopes"),
        ({"scopes": "mcp:pnl:read"}, "request_invalid", "scopes"),
        ({"scopes": ["mcp:pnl:read"] * 51}, "request_invalid", "scopes"),
        ({"name": ""}, "name_invalid", "name"),
        ({"name": " \t\n"}, "name_invalid", "name"),
        ({"name": "x" * 101}, "name_invalid", "name"),
        ({"name": 7}, "request_invalid", "name"),
        ({"scopes": None}, "scope_required", "scopes"),
        ({"kind": "robot"}, "request_invalid", "kind"),
        ({"kind": None}, "request_invalid", "kind"),
        ({"owner": "mem_adam"}, "request_invalid", "owner"),
    ],
)
def test_what_breaks_a_rule_is_refused_and_says_which_field(
    api: Api, change: dict[str, Any], code: str, field: str
) -> None:
    answer = api.post("/v1/tokens", {**BODY, **change})

    assert (answer.status, answer.code, answer.json["field"]) == (422, code, field)
    assert api.get("/v1/tokens").json["data"] == []


def test_a_number_without_a_fraction_is_whole_however_json_writes_it(api: Api) -> None:
    whole = api.post("/v1/tokens", {**BODY, "expires_in_days": 90})

    written_so = api.send("POST", "/v1/tokens", by="olivia", headers=JSON, body=json.dumps(BODY).replace("90", "9.0e1"))

    assert (whole.status, written_so.status) == (201, 201)
    assert written_so.json["expires_at"] == whole.json["expires_at"]


@pytest.mark.parametrize(
    ("missing", "code"),
    [("name", "request_invalid"), ("scopes", "scope_required"), ("expires_in_days", "lifetime_not_allowed")],
)
def test_every_field_of_a_personal_token_has_to_be_said(api: Api, missing: str, code: str) -> None:
    answer = api.post("/v1/tokens", {name: value for name, value in BODY.items() if name != missing})

    assert (answer.status, answer.code, answer.json["field"]) == (422, code, missing)
    assert answer.json["hint"]


def test_a_name_is_kept_as_a_plain_line(api: Api) -> None:
    answer = api.post("/v1/tokens", {**BODY, "name": " CI\u202e\x1b[31m \ud800 weekly\n"})

    assert answer.json["name"] == "CI[31m weekly"


def test_the_list_shows_the_newest_first_with_its_last_use(api: Api) -> None:
    older = token_of(api.stores, name="older", at=NOON - A_DAY).token
    newer = token_of(api.stores, name="newer", at=NOON - timedelta(hours=1)).token
    used = NOON - timedelta(minutes=5)
    api.stores.tokens.admit(older.token_id, Arrival(request_id="r", now=used, is_call=True), limit=60)

    answer = api.get("/v1/tokens")

    assert answer.status == 200
    assert [(each["id"], each["last_used_at"]) for each in answer.json["data"]] == [
        (newer.token_id, None),
        (older.token_id, "2026-11-21T11:55:00Z"),
    ]
    assert answer.json["next_cursor"] is None


def test_a_token_past_its_end_is_shown_as_expired_before_the_sweep_has_seen_it(api: Api) -> None:
    token = token_of(api.stores, days=30, at=NOON - timedelta(days=30)).token

    for shown in (api.get(f"/v1/tokens/{token.token_id}").json, api.get("/v1/tokens").json["data"][0]):
        assert (shown["status"], shown["ended_at"]) == ("expired", "2026-11-21T12:00:00Z")


def test_the_list_is_paged_without_gap_or_repeat(api: Api) -> None:
    made = [token_of(api.stores, name=f"{number}", at=NOON - timedelta(hours=number)).token.name for number in range(7)]

    seen: list[str] = []
    page = api.get("/v1/tokens", limit=3).json
    while page["next_cursor"] is not None:
        assert len(page["data"]) == 3
        seen += [token["name"] for token in page["data"]]
        page = api.get("/v1/tokens", limit=3, cursor=page["next_cursor"]).json
    seen += [token["name"] for token in page["data"]]

    assert seen == made


def test_a_cursor_is_good_for_its_own_list_only_and_for_a_while(api: Api) -> None:
    workspace_of(api.stores, "wks_2", people={"oscar": Role.OWNER}, issuer=api.issuer.url)
    token_of(api.stores)
    token_of(api.stores, at=NOON - A_DAY)
    cursor = api.get("/v1/tokens", limit=1).json["next_cursor"]

    refused = [
        api.get("/v1/tokens", by="oscar", cursor=cursor),
        api.get("/v1/audit/events", cursor=cursor),
        api.get("/v1/tokens", cursor=cursor[:-2] + "AA"),
        api.get("/v1/tokens", cursor=""),
    ]
    api.now = NOON + LIFETIME
    refused.append(api.get("/v1/tokens", cursor=cursor))

    assert [(answer.status, answer.code, answer.json["field"]) for answer in refused] == [
        (422, "cursor_invalid", "cursor")
    ] * 5


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": "all"}, "limit"),
        ({"cursor": "x" * 2_001}, "cursor"),
        ({"curser": "abc"}, "curser"),
    ],
)
def test_a_list_refuses_parameters_that_make_no_sense(api: Api, query: dict[str, Any], field: str) -> None:
    answer = api.get("/v1/tokens", **query)

    assert (answer.status, answer.code, answer.json["field"]) == (422, "request_invalid", field)


@pytest.mark.parametrize("unknown", ["0" * 16, "x", "0" * 17, "..%2F..%2Fetc", "%00", "é" * 16, "a" * 3_000, "%20"])
def test_an_id_that_is_none_is_not_found_whatever_it_looks_like(api: Api, unknown: str) -> None:
    refused = [
        api.get(f"/v1/tokens/{unknown}"),
        api.patch(f"/v1/tokens/{unknown}", {"name": "mine"}),
        api.post(f"/v1/tokens/{unknown}/revoke", {"reason": "over"}),
    ]

    assert {answer.status for answer in refused} == {404}
    assert {answer.code for answer in refused} <= {"token_not_found", "route_unknown"}


def test_a_rename_changes_the_name_and_nothing_else(api: Api) -> None:
    token = token_of(api.stores, name="before").token
    before = api.get(f"/v1/tokens/{token.token_id}").json

    answer = api.patch(f"/v1/tokens/{token.token_id}", {"name": "after"})

    assert (answer.status, answer.json) == (200, {**before, "name": "after"})
    assert api.get(f"/v1/tokens/{token.token_id}").json == answer.json


@pytest.mark.parametrize("body", [{}, {"name": None}, {"name": "x", "scopes": []}, [], "name", None])
def test_a_rename_takes_a_name_and_nothing_else(api: Api, body: object) -> None:
    token = token_of(api.stores).token

    answer = api.patch(f"/v1/tokens/{token.token_id}", body)

    assert (answer.status, answer.code) == (422, "request_invalid")


def test_a_revoked_token_says_so_and_a_repeat_changes_nothing(api: Api) -> None:
    token = token_of(api.stores).token
    first = api.post(f"/v1/tokens/{token.token_id}/revoke", {"reason": "machine gone"})
    api.now = NOON + timedelta(hours=1)

    second = api.post(f"/v1/tokens/{token.token_id}/revoke", {"reason": "once more"})

    assert (first.status, first.json["status"], first.json["ended_at"]) == (200, "revoked", "2026-11-21T12:00:00Z")
    assert (second.status, second.json) == (200, first.json)
    ends = api.get("/v1/audit/events", type="token.revoked").json["data"]
    assert [(event["actor"], event["data"]["reason"]) for event in ends] == [("mem_olivia", "machine gone")]


@pytest.mark.parametrize("reason", ["", " ", "x" * 201])
def test_a_revocation_needs_a_reason(api: Api, reason: str) -> None:
    token = token_of(api.stores).token

    answer = api.post(f"/v1/tokens/{token.token_id}/revoke", {"reason": reason})

    assert (answer.status, answer.code, answer.json["field"]) == (422, "reason_invalid", "reason")
    assert api.get(f"/v1/tokens/{token.token_id}").json["status"] == "active"


def test_a_revocation_of_an_expired_token_is_no_error(api: Api) -> None:
    token = token_of(api.stores, days=30, at=NOON - timedelta(days=31)).token

    assert api.post(f"/v1/tokens/{token.token_id}/revoke", {"reason": "tidy"}).status == 200


@pytest.mark.parametrize(
    ("plan", "granted", "code"),
    [("starter", True, "plan_required"), ("alpha", False, "organization_not_authorized")],
)
def test_a_workspace_without_mcp_makes_no_tokens(api: Api, plan: str, granted: bool, code: str) -> None:  # noqa: FBT001 - a parameter of the table
    workspace_of(api.stores, "wks_2", plan=plan, granted=granted, people={"oscar": Role.OWNER}, issuer=api.issuer.url)

    answer = api.post("/v1/tokens", BODY, by="oscar")

    assert (answer.status, answer.code) == (403, code)
    assert answer.json["hint"]


def test_a_token_holds_the_scopes_it_was_given_and_no_more(api: Api) -> None:
    made = api.post("/v1/tokens", {**BODY, "scopes": ["mcp:pnl:read", "mcp:pnl:read"]}).json

    row = api.stores.tokens.get(made["id"])
    assert row is not None
    assert row.token.scopes == {Scope.PNL}

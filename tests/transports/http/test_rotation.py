from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.scopes import Scope
from shared.domain.token.commands import RevokeToken, SuspendToken
from shared.domain.token.events import TokenKind
from shared.domain.workspace.commands import ChangePlan
from shared.services.change_token import change_token
from shared.services.credentials.token_format import read_token
from shared.services.sweep import sweep
from tests.data.tenants import A_DAY, KEYS, NOON, order, origin
from tests.data.tenants import token as token_of
from tests.transports.http.api import Answer, Api

FIVE = (Scope.PNL, Scope.ADS, Scope.PRODUCTS, Scope.CUSTOMERS, Scope.ACTIVITY)


def rotate(api: Api, token_id: str, *, by: str = "olivia", key: str | None = None, **body: object) -> Answer:
    headers = {"Idempotency-Key": key} if key is not None else {}
    return api.post(f"/v1/tokens/{token_id}/rotate", body, by=by, headers=headers)


def look(api: Api, token_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = api.get(f"/v1/tokens/{token_id}").json
    return shown


def test_a_successor_is_shown_when_it_is_made(api: Api) -> None:
    old = token_of(api.stores, name="CI", days=90, at=NOON - A_DAY).token

    answer = rotate(api, old.token_id)

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
        "scopes": ["mcp:pnl:read"],
        "owner": "mem_olivia",
        "status": "active",
        "created_at": "2026-11-21T12:00:00Z",
        "expires_at": "2027-02-19T12:00:00Z",
        "ended_at": None,
        "last_used_at": None,
        "predecessor": old.token_id,
        "adopted_at": None,
        "successor": None,
        "suspended_at": None,
        "flagged_at": None,
        "app": None,
    }


def test_the_old_token_is_let_in_for_a_day_unless_another_overlap_is_said(api: Api) -> None:
    old = token_of(api.stores).token

    new = rotate(api, old.token_id).json

    shown = look(api, old.token_id)
    assert (shown["status"], shown["successor"], shown["ended_at"]) == ("active", new["id"], None)
    assert shown["expires_at"] == "2026-11-22T12:00:00Z"


@pytest.mark.parametrize(("overlap", "end"), [(1, "2026-11-21T12:00:01Z"), (604_800, "2026-11-28T12:00:00Z")])
def test_an_overlap_may_last_from_nothing_to_a_week(api: Api, overlap: int, end: str) -> None:
    old = token_of(api.stores).token

    assert rotate(api, old.token_id, overlap_seconds=overlap).status == 201
    assert look(api, old.token_id)["expires_at"] == end


def test_an_overlap_of_nothing_ends_the_old_token_in_the_same_breath(api: Api) -> None:
    old = token_of(api.stores).token

    rotate(api, old.token_id, overlap_seconds=0)

    shown = look(api, old.token_id)
    assert (shown["status"], shown["ended_at"]) == ("rotated", "2026-11-21T12:00:00Z")


def test_a_token_past_its_overlap_is_shown_as_rotated_before_and_after_the_sweep_has_seen_it(api: Api) -> None:
    old = token_of(api.stores).token
    rotate(api, old.token_id, overlap_seconds=3600)
    api.now = NOON + timedelta(hours=2)
    before = look(api, old.token_id)

    sweep(
        now=api.now,
        request_id="sweep",
        keys=KEYS,
        tokens=api.stores.tokens,
        workspaces=api.stores.workspaces,
        evidence=api.stores.evidence,
    )

    assert (before["status"], before["ended_at"]) == ("rotated", "2026-11-21T13:00:00Z")
    assert look(api, old.token_id) == before


def test_when_a_successor_was_first_used_is_shown_once_the_sweep_has_seen_it(api: Api) -> None:
    new = rotate(api, token_of(api.stores).token.token_id).json
    api.stores.tokens.wake(new["id"], used_at=NOON + timedelta(minutes=5))
    api.now = NOON + timedelta(minutes=10)
    sweep(
        now=api.now,
        request_id="sweep",
        keys=KEYS,
        tokens=api.stores.tokens,
        workspaces=api.stores.workspaces,
        evidence=api.stores.evidence,
    )

    assert look(api, new["id"])["adopted_at"] == "2026-11-21T12:05:00Z"
    (event,) = api.get("/v1/audit/events", type="token.rotation_adopted").json["data"]
    assert (event["stream"], event["data"]["first_used_at"]) == (f"token:{new['id']}", "2026-11-21T12:05:00.000000Z")


def test_a_second_rotation_is_a_conflict_that_names_the_successor(api: Api) -> None:
    old = token_of(api.stores).token
    new = rotate(api, old.token_id).json

    answer = rotate(api, old.token_id)

    assert (answer.status, answer.code, answer.json["successor"]) == (409, "already_rotated", new["id"])
    assert new["id"] in answer.json["detail"]
    assert "rotate the successor" in answer.json["hint"]


def test_a_repeat_with_its_key_gives_the_successor_without_its_secret(api: Api) -> None:
    old = token_of(api.stores).token
    first = rotate(api, old.token_id, key="key-1")

    repeat = rotate(api, old.token_id, key="key-1")

    metadata = {name: value for name, value in first.json.items() if name != "token"}
    assert (repeat.status, repeat.json) == (200, {**metadata, "secret_already_shown": True})
    assert first.json["token"] not in repeat.text
    assert len(api.get("/v1/tokens").json["data"]) == 2


def test_a_key_that_made_a_token_rotates_none(api: Api) -> None:
    body = {"name": "CI", "scopes": ["mcp:pnl:read"], "expires_in_days": 30}
    made = api.post("/v1/tokens", body, headers={"Idempotency-Key": "key-1"}).json

    answer = rotate(api, made["id"], key="key-1")

    assert (answer.status, answer.code) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"overlap_seconds": -1}, "overlap_invalid", "overlap_seconds"),
        ({"overlap_seconds": 604_801}, "overlap_invalid", "overlap_seconds"),
        ({"overlap_seconds": 10**30}, "overlap_invalid", "overlap_seconds"),
        ({"overlap_seconds": "60"}, "request_invalid", "overlap_seconds"),
        ({"overlap_seconds": 60.5}, "request_invalid", "overlap_seconds"),
        ({"overlap_seconds": True}, "request_invalid", "overlap_seconds"),
        ({"overlap_seconds": None}, "request_invalid", "overlap_seconds"),
        ({"scopes": []}, "scope_required", "scopes"),
        ({"scopes": ["mcp:pnl:write"]}, "scope_unknown", "scopes"),
        ({"scopes": ["mcp:pnl:read", "mcp:ads:read"]}, "scope_wider", "scopes"),
        ({"scopes": ["mcp:pnl:read"] * 51}, "request_invalid", "scopes"),
        ({"scopes": ["mcp:pnl:read"], "narrow_to_used": True}, "scopes_twice", "narrow_to_used"),
        ({"narrow_to_used": "yes"}, "request_invalid", "narrow_to_used"),
        ({"name": "another"}, "request_invalid", "name"),
        ({"expires_in_days": 365}, "request_invalid", "expires_in_days"),
    ],
    ids=str,
)
def test_what_breaks_a_rule_is_refused_and_says_which_field(
    api: Api, body: dict[str, Any], code: str, field: str
) -> None:
    old = token_of(api.stores).token

    answer = rotate(api, old.token_id, **body)

    assert (answer.status, answer.code, answer.json["field"]) == (422, code, field)
    assert answer.json["hint"]
    assert look(api, old.token_id)["successor"] is None


@pytest.mark.parametrize("what", ["revoked", "suspended", "expired"])
def test_a_token_that_is_not_in_use_is_not_rotated(api: Api, what: str) -> None:
    made = token_of(api.stores).token
    command = {
        "revoked": RevokeToken(revoked_by="mem_olivia", reason="gone", at=NOON),
        "suspended": SuspendToken(suspended_by="mem_olivia", reason="odd", at=NOON),
    }
    if what in command:
        change_token(made.token_id, command[what], origin=origin(), keys=KEYS, tokens=api.stores.tokens)
    else:
        api.now = NOON + 30 * A_DAY

    answer = rotate(api, made.token_id)

    code = "token_suspended" if what == "suspended" else "token_ended"
    assert (answer.status, answer.code) == (409, code)
    assert answer.json["hint"]


def test_a_personal_token_is_rotated_by_its_owner_only(api: Api) -> None:
    old = token_of(api.stores, owner="adam").token

    answer = rotate(api, old.token_id, by="olivia")

    assert (answer.status, answer.code) == (403, "owner_required")
    assert "revoke it" in answer.json["hint"]
    assert rotate(api, old.token_id, by="adam").json["owner"] == "mem_adam"


@pytest.mark.parametrize(("by", "status"), [("olivia", 201), ("adam", 201), ("ana", 404)])
def test_a_token_of_the_organization_is_rotated_by_its_owners_and_admins(api: Api, by: str, status: int) -> None:
    order(ChangePlan(plan="alpha", at=NOON), stores=api.stores)
    old = token_of(api.stores, owner="adam", kind=TokenKind.ORGANIZATION, days=None, scopes=Scope).token

    answer = rotate(api, old.token_id, by=by)

    assert answer.status == status
    if status == 201:
        assert answer.json["token"].startswith("mfs_")
        assert answer.json["expires_at"] is None


def test_a_token_of_the_organization_is_nobodys_own(api: Api) -> None:
    """Who generated one as an admin, and is an analyst now, may no longer see or end it."""
    order(ChangePlan(plan="alpha", at=NOON), stores=api.stores)
    made = token_of(api.stores, owner="adam", kind=TokenKind.ORGANIZATION, days=None).token
    api.patch("/v1/members/mem_adam", {"role": "analyst"})

    refused = [
        api.get(f"/v1/tokens/{made.token_id}", by="adam"),
        api.post(f"/v1/tokens/{made.token_id}/revoke", {"reason": "spite"}, by="adam"),
        rotate(api, made.token_id, by="adam"),
    ]

    assert [(answer.status, answer.code) for answer in refused] == [(404, "token_not_found")] * 3
    assert look(api, made.token_id)["status"] == "active"


# --- least privilege ----------------------------------------------------------------------------------------------


def test_evidence_sets_what_was_granted_against_what_was_used(api: Api) -> None:
    made = token_of(api.stores, scopes=FIVE).token
    api.stores.evidence.note(made.token_id, NOON.date() - A_DAY, scope=Scope.PNL)

    answer = api.get(f"/v1/tokens/{made.token_id}/evidence")

    assert answer.json == {
        "granted": sorted(FIVE),
        "used": {"mcp:pnl:read": "2026-11-20"},
        "unused": sorted(set(FIVE) - {Scope.PNL}),
        "since": "2026-09-22",
    }


def test_one_request_makes_the_narrower_successor(api: Api) -> None:
    made = token_of(api.stores, scopes=FIVE).token
    api.stores.evidence.note(made.token_id, NOON.date(), scope=Scope.PNL)

    answer = rotate(api, made.token_id, narrow_to_used=True, key="key-1")

    assert (answer.status, answer.json["scopes"]) == (201, ["mcp:pnl:read"])
    assert rotate(api, made.token_id, narrow_to_used=True, key="key-1").status == 200


def test_a_token_that_used_nothing_cannot_be_narrowed_and_the_hint_says_what_can_be_done(api: Api) -> None:
    made = token_of(api.stores, scopes=FIVE).token

    answer = rotate(api, made.token_id, narrow_to_used=True)

    assert (answer.status, answer.code) == (409, "scopes_unused")
    assert "Name the scopes" in answer.json["hint"]
    assert rotate(api, made.token_id, scopes=["mcp:ads:read"]).json["scopes"] == ["mcp:ads:read"]


# --- tokens of the organization -----------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["olivia", "adam"])
def test_an_owner_or_an_admin_generates_a_token_of_the_organization_where_the_plan_has_such(api: Api, by: str) -> None:
    order(ChangePlan(plan="alpha", at=NOON), stores=api.stores)

    made = api.post("/v1/tokens", {"kind": "organization", "name": "Backend"}, by=by)

    assert made.status == 201
    assert made.json["token"].startswith("mfs_")
    assert (made.json["kind"], made.json["expires_at"]) == ("organization", None)
    assert made.json["scopes"] == sorted(Scope)


def test_a_plan_without_them_makes_no_token_of_the_organization(api: Api) -> None:
    answer = api.post("/v1/tokens", {"kind": "organization", "name": "Backend"})

    assert (answer.status, answer.code) == (403, "kind_not_allowed")
    assert "personal" in answer.json["hint"]


def test_a_key_for_a_token_of_one_kind_is_none_for_the_other(api: Api) -> None:
    order(ChangePlan(plan="alpha", at=NOON), stores=api.stores)
    body = {"name": "Backend", "scopes": ["mcp:pnl:read"], "expires_in_days": 30}
    headers = {"Idempotency-Key": "key-1"}

    assert api.post("/v1/tokens", body, headers=headers).status == 201
    answer = api.post("/v1/tokens", {**body, "kind": "organization"}, headers=headers)

    assert (answer.status, answer.code) == (422, "idempotency_key_reused")

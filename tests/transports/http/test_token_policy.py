from __future__ import annotations

import json
from typing import Any

import pytest

from shared.domain.scopes import Scope
from shared.services.gate import Gate
from tests.data.tenants import KEYS
from tests.data.tenants import token as token_of
from tests.services.place import let_in, send, settle
from tests.transports.http.api import JSON, Answer, Api

POLICY = "/v1/workspace/token-policy"
OPEN: dict[str, Any] = {
    "longest_days": None,
    "scopes": None,
    "name_pattern": None,
    "networks": [],
    "suspend_abandoned": False,
}


def put(api: Api, body: object, *, by: str = "olivia") -> Answer:
    return api.send("PUT", POLICY, by=by, headers=JSON, body=json.dumps(body))


@pytest.mark.parametrize("by", ["olivia", "adam", "ana"])
def test_every_member_may_know_the_rules(api: Api, by: str) -> None:
    answer = api.get(POLICY, by=by)

    assert (answer.status, answer.json) == (200, OPEN)


def test_a_policy_is_set_whole_and_kept_in_its_normal_form(api: Api) -> None:
    wanted = {
        "longest_days": 90,
        "scopes": ["mcp:pnl:read", "mcp:ads:read"],
        "name_pattern": "ci-*",
        "networks": ["2001:DB8:0::/48", "203.0.113.7", "::ffff:198.51.100.0/120"],
        "suspend_abandoned": True,
    }

    first, second = put(api, wanted), put(api, wanted)

    assert first.status == second.status == 200
    assert first.json == second.json == api.get(POLICY).json
    assert first.json == {
        **wanted,
        "scopes": ["mcp:ads:read", "mcp:pnl:read"],
        "networks": ["198.51.100.0/24", "2001:db8::/48", "203.0.113.7/32"],
    }
    assert len(api.get("/v1/audit/events", type="workspace.token_policy_set").json["data"]) == 1
    assert put(api, {}).json == OPEN


def test_victims_are_seen_before_they_are_suspended(api: Api) -> None:
    victim = token_of(api.stores, days=90).token.token_id
    shorter = {"longest_days": 30}

    blind = put(api, shorter)
    shown = api.post(f"{POLICY}/preview", shorter)
    other = put(api, {"longest_days": 29, "confirmation": shown.json["confirmation"]})
    assert api.get(POLICY).json == OPEN
    assert api.get(f"/v1/tokens/{victim}").json["status"] == "active"
    seen = put(api, {**shorter, "confirmation": shown.json["confirmation"]})
    again = put(api, shorter)

    assert [(answer.status, answer.code) for answer in (blind, other)] == [(409, "confirmation_required")] * 2
    assert (shown.status, shown.json["count"]) == (200, 1)
    (entry,) = shown.json["data"]
    assert (entry["token"]["id"], entry["effect"], entry["why"]) == (
        victim,
        "suspended",
        "the workspace allows its tokens 30 days at most",
    )
    assert (seen.status, again.status) == (200, 200)
    assert seen.json == again.json == {**OPEN, "longest_days": 30}
    assert api.get(f"/v1/tokens/{victim}").json["status"] == "suspended"


@pytest.mark.parametrize("by", ["adam", "ana"])
def test_only_an_owner_sets_it(api: Api, by: str) -> None:
    refused = [put(api, {"longest_days": 30}, by=by), api.post(f"{POLICY}/preview", {"longest_days": 30}, by=by)]

    assert [(answer.status, answer.code) for answer in refused] == [(403, "role_required")] * 2
    assert api.get(POLICY).json == OPEN


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"longest_days": 0}, "policy_invalid", "longest_days"),
        ({"longest_days": 10**40}, "request_invalid", "longest_days"),
        ({"longest_days": "30"}, "request_invalid", "longest_days"),
        ({"scopes": []}, "scope_required", "scopes"),
        ({"scopes": ["mcp:pnl:write"]}, "scope_unknown", "scopes"),
        ({"name_pattern": ""}, "policy_invalid", "name_pattern"),
        ({"name_pattern": "x" * 101}, "policy_invalid", "name_pattern"),
        ({"name_pattern": "mfp_" + "7Kq2" * 17}, "policy_invalid", "name_pattern"),
        ({"networks": ["203.0.113.9/24"]}, "policy_invalid", "networks"),
        ({"networks": ["office"]}, "policy_invalid", "networks"),
        ({"networks": ["fe80::/10%eth0"]}, "policy_invalid", "networks"),
        ({"networks": ["203.0.113.0/24"] * 51}, "request_invalid", "networks"),
        ({"longest": 30}, "request_invalid", "longest"),
        ({"confirmation": "x"}, "confirmation_invalid", "confirmation"),
    ],
)
def test_a_policy_that_cannot_be_kept_is_refused_and_says_which_field(
    api: Api, body: dict[str, Any], code: str, field: str
) -> None:
    answer = put(api, body)

    assert (answer.status, answer.code, answer.json["field"]) == (422, code, field)
    assert api.get(POLICY).json == OPEN


@pytest.mark.parametrize(
    ("policy", "code", "field"),
    [
        ({"longest_days": 30}, "lifetime_not_allowed", "expires_in_days"),
        ({"scopes": ["mcp:ads:read"]}, "scope_not_allowed", "scopes"),
        ({"name_pattern": "ci-*"}, "name_not_allowed", "name"),
    ],
)
def test_a_new_token_outside_the_policy_is_refused_and_says_which_field(
    api: Api, policy: dict[str, Any], code: str, field: str
) -> None:
    put(api, policy)

    answer = api.post("/v1/tokens", {"name": "Nightly", "scopes": [Scope.PNL], "expires_in_days": 90})

    assert (answer.status, answer.code, answer.json["field"]) == (422, code, field)


def test_a_token_is_refused_from_outside_the_networks(api: Api) -> None:
    bearer = {"authorization": f"Bearer {token_of(api.stores).text}"}

    put(api, {"networks": ["198.51.100.0/24"]})
    refused = api.get("/v1/tokens/self", by=None, headers=bearer)  # the tests call from 192.0.2.7
    put(api, {"networks": ["192.0.2.0/29"]})
    let_in = api.get("/v1/tokens/self", by=None, headers=bearer)

    assert (refused.status, refused.code) == (403, "ip_denied")
    assert let_in.status == 200


def test_who_calls_from_elsewhere_is_seen_before_a_list_of_networks_shuts_them_out(api: Api) -> None:
    stores = api.stores
    gate = Gate(keys=KEYS, tokens=stores.tokens, subjects=stores.subjects, audit=stores.audit)
    made = token_of(stores)
    assert settle(gate, let_in(send(gate, made.text))) is None  # from 192.0.2.7, as the trail tells
    office = {"networks": ["198.51.100.0/24"]}

    blind = put(api, office)
    shown = api.post(f"{POLICY}/preview", office)
    home = put(api, {"networks": ["192.0.2.0/24"]})
    seen = put(api, {**office, "confirmation": shown.json["confirmation"]})

    assert (blind.status, blind.code) == (409, "confirmation_required")
    (entry,) = shown.json["data"]
    assert (shown.json["count"], entry["token"]["id"], entry["effect"]) == (1, made.token.token_id, "shut_out")
    assert entry["why"] == "it called from 192.0.2.7 on 2026-11-21, which is in none of the networks"
    assert (home.status, seen.status) == (200, 200)
    assert api.get(f"/v1/tokens/{made.token.token_id}").json["status"] == "active"

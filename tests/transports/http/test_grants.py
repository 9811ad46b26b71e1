"""What an app was granted, over the REST API: a token like others, but for what only a person may ask for."""

from __future__ import annotations

import pytest

from shared.services.grants.tokens import Tokens
from tests.services.grants.connecting import RESOURCE, connect
from tests.transports.http.api import Api


def of(member: str, api: Api) -> Tokens:
    return connect(api.stores, member_id=f"mem_{member}", client_name="Desk")


def test_it_stands_in_the_list_with_its_kind_and_its_app(api: Api) -> None:
    made = of("ana", api)

    (listed,) = api.get("/v1/tokens").json["data"]

    assert listed == {
        "id": made.grant_id,
        "kind": "grant",
        "prefix": made.access[:12],
        "name": "Desk",
        "scopes": ["mcp:ads:read", "mcp:pnl:read"],
        "owner": "mem_ana",
        "status": "active",
        "created_at": "2026-11-21T12:00:00Z",
        "expires_at": "2026-12-21T12:00:00Z",
        "ended_at": None,
        "last_used_at": None,
        "predecessor": None,
        "adopted_at": None,
        "successor": None,
        "suspended_at": None,
        "flagged_at": None,
        "app": {
            "client_id": "https://client.example/oauth.json",
            "name": "Desk",
            "redirect_host": "127.0.0.1",
            "refreshed_at": "2026-11-21T12:00:00Z",
            "access_expires_at": "2026-11-21T13:00:00Z",
        },
    }


@pytest.mark.parametrize("by", ["ana", "adam", "olivia"])
def test_its_owner_and_those_who_manage_tokens_may_do_with_it_what_they_may_with_a_token(api: Api, by: str) -> None:
    path = f"/v1/tokens/{of('ana', api).grant_id}"

    assert api.get(path, by=by).json["owner"] == "mem_ana"
    assert api.patch(path, {"name": "My desk"}, by=by).json["name"] == "My desk"
    assert api.post(f"{path}/suspend", {"reason": "a look at it"}, by=by).json["status"] == "suspended"
    assert api.post(f"{path}/resume", {"reason": "it is fine"}, by=by).json["status"] == "active"
    assert api.post(f"{path}/revoke", {"reason": "not needed"}, by=by).json["status"] == "revoked"


def test_an_analyst_does_not_know_of_what_others_connected(api: Api) -> None:
    path = f"/v1/tokens/{of('olivia', api).grant_id}"

    assert api.get(path, by="ana").code == "token_not_found"
    assert api.post(f"{path}/revoke", {"reason": "curious"}, by="ana").code == "token_not_found"


@pytest.mark.parametrize("by", ["ana", "olivia"])
def test_it_is_not_rotated_by_anybody(api: Api, by: str) -> None:
    answer = api.post(f"/v1/tokens/{of('ana', api).grant_id}/rotate", {}, by=by)

    assert (answer.status, answer.code) == (409, "grant_not_rotated")


def test_nobody_generates_one(api: Api) -> None:
    body = {"kind": "grant", "name": "Desk", "scopes": ["mcp:pnl:read"], "expires_in_days": 30}

    answer = api.post("/v1/tokens", body)

    assert answer.status == 422
    assert "'personal' or 'organization'" in answer.text


def test_its_tokens_are_for_mcp_alone(api: Api) -> None:
    made = of("olivia", api)
    assert RESOURCE.endswith("/mcp")

    for text in (made.access, made.refresh):
        bearer = {"authorization": f"Bearer {text}"}
        assert api.send("GET", "/v1/tokens", headers=bearer).code == "member_required"
        assert api.send("GET", "/v1/tokens/self", headers=bearer).status == 401
        assert api.send("POST", "/v1/tokens/self/rotate", headers=bearer, body="{}").status in {401, 415}

"""Who may do what, and that nobody reaches into another workspace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.workspace.events import Role
from tests.data.tenants import token as token_of
from tests.data.tenants import workspace as workspace_of
from tests.services.trail.minutes import a_minute_passes
from tests.services.trail.sealing import KeyInMemory
from tests.transports.http.api import JSON, Answer, Api

Request = Callable[[Api, str, str], Answer]
"""Sends a request about a token, by somebody."""


def _confirmed(api: Api, by: str) -> dict[str, str]:
    """Confirm what somebody was shown; who is shown nothing tries it with what the owner was shown."""
    selection = {"owner": "mem_olivia"}
    shown = [api.post("/v1/tokens/revoke/preview", selection, by=each) for each in (by, "olivia")]
    confirmation = next(answer.json["confirmation"] for answer in shown if answer.status == 200)
    return {"confirmation": confirmation, "reason": "over"}


def _left(api: Api) -> str:
    """Let somebody in, and out again."""
    member_id = api.post("/v1/members", {"subject": "lena", "role": "analyst"}, by="olivia").json["id"]
    assert api.send("DELETE", f"/v1/members/{member_id}", by="olivia").status == 204
    return member_id


def _of_sealed(api: Api, path: str, by: str) -> Answer:
    """Ask for what is there once the trail is sealed; an `event` in the path is one of those under the seal."""
    a_minute_passes(api.stores.trail, now=api.now, signer=KeyInMemory())
    event = api.get("/v1/audit/events", by="olivia").json["data"][0]["id"]
    return api.get(f"/v1/audit/{path.format(event=event)}", by=by)


def _announced(api: Api, by: str) -> Answer:
    return api.post("/v1/imports", {"file_name": "orders.csv", "bytes": 12, "sha256": "0a" * 32}, by=by)


def _acknowledge(api: Api, by: str) -> Answer:
    """Let an import stand still, which is an alert."""
    _announced(api, "olivia")
    api.now += timedelta(minutes=30)
    (alert,) = api.get("/v1/alerts", by="olivia").json["data"]
    return api.post(f"/v1/alerts/{alert['id']}/acknowledge", {}, by=by)


REQUESTS: dict[str, Request] = {
    "create": lambda api, _, by: api.post(
        "/v1/tokens", {"name": "CI", "scopes": ["mcp:pnl:read"], "expires_in_days": 30}, by=by
    ),
    "list": lambda api, _, by: api.get("/v1/tokens", by=by),
    "get": lambda api, token, by: api.get(f"/v1/tokens/{token}", by=by),
    "rename": lambda api, token, by: api.patch(f"/v1/tokens/{token}", {"name": "another"}, by=by),
    "revoke": lambda api, token, by: api.post(f"/v1/tokens/{token}/revoke", {"reason": "over"}, by=by),
    "suspend": lambda api, token, by: api.post(f"/v1/tokens/{token}/suspend", {"reason": "odd"}, by=by),
    "resume": lambda api, token, by: api.post(f"/v1/tokens/{token}/resume", {"reason": "fine"}, by=by),
    "preview of many": lambda api, _, by: api.post("/v1/tokens/revoke/preview", {"owner": "mem_olivia"}, by=by),
    "revoke many": lambda api, _, by: api.post("/v1/tokens/revoke", _confirmed(api, by), by=by),
    "rotate": lambda api, token, by: api.post(f"/v1/tokens/{token}/rotate", {}, by=by),
    "evidence": lambda api, token, by: api.get(f"/v1/tokens/{token}/evidence", by=by),
    "usage": lambda api, token, by: api.get(f"/v1/tokens/{token}/usage", by=by),
    "report leak": lambda api, _, by: api.post("/v1/tokens/report-leak", {"token": "none of ours"}, by=by),
    "report by GitHub": lambda api, _, by: api.post("/v1/tokens/report-leak/github", [], by=by),
    "self": lambda api, _, by: api.get("/v1/tokens/self", by=by),
    "self/rotate": lambda api, _, by: api.post("/v1/tokens/self/rotate", {}, by=by),
    "scopes": lambda api, _, by: api.get("/v1/scopes", by=by),
    "preview": lambda api, _, by: api.get("/v1/tools/preview", by=by, scopes="mcp:pnl:read"),
    "trail": lambda api, _, by: api.get("/v1/audit/events", by=by),
    "export": lambda api, _, by: _of_sealed(api, "export", by),
    "proof": lambda api, _, by: _of_sealed(api, "proof/{event}", by),
    "checkpoints": lambda api, _, by: _of_sealed(api, "checkpoints", by),
    "keys": lambda api, _, by: _of_sealed(api, "keys", by),
    "activity": lambda api, _, by: api.get("/v1/activity", by=by),
    "alerts": lambda api, _, by: api.get("/v1/alerts", by=by),
    "alerts of tokens": lambda api, _, by: api.get("/v1/alerts", by=by, category="credentials"),
    "acknowledge": lambda api, _, by: _acknowledge(api, by),
    "send a file": lambda api, _, by: _announced(api, by),
    "imports": lambda api, _, by: api.get("/v1/imports", by=by),
    "an import": lambda api, _, by: api.get(f"/v1/imports/{_announced(api, 'olivia').json['id']}", by=by),
    "members": lambda api, _, by: api.get("/v1/members", by=by),
    "let in": lambda api, _, by: api.post("/v1/members", {"subject": "nina", "role": "analyst"}, by=by),
    "change member": lambda api, _, by: api.patch("/v1/members/mem_ana", {"role": "analyst"}, by=by),
    "remove member": lambda api, _, by: api.send("DELETE", "/v1/members/mem_adam", by=by),
    "say where": lambda api, _, by: api.send(
        "PUT", "/v1/members/mem_ana/contact", by=by, headers=JSON, body='{"email": "ana@shop.example"}'
    ),
    "forget where": lambda api, _, by: api.send("DELETE", "/v1/members/mem_adam/contact", by=by),
    "forget who": lambda api, _, by: api.send("DELETE", f"/v1/members/{_left(api)}/identity", by=by),
    "policy": lambda api, _, by: api.get("/v1/workspace/token-policy", by=by),
    "preview of policy": lambda api, _, by: api.post("/v1/workspace/token-policy/preview", {}, by=by),
    "set policy": lambda api, _, by: api.send("PUT", "/v1/workspace/token-policy", by=by, headers=JSON, body="{}"),
}

MAY: dict[str, dict[str, int]] = {
    #           owner   admin   analyst  stranger
    "create": {"olivia": 201, "adam": 201, "ana": 403, "mallory": 403},
    "list": {"olivia": 200, "adam": 200, "ana": 403, "mallory": 403},
    "get": {"olivia": 200, "adam": 200, "ana": 404, "mallory": 403},
    "rename": {"olivia": 200, "adam": 200, "ana": 404, "mallory": 403},
    "revoke": {"olivia": 200, "adam": 200, "ana": 404, "mallory": 403},
    "suspend": {"olivia": 200, "adam": 200, "ana": 404, "mallory": 403},
    "resume": {"olivia": 200, "adam": 200, "ana": 404, "mallory": 403},
    "preview of many": {"olivia": 200, "adam": 200, "ana": 403, "mallory": 403},
    "revoke many": {"olivia": 200, "adam": 200, "ana": 403, "mallory": 403},
    "rotate": {"olivia": 201, "adam": 403, "ana": 404, "mallory": 403},
    "evidence": {"olivia": 200, "adam": 200, "ana": 404, "mallory": 403},
    "usage": {"olivia": 200, "adam": 200, "ana": 404, "mallory": 403},
    "report leak": {"olivia": 202, "adam": 202, "ana": 202, "mallory": 202},  # whoever holds a whole token may end it
    "report by GitHub": {"olivia": 403, "adam": 403, "ana": 403, "mallory": 403},  # it is for GitHub alone
    "self": {"olivia": 401, "adam": 401, "ana": 401, "mallory": 401},  # it is for the token itself
    "self/rotate": {"olivia": 401, "adam": 401, "ana": 401, "mallory": 401},
    "scopes": {"olivia": 200, "adam": 200, "ana": 200, "mallory": 403},
    "preview": {"olivia": 200, "adam": 200, "ana": 200, "mallory": 403},
    "trail": {"olivia": 200, "adam": 200, "ana": 403, "mallory": 403},
    "export": {"olivia": 200, "adam": 200, "ana": 403, "mallory": 403},
    "proof": {"olivia": 200, "adam": 200, "ana": 403, "mallory": 403},
    "checkpoints": {"olivia": 200, "adam": 200, "ana": 403, "mallory": 403},
    "keys": {"olivia": 200, "adam": 200, "ana": 403, "mallory": 403},
    "activity": {"olivia": 200, "adam": 200, "ana": 200, "mallory": 403},
    "alerts": {"olivia": 200, "adam": 200, "ana": 200, "mallory": 403},
    "alerts of tokens": {"olivia": 200, "adam": 200, "ana": 403, "mallory": 403},
    "acknowledge": {"olivia": 200, "adam": 200, "ana": 403, "mallory": 403},
    "send a file": {"olivia": 201, "adam": 201, "ana": 403, "mallory": 403},
    "imports": {"olivia": 200, "adam": 200, "ana": 200, "mallory": 403},
    "an import": {"olivia": 200, "adam": 200, "ana": 200, "mallory": 403},
    "members": {"olivia": 200, "adam": 200, "ana": 200, "mallory": 403},
    "let in": {"olivia": 201, "adam": 201, "ana": 403, "mallory": 403},
    "change member": {"olivia": 200, "adam": 200, "ana": 403, "mallory": 403},
    "remove member": {"olivia": 204, "adam": 204, "ana": 403, "mallory": 403},  # an admin only themselves
    "say where": {"olivia": 204, "adam": 204, "ana": 204, "mallory": 403},
    "forget where": {"olivia": 204, "adam": 204, "ana": 403, "mallory": 403},  # an admin only their own
    "forget who": {"olivia": 204, "adam": 403, "ana": 403, "mallory": 403},
    "policy": {"olivia": 200, "adam": 200, "ana": 200, "mallory": 403},
    "preview of policy": {"olivia": 200, "adam": 403, "ana": 403, "mallory": 403},
    "set policy": {"olivia": 200, "adam": 403, "ana": 403, "mallory": 403},
}
"""The status that each gets about a token of the owner."""


@pytest.mark.parametrize(("what", "by"), [(what, by) for what, row in MAY.items() for by in row])
def test_who_may_do_what(api: Api, what: str, by: str) -> None:
    token = token_of(api.stores, owner="olivia").token

    assert REQUESTS[what](api, token.token_id, by).status == MAY[what][by]


def test_the_table_of_who_may_do_what_knows_every_route(api: Api) -> None:
    for request in REQUESTS.values():
        request(api, token_of(api.stores).token.token_id, "olivia")

    asked = {(method, path) for method, path, _ in api.answered}
    described = {(method.upper(), path) for path, item in api.description["paths"].items() for method in item}
    assert asked == described


def test_an_admin_may_revoke_anybodys_token_but_makes_only_their_own(api: Api) -> None:
    token = token_of(api.stores, owner="olivia").token

    revoked = api.post(f"/v1/tokens/{token.token_id}/revoke", {"reason": "leaked"}, by="adam")
    made = REQUESTS["create"](api, "", "adam")

    assert revoked.json["status"] == "revoked"
    assert made.json["owner"] == "mem_adam"


@pytest.mark.parametrize("what", ["get", "rename", "revoke", "suspend", "resume", "rotate", "evidence", "usage"])
def test_a_token_of_another_workspace_is_answered_like_an_unknown_one(api: Api, what: str) -> None:
    workspace_of(api.stores, "wks_2", people={"oscar": Role.OWNER}, issuer=api.issuer.url)
    token = token_of(api.stores).token

    foreign = REQUESTS[what](api, token.token_id, "oscar")
    unknown = REQUESTS[what](api, "0" * 16, "oscar")

    def told(answer: Answer) -> dict[str, Any]:
        return {**answer.json, "request_id": None}

    assert foreign.status == unknown.status == 404
    assert told(foreign) == told(unknown)
    row = api.stores.tokens.get(token.token_id)
    assert row is not None
    assert row.token == token


def test_lists_hold_nothing_of_another_workspace(api: Api) -> None:
    workspace_of(api.stores, "wks_2", people={"oscar": Role.OWNER}, issuer=api.issuer.url)
    token_of(api.stores, name="of the first")
    token_of(api.stores, name="of the second", owner="oscar", workspace_id="wks_2")

    tokens = api.get("/v1/tokens", by="oscar")
    trail = api.get("/v1/audit/events", by="oscar", limit=1000)

    assert [token["name"] for token in tokens.json["data"]] == ["of the second"]
    assert "of the first" not in trail.text
    assert "olivia" not in trail.text
    assert "wks_1" not in trail.text

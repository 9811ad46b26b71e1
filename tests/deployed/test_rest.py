"""The REST API behind the deployed gateway: members come with bearers of their issuer and leave with working tokens."""

from __future__ import annotations

import httpx2

from shared.domain.workspace.events import Role
from tests.deployed.stack import DeployedStack, Tenant

A_TOKEN = {"name": "Nightly report", "scopes": ["mcp:pnl:read"], "expires_in_days": 30}
PROBLEM = "application/problem+json"


def code_of(answer: httpx2.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.headers["content-type"], answer.json()["code"]


def rest(tenant: Tenant, method: str, path: str, *, by: Role = Role.OWNER, **more: object) -> httpx2.Response:
    return tenant.stack.request(method, f"/v1{path}", tenant.bearer(by), **more)


def test_a_token_is_made_used_listed_and_revoked(stack: DeployedStack) -> None:
    tenant = stack.tenant()

    made = rest(tenant, "POST", "/tokens", json=A_TOKEN)
    called = stack.ask(made.json()["token"])
    listed = rest(tenant, "GET", "/tokens").json()["data"]
    revoked = rest(tenant, "POST", f"/tokens/{made.json()['id']}/revoke", json={"reason": "It is over."})
    after = stack.ask(made.json()["token"])

    assert (made.status_code, called.status_code, revoked.status_code, after.status_code) == (201, 200, 200, 401)
    assert [(token["id"], token["status"]) for token in listed] == [(made.json()["id"], "active")]
    assert listed[0]["last_used_at"] is not None
    assert "token" not in listed[0]
    assert after.json()["error"]["data"]["reason"] == "token_revoked"


def test_a_repeat_under_one_idempotency_key_makes_one_token(stack: DeployedStack) -> None:
    tenant = stack.tenant()
    headers = {"Idempotency-Key": "once"}

    first, second = (rest(tenant, "POST", "/tokens", json=A_TOKEN, headers=headers) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert "token" not in second.json()


def test_the_trail_goes_out_line_by_line(stack: DeployedStack) -> None:
    tenant = stack.tenant()
    rest(tenant, "POST", "/tokens", json=A_TOKEN)

    answer = rest(tenant, "GET", "/audit/events", headers={"Accept": "application/x-ndjson"})

    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert '"token.created"' in answer.text.splitlines()[0]


def test_whoever_shows_no_bearer_or_a_token_or_too_small_a_role_is_told_so(stack: DeployedStack) -> None:
    tenant = stack.tenant()

    assert code_of(stack.request("GET", "/v1/tokens")) == (401, PROBLEM, "credential_missing")
    assert code_of(stack.request("GET", "/v1/tokens", tenant.token().text)) == (401, PROBLEM, "member_required")
    assert code_of(stack.request("GET", "/v1/tokens", "e30.e30.e30")) == (401, PROBLEM, "bearer_invalid")
    assert code_of(rest(tenant, "GET", "/tokens", by=Role.ANALYST)) == (403, PROBLEM, "role_required")


def test_a_token_of_another_workspace_looks_like_none(stack: DeployedStack) -> None:
    mine, theirs = stack.tenant(), stack.tenant()
    token_id = theirs.token().token.token_id

    assert code_of(rest(mine, "GET", f"/tokens/{token_id}")) == (404, PROBLEM, "token_not_found")


def test_an_unknown_path_is_a_problem_of_ours_below_v1_and_json_elsewhere(stack: DeployedStack) -> None:
    assert code_of(rest(stack.tenant(), "GET", "/nothing")) == (404, PROBLEM, "route_unknown")
    elsewhere = stack.request("GET", "/nothing")
    assert (elsewhere.status_code, elsewhere.headers["content-type"]) == (404, "application/json")


def test_a_store_that_may_not_be_used_is_out_of_reach(stack: DeployedStack) -> None:
    tenant = stack.tenant()

    with stack.role("TokenApi").without("ReadWorkspacesAndKeepTokens"):
        answer = rest(tenant, "GET", "/tokens")

    assert code_of(answer) == (503, PROBLEM, "store_unavailable")
    assert answer.headers["retry-after"] == "5"
    assert "arn:" not in answer.text


def test_no_web_page_may_read_an_answer(stack: DeployedStack) -> None:
    origin = {"Origin": "https://evil.example"}
    asked = [
        stack.request("POST", "/mcp", stack.token, headers=origin, json={}),
        stack.request("GET", "/v1/tokens", headers=origin),
        stack.request("OPTIONS", "/mcp", headers={**origin, "Access-Control-Request-Method": "POST"}),
        stack.request("OPTIONS", "/v1/tokens", headers={**origin, "Access-Control-Request-Method": "POST"}),
    ]

    assert [name for answer in asked for name in answer.headers if name.startswith("access-control-")] == []
    assert not any(answer.is_success for answer in asked)

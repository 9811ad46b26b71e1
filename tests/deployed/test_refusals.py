"""Every refusal keeps its form on its way through the deployed gateway: status, headers, and the words of the table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache

import httpx2
import pytest

from functions.wiring import now
from shared.domain.plans import PLANS
from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.workspace.commands import ChangePlan, SuspendAccess
from shared.services.credentials.token_format import new_id, new_token
from shared.services.refusals import FORMS, RETRY_STORE_SECONDS, Reason
from tests.deployed.stack import DeployedStack
from tests.deployed.test_rest import rest

SCOPED_TOOL = "get_cohort_retention"


def credential_missing(stack: DeployedStack) -> httpx2.Response:
    return stack.ask(None)


def token_malformed(stack: DeployedStack) -> httpx2.Response:
    return stack.ask(stack.token[:-1])


def token_unknown(stack: DeployedStack) -> httpx2.Response:
    return stack.ask(new_token(TokenKind.PERSONAL, new_id(), stack.wiring.credential_keys).text)


def token_expired(stack: DeployedStack) -> httpx2.Response:
    return stack.ask(stack.tenant().token(days=30, at=now() - timedelta(days=31)).text)


def token_revoked(stack: DeployedStack) -> httpx2.Response:
    tenant = stack.tenant()
    token = tenant.token()
    assert stack.ask(token.text).is_success  # the function knows the token, and must ask again all the same
    tenant.revoke(token)
    return stack.ask(token.text)


def token_rotated(stack: DeployedStack) -> httpx2.Response:
    token = stack.tenant().token()
    rotated = stack.request("POST", "/v1/tokens/self/rotate", token.text, json={"overlap_seconds": 0})
    assert rotated.is_success
    return stack.ask(token.text)


def token_suspended(stack: DeployedStack) -> httpx2.Response:
    tenant = stack.tenant()
    token = tenant.token()
    suspended = rest(tenant, "POST", f"/tokens/{token.token.token_id}/suspend", json={"reason": "To be looked at."})
    assert suspended.is_success
    return stack.ask(token.text)


def insufficient_scope(stack: DeployedStack) -> httpx2.Response:
    return stack.ask(stack.tenant().token(scopes=[Scope.PNL]).text, name=SCOPED_TOOL, arguments={})


def plan_required(stack: DeployedStack) -> httpx2.Response:
    tenant = stack.tenant()
    token = tenant.token()
    tenant.order(ChangePlan(plan="starter", at=now()))
    return stack.ask(token.text)


def organization_not_authorized(stack: DeployedStack) -> httpx2.Response:
    tenant = stack.tenant(plan="alpha")
    token = tenant.token()
    tenant.order(SuspendAccess(reason="The trial is over.", at=now()))
    return stack.ask(token.text)


def ip_denied(stack: DeployedStack) -> httpx2.Response:
    tenant = stack.tenant()
    token = tenant.token()
    fenced = rest(tenant, "PUT", "/workspace/token-policy", json={"networks": ["203.0.113.0/24"]})
    assert fenced.is_success
    return stack.ask(token.text)


def rate_limited(stack: DeployedStack) -> httpx2.Response:
    token = stack.tenant(plan="alpha").token()
    answers = [stack.ask(token.text, "tools/list") for _ in range(PLANS["alpha"].per_minute)]
    assert all(answer.is_success for answer in answers)
    return stack.ask(token.text, "tools/list")


def audit_unavailable(stack: DeployedStack) -> httpx2.Response:
    token = stack.tenant().token()
    with stack.role("McpServer").without("WriteTheTrail"):
        return stack.ask(token.text)


def store_unavailable(stack: DeployedStack) -> httpx2.Response:
    token = stack.tenant().token()
    with stack.role("McpServer").without("CountTheCall"):
        return stack.ask(token.text)


CASES: dict[Reason, Callable[[DeployedStack], httpx2.Response]] = {
    Reason.CREDENTIAL_MISSING: credential_missing,
    Reason.TOKEN_MALFORMED: token_malformed,
    Reason.TOKEN_UNKNOWN: token_unknown,
    Reason.TOKEN_EXPIRED: token_expired,
    Reason.TOKEN_REVOKED: token_revoked,
    Reason.TOKEN_ROTATED: token_rotated,
    Reason.TOKEN_SUSPENDED: token_suspended,
    Reason.INSUFFICIENT_SCOPE: insufficient_scope,
    Reason.PLAN_REQUIRED: plan_required,
    Reason.ORGANIZATION_NOT_AUTHORIZED: organization_not_authorized,
    Reason.IP_DENIED: ip_denied,
    Reason.RATE_LIMITED: rate_limited,
    Reason.AUDIT_UNAVAILABLE: audit_unavailable,
    Reason.STORE_UNAVAILABLE: store_unavailable,
}


OUT_OF_REACH = (Reason.AUDIT_UNAVAILABLE, Reason.STORE_UNAVAILABLE)


@pytest.fixture(scope="module")
def refused(stack: DeployedStack) -> Callable[[Reason], httpx2.Response]:
    """Provoke a refusal, once for all tests: to use a limit up takes as many calls as it allows."""

    @cache
    def provoked(reason: Reason) -> httpx2.Response:
        return CASES[reason](stack)

    return provoked


def test_every_reason_has_its_case() -> None:
    assert set(CASES) == set(Reason)


@pytest.mark.parametrize("reason", CASES)
def test_a_refusal_keeps_its_form(refused: Callable[[Reason], httpx2.Response], reason: Reason) -> None:
    answer, form = refused(reason), FORMS[reason]

    assert answer.status_code == form.status
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert (set(body), body["jsonrpc"], body["id"]) == ({"jsonrpc", "id", "error"}, "2.0", 7)
    assert (body["error"]["code"], body["error"]["message"]) == (form.code, f"{form.message} {form.hint}")
    assert body["error"]["data"]["reason"] == reason
    assert body["error"]["data"]["request_id"] == answer.headers["x-request-id"]
    assert ("www-authenticate" in answer.headers) is (form.status == 401)


@pytest.mark.parametrize("reason", OUT_OF_REACH)
def test_who_cannot_be_answered_now_is_told_when_to_try_again(
    refused: Callable[[Reason], httpx2.Response], reason: Reason
) -> None:
    assert refused(reason).headers["retry-after"] == str(RETRY_STORE_SECONDS)


def test_a_limit_that_is_reached_says_when_there_is_room_again(refused: Callable[[Reason], httpx2.Response]) -> None:
    headers = refused(Reason.RATE_LIMITED).headers

    assert headers["ratelimit-policy"] == '"alpha";q=30;w=60'
    assert headers["ratelimit"].startswith('"alpha";r=0;t=')
    assert 0 < int(headers["retry-after"]) <= 66


def test_whoever_showed_nothing_is_told_where_the_resource_is_described(
    stack: DeployedStack, refused: Callable[[Reason], httpx2.Response]
) -> None:
    described = f"{stack.public_url}/.well-known/oauth-protected-resource/mcp"

    assert f'resource_metadata="{described}"' in refused(Reason.CREDENTIAL_MISSING).headers["www-authenticate"]
    assert stack.request("GET", "/.well-known/oauth-protected-resource/mcp").json()["resource"] == stack.mcp_url

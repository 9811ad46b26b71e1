"""The life of tokens in the deployed stack: every step under the rights of the functions that take it."""

from __future__ import annotations

from datetime import timedelta

import httpx2

from functions.wiring import now
from shared.domain.scopes import Scope
from shared.domain.workspace.events import Role
from tests.deployed.stack import DeployedStack, Tenant, until
from tests.deployed.test_rest import code_of, rest

DAY = 86_400
REASON = {"reason": "It is over."}


def of(answer: httpx2.Response) -> str:
    """Give the secret of an answer that shows one."""
    assert answer.status_code == 201, answer.text
    return answer.json()["token"]


def refusal(stack: DeployedStack, secret: str) -> str | None:
    """Say why a token is not let in; None: it is."""
    answer = stack.ask(secret)
    return None if answer.is_success else answer.json()["error"]["data"]["reason"]


def test_a_successor_is_used_beside_its_token_and_the_sweep_records_that_it_was_adopted(stack: DeployedStack) -> None:
    tenant = stack.tenant()
    old = tenant.token()

    new = of(rest(tenant, "POST", f"/tokens/{old.token.token_id}/rotate", json={"overlap_seconds": DAY}))
    assert (refusal(stack, old.text), refusal(stack, new)) == (None, None)
    # The stream of the audit table tells of the use, and whichever sweep comes by next finds the token due.
    until(lambda: stack.invoke("Sweeper", {}) and tenant.trail("token.rotation_adopted"))

    again = rest(tenant, "POST", f"/tokens/{old.token.token_id}/rotate", json={})
    assert code_of(again)[::2] == (409, "already_rotated")


def test_a_token_rotates_itself_and_with_no_overlap_ends_at_once(stack: DeployedStack) -> None:
    old = stack.tenant().token()

    rotated = stack.request("POST", "/v1/tokens/self/rotate", old.text, json={"overlap_seconds": 0})

    assert (refusal(stack, old.text), refusal(stack, of(rotated))) == ("token_rotated", None)


def test_what_a_token_has_used_is_evidence_for_a_narrower_successor(stack: DeployedStack) -> None:
    tenant = stack.tenant()
    old = tenant.token(scopes=[Scope.PNL, Scope.PRODUCTS])
    path = f"/tokens/{old.token.token_id}"

    stack.call(old.text, "get_pnl", period={"from": "2026-10-01", "to": "2026-10-31"})
    until(lambda: rest(tenant, "GET", f"{path}/evidence").json()["used"])
    narrowed = rest(tenant, "POST", f"{path}/rotate", json={"narrow_to_used": True})

    assert (narrowed.status_code, narrowed.json()["scopes"]) == (201, [Scope.PNL])


def test_a_suspended_token_waits_outside_until_it_is_resumed(stack: DeployedStack) -> None:
    tenant = stack.tenant()
    token = tenant.token()
    path = f"/tokens/{token.token.token_id}"

    assert rest(tenant, "POST", f"{path}/suspend", by=Role.ADMIN, json=REASON).json()["status"] == "suspended"
    assert refusal(stack, token.text) == "token_suspended"
    assert rest(tenant, "POST", f"{path}/resume", json=REASON).json()["status"] == "active"
    assert refusal(stack, token.text) is None


def test_many_tokens_are_revoked_as_the_preview_showed_them(stack: DeployedStack) -> None:
    tenant = stack.tenant()
    doomed, spared = tenant.token(scopes=[Scope.PNL, Scope.ADS]), tenant.token(scopes=[Scope.PNL])

    shown = rest(tenant, "POST", "/tokens/revoke/preview", json={"scope": Scope.ADS}).json()
    done = rest(tenant, "POST", "/tokens/revoke", json={"confirmation": shown["confirmation"], **REASON})

    assert ([one["id"] for one in shown["data"]], done.json()) == (
        [doomed.token.token_id],
        {"revoked": 1, "more": False},
    )
    assert (refusal(stack, doomed.text), refusal(stack, spared.text)) == ("token_revoked", None)


def test_a_policy_suspends_the_victims_that_it_listed_and_shuts_out_other_networks(stack: DeployedStack) -> None:
    tenant = stack.tenant()
    wide, narrow = tenant.token(), tenant.token(scopes=[Scope.PNL])
    policy = {"scopes": [Scope.PNL], "networks": ["203.0.113.0/24"]}

    shown = rest(tenant, "POST", "/workspace/token-policy/preview", json=policy).json()
    put = rest(tenant, "PUT", "/workspace/token-policy", json={**policy, "confirmation": shown["confirmation"]})

    assert ([victim["token"]["id"] for victim in shown["data"]], put.status_code) == ([wide.token.token_id], 200)
    assert (refusal(stack, wide.text), refusal(stack, narrow.text)) == ("token_suspended", "ip_denied")


def test_a_member_who_leaves_takes_no_token_along(stack: DeployedStack) -> None:
    tenant = stack.tenant()
    made = rest(
        tenant, "POST", "/tokens", by=Role.ADMIN, json={"name": "CI", "scopes": [Scope.PNL], "expires_in_days": 30}
    )

    left = rest(tenant, "DELETE", f"/members/{tenant.member_id(Role.ADMIN)}")

    assert (refusal(stack, of(made)), left.status_code) == ("token_revoked", 204)


def test_a_token_that_nobody_uses_is_flagged_and_reminded_of_by_the_sweep(stack: DeployedStack) -> None:
    long_ago = now() - timedelta(days=16)
    tenant = stack.tenant(at=long_ago)
    tenant.token(at=long_ago)

    until(lambda: stack.invoke("Sweeper", {}) and tenant.trail("token.abandonment_flagged"))

    assert [entry.origin.actor for entry in tenant.trail("token.expiry_reminded")] == ["system:sweeper"]


def test_the_tokens_of_an_organization_share_thirty_requests_a_minute(stack: DeployedStack) -> None:
    tenant: Tenant = stack.tenant(plan="alpha")
    secrets = [
        of(rest(tenant, "POST", "/tokens", json={"name": name, "kind": "organization"})) for name in ("CI", "BI")
    ]

    answers = [stack.ask(secrets[turn % 2], "tools/list").status_code for turn in range(31)]

    assert all(secret.startswith("mfs_") for secret in secrets)
    assert answers == [200] * 30 + [429]

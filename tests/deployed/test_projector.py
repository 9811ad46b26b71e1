"""What the projector does besides figures: a use that was counted elsewhere is noted on the token."""

from __future__ import annotations

from tests.deployed.stack import DeployedStack, until


def test_a_token_whose_limit_is_its_workspaces_shows_its_last_use(stack: DeployedStack) -> None:
    tenant = stack.tenant(plan="alpha")
    token = tenant.token()
    path = f"/v1/tokens/{token.token.token_id}"
    before = stack.request("GET", path, tenant.bearer()).json()["last_used_at"]

    assert stack.ask(token.text).is_success

    until(lambda: stack.request("GET", path, tenant.bearer()).json()["last_used_at"])
    assert before is None

"""Leak reports in the deployed stack: without a login, and a token ends under the rights of TokenApi."""

from __future__ import annotations

from tests.deployed.stack import DeployedStack
from tests.deployed.test_life import refusal
from tests.deployed.test_rest import PROBLEM, code_of


def test_a_leaked_token_is_reported_without_a_login_and_ends(stack: DeployedStack) -> None:
    tenant = stack.tenant()
    leaked = tenant.token()
    assert refusal(stack, leaked.text) is None

    answers = [
        stack.request("POST", "/v1/tokens/report-leak", json={"token": text})
        for text in (leaked.text, leaked.text, "none of ours")
    ]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(202, {"received": True})] * 3
    assert refusal(stack, leaked.text) == "token_revoked"
    assert len(tenant.trail("token.leak_reported")) == 1


def test_a_report_that_github_has_not_signed_is_refused(stack: DeployedStack) -> None:
    leaked = stack.tenant().token()

    answer = stack.request("POST", "/v1/tokens/report-leak/github", json=[{"token": leaked.text, "type": "a_token"}])

    assert code_of(answer) == (403, PROBLEM, "signature_invalid")
    assert refusal(stack, leaked.text) is None

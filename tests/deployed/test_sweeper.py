"""The schedule calls the sweeper each minute, and what has become due is recorded without anybody asking."""

from __future__ import annotations

import pytest

from tests.deployed.conftest import DueToken
from tests.deployed.stack import DeployedStack, until

A_MINUTE_AND_A_LOOK = 100.0
"""Seconds: the emulator looks at its schedules every ten, and the machine may be busy."""


def test_a_token_that_is_due_is_recorded_as_expired_by_the_schedule(due: DueToken) -> None:
    until(lambda: due.tenant.trail("token.expired"), within=A_MINUTE_AND_A_LOOK)

    (entry,) = due.tenant.trail("token.expired")
    assert entry.stream == f"token:{due.token_id}"
    assert entry.origin.actor == "system:sweeper"


@pytest.mark.parametrize(("schedule", "function"), [("sweep", "Sweeper"), ("seal", "Sealer")])
def test_a_schedule_calls_the_alias_and_may_call_nothing_else(
    stack: DeployedStack, schedule: str, function: str
) -> None:
    target = stack.account.client("scheduler").get_schedule(Name=f"merchant-mcp-{schedule}")["Target"]
    iam, role = stack.account.client("iam"), stack.deployed.resources[f"{function}EveryMinuteRole"]
    policies = [
        iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]

    assert target["Arn"].endswith(f":function:{stack.deployed.resources[function]}:live")
    assert target["RoleArn"].endswith(f":role/{role}")
    assert [(one["Action"], one["Resource"]) for policy in policies for one in policy["Statement"]] == [
        ("lambda:InvokeFunction", target["Arn"])
    ]

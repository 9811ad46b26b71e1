"""How a release comes in: at once, or little by little and back again if an alarm rings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from typing import Any, cast

import pytest

from tests.sam.stack import FUNCTIONS, Node, Stack, called, deployed, source, transformed

DOORS = ("McpServer", "TokenApi")
OFFERED: list[str] = source()["Parameters"]["Rollout"]["AllowedValues"]
GRADUAL = [value for value in OFFERED if value != "AllAtOnce"]


@pytest.fixture(scope="module")
def gradual() -> Stack:
    return deployed(Rollout="Canary10Percent5Minutes")


def test_without_a_word_a_release_comes_at_once_and_needs_no_codedeploy(stack: Stack) -> None:
    assert {resource["Type"] for resource in stack.resources.values() if "CodeDeploy" in resource["Type"]} == set()
    assert "RolloutRole" not in stack.resources
    assert [function for function in FUNCTIONS if "UpdatePolicy" in stack.resources[f"{function}Aliaslive"]] == []


@pytest.mark.parametrize("rollout", GRADUAL)
def test_every_other_word_shifts_the_doors_as_codedeploy_calls_it(rollout: str) -> None:
    groups = deployed(Rollout=rollout).of_type("AWS::CodeDeploy::DeploymentGroup")

    assert groups.keys() == {f"{function}DeploymentGroup" for function in DOORS}
    assert {group["DeploymentConfigName"] for group in groups.values()} == {f"CodeDeployDefault.Lambda{rollout}"}
    assert rollout in source()["Mappings"]["Rollouts"]


def test_a_door_is_shifted_where_its_alias_is_moved_and_the_five_others_go_at_once(gradual: Stack) -> None:
    shifted = {
        function: gradual.resources[f"{function}Aliaslive"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
        for function in FUNCTIONS
        if "UpdatePolicy" in gradual.resources[f"{function}Aliaslive"]
    }

    assert shifted == {
        function: {
            "ApplicationName": "ServerlessDeploymentApplication",
            "DeploymentGroupName": f"{function}DeploymentGroup",
        }
        for function in DOORS
    }


@pytest.mark.parametrize("function", DOORS)
def test_an_alarm_of_the_new_version_or_of_the_whole_api_takes_a_release_back(gradual: Stack, function: str) -> None:
    group = gradual[f"{function}DeploymentGroup"]

    assert group["AlarmConfiguration"] == {
        "Enabled": True,
        "Alarms": [{"Name": f"{function}ReleaseAlarm"}, {"Name": "ApiErrorsAlarm"}],
    }
    assert group["AutoRollbackConfiguration"]["Enabled"] is True
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]


def test_codedeploy_may_move_the_two_aliases_and_ask_alarms_and_nothing_else(gradual: Stack) -> None:
    may = {action: set(each.resources) for each in gradual.statements("RolloutRole") for action in each.actions}
    doors = {gradual[f"{function}DeploymentGroup"]["ServiceRoleArn"] for function in DOORS}
    (trust,) = gradual["RolloutRole"]["AssumeRolePolicyDocument"]["Statement"]

    assert may.keys() == {
        *("lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"),
        "cloudwatch:DescribeAlarms",
    }
    assert {called(arn) for arn in may["lambda:UpdateAlias"] if arn.endswith(":live")} == set(DOORS)
    assert len(may["lambda:UpdateAlias"]) == 2 * len(DOORS)
    assert doors == {"arn:aws:iam::123456789012:role/RolloutRole"}
    assert trust["Principal"] == {"Service": "codedeploy.amazonaws.com"}


def named_in(node: Node, names: frozenset[str]) -> Iterator[str]:
    """Find the resources that a part of the template refers to, by whichever intrinsic function."""
    match node:
        case {"Ref": str() as name}:
            yield name
        case {"Fn::GetAtt": [str() as name, _]}:
            yield name
        case {"Fn::Sub": str() as text}:
            yield from (name for name in names if f"${{{name}}}" in text or f"${{{name}." in text)
        case dict():
            for part in cast("dict[str, Node]", node).values():
                yield from named_in(part, names)
        case list():
            for part in cast("list[Node]", node):
                yield from named_in(part, names)
        case _:
            return


def test_nothing_waits_for_itself() -> None:
    """An alias waits for the alarms that stop its release: were an integration to wait for it, so would the API's."""
    resources: Mapping[str, Any] = transformed("Canary10Percent5Minutes")["Resources"]
    names = frozenset(resources)
    waits = {
        name: {
            *(set(named_in([resource.get("Properties"), resource.get("UpdatePolicy")], names)) & names),
            *([after] if isinstance(after := resource.get("DependsOn", []), str) else after),
        }
        for name, resource in resources.items()
    }

    assert len(list(TopologicalSorter(waits).static_order())) == len(names)

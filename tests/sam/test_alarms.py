"""The alarms: each watches a metric that AWS has, of the thing that it is named for."""

from __future__ import annotations

from typing import Any

import pytest

from functions.wiring import METRICS_NAMESPACE
from tests.sam.stack import Stack

LAMBDA, API, QUEUE = "AWS/Lambda", "AWS/ApiGateway", "AWS/SQS"
WATCHED: dict[str, tuple[str, str, dict[str, str]]] = {
    "ApiErrorsAlarm": (API, "5xx", {"ApiId": "HttpApi", "Stage": "HttpApiStage"}),
    "ImporterFailuresAlarm": (QUEUE, "ApproximateNumberOfMessagesVisible", {"QueueName": "ImporterFailures"}),
    "McpServerErrorsAlarm": (LAMBDA, "Errors", {"FunctionName": "McpServer"}),
    "McpServerThrottlesAlarm": (LAMBDA, "Throttles", {"FunctionName": "McpServer"}),
    "NotifierLagAlarm": (LAMBDA, "IteratorAge", {"FunctionName": "Notifier"}),
    "ProjectorFailuresAlarm": (QUEUE, "ApproximateNumberOfMessagesVisible", {"QueueName": "ProjectorFailures"}),
    "ProjectorLagAlarm": (LAMBDA, "IteratorAge", {"FunctionName": "Projector"}),
    "RefusedLettersAlarm": (METRICS_NAMESPACE, "RefusedLetters", {"CoreTable": "CoreTable"}),
    "SealerErrorsAlarm": (LAMBDA, "Errors", {"FunctionName": "Sealer"}),
    "SealerSilentAlarm": (LAMBDA, "Invocations", {"FunctionName": "Sealer"}),
    "SweeperErrorsAlarm": (LAMBDA, "Errors", {"FunctionName": "Sweeper"}),
    "SweeperSilentAlarm": (LAMBDA, "Invocations", {"FunctionName": "Sweeper"}),
    "TamperFoundAlarm": (METRICS_NAMESPACE, "TamperFound", {"CoreTable": "CoreTable"}),
    "TokenApiErrorsAlarm": (LAMBDA, "Errors", {"FunctionName": "TokenApi"}),
}
RINGS_AT: dict[str, tuple[str, int, int, int]] = {
    "ApiErrorsAlarm": ("Sum", 300, 1, 5),
    "ImporterFailuresAlarm": ("Maximum", 60, 1, 1),
    "McpServerErrorsAlarm": ("Sum", 300, 1, 1),
    "McpServerThrottlesAlarm": ("Sum", 300, 1, 1),
    "NotifierLagAlarm": ("Maximum", 60, 5, 60_000),
    "ProjectorFailuresAlarm": ("Maximum", 60, 1, 1),
    "ProjectorLagAlarm": ("Maximum", 60, 5, 60_000),
    "RefusedLettersAlarm": ("Sum", 300, 1, 1),
    "SealerErrorsAlarm": ("Sum", 300, 1, 1),
    "SealerSilentAlarm": ("Sum", 300, 1, 1),
    "SweeperErrorsAlarm": ("Sum", 300, 1, 1),
    "SweeperSilentAlarm": ("Sum", 300, 1, 1),
    "TamperFoundAlarm": ("Sum", 60, 1, 1),
    "TokenApiErrorsAlarm": ("Sum", 300, 1, 1),
}
"""The statistic, over how many seconds, how often in a row, and from what value on."""
SILENCE = {"SealerSilentAlarm", "SweeperSilentAlarm"}
"""What rings when nothing happens; the others ring when something does."""


def test_the_alarms_are_these(stack: Stack) -> None:
    assert set(stack.of_type("AWS::CloudWatch::Alarm")) == set(WATCHED)


@pytest.mark.parametrize("name", WATCHED)
def test_an_alarm_watches_what_its_description_says(stack: Stack, name: str) -> None:
    alarm: Any = stack[name]
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]}

    assert (alarm["Namespace"], alarm["MetricName"], dimensions) == WATCHED[name]
    assert alarm["AlarmDescription"]
    assert alarm["OKActions"] == alarm["AlarmActions"]


@pytest.mark.parametrize("name", WATCHED)
def test_an_alarm_rings_at_the_value_that_is_a_fault_and_is_not_switched_off(stack: Stack, name: str) -> None:
    alarm: Any = stack[name]
    rings_at = (alarm["Statistic"], alarm["Period"], alarm["EvaluationPeriods"], alarm["Threshold"])

    assert rings_at == RINGS_AT[name]
    assert alarm.keys().isdisjoint({"ActionsEnabled", "DatapointsToAlarm"})


@pytest.mark.parametrize("name", WATCHED)
def test_no_data_is_a_fault_only_where_silence_is_one(stack: Stack, name: str) -> None:
    alarm = stack[name]
    rings_below = alarm["ComparisonOperator"] == "LessThanThreshold"

    assert rings_below is (name in SILENCE)
    assert alarm["TreatMissingData"] == ("breaching" if name in SILENCE else "notBreaching")

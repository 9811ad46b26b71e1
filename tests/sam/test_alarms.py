"""The alarms: each watches a metric that is written, of the thing that it is named for, and names the page to open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from functions.metrics import CLOCK_SPREAD, METRICS, NAMESPACE, OFF, STACK
from shared.services.refusals import Reason
from tests.sam.page import Page
from tests.sam.stack import GIVEN, ROOT, Stack, deployed

LAMBDA, API, QUEUE = "AWS/Lambda", "AWS/ApiGateway", "AWS/SQS"
OURS = {STACK: "CoreTable"}
WATCHED: dict[str, tuple[str, str, dict[str, str]]] = {
    "ApiErrorsAlarm": (API, "5xx", {"ApiId": "HttpApi", "Stage": "HttpApiStage"}),
    "ClockSpreadAlarm": (NAMESPACE, "ClockSpread", OURS),
    "ImporterFailuresAlarm": (QUEUE, "ApproximateNumberOfMessagesVisible", {"QueueName": "ImporterFailures"}),
    "ImporterLostAlarm": (LAMBDA, "DestinationDeliveryFailures", {"FunctionName": "Importer"}),
    "McpServerErrorsAlarm": (LAMBDA, "Errors", {"FunctionName": "McpServer"}),
    "McpServerThrottlesAlarm": (LAMBDA, "Throttles", {"FunctionName": "McpServer"}),
    "NotifierLagAlarm": (LAMBDA, "IteratorAge", {"FunctionName": "Notifier"}),
    "NotifierLostAlarm": (LAMBDA, "DestinationDeliveryFailures", {"FunctionName": "Notifier"}),
    "ProjectorFailuresAlarm": (QUEUE, "ApproximateNumberOfMessagesVisible", {"QueueName": "ProjectorFailures"}),
    "ProjectorLagAlarm": (LAMBDA, "IteratorAge", {"FunctionName": "Projector"}),
    "ProjectorLostAlarm": (LAMBDA, "DestinationDeliveryFailures", {"FunctionName": "Projector"}),
    "RefusedLettersAlarm": (NAMESPACE, "RefusedLetters", OURS),
    "SealLagAlarm": (NAMESPACE, "SealLag", OURS),
    "SealerErrorsAlarm": (LAMBDA, "Errors", {"FunctionName": "Sealer"}),
    "SealerSilentAlarm": (LAMBDA, "Invocations", {"FunctionName": "Sealer"}),
    "SlowCallsAlarm": (LAMBDA, "Duration", {"FunctionName": "McpServer"}),
    "StoreUnavailableAlarm": (NAMESPACE, "Refusals", {**OURS, "reason": "store_unavailable"}),
    "SweepLagAlarm": (NAMESPACE, "SweepLag", OURS),
    "SweeperErrorsAlarm": (LAMBDA, "Errors", {"FunctionName": "Sweeper"}),
    "SweeperSilentAlarm": (LAMBDA, "Invocations", {"FunctionName": "Sweeper"}),
    "TamperFoundAlarm": (NAMESPACE, "TamperFound", OURS),
    "TokenApiErrorsAlarm": (LAMBDA, "Errors", {"FunctionName": "TokenApi"}),
    "TrafficAlarm": (API, "Count", {"ApiId": "HttpApi", "Stage": "HttpApiStage"}),
    "TrailUnavailableAlarm": (NAMESPACE, "Refusals", {**OURS, "reason": "audit_unavailable"}),
    "UnaccountedCallsAlarm": (NAMESPACE, "UnaccountedCalls", OURS),
}
OF_A_RELEASE = {
    f"{function}ReleaseAlarm": (
        LAMBDA,
        "Errors",
        {"FunctionName": function, "Resource": f"{function}:live", "ExecutedVersion": "1"},
    )
    for function in ("McpServer", "TokenApi")
}
"""They are there where releases come in gradually."""
RINGS_AT: dict[str, tuple[str, int, int, int]] = {
    "ApiErrorsAlarm": ("Sum", 300, 1, 5),
    "ClockSpreadAlarm": ("Maximum", 300, 1, 3),
    "ImporterFailuresAlarm": ("Maximum", 60, 1, 1),
    "ImporterLostAlarm": ("Sum", 60, 1, 1),
    "McpServerErrorsAlarm": ("Sum", 300, 1, 1),
    "McpServerReleaseAlarm": ("Sum", 60, 1, 1),
    "McpServerThrottlesAlarm": ("Sum", 300, 1, 1),
    "NotifierLagAlarm": ("Maximum", 60, 5, 60_000),
    "NotifierLostAlarm": ("Sum", 60, 1, 1),
    "ProjectorFailuresAlarm": ("Maximum", 60, 1, 1),
    "ProjectorLagAlarm": ("Maximum", 60, 5, 60_000),
    "ProjectorLostAlarm": ("Sum", 60, 1, 1),
    "RefusedLettersAlarm": ("Sum", 300, 1, 1),
    "SealLagAlarm": ("Maximum", 300, 3, 900),
    "SealerErrorsAlarm": ("Sum", 300, 1, 1),
    "SealerSilentAlarm": ("Sum", 300, 1, 1),
    "SlowCallsAlarm": ("p99", 300, 3, 5_000),
    "StoreUnavailableAlarm": ("Sum", 300, 1, 5),
    "SweepLagAlarm": ("Maximum", 300, 3, 900),
    "SweeperErrorsAlarm": ("Sum", 300, 1, 1),
    "SweeperSilentAlarm": ("Sum", 300, 1, 1),
    "TamperFoundAlarm": ("Sum", 60, 1, 1),
    "TokenApiErrorsAlarm": ("Sum", 300, 1, 1),
    "TokenApiReleaseAlarm": ("Sum", 60, 1, 1),
    "TrafficAlarm": ("Sum", 300, 1, 75_000),
    "TrailUnavailableAlarm": ("Sum", 300, 1, 5),
    "UnaccountedCallsAlarm": ("Sum", 300, 1, 1),
}
"""The statistic, over how many seconds, how often in a row, and from what value on."""
SILENCE = {"SealerSilentAlarm", "SweeperSilentAlarm"}
"""What rings when nothing happens; the others ring when something does."""
ALL = {**WATCHED, **OF_A_RELEASE}


@pytest.fixture(scope="module")
def alarms() -> Mapping[str, Any]:
    """All that there can be."""
    return deployed(Rollout="Canary10Percent5Minutes").of_type("AWS::CloudWatch::Alarm")


def dimensions_of(alarm: Mapping[str, Any]) -> dict[str, str]:
    return {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]}


def test_the_alarms_are_these(stack: Stack, alarms: Mapping[str, Any]) -> None:
    assert set(stack.of_type("AWS::CloudWatch::Alarm")) == set(WATCHED)
    assert set(alarms) == set(ALL) == set(RINGS_AT)


@pytest.mark.parametrize("name", ALL)
def test_an_alarm_watches_what_its_description_says(alarms: Mapping[str, Any], name: str) -> None:
    alarm = alarms[name]

    assert (alarm["Namespace"], alarm["MetricName"], dimensions_of(alarm)) == ALL[name]
    assert alarm["OKActions"] == alarm["AlarmActions"]


def test_an_alarm_on_a_metric_of_ours_has_exactly_the_dimensions_that_are_written(alarms: Mapping[str, Any]) -> None:
    """CloudWatch tells metrics apart by all their dimensions: one too many or too few, and nothing ever rings."""
    written = {metric.name: {STACK, metric.by} - {None} for metric in METRICS}
    ours = {name: alarm for name, alarm in alarms.items() if alarm["Namespace"] == NAMESPACE}

    assert {
        name for name, alarm in ours.items() if dimensions_of(alarm).keys() != written[alarm["MetricName"]]
    } == set()
    reasons = [dimensions_of(alarm)["reason"] for alarm in ours.values() if alarm["MetricName"] == "Refusals"]
    assert set(reasons) <= set(Reason)


def test_a_clock_that_is_told_as_wrong_rings(alarms: Mapping[str, Any]) -> None:
    assert alarms["ClockSpreadAlarm"]["Threshold"] == OFF.total_seconds()
    assert alarms["ClockSpreadAlarm"]["MetricName"] == CLOCK_SPREAD.name


@pytest.mark.parametrize("name", ALL)
def test_an_alarm_rings_at_the_value_that_is_a_fault_and_is_not_switched_off(
    alarms: Mapping[str, Any], name: str
) -> None:
    alarm = alarms[name]
    statistic = alarm.get("Statistic") or alarm["ExtendedStatistic"]

    assert (statistic, alarm["Period"], alarm["EvaluationPeriods"], alarm["Threshold"]) == RINGS_AT[name]
    assert alarm.keys().isdisjoint({"ActionsEnabled", "DatapointsToAlarm"})


@pytest.mark.parametrize("name", ALL)
def test_no_data_is_a_fault_only_where_silence_is_one(alarms: Mapping[str, Any], name: str) -> None:
    alarm = alarms[name]
    rings_below = alarm["ComparisonOperator"] == "LessThanThreshold"

    assert rings_below is (name in SILENCE)
    assert alarm["TreatMissingData"] == ("breaching" if name in SILENCE else "notBreaching")


def test_a_few_calls_of_which_one_was_a_cold_start_do_not_ring(alarms: Mapping[str, Any]) -> None:
    assert alarms["SlowCallsAlarm"]["EvaluateLowSampleCountPercentile"] == "ignore"


@pytest.mark.parametrize("name", ALL)
def test_whoever_is_woken_by_an_alarm_is_told_which_page_to_open(alarms: Mapping[str, Any], name: str) -> None:
    told = re.fullmatch(rf"(\S.+)\. {re.escape(GIVEN['DocsUrl'])}/([\w-]+)#([\w-]+)", alarms[name]["AlarmDescription"])

    assert told
    assert (ROOT / "docs" / f"{told[2]}.md").is_file()
    assert told[3] in Page(f"{told[2]}.md").anchors()

"""The dashboard: every line of it is a metric that we or AWS write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from functions.metrics import METRICS, NAMESPACE, STACK
from tests.sam.stack import Stack

OF_AWS: Mapping[tuple[str, str], frozenset[str]] = {
    **{("AWS/ApiGateway", name): frozenset({"ApiId", "Stage"}) for name in ("4xx", "5xx", "Count", "Latency")},
    **{
        ("AWS/Lambda", name): frozenset({"FunctionName"})
        for name in (
            *("ConcurrentExecutions", "DestinationDeliveryFailures", "Duration", "Errors"),
            *("Invocations", "IteratorAge", "Throttles"),
        )
    },
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): frozenset({"QueueName"}),
    ("AWS/DynamoDB", "ReadThrottleEvents"): frozenset({"TableName"}),
    ("AWS/DynamoDB", "WriteThrottleEvents"): frozenset({"TableName"}),
    ("AWS/DynamoDB", "SuccessfulRequestLatency"): frozenset({"TableName", "Operation"}),
}
"""As AWS's pages on the metrics of each service have them; nothing on this machine knows."""
SEARCHED = re.compile(r"""SEARCH\('\{(\w+),(\w+),(\w+)\} MetricName="(\w+)" CoreTable="(\w+)"', 'Sum', 300\)""")


def widgets(stack: Stack) -> list[dict[str, Any]]:
    return json.loads(stack["Dashboard"]["DashboardBody"])["widgets"]


def lines(stack: Stack) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Give namespace, name and dimensions of all that is drawn."""
    for widget in widgets(stack):
        for line in widget["properties"]["metrics"]:
            if isinstance(line[0], dict):
                found = SEARCHED.fullmatch(line[0]["expression"])
                assert found, line
                yield found[1], found[4], {found[2]: found[5], found[3]: "*"}
            else:
                namespace, name, *dimensions = (word for word in line if isinstance(word, str))
                yield namespace, name, dict(zip(dimensions[::2], dimensions[1::2], strict=True))


def test_every_line_is_a_metric_that_is_written_with_these_dimensions(stack: Stack) -> None:
    ours = {(NAMESPACE, metric.name): frozenset({STACK, metric.by} - {None}) for metric in METRICS}
    written = {**OF_AWS, **ours}

    assert [line for line in lines(stack) if written[line[0], line[1]] != line[2].keys()] == []


def test_everything_that_we_measure_is_drawn(stack: Stack) -> None:
    drawn = {name for namespace, name, _ in lines(stack) if namespace == NAMESPACE}

    assert drawn == {metric.name for metric in METRICS}


def test_what_an_alarm_watches_can_be_seen_before_it_rings(stack: Stack) -> None:
    drawn = {(namespace, name) for namespace, name, _ in lines(stack)}
    watched = {(alarm["Namespace"], alarm["MetricName"]) for alarm in stack.of_type("AWS::CloudWatch::Alarm").values()}

    assert watched - drawn == set()


def test_what_is_drawn_is_of_this_stack(stack: Stack) -> None:
    names = {value for _, _, dimensions in lines(stack) for name, value in dimensions.items() if name != "Operation"}
    reasons = {"*", "rate_limited", "audit_unavailable", "store_unavailable"}

    assert names - reasons <= stack.resources.keys()


def test_graphs_lie_beside_and_not_upon_each_other(stack: Stack) -> None:
    places = [(widget["x"], widget["y"]) for widget in widgets(stack)]

    assert len(set(places)) == len(places)
    assert {(widget["width"], widget["height"]) for widget in widgets(stack)} == {(8, 6)}
    assert {x for x, _ in places} == {0, 8, 16}
    assert {y % 6 for _, y in places} == {0}

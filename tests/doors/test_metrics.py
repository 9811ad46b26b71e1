"""What the functions count and measure: lines that CloudWatch reads as metrics, and none for what goes well."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.metrics import METRICS, Clocks, Metrics
from functions.wiring import now
from shared.domain.facts.imports import ImportStatus
from shared.domain.trail.events import Tampering
from shared.services.refusals import Reason
from shared.storage.contracts.calls import CountedCall
from shared.storage.contracts.facts import ImportRecord
from tests.data.tenants import A_DAY
from tests.data.tenants import token as token_of
from tests.doors.events import event
from tests.doors.opening import Doors

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
A_FILE = ImportRecord(
    import_id="imp_1",
    file_name="orders.ndjson",
    bytes=100,
    status=ImportStatus.FINISHED,
    requested_by="usr_olivia",
    requested_at=NOON,
)

Out = pytest.CaptureFixture[str]


def written(out: Out) -> list[dict[str, Any]]:
    """Give the lines that are metrics, without the part that says so."""
    lines = [json.loads(line) for line in out.readouterr().out.splitlines() if line.startswith('{"_aws"')]
    assert {line["_aws"]["CloudWatchMetrics"][0]["Namespace"] for line in lines} <= {"MerchantMcp"}
    return lines


def named(lines: list[dict[str, Any]], name: str) -> list[float]:
    return [line[name][0] for line in lines if name in line]


def test_every_metric_is_written_as_it_is_declared(capsys: Out) -> None:
    metrics = Metrics("core-table")
    metrics.refusal(Reason.RATE_LIMITED)
    metrics.unaccounted_calls(2)
    metrics.tampering(Tampering.DELETED)
    metrics.refused_letter("MessageRejected")
    metrics.imported(replace(A_FILE, status=ImportStatus.REFUSED))
    metrics.taken({"batchItemFailures": [{"itemIdentifier": "1"}]})
    metrics.sweep_lag(timedelta(seconds=90))
    metrics.seal_lag(timedelta(seconds=60))
    metrics.clock_spread(timedelta(milliseconds=20))

    lines = written(capsys)
    told = [line["_aws"]["CloudWatchMetrics"][0] for line in lines]
    assert [(one["Metrics"], one["Dimensions"]) for one in told] == [
        (
            [{"Name": metric.name, "Unit": metric.unit.value}],
            [["CoreTable", metric.by] if metric.by else ["CoreTable"]],
        )
        for metric in METRICS
    ]
    assert {line["CoreTable"] for line in lines} == {"core-table"}
    assert lines[0]["reason"] == "rate_limited"
    assert [line[metric.name] for line, metric in zip(lines, METRICS, strict=True)] == [
        *([1.0], [2.0], [1.0], [1.0], [1.0], [1.0]),
        *([90.0], [60.0], [0.02]),
    ]


def test_what_went_well_writes_nothing(capsys: Out) -> None:
    metrics = Metrics("core-table")
    answer = metrics.taken({"batchItemFailures": []})
    metrics.unaccounted_calls(0)
    metrics.imported(A_FILE)
    metrics.imported(None)

    assert answer == {"batchItemFailures": []}
    assert written(capsys) == []


# --- clocks -----------------------------------------------------------------------------------------------------------


def at(moment: datetime) -> dict[str, Any]:
    return {"requestContext": {"timeEpoch": int(moment.timestamp() * 1000)}}


def test_the_wait_for_a_container_is_not_taken_for_a_wrong_clock_and_the_next_request_is_told() -> None:
    told: list[timedelta] = []
    clocks = Clocks(told.append)

    clocks.compare(at(NOON), NOON + timedelta(seconds=9))
    assert told == []
    clocks.compare(at(NOON), NOON + timedelta(milliseconds=8))
    for second in range(600):
        moment = NOON + timedelta(seconds=second)
        clocks.compare(at(moment), moment + timedelta(seconds=3))
    assert told == [timedelta(milliseconds=8)]


@pytest.mark.parametrize("off", [timedelta(seconds=4), timedelta(seconds=-4), timedelta(days=-400)])
def test_a_clock_that_is_wrong_is_told_once_a_minute_whichever_way_it_is_off(off: timedelta) -> None:
    told: list[timedelta] = []
    clocks = Clocks(told.append)
    for second in range(150):
        moment = NOON + timedelta(seconds=second)
        clocks.compare(at(moment), moment + off)

    assert told == [abs(off)] * 3  # after 1, 61 and 121 seconds


def test_what_no_gateway_sent_says_nothing_of_clocks() -> None:
    told: list[timedelta] = []
    clocks = Clocks(told.append)
    for _ in range(3):
        clocks.compare({"Records": []}, NOON)

    assert told == []


# --- the functions ----------------------------------------------------------------------------------------------------


def test_a_refusal_is_counted_and_an_answered_call_is_not(doors: Doors, capsys: Out) -> None:
    good = token_of(doors.stores, at=now())
    assert doors.ask("mcp_server", "mcp_tools_list_2026_07_28", token=good.text).status == 200
    before = written(capsys)
    assert doors.ask("mcp_server", "mcp_no_credential").status == 401

    assert before == []
    assert [line["reason"] for line in written(capsys) if "Refusals" in line] == ["credential_missing"]


def test_the_sweep_tells_how_long_the_earliest_had_been_due(doors: Doors, capsys: Out) -> None:
    for age in (31, 33):
        token_of(doors.stores, days=30, at=now() - age * A_DAY)
    doors.invoke("sweeper", event("schedule_sweep"))
    doors.invoke("sweeper", event("schedule_sweep"))

    first, second = named(written(capsys), "SweepLag")
    assert first == pytest.approx(19 * A_DAY.total_seconds(), abs=60)  # nobody used it for its first 14 days
    assert second == 0


def test_the_sealer_tells_how_long_the_oldest_mark_had_waited_and_which_calls_have_no_row(
    doors: Doors, capsys: Out
) -> None:
    made = token_of(doors.stores, at=now())
    waited = timedelta(minutes=12)
    doors.stores.seals.mark("wks_1", since=now() - waited, until=now(), now=now() - waited)
    lost = [CountedCall(token_id=made.token.token_id, number=number, at=now() - waited) for number in (1, 2)]
    doors.stores.counted_calls.mark("wks_1", lost, now=now() - waited, name="1")
    doors.invoke("sealer", event("schedule_seal"))
    doors.invoke("sealer", event("schedule_seal"))

    lines = written(capsys)
    first, *_ = named(lines, "SealLag")
    assert first == pytest.approx(waited.total_seconds(), abs=61)  # a mark knows its minute
    assert named(lines, "UnaccountedCalls") == [2]

"""A batch of changes is taken in order and stops at the first that fails; an upload's key is what it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.transports.stream import Change, take_changes
from shared.transports.uploads import keys_to_import

PERSON = "anna@shop.test"


def record(sequence: str, kind: str = "INSERT", pk: str = "T#wks_1#DIRTY") -> dict[str, Any]:
    keys = {"pk": {"S": pk}, "sk": {"S": "0000000001"}}
    image = {} if kind == "REMOVE" else {"NewImage": {**keys, "n": {"N": sequence}}}
    return {"eventName": kind, "dynamodb": {"SequenceNumber": sequence, "Keys": keys, **image}}


def uploaded(key: str, name: str = "ObjectCreated:Put") -> dict[str, Any]:
    return {"eventSource": "aws:s3", "eventName": name, "s3": {"bucket": {"name": "b"}, "object": {"key": key}}}


def test_changes_are_taken_in_their_order() -> None:
    taken: list[Change] = []
    answer = take_changes({"Records": [record("1"), record("2", "REMOVE", "W#wks_1")]}, taken.append)

    assert answer == {"batchItemFailures": []}
    assert [(change.sequence, change.kind, change.pk, change.sk) for change in taken] == [
        ("1", "INSERT", "T#wks_1#DIRTY", "0000000001"),
        ("2", "REMOVE", "W#wks_1", "0000000001"),
    ]
    assert [change.image.get("n") for change in taken] == [{"N": "1"}, None]


def test_nothing_after_a_failure_is_taken_and_the_log_says_what_failed_but_not_on_which_values(
    caplog: pytest.LogCaptureFixture,
) -> None:
    taken: list[str] = []

    def take(change: Change) -> None:
        if change.sequence == "2":
            raise ZeroDivisionError(PERSON)
        taken.append(change.sequence)

    answer = take_changes({"Records": [record(number) for number in ("1", "2", "3")]}, take)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert taken == ["1"]
    (logged,) = caplog.records
    assert "ZeroDivisionError" in str(vars(logged)["trace"])
    assert logged.exc_info is None
    assert PERSON not in str(vars(logged))


# --- what many lead to together --------------------------------------------------------------------------------------


@dataclass
class Batches:
    """Takes changes one by one, and notes what it is given together."""

    fails_at: str = ""
    finish_fails: bool = False
    finished: list[list[str]] = field(default_factory=list[list[str]])

    def take(self, change: Change) -> None:
        if change.sequence == self.fails_at:
            raise ZeroDivisionError

    def finish(self, taken: Sequence[Change]) -> None:
        self.finished.append([change.sequence for change in taken])
        if self.finish_fails:
            raise ZeroDivisionError

    def failed(self, *sequences: str) -> list[str]:
        answer = take_changes({"Records": [record(each) for each in sequences]}, self.take, self.finish)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_what_was_taken_is_finished_together_before_a_failure_is_named() -> None:
    well, ill = Batches(), Batches(fails_at="3")

    assert (well.failed("1", "2", "3"), well.finished) == ([], [["1", "2", "3"]])
    assert (ill.failed("1", "2", "3", "4"), ill.finished) == (["3"], [["1", "2"]])


def test_nothing_is_finished_where_nothing_was_taken() -> None:
    ill = Batches(fails_at="1")

    assert (ill.failed("1", "2"), ill.finished) == (["1"], [])
    assert (Batches().failed(), Batches().finished) == ([], [])


@pytest.mark.parametrize("fails_at", ["", "3"])
def test_if_the_end_fails_all_come_again(fails_at: str) -> None:
    assert Batches(fails_at=fails_at, finish_fails=True).failed("1", "2", "3") == ["1"]


# --- who and when -----------------------------------------------------------------------------------------------------


def test_a_change_says_when_it_was_made_and_whether_its_time_was_over() -> None:
    of_lambda: dict[str, Any] = {
        **record("1", "REMOVE"),
        "userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"},
    }
    of_lambda["dynamodb"]["ApproximateCreationDateTime"] = 1795262400
    taken: list[Change] = []

    take_changes({"Records": [of_lambda, record("2", "REMOVE")]}, taken.append)

    assert [(change.at.isoformat(), change.by_time_to_live) for change in taken] == [
        ("2026-11-21T12:00:00+00:00", True),
        ("1970-01-01T00:00:00+00:00", False),
    ]


# --- uploads ----------------------------------------------------------------------------------------------------------


def test_a_key_is_read_as_s3_writes_it() -> None:
    event = {
        "Records": [
            uploaded("raw/wks_1/a+file+of+%2B100%25.ndjson"),
            uploaded("raw/wks_1/gone.ndjson", "ObjectRemoved:Delete"),
        ]
    }
    assert keys_to_import(event) == ["raw/wks_1/a file of +100%.ndjson"]


def test_a_key_in_the_queue_is_read_as_we_wrote_it() -> None:
    assert keys_to_import({"Records": [{"eventSource": "aws:sqs", "body": "raw/wks_1/a+b%25"}]}) == ["raw/wks_1/a+b%25"]

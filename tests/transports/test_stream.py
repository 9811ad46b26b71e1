"""A batch of changes is taken in order and stops at the first that fails; an upload's key is what it was."""

from __future__ import annotations

from typing import Any

import pytest

from shared.transports.stream import Change, take_changes
from shared.transports.uploads import uploaded_keys

PERSON = "anna@shop.test"


def record(sequence: str, kind: str = "INSERT", pk: str = "T#wks_1#DIRTY") -> dict[str, Any]:
    keys = {"pk": {"S": pk}, "sk": {"S": "0000000001"}}
    image = {} if kind == "REMOVE" else {"NewImage": {**keys, "n": {"N": sequence}}}
    return {"eventName": kind, "dynamodb": {"SequenceNumber": sequence, "Keys": keys, **image}}


def uploaded(key: str, name: str = "ObjectCreated:Put") -> dict[str, Any]:
    return {"eventName": name, "s3": {"bucket": {"name": "b"}, "object": {"key": key}}}


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


def test_a_key_is_read_as_s3_writes_it() -> None:
    event = {
        "Records": [
            uploaded("raw/wks_1/a+file+of+%2B100%25.ndjson"),
            uploaded("raw/wks_1/gone.ndjson", "ObjectRemoved:Delete"),
        ]
    }
    assert uploaded_keys(event) == ["raw/wks_1/a file of +100%.ndjson"]

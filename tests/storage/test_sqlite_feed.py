"""The change feed of the embedded engine: all that was stored, in order, as a DynamoDB stream would tell it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from shared.storage.engine import ConditionFailed, Delete, Item, Key, Missing, Put, Table, TransactionRefused, Update
from shared.storage.sqlite.engine import SqliteEngine
from shared.storage.sqlite.feed import ChangeFeed
from tests.data.examples import NOON

KEY = Key("P", "S")
PUT = Put(table=Table.CORE, item={"pk": "P", "sk": "S", "n": 1})


def test_the_feed_tells_every_change_in_the_words_of_a_dynamodb_stream() -> None:
    engine = SqliteEngine()
    first: Item = {"pk": "P", "sk": "S", "n": 1, "yes": True, "none": None, "list": ["a", {"deep": 2}]}
    engine.write(Put(table=Table.AUDIT, item=first))
    engine.write(Update(table=Table.AUDIT, key=KEY, add={"n": 1}, remove=["yes", "none", "list"]))
    engine.write(Delete(table=Table.AUDIT, key=KEY))

    changes = engine.changes().read(0, limit=10)

    keys = {"pk": {"S": "P"}, "sk": {"S": "S"}}
    image = {
        **keys,
        "n": {"N": "1"},
        "yes": {"BOOL": True},
        "none": {"NULL": True},
        "list": {"L": [{"S": "a"}, {"M": {"deep": {"N": "2"}}}]},
    }
    later = {**keys, "n": {"N": "2"}}
    told = [(change.record["eventName"], change.record["dynamodb"]) for change in changes]
    assert [name for name, _ in told] == ["INSERT", "MODIFY", "REMOVE"]
    assert [(d["Keys"], d.get("OldImage"), d.get("NewImage")) for _, d in told] == [
        (keys, None, image),
        (keys, image, later),
        (keys, later, None),
    ]
    assert {change.table for change in changes} == {Table.AUDIT}
    assert {change.record["eventSource"] for change in changes} == {"aws:dynamodb"}
    assert {d["StreamViewType"] for _, d in told} == {"NEW_AND_OLD_IMAGES"}
    assert all(isinstance(d["ApproximateCreationDateTime"], int) for _, d in told)
    assert [int(d["SequenceNumber"]) for _, d in told] == [change.sequence for change in changes]


def test_what_changed_nothing_is_not_in_the_feed() -> None:
    engine = SqliteEngine()
    engine.write(PUT)
    engine.write(PUT)
    engine.write(Delete(table=Table.CORE, key=Key("P", "none")))
    with pytest.raises(ConditionFailed):
        engine.write(Update(table=Table.CORE, key=KEY, add={"n": 1}, when=Missing("pk")))
    with pytest.raises(TransactionRefused):
        engine.transact(
            [
                Put(table=Table.CORE, item={"pk": "Q", "sk": "Q"}),
                Update(table=Table.CORE, key=KEY, add={"n": 1}, when=Missing("pk")),
            ],
            request_token=str(uuid4()),
        )

    assert [change.record["eventName"] for change in engine.changes().read(0, limit=10)] == ["INSERT"]


def test_the_feed_is_read_on_from_where_the_reader_stopped() -> None:
    engine = SqliteEngine()
    for n in range(5):
        engine.write(Update(table=Table.CORE, key=KEY, set={"n": n}))
    feed = engine.changes()

    first = feed.read(0, limit=2)
    rest = feed.read(first[-1].sequence, limit=10)

    new = [change.record["dynamodb"]["NewImage"]["n"] for change in (*first, *rest)]
    assert new == [{"N": str(n)} for n in range(5)]
    assert feed.last() == rest[-1].sequence
    assert feed.read(feed.last(), limit=10) == ()


def test_a_trimmed_feed_goes_on_counting_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    engine = SqliteEngine(path)
    engine.write(PUT)
    engine.write(Delete(table=Table.CORE, key=KEY))
    feed = ChangeFeed.at(path)
    last = feed.last()

    feed.trim(last)
    SqliteEngine(path).write(PUT)

    assert [change.sequence for change in feed.read(0, limit=10)] == [last + 1]


def test_an_item_that_outlived_its_time_is_removed_as_dynamodb_would_say_it() -> None:
    engine = SqliteEngine()
    second = timedelta(seconds=1)
    for name, ttl in (("old", NOON - second), ("due", NOON), ("new", NOON + second)):
        engine.write(Put(table=Table.AUDIT, item={"pk": name, "sk": "S", "ttl": int(ttl.timestamp())}))
    engine.write(PUT)
    before = engine.changes().last()

    assert engine.purge(NOON) == 1

    (change,) = engine.changes().read(before, limit=10)
    assert change.record["eventName"] == "REMOVE"
    assert change.record["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert change.record["dynamodb"]["Keys"]["pk"] == {"S": "old"}
    assert engine.get(Table.AUDIT, Key("due", "S")) is not None

"""What every engine promises when 32 containers write at once."""

from __future__ import annotations

from contextlib import suppress
from uuid import uuid4

from shared.storage.engine import (
    ConditionFailed,
    Engine,
    Equals,
    Exists,
    Item,
    Key,
    Missing,
    Put,
    Table,
    TransactionRefused,
    Update,
)
from tests.storage.places import WRITERS, Place, all_at_once

KEY = Key("P", "S")


def test_no_addition_is_lost(place: Place) -> None:
    def add(engine: Engine, _: int) -> None:
        for _ in range(10):
            engine.write(Update(table=Table.CORE, key=KEY, add={"n": 1}))

    all_at_once(place, add)

    assert place.engine().get(Table.CORE, KEY) == {"pk": "P", "sk": "S", "n": WRITERS * 10}


def test_only_one_of_many_takes_a_free_key(place: Place) -> None:
    def take(engine: Engine, writer: int) -> int | None:
        with suppress(ConditionFailed):
            engine.write(Put(table=Table.CORE, item={"pk": "P", "sk": "S", "by": writer}, when=Missing("pk")))
            return writer
        return None

    winners = [writer for writer in all_at_once(place, take) if writer is not None]

    assert len(winners) == 1
    assert place.engine().get(Table.CORE, KEY) == {"pk": "P", "sk": "S", "by": winners[0]}


def test_each_version_is_written_by_one(place: Place) -> None:
    """Compare and swap, as the stores do: every writer gets its turn, and no version is taken twice."""
    place.engine().write(Put(table=Table.CORE, item={"pk": "P", "sk": "S", "version": 0}))

    def append(engine: Engine, writer: int) -> int:
        for _ in range(WRITERS * 10):
            item = engine.get(Table.CORE, KEY) or {}
            version = item["version"]
            assert isinstance(version, int)
            event: Item = {"pk": "P", "sk": f"E#{version + 1:04}", "by": writer}
            with suppress(TransactionRefused):
                engine.transact(
                    [
                        Update(
                            table=Table.CORE, key=KEY, set={"version": version + 1}, when=Equals("version", version)
                        ),
                        Put(table=Table.CORE, item=event, when=Missing("pk")),
                    ],
                    request_token=str(uuid4()),
                )
                return version + 1
        raise AssertionError("never had its turn")

    taken = all_at_once(place, append)

    assert sorted(taken) == list(range(1, WRITERS + 1))
    events = place.engine().query(Table.CORE, "P", first="E#", last="E$").items
    assert [event["by"] for event in events] == [taken.index(n + 1) for n in range(WRITERS)]


def test_every_transaction_on_the_same_items_counts_once(place: Place) -> None:
    """Transfers between two items: they meet, are tried again, and neither side of any is lost or doubled."""
    keys = (Key("A", "S"), Key("B", "S"))
    for key in keys:
        place.engine().write(Put(table=Table.CORE, item={"pk": key.pk, "sk": key.sk, "n": 0}))

    def transfer(engine: Engine, writer: int) -> None:
        for step in range(3):
            more = writer * 3 + step
            engine.transact(
                [
                    Update(table=Table.CORE, key=keys[0], add={"n": more}, when=Exists("pk")),
                    Update(table=Table.CORE, key=keys[1], add={"n": -more}, when=Exists("pk")),
                ],
                request_token=str(uuid4()),
            )

    all_at_once(place, transfer)

    total = sum(range(WRITERS * 3))
    found = place.engine().get_many(Table.CORE, keys)
    assert [found[key]["n"] for key in keys] == [total, -total]

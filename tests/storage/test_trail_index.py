"""What every engine promises about the index of a trail and the keys of people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest

from shared.domain.trail.index import DayIndex, DayUse, HourIndex, Occurrence, Use
from shared.storage.contracts.streams import StreamMoved
from shared.storage.contracts.trail_index import Kept, Slot
from shared.storage.engine import Engine, Item, Put, Table
from tests.data.stores import Stores

DAYS = ("2026-11-19", "2026-11-21", "2026-11-23")
HOURS = (0, 9, 23)


def fold(stores: Stores, workspace_id: str = "ws1") -> None:
    for day, hour in product(DAYS, HOURS):
        value = HourIndex()
        value.add(
            Occurrence(day=day, hour=hour, minute=7, values={"tool": "get_pnl"}, milliseconds=1, result_bytes=1), seal=1
        )
        stores.trail_index.keep(
            Kept(slot=Slot(workspace_id=workspace_id, day=day, hour=hour), value=value, through=1), was=0
        )
    for day in DAYS:
        slot = Slot(workspace_id=workspace_id, day=day)
        stores.trail_index.keep(Kept(slot=slot, value=DayIndex(rows=3), through=1), was=0)


def test_the_last_days_of_which_there_is_anything_come_first(stores: Stores) -> None:
    fold(stores)

    def days(since: str, upto: str, limit: int) -> list[str]:
        return [day for day, _ in stores.trail_index.days("ws1", since=since, upto=upto, limit=limit)]

    assert days("0001-01-01", "9998-12-31", 10) == ["2026-11-23", "2026-11-21", "2026-11-19"]
    assert days("0001-01-01", "2026-11-22", 1) == ["2026-11-21"]
    assert days("2026-11-20", "2026-11-22", 10) == ["2026-11-21"]
    assert days("2026-11-22", "2026-11-22", 10) == []


def test_the_last_hours_of_a_day_come_first(stores: Stores) -> None:
    fold(stores)

    def hours(upto: int, limit: int) -> list[int]:
        return [hour for hour, _ in stores.trail_index.hours("ws1", "2026-11-21", upto=upto, limit=limit)]

    assert hours(23, 24) == [23, 9, 0]
    assert hours(22, 24) == [9, 0]
    assert hours(23, 2) == [23, 9]


def test_the_newest_minute_is_that_of_the_last_hour_and_nothing_of_another_workspace(stores: Stores) -> None:
    assert stores.trail_index.newest("ws1") is None
    fold(stores, "ws2")
    assert stores.trail_index.newest("ws1") is None
    fold(stores)

    assert stores.trail_index.newest("ws1") == datetime(2026, 11, 23, 23, 7, tzinfo=UTC)


def test_what_a_token_did_is_read_of_the_days_asked_for_and_of_nobody_else(stores: Stores) -> None:
    for workspace_id, token_id, day in product(("ws1", "ws2"), ("tok1", "tok2"), DAYS):
        slot = Slot(workspace_id=workspace_id, day=day, token_id=token_id)
        value = DayUse()
        for tool in (workspace_id, token_id, day):  # so that whose it is can be seen
            values = {"tool": tool, "outcome": "ok"}
            value.add(Occurrence(day=day, hour=9, minute=7, values=values, milliseconds=5, result_bytes=80))
        stores.trail_index.keep(Kept(slot=slot, value=value, through=1), was=0)

    found = stores.trail_index.uses("ws1", "tok1", ["2026-11-19", "2026-11-20", "2026-11-21"])

    one = {"ok": Use(calls=1, milliseconds=5, result_bytes=80)}
    assert found == {day: DayUse(uses={"ws1": one, "tok1": one, day: one}) for day in ("2026-11-19", "2026-11-21")}
    assert stores.trail_index.uses("ws1", "tok3", DAYS) == {}


def test_whatever_lies_in_the_index_is_given_in_the_order_of_places(stores: Stores, engine: Engine) -> None:
    fold(stores)
    fold(stores, "ws2")
    odd: Item = {"pk": "W#ws1#TRAIL", "sk": "EMPTY"}
    engine.write(Put(table=Table.CORE, item=odd))

    found = list(stores.trail_index.documents("ws1"))

    places = (
        [f"DAY#{day}" for day in DAYS] + ["EMPTY"] + [f"HOUR#{day}#{hour:02d}" for day, hour in product(DAYS, HOURS)]
    )
    assert [document.place for document in found] == places
    assert [document.through for document in found] == [1, 1, 1, 0] + [1] * 9
    assert [stores.trail_index.document("ws1", place) for place in places] == found
    assert stores.trail_index.document("ws1", "DAY#2026-11-20") is None


def test_a_document_is_put_right_while_it_lies_as_it_was_read(stores: Stores) -> None:
    fold(stores)
    index = stores.trail_index
    day, other = (index.document("ws1", f"DAY#{each}") for each in DAYS[:2])
    assert day is not None
    assert other is not None
    better = replace(day, content={**other.content, "doc": '{"rows":4}'})

    index.put_right("ws1", day.place, lies=day, right=better)
    index.put_right("ws1", day.place, lies=day, right=better)  # the answer to the first was lost
    for right in (day, None):
        with pytest.raises(StreamMoved):
            index.put_right("ws1", day.place, lies=day, right=right)
    with pytest.raises(StreamMoved):
        index.put_right("ws1", day.place, lies=None, right=day)

    assert index.document("ws1", day.place) == better
    for _ in range(2):
        index.put_right("ws1", day.place, lies=better, right=None)
    assert index.document("ws1", day.place) is None
    index.put_right("ws1", day.place, lies=None, right=day)
    assert index.document("ws1", day.place) == day


def test_the_keys_that_are_known_are_those_that_were_made_and_not_forgotten(stores: Stores) -> None:
    made = {who: stores.people.key_of("ws1", who) for who in ("mem_olga", "operator:kim", "mem_adam")}
    stores.people.key_of("ws2", "mem_eve")
    stores.people.forget("ws1", "mem_adam")

    assert stores.people.known("ws1") == {who: key for who, key in made.items() if who != "mem_adam"}


def test_of_many_tokens_each_day_is_read_that_is_asked_for_and_of_this_workspace(stores: Stores) -> None:
    def used(workspace_id: str, token_id: str, day: str, calls: int) -> None:
        slot = Slot(workspace_id=workspace_id, day=day, token_id=token_id)
        value = DayUse(uses={"get_pnl": {"ok": Use(calls=calls)}})
        stores.trail_index.keep(Kept(slot=slot, value=value, through=1), was=0)

    used("ws1", "tok1", DAYS[0], 3)
    used("ws1", "tok1", DAYS[1], 4)
    used("ws1", "tok2", DAYS[0], 5)
    used("ws2", "tok2", DAYS[1], 6)

    found = stores.trail_index.uses_of_many("ws1", [("tok1", DAYS[1]), ("tok2", DAYS[0]), ("tok2", DAYS[1])])

    assert {place: use.uses["get_pnl"]["ok"].calls for place, use in found.items()} == {
        ("tok1", DAYS[1]): 4,
        ("tok2", DAYS[0]): 5,
    }

"""What every engine promises about reads: order, bounds, pages, and that nothing written is ever missing."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from shared.storage.engine import Engine, Item, Key, Put, Table, Update, Value

LETTERS = "abcdefg"
MOST_PAGES = 100


def put(engine: Engine, *items: Mapping[str, Value]) -> None:
    for item in items:
        engine.write(Put(table=Table.CORE, item=dict(item)))


def sort_keys(items: tuple[Item, ...]) -> str:
    return "".join(str(item["sk"]) for item in items)


def everything(engine: Engine, pk: str, *, newest_first: bool = False, limit: int | None = None) -> list[Item]:
    items: list[Item] = []
    after: Key | None = None
    for _ in range(MOST_PAGES):
        page = engine.query(Table.CORE, pk, newest_first=newest_first, limit=limit, after=after)
        items += page.items
        after = page.next
        if after is None:
            return items
    raise AssertionError("the partition does not end")


@pytest.fixture
def letters(engine: Engine) -> Engine:
    put(engine, *({"pk": "P", "sk": letter} for letter in reversed(LETTERS)), {"pk": "Q", "sk": "d"})
    return engine


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (None, None, "abcdefg"),
        ("c", None, "cdefg"),
        (None, "c", "abc"),
        ("b", "d", "bcd"),
        ("bb", "dd", "cd"),
        ("x", None, ""),
        ("d", "b", ""),
    ],
)
def test_a_query_gives_its_partition_within_its_bounds(
    letters: Engine, first: str | None, last: str | None, found: str
) -> None:
    forwards = letters.query(Table.CORE, "P", first=first, last=last)
    backwards = letters.query(Table.CORE, "P", first=first, last=last, newest_first=True)

    assert sort_keys(forwards.items) == found
    assert sort_keys(backwards.items) == found[::-1]
    assert forwards.next is None


def test_sort_keys_are_in_the_order_of_their_bytes(engine: Engine) -> None:
    keys = ["!", "#", "$", "0", "9", "A", "Z", "_", "a", "z", "~", "é", "€", "\ud7ff", "\uffee", "😀"]
    put(engine, *({"pk": "P", "sk": key} for key in keys))

    assert [item["sk"] for item in engine.query(Table.CORE, "P").items] == sorted(keys, key=str.encode)


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 7, 8])
def test_pages_of_any_size_give_every_item_once_and_in_order(
    letters: Engine, limit: int, *, newest_first: bool
) -> None:
    items = everything(letters, "P", newest_first=newest_first, limit=limit)

    assert sort_keys(tuple(items)) == (LETTERS[::-1] if newest_first else LETTERS)


def test_a_page_may_begin_after_a_key_that_is_gone(letters: Engine) -> None:
    assert sort_keys(letters.query(Table.CORE, "P", after=Key("P", "cc")).items) == "defg"


def test_a_partition_of_more_than_a_megabyte_comes_in_pages_and_whole(engine: Engine) -> None:
    put(engine, *({"pk": "P", "sk": f"{n:02}", "doc": str(n % 10) * 300_000} for n in range(8)))

    first = engine.query(Table.CORE, "P")
    whole = everything(engine, "P")

    assert first.next is not None
    assert len(first.items) < 8
    assert [(item["sk"], str(item["doc"])[0], len(str(item["doc"]))) for item in whole] == [
        (f"{n:02}", str(n), 300_000) for n in range(8)
    ]


def test_many_items_are_read_at_once_and_missing_ones_left_out(engine: Engine) -> None:
    keys = [Key(f"P{n % 3}", f"{n:03}") for n in range(120)]
    put(engine, *({"pk": key.pk, "sk": key.sk, "n": n} for n, key in enumerate(keys)))

    found = engine.get_many(Table.CORE, [*keys, Key("P0", "none"), keys[0]])

    assert set(found) == set(keys)
    assert found[keys[119]] == {"pk": keys[119].pk, "sk": keys[119].sk, "n": 119}
    assert engine.get_many(Table.CORE, []) == {}


def test_many_large_items_are_read_whole(engine: Engine) -> None:
    keys = [Key("P", f"{n:02}") for n in range(50)]
    put(engine, *({"pk": key.pk, "sk": key.sk, "doc": "x" * 380_000} for key in keys))

    found = engine.get_many(Table.CORE, keys)

    assert {key: len(str(item["doc"])) for key, item in found.items()} == dict.fromkeys(keys, 380_000)


def test_what_was_written_is_read_at_once_by_every_road(engine: Engine) -> None:
    for n in range(50):
        key = Key("P", f"{n:02}")
        engine.write(Put(table=Table.CORE, item={"pk": key.pk, "sk": key.sk, "n": 0}))
        engine.write(Update(table=Table.CORE, key=key, add={"n": n}))
        item: Item = {"pk": key.pk, "sk": key.sk, "n": n}

        assert engine.get(Table.CORE, key) == item
        assert engine.get_many(Table.CORE, [key]) == {key: item}
        assert engine.query(Table.CORE, "P", newest_first=True, limit=1).items == (item,)


def test_the_due_index_holds_what_has_its_attributes_earliest_first(engine: Engine) -> None:
    put(
        engine,
        {"pk": "c", "sk": "S", "due_pk": "D", "due_sk": "3"},
        {"pk": "a", "sk": "S", "due_pk": "D", "due_sk": "1"},
        {"pk": "b", "sk": "S", "due_pk": "D", "due_sk": "2"},
        {"pk": "d", "sk": "S", "due_pk": "E", "due_sk": "1"},
        {"pk": "e", "sk": "S"},
    )
    engine.write(Update(table=Table.CORE, key=Key("b", "S"), remove=["due_pk", "due_sk"]))

    assert engine.query_due("D", last="3", limit=10) == (Key("a", "S"), Key("c", "S"))
    assert engine.query_due("D", last="2", limit=10) == (Key("a", "S"),)
    assert engine.query_due("D", last="3", limit=1) == (Key("a", "S"),)

"""What every engine promises about writes."""

from __future__ import annotations

from uuid import uuid4

import pytest

from shared.storage.engine import (
    Above,
    AllOf,
    AnyOf,
    Below,
    Check,
    Condition,
    ConditionFailed,
    Delete,
    Differs,
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

KEY = Key("P", "S")
CAT: Item = {"pk": "P", "sk": "S", "name": "cat", "legs": 4, "tame": True, "note": None}


def test_an_item_comes_back_as_it_was_put(engine: Engine) -> None:
    item: Item = {**CAT, "list": ["a", 1, False, None], "map": {"deep": {"er": [{"n": -5}]}}, "": "", "long": 2**53}
    del item[""]

    engine.write(Put(table=Table.CORE, item=item))

    assert engine.get(Table.CORE, KEY) == item


def test_a_table_does_not_see_the_items_of_another(engine: Engine) -> None:
    engine.write(Put(table=Table.CORE, item=CAT))

    assert engine.get(Table.AUDIT, KEY) is None
    assert engine.get(Table.FACTS, KEY) is None


HOLD: list[Condition] = [
    Exists("pk"),
    Exists("note"),
    Missing("wings"),
    Equals("name", "cat"),
    Equals("legs", 4),
    Equals("tame", value=True),
    Differs("name", "dog"),
    Differs("wings", 2),
    Below("legs", 5),
    Above("legs", 3),
    Below("name", "dog"),
    Above("name", "bee"),
    AllOf((Exists("pk"), Equals("legs", 4))),
    AnyOf((Missing("pk"), Equals("legs", 4))),
    AllOf((AnyOf((Missing("legs"), Below("legs", 5))), Differs("name", "dog"))),
]
DO_NOT_HOLD: list[Condition] = [
    Missing("pk"),
    Exists("wings"),
    Equals("name", "dog"),
    Equals("wings", 2),
    Differs("name", "cat"),
    Below("legs", 4),
    Above("legs", 4),
    Below("wings", 4),
    Above("wings", 4),
    AllOf((Exists("pk"), Equals("legs", 5))),
    AnyOf((Missing("pk"), Equals("legs", 5))),
]


@pytest.mark.parametrize("condition", HOLD, ids=str)
def test_a_write_goes_through_when_its_condition_holds(engine: Engine, condition: Condition) -> None:
    engine.write(Put(table=Table.CORE, item=CAT))

    engine.write(Update(table=Table.CORE, key=KEY, set={"seen": True}, when=condition))

    assert engine.get(Table.CORE, KEY) == {**CAT, "seen": True}


@pytest.mark.parametrize("condition", DO_NOT_HOLD, ids=str)
def test_a_refused_write_changes_nothing_and_shows_the_item(engine: Engine, condition: Condition) -> None:
    engine.write(Put(table=Table.CORE, item=CAT))

    with pytest.raises(ConditionFailed) as refused:
        engine.write(Update(table=Table.CORE, key=KEY, set={"seen": True}, when=condition))

    assert refused.value.item == CAT
    assert engine.get(Table.CORE, KEY) == CAT


def test_a_refused_write_to_a_missing_item_shows_nothing(engine: Engine) -> None:
    with pytest.raises(ConditionFailed) as refused:
        engine.write(Delete(table=Table.CORE, key=KEY, when=Exists("pk")))

    assert refused.value.item is None


def test_an_update_changes_what_it_names_and_leaves_the_rest(engine: Engine) -> None:
    engine.write(Put(table=Table.CORE, item=CAT))

    now = engine.write(
        Update(table=Table.CORE, key=KEY, set={"name": "tom"}, add={"legs": -1, "lives": 9}, remove=["note", "wings"])
    )

    assert now == {"pk": "P", "sk": "S", "name": "tom", "legs": 3, "lives": 9, "tame": True}
    assert engine.get(Table.CORE, KEY) == now


def test_an_update_makes_the_item_that_is_not_there(engine: Engine) -> None:
    assert engine.write(Update(table=Table.CORE, key=KEY, set={"a": "b"}, add={"n": 1})) == {
        "pk": "P",
        "sk": "S",
        "a": "b",
        "n": 1,
    }


def test_attributes_may_be_called_by_reserved_words(engine: Engine) -> None:
    words: Item = {"pk": "P", "sk": "S", "status": "a", "name": "b", "type": "c", "at": "d", "data": {"key": "e"}}

    engine.write(Put(table=Table.CORE, item=words, when=AnyOf((Missing("status"), Equals("type", "c")))))
    now = engine.write(Update(table=Table.CORE, key=KEY, set={"status": "z"}, remove=["name"], when=Equals("at", "d")))

    assert now == {"pk": "P", "sk": "S", "status": "z", "type": "c", "at": "d", "data": {"key": "e"}}


def test_a_deleted_item_is_gone_and_may_be_deleted_again(engine: Engine) -> None:
    engine.write(Put(table=Table.CORE, item=CAT))

    assert engine.write(Delete(table=Table.CORE, key=KEY)) is None
    assert engine.write(Delete(table=Table.CORE, key=KEY)) is None
    assert engine.get(Table.CORE, KEY) is None


def test_a_transaction_writes_to_several_tables_at_once(engine: Engine) -> None:
    engine.write(Put(table=Table.CORE, item=CAT))
    other: Item = {"pk": "P", "sk": "T", "n": 1}

    engine.transact(
        [
            Check(table=Table.CORE, key=KEY, when=Equals("legs", 4)),
            Put(table=Table.AUDIT, item=other, when=Missing("pk")),
            Update(table=Table.FACTS, key=KEY, add={"n": 2}),
            Delete(table=Table.CORE, key=Key("P", "none")),
        ],
        request_token=str(uuid4()),
    )

    assert engine.get(Table.AUDIT, Key("P", "T")) == other
    assert engine.get(Table.FACTS, KEY) == {"pk": "P", "sk": "S", "n": 2}


def test_a_refused_transaction_writes_nothing_and_says_which_conditions_failed(engine: Engine) -> None:
    engine.write(Put(table=Table.CORE, item=CAT))

    with pytest.raises(TransactionRefused) as refused:
        engine.transact(
            [
                Put(table=Table.AUDIT, item={"pk": "new", "sk": "new"}),
                Check(table=Table.CORE, key=KEY, when=Equals("legs", 3)),
                Update(table=Table.FACTS, key=KEY, add={"n": 1}, when=Exists("pk")),
                Delete(table=Table.CORE, key=Key("P", "none"), when=Missing("pk")),
            ],
            request_token=str(uuid4()),
        )

    assert refused.value.failed == {1: CAT, 2: None}
    assert engine.get(Table.AUDIT, Key("new", "new")) is None
    assert engine.get(Table.FACTS, KEY) is None


def test_a_transaction_may_have_a_hundred_writes(engine: Engine) -> None:
    engine.transact(
        [Put(table=Table.CORE, item={"pk": "P", "sk": f"{n:03}"}) for n in range(100)], request_token=str(uuid4())
    )

    assert len(engine.query(Table.CORE, "P").items) == 100


def test_a_transaction_that_is_repeated_under_its_token_changes_nothing_more(engine: Engine) -> None:
    token = str(uuid4())
    for _ in range(3):
        engine.transact(
            [
                Put(table=Table.CORE, item=CAT, when=Missing("pk")),
                Update(table=Table.FACTS, key=KEY, add={"n": 1}),
            ],
            request_token=token,
        )

    assert engine.get(Table.FACTS, KEY) == {"pk": "P", "sk": "S", "n": 1}


def test_a_refused_transaction_may_be_tried_again_under_its_token(engine: Engine) -> None:
    token = str(uuid4())
    writes = [Update(table=Table.FACTS, key=KEY, add={"n": 1}, when=Exists("pk"))]
    with pytest.raises(TransactionRefused):
        engine.transact(writes, request_token=token)
    engine.write(Put(table=Table.FACTS, item={"pk": "P", "sk": "S", "n": 1}))

    engine.transact(writes, request_token=token)

    assert engine.get(Table.FACTS, KEY) == {"pk": "P", "sk": "S", "n": 2}


def test_every_request_is_counted_by_its_name(engine: Engine) -> None:
    engine.write(Put(table=Table.CORE, item=CAT))
    engine.write(Update(table=Table.CORE, key=KEY, set={"a": 1}))
    engine.get(Table.CORE, KEY)
    engine.get_many(Table.CORE, [KEY])
    engine.query(Table.CORE, "P")
    engine.query_due("D", last="z", limit=1)
    engine.transact([Check(table=Table.CORE, key=KEY, when=Exists("pk"))], request_token=str(uuid4()))
    with pytest.raises(ConditionFailed):
        engine.write(Delete(table=Table.CORE, key=KEY, when=Missing("pk")))

    assert engine.operations == {
        "put": 1,
        "update": 1,
        "get": 1,
        "get_many": 1,
        "query": 2,
        "transact": 1,
        "delete": 1,
    }

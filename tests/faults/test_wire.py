"""The wire does to a request what the name of each fault says, and nothing to any other."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import suppress

import pytest

from shared.storage.aws.json_client import Refused
from shared.storage.engine import Engine, Key, Put, StoreError, Table
from tests.faults.cells import Laboratory
from tests.faults.engines import engine_at
from tests.faults.faults import AT_EASE_SECONDS, FAULTS, KILLS, Fault, at, killing
from tests.faults.wire import Asked, nothing

ITEM = {"pk": "P", "sk": "S"}
KEY = Key("P", "S")
KEYS = [Key("P", str(number)) for number in range(3)]
OF_A_PUT = [fault for fault in FAULTS if fault.fits(Asked(number=0, operation="PutItem", headers={}, body=b""))]
(HALF,) = (fault for fault in FAULTS if fault.name == "half of the keys of a batch")


@pytest.fixture
def tables(lab: Laboratory) -> Generator[Mapping[Table, str]]:
    with lab.empty_tables() as made:
        yield made


@pytest.fixture
def engine(lab: Laboratory, tables: Mapping[Table, str]) -> Generator[Engine]:
    """Give an engine on a wire that does nothing."""
    lab.wire.meet(nothing)
    with engine_at(lab.wire.address, tables, patience=AT_EASE_SECONDS) as engine:
        yield engine


def put(engine: Engine, item: Mapping[str, str] = ITEM) -> None:
    engine.write(Put(table=Table.CORE, item={**item}))


def test_requests_go_through_and_are_counted(lab: Laboratory, engine: Engine) -> None:
    put(engine)

    assert engine.get(Table.CORE, KEY) == ITEM
    assert [(each.number, each.operation, each.is_write) for each in lab.wire.asked] == [
        (0, "PutItem", True),
        (1, "GetItem", False),
    ]


@pytest.mark.parametrize("fault", OF_A_PUT, ids=lambda fault: fault.name)
def test_the_store_has_done_what_was_asked_or_not_as_the_fault_says(
    lab: Laboratory, engine: Engine, tables: Mapping[Table, str], fault: Fault
) -> None:
    lab.wire.meet(at(0, fault, lasting=True))
    with engine_at(lab.wire.address, tables, patience=fault.patience) as impatient, suppress(StoreError, Refused):
        put(impatient)

    assert {each.operation for each in lab.wire.asked} == {"PutItem"}
    lab.wire.meet(nothing)
    assert (engine.get(Table.CORE, KEY) is not None) == fault.after


@pytest.mark.parametrize("fault", KILLS, ids=lambda fault: fault.name)
def test_a_process_is_killed_before_the_store_has_done_it_or_after(
    lab: Laboratory, engine: Engine, fault: Fault
) -> None:
    killed: list[bool] = []

    def kill() -> None:
        rows = lab.dynamodb.scan(TableName=lab.wire.asked[0].json["TableName"])["Items"]
        killed.append(bool(rows))

    lab.wire.meet(at(0, killing(kill, fault), lasting=False))
    put(engine)  # nobody was killed: it asks again, and is answered

    assert killed == [fault.after]


def test_a_fault_befalls_one_request_or_all_from_there_on(lab: Laboratory, engine: Engine) -> None:
    (cut,) = (fault for fault in FAULTS if fault.name == "reset before it is done")
    lab.wire.meet(at(1, cut, lasting=False))
    put(engine)
    put(engine)
    once = len(lab.wire.asked)

    lab.wire.meet(at(1, cut, lasting=True))
    put(engine)
    with pytest.raises(StoreError):
        put(engine)

    assert once == 3
    assert len(lab.wire.asked) > 3


def test_half_of_the_keys_are_read_at_a_time(lab: Laboratory, engine: Engine) -> None:
    for key in KEYS:
        put(engine, {"pk": key.pk, "sk": key.sk})

    lab.wire.meet(at(0, HALF, lasting=True))
    found = engine.get_many(Table.CORE, KEYS)

    assert found.keys() == {*KEYS}
    assert len(lab.wire.asked) == 2  # two keys, then the third

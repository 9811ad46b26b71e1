"""The meter of the benchmarks against what an emulator reports, whose figures were taken from DynamoDB."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from shared.domain.token.commands import RevokeToken, SuspendToken
from shared.domain.workspace.commands import RemoveMember, SuspendAccess
from shared.services.change_token import change_token
from shared.storage.aws.json_client import Answer
from shared.storage.dynamodb.engine import Client, DynamoEngine
from shared.storage.dynamodb.tables import create_tables
from shared.storage.engine import Delete, Item, Key, Put, Table, Update, Value
from tests.bench.metered import Metered, item_bytes, read_units
from tests.data.stores import Stores
from tests.data.tenants import KEYS, NOON, order, origin, rotation, token, workspace
from tests.storage.clients import dynamodb_at

WRITES = {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"}
NAMES = {table: f"metered-{table}" for table in Table}


class Reporting:
    """A client that has each write say what it cost, and adds it up."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.units = 0.0

    def ask(self, operation: str, request: Mapping[str, Any]) -> Answer:
        if operation not in WRITES:
            return self._client.ask(operation, request)
        answer = self._client.ask(operation, {**request, "ReturnConsumedCapacity": "INDEXES"})
        told: Any = answer.body["ConsumedCapacity"]
        of_tables: list[Any] = told if operation == "TransactWriteItems" else [told]
        self.units += sum(float(each["CapacityUnits"]) for each in of_tables)
        return answer


@pytest.fixture(scope="module")
def client(ministack_client: Callable[[str], Any], ministack_address: str) -> Reporting:
    create_tables(ministack_client("dynamodb"), NAMES)
    return Reporting(dynamodb_at(ministack_address))


@pytest.fixture
def metered(client: Reporting) -> Metered:
    client.units = 0
    return Metered(DynamoEngine(client, NAMES))


def test_what_tokens_go_through_costs_what_the_emulator_says(client: Reporting, metered: Metered) -> None:
    stores = Stores.over(metered)
    workspace(stores)
    kept, left = token(stores), token(stores, owner="adam")
    rotation(stores, kept.token.token_id)
    for command in (
        SuspendToken(suspended_by="mem_olivia", reason="odd", at=NOON),
        RevokeToken(revoked_by="mem_olivia", reason="gone", at=NOON),
    ):
        change_token(left.token.token_id, command, origin=origin(), keys=KEYS, tokens=stores.tokens)
    order(RemoveMember(member_id="mem_adam", at=NOON), stores=stores)
    order(SuspendAccess(reason="unpaid", at=NOON), stores=stores)

    assert metered.spent.write_units == client.units > 50


@pytest.mark.parametrize("size", [1, 1023, 1024, 1025, 5000])
def test_a_write_costs_by_the_kilobyte_before_or_after(client: Reporting, metered: Metered, size: int) -> None:
    key = Key("p", f"{size}")
    rest = item_bytes({"pk": key.pk, "sk": key.sk, "x": ""})
    metered.write(Put(table=Table.CORE, item={"pk": key.pk, "sk": key.sk, "x": "y" * max(0, size - rest)}))
    metered.write(Update(table=Table.CORE, key=key, set={"x": "", "due_pk": "d", "due_sk": "1"}))
    metered.write(Update(table=Table.CORE, key=key, set={"due_sk": "2"}))
    metered.write(Delete(table=Table.CORE, key=key))

    assert metered.spent.write_units == client.units


VALUES: list[Value] = ["", "ü", 0, 7, 10, 100, 120, 12345, 12000, -12, True, None, [], ["a", 1], {"a": {"b": 1}}]


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_an_attribute_weighs_what_the_emulator_says(client: Reporting, metered: Metered, value: Value) -> None:
    """The filling is as long as our size says that one kilobyte has room for; one byte more is another unit."""
    item: Item = {"pk": "p", "sk": f"of {value}", "value": value, "filling": ""}
    item["filling"] = "x" * (1024 - item_bytes(item))
    metered.write(Put(table=Table.CORE, item=item))
    assert client.units == 1
    metered.write(Put(table=Table.CORE, item={**item, "filling": f"{item['filling']}x"}))

    assert client.units == 1 + 2


def test_a_read_costs_by_four_kilobytes_even_where_nothing_is() -> None:
    assert [read_units(size) for size in (0, 1, 4096, 4097)] == [1, 1, 1, 2]

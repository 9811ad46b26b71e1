"""The row engine over DynamoDB tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from shared.storage.attributes import item_of
from shared.storage.aws.json_client import Answer, NoAnswer, Refused
from shared.storage.aws.retries import may_pass
from shared.storage.dynamodb.conflicts import CANCELLED, CONDITION_FAILED, CONFLICT, PASSING, reasons
from shared.storage.dynamodb.expressions import Placeholders, Request, key_image, write_request
from shared.storage.engine import (
    Check,
    ConditionFailed,
    Delete,
    Item,
    Key,
    Page,
    Put,
    StoreUnavailable,
    Table,
    TransactionRefused,
    Update,
    Write,
)

KEYS_A_BATCH = 100
CONDITION_OF_A_WRITE_FAILED = "ConditionalCheckFailedException"
NOT_LET = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "InvalidSignatureException",
        "UnrecognizedClientException",
    }
)
"""A right of ours, a key or the clock is not as it should be: until somebody mends that, the store is out of reach."""


class Client(Protocol):
    """What the engine asks: DynamoDB, by the names of its operations and its own JSON."""

    def ask(self, operation: str, request: Mapping[str, Any]) -> Answer:
        """Have an operation carried out, or raise `Refused` or `NoAnswer`."""
        ...


class DynamoEngine:
    """Keeps the contract of `shared.storage.engine.Engine` over a client and the names of the tables."""

    def __init__(self, client: Client, tables: Mapping[Table, str]) -> None:
        self.operations: Counter[str] = Counter()
        self._client = client
        self._tables = tables

    def get(self, table: Table, key: Key) -> Item | None:
        request: Request = {"TableName": self._tables[table], "Key": key_image(key), "ConsistentRead": True}
        answer = self._ask("get", "GetItem", request)
        return item_of(answer["Item"]) if "Item" in answer else None

    def get_many(self, table: Table, keys: Sequence[Key], *, consistently: bool = True) -> dict[Key, Item]:
        wanted = [key_image(key) for key in dict.fromkeys(keys)]
        found: dict[Key, Item] = {}
        name = self._tables[table]
        while wanted:
            batch, wanted = wanted[:KEYS_A_BATCH], wanted[KEYS_A_BATCH:]
            request: Request = {"RequestItems": {name: {"Keys": batch, "ConsistentRead": consistently}}}
            answer = self._ask("get_many", "BatchGetItem", request)
            left = answer.get("UnprocessedKeys", {}).get(name, {}).get("Keys", [])
            if len(left) == len(batch):
                raise StoreUnavailable("the table is too busy to read")
            wanted += left
            for image in answer["Responses"].get(name, ()):
                item = item_of(image)
                found[_key_of(item)] = item
        return found

    def query(
        self,
        table: Table,
        pk: str,
        *,
        first: str | None = None,
        last: str | None = None,
        newest_first: bool = False,
        limit: int | None = None,
        after: Key | None = None,
    ) -> Page:
        if first is not None and last is not None and first > last:
            return Page(items=(), next=None)  # which DynamoDB takes for a mistake
        request: Request = {
            "TableName": self._tables[table],
            "ConsistentRead": True,
            "ScanIndexForward": not newest_first,
            **_key_condition("pk", pk, "sk", first=first, last=last),
        }
        if limit is not None:
            request["Limit"] = limit
        if after is not None:
            request["ExclusiveStartKey"] = key_image(after)
        answer = self._ask("query", "Query", request)
        end = answer.get("LastEvaluatedKey")
        return Page(
            items=tuple(item_of(image) for image in answer["Items"]),
            next=_key_of(item_of(end)) if end else None,
        )

    def query_due(self, due_pk: str, *, last: str, limit: int) -> tuple[Key, ...]:
        request: Request = {
            "TableName": self._tables[Table.CORE],
            "IndexName": "due",
            "Limit": limit,
            **_key_condition("due_pk", due_pk, "due_sk", first=None, last=last),
        }
        answer = self._ask("query", "Query", request)
        return tuple(_key_of(item_of(image)) for image in answer["Items"])

    def write(self, write: Put | Update | Delete) -> Item | None:
        request = write_request(write, self._tables)
        try:
            match write:
                case Put():
                    self._ask("put", "PutItem", request)
                    return dict(write.item)
                case Update():
                    answer = self._ask("update", "UpdateItem", {**request, "ReturnValues": "ALL_NEW"})
                    return item_of(answer["Attributes"])
                case Delete():
                    self._ask("delete", "DeleteItem", request)
                    return None
        except Refused as refused:
            if refused.code != CONDITION_OF_A_WRITE_FAILED:
                raise
            held = refused.body.get("Item")
            raise ConditionFailed(item_of(held) if held else None) from refused

    def transact(self, writes: Sequence[Write], *, request_token: str) -> None:
        parts = [{_NAMES[type(write)]: write_request(write, self._tables)} for write in writes]
        try:
            self._ask("transact", "TransactWriteItems", {"TransactItems": parts, "ClientRequestToken": request_token})
        except Refused as refused:
            if refused.code != CANCELLED:
                raise
            failed = _failed(refused.body)
            if failed:
                raise TransactionRefused(failed) from refused
            if PASSING.issuperset(reasons(refused.body)):
                raise StoreUnavailable("the items of the transaction are too busy") from refused
            raise

    def _ask(self, name: str, operation: str, request: Request) -> Mapping[str, Any]:
        """Make a request, and count it with all the attempts that were made of it."""
        try:
            answer = self._client.ask(operation, request)
        except (Refused, NoAnswer) as not_done:
            self.operations[name] += not_done.attempts
            if isinstance(not_done, NoAnswer):
                raise StoreUnavailable(f"DynamoDB did not answer {operation}") from not_done
            if may_pass(not_done) or not_done.code == CONFLICT:
                raise StoreUnavailable(f"DynamoDB did not carry out {operation}") from not_done
            if not_done.code in NOT_LET:
                raise StoreUnavailable(f"DynamoDB does not let us: {not_done}") from not_done
            raise
        self.operations[name] += answer.attempts
        return answer.body


_NAMES: Mapping[type, str] = {Put: "Put", Update: "Update", Delete: "Delete", Check: "ConditionCheck"}


def _failed(answer: Mapping[str, Any]) -> dict[int, Item | None]:
    return {
        place: item_of(reason["Item"]) if reason.get("Item") else None
        for place, reason in enumerate(answer.get("CancellationReasons", ()))
        if reason.get("Code") == CONDITION_FAILED
    }


def _key_of(item: Item) -> Key:
    return Key(str(item["pk"]), str(item["sk"]))


def _key_condition(pk_name: str, pk: str, sk_name: str, *, first: str | None, last: str | None) -> Request:
    holders = Placeholders()
    condition = f"{holders.name(pk_name)} = {holders.value(pk)}"
    if first is not None and last is not None:
        condition += f" AND {holders.name(sk_name)} BETWEEN {holders.value(first)} AND {holders.value(last)}"
    elif first is not None:
        condition += f" AND {holders.name(sk_name)} >= {holders.value(first)}"
    elif last is not None:
        condition += f" AND {holders.name(sk_name)} <= {holders.value(last)}"
    return {"KeyConditionExpression": condition, **holders.parameters()}

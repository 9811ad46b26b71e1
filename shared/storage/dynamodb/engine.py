"""The row engine over DynamoDB tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from shared.storage.attributes import item_of
from shared.storage.dynamodb.conflicts import CONDITION_FAILED, PASSING, reasons, retry_conflicts
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

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

KEYS_A_BATCH = 100
SERVER_ERROR = 500
TOO_BUSY = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
"""Errors after which the same request may succeed later; botocore has tried again already."""
NOT_LET = "AccessDeniedException"
"""A right of ours, or the key of a table, was taken away: until it is given back the store is out of reach."""


class DynamoEngine:
    """Keeps the contract of `shared.storage.engine.Engine` over a client and the names of the tables."""

    def __init__(self, client: DynamoDBClient, tables: Mapping[Table, str]) -> None:
        self.operations: Counter[str] = Counter()
        self._client = client
        self._tables = tables
        retry_conflicts(client)

    def get(self, table: Table, key: Key) -> Item | None:
        request: Request = {"TableName": self._tables[table], "Key": key_image(key), "ConsistentRead": True}
        answer = self._ask("get", "get_item", request)
        return item_of(answer["Item"]) if "Item" in answer else None

    def get_many(self, table: Table, keys: Sequence[Key], *, consistently: bool = True) -> dict[Key, Item]:
        wanted = [key_image(key) for key in dict.fromkeys(keys)]
        found: dict[Key, Item] = {}
        name = self._tables[table]
        while wanted:
            batch, wanted = wanted[:KEYS_A_BATCH], wanted[KEYS_A_BATCH:]
            request: Request = {"RequestItems": {name: {"Keys": batch, "ConsistentRead": consistently}}}
            answer = self._ask("get_many", "batch_get_item", request)
            left = answer.get("UnprocessedKeys", {}).get(name, {}).get("Keys", [])
            if len(left) == len(batch):
                raise StoreUnavailable("the table is too busy to read")  # botocore has waited and asked again
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
        answer = self._ask("query", "query", request)
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
        answer = self._ask("query", "query", request)
        return tuple(_key_of(item_of(image)) for image in answer["Items"])

    def write(self, write: Put | Update | Delete) -> Item | None:
        request = write_request(write, self._tables)
        try:
            match write:
                case Put():
                    self._ask("put", "put_item", request)
                    return dict(write.item)
                case Update():
                    answer = self._ask("update", "update_item", {**request, "ReturnValues": "ALL_NEW"})
                    return item_of(answer["Attributes"])
                case Delete():
                    self._ask("delete", "delete_item", request)
                    return None
        except self._client.exceptions.ConditionalCheckFailedException as failed:
            held = failed.response.get("Item")
            raise ConditionFailed(item_of(held) if held else None) from failed

    def transact(self, writes: Sequence[Write], *, request_token: str) -> None:
        parts = [{_NAMES[type(write)]: write_request(write, self._tables)} for write in writes]
        try:
            self._ask("transact", "transact_write_items", {"TransactItems": parts, "ClientRequestToken": request_token})
        except self._client.exceptions.TransactionCanceledException as cancelled:
            answer: Mapping[str, Any] = cancelled.response
            failed = _failed(answer)
            if failed:
                raise TransactionRefused(failed) from cancelled
            if PASSING.issuperset(reasons(answer)):
                raise StoreUnavailable("the items of the transaction are too busy") from cancelled
            raise

    def _ask(self, name: str, operation: str, request: Request) -> Mapping[str, Any]:
        """Make a request, and count it with the attempts that botocore made of it."""
        self.operations[name] += 1
        try:
            answer: Mapping[str, Any] = getattr(self._client, operation)(**request)
        except ClientError as error:
            told: Mapping[str, Any] = error.response
            self.operations[name] += told.get("ResponseMetadata", {}).get("RetryAttempts", 0)
            status = told.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            code = told.get("Error", {}).get("Code")
            if status >= SERVER_ERROR or code in TOO_BUSY:
                raise StoreUnavailable(f"DynamoDB did not carry out {operation}") from error
            if code == NOT_LET:
                raise StoreUnavailable(f"DynamoDB does not let us {operation}: {error}") from error
            raise
        except (HTTPClientError, NoConnection) as error:
            raise StoreUnavailable(f"DynamoDB did not answer {operation}") from error
        self.operations[name] += answer.get("ResponseMetadata", {}).get("RetryAttempts", 0)
        return answer


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

"""The tables as a client is asked to make them, where no template does: in tests and in emulators.

What a store relies on is here; what an operator relies on (encryption, backups, policies) is in template.yaml, and a
test compares the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.storage.engine import Table

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


def table_definition(table: Table) -> dict[str, Any]:
    """Describe a table in the words of both CreateTable and CloudFormation."""
    keys = {"pk": "HASH", "sk": "RANGE"}
    index_keys = {"due_pk": "HASH", "due_sk": "RANGE"} if table is Table.CORE else {}
    definition: dict[str, Any] = {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in (*keys, *index_keys)],
        "KeySchema": _key_schema(keys),
        "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
    }
    if index_keys:
        definition["GlobalSecondaryIndexes"] = [
            {"IndexName": "due", "KeySchema": _key_schema(index_keys), "Projection": {"ProjectionType": "KEYS_ONLY"}}
        ]
    return definition


def create_tables(client: DynamoDBClient, names: dict[Table, str]) -> None:
    """Make the tables under these names, and wait until they can be used."""
    for table, name in names.items():
        definition = table_definition(table)
        definition["StreamSpecification"]["StreamEnabled"] = True  # CloudFormation takes that for granted
        client.create_table(TableName=name, **definition)
    for name in names.values():
        client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        client.update_time_to_live(TableName=name, TimeToLiveSpecification={"AttributeName": "ttl", "Enabled": True})


def _key_schema(keys: dict[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()]

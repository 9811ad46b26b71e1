"""IAM bites: each function's role lets it do its own work and nothing else, tried by calls under the role itself.

`tests/policies` judges the same policies by a simulator, for all of AWS's actions and for the kinds of rows, which the
emulator does not tell apart; here they are enforced.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pytest

from tests.deployed.rights import NEVER, Attempt
from tests.deployed.stack import DeployedStack

FUNCTIONS = ("McpServer", "TokenApi", "Projector", "Sweeper", "Sealer", "Importer", "Notifier")
DENIED = {"AccessDenied", "AccessDeniedException"}

ROW = {"pk": {"S": "probe"}, "sk": {"S": "probe"}}


def of(table: str) -> Callable[..., Attempt]:
    def attempt(call: str, **given: Any) -> Attempt:  # noqa: ANN401 - of boto3
        return Attempt(service="dynamodb", call=call, given={"TableName": table, **given})

    return attempt


def in_tables(stack: DeployedStack) -> dict[str, Attempt]:
    core_name, audit_name = stack.deployed.resources["CoreTable"], stack.deployed.resources["AuditTable"]
    core, audit, facts = of(core_name), of(audit_name), of(stack.deployed.resources["FactsTable"])
    row = {"Key": ROW}
    change = {"UpdateExpression": "SET a = :a", "ExpressionAttributeValues": {":a": {"S": "a"}}, **NEVER}
    partition = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": "probe"}}}
    due = {**partition, "KeyConditionExpression": "due_pk = :pk", "IndexName": "due"}
    statement = f"UPDATE \"{audit_name}\" SET a = 1 WHERE pk = 'probe' AND sk = 'probe'"  # noqa: S608 - of no database

    def transaction(kind: str, **given: Any) -> Attempt:  # noqa: ANN401 - of boto3
        item = {kind: {"TableName": audit_name, **row, **NEVER, **given}}
        return Attempt(service="dynamodb", call="transact_write_items", given={"TransactItems": [item]})

    return {
        "put a row into the trail": audit("put_item", Item=ROW, **NEVER),
        "read the trail": audit("query", **partition),
        "read a row of the trail": audit("get_item", **row),
        "update a row of the trail": audit("update_item", **row, **change),
        "delete a row of the trail": audit("delete_item", **row, **NEVER),
        "update a row of the trail in a transaction": transaction("Update", **change),
        "delete a row of the trail in a transaction": transaction("Delete"),
        "write the trail in a batch": Attempt(
            service="dynamodb",
            call="batch_write_item",
            given={"RequestItems": {audit_name: [{"PutRequest": {"Item": ROW}}]}},
        ),
        "change the trail by PartiQL": Attempt(
            service="dynamodb", call="execute_statement", given={"Statement": statement}
        ),
        "read a row of the core": core("get_item", **row),
        "put a row into the core": core("put_item", Item=ROW, **NEVER),
        "update a row of the core": core("update_item", **row, **change),
        "delete a row of the core": core("delete_item", **row, **NEVER),
        "list rows of the core": core("query", **partition),
        "find what is due": core("query", **due),
        "scan the core": core("scan"),
        "remove the core": core("delete_table"),
        "read a row of the facts": facts("get_item", **row),
        "put a row into the facts": facts("put_item", Item=ROW, **NEVER),
        "update a row of the facts": facts("update_item", **row, **change),
        "delete a row of the facts": facts("delete_item", **row, **NEVER),
    }


def in_the_buckets(stack: DeployedStack) -> dict[str, Attempt]:
    bucket, archive = stack.deployed.resources["Bucket"], stack.deployed.resources["Archive"]

    def at(key: str, call: str, *, bucket: str = bucket, endpoint: str | None = None) -> Attempt:
        return Attempt(service="s3", call=call, given={"Bucket": bucket, "Key": key}, endpoint=endpoint)

    plain = stack.account.plain_address
    return {
        "read an upload": at("raw/probe", "get_object"),
        "write an upload": at("raw/probe", "put_object"),
        "read facts": at("facts/probe", "get_object"),
        "write facts": at("facts/probe", "put_object"),
        "delete facts": at("facts/probe", "delete_object"),
        "read facts over plain HTTP": at("facts/probe", "get_object", endpoint=plain),
        "write facts over plain HTTP": at("facts/probe", "put_object", endpoint=plain),
        "read the archive": at("trail/probe", "get_object", bucket=archive),
        "write the archive": at("trail/probe", "put_object", bucket=archive),
        "write elsewhere in the archive": at("probe", "put_object", bucket=archive),
        "delete of the archive": at("trail/probe", "delete_object", bucket=archive),
        "write the archive over plain HTTP": at("trail/probe", "put_object", bucket=archive, endpoint=plain),
        "list the archive": Attempt(service="s3", call="list_objects_v2", given={"Bucket": archive}),
        "list the bucket": Attempt(service="s3", call="list_objects_v2", given={"Bucket": bucket}),
        "change the bucket's policy": Attempt(service="s3", call="delete_bucket_policy", given={"Bucket": bucket}),
    }


def elsewhere(stack: DeployedStack) -> dict[str, Attempt]:
    found = stack.deployed.resources
    # A message that no queue takes, so that none lies there for another test.
    message = {"MessageBody": "probe", "DelaySeconds": 10_000}

    def secret(call: str, name: str, **given: str) -> Attempt:
        return Attempt(service="secretsmanager", call=call, given={"SecretId": found[name], **given})

    def queue(name: str) -> Attempt:
        return Attempt(service="sqs", call="send_message", given={"QueueUrl": found[name], **message})

    key = {"KeyId": stack.deployed.outputs["SigningKeyArn"]}
    statement = {**key, "Message": "probe", "SigningAlgorithm": "ECDSA_SHA_256"}
    sweeper = {"FunctionName": found["Sweeper"], "InvocationType": "DryRun"}
    return {
        "read the keys of credentials": secret("get_secret_value", "CredentialKeys"),
        "read the keys of data": secret("get_secret_value", "DataKeys"),
        "change the keys of credentials": secret("put_secret_value", "CredentialKeys", SecretString="{}"),
        "hand over a record": queue("ProjectorFailures"),
        "hand over a file": queue("ImporterFailures"),
        "sign the log": Attempt(service="kms", call="sign", given=statement),
        "end the key of the log": Attempt(service="kms", call="disable_key", given=key),
        "call a function": Attempt(service="lambda", call="invoke", given=sweeper),
        "look at the roles": Attempt(service="iam", call="list_roles", given={}),
    }


MAY = {
    "McpServer": {
        "put a row into the trail",
        "read the trail",
        "read a row of the core",
        "list rows of the core",
        "update a row of the core",
        "read the archive",
        "read a row of the facts",
        "read the keys of credentials",
    },
    "TokenApi": {
        "put a row into the trail",
        "read the trail",
        "read a row of the core",
        "list rows of the core",
        "put a row into the core",
        "update a row of the core",
        "delete a row of the core",
        "read the archive",
        "read a row of the facts",
        "put a row into the facts",
        "update a row of the facts",
        "write an upload",
        "read the keys of credentials",
    },
    "Projector": {
        "put a row into the trail",
        "read the trail",
        "read a row of the core",
        "put a row into the core",
        "update a row of the core",
        "read a row of the facts",
        "put a row into the facts",
        "delete a row of the facts",
        "read facts",
        "read the archive",
        "hand over a record",
    },
    "Sealer": {
        "put a row into the trail",
        "read the trail",
        "read a row of the core",
        "list rows of the core",
        "put a row into the core",
        "update a row of the core",
        "delete a row of the core",
        "write the archive",
        "sign the log",
    },
    "Sweeper": {
        "put a row into the trail",
        "read a row of the core",
        "list rows of the core",
        "put a row into the core",
        "update a row of the core",
        "find what is due",
        "read the keys of credentials",
    },
    "Importer": {
        "put a row into the trail",
        "put a row into the core",
        "read a row of the facts",
        "put a row into the facts",
        "update a row of the facts",
        "read an upload",
        "read facts",
        "write facts",
        "read the keys of data",
        "hand over a file",
    },
    "Notifier": {
        "read a row of the core",
        "list rows of the core",
        "put a row into the core",
        "hand over a record",
    },
}
"""What each function may do of all that is tried below; the rest is refused to it."""


@pytest.fixture(scope="module")
def outcomes(stack: DeployedStack) -> Callable[[str], Mapping[str, str]]:
    """Try everything under a function's role, once."""
    attempts = {**in_tables(stack), **in_the_buckets(stack), **elsewhere(stack)}

    @cache
    def tried(function: str) -> Mapping[str, str]:
        return dict(zip(attempts, stack.role(function).outcomes(list(attempts.values())), strict=True))

    return tried


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_lets_its_function_do_its_work_and_nothing_else(
    outcomes: Callable[[str], Mapping[str, str]], function: str
) -> None:
    let = {what for what, outcome in outcomes(function).items() if outcome not in DENIED}

    assert let == MAY[function]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_is_not_refused_was_understood(outcomes: Callable[[str], Mapping[str, str]], function: str) -> None:
    """Else a call that means nothing would pass for one that is allowed."""
    known = {
        "allowed",
        "ConditionalCheckFailedException",
        "InvalidParameterValue",  # the queue's, of a message that it does not take
        "NoSuchKey",
        *DENIED,
    }
    assert {what: outcome for what, outcome in outcomes(function).items() if outcome not in known} == {}


def test_a_call_whose_row_cannot_be_written_is_not_answered(stack: DeployedStack) -> None:
    tenant = stack.tenant()
    token = tenant.token().text

    with stack.role("McpServer").without("WriteTheTrail"):
        refused = stack.ask(token)
    answered = stack.ask(token)

    assert (refused.status_code, answered.status_code) == (503, 200)
    assert tenant.workspace_id not in refused.text
    assert "A shop" not in refused.text
    assert "A shop" in answered.text
    assert [entry.data["outcome"] for entry in tenant.trail("mcp.call")] == ["ok"]


def test_a_token_cannot_be_made_where_its_row_in_the_trail_cannot_be_written(stack: DeployedStack) -> None:
    tenant = stack.tenant()
    wanted = {"name": "Nightly report", "scopes": ["mcp:pnl:read"], "expires_in_days": 30}

    with stack.role("TokenApi").without("WriteTheTrail"):
        refused = stack.request("POST", "/v1/tokens", tenant.bearer(), json=wanted)

    assert refused.status_code == 503
    assert refused.json()["code"] == "store_unavailable"
    assert tenant.trail("token.created") == []
    assert stack.request("GET", "/v1/tokens", tenant.bearer()).json()["data"] == []

"""The roles: what each function may do, and what none of them may."""

from __future__ import annotations

import re

import pytest

from tests.sam.stack import ACCOUNT, FUNCTIONS, REGION, Stack, secret_arn, table_arn, wildcards
from tests.sam.test_what_is_kept import TABLES, WAYS_TO_CHANGE_A_ROW

READS = ("GetItem", "BatchGetItem", "Query", "Scan")


def test_no_role_names_an_action_by_a_wildcard(stack: Stack) -> None:
    for function in FUNCTIONS:
        for statement in stack.statements(function):
            assert all(re.fullmatch(r"[a-z0-9]+:[A-Za-z]+", action) for action in statement.actions)


def test_a_wildcard_in_a_resource_stands_for_streams_of_one_log_or_table_or_objects_of_one_kind(stack: Stack) -> None:
    known = (
        rf"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:\w+Log:\*"
        rf"|{table_arn('')}[A-Za-z]+/stream/\*"
        rf"|arn:aws:s3:::{stack['Bucket']['BucketName']}/(?:raw|facts)/\*"
    )
    assert [(role, resource) for role, resource in wildcards(stack) if not re.fullmatch(known, resource)] == []


def test_each_function_has_a_role_of_its_own(stack: Stack) -> None:
    roles = {function: stack[function]["Role"] for function in FUNCTIONS}

    assert roles == {function: f"arn:aws:iam::{ACCOUNT}:role/{function}Role" for function in FUNCTIONS}
    for function in FUNCTIONS:
        (trust,) = stack[f"{function}Role"]["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_a_function_writes_its_own_log_and_no_other(stack: Stack) -> None:
    for function in FUNCTIONS:
        for log in FUNCTIONS:
            stream = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{log}Log:log-stream:2026"
            assert stack.allows(function, "logs:PutLogEvents", stream) is (log == function)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_may_change_a_row_of_the_trail(stack: Stack, function: str) -> None:
    assert not any(stack.allows(function, action, table_arn("AuditTable")) for action in WAYS_TO_CHANGE_A_ROW)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_may_scan_a_table_or_reach_past_its_conditions(stack: Stack, function: str) -> None:
    for action in ("Scan", "BatchWriteItem", "PartiQLSelect", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete"):
        assert not any(stack.allows(function, f"dynamodb:{action}", table_arn(name)) for name in TABLES)


def test_the_rest_api_alone_reads_the_trail(stack: Stack) -> None:
    readers = {f for f in FUNCTIONS for read in READS if stack.allows(f, f"dynamodb:{read}", table_arn("AuditTable"))}

    assert readers == {"TokenApi"}


def test_the_function_that_serves_calls_cannot_make_a_token_or_change_a_figure(stack: Stack) -> None:
    for write in ("PutItem", "DeleteItem"):
        assert not stack.allows("McpServer", f"dynamodb:{write}", table_arn("CoreTable"))
    for write in ("PutItem", "UpdateItem", "DeleteItem"):
        assert not stack.allows("McpServer", f"dynamodb:{write}", table_arn("FactsTable"))


def test_whoever_meets_tokens_holds_their_keys_and_whoever_parses_files_does_not(stack: Stack) -> None:
    def holders(name: str) -> set[str]:
        return {f for f in FUNCTIONS if stack.allows(f, "secretsmanager:GetSecretValue", secret_arn(name))}

    assert holders("CredentialKeys") == {"McpServer", "TokenApi", "Sweeper"}
    assert holders("DataKeys") == {"Importer"}


def test_files_as_they_were_uploaded_are_read_by_the_importer_alone(stack: Stack) -> None:
    upload = f"arn:aws:s3:::{stack['Bucket']['BucketName']}/raw/ws_1/orders.ndjson"

    assert {f for f in FUNCTIONS if stack.allows(f, "s3:GetObject", upload)} == {"Importer"}

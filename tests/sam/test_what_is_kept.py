"""Tables, buckets and keys: nothing is lost by accident, nothing is read by strangers, the trail is not rewritten."""

from __future__ import annotations

import string

import pytest

from shared.services.credentials.keys import CredentialKeys, DataKeys
from shared.storage.dynamodb.tables import table_definition
from shared.storage.engine import Table
from shared.storage.objects.tickets import CHECKSUM
from tests.sam.stack import ACCOUNT, Stack, bucket_name, deployed, transformed

TABLES = tuple(f"{table.capitalize()}Table" for table in Table)
WAYS_TO_CHANGE_A_ROW = {
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PartiQLDelete",
}

WAYS_TO_LOSE_AN_OBJECT = {
    "s3:BypassGovernanceRetention",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutLifecycleConfiguration",
}
WAYS_TO_SIGN = {"kms:Sign", "kms:CreateGrant", "kms:ReplicateKey"}
"""Whoever makes a grant chooses who signs; a replica has a policy of its own."""


def test_there_is_one_table_for_each_that_the_engine_knows(stack: Stack) -> None:
    assert sorted(stack.of_type("AWS::DynamoDB::Table")) == sorted(TABLES)


@pytest.mark.parametrize("table", Table)
def test_a_table_is_what_the_engine_relies_on(stack: Stack, table: Table) -> None:
    relied_on = table_definition(table)
    found = stack[f"{table.capitalize()}Table"]

    assert {name: found[name] for name in relied_on} == relied_on
    assert ("GlobalSecondaryIndexes" in found) is ("GlobalSecondaryIndexes" in relied_on)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_ends_its_old_rows_and_can_be_restored(stack: Stack, name: str) -> None:
    table = stack[name]

    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}


def test_another_number_makes_a_new_core_table_and_leaves_the_old_one() -> None:
    """CloudFormation replaces a table whose name changes; what the old one was is kept, as the next test says."""
    assert deployed(CoreTableNumber="2")["CoreTable"]["TableName"].endswith("-core-2")
    assert deployed()["CoreTable"].get("TableName") is None


@pytest.mark.parametrize("name", [*TABLES, "Bucket", "Archive", "CredentialKeys", "DataKeys", "SigningKey"])
def test_what_cannot_be_made_again_outlives_the_stack(stack: Stack, name: str) -> None:
    assert stack.resources[name]["DeletionPolicy"] == "Retain"
    assert stack.resources[name]["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_not_deleted_by_one_command(stack: Stack, name: str) -> None:
    assert stack[name]["DeletionProtectionEnabled"] is True


def test_the_index_of_what_is_due_holds_keys_alone(stack: Stack) -> None:
    (index,) = stack["CoreTable"]["GlobalSecondaryIndexes"]

    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}  # any other would cost every call a second write


def test_nobody_in_the_account_may_change_a_row_of_the_trail(stack: Stack) -> None:
    (statement,) = stack["AuditTable"]["ResourcePolicy"]["PolicyDocument"]["Statement"]

    assert (statement["Effect"], statement["Principal"], statement["Resource"]) == ("Deny", "*", "*")
    assert set(statement["Action"]) == WAYS_TO_CHANGE_A_ROW
    assert "Condition" not in statement


@pytest.mark.parametrize("name", ["Bucket", "Archive"])
def test_a_bucket_is_private_encrypted_and_versioned(stack: Stack, name: str) -> None:
    bucket = stack[name]

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


@pytest.mark.parametrize("name", ["Bucket", "Archive"])
def test_a_bucket_speaks_tls_only(stack: Stack, name: str) -> None:
    policy = stack[f"{name}Policy"]
    statement, *_ = policy["PolicyDocument"]["Statement"]
    bucket = f"arn:aws:s3:::{bucket_name(name)}"

    assert policy["Bucket"] == bucket_name(name)
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Resource"] == [bucket, f"{bucket}/*"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_raw_files_end_and_facts_do_not() -> None:
    rules = deployed(RawRetention="7")["Bucket"]["LifecycleConfiguration"]["Rules"]
    ends = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule}
    old_versions_end = {rule["Prefix"] for rule in rules if "NoncurrentVersionExpiration" in rule}

    assert ends == {"raw/": "7", "staging/": 15}
    assert old_versions_end == {"raw/", "staging/", "facts/"}  # else a deleted raw file would live on as a version
    assert any(
        rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 1 for rule in rules if "Prefix" not in rule
    )


# --- the sealed trail -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("public_url", ["", "https://mcp.example"])
def test_a_page_of_this_stack_may_send_files_to_the_bucket_and_no_other_page_anything(public_url: str) -> None:
    stack = deployed(PublicUrl=public_url)
    (rule,) = stack["Bucket"]["CorsConfiguration"]["CorsRules"]

    assert rule["AllowedOrigins"] == [stack["TokenApi"]["Environment"]["Variables"]["PUBLIC_URL"]]
    assert rule["AllowedMethods"] == ["PUT"]
    assert CHECKSUM in rule["AllowedHeaders"]
    assert "CorsConfiguration" not in stack["Archive"]


@pytest.mark.parametrize("mode", ["GOVERNANCE", "COMPLIANCE"])
def test_what_is_archived_is_locked_for_years_and_nothing_ends_it(mode: str) -> None:
    archive = deployed(ArchiveMode=mode, ArchiveYears="10")["Archive"]

    assert archive["ObjectLockEnabled"] is True
    assert archive["ObjectLockConfiguration"] == {
        "ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": {"Mode": mode, "Years": "10"}},
    }
    assert "LifecycleConfiguration" not in archive


def test_nobody_in_the_account_may_delete_hide_or_unlock_what_is_archived_and_the_sealer_alone_may_add_to_it(
    stack: Stack,
) -> None:
    _, kept, added = stack["ArchivePolicy"]["PolicyDocument"]["Statement"]
    archive = f"arn:aws:s3:::{bucket_name('Archive')}"

    assert (kept["Effect"], kept["Principal"], kept["Resource"]) == ("Deny", "*", [archive, f"{archive}/*"])
    assert set(kept["Action"]) == WAYS_TO_LOSE_AN_OBJECT
    assert "Condition" not in kept
    assert (added["Effect"], added["Principal"], added["Action"]) == ("Deny", "*", "s3:PutObject")
    assert added["Resource"] == f"{archive}/*"
    sealer = [f"arn:aws:iam::{ACCOUNT}:role/SealerRole", f"arn:aws:sts::{ACCOUNT}:assumed-role/SealerRole/*"]
    assert added["Condition"] == {"ArnNotEquals": {"aws:PrincipalArn": sealer}}


def test_the_key_of_the_log_is_one_that_the_signer_can_use_and_is_not_gone_at_once(stack: Stack) -> None:
    key = stack["SigningKey"]

    assert (key["KeySpec"], key["KeyUsage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")
    assert key["PendingWindowInDays"] == 30


def test_the_sealer_signs_and_nobody_else_whatever_policies_of_the_account_let_him_do(stack: Stack) -> None:
    """A policy of IAM counts for a key only as far as the key's own policy hands over to it, by naming the account."""
    kept, signs = stack["SigningKey"]["KeyPolicy"]["Statement"]

    assert kept["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert WAYS_TO_SIGN.isdisjoint(kept["Action"])
    assert not [action for action in kept["Action"] if "*" in action]
    assert "kms:PutKeyPolicy" in kept["Action"]  # KMS refuses a policy that nobody could ever change again
    assert signs["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:role/SealerRole"}
    assert set(signs["Action"]) == {"kms:Sign", "kms:GetPublicKey"}


# --- keys of credentials and of data ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["CredentialKeys", "DataKeys"])
def test_the_keys_that_are_generated_are_keys_that_the_functions_take(stack: Stack, name: str) -> None:
    generated = stack[name]["GenerateSecretString"]
    secret = "x" * generated["PasswordLength"]

    assert generated["SecretStringTemplate"] == "{}"
    assert generated["ExcludePunctuation"] is True
    assert generated["PasswordLength"] * len(string.ascii_letters + string.digits).bit_length() >= 256
    for keys in (CredentialKeys, DataKeys):
        assert keys.of({generated["GenerateStringKey"]: secret}).roots


def test_two_stages_live_beside_each_other_in_one_account() -> None:
    dev, production = deployed(), deployed(Stage="production")

    assert dev["Bucket"]["BucketName"] != production["Bucket"]["BucketName"]
    assert len(production["Bucket"]["BucketName"]) <= 63


def test_no_other_resource_has_a_name_that_a_second_stack_would_claim_too() -> None:
    names = ("Name", "BucketName", "TableName", "FunctionName", "QueueName", "TopicName", "RoleName", "LogGroupName")
    literal = [
        (resource, name, found["Properties"][name])
        for resource, found in transformed()["Resources"].items()
        for name in names
        if isinstance(found.get("Properties", {}).get(name), str)
        and found["Type"] != "AWS::Lambda::Alias"  # whose name is one of its function alone
    ]
    assert literal == []

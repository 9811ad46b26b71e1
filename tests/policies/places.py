"""What a role could reach for: everything in the stack, and what lies beside it in the same account and in others."""

from __future__ import annotations

from collections.abc import Iterator

from tests.sam.stack import ACCOUNT, FUNCTIONS, REGION, Stack, bucket_name, key_arn, secret_arn, table_arn

SCHEDULED = ("Sweeper", "Sealer")
ROLES = (*(f"{function}Role" for function in FUNCTIONS), *(f"{function}EveryMinuteRole" for function in SCHEDULED))
"""The functions' own, and those of the schedules, which SAM makes."""
FOLDERS = {"Bucket": ("raw", "staging", "facts"), "Archive": ("trail",)}
"""Of each bucket."""
SENDER = "notices@merchant.example"
"""Whom notices come from, where a deployment sends any."""
IDENTITY = f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/merchant.example"
ELSEWHERE = {
    "a table of another stack": table_arn("another-stack-CoreTable"),
    "the same table in another account": table_arn("CoreTable").replace(ACCOUNT, "210987654321"),
    "the same table in another region": table_arn("CoreTable").replace(REGION, "us-east-1"),
    "a backup of the table": f"{table_arn('CoreTable')}/backup/01700000000000-abcdef01",
    "a bucket of another stack": "arn:aws:s3:::another-bucket",
    "an object of another stack": "arn:aws:s3:::another-bucket/raw/wks_1/orders.ndjson",
    "a secret of another stack": secret_arn("another-stack-CredentialKeys"),
    "a queue of another stack": f"arn:aws:sqs:{REGION}:{ACCOUNT}:another-queue",
    "a log of another stack": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:another-log:log-stream:2026/11/21/a",
    "a function of another stack": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:another-function",
    "a role of another stack": f"arn:aws:iam::{ACCOUNT}:role/another-role",
    "a key of KMS": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555",
    "a verified identity": IDENTITY,
    "a topic of another stack": f"arn:aws:sns:{REGION}:{ACCOUNT}:another-topic",
}


def places(stack: Stack) -> dict[str, str]:
    """Give ARNs by what we call them."""
    return {**dict(_own(stack)), **ELSEWHERE}


def _own(stack: Stack) -> Iterator[tuple[str, str]]:
    for name, table in stack.of_type("AWS::DynamoDB::Table").items():
        yield name, table_arn(name)
        yield f"the stream of {name}", f"{table_arn(name)}/stream/2026-11-21T00:00"
        for index in table.get("GlobalSecondaryIndexes", ()):
            yield f"{name}/{index['IndexName']}", f"{table_arn(name)}/index/{index['IndexName']}"
    for name, folders in FOLDERS.items():
        bucket = f"arn:aws:s3:::{bucket_name(name)}"
        yield name, bucket
        for folder in (*folders, "elsewhere"):
            yield f"{name}/{folder}", f"{bucket}/{folder}/wks_1/something"
    for name in stack.of_type("AWS::KMS::Key"):
        yield name, key_arn(name)
    for name in stack.of_type("AWS::SecretsManager::Secret"):
        yield name, secret_arn(name)
    for name in stack.of_type("AWS::SQS::Queue"):
        yield name, f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    for name in stack.of_type("AWS::SNS::Topic"):
        yield name, f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}"
    for name in stack.of_type("AWS::Logs::LogGroup"):
        yield name, f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:log-stream:2026/11/21/[1]0123456789abcdef"
    for name in stack.of_type("AWS::Lambda::Function"):
        yield name, f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
        yield f"{name}:live", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}:live"
    for name in stack.of_type("AWS::IAM::Role"):
        yield name, f"arn:aws:iam::{ACCOUNT}:role/{name}"

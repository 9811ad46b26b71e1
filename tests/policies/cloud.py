"""The stack of template.yaml on moto, and a record of what its functions ask of AWS."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import EndpointConnectionError
from botocore.model import OperationModel

from shared.storage.contracts.objects import ObjectStore
from tests.doors.opening import Doors
from tests.policies.places import IDENTITY
from tests.policies.simulator import Request
from tests.sam.stack import ACCOUNT, REGION, table_arn

OF_ANOTHER_NAME = {
    "CompleteMultipartUpload": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "HeadObject": "GetObject",
    "ListObjectsV2": "ListBucket",
    "UploadPart": "PutObject",
}
"""Requests to S3 that are allowed under another name than their own."""
TRANSACTED = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}

Needed = tuple[str, str, tuple[str, ...]]
"""An action, a resource, and the keys that are named there."""


@dataclass(kw_only=True)
class Cloud:
    """The functions, and who listens to what they ask for."""

    doors: Doors
    role_of: Mapping[str, str]
    """A function -> its role in the template."""
    arn_of: Mapping[str, str]
    """The ARN of a secret or a key here -> its ARN in the policies."""
    client: Any
    """Of DynamoDB, to look into the tables with."""
    archive: ObjectStore
    asked: set[Request] | None = None
    unanswered: str = ""
    """The operation that gets no answer just now."""

    def hear(self, *, model: OperationModel, params: Mapping[str, Any], context: dict[str, Any], **_: object) -> None:
        """Take note of a request that is about to be sent."""
        context["params"] = params
        needed = needed_for(model.service_model.service_name, model.name, params)
        self._note(needed, sender=params.get("FromEmailAddress", ""))
        if model.name == self.unanswered:
            raise EndpointConnectionError(endpoint_url=model.service_model.endpoint_prefix)

    def hear_missing(self, *, parsed: Mapping[str, Any], context: Mapping[str, Any], **_: object) -> None:
        """Take note of what else S3 judges before it says of an object that it is not there.

        To whoever may not list it, it answers by 403; it takes the object's key for the prefix of that listing.
        """
        match context["params"], parsed["ResponseMetadata"]["HTTPStatusCode"]:
            case {"Bucket": bucket, "Key": key}, 404:
                self._note([("s3:ListBucket", f"arn:aws:s3:::{bucket}", (key,))])
            case _:
                return

    def _note(self, needed: Iterable[Needed], *, sender: str = "") -> None:
        if self.asked is None:
            return
        for action, resource, keys in needed:
            named = self.arn_of.get(resource, resource)
            role = self.role_of[self.doors.running]
            self.asked.add(Request(role=role, action=action, resource=named, keys=keys, sender=sender))

    def keys_in(self, table: str) -> frozenset[str]:
        """Name every partition of a table."""
        pages = self.client.get_paginator("scan").paginate(TableName=table, ProjectionExpression="pk")
        return frozenset(item["pk"]["S"] for page in pages for item in page["Items"])

    @contextmanager
    def watched(self) -> Generator[set[Request]]:
        """Record until the block ends."""
        self.asked = set()
        yield self.asked
        self.asked = None

    @contextmanager
    def without_answers_to(self, operation: str) -> Generator[None]:
        """Leave this operation of AWS without an answer until the block ends."""
        self.unanswered = operation
        yield
        self.unanswered = ""

    @contextmanager
    def without_archive(self) -> Generator[None]:
        """Leave the archive empty until the block ends."""
        kept: dict[str, bytes] = {}
        for found in [*self.archive.list("")]:
            with self.archive.open(found.key) as file:
                kept[found.key] = file.read()
            self.archive.delete(found.key)
        yield
        for key, content in kept.items():
            self.archive.put(key, content)


def needed_for(service: str, operation: str, request: Mapping[str, Any]) -> Iterator[Needed]:
    """Say which actions on which resources a request needs, and the partition keys that it names there.

    The actions are those of AWS's service authorization reference. It does not say whether the keys of a transaction
    are judged write by write or together, so each write is judged with all keys that its transaction names in the
    table: the stricter reading.
    """
    match service, operation:
        case "dynamodb", "TransactWriteItems":
            writes = [(kind, write) for item in request["TransactItems"] for kind, write in item.items()]
            for kind, write in writes:
                here = {key_of(each) for _, each in writes if each["TableName"] == write["TableName"]}
                yield f"dynamodb:{TRANSACTED[kind]}", table_arn(write["TableName"]), tuple(sorted(here))
        case "dynamodb", "BatchGetItem":
            for table, wanted in request["RequestItems"].items():
                keys = {key["pk"]["S"] for key in wanted["Keys"]}
                yield "dynamodb:BatchGetItem", table_arn(table), tuple(sorted(keys))
        case "dynamodb", _:
            index = f"/index/{request['IndexName']}" if "IndexName" in request else ""
            yield f"dynamodb:{operation}", table_arn(request["TableName"]) + index, (key_of(request),)
        case "s3", _:
            key = f"/{request['Key']}" if "Key" in request else ""
            yield f"s3:{OF_ANOTHER_NAME.get(operation, operation)}", f"arn:aws:s3:::{request['Bucket']}{key}", ()
        case "sqs", _:
            yield f"sqs:{operation}", f"arn:aws:sqs:{REGION}:{ACCOUNT}:{request['QueueUrl'].rpartition('/')[2]}", ()
        case "kms", _:
            yield f"kms:{operation}", request["KeyId"], ()
        case "sns", _:
            yield f"sns:{operation}", request["TopicArn"], ()
        case "sesv2", _:
            yield f"ses:{operation}", IDENTITY, ()  # the sender's domain, as one that is verified
        case "secretsmanager", _:
            yield f"secretsmanager:{operation}", request["SecretId"], ()
        case _:
            raise AssertionError(f"a function asks {service} for {operation}: which right does that need?")


def key_of(request: Mapping[str, Any]) -> str:
    """Give the partition key that a request for one item or one partition names."""
    match request:
        case {"Item": {"pk": {"S": str(key)}}} | {"Key": {"pk": {"S": str(key)}}}:
            return key
        case {"KeyConditionExpression": str(condition), "ExpressionAttributeValues": values}:
            first = re.match(r"#\w+ = (:\w+)", condition)
            assert first, condition
            return values[first[1]]["S"]
        case _:
            raise AssertionError(f"no partition key in {request}")

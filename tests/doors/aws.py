"""The stack of template.yaml on moto, and a record of what its functions ask of AWS."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from botocore.model import OperationModel

from tests.doors.opening import Doors
from tests.sam.stack import table_arn

OF_ANOTHER_NAME = {"HeadObject": "GetObject", "ListObjectsV2": "ListBucket", "UploadPart": "PutObject"}
"""Requests to S3 that are allowed under another name than their own."""
TRANSACTED = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}


class Right(NamedTuple):
    """One thing that a function asked for, in the words of a policy."""

    function: str
    action: str
    resource: str


@dataclass(kw_only=True)
class Cloud:
    """The functions, and who listens to what they ask for."""

    doors: Doors
    name_of: Mapping[str, str]
    """A function -> its name in the template."""
    arn_of: Mapping[str, str]
    """The ARN of a secret here -> its ARN in the policies."""
    asked: set[Right] | None = None

    def hear(self, *, model: OperationModel, params: Mapping[str, Any], **_: object) -> None:
        """Take note of a request that is about to be sent."""
        if self.asked is not None:
            function = self.name_of[self.doors.running]
            service = model.service_model.service_name
            for action, resource in rights_for(service, model.name, params):
                self.asked.add(Right(function, action, self.arn_of.get(resource, resource)))

    @contextmanager
    def watched(self) -> Generator[set[Right]]:
        """Record until the block ends."""
        self.asked = set()
        yield self.asked
        self.asked = None


def rights_for(service: str, operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Say which actions on which resources a request needs (IAM's reference of actions, per service)."""
    match service, operation:
        case "dynamodb", "TransactWriteItems":
            for item in request["TransactItems"]:
                for kind, write in item.items():
                    yield f"dynamodb:{TRANSACTED[kind]}", table_arn(write["TableName"])
        case "dynamodb", "BatchGetItem":
            for table in request["RequestItems"]:
                yield "dynamodb:BatchGetItem", table_arn(table)
        case "dynamodb", _:
            index = f"/index/{request['IndexName']}" if "IndexName" in request else ""
            yield f"dynamodb:{operation}", table_arn(request["TableName"]) + index
        case "s3", _:
            key = f"/{request['Key']}" if "Key" in request else ""
            yield f"s3:{OF_ANOTHER_NAME.get(operation, operation)}", f"arn:aws:s3:::{request['Bucket']}{key}"
        case "secretsmanager", _:
            yield f"secretsmanager:{operation}", request["SecretId"]
        case _:
            raise AssertionError(f"a function asks {service} for {operation}: which right does that need?")

"""The roles of the deployed functions: what they may do is tried, or taken from them for a while."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from infra.emulator.account import Account

POLICY = "what-it-does"
PROBE = "probe"
NEVER = {"ConditionExpression": "attribute_exists(nothing_has_this)"}
"""With it a write is judged by IAM and then not made."""
SOURCE = """
import boto3
from botocore.exceptions import ClientError


def outcome(service, call, given, endpoint):
    try:
        getattr(boto3.client(service, endpoint_url=endpoint), call)(**given)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "allowed"


def handler(event, context):
    return [outcome(**attempt) for attempt in event]
"""
"""A function that does what it is told and says what became of it. Only a function can have a function's role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One call of AWS."""

    service: str
    call: str
    given: dict[str, Any]
    endpoint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionRole:
    """The role of a deployed function."""

    account: Account
    name: str

    def outcomes(self, attempts: Sequence[Attempt]) -> list[str]:
        """Make calls under the role, and say of each `allowed` or the code of the error that it met."""
        functions, role = self.account.client("lambda"), self.account.client("iam").get_role(RoleName=self.name)
        functions.create_function(
            FunctionName=PROBE,
            Runtime="python3.13",
            Handler="probe.handler",
            Role=role["Role"]["Arn"],
            Code={"ZipFile": zipped("probe.py", SOURCE)},
            Timeout=60,
        )
        try:
            answer = functions.invoke(FunctionName=PROBE, Payload=json.dumps([asdict(attempt) for attempt in attempts]))
        finally:
            functions.delete_function(FunctionName=PROBE)
        return json.load(answer["Payload"])

    @contextmanager
    def also(self, statement: Mapping[str, Any]) -> Generator[None]:
        """Give the role one more right until the block ends."""
        iam, policy = self.account.client("iam"), {"Version": "2012-10-17", "Statement": [statement]}
        iam.put_role_policy(RoleName=self.name, PolicyName=PROBE, PolicyDocument=json.dumps(policy))
        try:
            yield
        finally:
            iam.delete_role_policy(RoleName=self.name, PolicyName=PROBE)

    @contextmanager
    def without(self, statement: str) -> Generator[None]:
        """Take a statement from the role's policy until the block ends."""
        iam = self.account.client("iam")
        whole = iam.get_role_policy(RoleName=self.name, PolicyName=POLICY)["PolicyDocument"]
        rest = [each for each in whole["Statement"] if each["Sid"] != statement]
        assert len(rest) == len(whole["Statement"]) - 1, f"{self.name} has no statement {statement}"
        less = {**whole, "Statement": rest}
        iam.put_role_policy(RoleName=self.name, PolicyName=POLICY, PolicyDocument=json.dumps(less))
        try:
            yield
        finally:
            iam.put_role_policy(RoleName=self.name, PolicyName=POLICY, PolicyDocument=json.dumps(whole))


def zipped(name: str, source: str) -> bytes:
    """Pack a file as Lambda takes it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, source)
    return packed.getvalue()

"""A judge of requests that needs no AWS: npm's `@cloud-copilot/iam-simulate`, one Node process for all questions.

It knows the actions of AWS, on which kinds of resource each works and which condition keys it takes. A question that
AWS could not be asked (an action that does not exist, a partition key of an object) is an error here, never a denial.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from tests.node_packages import NODE, install_node_packages
from tests.sam.stack import ACCOUNT, REGION, Stack, key_arn, table_arn

NODE_FOLDER = Path(__file__).parent / "node"
ANYTHING = "*"
"""As a resource: is there anything at all that the action is allowed on?"""
UNASKABLE = ("no.resource.types", "must.use.wildcard")
"""The action does not work on resources of this kind."""

Policy = Mapping[str, Any]
"""A document of IAM."""


class Verdict(StrEnum):
    """What IAM says."""

    ALLOWED = "Allowed"
    NOT_ALLOWED = "ImplicitlyDenied"
    FORBIDDEN = "ExplicitlyDenied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One thing that a role asks of AWS, in the words of a policy."""

    role: str
    action: str
    resource: str
    keys: tuple[str, ...] = ()
    """The partition keys that it names; of a listing of objects, the prefix of their names."""
    over_tls: bool = True
    sender: str = ""
    """Whom a letter is from."""

    def __str__(self) -> str:
        """Give it as a short line: the end of an ARN is what tells one from another here."""
        named = f" ({', '.join(self.keys)})" if self.keys else ""
        return f"{self.role}: {self.action} on {self.resource.rpartition(':')[2]}{named}"

    @property
    def context(self) -> dict[str, str | list[str]]:
        """What IAM knows of the request beside its action and its resource."""
        known: dict[str, str | list[str]] = {
            "aws:PrincipalAccount": ACCOUNT,
            "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/{self.role}",
            "aws:PrincipalType": "AssumedRole",
            "aws:RequestedRegion": REGION,
            "aws:SecureTransport": "true" if self.over_tls else "false",
        }
        if self.keys:
            in_s3 = self.action.startswith("s3:")
            known |= {"s3:prefix": self.keys[0]} if in_s3 else {"dynamodb:LeadingKeys": list(self.keys)}
        return known | ({"ses:FromAddress": self.sender} if self.sender else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict, and the Sids of the statements that led to it."""

    verdict: Verdict
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The policies of an account."""

    roles: Mapping[str, Sequence[Policy]]
    attached: Mapping[str, Policy]
    """ARN of a resource -> its own policy, which holds for what lies in it too."""

    def attached_to(self, resource: str) -> str | None:
        """Name the resource whose policy has a say."""
        if "/stream/" in resource:
            return None  # not its table: a stream can have a policy of its own
        return next((arn for arn in self.attached if resource == arn or resource.startswith(f"{arn}/")), None)


class Unjudged(Exception):
    """IAM could not be asked that."""


class Simulator:
    """Asks the process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def services(self) -> list[str]:
        """Name every service of AWS, as actions begin."""
        return self._ask({"services": True})

    def actions_of(self, service: str) -> list[str]:
        """Name every action of a service, as policies do."""
        return [f"{service}:{action}" for action in self._ask({"service": service})]

    def judge(self, requests: Iterable[Request], *, account: Account) -> list[Judgement]:
        """Judge requests that AWS can be asked.

        Raises:
            Unjudged: one of them is not; a policy is not well-formed; an action does not take a key of the context.

        """
        asked = list(requests)
        judged: list[Judgement] = []
        for request, answer in zip(asked, self._judge(asked, account), strict=True):
            if "error" in answer or answer["ignored"]:
                raise Unjudged(f"{request}: {answer}")
            judged.append(Judgement(verdict=Verdict(answer["verdict"]), by=tuple(answer["by"])))
        return judged

    def allowed(self, requests: Iterable[Request], *, account: Account) -> set[Request]:
        """Choose the requests that are allowed; those that AWS could not be asked are not.

        Raises:
            Unjudged: a policy is not well-formed, or there is no such action.

        """
        asked = list(requests)
        found: set[Request] = set()
        for request, answer in zip(asked, self._judge(asked, account), strict=True):
            if "error" in answer and not any(code in answer["error"] for code in UNASKABLE):
                raise Unjudged(f"{request}: {answer}")
            if answer.get("verdict") == Verdict.ALLOWED:
                found.add(request)
        return found

    def _judge(self, asked: Sequence[Request], account: Account) -> list[dict[str, Any]]:
        questions = [
            {
                "role": request.role,
                "attached": account.attached_to(request.resource),
                "principal": f"arn:aws:sts::{ACCOUNT}:assumed-role/{request.role}/a-session",
                "account": _owner(request.resource),
                "action": request.action,
                "resource": request.resource,
                "context": request.context,
            }
            for request in asked
        ]
        return self._ask({"roles": account.roles, "attached": account.attached, "questions": questions})

    def _ask(self, message: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever the message asks for
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def _owner(resource: str) -> str:
    """Say whose account it is in; the ARNs of S3 name none."""
    parts = resource.split(":")
    return (parts[4] if len(parts) > 4 else "") or ACCOUNT


@contextmanager
def simulator() -> Generator[Simulator]:
    """Run a simulator, with its packages of npm installed."""
    install_node_packages(NODE_FOLDER)
    with subprocess.Popen(
        [NODE, "simulate.mjs"], cwd=NODE_FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Simulator(process)  # leaving the block closes its input, which ends it


def account_of(stack: Stack) -> Account:
    """Give the policies that a stack deploys."""
    return Account(
        roles={name: stack.documents(name) for name in stack.of_type("AWS::IAM::Role")},
        attached={
            table_arn("AuditTable"): stack["AuditTable"]["ResourcePolicy"]["PolicyDocument"],
            **{
                f"arn:aws:s3:::{policy['Bucket']}": policy["PolicyDocument"]
                for policy in stack.of_type("AWS::S3::BucketPolicy").values()
            },
            **{key_arn(name): key["KeyPolicy"] for name, key in stack.of_type("AWS::KMS::Key").items()},
        },
    )

"""The stack as CloudFormation sees it: template.yaml after the SAM transform, with every reference resolved.

The transform is AWS's own (aws-sam-translator), in this process. The names of an account that does not exist stand for
what CloudFormation knows only when it deploys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from samtranslator.translator.transform import transform  # pyright: ignore[reportMissingTypeStubs] - it has none
from samtranslator.yaml_helper import (  # pyright: ignore[reportMissingTypeStubs] - the same
    yaml_parse,  # pyright: ignore[reportUnknownVariableType] - the same
)

ROOT = Path(__file__).parents[2]
ACCOUNT = "123456789012"
REGION = "eu-central-1"
FUNCTIONS = ("McpServer", "TokenApi", "Projector", "Sweeper", "Sealer", "Importer", "Notifier")

GIVEN = {"OidcIssuer": "https://login.example", "DocsUrl": "https://docs.example/merchant-mcp"}
"""The parameter that has no default, and the issuer that most deployments have already."""

PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::NoValue": None,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackName": "merchant-mcp",
    "AWS::URLSuffix": "amazonaws.com",
}


Node = Any
"""A part of a template: whatever YAML can hold."""


def _arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


def table_arn(name: str) -> str:
    """Name a table as policies do."""
    return _arn("dynamodb", f"table/{name}")


def secret_arn(name: str) -> str:
    """Name a secret as policies do; Secrets Manager ends it in six characters of its own."""
    return _arn("secretsmanager", f"secret:{name}-AbCdEf")


def key_arn(name: str) -> str:
    """Name a key of KMS as policies do."""
    return _arn("kms", f"key/{name}")


def bucket_name(name: str) -> str:
    """Name a bucket; the one of uploads and facts is named by the template."""
    return f"merchant-mcp-dev-{ACCOUNT}-{REGION}" if name == "Bucket" else name.lower()


# Type of resource -> what !Ref and !GetAtt give of it, by its logical name.
REF: dict[str, Callable[[str], str]] = {
    "AWS::Lambda::Alias": lambda name: _arn("lambda", f"function:{name.replace('Alias', ':', 1)}"),
    "AWS::S3::Bucket": bucket_name,
    "AWS::SNS::Topic": lambda name: _arn("sns", name),
    "AWS::SQS::Queue": lambda name: f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}",
}
ATTRIBUTES: dict[tuple[str, str], Callable[[str], str]] = {
    ("AWS::ApiGatewayV2::DomainName", "RegionalDomainName"): lambda _: (
        "d-abcdef.execute-api.eu-central-1.amazonaws.com"
    ),
    ("AWS::ApiGatewayV2::DomainName", "RegionalHostedZoneId"): lambda _: "Z0123456789",
    ("AWS::Cognito::UserPool", "ProviderURL"): lambda name: (
        f"https://cognito-idp.{REGION}.amazonaws.com/{REGION}_{name}"
    ),
    ("AWS::DynamoDB::Table", "Arn"): table_arn,
    ("AWS::DynamoDB::Table", "StreamArn"): lambda name: _arn("dynamodb", f"table/{name}/stream/2026-11-21T00:00"),
    ("AWS::IAM::Role", "Arn"): lambda name: f"arn:aws:iam::{ACCOUNT}:role/{name}",
    ("AWS::KMS::Key", "Arn"): key_arn,
    ("AWS::Lambda::Function", "Arn"): lambda name: _arn("lambda", f"function:{name}"),
    ("AWS::Lambda::Version", "Version"): lambda _: "1",
    ("AWS::Logs::LogGroup", "Arn"): lambda name: _arn("logs", f"log-group:{name}:*"),
    ("AWS::S3::Bucket", "Arn"): lambda name: f"arn:aws:s3:::{bucket_name(name)}",
    ("AWS::SecretsManager::Secret", "Id"): secret_arn,
    ("AWS::SQS::Queue", "Arn"): lambda name: _arn("sqs", name),
    ("AWS::SQS::Queue", "QueueName"): lambda name: name,
}


class _NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}  # every role is written out, so the transform has none to look up


def source(template: Path = ROOT / "template.yaml") -> dict[str, Any]:
    """Read a template as it is written."""
    return yaml_parse(template.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of a role."""

    sid: str
    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Stack:
    """What is deployed."""

    resources: Mapping[str, Mapping[str, Any]]
    outputs: Mapping[str, Any]

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        """Give the properties of a resource by its logical name."""
        return self.resources[name]["Properties"]

    def of_type(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """Give the properties of all resources of a type, by logical name."""
        return {name: found.get("Properties", {}) for name, found in self.resources.items() if found["Type"] == kind}

    def documents(self, role: str) -> list[Mapping[str, Any]]:
        """Give the policies of a role; one that leans on policies kept elsewhere is refused."""
        assert "ManagedPolicyArns" not in self[role]
        return [policy["PolicyDocument"] for policy in self[role]["Policies"]]

    def statements(self, role: str) -> tuple[Statement, ...]:
        """Give what the policies of a role say."""
        return tuple(
            Statement(
                sid=statement.get("Sid", ""),
                effect=statement["Effect"],
                actions=_several(statement["Action"]),
                resources=_several(statement["Resource"]),
                condition=statement.get("Condition", {}),
            )
            for document in self.documents(role)
            for statement in document["Statement"]
        )


def _several(one_or_more: Node) -> tuple[str, ...]:
    return (one_or_more,) if isinstance(one_or_more, str) else tuple(one_or_more)


class _Resolver:
    """Puts values in place of the intrinsic functions that we use."""

    def __init__(self, template: Mapping[str, Any], parameters: Mapping[str, str]) -> None:
        defaults = {name: given.get("Default") for name, given in template["Parameters"].items()}
        self._values = {**PSEUDO, **defaults, **parameters}
        self._types = {name: resource["Type"] for name, resource in template["Resources"].items()}
        self._properties = {name: resource.get("Properties", {}) for name, resource in template["Resources"].items()}
        self._conditions = template["Conditions"]

    def resolve(self, node: Node) -> Node:
        match node:
            case {"Ref": name}:
                return self._ref(name)
            case {"Fn::GetAtt": [name, attribute]}:
                return ATTRIBUTES[self._types[name], attribute](name)
            case {"Fn::Sub": str() as text}:
                return re.sub(r"\$\{([\w:.]+)\}", lambda found: str(self._named(found[1])), text)
            case {"Fn::Sub": [str() as text, {"ConfigName": str() as name}]}:  # of SAM's own making
                return text.replace("${ConfigName}", name)
            case {"Fn::If": [condition, yes, no]}:
                return self.resolve(yes if self.holds(condition) else no)
            case {"Fn::Select": [index, {"Fn::Split": [separator, text]}]}:
                return self.resolve(text).split(separator)[int(index)]
            case dict():
                fields = cast("dict[str, Node]", node)
                resolved = {key: self.resolve(value) for key, value in fields.items()}
                return {key: value for key, value in resolved.items() if value is not None}
            case list():
                values = [self.resolve(value) for value in cast("list[Node]", node)]
                return [value for value in values if value is not None]
            case _:
                return node

    def _ref(self, name: str) -> Node:
        if name in self._values:
            return self._values[name]
        if (named := self._properties[name].get("BucketName")) is not None:
            return self.resolve(named)
        return REF.get(self._types[name], lambda own: own)(name)

    def _named(self, name: str) -> Node:
        resource, dot, attribute = name.partition(".")
        return self.resolve({"Fn::GetAtt": [resource, attribute]} if dot else {"Ref": name})

    def holds(self, name: str) -> bool:
        return self._is_true(self._conditions[name])

    def _is_true(self, condition: Node) -> bool:
        match condition:
            case {"Fn::Not": [inner]}:
                return not self._is_true(inner)
            case {"Fn::Equals": [left, right]}:
                return self.resolve(left) == self.resolve(right)
            case _:
                raise AssertionError(f"a condition of another kind: {condition}")


@cache
def transformed(rollout: str = "AllAtOnce") -> dict[str, Any]:
    """Give the template after the SAM transform, which looks at one parameter: how a release comes in."""
    template = source()
    template["Globals"]["Function"]["CodeUri"] = "s3://artefacts/built"  # as `sam deploy` writes it
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_DEFAULT_REGION", REGION)  # the transform asks for the partition of a region
        loader = cast("Any", _NoManagedPolicies())  # its class asks IAM
        return transform(template, {"Rollout": rollout}, loader)


def deployed(**parameters: str) -> Stack:
    """Give the stack that these parameters make, with defaults for the others."""
    template = transformed(parameters.get("Rollout", "AllAtOnce"))
    resolver = _Resolver(template, {**GIVEN, **parameters})
    resources, outputs = (
        {
            name: wanted
            for name, wanted in template[section].items()
            if "Condition" not in wanted or resolver.holds(wanted["Condition"])
        }
        for section in ("Resources", "Outputs")
    )
    return Stack(resources=resolver.resolve(resources), outputs=resolver.resolve(outputs))


def called(alias: str) -> str:
    """Give the function behind the ARN that something calls it by, which must be that of its alias."""
    found = re.fullmatch(rf"arn:aws:lambda:{REGION}:{ACCOUNT}:function:(\w+):live", alias)
    assert found, alias
    return found[1]

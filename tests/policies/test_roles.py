"""The shape of the roles: what a statement may look like, who takes a role on, what a function is told of."""

from __future__ import annotations

import re
from typing import cast

import pytest

from tests.policies.places import ROLES
from tests.policies.simulator import Account, Request, Simulator
from tests.sam.stack import ACCOUNT, FUNCTIONS, REGION, Node, Stack, bucket_name, secret_arn, table_arn


@pytest.mark.parametrize("role", ROLES)
def test_no_role_names_an_action_by_a_wildcard(stack: Stack, role: str) -> None:
    for statement in stack.statements(role):
        assert all(re.fullmatch(r"[a-z0-9]+:[A-Za-z]+", action) for action in statement.actions)


@pytest.mark.parametrize("role", ROLES)
def test_a_wildcard_in_a_resource_stands_for_streams_of_one_log_or_table_objects_of_one_folder_or_identities_of_ses(
    stack: Stack, role: str
) -> None:
    known = (
        rf"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:\w+Log:\*"
        rf"|{table_arn('')}[A-Za-z]+/stream/\*"
        rf"|arn:aws:s3:::{bucket_name('Bucket')}/(?:raw|staging|facts)/\*"
        rf"|arn:aws:s3:::{bucket_name('Archive')}/trail/\*"
        rf"|arn:aws:ses:{REGION}:{ACCOUNT}:identity/\*"  # with a condition on the sender
    )
    named = {resource for statement in stack.statements(role) for resource in statement.resources}

    assert {resource for resource in named if "*" in resource and not re.fullmatch(known, resource)} == set()


@pytest.mark.parametrize("role", ROLES)
def test_a_role_only_allows(stack: Stack, role: str) -> None:
    """A denial would make what a role may do depend on the order that it is read in."""
    assert {statement.effect for statement in stack.statements(role)} == {"Allow"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_has_a_role_of_its_own_that_lambda_alone_takes_on(stack: Stack, function: str) -> None:
    assert stack[function]["Role"] == f"arn:aws:iam::{ACCOUNT}:role/{function}Role"
    (trust,) = stack[f"{function}Role"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_told_of_a_secret_exactly_where_it_may_read_it(
    judge: Simulator, account: Account, stack: Stack, function: str
) -> None:
    secrets = [secret_arn(name) for name in stack.of_type("AWS::SecretsManager::Secret")]
    told = set(stack[function]["Environment"]["Variables"].values()) & set(secrets)

    asked = [Request(role=f"{function}Role", action="secretsmanager:GetSecretValue", resource=arn) for arn in secrets]

    assert {request.resource for request in judge.allowed(asked, account=account)} == told


def test_streams_may_be_listed_as_whoever_follows_them_for_lambda_needs_it(stack: Stack) -> None:
    """ListStreams cannot be judged: AWS's reference knows no resource for it, and the simulator asks for `*`.

    AWS's own policy for readers of streams (SAM's DynamoDBStreamReadPolicy) names the streams of a table; so do we.
    """
    (listing,) = (each for each in stack.statements("ProjectorRole") if "dynamodb:ListStreams" in each.actions)

    assert listing.actions == ("dynamodb:ListStreams",)
    assert set(listing.resources) == {f"{table_arn(name)}/stream/*" for name in stack.of_type("AWS::DynamoDB::Table")}
    (of_one,) = (each for each in stack.statements("NotifierRole") if "dynamodb:ListStreams" in each.actions)
    assert (of_one.actions, of_one.resources) == (("dynamodb:ListStreams",), (f"{table_arn('CoreTable')}/stream/*",))


def test_rights_are_given_by_nothing_but_what_the_simulator_is_told_of(stack: Stack) -> None:
    kinds = {resource["Type"] for resource in stack.resources.values()}
    givers = {
        kind for kind in kinds if kind.startswith("AWS::IAM::") or kind.endswith(("Policy", "Permission", "Grant"))
    }
    held = {name: policies_in(resource.get("Properties", {})) for name, resource in stack.resources.items()}

    assert givers == {"AWS::IAM::Role", "AWS::S3::BucketPolicy", "AWS::Lambda::Permission"}
    assert {
        name: found for name, found in held.items() if found and stack.resources[name]["Type"] != "AWS::IAM::Role"
    } == {
        "ArchivePolicy": {"PolicyDocument"},
        "AuditTable": {"ResourcePolicy", "PolicyDocument"},
        "BucketPolicy": {"PolicyDocument"},
        "SigningKey": {"KeyPolicy"},
    }
    for role in stack.of_type("AWS::IAM::Role").values():
        assert role.keys() <= {"AssumeRolePolicyDocument", "Policies", "Tags"}  # no managed policy from elsewhere


HOLDS_A_POLICY = {
    *(
        "PolicyDocument",
        "ResourcePolicy",
        "KeyPolicy",
        "Policy",
        "Policies",
        "ManagedPolicyArns",
        "PermissionsBoundary",
    ),
}


def policies_in(node: Node) -> set[str]:
    """Name the properties, at any depth, that hold a policy."""
    if isinstance(node, list):
        return {found for each in cast("list[Node]", node) for found in policies_in(each)}
    if not isinstance(node, dict):
        return set()
    fields = cast("dict[str, Node]", node)
    here = {name for name in fields if name in HOLDS_A_POLICY}
    return here | {found for each in fields.values() for found in policies_in(each)}

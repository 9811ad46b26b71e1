"""Each role may do what is asked in its name, and nothing else of all that AWS can be asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest

from tests.policies.asked_by_aws import asked_by_aws
from tests.policies.driving import Driven
from tests.policies.places import ROLES, SENDER, places
from tests.policies.simulator import ANYTHING, Account, Policy, Request, Simulator
from tests.sam.stack import Stack, bucket_name, key_arn, table_arn

OF_ANYBODY = {"sts:GetCallerIdentity"}
"""What AWS answers to whoever shows credentials, whatever his policies say."""
OF_NO_RESOURCE = {"dynamodb:ListStreams"}
"""What AWS's reference knows no resource for, so that it cannot be judged on one: see test_roles."""
ROWS = {
    "CoreTable": {
        *("CODE#*", "I#*#*", "IDEM#*", "NOTICE#*", "P#*", "SESSION#*", "TOK#*"),
        *("W#*", "W#*#CONTACTS", "W#*#LIMIT", "W#*#PEOPLE", "W#*#TOKENS", "W#*#TRAIL", "WORKSPACES"),
        *("CALLS#DUE", "SEAL#*", "SEAL#DUE", "TAMPER#*"),
    },
    "AuditTable": {"LOG", "LOG#KEYS", "LOG#NOTES", "W#*#*", "W#*#*#SEALED", "W#*#SEALS"},
    "FactsTable": {
        *("T#*", "T#*#ALR", "T#*#DIRTY", "T#*#IMP", "T#*#LEDGER", "T#*#R", "T#*#RUN", "T#*#SENT"),
        *("T#*#R#*#*", "T#*#R#VARIANT#*"),
    },
    "Archive": {"trail/*", "trail/*.ndjson.gz"},
}
"""The kinds of rows, by what stays the same in their partition keys: see `shared/storage/rows`.

Of the archive, what its objects' names can be asked for by: the first of a workspace's, and the name of one.
"""


def kind_of(key: str) -> str:
    """Put a star for each part of a key that is an id."""
    first, *parts = key.split("#")
    if not parts and "/" in key:  # the name of an object, or how one begins
        return f"{key.partition('/')[0]}/*{''.join(Path(key).suffixes)}"
    return "#".join([first, *(part if re.fullmatch("[A-Z]+", part) else "*" for part in parts)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What is asked for, by role, and what rows there are to ask for."""

    by: Mapping[str, set[Request]]
    keys: Mapping[str, Mapping[str, str]]
    """ARN of a table, or of the archive -> one key of each kind of its rows, by kind."""

    @property
    def actions(self) -> set[str]:
        """Name every action that is asked for."""
        return {request.action for requests in self.by.values() for request in requests}


@pytest.fixture(scope="module")
def used(driven: Driven, stack: Stack) -> Used:
    everything = driven.asked | set(asked_by_aws(stack))
    keys = {table_arn(name): set(lying_there) for name, lying_there in driven.keys.items()}
    keys[places(stack)["Archive"]] = {"trail/wks_1/"}
    for request in driven.asked:
        if request.resource in keys:
            keys[request.resource] |= set(request.keys)
    return Used(
        by={role: {request for request in everything if request.role == role} for role in ROLES},
        keys={table: {kind_of(key): key for key in sorted(there)} for table, there in keys.items()},
    )


def test_the_roles_are_these(stack: Stack) -> None:
    assert set(stack.of_type("AWS::IAM::Role")) == set(ROLES)


def test_rows_of_every_kind_were_there_to_be_asked_for(used: Used, stack: Stack) -> None:
    kinds = {places(stack)[name]: ROWS[name] for name in ROWS}
    assert {table: set(found) for table, found in used.keys.items()} == kinds


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_is_asked_in_its_name(used: Used, judge: Simulator, account: Account, role: str) -> None:
    denied = used.by[role] - judge.allowed(used.by[role], account=account)

    assert used.by[role]
    assert {str(request) for request in denied} == set()


def test_of_all_actions_of_aws_the_roles_may_use_only_those_that_are_asked_for(
    used: Used, judge: Simulator, stack: Stack
) -> None:
    """A role that may do everywhere what any of the seven may do somewhere is asked once for each action there is."""
    by_keys = [
        action for key in stack.of_type("AWS::KMS::Key").values() for action in actions_for_roles(key["KeyPolicy"])
    ]
    by_roles = [action for role in ROLES for each in stack.statements(role) for action in each.actions]
    named = sorted({*by_keys, *by_roles})
    more_than_any = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": named, "Resource": "*"}]}
    every = [action for service in judge.services() for action in judge.actions_of(service)]

    may = judge.allowed(
        (Request(role="Any", action=action, resource=ANYTHING) for action in every),
        account=Account(roles={"Any": [more_than_any]}, attached={}),
    )

    assert {request.action for request in may} == used.actions | OF_ANYBODY | OF_NO_RESOURCE


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_use_an_action_only_where_it_is_asked_for(
    used: Used, judge: Simulator, account: Account, stack: Stack, role: str
) -> None:
    """Also by kind of row, where a right is for some kinds only."""
    fenced = {
        (action, resource)
        for statement in stack.statements(role)
        if statement.condition
        for action in statement.actions
        for resource in statement.resources
    }

    def grain(request: Request) -> Iterator[tuple[str, str, str]]:
        is_fenced = (request.action, request.resource) in fenced
        kinds = {kind_of(key) for key in request.keys} if is_fenced else {"any row"}
        yield from ((request.action, named(request.resource, stack), kind) for kind in kinds)

    everywhere = [
        Request(
            role=role,
            action=action,
            resource=arn,
            keys=(key,) if key else (),
            sender=SENDER if action.startswith("ses:") else "",
        )
        for action in used.actions
        for arn in places(stack).values()
        for key in used.keys.get(arn, {"": ""}).values()
    ]
    may = {each for request in judge.allowed(everywhere, account=account) for each in grain(request)}

    assert may == {each for request in used.by[role] for each in grain(request)}


def named(resource: str, stack: Stack) -> str:
    """Say where something lies: an object by its bucket and the first folder of its key."""
    for bucket in stack.of_type("AWS::S3::Bucket"):
        objects = f"arn:aws:s3:::{bucket_name(bucket)}/"
        if resource.startswith(objects):
            return f"{bucket}/{resource.removeprefix(objects).partition('/')[0]}"
    return next(name for name, arn in places(stack).items() if arn == resource)


@pytest.mark.parametrize("role", ROLES)
def test_no_right_is_idle(used: Used, judge: Simulator, account: Account, stack: Stack, role: str) -> None:
    """Whatever is taken away from a role, be it one action, one resource or one kind of rows, is missed."""
    statements = [statement for policy in stack.documents(role) for statement in policy["Statement"]]
    idle = [
        taken
        for taken, left in without_one_right(statements)
        if judge.allowed(used.by[role], account=replace(account, roles={role: left})) == used.by[role]
    ]
    assert [taken for taken in idle if not taken.startswith("FindTheStreams:")] == []  # its action: see test_roles


def actions_for_roles(key_policy: Policy) -> list[str]:
    """Give what a key's policy allows to roles by name: they need no other right, so no role has one."""
    return [
        action
        for statement in key_policy["Statement"]
        if ":role/" in statement["Principal"]["AWS"]
        for action in statement["Action"]
    ]


def test_no_right_that_the_key_gives_is_idle(used: Used, stack: Stack) -> None:
    given = actions_for_roles(stack["SigningKey"]["KeyPolicy"])

    asked = {request.action for request in used.by["SealerRole"] if request.resource == key_arn("SigningKey")}
    assert asked == set(given)


def without_one_right(statements: list[Any]) -> Iterator[tuple[str, list[Policy]]]:
    """Take away each right in turn: what is taken, and the policies that are left."""
    for number, statement in enumerate(statements):
        for (*outer, field), values in lists_in(statement):
            for value in values:
                less = deepcopy(statement)
                kept = [other for other in values if other != value]
                reduce(getitem, outer, less)[field] = kept
                left = [*statements[:number], *([less] if kept else []), *statements[number + 1 :]]
                policies: list[Policy] = [{"Version": "2012-10-17", "Statement": left}] if left else []
                yield f"{statement.get('Sid', number)}: {value}", policies


def lists_in(statement: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Find the lists of a statement whose every entry allows something more: the way to it, and what is in it."""
    for field in ("Action", "Resource"):
        values = statement[field]
        yield (field,), [values] if isinstance(values, str) else values
    for operator, tests in statement.get("Condition", {}).items():
        for key, values in tests.items():
            if not operator.endswith("NotLike"):  # what stands there takes away
                yield ("Condition", operator, key), values

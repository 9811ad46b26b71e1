"""What each function asks of AWS, on tables, keys and a bucket made as the template says, is what its role allows."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from functions.wiring import now
from shared.domain.scopes import Scope
from tests.data.tenants import A_DAY, workspace
from tests.data.tenants import token as token_of
from tests.doors.aws import Cloud, Right
from tests.doors.events import INVOKE, event
from tests.sam.stack import FUNCTIONS, Stack
from tests.transports.http.issuer import LoopbackIssuer

CALLED_BY_LAMBDA = (
    "logs:",
    "sqs:",
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
)
"""What Lambda itself does in the function's name: logs, failures handed over, streams read."""
DOOR_OF = {"mcp": "mcp_server", "oauth": "mcp_server", "rest": "token_api"}


@pytest.fixture(scope="module")
def asked(cloud: Cloud, issuer: LoopbackIssuer) -> set[Right]:
    """Go once through everything that the functions do, and give what they asked of AWS on the way."""
    doors, stores = cloud.doors, cloud.doors.stores
    workspace(stores, issuer=issuer.url)
    workspace(stores, "wks_2", plan="alpha", issuer=issuer.url, people={})
    with cloud.watched() as asked:
        owner = issuer.bearer("olivia", now=now())
        for path in sorted(INVOKE.glob("*.json")):
            door = DOOR_OF.get(path.stem.partition("_")[0])
            if door is not None:
                made = token_of(stores, scopes=tuple(Scope), at=now())
                doors.ask(
                    door,
                    path.stem,
                    token=made.text,
                    revoked_token=made.text,
                    token_id=made.token.token_id,
                    owner_bearer=owner,
                )
        token_of(stores, days=30, at=now() - 31 * A_DAY)
        doors.invoke("sweeper", event("schedule_sweep"))
    return asked


def test_every_function_may_do_what_it_does(asked: set[Right], stack: Stack) -> None:
    assert {right for right in asked if not stack.allows(right.function, right.action, right.resource)} == set()


def test_no_function_may_do_what_it_never_does(asked: set[Right], stack: Stack) -> None:
    idle = [
        f"{function}: {action} on {resource.rpartition(':')[2]}"
        for function in FUNCTIONS
        for statement in stack.statements(function)
        for resource in statement.resources
        for action in statement.actions
        if not action.startswith(CALLED_BY_LAMBDA)
        and not any(
            right.function == function and right.action == action and fnmatchcase(right.resource, resource)
            for right in asked
        )
    ]
    assert idle == []

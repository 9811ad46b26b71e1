"""What each function asks of AWS, on tables, keys and a bucket made as the template says, is what its role allows."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from functions.wiring import now
from shared.domain.scopes import Scope
from shared.services.tool_catalogue import TOOLS
from tests.data.tenants import A_DAY, workspace
from tests.data.tenants import token as token_of
from tests.doors.aws import Cloud, Right
from tests.doors.events import INVOKE, event, tool_call
from tests.doors.uploads import upload
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
def asked(cloud: Cloud, issuer: LoopbackIssuer, tmp_path_factory: pytest.TempPathFactory) -> set[Right]:
    """Go once through everything that the functions do, and give what they asked of AWS on the way."""
    doors, stores = cloud.doors, cloud.doors.stores
    workspace(stores, issuer=issuer.url)
    workspace(stores, "wks_2", plan="alpha")
    token = token_of(stores, scopes=tuple(Scope), at=now())
    shared_limit = token_of(stores, workspace_id="wks_2", days=365, at=now())
    token_of(stores, days=30, at=now() - 31 * A_DAY)
    values = {
        "token": token.text,
        "revoked_token": token.text,
        "token_id": token.token.token_id,
        "owner_bearer": issuer.bearer("olivia", now=now()),
    }
    with cloud.watched() as asked:
        for prices in ({"1": "100.00"}, {"1": "90.00"}):  # the second is compared with the first
            key = upload(prices, objects=doors.objects, folder=tmp_path_factory.mktemp("upload"))
            doors.invoke("importer", event("s3_object_created", raw_key=key))
            for stream in ("stream_core", "stream_use", "stream_audit", "stream_facts"):
                doors.invoke("projector", event(stream, workspace_id="wks_1", token_id=token.token.token_id))
        for tool in TOOLS:
            answer = doors.send("mcp_server", tool_call(tool.name, token=token.text))
            assert answer.json["result"]["isError"] is False, answer.text
        doors.send("mcp_server", tool_call("get_pnl", token=shared_limit.text))
        for name in (path.stem for path in sorted(INVOKE.glob("*.json"))):
            if door := DOOR_OF.get(name.partition("_")[0]):
                doors.ask(door, name, **values)
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

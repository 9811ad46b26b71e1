"""Functions that are started from snapshots, and what they find around them: AWS and an issuer on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

import boto3  # noqa: TID251 - moto stands behind its clients
from moto import mock_aws

from functions.wiring import now
from shared.storage.dynamodb.engine import DynamoEngine
from shared.storage.dynamodb.tables import create_tables
from shared.storage.engine import Table
from tests.data.stores import Stores
from tests.data.tenants import KEYS, workspace
from tests.doors.events import event
from tests.sam.stack import REGION, ROOT, deployed
from tests.storage.clients import dynamodb_at
from tests.storage.loopback_aws import LoopbackAws, loopback_aws
from tests.transports.http.issuer import LoopbackIssuer

FUNCTIONS = {"mcp_server": "McpServer", "token_api": "TokenApi"}
"""Those that the template can start from a snapshot."""

Hooks = Literal["both", "before", "none"]
"""Which of its hooks are run: all, as in Lambda; those before the snapshot alone; none."""

Request = dict[str, Any]
_numbers = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the functions find around them."""

    aws: LoopbackAws
    issuer: LoopbackIssuer
    stores: Stores = field(repr=False)
    secrets: Any = field(repr=False)
    secret_arn: str

    @property
    def environment(self) -> dict[str, str]:
        """What every process of a function is given."""
        return {
            "PATH": os.defpath,
            "AWS_ENDPOINT_URL": self.aws.address,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
        }

    def settings(self, function: str) -> dict[str, str]:
        """Give the settings of a function, as the template has them."""
        here = {"OIDC_ISSUER": self.issuer.url, "CREDENTIAL_KEYS_SECRET_ARN": self.secret_arn}
        variables: dict[str, str] = deployed()[FUNCTIONS[function]]["Environment"]["Variables"]
        return {name: here.get(name, value) for name, value in variables.items()}

    def request(self, function: str, token: str) -> Request:
        """Make a request that the function answers with 200."""
        if function == "mcp_server":
            made = event("mcp_tools_call_2026_07_28", token=token)
        else:
            made = event("rest_list_tokens", owner_bearer=self.issuer.bearer("olivia", now=now()))
        made["requestContext"]["requestId"] = f"request-{next(_numbers)}"
        return made

    def keep_keys(self, roots: dict[str, str]) -> None:
        """Write the key document, as an operator does."""
        self.secrets.put_secret_value(SecretId=self.secret_arn, SecretString=json.dumps(roots))


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What is to be known of who served a request, and over which connections it asked AWS."""

    facts: dict[str, Any]
    connections: set[int]

    def __getitem__(self, fact: str) -> Any:  # noqa: ANN401 - whatever the fact is
        return self.facts[fact]


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A function whose snapshot has been taken."""

    world: World
    process: subprocess.Popen[str]
    first: Served

    def serve(self, request: Request) -> Served:
        """Have a copy restored that serves this request."""
        return _serve(self.world, self.process, request)


@contextmanager
def a_world() -> Generator[World]:
    """Make one with a workspace in it."""
    tables = {table: f"{table.capitalize()}Table" for table in Table}
    with mock_aws(), LoopbackIssuer() as issuer:
        session: Any = boto3.Session(aws_access_key_id="nobody", aws_secret_access_key="nothing", region_name=REGION)
        dynamodb = session.client("dynamodb")
        create_tables(dynamodb, tables)
        secrets = session.client("secretsmanager")
        arn: str = secrets.create_secret(Name="keys", SecretString=json.dumps(dict(KEYS.roots)))["ARN"]
        with loopback_aws({"dynamodb": dynamodb, "secretsmanager": secrets}) as aws:
            stores = Stores.over(DynamoEngine(dynamodb_at(aws.address), tables))
            workspace(stores, issuer=issuer.url)
            yield World(aws=aws, issuer=issuer, stores=stores, secrets=secrets, secret_arn=arn)


@contextmanager
def snapshot_of(function: str, *, after: Request | None, world: World, hooks: Hooks = "both") -> Generator[Container]:
    """Initialise a function, have it serve a request, and take its snapshot."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.doors.snapshot", function, hooks],
        cwd=ROOT,
        env=world.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        process.stdin.write(json.dumps(world.settings(function)) + "\n")
        yield Container(world=world, process=process, first=_serve(world, process, after))
        process.stdin.close()
    assert process.returncode == 0


def _serve(world: World, process: subprocess.Popen[str], request: Request | None) -> Served:
    assert process.stdin
    assert process.stdout
    before = len(world.aws.asked)
    process.stdin.write(json.dumps(request) + "\n")
    process.stdin.flush()
    facts = json.loads(process.stdout.readline())
    return Served(facts=facts, connections={asked.connection for asked in world.aws.asked[before:]})

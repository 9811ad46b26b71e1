"""A stack on SQLite in a file of its own: one workspace, and an issuer that its people sign in with."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Generator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.local.folder import LocalFolder
from infra.local.functions import SETTINGS, all_settings
from shared.storage.dynamodb.engine import DynamoEngine
from shared.storage.dynamodb.tables import create_tables
from shared.storage.engine import Table
from shared.storage.objects.folder import FolderObjects
from shared.storage.objects.s3 import S3Objects
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.stores import Stores
from tests.data.tenants import KEYS, workspace
from tests.doors.aws import Cloud
from tests.doors.opening import Doors
from tests.sam.stack import REGION, Stack, deployed, secret_arn
from tests.transports.http.issuer import LoopbackIssuer

PUBLIC_URL = "https://mcp.test"


@pytest.fixture(scope="module")
def environment() -> Generator[pytest.MonkeyPatch]:
    """The process as Lambda starts it: its environment to be set, a loop in the main thread, logging untouched."""
    ours = logging.getLogger("shared")
    before = (ours.handlers, ours.level, ours.propagate)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    with pytest.MonkeyPatch.context() as patch:
        yield patch
    asyncio.set_event_loop(None)
    loop.close()
    ours.handlers, ours.level, ours.propagate = before


@pytest.fixture(scope="module")
def issuer() -> Generator[LoopbackIssuer]:
    with LoopbackIssuer() as serving:
        yield serving


@pytest.fixture(scope="module")
def doors(
    environment: pytest.MonkeyPatch, issuer: LoopbackIssuer, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Doors]:
    folder = LocalFolder(path=tmp_path_factory.mktemp("stack"))
    folder.token_keys.write_text(json.dumps({"credential": dict(KEYS.roots), "data": {"1": "data key of tests: " * 3}}))
    values = all_settings(folder, public_url=PUBLIC_URL, issuer=issuer.url)
    engine = SqliteEngine(folder.database)
    stores = Stores.over(engine)
    workspace(stores, issuer=issuer.url)
    workspace(stores, "wks_2", plan="alpha", people={})
    yield Doors(
        stores=stores,
        objects=FolderObjects(Path(values["OBJECTS_DIR"])),
        settings={function: {name: values[name] for name in names} for function, names in SETTINGS.items()},
        environment=environment,
    )
    engine.close()


@pytest.fixture(scope="module")
def stack() -> Stack:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_DEFAULT_REGION", REGION)
        return deployed()


@pytest.fixture(scope="module")
def cloud(environment: pytest.MonkeyPatch, issuer: LoopbackIssuer, stack: Stack) -> Generator[Cloud]:
    """The template's tables, keys and bucket, made in moto, and the functions in its environments."""
    environment.setenv("AWS_DEFAULT_REGION", REGION)
    tables = {table: f"{table.capitalize()}Table" for table in Table}
    with mock_aws():
        session: Any = boto3.Session(aws_access_key_id="nobody", aws_secret_access_key="nothing")
        environment.setattr(boto3, "DEFAULT_SESSION", session)  # what `boto3.client` of the wiring makes clients with
        dynamodb = session.client("dynamodb")
        create_tables(dynamodb, tables)
        session.client("s3").create_bucket(
            Bucket=stack["Bucket"]["BucketName"], CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        secrets = session.client("secretsmanager")
        made: dict[str, str] = {
            name: secrets.create_secret(Name=name, SecretString=json.dumps(dict(KEYS.roots)))["ARN"]
            for name in stack.of_type("AWS::SecretsManager::Secret")
        }
        here: dict[str, str] = {secret_arn(name): arn for name, arn in made.items()}
        functions: dict[str, tuple[str, dict[str, str]]] = {
            properties["Handler"].split(".")[1]: (name, properties["Environment"]["Variables"])
            for name, properties in stack.of_type("AWS::Lambda::Function").items()
        }
        doors = Doors(
            stores=Stores.over(DynamoEngine(dynamodb, tables)),
            objects=S3Objects(session.client("s3"), bucket=stack["Bucket"]["BucketName"]),
            settings={
                function: {
                    name: issuer.url if name == "OIDC_ISSUER" else here.get(value, value)
                    for name, value in variables.items()
                }
                for function, (_, variables) in functions.items()
            },
            environment=environment,
        )
        cloud = Cloud(
            doors=doors,
            name_of={function: name for function, (name, _) in functions.items()},
            arn_of={arn: known for known, arn in here.items()},
        )
        session.events.register("before-parameter-build.*.*", cloud.hear)
        yield cloud

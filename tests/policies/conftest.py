"""The policies that are deployed, who judges by them, and what the functions ask for when they do all that they do."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from moto import mock_aws

from shared.storage.dynamodb.engine import DynamoEngine
from shared.storage.dynamodb.tables import create_tables
from shared.storage.engine import Table
from shared.storage.objects.s3 import S3Objects
from tests.data.stores import Stores
from tests.data.tenants import KEYS
from tests.doors.opening import Doors, process_of_lambda
from tests.policies.cloud import Cloud
from tests.policies.driving import Driven, drive
from tests.policies.places import SENDER
from tests.policies.simulator import Account, Simulator, account_of, simulator
from tests.sam.stack import REGION, Stack, bucket_name, deployed, key_arn, secret_arn
from tests.storage.loopback_aws import SERVICES, loopback_aws, reach
from tests.storage.moto_client import AsksMoto
from tests.transports.http.issuer import LoopbackIssuer


@pytest.fixture(scope="session")
def stack() -> Stack:
    return deployed(NoticeSender=SENDER)


@pytest.fixture(scope="session")
def account(stack: Stack) -> Account:
    return account_of(stack)


@pytest.fixture(scope="session")
def judge() -> Generator[Simulator]:
    with simulator() as running:
        yield running


@pytest.fixture(scope="session")
def driven(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Driven:
    """What came of going once through everything that the functions do."""
    with process_of_lambda() as process, LoopbackIssuer() as issuer, cloud(stack, process, issuer) as made:
        return drive(made, issuer=issuer, folder=tmp_path_factory.mktemp("uploads"))


@contextmanager
def cloud(stack: Stack, process: pytest.MonkeyPatch, issuer: LoopbackIssuer) -> Generator[Cloud]:
    """Make the template's tables, keys and buckets in moto, and open the functions in the template's environments."""
    process.setenv("AWS_DEFAULT_REGION", REGION)
    tables = {table: f"{table.capitalize()}Table" for table in Table}
    functions: Mapping[str, Mapping[str, Any]] = {
        properties["Handler"].split(".")[1]: properties
        for properties in stack.of_type("AWS::Lambda::Function").values()
    }
    with mock_aws():
        session: Any = boto3.Session(aws_access_key_id="nobody", aws_secret_access_key="nothing")
        process.setattr(boto3, "DEFAULT_SESSION", session)  # what `boto3.client` of the wiring makes clients with
        dynamodb = session.client("dynamodb")
        create_tables(dynamodb, tables)
        for name in stack.of_type("AWS::S3::Bucket"):
            session.client("s3").create_bucket(
                Bucket=bucket_name(name), CreateBucketConfiguration={"LocationConstraint": REGION}
            )
        session.client("sqs").create_queue(QueueName="ImportParts")  # its address is the one of the template, below
        session.client("sns").create_topic(Name="Notices")  # its ARN is the one of the template
        session.client("sesv2").create_email_identity(EmailIdentity=SENDER)
        secrets = session.client("secretsmanager")
        here: dict[str, str] = {
            secret_arn(name): secrets.create_secret(
                Name=name, SecretString=secret.get("SecretString", json.dumps(dict(KEYS.roots)))
            )["ARN"]
            for name, secret in stack.of_type("AWS::SecretsManager::Secret").items()
        }

        for name, key in stack.of_type("AWS::KMS::Key").items():
            made_here = session.client("kms").create_key(KeySpec=key["KeySpec"], KeyUsage=key["KeyUsage"])
            here[key_arn(name)] = made_here["KeyMetadata"]["Arn"]

        def told(name: str, value: str) -> str:
            return issuer.url if name == "OIDC_ISSUER" else here.get(value, value)

        heard = {service: session.client(service) for service in SERVICES}
        with loopback_aws(heard) as aws:
            reach(aws, process)
            doors = Doors(
                stores=Stores.over(DynamoEngine(AsksMoto(dynamodb), tables)),  # no role asks for what tests put there
                objects=S3Objects(session.client("s3"), bucket=bucket_name("Bucket")),
                settings={
                    function: {
                        name: told(name, value) for name, value in properties["Environment"]["Variables"].items()
                    }
                    for function, properties in functions.items()
                },
                environment=process,
            )
            made = Cloud(
                doors=doors,
                role_of={function: properties["Role"].rpartition("/")[2] for function, properties in functions.items()},
                arn_of={arn: known for known, arn in here.items()},
                client=dynamodb,
                archive=S3Objects(session.client("s3"), bucket=bucket_name("Archive")),
            )
            for hearing in (session.events, *(client.meta.events for client in heard.values())):
                hearing.register("before-parameter-build.*.*", made.hear)
            session.events.register("after-call.s3", made.hear_missing)
            yield made

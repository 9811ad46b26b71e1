"""docs/parameters.md tells which rights an operator needs: what the command line asks for, no less and no more."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import boto3  # noqa: TID251 - its default session is what the wiring makes clients with
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.model import OperationModel
from moto import mock_aws
from typer.testing import CliRunner

from functions.wiring import now
from infra.places import TROUBLES, connect
from shared.services.trail.seal_trail import seal_trail
from shared.storage.contracts.objects import ObjectStore
from shared.storage.dynamodb.engine import DynamoEngine
from shared.storage.dynamodb.tables import create_tables
from shared.storage.engine import Engine, Table
from shared.storage.objects.s3 import S3Objects
from shared.transports.cli.app import build_app
from tests.data.stores import Stores
from tests.data.tenants import A_DAY, ISSUER, KEYS
from tests.policies.cloud import needed_for
from tests.sam.page import Page, named
from tests.sam.stack import REGION, table_arn
from tests.services.trail.sealing import KeyInMemory
from tests.storage.clients import dynamodb_at
from tests.storage.loopback_aws import SERVICES, loopback_aws, reach

STACK = "merchant-mcp"
LOOKED_AT = "core-looked-at"
BUCKET, ARCHIVE = "merchant-mcp-files", "merchant-mcp-archive"
TABLES = {table: f"{table.capitalize()}Table" for table in Table}
EXPORT = '{"type":"export","schema":1,"exported_at":"2026-11-20T12:00:00Z","source":"shopify","currency":"USD"}\n'
EVERYTHING = (
    "workspace create Shop --id wks_1 --timezone Europe/Berlin",
    "workspace list",
    "workspace show wks_1",
    "workspace settings wks_1 --currency EUR",
    "workspace plan wks_1 alpha --yes",
    "workspace grant wks_1",
    "workspace suspend wks_1 --reason test --yes",
    "workspace grant wks_1",
    "member add -w wks_1 --subject olivia --role owner --id mem_olivia",
    "member add -w wks_1 --subject adam --role admin --id mem_adam",
    "member list -w wks_1",
    "token create -w wks_1 --name first --scope all --owner mem_adam",
    "token list -w wks_1",
    "token show {token}",
    "token rename {token} second",
    "token create -w wks_1 --name third --scope all --owner mem_adam",
    "member role -w wks_1 mem_adam analyst --yes",
    "token revoke {token} --reason test --yes",
    "member remove -w wks_1 mem_adam --yes",
    "member forget -w wks_1 mem_adam --yes",
    "import {file} -w wks_1 --patience 0",
    "imports list -w wks_1",
    "alerts list -w wks_1",
    "alerts acknowledge -w wks_1 {alert}",
    "audit list -w wks_1",
    "audit keys",
    "audit checkpoint",
    "audit export -w wks_1 -o {exported}",
    "audit prove -w wks_1 {event}",
    "restore --from core-looked-at",
    "rebuild",
)
"""Every command that works on a deployed stack; what becomes of an import is the stack's to say, and here is none."""
OF_WHAT_IS_SEALED = {"keys", "checkpoint", "export", "prove"}
"""They want a stack that has sealed something; what they print is no JSON of ours but lines for whoever checks them."""
ENDS_IN_A_REFUSAL = {"import"}
HALF_AN_HOUR_LATER = {"alerts"}
"""The import that nobody takes up here stands still by then, which is an alert."""


class Listener:
    """Hears what is asked of AWS."""

    def __init__(self, arn_of: Mapping[str, str], *, seal: Callable[[], object], lose: Callable[[], object]) -> None:
        self.asked: set[tuple[str, str]] = set()
        self.seal = seal
        """What the stack does by itself, unheard."""
        self.lose = lose
        """Has the core table empty, and another beside it that holds what it held."""
        self._arn_of = arn_of

    def hear(self, *, model: OperationModel, params: Mapping[str, Any], **_: object) -> None:
        """Take note of a request that is about to be sent."""
        service = model.service_model.service_name
        if service == "cloudformation":
            self.asked.add(("the stack", f"cloudformation:{model.name}"))
            return
        for action, resource, _keys in needed_for(service, model.name, params):
            self.asked.add((self._named(resource), action))

    def _named(self, resource: str) -> str:
        """Give the place as the page names it."""
        if resource == table_arn(LOOKED_AT):
            return "a table that a backup was restored to"
        for bucket, name, folder in ((BUCKET, "BucketName", "raw"), (ARCHIVE, "ArchiveBucketName", "trail")):
            if resource.startswith(f"arn:aws:s3:::{bucket}/{folder}/"):
                return f"`{name}`, under `{folder}/`"
        return f"`{self._arn_of.get(resource, resource)}`"


def stack_with(outputs: Mapping[str, str]) -> Callable[..., tuple[AWSResponse, dict[str, Any]]]:
    """Answer for CloudFormation, of which moto does not know enough to deploy the template."""
    told = [{"OutputKey": name, "OutputValue": value} for name, value in outputs.items()]

    def answer(**_: object) -> tuple[AWSResponse, dict[str, Any]]:
        return AWSResponse("", 200, HTTPHeaders(), None), {"Stacks": [{"StackName": STACK, "Outputs": told}]}

    return answer


def seal(engine: Engine, archive: ObjectStore) -> None:
    """Do what the stream and the schedule lead to."""
    stores, at = Stores.over(engine), now()
    stores.seals.mark("wks_1", since=at - A_DAY, until=at, now=at - timedelta(minutes=1))
    seal_trail(
        now=at,
        origin="merchant-mcp/tests",
        seals=stores.seals,
        people=stores.people,
        archive=archive,
        signer=KeyInMemory(),
    )


def lose(dynamodb: Any) -> None:  # noqa: ANN401 - boto3 makes the class of a client at run time
    """Restore the core table beside itself, and empty it."""
    core = TABLES[Table.CORE]
    dynamodb.update_continuous_backups(
        TableName=core, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    dynamodb.restore_table_to_point_in_time(
        SourceTableName=core, TargetTableName=LOOKED_AT, UseLatestRestorableTime=True
    )
    for item in dynamodb.scan(TableName=core)["Items"]:
        dynamodb.delete_item(TableName=core, Key={"pk": item["pk"], "sk": item["sk"]})


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Generator[Listener]:
    """A deployed stack as far as an operator sees it, in moto."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        session: Any = boto3.Session(aws_access_key_id="nobody", aws_secret_access_key="nothing")
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)  # what the wiring makes clients with
        dynamodb = session.client("dynamodb")
        create_tables(dynamodb, TABLES)
        s3 = session.client("s3")
        for bucket in (BUCKET, ARCHIVE):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        secrets = session.client("secretsmanager")
        keys = secrets.create_secret(Name="keys", SecretString=json.dumps(dict(KEYS.roots)))
        tables = {f"{name}Name": name for name in TABLES.values()}
        outputs = {
            **tables,
            "BucketName": BUCKET,
            "ArchiveBucketName": ARCHIVE,
            "CredentialKeysArn": keys["ARN"],
            "OidcIssuer": ISSUER,
        }
        heard = {service: session.client(service) for service in SERVICES}
        with loopback_aws(heard) as aws:
            reach(aws, monkeypatch)
            listening = Listener(
                {**{table_arn(name): output for output, name in tables.items()}, keys["ARN"]: "CredentialKeysArn"},
                seal=partial(seal, DynamoEngine(dynamodb_at(aws.address), TABLES), S3Objects(s3, bucket=ARCHIVE)),
                lose=partial(lose, dynamodb),
            )
            for hearing in (session.events, *(client.meta.events for client in heard.values())):
                hearing.register("before-parameter-build.*.*", listening.hear)
            session.events.register("before-call.cloudformation.DescribeStacks", stack_with(outputs))
            yield listening


def test_an_operator_needs_the_rights_of_the_page_and_no_others(listener: Listener, tmp_path: Path) -> None:
    file = tmp_path / "orders.ndjson"
    file.write_text(EXPORT)
    exported = tmp_path / "trail.ndjson"
    program, later = (
        build_app(connect, now=clock, operator="kim", troubles=TROUBLES)
        for clock in (now, lambda: now() + timedelta(minutes=30))
    )
    token = event = alert = ""
    for line in EVERYTHING:
        if line.startswith("restore"):
            listener.lose()
        words = line.format(token=token, event=event, alert=alert, file=file, exported=exported).split()
        as_json = [] if OF_WHAT_IS_SEALED & {*words} else ["--json"]
        run = later if words[0] in HALF_AN_HOUR_LATER else program
        ran = CliRunner().invoke(run, ["--stack", STACK, *words, *as_json])
        assert (ran.exit_code == 0) is (words[0] not in ENDS_IN_A_REFUSAL), f"{line}: {ran.output}"
        token = token or (json.loads(ran.stdout)["id"] if line.startswith("token create") else "")
        if line.startswith("alerts list"):
            (alert,) = (each["alert_id"] for each in json.loads(ran.stdout))
        if line.startswith("audit list"):
            event = json.loads(ran.stdout)[0]["id"]
            listener.seal()

    told = {(place, action) for place, actions in Page("parameters.md").table("on") for action in named(actions)}
    assert listener.asked == told


@pytest.mark.usefixtures("listener")
def test_a_backup_that_is_no_table_is_told_with_what_to_name() -> None:
    program = build_app(connect, now=now, operator="kim", troubles=TROUBLES)

    ran = CliRunner().invoke(program, ["--stack", STACK, "restore", "--from", "nosuch"])

    assert ran.exit_code == 1
    assert ran.stderr.startswith("Error: There is no table nosuch: name the one that the backup was restored to")
    assert ran.stderr.count("\n") == 1

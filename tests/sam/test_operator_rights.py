"""docs/operations.md tells which rights an operator needs: what the command line asks for, no less and no more."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
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
from shared.storage.dynamodb.tables import create_tables
from shared.storage.engine import Table
from shared.transports.cli.app import build_app
from tests.data.tenants import ISSUER, KEYS
from tests.policies.cloud import needed_for
from tests.sam.page import Page, named
from tests.sam.stack import REGION, table_arn

STACK = "merchant-mcp"
BUCKET = "merchant-mcp-files"
TABLES = {table: f"{table.capitalize()}Table" for table in Table}
EXPORT = '{"type":"export","schema":1,"exported_at":"2026-11-20T12:00:00Z","source":"shopify","currency":"USD"}\n'
EVERYTHING = (
    "workspace create Shop --id wks_1",
    "workspace list",
    "workspace show wks_1",
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
    "import {file} -w wks_1 --patience 0",
    "audit list -w wks_1",
)
"""Every command that works on a deployed stack; what becomes of an import is the stack's to say, and here is none."""
ENDS_IN_A_REFUSAL = {"import"}


class Listener:
    """Hears what is asked of AWS."""

    def __init__(self, arn_of: Mapping[str, str]) -> None:
        self.asked: set[tuple[str, str]] = set()
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
        if resource.startswith(f"arn:aws:s3:::{BUCKET}/raw/"):
            return "`BucketName`, under `raw/`"
        return f"`{self._arn_of[resource]}`"


def stack_with(outputs: Mapping[str, str]) -> Callable[..., tuple[AWSResponse, dict[str, Any]]]:
    """Answer for CloudFormation, of which moto does not know enough to deploy the template."""
    told = [{"OutputKey": name, "OutputValue": value} for name, value in outputs.items()]

    def answer(**_: object) -> tuple[AWSResponse, dict[str, Any]]:
        return AWSResponse("", 200, HTTPHeaders(), None), {"Stacks": [{"StackName": STACK, "Outputs": told}]}

    return answer


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Generator[Listener]:
    """A deployed stack as far as an operator sees it, in moto."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        session: Any = boto3.Session(aws_access_key_id="nobody", aws_secret_access_key="nothing")
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)  # what the wiring makes clients with
        create_tables(session.client("dynamodb"), TABLES)
        session.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        keys = session.client("secretsmanager").create_secret(Name="keys", SecretString=json.dumps(dict(KEYS.roots)))
        tables = {f"{name}Name": name for name in TABLES.values()}
        outputs = {**tables, "BucketName": BUCKET, "CredentialKeysArn": keys["ARN"], "OidcIssuer": ISSUER}
        listening = Listener(
            {**{table_arn(name): output for output, name in tables.items()}, keys["ARN"]: "CredentialKeysArn"}
        )
        session.events.register("before-parameter-build.*.*", listening.hear)
        session.events.register("before-call.cloudformation.DescribeStacks", stack_with(outputs))
        yield listening


def test_an_operator_needs_the_rights_of_the_page_and_no_others(listener: Listener, tmp_path: Path) -> None:
    file = tmp_path / "orders.ndjson"
    file.write_text(EXPORT)
    program = build_app(connect, now=now, operator="kim", troubles=TROUBLES)
    token = ""
    for line in EVERYTHING:
        words = line.format(token=token, file=file).split()
        ran = CliRunner().invoke(program, ["--stack", STACK, *words, "--json"])
        assert (ran.exit_code == 0) is (words[0] not in ENDS_IN_A_REFUSAL), f"{line}: {ran.output}"
        token = token or (json.loads(ran.stdout)["id"] if line.startswith("token create") else "")

    told = {(place, action) for place, actions in Page("operations.md").table("on") for action in named(actions)}
    assert listener.asked == told

"""Where the command line works: a deployed stack, what the environment names, or the stack of this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import cfnlint.decode  # pyright: ignore[reportMissingTypeStubs] - it ships none
import pytest
from typer.testing import CliRunner

from functions.wiring import OF_A_STACK
from infra.local.folder import LocalFolder
from infra.local.pool import PROJECT
from infra.local.product import make_keys
from infra.places import TROUBLES, connect
from shared.storage.sqlite.engine import SqliteEngine
from shared.transports.cli.app import build_app
from shared.transports.cli.place import CannotConnect, Place
from tests.data.tenants import NOON

DEPLOYED = {
    "Outputs": {
        "CoreTableName": "core-7",
        "AuditTableName": "audit-7",
        "FactsTableName": "facts-7",
        "BucketName": "b",
        "ArchiveBucketName": "archive-7",
        "LogOrigin": "merchant-mcp/7",
    },
    "Parameters": {"OidcIssuer": "https://issuer.test", "Stage": "prod"},
}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STORE", "SQLITE_PATH", "PORT", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """The folder of a local stack that ran once."""
    SqliteEngine(tmp_path / "store.db").changes().last()
    return tmp_path


def members(pairs: Mapping[str, str], kind: str) -> str:
    return "".join(
        f"<member><{kind}Key>{name}</{kind}Key><{kind}Value>{value}</{kind}Value></member>"
        for name, value in pairs.items()
    )


@contextmanager
def cloudformation() -> Generator[str]:
    """Answer as CloudFormation does in an account that has one stack, `merchant-mcp`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            known = asked["StackName"] == ["merchant-mcp"]
            stack = (
                "<StackName>merchant-mcp</StackName><CreationTime>2026-11-21T12:00:00Z</CreationTime>"
                "<StackStatus>CREATE_COMPLETE</StackStatus>"
                f"<Outputs>{members(DEPLOYED['Outputs'], 'Output')}</Outputs>"
                f"<Parameters>{members(DEPLOYED['Parameters'], 'Parameter')}</Parameters>"
            )
            found = (
                "<DescribeStacksResponse><DescribeStacksResult><Stacks><member>"
                f"{stack}</member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
            )
            missing = (
                "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>"
                "<Message>Stack with id nowhere does not exist</Message></Error></ErrorResponse>"
            )
            self.send_response(200 if known else 400)
            self.end_headers()
            self.wfile.write((found if known else missing).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    with cloudformation() as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", address)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        yield


def test_where_no_stack_ever_ran_one_is_told_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(CannotConnect, match="make run") as refused:
        connect(Place(data=tmp_path / "nowhere"))

    assert "--data DIR" in str(refused.value)
    assert "--stack NAME" in str(refused.value)
    assert not (tmp_path / "nowhere").exists()


def test_the_local_stack_is_found_in_its_folder(stack: Path) -> None:
    wiring = connect(Place(data=stack))

    assert wiring.workspaces.all(limit=10).items == ()
    assert wiring.oidc_issuer == "http://127.0.0.1:8765/_local/oidc"


def test_the_members_sign_in_where_the_stack_serves(stack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")
    assert connect(Place(data=stack)).oidc_issuer == "http://127.0.0.1:9000/_local/oidc"

    (stack / "connection.json").write_text(json.dumps({"mcp_url": "http://127.0.0.1:9001/mcp"}))

    assert connect(Place(data=stack)).oidc_issuer == "http://127.0.0.1:9001/_local/oidc"


def test_an_environment_that_names_a_store_is_taken_at_its_word(
    stack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORE", "sqlite")
    monkeypatch.setenv("SQLITE_PATH", str(tmp_path / "another.db"))

    assert connect(Place()).settings.get("SQLITE_PATH") == str(tmp_path / "another.db")
    assert connect(Place(data=stack)).settings.get("SQLITE_PATH") == str(stack / "store.db")  # said last


@pytest.mark.usefixtures("account")
def test_a_deployed_stack_says_itself_where_everything_is() -> None:
    wiring = connect(Place(stack="merchant-mcp"))

    assert dict(wiring.settings.values) == {
        "STORE": "dynamodb",
        "CORE_TABLE": "core-7",
        "AUDIT_TABLE": "audit-7",
        "FACTS_TABLE": "facts-7",
        "BUCKET": "b",
        "ARCHIVE_BUCKET": "archive-7",
        "LOG_ORIGIN": "merchant-mcp/7",
        "OIDC_ISSUER": "https://issuer.test",
    }


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--stack", "nowhere", "workspace", "list"), "Stack with id nowhere does not exist"),
        (("--stack", "merchant-mcp", "token", "show", "x"), "There is no token with this id."),
    ],
)
def test_what_goes_wrong_on_the_way_to_a_deployed_stack_is_one_line(words: tuple[str, ...], said: str) -> None:
    app = build_app(connect, now=lambda: NOON, operator="kim", troubles=TROUBLES)

    ran = CliRunner().invoke(app, words)

    assert ran.exit_code == 1
    assert said in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_every_setting_of_a_stack_is_an_output_or_a_parameter_of_the_template() -> None:
    read, _ = cfnlint.decode.decode(str(PROJECT / "template.yaml"))
    template: Mapping[str, Any] = read if isinstance(read, dict) else {}

    assert set(OF_A_STACK.values()) <= {*template["Outputs"], *template["Parameters"]}


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("words", ["workspace list", "workspace suspend wks_1 --reason x"])
def test_a_command_whose_streams_are_closed_does_not_fall_over_them(tmp_path: Path, closed: str, words: str) -> None:
    """As cron and daemons may start it; a question is then answered with no."""
    app = build_app(connect, now=lambda: NOON, operator="kim", troubles=TROUBLES)
    make_keys(LocalFolder(path=tmp_path))
    SqliteEngine(tmp_path / "store.db").changes().last()
    made = CliRunner().invoke(app, ["--data", str(tmp_path), "workspace", "create", "A shop", "--id", "wks_1"])
    assert made.exit_code == 0, made.stderr

    ran = subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" -m infra.cli --data "$1" {words} {closed}', sys.executable, tmp_path],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == (0 if "list" in words else 1)
    assert "Traceback" not in ran.stderr
    assert "2>" in closed or "list" in words or ran.stderr.endswith("Where nobody can be asked, say --yes.\n")

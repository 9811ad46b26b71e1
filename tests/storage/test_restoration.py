"""The real command line against MiniStack: a backup is restored to a table beside, and brought back from there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from functions.settings import Settings
from functions.wiring import Wiring
from infra.emulator.account import CREDENTIALS
from shared.storage.dynamodb.tables import create_tables
from shared.storage.engine import Table
from shared.transports.cli.app import build_app
from tests.data.tenants import ISSUER, NOON

LINES = (
    "workspace create Shop --id wks_1",
    "member add -w wks_1 --subject olivia --role owner --id mem_olivia",
    "member add -w wks_1 --subject adam --role admin --id mem_adam",
)


def test_a_table_that_was_restored_beside_is_brought_back_by_the_command_line(
    ministack_address: str,
    ministack_client: Callable[[str], Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {**CREDENTIALS, "aws_default_region": "us-east-1"}.items():
        monkeypatch.setenv(name.upper(), value)
    client = ministack_client("dynamodb")
    names = {table: f"{table}-{uuid4().hex}" for table in Table}
    create_tables(client, names)
    (tmp_path / "keys.json").write_text(json.dumps({part: {"1": part * 8} for part in ("credential", "data")}))

    def run(*words: str, core: str) -> Any:  # noqa: ANN401 - whatever the document is
        values = {f"{table.upper()}_TABLE": name for table, name in names.items()} | {"CORE_TABLE": core}
        paths = {"KEYS_FILE": str(tmp_path / "keys.json"), "OIDC_ISSUER": ISSUER}
        settings = Settings(values={"STORE": "dynamodb", "DYNAMODB_ENDPOINT": ministack_address, **values, **paths})
        program = build_app(lambda _: Wiring(settings), now=lambda: NOON, operator="kim")
        ran = CliRunner().invoke(program, [*words, "--json"])
        assert ran.exit_code == 0, ran.output
        return json.loads(ran.stdout)

    def make(name: str, core: str) -> str:
        return run(
            "token", "create", "-w", "wks_1", "--name", name, "--scope", "all", "--owner", "mem_adam", core=core
        )["id"]

    first, looked_at, second = names[Table.CORE], f"looked-at-{uuid4().hex}", f"core-{uuid4().hex}"
    for line in LINES:
        run(*line.split(), core=first)
    kept, revoked, suspended = (make(name, first) for name in ("kept", "revoked", "suspended"))
    client.restore_table_to_point_in_time(
        SourceTableName=first, TargetTableName=looked_at, UseLatestRestorableTime=True
    )
    run("token", "revoke", revoked, "--reason", "seen in a log", "--yes", core=first)
    run("token", "suspend", suspended, "--reason", "a holiday", "--yes", core=first)
    since = make("since", first)
    client.delete_table(TableName=first)
    create_tables(client, {Table.CORE: second})

    done = run("restore", "--from", looked_at, core=second)

    assert [(each["workspace"], each["whole"], len(each["tokens"])) for each in done] == [("wks_1", True, 4)]
    listed = run("token", "list", "-w", "wks_1", core=second)
    assert {one["id"]: one["status"] for one in listed} == {
        kept: "active",
        revoked: "revoked",
        suspended: "suspended",
        since: "revoked",
    }
    assert run("restore", "--from", looked_at, core=second)[0]["there"] == len(listed)

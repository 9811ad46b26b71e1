"""merchant-mcp alerts: what somebody should deal with."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.data.merchants import as_file, header, order
from tests.transports.cli.program import Program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Give a workspace whose file has been announced, and has not been taken up for half an hour."""
    program = Program(tmp_path)
    program.run("workspace", "create", "A shop", "--id", "wks_1")
    file = tmp_path / "orders.ndjson"
    file.write_bytes(as_file([header(), order()]))
    program.run("import", str(file), "-w", "wks_1", "--patience", "0")
    program.now += timedelta(minutes=30)
    return program


def test_alerts_are_listed_and_acknowledged_by_the_operator(program: Program) -> None:
    (alert,) = program.run("alerts", "list", "-w", "wks_1", "--json").json
    assert (alert["category"], alert["status"]) == ("sync_health", "open")
    assert "An import stands still" in program.run("alerts", "list", "-w", "wks_1").out

    said = program.run("alerts", "acknowledge", alert["alert_id"], "-w", "wks_1")

    assert said.out == "Acknowledged: An import stands still.\n"
    assert program.run("alerts", "list", "-w", "wks_1", "--status", "open", "--json").json == []


def test_an_alert_that_there_is_not_cannot_be_acknowledged(program: Program) -> None:
    refused = program.run("alerts", "acknowledge", "alr_2345672345672345", "-w", "wks_1")

    assert refused.code == 1
    assert "There is no such alert" in refused.err

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.domain.activity import Outcome, ToolCalled
from tests.data.tenants import NOON, origin
from tests.services.trail.minutes import a_minute_passes
from tests.services.trail.sealing import KeyInMemory
from tests.transports.cli.program import Program
from tests.transports.cli.test_rotation import create

A_DAY = timedelta(days=1)


@pytest.fixture
def used(shop: Program) -> str:
    """Give a token that was called yesterday, and three times today."""
    token_id = create(shop)["id"]
    for number, (ago, tool, outcome, milliseconds) in enumerate(
        [
            (A_DAY, "get_pnl", Outcome.OK, 400),
            (timedelta(minutes=5), "get_pnl", Outcome.OK, 10),
            (timedelta(minutes=5), "get_pnl", Outcome.ERROR, 20),
            (timedelta(minutes=4), "list_activity", Outcome.OK, 60),
        ]
    ):
        event = ToolCalled(
            token_id=token_id,
            number=number,
            tool=tool,
            scope="mcp:pnl:read",
            arguments_hash="0" * 64,
            outcome=outcome,
            error_code=None,
            milliseconds=milliseconds,
            result_bytes=345,
            protocol_version="2026-07-28",
            client_name="tests",
            client_version="1",
            at=NOON - ago,
        )
        shop.wiring.audit.record(event, workspace_id="wks_1", origin=origin("mem_olivia", f"call-{number}"))
    a_minute_passes(shop.wiring.trail, now=NOON, signer=KeyInMemory())
    return token_id


def test_a_table_tells_of_each_day_the_calls_the_errors_and_their_mean_time(shop: Program, used: str) -> None:
    told = shop.run("token", "usage", used)

    heads, today, yesterday, counted = told.out.splitlines()
    assert heads.split() == ["DAY", "(UTC)", "CALLS", "ERRORS", "MEAN", "MS"]
    assert today.split() == ["2026-11-21", "3", "1", "30"]
    assert yesterday.split() == ["2026-11-20", "1", "0", "400"]
    assert counted.startswith("Counted to 2026-11-21 12:00:00 (UTC)")


def test_programs_get_it_by_tool(shop: Program, used: str) -> None:
    pnl = {"tool": "get_pnl", "calls": 2, "errors": 1, "milliseconds": 30, "result_bytes": 690}
    activity = {"tool": "list_activity", "calls": 1, "errors": 0, "milliseconds": 60, "result_bytes": 345}

    assert shop.run("token", "usage", used, "--days", "1", "--json").json == {
        "since": "2026-11-21",
        "until": "2026-11-21",
        "counted_to": "2026-11-21T12:00:00Z",
        "data": [{"day": "2026-11-21", **pnl}, {"day": "2026-11-21", **activity}],
    }


def test_of_a_token_that_nobody_called_it_says_so(shop: Program) -> None:
    token_id = create(shop)["id"]

    assert shop.run("token", "usage", token_id).out == "No calls are counted from 2026-10-23 to 2026-11-21.\n"


@pytest.mark.parametrize("days", ["0", "93"])
def test_days_that_cannot_be_told_are_a_mistake_of_use(shop: Program, used: str, days: str) -> None:
    assert shop.run("token", "usage", used, "--days", days).code == 2


def test_a_token_that_is_none_has_no_usage(shop: Program) -> None:
    ran = shop.run("token", "usage", "0" * 16)

    assert (ran.code, "There is no token with this id." in ran.err) == (1, True)

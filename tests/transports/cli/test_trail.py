from __future__ import annotations

from datetime import timedelta

import pytest

from shared.domain.activity import Outcome, ToolCalled
from tests.data.tenants import NOON, origin
from tests.transports.cli.program import Program


def call(shop: Program, number: int, *, outcome: Outcome = Outcome.OK, tool: str = "get_pnl") -> None:
    event = ToolCalled(
        token_id="t" * 16,
        number=number,
        tool=tool,
        scope="mcp:pnl:read",
        arguments_hash="0" * 64,
        outcome=outcome,
        error_code=None,
        milliseconds=12,
        result_bytes=345,
        protocol_version="2026-07-28",
        client_name="tests",
        client_version="1",
        at=NOON - timedelta(minutes=number),
    )
    shop.wiring.audit.record(event, workspace_id="wks_1", origin=origin("mem_olivia", f"call-{number}"))


def test_the_trail_is_told_in_one_line_an_event(shop: Program) -> None:
    call(shop, 1)

    ran = shop.run("audit", "list", "-w", "wks_1", "--type", "mcp.call")

    (line,) = [line for line in ran.out.splitlines() if "mcp.call" in line]
    assert "2026-11-21 11:59:00" in line
    assert "tool=get_pnl" in line
    assert "outcome=ok" in line
    assert "milliseconds=12" in line
    assert "0000" not in line  # hashes are for programs


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--type", "mcp.call"), [1, 2, 3]),
        (("--type", "mcp.call", "--limit", "2"), [1, 2]),
        (("--type", "token.created", "--type", "mcp.call"), [1, 2, 3]),
        (("--outcome", "error"), [2]),
        (("--tool", "get_cohort_retention"), [3]),
        (("--actor", "mem_olivia"), [1, 2, 3]),
        (("--token", "t" * 16), [1, 2, 3]),
        (("--type", "mcp.call", "--since", "2026-11-21T11:58:00"), [1, 2]),
        (("--type", "mcp.call", "--until", "2026-11-21T13:58:00+02:00"), [3]),
        (("--type", "mcp.call", "--until", "2026-11-21"), []),
    ],
)
def test_the_filters_are_those_of_the_api(shop: Program, words: tuple[str, ...], expected: list[int]) -> None:
    call(shop, 1)
    call(shop, 2, outcome=Outcome.ERROR)
    call(shop, 3, tool="get_cohort_retention")

    events = shop.run("audit", "list", "-w", "wks_1", *words, "--json").json

    assert [event["data"]["number"] for event in events] == expected


def test_as_many_events_as_are_asked_for_are_listed(shop: Program) -> None:
    for number in range(1, 451):
        call(shop, number)

    events = shop.run("audit", "list", "-w", "wks_1", "--type", "mcp.call", "--limit", "430", "--json").json

    assert [event["data"]["number"] for event in events] == list(range(1, 431))


def test_a_trail_without_a_match_says_so(shop: Program) -> None:
    words = ("audit", "list", "-w", "wks_1", "--type", "workspace.member_forgotten")

    assert "Nothing in the trail matches." in shop.run(*words).out


def test_a_workspace_that_is_none_has_no_trail(shop: Program) -> None:
    assert shop.run("audit", "list", "-w", "wks_none").err == (
        "Error: There is no such workspace. merchant-mcp workspace list shows them all.\n"
    )


def test_a_moment_at_the_end_of_the_calendar_is_refused_in_one_line(shop: Program) -> None:
    ran = shop.run("audit", "list", "-w", "wks_1", "--since", "0001-01-01T00:00:00+14:00")

    hint = "Ask from or up to a moment in these years."
    assert (ran.code, ran.err) == (1, f"Error: A moment lies in the years 1970 to 9998. {hint}\n")


def test_a_time_that_ends_before_it_begins_is_refused_in_one_line(shop: Program) -> None:
    ran = shop.run("audit", "list", "-w", "wks_1", "--since", "2026-11-21", "--until", "2026-11-20")

    hint = "Exchange them, or leave one of them out."
    assert (ran.code, ran.err) == (1, f"Error: Nothing lies between since and until: since is the later one. {hint}\n")


@pytest.mark.parametrize(
    "words", [("--since", "yesterday"), ("--limit", "0"), ("--type", "bogus"), ("--outcome", "bogus")]
)
def test_a_filter_that_makes_no_sense_is_a_mistake_of_use(shop: Program, words: tuple[str, ...]) -> None:
    assert shop.run("audit", "list", "-w", "wks_1", *words).code == 2

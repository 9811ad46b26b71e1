"""Data is shown and does nothing else: no control character reaches a terminal, and no markup is obeyed."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.transports.cli.output import plain
from tests.data.tenants import origin
from tests.transports.cli.program import Program

HOSTILE = [
    "\x1b[2J\x1b[1;1HYou have been hacked",
    "\x1b]8;;https://evil.test\x1b\\click\x1b]8;;\x1b\\",
    "a\rb",
    "a\nError: b",
    "\x9b31m",
    "tab\tbed",
    "\u202egnp.exe",
    "zero\u200bwidth",
    "\u2028line",
    "[bold red]loud[/bold red]",
    "[link=https://evil.test]click[/link]",
    "[/]",
    ":skull:",
]


def is_quiet(text: str) -> bool:
    return all(char == "\n" or unicodedata.category(char)[0] != "C" for char in text)


@given(st.text())
@example("\ud800")
def test_whatever_is_shown_moves_no_cursor(text: str) -> None:
    shown = plain(text)

    assert is_quiet(shown)
    assert "\n" not in shown


@given(st.text(alphabet=st.characters(categories=["L", "M", "N", "P", "S", "Zs"])))
def test_what_is_harmless_is_shown_as_it_is(text: str) -> None:
    assert plain(text) == text


def shown_everywhere(shop: Program, hostile: str) -> list[str]:
    """Put a text where others can put it, and show it wherever it is shown: for people, then for programs."""
    words: list[tuple[str, ...]] = []
    shop.run("workspace", "create", hostile, "--id", "wks_h")
    subject = hostile if hostile.isascii() and hostile.isprintable() else "olga"  # others are refused
    shop.run("member", "add", "-w", "wks_h", "--subject", subject, "--role", "owner", "--id", "mem_h")
    made = shop.run("token", "create", "-w", "wks_h", "--name", hostile, "--scope", "all", "--json")
    words += [
        ("workspace", "show", "wks_h"),
        ("workspace", "list"),
        ("member", "list", "-w", "wks_h"),
        ("token", "list", "-w", "wks_h"),
        ("token", "show", json.loads(made.out)["id"]),
        ("audit", "list", "-w", "wks_h"),
    ]
    return [shop.run(*each, *more).out for each in words for more in ((), ("--json",))]


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
def test_a_hostile_name_is_only_a_name(shop: Program, hostile: str) -> None:
    shown = shown_everywhere(shop, f"name {hostile}")

    assert all(shown)
    assert [text for text in shown if not is_quiet(text)] == []
    for_people = shown[::2]
    if hostile.isascii() and hostile.isprintable():
        assert all(hostile in text for text in for_people)  # markup is not obeyed


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
def test_a_hostile_argument_is_refused_in_one_quiet_line(shop: Program, hostile: str) -> None:
    for words in (
        ("workspace", "create", "A shop", "--plan", hostile),
        ("workspace", "show", hostile),
        ("token", "show", hostile),
        ("token", "create", "-w", "wks_1", "--name", "CI", "--scope", hostile),
        ("member", "remove", "-w", "wks_1", hostile, "--yes"),
        ("member", "add", "-w", "wks_1", "--subject", "bo", "--role", "owner", "--id", hostile),
    ):
        ran = shop.run(*words)

        assert ran.code == 1
        assert ran.err.count("\n") == 1
        assert is_quiet(ran.err)


def test_a_question_about_a_hostile_name_is_asked_quietly(shop: Program) -> None:
    made = shop.run("token", "create", "-w", "wks_1", "--name", "[bold]x[/bold]", "--scope", "all", "--json").json

    ran = shop.run("token", "revoke", made["id"], "--reason", "x", typed="n\n")

    assert "([bold]x[/bold])" in ran.out + ran.err


def test_json_is_plain_ascii(shop: Program) -> None:
    shop.run("workspace", "create", "Café \u202e", "--id", "wks_2")

    out = shop.run("workspace", "show", "wks_2", "--json").out

    assert out.isascii()
    assert json.loads(out)["name"] == "Café"


def test_what_cannot_be_known_is_a_dash(shop: Program) -> None:
    shop.run("token", "create", "-w", "wks_1", "--name", "CI", "--scope", "all")

    assert shop.run("token", "list", "-w", "wks_1").out.splitlines()[1].split().count("-") == 1


def test_a_table_in_a_pipe_is_not_broken(shop: Program) -> None:
    shop.run("token", "create", "-w", "wks_1", "--name", "x" * 100, "--scope", "mcp:pnl:read")

    header, row = shop.run("token", "list", "-w", "wks_1", wide=False).out.splitlines()

    assert header.startswith("ID")
    assert "x" * 100 in row


def test_where_an_event_came_from_is_shown_to_programs(shop: Program) -> None:
    assert origin().actor.startswith("operator:")
    (first, *_) = shop.run("audit", "list", "-w", "wks_1", "--json").json

    assert (first["actor"], first["request_id"][:4], first["ip"]) == ("operator:kim", "cli-", None)


def test_an_error_does_not_repeat_a_token_that_was_typed(shop: Program) -> None:
    secret = "mfp_" + "7Kq2" * 17
    told = [
        shop.run("token", "create", "-w", "wks_1", "--name", "CI", "--scope", secret),
        shop.run("token", "show", secret),
        shop.run("workspace", "create", "Shop", "--id", secret),
        shop.run("workspace", "show", secret),
    ]

    assert [ran.code for ran in told] == [1, 1, 1, 1]
    assert [ran.err for ran in told if secret[:24] in ran.err + ran.out] == []

"""token suspend, resume and revoke, and workspace token-policy."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from functions.wiring import Wiring
from shared.services.gate import Gate
from shared.storage.contracts.streams import Page
from shared.storage.contracts.tokens import TokenRow
from shared.storage.rows.tokens import StoredTokens
from tests.services.place import let_in, send, settle
from tests.transports.cli.program import Program


def create(shop: Program, *words: str) -> str:
    made: dict[str, str] = shop.run(
        "token", "create", "-w", "wks_1", "--name", "CI", "--scope", "mcp:pnl:read", *words, "--json"
    ).json
    return made["id"]


def status(shop: Program, token: str) -> str:
    shown: dict[str, str] = shop.run("token", "show", token, "--json").json
    return shown["status"]


# --- one token ----------------------------------------------------------------------------------------------------


def test_a_token_is_suspended_and_resumed(shop: Program) -> None:
    token = create(shop)

    assert shop.run("token", "suspend", token, "--reason", "odd", "--yes", "--json").json["status"] == "suspended"
    assert shop.run("token", "resume", token, "--reason", "fine", "--json").json["status"] == "active"

    events = shop.run("audit", "list", "-w", "wks_1", "--token", token, "--json").json
    assert [(event["type"], event["actor"], event["data"].get("reason")) for event in events[:2]] == [
        ("token.resumed", "operator:kim", "fine"),
        ("token.suspended", "operator:kim", "odd"),
    ]


def test_a_suspension_is_asked_about_first(shop: Program) -> None:
    token = create(shop)

    assert shop.run("token", "suspend", token, "--reason", "odd", typed="n\n").code == 1
    assert status(shop, token) == "active"


@pytest.mark.parametrize("word", ["suspend", "resume"])
def test_why_has_to_be_said(shop: Program, word: str) -> None:
    token = create(shop)

    assert shop.run("token", word, token).code == 2
    ran = shop.run("token", word, token, "--reason", " ", *(("--yes",) if word == "suspend" else ()))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("Error: ")


def test_a_token_that_breaks_the_policy_is_not_resumed(shop: Program) -> None:
    token = create(shop, "--days", "90")
    shop.run("workspace", "token-policy", "wks_1", "--longest-days", "30", "--yes")

    ran = shop.run("token", "resume", token, "--reason", "needed")

    assert (ran.code, status(shop, token)) == (1, "suspended")
    assert ran.err.startswith("Error: The token breaks the token policy")


# --- many tokens --------------------------------------------------------------------------------------------------


def test_many_tokens_are_listed_before_they_are_revoked(shop: Program) -> None:
    meant, other = create(shop, "--scope", "mcp:ads:read"), create(shop)
    words = ("token", "revoke", "-w", "wks_1", "--scope", "mcp:ads:read", "--issued-before", "2026-12-01")
    shop.now = shop.now.replace(hour=13)

    asked = shop.run(*words, "--reason", "over", typed="n\n")
    assert (asked.code, status(shop, meant)) == (1, "active")
    assert meant in asked.out
    assert other not in asked.out
    done = shop.run(*words, "--reason", "over", typed="y\n")

    assert done.code == 0
    assert "1 revoked." in done.out
    assert (status(shop, meant), status(shop, other)) == ("revoked", "active")


def test_programs_are_told_which_were_revoked(shop: Program) -> None:
    tokens = {create(shop), create(shop)}
    shop.now = shop.now.replace(hour=13)
    words = ("token", "revoke", "-w", "wks_1", "--owner", "mem_olivia", "--reason", "over", "--yes", "--json")

    assert set(shop.run(*words).json["revoked"]) == tokens
    assert shop.run(*words).json == {"revoked": []}


def test_where_nothing_is_meant_nobody_is_asked(shop: Program) -> None:
    ran = shop.run("token", "revoke", "-w", "wks_1", "--owner", "mem_nobody", "--reason", "over")

    assert (ran.code, ran.out) == (0, "No token in use meets that.\n")


def test_all_tokens_are_never_meant_by_saying_nothing(shop: Program) -> None:
    token = create(shop)

    ran = shop.run("token", "revoke", "-w", "wks_1", "--reason", "over", "--yes")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("Error: Say which tokens are meant.")
    assert status(shop, token) == "active"


@pytest.mark.parametrize("words", [(), ("0" * 16, "-w", "wks_1"), ("0" * 16, "--owner", "mem_a"), ("--owner", "mem_a")])
def test_one_token_or_many_but_not_both(shop: Program, words: tuple[str, ...]) -> None:
    assert shop.run("token", "revoke", *words, "--reason", "over", "--yes").code == 2


# --- the policy ---------------------------------------------------------------------------------------------------

OPEN: dict[str, Any] = {
    "longest_days": None,
    "scopes": None,
    "name_pattern": None,
    "networks": [],
    "suspend_abandoned": False,
}


def test_a_policy_is_shown_and_set_as_a_whole(shop: Program) -> None:
    words = ("workspace", "token-policy", "wks_1")
    assert shop.run(*words, "--json").json == OPEN

    shop.run(*words, "--longest-days", "30", "--name-pattern", "ci-*", "--yes")
    shop.run(*words, "--network", "203.0.113.0/24", "--scope", "mcp:pnl:read", "--suspend-abandoned", "--yes")

    assert shop.run(*words, "--json").json == {
        **OPEN,
        "scopes": ["mcp:pnl:read"],
        "networks": ["203.0.113.0/24"],
        "suspend_abandoned": True,
    }
    assert shop.run(*words, "--anything", "--yes", "--json").json == OPEN
    (latest, *_) = shop.run("audit", "list", "-w", "wks_1", "--type", "workspace.token_policy_set", "--json").json
    assert latest["data"]["set_by"] == "operator:kim"


def test_who_sets_a_policy_sees_whom_it_suspends_first(shop: Program) -> None:
    victim = create(shop, "--days", "90")

    asked = shop.run("workspace", "token-policy", "wks_1", "--longest-days", "30", typed="n\n")

    assert asked.code == 1
    assert victim in asked.err
    assert "30 days at most" in asked.err
    assert "Tokens that it suspends: 1." in asked.out + asked.err
    assert status(shop, victim) == "active"
    assert shop.run("workspace", "token-policy", "wks_1", "--json").json == OPEN


def test_who_sets_networks_sees_whom_they_shut_out_first(shop: Program) -> None:
    made: dict[str, str] = shop.run(
        "token", "create", "-w", "wks_1", "--name", "CI", "--scope", "mcp:pnl:read", "--json"
    ).json
    on = shop.wiring
    gate = Gate(keys=on.credential_keys, tokens=on.tokens, subjects=on.subjects, audit=on.audit)
    assert settle(gate, let_in(send(gate, made["token"]))) is None  # from 192.0.2.7
    words = ("workspace", "token-policy", "wks_1", "--network", "198.51.100.0/24")

    asked = shop.run(*words, typed="n\n")

    assert asked.code == 1
    assert f"{made['id']} " in asked.err
    assert "to be shut out: it called from 192.0.2.7 on 2026-11-21" in asked.err
    assert "Tokens that it suspends: 0. Tokens that it shuts out: 1." in asked.out + asked.err
    assert shop.run("workspace", "token-policy", "wks_1", "--json").json == OPEN
    assert shop.run(*words, "--yes").code == 0
    assert status(shop, made["id"]) == "active"


class Listed(StoredTokens):
    """Tokens of which somebody makes another as soon as they were listed."""

    then: Callable[[], object] | None = None

    def of_workspace(self, workspace_id: str, *, limit: int, after: str | None = None) -> Page[TokenRow]:
        page = super().of_workspace(workspace_id, limit=limit, after=after)
        then, self.then = self.then, None
        if then is not None:
            then()
        return page


class Busy(Wiring):
    """A place where others work, too."""

    @cached_property
    def tokens(self) -> Listed:
        return Listed(self.engine)


def test_a_policy_whose_victims_changed_while_the_question_was_on_the_screen_is_not_set(tmp_path: Path) -> None:
    shop = Program(tmp_path, kind=Busy)
    shop.run("workspace", "create", "A shop", "--id", "wks_1")
    shop.run("member", "add", "-w", "wks_1", "--subject", "olivia", "--role", "owner")
    create(shop, "--days", "90")
    listed = shop.wiring.tokens
    assert isinstance(listed, Listed)
    listed.then = lambda: create(shop, "--days", "90")

    ran = shop.run("workspace", "token-policy", "wks_1", "--longest-days", "30", typed="y\n")

    assert ran.code == 1
    assert "no longer those that were shown" in ran.err
    assert shop.run("workspace", "token-policy", "wks_1", "--json").json == OPEN
    assert shop.run("workspace", "token-policy", "wks_1", "--longest-days", "30", "--yes").code == 0


def test_a_policy_that_cannot_be_kept_is_one_line(shop: Program) -> None:
    ran = shop.run("workspace", "token-policy", "wks_1", "--network", "office", "--yes")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith('Error: "office" is not a network.')
    assert shop.run("workspace", "token-policy", "wks_1", "--anything", "--longest-days", "3").code == 2

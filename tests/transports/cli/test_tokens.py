from __future__ import annotations

from datetime import timedelta

import pytest

from shared.services.credentials.token_format import read_token
from shared.services.sweep import sweep
from tests.data.tenants import NOON
from tests.transports.cli.program import Program


def create(shop: Program, *words: str) -> dict[str, str]:
    made: dict[str, str] = shop.run(
        "token", "create", "-w", "wks_1", "--name", "CI", "--scope", "mcp:pnl:read", *words, "--json"
    ).json
    return made


def test_a_token_is_shown_once(shop: Program) -> None:
    made = create(shop, "--days", "30")

    read = read_token(made["token"], shop.wiring.credential_keys)
    assert read is not None
    assert made == {
        "id": read.token_id,
        "kind": "personal",
        "prefix": made["token"][:12],
        "name": "CI",
        "scopes": ["mcp:pnl:read"],
        "owner": "mem_olivia",
        "status": "active",
        "created_at": "2026-11-21T12:00:00Z",
        "expires_at": "2026-12-21T12:00:00Z",
        "ended_at": None,
        "last_used_at": None,
        "predecessor": None,
        "adopted_at": None,
        "successor": None,
        "suspended_at": None,
        "flagged_at": None,
        "app": None,
        "token": made["token"],
    }
    later = [
        shop.run("token", "show", made["id"]),
        shop.run("token", "list", "-w", "wks_1"),
        shop.run("token", "list", "-w", "wks_1", "--json"),
        shop.run("token", "rename", made["id"], "another"),
        shop.run("token", "revoke", made["id"], "--reason", "over", "--yes"),
        shop.run("audit", "list", "-w", "wks_1", "--json"),
    ]
    assert [ran.code for ran in later] == [0] * len(later)
    assert [ran.out for ran in later if made["token"][12:] in ran.out or "argon2" in ran.out] == []


def test_people_see_the_token_on_a_line_of_its_own(shop: Program) -> None:
    ran = shop.run("token", "create", "-w", "wks_1", "--name", "CI", "--scope", "all", wide=False)

    (line,) = [line for line in ran.out.splitlines() if line.startswith("mfp_") and len(line) > 20]
    assert read_token(line, shop.wiring.credential_keys) is not None
    assert "shown this once" in ran.out


def test_a_token_lives_90_days_unless_another_life_is_chosen(shop: Program) -> None:
    assert create(shop)["expires_at"] == "2027-02-19T12:00:00Z"


def test_scopes_are_repeated_or_all(shop: Program) -> None:
    assert create(shop, "--scope", "mcp:ads:read")["scopes"] == ["mcp:ads:read", "mcp:pnl:read"]
    every = shop.run("token", "create", "-w", "wks_1", "--name", "CI", "--scope", "all", "--json").json

    assert len(every["scopes"]) == 7


def test_a_token_is_renamed_and_revoked(shop: Program) -> None:
    token = create(shop)["id"]

    renamed = shop.run("token", "rename", token, "Nightly", "--json").json
    revoked = shop.run("token", "revoke", token, "--reason", "machine gone", "--yes", "--json").json
    again = shop.run("token", "revoke", token, "--reason", "machine gone", "--yes", "--json").json

    assert (renamed["name"], renamed["status"]) == ("Nightly", "active")
    assert (revoked["status"], revoked["ended_at"]) == ("revoked", "2026-11-21T12:00:00Z")
    assert again == revoked
    assert shop.run("token", "show", token, "--json").json == revoked


def test_the_operator_stands_in_the_trail(shop: Program) -> None:
    token = create(shop)["id"]
    shop.run("token", "revoke", token, "--reason", "leaked", "--yes")

    events = shop.run("audit", "list", "-w", "wks_1", "--token", token, "--json").json

    assert [(event["type"], event["actor"]) for event in events] == [
        ("token.revoked", "operator:kim"),
        ("token.created", "operator:kim"),
    ]
    assert events[0]["data"] == {"revoked_by": "operator:kim", "reason": "leaked"}


def test_the_list_shows_the_newest_first_and_only_those_of_the_workspace(shop: Program) -> None:
    shop.run("workspace", "create", "Another", "--id", "wks_2")
    shop.run("member", "add", "-w", "wks_2", "--subject", "oscar", "--role", "owner")
    first = create(shop)["id"]
    shop.run("token", "create", "-w", "wks_2", "--name", "CI", "--scope", "all")

    assert [token["id"] for token in shop.run("token", "list", "-w", "wks_1", "--json").json] == [first]
    assert first in shop.run("token", "list", "-w", "wks_1").out
    assert first not in shop.run("token", "list", "-w", "wks_2").out


def test_the_list_marks_a_token_that_seems_to_be_abandoned(shop: Program) -> None:
    abandoned = create(shop, "--name", "Nightly")["id"]
    shop.now = NOON + timedelta(days=14)
    create(shop, "--name", "Weekly")
    sweep(
        now=shop.now,
        request_id="sweep",
        keys=shop.wiring.credential_keys,
        tokens=shop.wiring.tokens,
        workspaces=shop.wiring.workspaces,
        evidence=shop.wiring.evidence,
    )

    listed = shop.run("token", "list", "-w", "wks_1").out.splitlines()

    assert [("Nightly" in line, "active, abandoned" in line) for line in listed[1:]] == [(False, False), (True, True)]
    assert shop.run("token", "show", abandoned, "--json").json["flagged_at"] == "2026-12-05T12:00:00Z"


def test_since_when_a_token_is_suspended_is_shown(shop: Program) -> None:
    token = create(shop)["id"]
    shop.run("token", "suspend", token, "--reason", "odd", "--yes")

    (line,) = [line for line in shop.run("token", "show", token).out.splitlines() if line.startswith("suspended at")]

    assert line.endswith("2026-11-21 12:00:00")


def test_a_workspace_without_tokens_says_so(shop: Program) -> None:
    assert "The workspace has no tokens" in shop.run("token", "list", "-w", "wks_1").out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("create", "-w", "wks_1", "--name", "CI", "--scope", "pnl"), "There is no scope 'pnl'. Use one or more of:"),
        (("create", "-w", "wks_1", "--name", "", "--scope", "all"), "A name has 1 to 100 characters. Say where"),
        (("create", "-w", "wks_1", "--name", "CI", "--scope", "all", "--days", "7"), "The plan Plus offers these"),
        (
            ("create", "-w", "wks_1", "--name", "CI", "--scope", "all", "--owner", "mem_ana"),
            "Only an owner or an admin",
        ),
        (("create", "-w", "wks_none", "--name", "CI", "--scope", "all"), "There is no such workspace."),
        (("list", "-w", "wks_none"), "There is no such workspace."),
        (("show", "0000000000000000"), "There is no token with this id."),
        (("rename", "0000000000000000", "x"), "There is no token with this id."),
        (("revoke", "0000000000000000", "--reason", "x", "--yes"), "There is no token with this id."),
    ],
)
def test_a_refusal_is_one_line_and_exit_code_1(shop: Program, words: tuple[str, ...], message: str) -> None:
    ran = shop.run("token", *words)

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"Error: {message}")
    assert ran.err.count("\n") == 1


def test_a_workspace_without_an_owner_is_told_how_it_gets_one(program: Program) -> None:
    program.run("workspace", "create", "A shop", "--id", "wks_new")

    ran = program.run("token", "create", "-w", "wks_new", "--name", "CI", "--scope", "all")

    assert ran.code == 1
    assert ran.err == (
        "Error: The workspace has no owner yet. "
        "Let one in first: merchant-mcp member add -w wks_new --subject SUBJECT --role owner.\n"
    )


def test_of_several_owners_one_has_to_be_named(shop: Program) -> None:
    shop.run("member", "role", "-w", "wks_1", "mem_ana", "owner")

    ran = shop.run("token", "create", "-w", "wks_1", "--name", "CI", "--scope", "all")

    assert ran.code == 1
    assert ran.err.startswith("Error: The workspace has 2 owners. Say for whom the token is: --owner MEMBER")


def test_a_token_pasted_in_place_of_its_id_is_not_printed_back(shop: Program) -> None:
    token = create(shop)["token"]

    ran = shop.run("token", "revoke", token, "--reason", "leaked", "--yes")

    assert ran.code == 1
    assert token[12:] not in ran.out + ran.err


def test_a_revocation_is_asked_about_first(shop: Program) -> None:
    made = create(shop)

    asked = shop.run("token", "revoke", made["id"], "--reason", "leaked", typed="n\n")

    assert asked.code == 1
    assert made["prefix"] in asked.out + asked.err
    assert shop.run("token", "show", made["id"], "--json").json["status"] == "active"

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.domain.scopes import Scope
from shared.services.credentials.token_format import read_token
from tests.data.tenants import NOON
from tests.transports.cli.program import Program


def create(shop: Program, *words: str) -> dict[str, str]:
    made: dict[str, str] = shop.run(
        "token", "create", "-w", "wks_1", "--name", "CI", "--scope", "mcp:pnl:read", *words, "--json"
    ).json
    return made


def test_a_successor_is_shown_once(shop: Program) -> None:
    old = create(shop, "--days", "30")

    new = shop.run("token", "rotate", old["id"], "--yes", "--json").json

    read = read_token(new["token"], shop.wiring.credential_keys)
    assert read is not None
    assert (new["id"], new["predecessor"], new["scopes"]) == (read.token_id, old["id"], ["mcp:pnl:read"])
    shown = shop.run("token", "show", old["id"], "--json").json
    assert (shown["status"], shown["successor"], shown["expires_at"]) == ("active", new["id"], "2026-11-22T12:00:00Z")
    later = shop.run("token", "list", "-w", "wks_1", "--json").out + shop.run("audit", "list", "-w", "wks_1").out
    assert new["token"][12:] not in later


def test_people_see_the_successor_on_a_line_of_its_own(shop: Program) -> None:
    old = create(shop)

    ran = shop.run("token", "rotate", old["id"], "--yes", wide=False)

    (line,) = [line for line in ran.out.splitlines() if line.startswith("mfp_") and len(line) > 20]
    assert read_token(line, shop.wiring.credential_keys) is not None
    assert "shown this once" in ran.out


def test_an_overlap_of_nothing_ends_the_old_token_at_once(shop: Program) -> None:
    old = create(shop)

    shop.run("token", "rotate", old["id"], "--overlap", "0", "--yes")

    assert shop.run("token", "show", old["id"], "--json").json["status"] == "rotated"


def test_scopes_may_be_fewer(shop: Program) -> None:
    old = create(shop, "--scope", "mcp:ads:read")

    new = shop.run("token", "rotate", old["id"], "--scope", "mcp:ads:read", "--yes", "--json").json

    assert new["scopes"] == ["mcp:ads:read"]


def test_evidence_shows_what_was_used_and_how_to_narrow(shop: Program) -> None:
    token = create(shop, "--scope", "mcp:ads:read")["id"]
    shop.wiring.evidence.note(token, NOON.date() - timedelta(days=1), scope=Scope.PNL)

    told = shop.run("token", "evidence", token)
    narrowed = shop.run("token", "rotate", token, "--narrow", "--yes", "--json").json

    assert shop.run("token", "evidence", token, "--json").json == {
        "granted": ["mcp:ads:read", "mcp:pnl:read"],
        "used": {"mcp:pnl:read": "2026-11-20"},
        "unused": ["mcp:ads:read"],
        "since": "2026-09-22",
    }
    assert "1 of 2 scopes used in the last 60 days." in told.out
    assert f"merchant-mcp token rotate {token} --narrow" in told.out
    assert narrowed["scopes"] == ["mcp:pnl:read"]


def test_where_everything_is_used_there_is_nothing_to_narrow(shop: Program) -> None:
    token = create(shop)["id"]
    shop.wiring.evidence.note(token, NOON.date(), scope=Scope.PNL)

    assert "--narrow" not in shop.run("token", "evidence", token).out


def test_a_rotation_is_asked_about_first(shop: Program) -> None:
    made = create(shop)

    asked = shop.run("token", "rotate", made["id"], typed="n\n")

    assert asked.code == 1
    assert made["prefix"] in asked.out + asked.err
    assert shop.run("token", "show", made["id"], "--json").json["successor"] is None


def test_the_operator_stands_in_the_trail(shop: Program) -> None:
    token = create(shop)["id"]
    shop.run("token", "rotate", token, "--yes")

    (event,) = shop.run("audit", "list", "-w", "wks_1", "--type", "token.rotated", "--json").json

    assert (event["actor"], event["data"]["rotated_by"]) == ("operator:kim", "operator:kim")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--overlap", "604801"), "An overlap has 0 to 604800 seconds."),
        (("--overlap=-1",), "An overlap has 0 to 604800 seconds."),
        (("--scope", "mcp:ads:read"), "The token itself does not have: mcp:ads:read."),
        (("--scope", "pnl"), "There is no scope 'pnl'."),
        (("--narrow",), "The token used none of its scopes in the last 60 days"),
        (("--narrow", "--scope", "mcp:pnl:read"), "The scopes of the successor are either named or those that were"),
    ],
)
def test_a_refusal_is_one_line_and_exit_code_1(shop: Program, words: tuple[str, ...], message: str) -> None:
    token = create(shop)["id"]

    ran = shop.run("token", "rotate", token, *words, "--yes")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"Error: {message}")
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("command", [("rotate", "0" * 16, "--yes"), ("evidence", "0" * 16)])
def test_an_id_that_is_none_is_told_so(shop: Program, command: tuple[str, ...]) -> None:
    ran = shop.run("token", *command)

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("Error: There is no token with this id.")


def test_a_second_rotation_names_the_successor(shop: Program) -> None:
    token = create(shop)["id"]
    new = shop.run("token", "rotate", token, "--yes", "--json").json["id"]

    ran = shop.run("token", "rotate", token, "--yes")

    assert ran.err.startswith(f"Error: The token has a successor that lives: {new}.")


# --- tokens of the organization -----------------------------------------------------------------------------------


@pytest.fixture
def agency(shop: Program) -> Program:
    """The shop in the access programme."""
    shop.run("workspace", "plan", "wks_1", "alpha", "--yes")
    shop.run("workspace", "grant", "wks_1")
    return shop


def test_an_operator_provisions_the_token_of_an_organization(agency: Program) -> None:
    """As the PMA page has it: all the organization's data, and no end."""
    made = agency.run("token", "create", "-w", "wks_1", "--kind", "organization", "--name", "Backend", "--json").json

    assert made["token"].startswith("mfs_")
    assert (made["kind"], made["expires_at"], made["scopes"]) == ("organization", None, sorted(Scope))


def test_a_token_of_an_organization_may_be_given_less(agency: Program) -> None:
    made = create(agency, "--kind", "organization", "--days", "90")

    assert (made["scopes"], made["expires_at"]) == (["mcp:pnl:read"], "2027-02-19T12:00:00Z")


def test_an_operator_rotates_the_token_of_an_organization(agency: Program) -> None:
    made = create(agency, "--kind", "organization")

    new = agency.run("token", "rotate", made["id"], "--overlap", "0", "--yes", "--json").json

    assert new["token"].startswith("mfs_")
    assert new["expires_at"] is None


def test_a_plan_without_them_has_no_token_of_an_organization(shop: Program) -> None:
    ran = shop.run("token", "create", "-w", "wks_1", "--kind", "organization", "--name", "Backend")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("Error: The plan Plus has no organization tokens. Generate a personal access token.")


def test_the_scopes_of_a_personal_token_are_named(shop: Program) -> None:
    ran = shop.run("token", "create", "-w", "wks_1", "--name", "CI")

    assert ran.err.startswith("Error: A token needs at least one scope.")

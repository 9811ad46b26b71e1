from __future__ import annotations

import pytest

from shared.domain.token.state import Status
from shared.services.gate import Request
from shared.services.refusals import Reason, Refusal
from tests.data.tenants import ISSUER
from tests.transports.cli.program import Program


def let_in(program: Program, token: str) -> Reason | None:
    """Send a call with a token, and give the reason why it was refused (None: it was let in)."""
    request = Request(
        authorization=f"Bearer {token}",
        method="tools/call",
        tool="get_pnl",
        is_call=True,
        request_id="call-1",
        ip=None,
        user_agent=None,
        now=program.now,
    )
    answer = program.wiring.gate.enter(request)
    return answer.reason if isinstance(answer, Refusal) else None


def make_token(program: Program) -> dict[str, str]:
    made: dict[str, str] = program.run(
        "token", "create", "-w", "wks_1", "--name", "CI", "--scope", "mcp:pnl:read", "--json"
    ).json
    return made


def test_a_workspace_begins_on_the_plus_plan_and_without_members(program: Program) -> None:
    made = program.run("workspace", "create", "A shop", "--json").json

    assert made["id"].startswith("wks_")
    assert made == {
        "id": made["id"],
        "name": "A shop",
        "plan": "plus",
        "access": "not_granted",
        "mcp": "open",
        "members": 0,
    }
    assert program.run("workspace", "show", made["id"], "--json").json == made
    assert program.run("workspace", "list", "--json").json == [made]


def test_whoever_makes_a_workspace_is_told_to_let_somebody_in(program: Program) -> None:
    ran = program.run("workspace", "create", "A shop", "--plan", "alpha", "--id", "wks_1")

    assert ran.code == 0
    assert "wks_1" in ran.out
    assert "merchant-mcp member add" in ran.out


def test_a_workspace_begins_in_its_time_zone_and_currency(program: Program) -> None:
    ran = program.run(
        "workspace", "create", "A shop", "--id", "wks_1", "--timezone", "Europe/Berlin", "--currency", "EUR"
    )
    settled = program.run("workspace", "settings", "wks_1", "--json").json

    assert (settled["timezone"], settled["currency"]) == ("Europe/Berlin", "EUR")
    assert (
        "Its days begin in Europe/Berlin, and its reports are in EUR. The first import fixes the time zone" in ran.out
    )
    assert "Its days begin in UTC, and its reports are in USD." in program.run("workspace", "create", "Another").out


@pytest.mark.parametrize("wrong", [("--timezone", "New York"), ("--currency", "euro"), ("--currency", "XXY")])
def test_a_workspace_with_a_setting_that_is_none_does_not_begin(program: Program, wrong: tuple[str, str]) -> None:
    assert program.run("workspace", "create", "A shop", *wrong).code == 1
    assert program.run("workspace", "list", "--json").json == []


def test_to_make_a_workspace_that_is_there_changes_nothing_of_it(shop: Program) -> None:
    assert shop.run("workspace", "create", "A shop", "--id", "wks_1", "--timezone", "Europe/Berlin").code == 1
    assert shop.run("workspace", "settings", "wks_1", "--json").json["timezone"] == "UTC"


def test_no_workspace_is_an_empty_list(program: Program) -> None:
    assert program.run("workspace", "list", "--json").json == []
    assert "There is no workspace yet" in program.run("workspace", "list").out


def test_all_workspaces_are_listed_however_many(program: Program) -> None:
    ids = [f"wks_{number:03}" for number in range(120)]
    for each in ids:
        program.run("workspace", "create", "A shop", "--id", each)

    assert [each["id"] for each in program.run("workspace", "list", "--json").json] == ids


def test_a_smaller_plan_and_a_suspension_bite_before_the_command_returns(shop: Program) -> None:
    token = make_token(shop)["token"]
    assert let_in(shop, token) is None

    shop.run("workspace", "plan", "wks_1", "starter", "--yes")
    assert let_in(shop, token) is Reason.PLAN_REQUIRED
    shop.run("workspace", "plan", "wks_1", "plus", "--yes")
    assert let_in(shop, token) is None
    suspended = shop.run("workspace", "suspend", "wks_1", "--reason", "unpaid", "--yes", "--json").json
    assert let_in(shop, token) is Reason.ORGANIZATION_NOT_AUTHORIZED
    granted = shop.run("workspace", "grant", "wks_1", "--json").json

    assert let_in(shop, token) is None
    assert (suspended["access"], granted["access"]) == ("suspended", "granted")


def test_members_are_those_of_the_deployments_issuer_unless_another_is_named(shop: Program) -> None:
    other = shop.run(
        "member", "add", "-w", "wks_1", "--subject", "bo", "--role", "admin", "--issuer", "https://other.test", "--json"
    ).json

    assert other["id"].startswith("mem_")
    assert shop.run("member", "list", "-w", "wks_1", "--json").json == [
        {"id": "mem_olivia", "role": "owner", "subject": "olivia", "issuer": ISSUER, "email": None},
        {"id": "mem_ana", "role": "analyst", "subject": "ana", "issuer": ISSUER, "email": None},
        {"id": other["id"], "role": "admin", "subject": "bo", "issuer": "https://other.test", "email": None},
    ]


def test_the_operator_says_where_members_are_reached(shop: Program) -> None:
    added = shop.run(
        *("member", "add", "-w", "wks_1", "--subject", "bo", "--role", "admin", "--id", "mem_bo"),
        *("--email", "bo@shop.example", "--json"),
    ).json
    told = shop.run("member", "contact", "-w", "wks_1", "mem_ana", "ana@shop.example", "--json").json
    listed = shop.run("member", "list", "-w", "wks_1", "--json").json
    forgotten = shop.run("member", "contact", "-w", "wks_1", "mem_ana", "--none", "--json").json

    assert (added["email"], told["email"], forgotten["email"]) == ("bo@shop.example", "ana@shop.example", None)
    assert [member["email"] for member in listed] == [None, "ana@shop.example", "bo@shop.example"]
    assert "bo@shop.example" in shop.run("member", "list", "-w", "wks_1").out


@pytest.mark.parametrize("words", [("--none", "ana@shop.example"), ()])
def test_where_a_member_is_reached_is_an_address_or_nothing(shop: Program, words: tuple[str, ...]) -> None:
    assert shop.run("member", "contact", "-w", "wks_1", "mem_ana", *words).code == 2


def test_nobody_is_let_in_with_an_address_that_is_none(shop: Program) -> None:
    ran = shop.run("member", "add", "-w", "wks_1", "--subject", "bo", "--role", "admin", "--email", "bo")

    assert (ran.code, ran.err.startswith("Error: This is not an e-mail address")) == (1, True)
    assert len(shop.run("member", "list", "-w", "wks_1", "--json").json) == 2


@pytest.mark.parametrize("words", [("role", "mem_adam", "analyst"), ("remove", "mem_adam")])
def test_who_may_no_longer_hold_tokens_loses_them(shop: Program, words: tuple[str, ...]) -> None:
    shop.run("member", "add", "-w", "wks_1", "--subject", "adam", "--role", "admin", "--id", "mem_adam")
    made = shop.run(
        "token", "create", "-w", "wks_1", "--owner", "mem_adam", "--name", "CI", "--scope", "all", "--json"
    ).json

    ran = shop.run("member", words[0], "-w", "wks_1", *words[1:], "--yes")

    assert ran.code == 0
    assert let_in(shop, made["token"]) is Reason.TOKEN_REVOKED
    assert shop.run("token", "show", made["id"], "--json").json["status"] == Status.REVOKED


def test_a_promotion_asks_nothing(shop: Program) -> None:
    assert shop.run("member", "role", "-w", "wks_1", "mem_ana", "admin", "--json").json["role"] == "admin"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("workspace", "show", "wks_none"), "There is no such workspace."),
        (("workspace", "create", "Another", "--id", "wks_1"), "A workspace with this id exists already."),
        (("workspace", "create", " "), "A name has 1 to 100 characters."),
        (("workspace", "create", "A shop", "--plan", "gold"), "There is no plan 'gold'. Use one of: starter, plus"),
        (("workspace", "plan", "wks_none", "plus", "--yes"), "There is no such workspace."),
        (("workspace", "plan", "wks_1", "gold", "--yes"), "There is no plan 'gold'."),
        (("workspace", "suspend", "wks_1", "--reason", " ", "--yes"), "A reason is needed."),
        (("member", "list", "-w", "wks_none"), "There is no such workspace."),
        (
            ("member", "add", "-w", "wks_1", "--subject", "olivia", "--role", "admin"),
            "This person is a member already.",
        ),
        (("member", "role", "-w", "wks_1", "mem_none", "admin"), "There is no such member in this workspace."),
        (("member", "contact", "-w", "wks_1", "mem_none", "--none"), "There is no such member in this workspace."),
        (("member", "contact", "-w", "wks_none", "mem_ana", "--none"), "There is no such workspace."),
        (("member", "contact", "-w", "wks_1", "mem_ana", "ana"), "This is not an e-mail address"),
        (("member", "role", "-w", "wks_1", "mem_olivia", "admin"), "A workspace keeps at least one owner."),
        (("member", "remove", "-w", "wks_1", "mem_olivia", "--yes"), "A workspace keeps at least one owner."),
        (("member", "forget", "-w", "wks_1", "mem_ana", "--yes"), "They are a member of the workspace: mem_ana."),
        (("member", "forget", "-w", "wks_1", "mem_nobody", "--yes"), "There never was such a member"),
    ],
)
def test_a_refusal_is_one_line_and_exit_code_1(shop: Program, words: tuple[str, ...], message: str) -> None:
    ran = shop.run(*words)

    assert ran.code == 1
    assert ran.out == ""
    assert ran.err.startswith(f"Error: {message}")
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("workspace", "plan", "wks_1", "starter"),
        ("workspace", "suspend", "wks_1", "--reason", "unpaid"),
        ("member", "role", "-w", "wks_1", "mem_olivia", "analyst"),
        ("member", "remove", "-w", "wks_1", "mem_ana"),
        ("member", "forget", "-w", "wks_1", "mem_ana"),
    ],
)
@pytest.mark.parametrize("typed", ["n\n", "\n", ""])
def test_what_takes_something_away_is_asked_about_first(shop: Program, words: tuple[str, ...], typed: str) -> None:
    before = shop.run("workspace", "show", "wks_1", "--json").json, shop.run("member", "list", "-w", "wks_1").out

    ran = shop.run(*words, typed=typed)

    assert ran.code == 1
    assert (
        shop.run("workspace", "show", "wks_1", "--json").json,
        shop.run("member", "list", "-w", "wks_1").out,
    ) == before


def test_where_nobody_can_be_asked_it_is_told_how_to_say_it_beforehand(shop: Program) -> None:
    nobody = shop.run("member", "remove", "-w", "wks_1", "mem_ana", typed="")
    somebody = shop.run("member", "remove", "-w", "wks_1", "mem_ana", typed="n\n")

    assert nobody.err.splitlines()[-1] == (
        "Error: Nobody answered, so nothing was done. Where nobody can be asked, say --yes."
    )
    assert "--yes" not in somebody.err


def test_a_yes_is_taken_for_an_answer(shop: Program) -> None:
    ran = shop.run("member", "remove", "-w", "wks_1", "mem_ana", typed="y\n")

    assert ran.code == 0
    assert "mem_ana" not in shop.run("member", "list", "-w", "wks_1").out


def test_a_former_member_is_forgotten(shop: Program) -> None:
    shop.run("member", "remove", "-w", "wks_1", "mem_ana", "--yes")

    ran = shop.run("member", "forget", "-w", "wks_1", "mem_ana", "--yes")
    as_json = shop.run("member", "forget", "-w", "wks_1", "mem_ana", "--yes", "--json")

    assert (ran.code, ran.out) == (0, "mem_ana is forgotten.\n")
    assert as_json.json == {"id": "mem_ana", "forgotten": True}
    (told, _) = shop.run("audit", "list", "-w", "wks_1", "--type", "workspace.member_forgotten", "--json").json
    assert (told["actor"], told["data"]) == ("operator:kim", {"member_id": "mem_ana"})

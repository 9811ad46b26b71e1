"""The consent page: who is asked what, in which workspace, and what comes of the answer."""

from __future__ import annotations

import re

import pytest

from shared.domain.scopes import GRANTS, Scope
from shared.domain.token.policy import TokenPolicy
from shared.domain.workspace.commands import ChangePlan, SetTokenPolicy, SuspendAccess
from shared.services.tool_catalogue import tools_for
from tests.data.tenants import NOON, order, workspace
from tests.transports.web.app_of_tests import (
    STATE,
    App,
    granted,
    grants_in,
    offered_in,
    said_in,
    ticked_in,
    told,
    way_back_in,
)
from tests.transports.web.web import Web


def test_the_page_says_who_asks_what_for_how_long_and_where_it_leads(app: App) -> None:
    page = app.ask()

    assert "Connect An editor to A shop?" in page.words
    assert "Unverified" in page.words
    assert "Leads back to a program on this computer" in page.words
    assert "Workspace A shop (you are an owner)" in page.words
    assert "At most 365 days, until 21 Nov 2027" in page.words
    assert "has not come for 30 days" in page.words
    for scope in (Scope.PNL, Scope.ADS):
        assert GRANTS[scope] in page.words
    for tool in tools_for(frozenset({Scope.PNL, Scope.ADS})):
        assert tool.title in page.words
    assert "Cohort retention" not in page.words
    assert offered_in(page) == ticked_in(page) == ["mcp:pnl:read", "mcp:ads:read"]


def test_a_client_with_a_document_is_told_by_the_host_that_vouches_for_it(web: Web) -> None:
    client_id = "https://claude.test/client.json"
    web.published.documents[client_id] = (
        b'{"client_id": "https://claude.test/client.json", "client_name": "Claude",'
        b' "redirect_uris": ["https://claude.test/callback"]}'
    )
    web.sign_in()

    page = App(web, client_id=client_id, redirect_uri="https://claude.test/callback").ask()

    assert "Connect Claude to A shop?" in page.words
    assert "App Claude claude.test" in page.words
    assert "Leads back to claude.test" in page.words
    assert "Unverified" not in page.words


def test_of_a_document_that_leads_to_this_computer_is_said_that_any_program_can_claim_it(web: Web) -> None:
    client_id = "https://claude.test/client.json"
    web.published.documents[client_id] = (
        b'{"client_id": "https://claude.test/client.json", "client_name": "Claude",'
        b' "redirect_uris": ["http://127.0.0.1/callback"]}'
    )
    web.sign_in()

    page = App(web, client_id=client_id, redirect_uri="http://127.0.0.1:5000/callback").ask()

    assert "Any program on this computer can say that it is this app" in page.words


def test_a_document_is_fetched_for_nobody_who_is_not_signed_in(web: Web) -> None:
    page = App(web, client_id="https://claude.test/client.json").ask()

    assert page.location.startswith("/auth/sign-in?")
    assert web.published.asked == []


def test_a_client_whose_document_cannot_be_had_gets_no_redirect(web: Web) -> None:
    web.sign_in()

    page = App(web, client_id="https://claude.test/client.json").ask()

    assert page.status == 400
    assert "cannot be had" in page.words


def test_only_what_is_ticked_is_granted(app: App) -> None:
    page = app.ask(scope=None)
    assert len(offered_in(page)) == len(Scope)

    token = granted(app, app.answer(page, scope=["mcp:ads:read"]))

    assert token.scopes == {Scope.ADS}
    assert (token.owner_id, token.name) == ("mem_olivia", "An editor")
    assert token.app is not None
    assert token.app.client_id == app.client_id


def test_who_ticks_nothing_is_asked_again_and_loses_nothing(app: App) -> None:
    again = app.answer(app.ask(), scope=[])

    assert again.status == 422
    assert "Tick at least one" in again.words
    assert offered_in(again) == ["mcp:pnl:read", "mcp:ads:read"]
    assert ticked_in(again) == []
    assert "form-action 'self' http://127.0.0.1:33418" in again.headers["content-security-policy"]
    assert granted(app, app.answer(again, scope=["mcp:pnl:read"])).scopes == {Scope.PNL}


def test_after_no_there_is_still_a_yes(app: App) -> None:
    page = app.ask()

    assert told(app.answer(page, answer="deny"))["error"] == "access_denied"
    assert granted(app, app.answer(page)).scopes == {Scope.PNL, Scope.ADS}


def test_whatever_is_not_a_yes_is_a_no(app: App) -> None:
    for answer in ("", "Approve", "yes"):
        assert told(app.answer(app.ask(), answer=answer))["error"] == "access_denied"


def test_an_analyst_connects_apps_and_reads_what_they_will_not_see(web: Web) -> None:
    web.sign_in("ana")
    app = App(web, scopes=("mcp:activity:read",))

    page = app.ask()

    assert "As you are an analyst, it sees no alerts about tokens" in page.words
    assert granted(app, app.answer(page)).owner_id == "mem_ana"


def test_an_owner_reads_no_such_thing(app: App) -> None:
    assert "As you are" not in app.ask(scope="mcp:activity:read").words


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (ChangePlan(plan="starter", at=NOON), "has no MCP access"),
        (SuspendAccess(reason="unpaid", at=NOON), "not authorized for MCP"),
        (
            SetTokenPolicy(policy=TokenPolicy(scopes=frozenset({Scope.CUSTOMERS})), set_by="mem_olivia", at=NOON),
            "allows nothing of what the app asks for",
        ),
    ],
    ids=["plan", "access", "policy"],
)
def test_where_nothing_can_be_connected_the_page_says_why_and_leads_back(
    app: App, command: ChangePlan, words: str
) -> None:
    before = app.ask()
    order(command, stores=app.web.stores)

    page = app.ask()

    assert page.status == 200
    assert words in page.words
    assert "An editor cannot be connected to A shop" in page.words
    assert offered_in(page) == []
    assert 'value="approve"' not in page.text
    for asked in (before, page):
        forced = app.answer(asked, scope=["mcp:pnl:read"])
        assert forced.status in {403, 422}
        assert "location" not in forced.headers
    assert told(app.answer(page, answer="deny"))["error"] == "access_denied"


def test_what_the_token_policy_withholds_is_not_offered_and_is_told(app: App) -> None:
    policy = TokenPolicy(scopes=frozenset({Scope.PNL, Scope.CUSTOMERS}), longest_days=90)
    order(SetTokenPolicy(policy=policy, set_by="mem_olivia", at=NOON), stores=app.web.stores)

    page = app.ask()

    assert offered_in(page) == ["mcp:pnl:read"]
    assert "withholds: mcp:ads:read." in page.words
    assert "At most 90 days" in page.words
    forced = app.answer(page, scope=["mcp:pnl:read", "mcp:ads:read"])
    assert forced.status == 422
    assert "does not allow: mcp:ads:read" in forced.words
    assert granted(app, app.answer(page)).scopes == {Scope.PNL}


def test_a_plan_without_refresh_says_so_by_saying_nothing_of_it() -> None:
    web = Web()
    workspace(web.stores, plan="alpha")
    web.sign_in()

    page = App(web).ask()

    assert "At most 365 days, until 21 Nov 2027." in page.words
    assert "ends by itself" not in page.words


def test_who_has_several_workspaces_chooses_first_and_the_request_waits(app: App) -> None:
    workspace(app.web.stores, "wks_2")
    choice = app.ask()
    assert "Which workspace?" in choice.words
    (way,) = re.findall(r'name="next" value="([^"]*)"', choice.text)

    led = app.web.post("/auth/workspace", workspace="wks_2", next=way.replace("&amp;", "&"))
    page = app.web.get(led.location)

    assert "Connect An editor to" in page.words
    assert app.answer(page).status == 303
    code = told(app.answer(page))["code"]
    assert app.redeem(code).status == 200
    assert [token.workspace_id for token in grants_in(app.web, "wks_2")] == ["wks_2"]
    assert grants_in(app.web) == []


def test_who_would_rather_connect_another_workspace_switches_and_the_request_stays(app: App) -> None:
    assert 'name="workspace"' not in app.ask().text
    workspace(app.web.stores, "wks_2")
    app.web.post("/auth/workspace", workspace="wks_1")
    page = app.ask()
    assert re.findall(r'name="workspace" value="([^"]*)"', page.text) == ["wks_2"]
    (way,) = re.findall(r'name="next" value="([^"]*)"', page.text)

    led = app.web.post("/auth/workspace", workspace="wks_2", next=way.replace("&amp;", "&"))

    code = told(app.answer(app.web.get(led.location)))["code"]
    assert app.redeem(code).status == 200
    assert [token.workspace_id for token in grants_in(app.web, "wks_2")] == ["wks_2"]


def test_who_belongs_nowhere_is_told_whom_to_ask(web: Web) -> None:
    web.sign_in("stranger")

    page = App(web).ask()

    assert page.status == 403
    assert "Ask an owner" in page.words


@pytest.mark.parametrize(
    ("redirect_uri", "source", "leads"),
    [
        ("https://app.test/callback", "https://app.test", "app.test"),
        ("https://app.test:8443/a;b,c/d?e=f", "https://app.test:8443", "app.test"),
        ("https://app.test/callback?", "https://app.test", "app.test"),
        ("http://localhost:3000/callback", "http://localhost:3000", "a program on this computer"),
        ("cursor://anysphere.cursor-retrieval/oauth", "cursor:", "a program on this computer"),
        ("com.example.app:/callback", "com.example.app:", "a program on this computer"),
    ],
)
def test_the_form_may_lead_to_the_client_and_nowhere_else(web: Web, redirect_uri: str, source: str, leads: str) -> None:
    web.sign_in()
    app = App(web, redirect_uri=redirect_uri)

    page = app.ask()

    assert f"form-action 'self' {source};" in page.headers["content-security-policy"]
    assert page.headers["content-security-policy"].count("form-action") == 1
    assert f"Leads back to {leads}" in page.words
    assert ("data-stays" in page.text) is not redirect_uri.startswith("http")
    joint = "&" if "=" in redirect_uri else "?"
    assert app.answer(page).headers["location"].startswith(redirect_uri.removesuffix("?") + joint + "code=")


@pytest.mark.parametrize("redirect_uri", ["http://[::1]:3000/callback", "https://[2001:db8::1]/callback"])
@pytest.mark.parametrize("answer", ["approve", "deny"])
def test_where_no_policy_can_name_the_client_the_answer_leaves_by_a_page_of_ours(
    web: Web, redirect_uri: str, answer: str
) -> None:
    web.sign_in()
    app = App(web, redirect_uri=redirect_uri)

    page = app.ask()
    answered = app.answer(page, answer=answer)

    assert "form-action 'self';" in page.headers["content-security-policy"]
    assert (answered.status, "location" in answered.headers) == (200, False)
    led = way_back_in(answered)
    assert led.startswith(f"{redirect_uri}?")
    assert said_in(led).keys() >= ({"code"} if answer == "approve" else {"error"}) | {"state", "iss"}
    assert answered.headers["refresh"] == f"0; url={led}"


@pytest.mark.parametrize("home", [None, "evil.test"])
def test_nobody_is_led_to_an_app_with_an_error_unless_they_go_there(web: Web, home: str | None) -> None:
    """Else anybody who registers, or publishes a document, could send people from our address to theirs."""
    document = b'{"client_id": "https://evil.test/c.json", "client_name": "An editor", "redirect_uris": ["https://evil.test/x"]}'
    web.published.documents["https://evil.test/c.json"] = document
    web.sign_in()
    app = App(web, client_id=f"https://{home}/c.json" if home else "", redirect_uri="https://evil.test/x")

    page = app.ask(scope="openid")

    assert page.status == 400
    assert not page.headers.keys() & {"location", "refresh"}
    assert "An editor cannot be connected" in page.words
    assert f"App An editor {home or 'Unverified'}" in page.words
    assert "Leads back to evil.test" in page.words
    assert "None of these scopes is known here." in page.words
    assert "Back to evil.test" in page.words
    led = way_back_in(page)
    assert led.startswith("https://evil.test/x?error=invalid_scope&")
    assert said_in(led)["state"] == STATE


def test_a_request_that_could_not_wait_for_a_sign_in_is_refused_with_or_without_one(app: App) -> None:
    for _ in range(2):
        page = app.ask(state="x" * 2_700)
        assert page.status == 400
        assert "too long" in page.words
        app.web.cookies.clear()


def test_a_window_that_an_app_opened_stays_its_own(app: App) -> None:
    assert app.ask().headers["cross-origin-opener-policy"] == "unsafe-none"
    assert app.web.get("/dashboard/settings/developer/mcp").headers["cross-origin-opener-policy"] == "same-origin"

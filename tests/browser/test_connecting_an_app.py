"""A client with no credential: a browser opens, a person says yes, a tool answers, and the trail knows of it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.apps import Start, npm, python, running
from tests.browser.people import SETTINGS, address
from tests.clients.programs import NODE_FOLDER, newest_npm_client
from tests.clients.served_stack import ServedStack
from tests.node_packages import install_node_packages

Person = Callable[[str], Page]
TOOL = "get_workspace_context"
Client = Callable[[str], Start]
CLIENTS: dict[str, Client] = {
    "npm client": lambda url: npm("client", url, TOOL),
    "npm sdk": lambda url: npm("sdk", url, TOOL),
    "python 2026": lambda url: python("auto", url, TOOL),
    "python 2025": lambda url: python("legacy", url, TOOL),
}


@pytest.fixture(scope="module", autouse=True)
def packages() -> None:
    install_node_packages(NODE_FOLDER)


@pytest.mark.parametrize("name", CLIENTS)
def test_no_credential_starts_the_flow_and_ends_in_a_call(person: Person, stack: ServedStack, name: str) -> None:
    page = person("olivia")
    with running(CLIENTS[name](stack.mcp_url)) as app:
        page.goto(app.says("OPEN"))
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator("body")).to_contain_text("Sample Store")
        page.get_by_label("Business valuations").uncheck()
        page.get_by_role("button", name="Connect", exact=True).click()
        expect(page.locator("body")).to_have_text("You can close this window.")

        granted = app.says("SCOPE").split()
        assert "mcp:pnl:read" in granted
        assert "mcp:valuation:read" not in granted
        tools = app.says("TOOLS").split()
        assert "get_pnl" in tools
        assert "get_business_valuation" not in tools
        assert "Sample Store" in app.says("RESULT")
        if name.startswith("npm"):
            app.says("REFRESHED")
        assert app.ends() == 0


def test_somebody_who_is_not_signed_in_signs_in_first_and_comes_to_the_same_question(
    context: BrowserContext, stack: ServedStack
) -> None:
    page = context.new_page()
    with running(CLIENTS["npm client"](stack.mcp_url)) as app:
        page.goto(app.says("OPEN"))
        page.get_by_role("button", name="adam").click()
        page.get_by_role("button", name="Connect", exact=True).click()
        expect(page.locator("body")).to_have_text("You can close this window.")
        app.says("RESULT")


@pytest.mark.parametrize("package", ["client", "sdk"])
def test_an_npm_client_with_a_provider_starts_the_flow_though_a_bad_static_token_is_told_of_none(
    stack: ServedStack, package: str
) -> None:
    bad = stack.create_expired_token()
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    answer = httpx.post(
        stack.mcp_url, json=ping, headers={"Authorization": f"Bearer {bad}", "Accept": "application/json"}
    )
    assert answer.status_code == 401
    assert "resource_metadata" not in answer.headers["www-authenticate"]

    with running(npm(package, stack.mcp_url, TOOL, bad_token=bad)) as app:
        assert "/oauth/authorize?" in app.says("OPEN")


def test_a_person_who_says_no_sends_the_client_away(person: Person, stack: ServedStack) -> None:
    page = person("olivia")
    with running(CLIENTS["npm client"](stack.mcp_url)) as app:
        page.goto(app.says("OPEN"))
        page.get_by_role("button", name="Deny").click()
        assert parse_qs(urlsplit(page.url).query)["error"] == ["access_denied"]
        assert app.ends() != 0


def test_an_app_that_is_disconnected_is_refused_from_its_next_request_on(person: Person, stack: ServedStack) -> None:
    page = person("olivia")
    with running(npm("sdk", stack.mcp_url, TOOL, call_again=True)) as app:
        page.goto(app.says("OPEN"))
        page.get_by_role("button", name="Connect", exact=True).click()
        app.says("REFRESHED")
        page.goto(address(stack, f"{SETTINGS}/apps"))
        expect(page.locator("body")).to_contain_text("npm sdk with OAuth")

        for summary in page.locator("summary").filter(has_text="Disconnect").all()[:1]:
            summary.click()
        dialog = page.get_by_role("dialog")
        with page.expect_navigation():
            dialog.get_by_role("button", name="Disconnect").first.click()

        app.is_told("call again")
        assert app.says("AGAIN") != "answered"


def test_an_app_and_a_token_of_the_same_person_stand_in_one_trail(person: Person, stack: ServedStack) -> None:
    page = person("olivia")
    with running(CLIENTS["npm sdk"](stack.mcp_url)) as app:
        page.goto(app.says("OPEN"))
        page.get_by_role("button", name="Connect", exact=True).click()
        app.says("RESULT")
    newest_npm_client(stack.mcp_url, stack.token, TOOL)

    page.goto(address(stack, f"{SETTINGS}/activity?tool={TOOL}"))
    trail = page.get_by_role("table").first
    expect(trail).to_contain_text("npm sdk with OAuth")
    expect(trail).to_contain_text("make run")

"""How people sign out, come back, and go from one workspace to the other: by forms, and what follows them."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.people import SETTINGS, address
from tests.clients.served_stack import ServedStack

Person = Callable[[str], Page]


def test_a_sign_out_goes_through_the_issuer_and_the_next_page_asks_who_is_there(
    person: Person, stack: ServedStack
) -> None:
    page = person("adam")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.get_by_label("Adam: account").click()
    page.get_by_role("button", name="Sign out").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    page.wait_for_url("**/auth/signed-out")
    assert any("/_local/oidc/" in url for url in asked)
    page.goto(address(stack))
    expect(page.locator('button[name="person"][value="adam"]')).to_be_visible()


def test_a_form_that_is_sent_when_the_session_is_over_leads_back_to_its_page(
    person: Person, stack: ServedStack
) -> None:
    page = person("adam")
    page.goto(address(stack, f"{SETTINGS}/new"))
    page.get_by_label("Name").fill("Too late")
    page.get_by_label("mcp:pnl:read").check()
    page.context.clear_cookies()

    page.get_by_role("button", name="Create token").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You were signed out meanwhile")
    page.get_by_role("link", name="Sign in again").click()
    page.locator('button[name="person"][value="adam"]').click()

    page.wait_for_url(f"**{SETTINGS}/new")
    page.goto(address(stack, f"{SETTINGS}?state=all&q=Too+late"))
    expect(page.get_by_role("link", name="Too late")).to_have_count(0)


def test_a_member_of_two_workspaces_chooses_one_and_switches_to_the_other(person: Person) -> None:
    page = person("wanda")
    page.get_by_role("button", name="Sample Store").click()
    page.wait_for_url(f"**{SETTINGS}")

    page.get_by_label("Workspace Sample Store: switch").click()
    page.get_by_role("button", name="Second Store").click()

    expect(page.get_by_label("Workspace Second Store: switch")).to_be_visible()
    page.get_by_role("link", name="Data").click()
    expect(page.get_by_label("Workspace Second Store: switch")).to_be_visible()

"""The whole life of a token, from the page alone, as a person lives it; a client tries its secret at each turn."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Error, Page, expect

from tests.browser.people import SETTINGS, address, sign_in
from tests.clients.served_stack import ServedStack

Person = Callable[[str], Page]


def told(stack: ServedStack, secret: str, tool: str = "get_workspace_context") -> tuple[int, str]:
    """Call with a token, and give status and reason of the answer."""
    call: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool}}
    headers = {
        "Authorization": f"Bearer {secret}",
        "Accept": "application/json",
        "Content-Type": "application/json",
        "User-Agent": "life-of-a-token/1",
    }
    answer = httpx.post(stack.mcp_url, json=call, headers=headers)
    return answer.status_code, answer.json().get("error", {}).get("data", {}).get("reason", "ok")


def generate(page: Page, stack: ServedStack, name: str, *scopes: str) -> str:
    """Generate a token from the page, and give its secret."""
    page.goto(address(stack))
    page.get_by_role("link", name="Generate new token").first.click()
    page.get_by_label("Name required", exact=True).fill(name)
    for scope in scopes:
        page.get_by_label(scope).check()
    page.get_by_role("button", name="Create token").click()
    return secret_on(page)


def secret_on(page: Page) -> str:
    field = page.locator("[data-once]").first
    expect(field).to_be_visible()
    return field.input_value() if field.evaluate("node => 'value' in node") else field.inner_text()


def test_a_token_lives_from_its_first_page_to_its_last(person: Person, stack: ServedStack) -> None:
    page = person("olivia")

    first = generate(page, stack, "Nightly export", "mcp:pnl:read", "mcp:ads:read")
    assert told(stack, first, "get_pnl") == (200, "ok")
    assert told(stack, first, "get_customer_ltv") == (403, "insufficient_scope")

    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nightly export")

    page.get_by_role("link", name="Rotate…").click()
    page.get_by_label("mcp:ads:read").uncheck()
    page.get_by_role("button", name="Rotate", exact=True).click()
    second = secret_on(page)
    assert second != first
    assert told(stack, second, "get_pnl") == (200, "ok")
    assert told(stack, second, "get_ad_performance") == (403, "insufficient_scope")
    assert told(stack, first, "get_pnl") == (200, "ok"), "the overlap has begun, not ended"
    page.get_by_role("link", name="I have copied it").click()

    change(page, "Suspend", "The machine behaves oddly")
    assert told(stack, second) == (401, "token_suspended")
    change(page, "Resume", "It was a holiday")
    assert told(stack, second) == (200, "ok")

    change(page, "Rename", "Nightly export, Frankfurt")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nightly export, Frankfurt")

    change(page, "Revoke", "The machine was decommissioned")
    assert told(stack, second) == (401, "token_revoked")
    expect(page.get_by_text("Revoked").first).to_be_visible()

    page.goto(address(stack, f"{SETTINGS}?q=Nightly"))
    expect(page.get_by_text("Nightly export, Frankfurt")).to_have_count(0)


def change(page: Page, what: str, text: str) -> None:
    """Do something to the token on its page, in the dialog that asks whether it is to be done."""
    page.locator("summary").filter(has_text=what).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(text)
    with page.expect_navigation():
        dialog.get_by_role("button", name=what).click()


@pytest.mark.parametrize("way", ["reload", "back and forth", "a second tab"])
def test_a_secret_is_shown_once_whatever_the_browser_does(person: Person, stack: ServedStack, way: str) -> None:
    page = person("olivia")
    secret = generate(page, stack, f"Shown once, {way}", "mcp:pnl:read")

    match way:
        case "reload":
            page.reload()
        case "back and forth":
            page.go_back()
            with suppress(Error):  # Chromium asks on a page of its own whether to send the form again
                page.go_forward()
        case _:
            address_shown = page.url
            page = page.context.new_page()
            page.goto(address_shown)

    expect(page.locator("body")).not_to_contain_text(secret)
    expect(page.locator(f'[value="{secret}"]')).to_have_count(0)
    assert told(stack, secret) == (200, "ok")


def test_a_form_that_is_sent_twice_makes_one_token(person: Person, stack: ServedStack) -> None:
    page = person("olivia")
    generate(page, stack, "Sent twice", "mcp:pnl:read")

    page.reload()

    expect(page.get_by_role("heading", level=1)).not_to_have_text("Copy your token now")
    page.goto(address(stack, f"{SETTINGS}?q=Sent+twice"))
    expect(page.get_by_role("link", name="Sent twice")).to_have_count(1)


def test_what_a_token_will_see_is_told_while_its_scopes_are_ticked(person: Person, stack: ServedStack) -> None:
    page = person("olivia")
    page.goto(address(stack, f"{SETTINGS}/new"))
    told_tools = page.locator("[data-preview-target]")
    expect(told_tools).not_to_contain_text("get_customer_ltv")

    page.get_by_label("mcp:customers:read").check()
    expect(told_tools).to_contain_text("get_customer_ltv")

    page.get_by_label("mcp:customers:read").uncheck()
    expect(told_tools).not_to_contain_text("get_customer_ltv")


def test_the_secret_can_be_copied_with_the_keyboard_alone(person: Person, stack: ServedStack) -> None:
    page = person("olivia")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    secret = generate(page, stack, "By keyboard", "mcp:pnl:read")

    button = page.get_by_role("button", name="Copy").first
    button.focus()
    page.keyboard.press("Enter")

    expect(page.locator("[data-live]")).to_contain_text("opied")
    assert page.evaluate("() => navigator.clipboard.readText()") == secret


def test_back_to_a_form_that_was_refused_sends_nothing_again(person: Person, stack: ServedStack) -> None:
    page = person("olivia")
    page.goto(address(stack, f"{SETTINGS}/new"))
    page.get_by_label("Name required").fill("Without a scope")
    page.get_by_role("button", name="Create token").click()
    expect(page.get_by_role("alert")).to_contain_text("needs at least one scope")
    expect(page.get_by_label("Name required")).to_have_value("Without a scope")

    page.get_by_role("link", name="Activity").click()
    page.wait_for_url("**/activity")
    page.go_back()

    expect(page.get_by_role("heading", name="Generate new token")).to_be_visible()


def test_tokens_are_revoked_together_once_one_is_ticked(person: Person, stack: ServedStack) -> None:
    page = person("olivia")
    generate(page, stack, "Ticked", "mcp:pnl:read")
    page.goto(address(stack))
    button = page.get_by_role("button", name="Revoke selected")
    expect(button).to_be_disabled()

    page.get_by_label("Choose Ticked").check()
    expect(button).to_be_enabled()
    button.click()

    expect(page.get_by_role("heading", name="Revoke 1 token?")).to_be_visible()


def test_without_a_script_all_of_it_works_too(chromium: Browser, stack: ServedStack) -> None:
    signed_in = sign_in(chromium, stack, "olivia", java_script_enabled=False)
    page = signed_in.page
    secret = generate(page, stack, "No script", "mcp:pnl:read")
    page.get_by_role("link", name="I have copied it").click()
    page.goto(page.url.partition("?")[0] + "/revoke")
    page.get_by_role("textbox").fill("Tried without a script")
    page.get_by_role("button", name="Revoke").click()

    assert told(stack, secret) == (401, "token_revoked")
    signed_in.context.close()

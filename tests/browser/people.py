"""People before their browsers: how they sign in, and what their consoles complain of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.clients.served_stack import ServedStack

PATIENCE = 10_000
"""Milliseconds: a page that takes longer is not there."""
SETTINGS = "/dashboard/settings/developer/mcp"


@dataclass
class SignedIn:
    """Somebody who looks at the settings page."""

    name: str
    context: BrowserContext
    page: Page
    scheme: str = "light"
    complaints: list[str] = field(default_factory=list[str])
    """Errors of scripts, and what the Content-Security-Policy has kept out."""

    def hear(self, message: ConsoleMessage) -> None:
        # That an answer was a refusal is the page's to say; the console repeats every status above 399.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)


def address(stack: ServedStack, path: str = SETTINGS) -> str:
    return stack.mcp_url.removesuffix("/mcp") + path


def sign_in(chromium: Browser, stack: ServedStack, name: str, **browser: Any) -> SignedIn:  # noqa: ANN401 - Playwright's own
    """Go to the settings page, and through the issuer's sign-in page that it leads to."""
    context = chromium.new_context(**browser)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    signed_in = SignedIn(name=name, context=context, page=page)
    page.on("console", signed_in.hear)
    page.on("pageerror", lambda error: signed_in.complaints.append(str(error)))
    page.goto(address(stack))
    page.locator(f'button[name="person"][value="{name}"]').click()
    page.wait_for_url(lambda url: "/auth/" not in url and "/_local/" not in url)
    return signed_in

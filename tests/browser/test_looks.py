"""Every page at three widths, in light and dark: nothing grave for axe, nothing to scroll sideways, and a picture.

The pictures lie in .build/screenshots, to be looked at.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.axe import grave
from tests.browser.people import SETTINGS, SignedIn, address, sign_in
from tests.clients.served_stack import ServedStack

PICTURES = Path(__file__).parents[2] / ".build" / "screenshots"
WIDTHS = (375, 820, 1280)
SCHEMES = ("light", "dark")
HEIGHT = 900

PAGES = {
    "tokens": SETTINGS,
    "tokens of every state": f"{SETTINGS}?state=all",
    "no token found": f"{SETTINGS}?q=nothing+is+called+so",
    "generate": f"{SETTINGS}/new",
    "one token": f"{SETTINGS}/tokens/{{token_id}}",
    "rotate": f"{SETTINGS}/tokens/{{token_id}}/rotate",
    "revoke": f"{SETTINGS}/tokens/{{token_id}}/revoke",
    "revoke many": f"{SETTINGS}/revoke",
    "activity": f"{SETTINGS}/activity",
    "export": f"{SETTINGS}/activity/export",
    "connected apps": f"{SETTINGS}/apps",
    "policy": f"{SETTINGS}/policy",
    "data": f"{SETTINGS}/data",
    "files": f"{SETTINGS}/data/imports",
    "send a file": f"{SETTINGS}/data/upload",
    "nothing here": f"{SETTINGS}/none",
    "signed out": "/auth/signed-out",
}
OTHERS = {"ana": "an analyst", "sam": "a workspace without MCP"}


@pytest.fixture(scope="module")
def furnished(stack: ServedStack) -> ServedStack:
    """Tokens in several states, and calls that stand in the trail."""
    names = ("mcp:pnl:read", "mcp:ads:read", "mcp:products:read")
    made = [stack.create_token([*names[: number % 3 + 1]]) for number in range(6)]
    stack.revoke(made[0])
    stack.use_up_the_limit_of(made[1])
    return stack


@pytest.fixture(scope="module", params=SCHEMES)
def olivia(request: pytest.FixtureRequest, chromium: Browser, furnished: ServedStack) -> Generator[SignedIn]:
    signed_in = sign_in(chromium, furnished, "olivia", color_scheme=request.param)
    signed_in.scheme = request.param
    yield signed_in
    signed_in.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_everybody(olivia: SignedIn, furnished: ServedStack, name: str) -> None:
    olivia.page.goto(address(furnished, PAGES[name].format(token_id=furnished.token_id)))

    look_at(olivia.page, f"{name} {olivia.scheme}", colours_alone=olivia.scheme == "dark")

    assert olivia.complaints == []


@pytest.mark.parametrize("who", OTHERS)
def test_so_are_the_pages_of_those_who_may_do_less(chromium: Browser, furnished: ServedStack, who: str) -> None:
    signed_in = sign_in(chromium, furnished, who)

    look_at(signed_in.page, OTHERS[who])

    assert signed_in.complaints == []
    signed_in.context.close()


def test_every_room_is_in_sight_on_a_phone(olivia: SignedIn, furnished: ServedStack) -> None:
    olivia.page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
    olivia.page.goto(address(furnished))

    assert olivia.page.locator(".nav").evaluate("nav => nav.scrollWidth - nav.clientWidth") <= 0


def look_at(page: Page, name: str, *, colours_alone: bool = False) -> None:
    """Hold what is open to the promises, at every width; a dark page differs from a light one in its colours alone."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.screenshot(path=PICTURES / f"{name.replace(' ', '-')}-{width}.png", full_page=True)
        if not colours_alone or width == WIDTHS[-1]:
            assert grave(page, colours_alone=colours_alone) == [], f"at {width} pixels"
        wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{wide} pixels to scroll sideways at {width}"
    assert page.locator("h1").count() == 1

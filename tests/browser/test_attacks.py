"""What others try with the browser of somebody who is signed in."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from shared.transports.web.visitors import SESSION_COOKIE
from tests.browser.apps import npm, running
from tests.browser.axe import grave
from tests.browser.people import SETTINGS, address, sign_in
from tests.clients.programs import NODE_FOLDER
from tests.clients.served_stack import ServedStack
from tests.node_packages import install_node_packages

Person = Callable[[str], Page]
CLIENT = "http://127.0.0.1:4444/callback"
"""Where nobody listens: what the browser asks for there is looked at, not answered."""
RUNS = "window.broken = true"
HOSTILE = (
    f"<script>{RUNS}</script>",
    f'"><img src=x onerror="{RUNS}">',
    f"'-{RUNS}-'",
    f"</textarea><svg onload={RUNS}>",
    "{{ 7*7 }}",
)
ROOMS = (SETTINGS, f"{SETTINGS}?state=all", f"{SETTINGS}/activity", f"{SETTINGS}/apps", f"{SETTINGS}/data")


@contextmanager
def evil_page(html: str) -> Generator[str]:
    """Serve somebody else's page, on another site than the stack's."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def unharmed(page: Page, stack: ServedStack) -> None:
    """Walk through every room: nothing that somebody typed has run."""
    for room in ROOMS:
        page.goto(address(stack, room))
        assert page.evaluate("() => window.broken") is None, room
        assert page.locator("main script, main svg[onload], main img[onerror]").count() == 0


@pytest.mark.parametrize("text", HOSTILE)
def test_names_of_tokens_are_text(person: Person, stack: ServedStack, text: str) -> None:
    page = person("olivia")
    page.goto(address(stack, f"{SETTINGS}/new"))
    page.get_by_label("Name required", exact=True).fill(text)
    page.get_by_label("mcp:pnl:read").check()
    page.get_by_role("button", name="Create token").click()
    page.get_by_role("link", name="I have copied it").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text(text)
    assert page.evaluate("() => window.broken") is None
    unharmed(page, stack)


def test_what_a_client_calls_itself_is_text(person: Person, stack: ServedStack) -> None:
    for number, text in enumerate(HOSTILE):
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_workspace_context"}}
        headers = {
            "Authorization": f"Bearer {stack.token}",
            "Accept": "application/json",
            "User-Agent": f"{text} {number}".encode().decode("latin-1"),
        }
        httpx.post(stack.mcp_url, json=call, headers=headers).raise_for_status()
    page = person("olivia")

    unharmed(page, stack)
    page.goto(address(stack, f"{SETTINGS}/tokens/{stack.token_id}"))
    assert page.evaluate("() => window.broken") is None
    page.goto(address(stack, f"{SETTINGS}/activity"))
    page.get_by_role("link", name="Called Workspace context").first.click()
    expect(page.locator("main")).to_contain_text("{{ 7*7 }}")
    assert page.evaluate("() => window.broken") is None


def question_of(stack: ServedStack, app: str, **asked: str) -> str:
    """Give where an app has people asked that has just registered itself."""
    told = {"client_name": app, "redirect_uris": [CLIENT]}
    client = httpx.post(address(stack, "/oauth/register"), json=told).json()
    usual = {
        "response_type": "code",
        "client_id": client["client_id"],
        "redirect_uri": CLIENT,
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
        "state": app,
    }
    return str(httpx.URL(address(stack, "/oauth/authorize"), params={**usual, **asked}))


def connect_of(page: Page) -> Locator:
    return page.get_by_role("button", name="Connect", exact=True)


def test_the_name_of_an_app_is_text(person: Person, stack: ServedStack) -> None:
    page = person("olivia")
    for text in HOSTILE:
        page.goto(question_of(stack, text))
        expect(connect_of(page)).to_be_visible()
        assert page.evaluate("() => window.broken") is None
        page.goto(question_of(stack, text, scope="unknown"))
        expect(page.get_by_role("link", name="Back to")).to_be_visible()
        assert page.evaluate("() => window.broken") is None
    assert grave(page) == []
    page.goto(question_of(stack, "An app"))
    assert grave(page) == []


def test_a_yes_is_taken_from_nobody_who_has_not_looked_at_the_page_for_a_second(
    person: Person, stack: ServedStack
) -> None:
    """An opener brings the page under the second click of a double click, or under a key that is held down."""
    page = person("olivia")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.clock.install(time=0)
    page.clock.pause_at(1)
    page.goto(question_of(stack, "An app"))

    for _ in ("at first", "when the window has come to the front again"):
        expect(connect_of(page)).to_be_disabled()
        page.clock.run_for(900)
        connect_of(page).dispatch_event("click")
        expect(connect_of(page)).to_be_disabled()
        page.clock.run_for(200)
        expect(connect_of(page)).to_be_enabled()
        page.evaluate("() => dispatchEvent(new Event('focus'))")
    assert sent == []
    page.clock.run_for(1_000)
    with page.expect_request(f"{CLIENT}?code=*"):
        connect_of(page).press("Enter")


def test_a_no_is_taken_at_once(person: Person, stack: ServedStack) -> None:
    page = person("olivia")
    page.clock.install(time=0)
    page.clock.pause_at(1)
    page.goto(question_of(stack, "An app"))

    with page.expect_request(f"{CLIENT}?error=access_denied*"):
        page.get_by_role("button", name="Deny").click()


def test_without_scripts_there_is_a_yes_too(chromium: Browser, stack: ServedStack) -> None:
    """No opener can turn them off."""
    signed_in = sign_in(chromium, stack, "olivia", java_script_enabled=False)
    signed_in.page.goto(question_of(stack, "An app"))

    with signed_in.page.expect_request(f"{CLIENT}?code=*"):
        connect_of(signed_in.page).click()
    signed_in.context.close()


def test_no_page_of_others_can_show_ours_in_a_frame(person: Person, stack: ServedStack) -> None:
    page = person("olivia")
    with evil_page(f'<iframe src="{address(stack)}"></iframe>') as evil:
        other = page.context.new_page()
        other.goto(evil)
        inside = other.frames[1]
        expect(other.locator("iframe")).to_be_visible()
        assert inside.get_by_role("heading", name="Personal access tokens").count() == 0


def test_a_form_of_another_page_signs_nobody_out_and_revokes_nothing(person: Person, stack: ServedStack) -> None:
    page = person("olivia")
    made = stack.create_token(["mcp:pnl:read"])
    for path in ("/auth/sign-out", f"{SETTINGS}/tokens/{made.token_id}/revoke"):
        form = f'<form method="post" action="{address(stack, path)}"><input name="reason" value="x"></form>'
        with evil_page(form) as evil:
            other = page.context.new_page()
            other.goto(evil)
            with other.expect_navigation():
                other.evaluate("() => document.forms[0].submit()")
            other.close()

    page.goto(address(stack, f"{SETTINGS}/tokens/{made.token_id}"))
    expect(page.get_by_text("Active").first).to_be_visible()


def test_a_session_that_was_planted_before_the_sign_in_is_worth_nothing(chromium: Browser, stack: ServedStack) -> None:
    signed_in = sign_in(chromium, stack, "olivia")
    planted = session_of(signed_in.context)
    attacker = chromium.new_context()
    line = f"{SESSION_COOKIE}={planted}; Path=/; Secure; HttpOnly; SameSite=Lax"
    attacker.route(address(stack, "/planted"), lambda route: route.fulfill(headers={"Set-Cookie": line}))
    page = attacker.new_page()
    page.goto(address(stack, "/planted"))
    assert session_of(attacker) == planted
    page.goto(address(stack, "/auth/sign-in"))
    page.get_by_role("button", name="adam").click()
    page.wait_for_url(address(stack))

    assert session_of(attacker) != planted
    signed_in.page.goto(address(stack))
    assert "/_local/" in signed_in.page.url, "the session that was planted is ended"
    signed_in.context.close()
    attacker.close()


def session_of(context: BrowserContext) -> str:
    (found,) = [cookie for cookie in context.cookies() if cookie.get("name") == SESSION_COOKIE]
    assert found.get("httpOnly")
    assert found.get("secure")
    assert found.get("sameSite") == "Lax"
    return str(found.get("value"))


@pytest.mark.parametrize("there", ["https://evil.test/", "//evil.test/dashboard/", "/\\evil.test/"])
def test_a_sign_in_leads_to_no_address_that_a_link_names(
    context: BrowserContext, stack: ServedStack, there: str
) -> None:
    page = context.new_page()
    page.goto(str(httpx.URL(address(stack, "/auth/sign-in"), params={"next": there})))
    page.get_by_role("button", name="olivia").click()

    page.wait_for_url(address(stack))


def test_scripts_of_the_page_cannot_read_the_session(person: Person) -> None:
    page = person("olivia")

    assert page.evaluate("() => document.cookie") == ""


def test_an_app_that_a_person_did_not_start_learns_nothing(person: Person, stack: ServedStack) -> None:
    install_node_packages(NODE_FOLDER)
    page = person("olivia")
    with running(npm("client", stack.mcp_url, "get_pnl")) as app:
        address_asked = app.says("OPEN")
        with evil_page(f'<iframe src="{address_asked}"></iframe>') as evil:
            other = page.context.new_page()
            other.goto(evil)
            expect(other.locator("iframe")).to_be_visible()
            assert other.frames[1].get_by_role("button", name="Connect").count() == 0

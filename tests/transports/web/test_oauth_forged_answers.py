"""Nothing but a person's answer to the question that they were asked is an answer."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from functools import cache
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.workspace.commands import RemoveMember
from shared.domain.workspace.events import Role
from tests.data.tenants import NOON, order, workspace
from tests.transports.web.app_of_tests import REDIRECT, STATE, App, granted, grants_in, sealed_in, told
from tests.transports.web.web import Page, Web

HOSTILE = "<script>alert(1)</script>\"'>{{7*7}}javascript:alert(1)"


def action_of(page: Page) -> str:
    """Give where the answer is sent."""
    (action,) = re.findall(r'action="(/oauth/authorize[^"]*)"', page.text)
    return html.unescape(action)


@cache
def standing() -> tuple[App, Page]:
    """Give an app and a question of it that any number of tests may answer wrongly."""
    web = Web()
    workspace(web.stores)
    web.sign_in()
    app = App(web)
    return app, app.ask()


@pytest.mark.parametrize(
    "scope", [["mcp:pnl:read", "mcp:customers:read"], ["mcp:customers:read"], ["mcp:pnl:read", "mcp:pnl:write"], ["*"]]
)
def test_a_form_that_ticks_what_was_not_asked_for_approves_nothing(app: App, scope: list[str]) -> None:
    answered = app.answer(app.ask(), scope=scope)

    assert answered.status == 422
    assert "location" not in answered.headers


def test_other_fields_of_a_form_are_not_looked_at(app: App) -> None:
    workspace(app.web.stores, "wks_2", people={})

    answered = app.answer(
        app.ask(),
        workspace="wks_2",
        workspace_id="wks_2",
        member_id="mem_adam",
        redirect_uri="https://evil.test/",
        client_id="mfc_other",
        state="another",
    )

    assert answered.headers["location"].startswith(REDIRECT)
    assert told(answered)["state"] == STATE
    token = granted(app, answered)
    assert (token.workspace_id, token.owner_id) == ("wks_1", "mem_olivia")
    assert grants_in(app.web, "wks_2") == []


def test_an_answer_in_another_persons_session_approves_nothing(app: App) -> None:
    olivias = app.ask()
    app.web.sign_in("adam")

    answered = app.answer(olivias)

    assert answered.status == 422
    assert "not made for your present session" in answered.words


def test_an_answer_after_a_new_sign_in_approves_nothing(app: App) -> None:
    before = app.ask()
    app.web.sign_in()

    assert app.answer(before).status == 422


def test_an_answer_after_the_session_has_ended_leads_through_the_sign_in_to_the_question(app: App) -> None:
    page, key = app.ask(), app.web.form_key
    app.web.cookies.clear()

    answered = app.web.send(
        "POST",
        action_of(page),
        headers={"content-type": "application/x-www-form-urlencoded"},
        body=f"csrf={key}&consent={sealed_in(page)}&answer=approve&scope=mcp:pnl:read",
    )

    assert answered.status == 401
    assert 'href="/auth/sign-in?next=%2Foauth%2Fauthorize%3Fresponse_type%3Dcode' in answered.text


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.test"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}]
)
@pytest.mark.parametrize("answer", ["approve", "deny"])
def test_nobody_elses_page_answers(app: App, headers: dict[str, str], answer: str) -> None:
    answered = app.answer(app.ask(), answer=answer, headers=headers)

    assert answered.status == 403
    assert "location" not in answered.headers


@pytest.mark.parametrize("key", ["", "1" + "A" * 43])
def test_a_form_without_the_key_of_the_session_answers_nothing(app: App, key: str) -> None:
    assert app.answer(app.ask(), csrf=key).status == 403


@given(position=st.integers(min_value=0), character=st.characters(codec="ascii"))
def test_a_question_that_is_altered_is_none(position: int, character: str) -> None:
    app, question = standing()
    sealed = sealed_in(question)
    at = position % len(sealed)
    altered = sealed[:at] + character + sealed[at + 1 :]

    assert app.answer(question, consent=altered).status == (303 if altered == sealed else 422)


@pytest.mark.parametrize("sealed", ["", ".", "x", "a.b.c", "1.e30", "1.\U0001f600"])
def test_a_question_that_was_never_asked_has_no_answer(app: App, sealed: str) -> None:
    assert app.answer(app.ask(), consent=sealed).status == 422


def test_a_question_waits_a_quarter_of_an_hour(app: App) -> None:
    page = app.ask()

    app.web.now = NOON + timedelta(minutes=15) - timedelta(seconds=1)
    assert app.answer(page).status == 303
    app.web.now = NOON + timedelta(minutes=15)
    assert app.answer(page).status == 422


def test_a_yes_said_twice_gives_two_codes_of_which_each_needs_the_clients_proof(app: App) -> None:
    page = app.ask()
    first, second = (told(app.answer(page))["code"] for _ in range(2))

    assert first != second
    assert grants_in(app.web) == []
    assert app.redeem(second).status == 200
    assert app.redeem(first, code_verifier="v" * 43).json["error"] == "invalid_grant"
    assert len(grants_in(app.web)) == 1


def test_the_answer_is_for_the_workspace_that_was_read_whatever_is_looked_at_meanwhile(app: App) -> None:
    workspace(app.web.stores, "wks_2", people={"oscar": Role.OWNER, "olivia": Role.ANALYST})
    app.web.post("/auth/workspace", workspace="wks_1")
    page = app.ask()
    app.web.post("/auth/workspace", workspace="wks_2")

    assert "you are an owner" in app.answer(page, scope=[]).words
    assert granted(app, app.answer(page)).workspace_id == "wks_1"


def test_who_was_removed_meanwhile_approves_nothing(web: Web) -> None:
    web.sign_in("adam")
    app = App(web)
    page = app.ask()
    order(RemoveMember(member_id="mem_adam", at=NOON), stores=web.stores)

    answered = app.answer(page)

    assert answered.status in {403, 404}
    assert "location" not in answered.headers


def test_whatever_a_client_says_of_itself_stands_on_the_page_as_text(web: Web) -> None:
    web.sign_in()
    app = App(web, name=HOSTILE)
    asked = app.ask(state=HOSTILE)
    again = app.answer(asked, scope=[])

    for page in (asked, again, app.ask(redirect_uri=f"https://x.test/{HOSTILE}"), app.ask(client_id=HOSTILE)):
        assert "<script>alert" not in page.text
        assert "49javascript" not in page.words
        assert not re.search(r'(?:href|src|action)="(?![/#])', page.text)
    assert told(app.answer(asked))["state"] == HOSTILE


@given(st.text(min_size=1, max_size=30))
def test_nobody_is_led_where_the_client_did_not_say(tail: str) -> None:
    for uri in (REDIRECT + tail, tail, f"https://evil.test/{tail}", f"http://127.0.0.1{tail}", f"//{tail}"):
        page = standing()[0].ask(redirect_uri=uri)
        led = urlsplit(page.headers.get("location", REDIRECT))
        assert (led.scheme, led.hostname, led.path) == ("http", "127.0.0.1", "/callback")

"""Connected apps: who let which app in, and how it is cut off, by whom it is theirs to."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest

from shared.domain.scopes import Scope
from shared.domain.token.state import Status
from shared.domain.workspace.events import Role
from shared.services.grants.tokens import Tokens
from tests.data.tenants import NOON, token, workspace
from tests.services.grants.connecting import approve, redeem
from tests.transports.web.trails import HOSTILE
from tests.transports.web.web import SETTINGS, Web

APPS = f"{SETTINGS}/apps"
REVOKE = f"{APPS}/revoke"


def connected(
    web: Web,
    name: str = "An editor",
    *,
    by: str = "ana",
    client_id: str | None = None,
    at: datetime = NOON,
    **more: Any,  # noqa: ANN401 - any field of an approval
) -> Tokens:
    """Have a member let an app in."""
    client_id = client_id or f"mfc_{name}"
    code = approve(web.stores, client_name=name, member_id=f"mem_{by}", client_id=client_id, at=at, **more)
    return redeem(web.stores, code, client_id=client_id, at=at)


def status_of(web: Web, grant: Tokens) -> Status:
    row = web.stores.tokens.get(grant.grant_id)
    assert row is not None
    return row.token.status


def test_an_app_is_told_with_its_host_whose_it_is_what_it_may_and_how_long(web: Web) -> None:
    connected(web, "Claude Code")
    web.now = NOON + timedelta(days=2)
    web.sign_in("olivia")

    words = web.get(APPS).words

    assert "Claude Code Unverified It registered itself; its name is its own choice." in words
    assert "Runs on a person's own computer ( 127.0.0.1 ). First connected 21 Nov 2026, 12:00 UTC." in words
    assert "mem_ana (analyst) mcp:pnl:read mcp:ads:read 21 Nov 2026 2 days ago Never 21 Dec 2026 in 28 days" in words
    assert "Renews itself with use, at most until 21 Nov 2027" in words


def test_no_app_yet_says_how_to_connect_one_without_a_token(web: Web) -> None:
    token(web.stores, name="A plain token")
    web.sign_in("ana")

    answer = web.get(APPS)

    assert "No app is connected" in answer.words
    assert "claude mcp add --transport http merchant https://api.test/mcp Then the client asks you" in answer.words
    assert "A plain token" not in answer.words


def test_an_app_is_disconnected_after_its_consequence_was_told(web: Web) -> None:
    ended, kept = connected(web), connected(web, "Another")
    web.sign_in("olivia")
    assert "An editor is refused from its next request on and cannot renew itself." in web.get(APPS).words

    done = web.post(REVOKE, grant=ended.grant_id)

    assert done.location == f"{APPS}?done=one"
    assert "Disconnected." in web.get(done.location).words
    assert (status_of(web, ended), status_of(web, kept)) == (Status.REVOKED, Status.ACTIVE)
    assert "Ended" in web.get(APPS).words


def test_all_that_one_app_was_allowed_is_ended_at_once(web: Web) -> None:
    document = "https://editor.test/oauth.json"
    grants = [connected(web, by=person, client_id=document) for person in ("ana", "adam", "olivia")]
    other = connected(web, "Another")
    web.sign_in("olivia")
    (form,) = re.findall(r'<form[^>]*id="app-\d+-form"[^>]*>(.*?)</form>', web.get(APPS).text, re.DOTALL)

    ids = re.findall(r'name="grant" value="(\w+)"', form)
    done = web.post(REVOKE, grant=ids)

    assert "Disconnected everywhere." in web.get(done.location).words
    assert sorted(ids) == sorted(grant.grant_id for grant in grants)
    assert {status_of(web, grant) for grant in grants} == {Status.REVOKED}
    assert status_of(web, other) is Status.ACTIVE


def test_a_look_alike_does_not_hide_behind_the_app_that_it_looks_like(web: Web) -> None:
    connected(web, "Claude", client_id="https://claude.test/oauth.json")
    connected(web, "Claude", client_id="mfc_1")
    fake = connected(web, "Claude", client_id="mfc_2", by="adam", at=NOON + timedelta(hours=1))
    connected(web, "claude", client_id="https://evil.test/oauth.json")
    web.now = NOON + timedelta(days=1)
    web.sign_in("olivia")

    answer = web.get(APPS)

    assert answer.words.count("Whom Claude acts for") == 3
    assert "Known by its address https://evil.test/oauth.json ." in answer.words
    assert answer.words.count("Unverified It registered itself") == 2
    assert answer.words.count("3 other apps here have this name.") == 4
    first_told = answer.words.partition("Claude Unverified")[2]
    assert "First connected 21 Nov 2026, 13:00 UTC." in first_told.partition("Whom")[0]
    assert "Disconnect all" not in answer.words
    web.post(REVOKE, grant=fake.grant_id)
    assert web.get(APPS).words.count("2 other apps here have this name.") == 3


@pytest.mark.parametrize(
    ("person", "seen", "may_end"),
    [
        ("olivia", {"Of Olivia", "Of Adam", "Of Ana"}, {"olivia", "adam", "ana"}),
        ("adam", {"Of Olivia", "Of Adam", "Of Ana"}, {"olivia", "adam", "ana"}),
        ("ana", {"Of Ana"}, {"ana"}),
    ],
)
def test_managers_see_and_end_every_app_and_an_analyst_their_own(
    web: Web, person: str, seen: set[str], may_end: set[str]
) -> None:
    grants = {by: connected(web, f"Of {by.capitalize()}", by=by) for by in ("olivia", "adam", "ana")}
    web.sign_in(person)

    words = web.get(APPS).words
    ended = {by for by, grant in grants.items() if web.post(REVOKE, grant=grant.grant_id).status == 303}

    assert ("/activity?token=" in web.get(APPS).text) is (person != "ana")
    assert {name for name in ("Of Olivia", "Of Adam", "Of Ana") if name in words} == seen
    assert ended == may_end
    assert {by for by, grant in grants.items() if status_of(web, grant) is Status.REVOKED} == may_end


def test_an_app_of_another_workspace_is_none(web: Web) -> None:
    workspace(web.stores, "wks_2", people={"paul": Role.OWNER})
    theirs = connected(web, "Theirs", by="paul", workspace_id="wks_2")
    web.sign_in("olivia")

    assert "Theirs" not in web.get(APPS).words
    assert web.post(REVOKE, grant=theirs.grant_id).status == 404
    assert web.post(REVOKE, grant="no-id").status == 404
    assert web.post(REVOKE).status == 422
    assert status_of(web, theirs) is Status.ACTIVE


def test_an_app_is_disconnected_by_a_form_of_the_present_session_alone(web: Web) -> None:
    grant = connected(web)
    web.sign_in("ana")

    assert web.post(REVOKE, csrf="", grant=grant.grant_id).status == 403
    assert web.post(REVOKE, headers={"origin": "https://evil.test"}, grant=grant.grant_id).status == 403
    assert status_of(web, grant) is Status.ACTIVE


def test_what_an_app_calls_itself_is_told_as_text(web: Web) -> None:
    connected(web, HOSTILE)
    connected(web, HOSTILE, by="adam")
    connected(web, "javascript:alert(1)", client_id='https://client.test/"><script>alert(1)</script>')
    web.sign_in("olivia")

    answer = web.get(APPS)

    assert HOSTILE in unescape(answer.text)
    assert "<script>alert" not in answer.text
    assert 'href="javascript' not in answer.text


def test_a_workspace_without_mcp_sees_why_no_app_can_be_connected(web: Web) -> None:
    workspace(web.stores, "wks_2", plan="starter", people={"paul": Role.OWNER})
    web.sign_in("paul")

    answer = web.get(APPS)

    assert "has no MCP access" in answer.words
    assert "claude mcp add" not in answer.words


def test_an_app_without_refresh_says_only_when_it_ends(web: Web) -> None:
    workspace(web.stores, "wks_2", plan="alpha", people={"paul": Role.OWNER})
    connected(web, by="paul", workspace_id="wks_2", scopes=frozenset({Scope.PNL}))
    web.sign_in("paul")

    words = web.get(APPS).words

    assert "21 Nov 2027 in 1 year" in words
    assert "Renews itself" not in words


def test_an_app_elsewhere_is_told_by_the_host_that_people_are_sent_back_to(web: Web) -> None:
    address = "https://claude.example/callback"
    code = approve(web.stores, client_name="Claude", member_id="mem_ana", redirect_uri=address)
    redeem(web.stores, code, redirect_uri=address)
    web.sign_in("ana")

    assert "Sends people back to claude.example ." in web.get(APPS).words

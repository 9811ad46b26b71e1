"""Revoking many tokens from the pages: what would end is seen first, and exactly that is ended."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from shared.domain.scopes import Scope
from shared.domain.token.state import Status
from shared.domain.workspace.events import Role
from shared.services.revoke_tokens import AT_ONCE
from shared.services.signed import LIFETIME
from tests.data.many_tokens import Wanted, many_tokens
from tests.data.tenants import A_DAY, NOON, token, workspace
from tests.data.uses import call
from tests.services.grants.connecting import approve, redeem
from tests.transports.web.web import FORM, PUBLIC_URL, SETTINGS, Page, Web

HERE = f"{SETTINGS}/revoke"
XSS = """<script>alert(1)</script>"'>{{7*7}}"""


@pytest.fixture
def web() -> Web:
    """A browser of olivia, the owner."""
    web = Web()
    workspace(web.stores, at=NOON - 300 * A_DAY)
    web.sign_in()
    return web


def made(web: Web, name: str, *, owner: str = "olivia", age: int = 1, scopes: tuple[Scope, ...] = (Scope.PNL,)) -> str:
    return token(web.stores, name=name, owner=owner, at=NOON - age * A_DAY, scopes=scopes).token.token_id


def confirmation_on(page: Page) -> str:
    found = re.search(r'name="confirmation" value="([^"]*)"', page.text)
    assert found is not None
    return found[1]


def revoked(web: Web, workspace_id: str = "wks_1") -> set[str]:
    rows = web.stores.tokens.of_workspace(workspace_id, limit=1_000).items
    return {row.token.token_id for row in rows if row.token.status is Status.REVOKED}


def test_chosen_rows_are_shown_with_what_follows_and_nothing_is_changed(web: Web) -> None:
    first, second = made(web, "first"), made(web, "second", owner="adam")
    made(web, "third")
    call(web.stores, second, at=NOON - timedelta(hours=1))

    page = web.post(HERE, token=[first, second])

    assert page.status == 200
    assert "Revoke 2 tokens?" in page.words
    assert "Every client that uses one of them is refused from its next request on." in page.words
    assert "1 token of those listed was used in the last 7 days." in page.words
    assert "1 hour ago Used lately" in page.words
    assert "third" not in page.words
    assert revoked(web) == set()


def test_what_was_shown_is_revoked_and_nothing_that_came_later(web: Web) -> None:
    first, second = made(web, "first"), made(web, "second")
    confirmation = confirmation_on(web.post(HERE, token=[first, second]))
    made(web, "third")

    answer = web.post(f"{HERE}/confirmed", confirmation=confirmation, reason="The contractor left")
    page = web.get(answer.location)

    assert (answer.status, answer.location) == (303, f"{SETTINGS}?done=revoked")
    assert revoked(web) == {first, second}
    assert "refused from its next request on" in page.words
    assert web.stores.tokens.history(first)[-1].type == "token.revoked"


@pytest.mark.parametrize(
    ("criteria", "meant"),
    [
        ({"owner": "mem_adam"}, {"of adam", "wide"}),
        ({"scope": "mcp:ads:read"}, {"wide"}),
        ({"before": "2026-11-10"}, {"old"}),
        ({"owner": "mem_olivia", "before": "2026-11-21"}, {"old", "new"}),
        ({"owner": "mem_nobody"}, set[str]()),
    ],
)
def test_tokens_can_be_meant_by_owner_scope_and_age(web: Web, criteria: dict[str, str], meant: set[str]) -> None:
    made(web, "old", age=20)
    made(web, "new")
    made(web, "of adam", owner="adam")
    made(web, "wide", owner="adam", scopes=(Scope.PNL, Scope.ADS))

    page = web.post(HERE, headers=None, **criteria)

    assert page.status == 200
    assert set(re.findall(r'<td class="head">([^<]*)<', page.text)) == meant
    assert meant or "No token that could be revoked is meant" in page.words


@pytest.mark.parametrize(
    ("criteria", "told"),
    [
        ({}, "Say which tokens are meant."),
        ({"token": "'; drop"}, "Say which tokens are meant."),
        ({"before": "yesterday"}, "Write the day like 2026-11-21."),
        ({"before": "9999-99-99"}, "Write the day like 2026-11-21."),
        ({"scope": "mcp:all"}, "There is no scope 'mcp:all'."),
    ],
)
def test_what_cannot_be_meant_is_told(web: Web, criteria: dict[str, str], told: str) -> None:
    made(web, "one")

    page = web.post(HERE, headers=None, **criteria)

    assert page.status == 422
    assert told in page.words
    assert revoked(web) == set()


def test_apps_that_are_meant_are_told_to_be_apps(web: Web) -> None:
    made(web, "a token")
    redeem(
        web.stores,
        approve(web.stores, member_id="mem_olivia", client_name="An editor", at=NOON - A_DAY),
        at=NOON - A_DAY,
    )

    page = web.post(HERE, owner="mem_olivia")

    assert "Revoke 2 tokens?" in page.words
    assert "1 of them is a connected app, which would have to sign in again." in page.words
    assert "An editor" in page.words


def test_a_confirmation_without_a_reason_is_asked_again(web: Web) -> None:
    one = made(web, "one")
    confirmation = confirmation_on(web.post(HERE, token=[one]))

    page = web.post(f"{HERE}/confirmed", confirmation=confirmation, reason=" ")

    assert page.status == 422
    assert 'id="reason-error"' in page.text
    assert confirmation_on(page) == confirmation
    assert revoked(web) == set()


def test_a_confirmation_is_good_for_its_own_person_and_a_quarter_of_an_hour(web: Web) -> None:
    one = made(web, "one")
    confirmation = confirmation_on(web.post(HERE, token=[one]))

    web.sign_in("adam")
    of_another = web.post(f"{HERE}/confirmed", confirmation=confirmation, reason="why")
    web.sign_in("olivia")
    web.now = NOON + LIFETIME
    too_late = web.post(f"{HERE}/confirmed", confirmation=confirmation, reason="why")
    made_up = web.post(f"{HERE}/confirmed", confirmation="nonsense", reason="why")

    for page in (of_another, too_late, made_up):
        assert page.status == 422
        assert "The confirmation is not for this change, or it is too old." in page.words
    assert revoked(web) == set()


def test_another_workspaces_tokens_are_never_meant(web: Web) -> None:
    workspace(web.stores, "wks_2", people={"oscar": Role.OWNER}, at=NOON - 300 * A_DAY)
    foreign = token(web.stores, owner="oscar", workspace_id="wks_2", name="theirs", at=NOON - A_DAY).token.token_id

    page = web.post(HERE, token=[foreign])

    assert "No token that could be revoked is meant" in page.words
    assert "theirs" not in page.text


def test_more_than_go_at_once_are_gone_on_with(web: Web) -> None:
    many_tokens(web.stores.engine, [Wanted(owner="olivia", at=NOON - A_DAY) for _ in range(AT_ONCE + 1)])
    page = web.post(HERE, owner="mem_olivia")

    first = web.post(f"{HERE}/confirmed", confirmation=confirmation_on(page), reason="why")

    assert "Revoke 501 tokens?" in page.words
    assert "And 401 more: the newest 100 are listed." in page.words
    assert "500 tokens revoked; there are more" in first.words
    assert 'value="why"' in first.text
    assert len(revoked(web)) == AT_ONCE
    assert web.post(f"{HERE}/confirmed", confirmation=confirmation_on(first), reason="why").status == 303
    assert len(revoked(web)) == AT_ONCE + 1


def test_an_analyst_revokes_none(web: Web) -> None:
    one = made(web, "one")
    confirmation = confirmation_on(web.post(HERE, token=[one]))
    web.sign_in("ana")

    pages = [
        web.get(HERE),
        web.post(HERE, token=[one]),
        web.post(f"{HERE}/confirmed", confirmation=confirmation, reason="why"),
    ]

    assert [page.status for page in pages] == [403, 403, 403]
    assert revoked(web) == set()


def test_forms_without_their_key_are_refused(web: Web) -> None:
    one = made(web, "one")
    confirmation = confirmation_on(web.post(HERE, token=[one]))

    for path, body in ((HERE, f"token={one}"), (f"{HERE}/confirmed", f"confirmation={confirmation}&reason=why")):
        assert web.send("POST", path, headers={"content-type": FORM, "origin": PUBLIC_URL}, body=body).status == 403
    assert revoked(web) == set()


def test_names_are_shown_and_never_run(web: Web) -> None:
    one = made(web, XSS)

    page = web.post(HERE, token=[one])

    assert XSS in page.words
    assert "<script>alert" not in page.text
    assert "\"'>" not in page.text


def test_revoking_what_is_ticked_without_a_tick_says_so_and_what_to_do(web: Web) -> None:
    one = made(web, "one")
    listed = web.get(SETTINGS)

    page = web.post(HERE, ticked="1")

    assert re.search(r"<button[^>]* data-ticked", listed.text)
    assert 'name="ticked"' in listed.text
    assert page.status == 422
    assert "No token was ticked in the list. Go back and tick some, or say here which are meant." in page.words
    assert "Reason required" in web.post(HERE, ticked="1", token=one).words

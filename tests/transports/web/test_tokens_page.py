"""The list of tokens: what stands in it, who sees what, and that it stays right however it is sorted and filtered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.scopes import Scope
from shared.domain.token.attendance import USUAL
from shared.domain.token.events import TokenKind
from shared.domain.workspace.commands import ChangeMemberRole, RemoveMember, SuspendAccess
from shared.domain.workspace.events import Role
from shared.services.attend_token import attend_token
from shared.services.manage_tokens import revoke_token, suspend_token
from shared.services.survey.survey_tokens import MOST_ROWS
from shared.storage.engine import Engine, Item, Key, StoreUnavailable, Table
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.faults import Passing
from tests.data.many_tokens import Wanted, many_tokens
from tests.data.stores import Stores, memory_stores
from tests.data.tenants import A_DAY, KEYS, NOON, member, order, origin, rotation, token, workspace
from tests.data.uses import call
from tests.services.grants.connecting import approve, redeem
from tests.transports.web.web import SETTINGS, Page, Web

XSS = """<script>alert(1)</script>"'>{{7*7}}"""


@pytest.fixture
def web() -> Web:
    """A browser of olivia, the owner."""
    web = Web()
    workspace(web.stores, at=NOON - 300 * A_DAY)
    web.sign_in()
    return web


def names(page: Page) -> list[str]:
    """The names in the list, from top to bottom."""
    return re.findall(r'<td class="head"><a href="[^"]*">([^<]*)</a>', page.text)


def line_of(page: Page, name: str) -> str:
    """The words of a token's line."""
    (line,) = [row for row in re.findall(r"<tr>.*?</tr>", page.text, re.DOTALL) if f">{name}</a>" in row]
    return " ".join(re.sub(r"<[^>]*>", " ", line).split())


def test_without_a_session_one_signs_in_and_comes_back() -> None:
    page = Web().get(SETTINGS, state="all")

    assert page.status == 303
    assert page.location == f"/auth/sign-in?{urlencode({'next': f'{SETTINGS}?state=all'})}"


def test_an_empty_workspace_leads_to_its_first_token(web: Web) -> None:
    page = web.get(SETTINGS)

    assert page.status == 200
    assert "Generate your first token" in page.words
    assert f'href="{SETTINGS}/new"' in page.text
    assert "<table" not in page.text


def test_a_line_tells_prefix_owner_scopes_state_use_and_expiry(web: Web) -> None:
    made = token(web.stores, name="Weekly sync", scopes=(Scope.PNL, Scope.ADS), days=90, at=NOON - 40 * A_DAY).token
    call(web.stores, made.token_id, at=NOON - timedelta(hours=3), client=("claude-code", "2.1.330"), ip="192.0.2.44")

    line = line_of(web.get(SETTINGS), "Weekly sync")

    assert f"{made.prefix}…" in line
    assert "Active You pnl ads" in line
    assert "3 hours ago claude-code 2.1.330 192.0.2.44" in line
    assert "10 Jan 2027 in 50 days" in line
    assert "Calls: 1 call in 30 days, at most 1 on one day" in line
    assert made.token_id not in line


def test_flags_stand_beside_what_they_are_about(web: Web) -> None:
    stores = web.stores
    token(stores, name="never", at=NOON - 2 * A_DAY)
    token(stores, name="new", at=NOON - timedelta(hours=2))
    idle = token(stores, name="idle", days=365, at=NOON - 90 * A_DAY).token
    call(stores, idle.token_id, at=NOON - 40 * A_DAY)
    broad = token(stores, name="broad", scopes=list(Scope)[:5], days=90, at=NOON - 20 * A_DAY).token
    call(stores, broad.token_id, at=NOON - A_DAY, scope=Scope.PNL)
    token(stores, name="ending", at=NOON - 27 * A_DAY)

    page = web.get(SETTINGS)

    assert "Never used" in line_of(page, "never")
    assert "Waiting for its first call" in line_of(page, "new")
    assert "Idle 40 days" in line_of(page, "idle")
    assert "Uses 1 of 5 scopes" in line_of(page, "broad")
    assert "Expires in 3 days" in line_of(page, "ending")
    assert "Not ended 5 Never used in a day or more 2 Idle 30 days or more 1 End within 14 days 1" in page.words


def test_a_token_of_some_days_is_not_told_to_do_with_less_yet(web: Web) -> None:
    young = token(web.stores, name="young", scopes=list(Scope)[:5], at=NOON - 13 * A_DAY).token
    call(web.stores, young.token_id, at=NOON - A_DAY, scope=Scope.PNL)

    assert "Uses" not in line_of(web.get(SETTINGS), "young")


def test_every_state_has_its_word(web: Web) -> None:
    stores = web.stores
    old = token(stores, name="rotated", days=365, at=NOON - 9 * A_DAY).token
    rotation(stores, old.token_id, at=NOON - 2 * A_DAY)
    _, overlap, suspended, revoked = (
        token(stores, name=name, days=365, at=NOON - A_DAY).token.token_id
        for name in ("active", "overlap", "suspended", "revoked")
    )
    rotation(stores, overlap)
    for change, token_id in ((suspend_token, suspended), (revoke_token, revoked)):
        change(
            token_id,
            reason="why",
            workspace_id="wks_1",
            member=member(stores),
            origin=origin(),
            now=NOON,
            keys=KEYS,
            tokens=stores.tokens,
        )
    token(stores, name="expired", at=NOON - 31 * A_DAY)

    page = web.get(SETTINGS, state="all", sort="created", order="asc")

    for name in ("active", "suspended", "revoked", "expired"):
        assert f"… {name.capitalize()} You" in line_of(page, name)
    assert names(web.get(SETTINGS, state="overlap")) == ["overlap"]
    assert names(web.get(SETTINGS, state="rotated")) == ["rotated"]
    assert "revoked" not in names(web.get(SETTINGS))


def test_a_flagged_token_is_told_as_abandoned(web: Web) -> None:
    made = token(web.stores, name="dead", days=365, at=NOON - 60 * A_DAY).token
    attend_token(
        made.token_id,
        now=NOON - A_DAY,
        rules_for=lambda _: USUAL,
        origin=origin(),
        keys=KEYS,
        tokens=web.stores.tokens,
        evidence=web.stores.evidence,
    )

    assert names(web.get(SETTINGS, state="abandoned")) == ["dead"]
    assert "Abandoned" in line_of(web.get(SETTINGS), "dead")


def test_grants_of_apps_stand_elsewhere(web: Web) -> None:
    token(web.stores, name="a token")
    grant = redeem(web.stores, approve(web.stores, member_id="mem_olivia", client_name="An editor"))

    page = web.get(SETTINGS, state="all")

    assert names(page) == ["a token"]
    assert "An editor" not in page.words
    assert "Not ended 1" in page.words
    assert web.get(f"{SETTINGS}/tokens/{grant.grant_id}").location == f"{SETTINGS}/apps"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"sort": "name", "order": "asc"}, ["alpha", "Beta", "gamma"]),
        ({"sort": "name", "order": "desc"}, ["gamma", "Beta", "alpha"]),
        ({}, ["gamma", "alpha", "Beta"]),
        ({"sort": "created", "order": "asc"}, ["Beta", "alpha", "gamma"]),
        ({"sort": "expires"}, ["alpha", "Beta", "gamma"]),
        ({"sort": "nonsense", "order": "sideways", "page": "x"}, ["Beta", "alpha", "gamma"]),
        ({"q": "BET"}, ["Beta"]),
        ({"owner": "mem_adam"}, ["alpha"]),
        ({"scope": "mcp:ads:read"}, ["gamma"]),
        ({"scope": "nonsense", "kind": "nonsense", "state": "nonsense"}, ["gamma", "alpha", "Beta"]),
        ({"kind": "organization"}, []),
        ({"state": "revoked"}, []),
    ],
)
def test_the_address_says_what_is_listed_and_in_which_order(web: Web, query: dict[str, str], found: list[str]) -> None:
    token(web.stores, name="Beta", days=90, at=NOON - 3 * A_DAY)
    token(web.stores, name="alpha", days=30, owner="adam", at=NOON - 2 * A_DAY)
    token(web.stores, name="gamma", days=365, scopes=(Scope.ADS,), at=NOON - A_DAY)

    page = web.get(f"{SETTINGS}?{urlencode(query)}")

    assert page.status == 200
    assert names(page) == found
    assert found or "No token matches" in page.words


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["state", "kind", "owner", "scope", "q", "sort", "order", "page", "done", "other"]),
        st.text(max_size=30) | st.sampled_from(["in_use", "all", "name", "desc", "-1", "0", "99999", "²", XSS]),
    )
)
def test_no_address_of_the_list_fails_or_carries_markup(web: Web, query: dict[str, str]) -> None:
    page = web.get(f"{SETTINGS}?{urlencode(query)}")

    assert page.status == 200
    assert "<script>alert" not in page.text


def test_links_of_the_heads_keep_the_filters_and_turn_the_order(web: Web) -> None:
    token(web.stores, name="one")

    page = web.get(SETTINGS, q="on", sort="name", order="asc")

    assert f'{SETTINGS}?q=on&amp;sort=name&amp;order=desc"' in page.text
    assert page.text.count("aria-sort") == 1
    assert 'aria-sort="ascending"' in page.text


def test_a_thousand_tokens_are_paged_by_fifty(web: Web) -> None:
    stores = memory_stores(SqliteEngine())
    web = Web(stores=stores)
    workspace(stores, at=NOON - 300 * A_DAY)
    web.sign_in()
    many_tokens(stores.engine, [Wanted(owner="olivia", at=NOON - timedelta(minutes=n)) for n in range(1_000)])

    first, last = web.get(SETTINGS), web.get(SETTINGS, page=20, sort="created", order="asc")

    assert len(names(first)) == len(names(last)) == 50
    assert "1 to 50 of 1,000 tokens" in first.words
    assert "951 to 1,000 of 1,000 tokens" in last.words
    assert f'rel="next" href="{SETTINGS}?page=2"' in first.text
    assert "Next" not in last.words
    assert f'rel="prev" href="{SETTINGS}?order=asc&amp;page=19"' in last.text
    assert len(first.text.encode()) < 120_000


def test_of_very_many_tokens_the_newest_are_looked_at_and_the_page_says_so(web: Web) -> None:
    wanted = [Wanted(owner="olivia", at=NOON - timedelta(minutes=n)) for n in range(MOST_ROWS + 1)]
    many_tokens(web.stores.engine, wanted)

    page = web.get(SETTINGS)

    assert "1 to 50 of 2,000 tokens" in page.words
    assert "The newest 2,000 credentials of the workspace are looked at here." in page.words


def test_names_and_clients_are_shown_and_never_run(web: Web) -> None:
    made = token(web.stores, name=XSS).token
    call(web.stores, made.token_id, client=(XSS, "javascript:alert(1)"))

    page = web.get(SETTINGS, q=XSS)

    assert XSS in page.words
    assert page.words.count("javascript:alert(1)") == 1
    assert "<script>alert" not in page.text
    assert "\"'>" not in page.text
    assert "49" not in page.words
    assert 'href="javascript' not in page.text


def test_another_workspace_is_not_seen(web: Web) -> None:
    workspace(web.stores, "wks_2", people={"oscar": Role.OWNER}, at=NOON - 300 * A_DAY)
    token(web.stores, owner="oscar", workspace_id="wks_2", name="theirs")

    assert "theirs" not in web.get(SETTINGS, state="all").text


def test_an_admin_manages_too(web: Web) -> None:
    token(web.stores, name="of the owner")
    web.sign_in("adam")

    page = web.get(SETTINGS)

    assert names(page) == ["of the owner"]
    assert "Generate new token" in page.words
    assert "Owner mem_olivia" in line_of(page, "of the owner")


def test_an_analyst_is_told_why_there_is_nothing_to_manage_and_what_they_may_do(web: Web) -> None:
    token(web.stores, name="of the owner")
    web.sign_in("ana")

    page = web.get(SETTINGS)

    assert page.status == 200
    assert "Tokens are for owners and admins" in page.words
    assert "Ask an owner of the workspace" in page.words
    assert f'href="{SETTINGS}/apps"' in page.text
    assert "of the owner" not in page.text
    assert "Generate new token" not in page.words


def test_who_became_an_analyst_sees_their_own_tokens_of_earlier_days(web: Web) -> None:
    token(web.stores, name="of adam", owner="adam")
    token(web.stores, name="of the owner")
    order(ChangeMemberRole(member_id="mem_adam", role=Role.ANALYST, at=NOON), stores=web.stores)
    web.sign_in("adam")

    page = web.get(SETTINGS, state="all")

    assert names(page) == ["of adam"]
    assert "Revoked" in line_of(page, "of adam")
    assert "Revoke selected" not in page.words


def test_tokens_of_who_left_say_so(web: Web) -> None:
    token(web.stores, name="of adam", owner="adam")
    order(RemoveMember(member_id="mem_adam", at=NOON), stores=web.stores)

    assert "Former member mem_adam" in line_of(web.get(SETTINGS, state="all"), "of adam")


def test_a_plan_without_mcp_says_why_and_which_plan_has_it() -> None:
    web = Web()
    workspace(web.stores, plan="starter", granted=False)
    web.sign_in()

    page = web.get(SETTINGS)

    assert "The Starter plan has no MCP access" in page.words
    assert "Move the workspace to the Plus tier" in page.words
    assert "Generate new token" not in page.words


def test_an_organization_that_is_not_on_the_list_is_told_which_ticket_to_open() -> None:
    web = Web()
    workspace(web.stores, plan="alpha", granted=False)
    web.sign_in()

    page = web.get(SETTINGS)

    assert "not authorized for MCP yet" in page.words
    assert 'support ticket with the subject line "MCP Early Access"' in page.words
    assert "Generate new token" not in page.words


def test_a_suspended_access_is_told_and_its_tokens_are_listed_all_the_same() -> None:
    web = Web()
    workspace(web.stores, plan="alpha")
    token(web.stores, name="ours", kind=TokenKind.ORGANIZATION, days=None)
    order(SuspendAccess(reason="unpaid", at=NOON), stores=web.stores)
    web.sign_in()

    page = web.get(SETTINGS)

    assert "MCP access of this workspace was suspended" in page.words
    assert "Organization mem_olivia" in line_of(page, "ours")
    assert "No expiry" in line_of(page, "ours")


def test_when_the_store_is_down_the_page_says_so_and_when_to_come_back(web: Web) -> None:
    token(web.stores, name="one")
    silent = Silent(web.stores.engine)
    web = Web(stores=Stores.over(silent), cookies=web.cookies)

    page = web.get(SETTINGS)

    assert (page.status, page.headers["retry-after"]) == (503, "5")
    assert "Our store does not answer at the moment" in page.words


class Silent(Passing):
    """Reads no several items at once."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)

    def get_many(self, table: Table, keys: Sequence[Key], *, consistently: bool = True) -> dict[Key, Item]:
        raise StoreUnavailable(f"no answer to {len(keys)} keys of {table}, {consistently}")

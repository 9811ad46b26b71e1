"""Generating a token: what it will see is told before, its secret is in one answer, and in no later one."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import timedelta

import pytest

from shared.domain.scopes import GRANTS, Scope
from shared.domain.token.events import TokenKind
from shared.domain.token.policy import TokenPolicy
from shared.domain.token.state import Token
from shared.domain.token.wording import TOKEN_LIKE
from shared.domain.workspace.commands import SetTokenPolicy
from shared.domain.workspace.events import Role
from shared.services.credentials.token_format import read_token
from shared.services.tool_catalogue import TOOLS, tools_for
from tests.data.tenants import A_DAY, KEYS, NOON, order, workspace
from tests.services.grants.connecting import newest_entry
from tests.transports.web.token_pages import secret_on
from tests.transports.web.web import FORM, PUBLIC_URL, SETTINGS, Page, Web

NEW = f"{SETTINGS}/new"
XSS = """<script>alert(1)</script>"'>{{7*7}}"""
CLIENTS = ("Claude Code", "Claude Desktop", "Cursor", "VS Code", "TypeScript", "Python", "curl", "GitHub Actions")


@pytest.fixture
def web() -> Web:
    """A browser of olivia, the owner."""
    web = Web()
    workspace(web.stores, at=NOON - 300 * A_DAY)
    web.sign_in()
    return web


def key_on(page: Page) -> str:
    found = re.search(r'name="key" value="([^"]*)"', page.text)
    assert found is not None
    return found[1]


def filled(web: Web, **other: object) -> dict[str, object]:
    """The form, filled in well unless a test says otherwise."""
    usual = {"name": "Weekly sync", "scopes": ["mcp:pnl:read"], "expires_in_days": "30"}
    return {"key": key_on(web.get(NEW)), **usual, **other}


def sent(web: Web, form: Mapping[str, object], *, headers: Mapping[str, str] | None = None) -> Page:
    return web.post(NEW, headers=headers, **form)


def tokens(web: Web, workspace_id: str = "wks_1") -> list[Token]:
    return [row.token for row in web.stores.tokens.of_workspace(workspace_id, limit=100).items]


def policy(web: Web, **rules: object) -> None:
    order(SetTokenPolicy(policy=TokenPolicy(**rules), set_by="mem_olivia", at=NOON), stores=web.stores)  # pyright: ignore[reportArgumentType] - each rule has a type of its own


def test_the_form_tells_what_each_scope_grants_and_chooses_the_shortest_life(web: Web) -> None:
    page = web.get(NEW)

    assert page.status == 200
    for scope, grants in GRANTS.items():
        assert f"{scope.value} {grants}" in page.words
    assert "30 days 90 days 180 days 1 year" in page.words
    assert re.findall(r'value="(\w+)" checked', page.text) == ["30"]
    assert "Organization token" not in page.words


def test_a_token_is_made_as_it_was_asked_for_and_its_secret_is_shown(web: Web) -> None:
    page = sent(web, filled(web, scopes=["mcp:pnl:read", "mcp:ads:read"], expires_in_days="90"))

    (made,) = tokens(web)
    assert page.status == 200
    assert (made.name, made.scopes, made.owner_id) == ("Weekly sync", {Scope.PNL, Scope.ADS}, "mem_olivia")
    assert made.expires_at == NOON + 90 * A_DAY
    text = read_token(secret_on(page), KEYS)
    assert text is not None
    assert text.token_id == made.token_id
    assert "This is the only time that it is shown" in page.words


def test_the_secret_is_in_one_answer_and_in_no_later_one(web: Web) -> None:
    form = filled(web)
    secret = secret_on(sent(web, form))
    (made,) = tokens(web)

    later = [
        sent(web, form),
        web.get(NEW),
        web.get(SETTINGS, state="all"),
        web.get(f"{SETTINGS}/tokens/{made.token_id}"),
        web.get(f"{SETTINGS}/tokens/{made.token_id}/rotate"),
        web.get(f"{SETTINGS}/activity"),
    ]

    for page in later:
        assert page.status == 200
        assert secret not in page.text
        assert not TOKEN_LIKE.search(page.text)
        assert secret not in str(page.headers)


def test_the_answer_with_the_secret_is_kept_nowhere_and_names_it_in_no_address_and_no_title(web: Web) -> None:
    page = sent(web, filled(web))
    secret = secret_on(page)

    assert page.headers["cache-control"] == "no-store"
    assert secret not in str(page.headers) + str(page.cookies)
    assert secret not in (re.search(r"<title>.*?</title>", page.text) or [""])[0]
    assert not [address for address in re.findall(r'(?:href|action|src)="([^"]*)"', page.text) if secret in address]


def test_the_same_form_sent_twice_makes_one_token_and_says_what_to_do_without_its_secret(web: Web) -> None:
    form = filled(web)
    sent(web, form)

    again = sent(web, form)

    assert len(tokens(web)) == 1
    assert again.status == 200
    assert "This form has made its token already" in again.words
    assert "You have not copied it?" in again.words


def test_a_secret_that_was_not_copied_is_replaced_by_one_click(web: Web) -> None:
    form = filled(web, expires_in_days="90")
    sent(web, form)
    (lost,) = tokens(web)
    again = sent(web, form)
    action = re.search(rf'action="({SETTINGS}/tokens/[^"]*)"', again.text)
    assert action is not None

    page = web.post(action[1], key=key_on(again), overlap_seconds="0")

    secret = read_token(secret_on(page), KEYS)
    assert secret is not None
    by_id = {token.token_id: token for token in tokens(web)}
    successor = by_id[secret.token_id]
    assert by_id[lost.token_id].status_at(NOON) == "rotated"
    assert (successor.name, successor.scopes, successor.lifetime_days) == (lost.name, lost.scopes, 90)
    assert "is refused from now on" in page.words


def test_a_key_that_has_made_a_token_makes_no_other_one_by_a_changed_form(web: Web) -> None:
    form = filled(web)
    sent(web, form)

    page = sent(web, {**form, "name": "Another"})

    assert page.status == 422
    assert "This form has made a token already" in page.words
    assert len(tokens(web)) == 1
    assert key_on(page) != form["key"]
    assert sent(web, {**form, "name": "Another", "key": key_on(page)}).status == 200
    assert {token.name for token in tokens(web)} == {"Weekly sync", "Another"}


@pytest.mark.parametrize(
    ("wrong", "told", "at"),
    [
        ({"name": ""}, "A name has 1 to 100 characters.", "name-error"),
        ({"name": "x" * 101}, "A name has 1 to 100 characters.", "name-error"),
        ({"scopes": []}, "A token needs at least one scope.", None),
        ({"scopes": ["mcp:everything"]}, "There is no scope 'mcp:everything'.", None),
        ({"expires_in_days": "31"}, "offers these lifetimes in days: 30, 90, 180, 365", "expires_in_days-error"),
        ({"expires_in_days": ""}, "Choose when the token expires.", "expires_in_days-error"),
        ({"expires_in_days": "never"}, "offers these lifetimes", "expires_in_days-error"),
        ({"kind": "grant"}, "There is no such kind of token.", None),
        ({"key": ""}, "This form was not whole", None),
        ({"key": "'; --"}, "This form was not whole", None),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_is_kept(
    web: Web, wrong: Mapping[str, object], told: str, at: str | None
) -> None:
    page = sent(web, filled(web, **wrong))

    assert page.status == 422
    assert told in page.words
    assert 'role="alert"' in page.text
    assert at is None or f'id="{at}"' in page.text
    assert f'value="{wrong.get("name", "Weekly sync")}"' in page.text
    assert tokens(web) == []


def test_of_what_a_browser_calls_itself_the_trail_keeps_one_line_of_200_characters(web: Web) -> None:
    sent(web, filled(web), headers={"user-agent": "a\tb " + "x" * 300})

    assert newest_entry(web.stores).origin.user_agent == "a b " + "x" * 196


def test_days_are_read_in_any_digits(web: Web) -> None:
    assert sent(web, filled(web, expires_in_days="٣٠")).status == 200
    (made,) = tokens(web)
    assert made.lifetime_days == 30


def test_after_a_mistake_the_same_form_is_sent_again_and_makes_the_token(web: Web) -> None:
    form = filled(web, name="")
    mended = {**form, "name": "Mended", "key": key_on(sent(web, form))}

    assert secret_on(sent(web, mended))
    assert [token.name for token in tokens(web)] == ["Mended"]


def test_a_pasted_token_is_no_name_and_is_not_handed_back(web: Web) -> None:
    secret = secret_on(sent(web, filled(web)))

    page = sent(web, filled(web, name=f"my {secret}"))

    assert page.status == 422
    assert "holds what looks like a token" in page.words
    assert secret not in page.text


@pytest.mark.parametrize("chosen", [(), ("mcp:pnl:read",), ("mcp:ads:read", "mcp:activity:read"), tuple(Scope)])
def test_the_preview_names_exactly_the_tools_that_the_token_will_see(web: Web, chosen: tuple[str, ...]) -> None:
    page = web.post(f"{NEW}/preview", scopes=[*chosen], expires_in_days="90")

    seen = {tool.name for tool in tools_for(frozenset(Scope(scope) for scope in chosen))}
    assert page.status == 200
    assert "<html" not in page.text
    assert {tool.name for tool in TOOLS if f"<code>{tool.name}</code>" in page.text} == seen
    assert len(re.findall(r"<code>", page.text)) == len(seen)
    assert f"{len(seen)} of {len(TOOLS)} tools" in page.words
    assert "it would expire on 19 Feb 2027" in page.words


def test_without_script_a_button_shows_the_same_and_makes_nothing(web: Web) -> None:
    page = sent(web, filled(web, scopes=["mcp:ads:read"], step="look"))

    assert page.status == 200
    assert "<code>get_ad_performance</code>" in page.text
    assert 'value="Weekly sync"' in page.text
    assert 'value="mcp:ads:read" checked' in page.text
    assert tokens(web) == []


def test_rules_of_the_policy_are_told_before_they_refuse(web: Web) -> None:
    policy(web, longest_days=100, scopes=frozenset({Scope.PNL}), name_pattern="ci-*", networks=("192.0.2.0/24",))

    page = web.get(NEW)

    assert "Your workspace allows 100 days at most" in page.words
    assert "30 days 90 days" in page.words
    assert "180 days" not in page.words
    assert "names like ci-*" in page.words
    assert "192.0.2.0/24" in page.words
    assert page.words.count("token policy does not allow it") == 6
    assert page.text.count("disabled") == 6


def test_a_policy_that_leaves_no_lifetime_is_told(web: Web) -> None:
    policy(web, longest_days=7)

    page = web.get(NEW)

    assert "No lifetime is left to choose" in page.words
    assert "less than any that the plan offers" in page.words


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"longest_days": 20}, "The workspace allows its tokens 20 days at most."),
        ({"scopes": frozenset({Scope.ADS})}, "The workspace does not allow: mcp:pnl:read."),
        ({"name_pattern": "ci-*"}, "The workspace wants names like ci-*."),
    ],
)
def test_a_policy_that_was_changed_meanwhile_refuses_at_the_field(
    web: Web, rules: Mapping[str, object], told: str
) -> None:
    form = filled(web)
    policy(web, **rules)

    page = sent(web, form)

    assert page.status == 422
    assert told in page.words
    assert tokens(web) == []


def test_where_the_plan_has_them_organization_tokens_may_go_without_an_expiry() -> None:
    web = Web()
    workspace(web.stores, plan="alpha")
    web.sign_in()

    page = web.get(NEW)
    answer = sent(web, filled(web, kind="organization", expires_in_days="never", scopes=[*Scope]))

    assert "Organization token Acts for the whole organization" in page.words
    assert "No expiry" in page.words
    (made,) = tokens(web)
    assert (made.kind, made.expires_at, made.scopes) == (TokenKind.ORGANIZATION, None, set(Scope))
    assert secret_on(answer).startswith("mfs_")


def test_a_plan_without_organization_tokens_makes_none(web: Web) -> None:
    page = sent(web, filled(web, kind="organization"))

    assert page.status == 403
    assert "has no organization tokens" in page.words
    assert tokens(web) == []


def test_ready_blocks_hold_the_secret_only_where_the_client_keeps_it(web: Web) -> None:
    page = sent(web, filled(web))
    secret = secret_on(page)

    sections = re.findall(r'<section id="clients-[^"]*".*?</section>', page.text, re.DOTALL)
    headed = [(re.findall(r"<h3[^>]*>([^<]*)", section)[0], section) for section in sections]
    holding = [name for name, section in headed if secret in section]
    assert [name for name, _ in headed] == [*CLIENTS]
    assert holding == ["Claude Desktop", "Cursor"]
    assert all(f"{PUBLIC_URL}/mcp" in section for section in sections)
    for section in sections:
        if secret not in section:
            assert "MERCHANT_MCP_TOKEN" in section or "${input:merchant-token}" in section


@pytest.mark.parametrize("path", [NEW, f"{NEW}/preview"])
@pytest.mark.parametrize(
    "how",
    [
        {"body": "name=x&scopes=mcp%3Apnl%3Aread&expires_in_days=30&key=aaaaaaaaaaaaaaaa"},
        {"body": "csrf=wrong&name=x&scopes=mcp%3Apnl%3Aread&expires_in_days=30&key=aaaaaaaaaaaaaaaa"},
    ],
)
def test_a_form_without_its_key_is_refused(web: Web, path: str, how: dict[str, str]) -> None:
    page = web.send("POST", path, headers={"content-type": FORM, "origin": PUBLIC_URL}, **how)

    assert page.status == 403
    assert tokens(web) == []


def test_a_form_from_elsewhere_is_refused(web: Web) -> None:
    for headers in ({"origin": "https://evil.test"}, {"sec-fetch-site": "cross-site"}):
        assert sent(web, filled(web), headers=headers).status == 403
    assert tokens(web) == []


def test_an_analyst_gets_no_form_and_makes_nothing(web: Web) -> None:
    form = filled(web)
    web.sign_in("ana")

    page, answer = web.get(NEW), sent(web, form)

    assert (page.status, answer.status) == (403, 403)
    assert "Tokens are for owners and admins" in page.words
    assert "Only an owner or an admin may generate tokens." in answer.words
    assert tokens(web) == []


@pytest.mark.parametrize(
    ("plan", "told"),
    [("starter", "Move the workspace to the Plus tier"), ("alpha", 'subject line "MCP Early Access"')],
)
def test_a_workspace_that_is_not_let_in_is_told_what_to_do(plan: str, told: str) -> None:
    web = Web()
    workspace(web.stores, plan=plan, granted=False)
    web.sign_in()

    page = web.get(NEW)

    assert page.status == 403
    assert told in page.words


def test_a_name_is_shown_and_never_run(web: Web) -> None:
    page = sent(web, filled(web, name=XSS))
    refused = sent(web, filled(web, name=XSS, scopes=[]))

    for each in (page, refused):
        assert "<script>alert" not in each.text
        assert "{{7*7}}" in html.unescape(each.text)
        assert "\"'>" not in each.text


def test_a_token_is_made_in_the_workspace_that_is_looked_at(web: Web) -> None:
    workspace(web.stores, "wks_2", people={"olivia": Role.OWNER}, at=NOON - timedelta(days=300))
    web.post("/auth/workspace", workspace="wks_2")

    sent(web, filled(web))

    assert (len(tokens(web)), len(tokens(web, "wks_2"))) == (0, 1)

"""An app that signed in, over the wire: it is challenged as no static token is, and told no more than its member."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shared.domain.scopes import Scope
from shared.domain.token.commands import ReportLeak
from shared.domain.workspace.commands import ChangeMemberRole
from shared.domain.workspace.events import Role
from shared.services.change_token import change_token
from shared.services.grants.tokens import Tokens
from shared.services.refusals import TO_APPS, Reason
from tests.data.tenants import KEYS, NOON, order, origin, token, workspace
from tests.services.grants.connecting import approve, redeem, revoke, suspend
from tests.transports.mcp.diagnostic_tools import DIAGNOSTICS
from tests.transports.mcp.shop import HANDSHAKE, MODERN, PLACE, Reply, Shop

VERSIONS = [HANDSHAKE[-1], MODERN]
METADATA = 'resource_metadata="https://mcp.shop.test/.well-known/oauth-protected-resource/mcp"'
EVERY_SCOPE = " ".join(sorted(Scope))


def connected(shop: Shop, *scopes: Scope, member: str = "olivia", resource: str = PLACE.endpoint) -> Tokens:
    """Let an app in for a member."""
    code = approve(
        shop.stores,
        member_id=f"mem_{member}",
        resource=resource,
        scopes=frozenset(scopes or Scope),
        at=shop.clock(),
    )
    return redeem(shop.stores, code, resource=resource, at=shop.clock())


def code_of(reply: Reply) -> str:
    return reply.error["data"]["reason"]


# --- the challenge ----------------------------------------------------------------------------------------------------


def expired(shop: Shop) -> str:
    made = connected(shop)
    shop.clock.advance(hours=1)
    return made.access


def revoked(shop: Shop) -> str:
    made = connected(shop)
    revoke(shop.stores, made)
    return made.access


def suspended(shop: Shop) -> str:
    made = connected(shop)
    suspend(shop.stores, made)
    return made.access


def for_another_address(shop: Shop) -> str:
    return connected(shop, resource="https://other.test/mcp").access


def cut(shop: Shop) -> str:
    return connected(shop).access[:-1]


BAD: dict[Reason, Callable[[Shop], str]] = {
    Reason.TOKEN_EXPIRED: expired,
    Reason.TOKEN_REVOKED: revoked,
    Reason.TOKEN_SUSPENDED: suspended,
    Reason.TOKEN_UNKNOWN: for_another_address,
    Reason.TOKEN_MALFORMED: cut,
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("reason", BAD)
def test_an_access_token_that_is_no_good_is_told_what_happened_and_where_to_sign_in(
    reason: Reason, version: str
) -> None:
    shop = Shop(catalogue=DIAGNOSTICS)
    reply = shop.call("echo", version=version, bearer=BAD[reason](shop))
    message, hint = TO_APPS[reason]

    assert (reply.status, code_of(reply)) == (401, str(reason))
    assert reply.error["message"] == f"{message} {hint}"
    assert reply.headers["www-authenticate"] == (
        f'Bearer error="invalid_token", error_description="{message}", {METADATA}, scope="{EVERY_SCOPE}"'
    )


def test_a_static_token_is_told_of_no_sign_in_though_there_is_one() -> None:
    shop = Shop(catalogue=DIAGNOSTICS, scopes=frozenset({Scope.PNL}))

    bad = shop.call("echo", bearer=shop.token.text[:-1])
    narrow = shop.call("ads_only")

    assert (bad.status, narrow.status) == (401, 403)
    assert "resource_metadata" not in bad.headers["www-authenticate"]
    assert "www-authenticate" not in narrow.headers


@pytest.mark.parametrize("version", VERSIONS)
def test_an_app_that_lacks_a_scope_is_told_to_ask_for_it_and_for_what_it_has(version: str) -> None:
    shop = Shop(catalogue=DIAGNOSTICS)
    made = connected(shop, Scope.PNL, Scope.ACTIVITY)

    reply = shop.call("ads_only", version=version, bearer=made.access)

    assert (reply.status, code_of(reply)) == (403, "insufficient_scope")
    scopes = " ".join(sorted([Scope.PNL, Scope.ACTIVITY, Scope.ADS]))
    assert reply.headers["www-authenticate"] == f'Bearer error="insufficient_scope", scope="{scopes}", {METADATA}'
    assert "Connect the app again" in reply.error["data"]["hint"]
    assert shop.trail()[-1].data["outcome"] == "denied_scope"


# --- the way of a call ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_a_call_of_an_app_and_one_of_its_members_token_stand_in_one_trail(version: str) -> None:
    shop = Shop(catalogue=DIAGNOSTICS)
    made = connected(shop)

    assert [shop.call("echo", version=version, bearer=text).status for text in (made.access, shop.token.text)] == [
        200,
        200,
    ]

    told = {(entry.data["token_id"], entry.data["number"], entry.origin.actor) for entry in shop.trail()}
    assert told == {(made.grant_id, 1, "mem_olivia"), (shop.token.token.token_id, 1, "mem_olivia")}


def test_an_app_sees_the_tools_of_its_scopes() -> None:
    shop = Shop()
    made = connected(shop, Scope.PNL)
    static = token(shop.stores, scopes=(Scope.PNL,))

    shown, as_static = (shop.rpc("tools/list", bearer=text).result["tools"] for text in (made.access, static.text))

    assert shown == as_static
    assert 0 < len(shown) < len(shop.rpc("tools/list").result["tools"])


def test_the_context_says_that_the_credential_is_of_an_app_and_until_when_it_lasts() -> None:
    shop = Shop()
    made = connected(shop, Scope.PNL)

    credential = shop.call("get_workspace_context", bearer=made.access).content["data"]["credential"]

    assert credential == {"kind": "oauth", "scopes": ["mcp:pnl:read"], "expires_at": "2026-12-21T12:00:00Z"}


def test_an_app_is_not_told_to_rotate_what_it_renews_itself() -> None:
    shop = Shop(plan="alpha")
    made = connected(shop)
    shop.clock.advance(days=364)

    result = shop.rpc("tools/list", bearer=made.access).result

    assert not any("token_expires" in name for name in result.get("_meta", {}))


# --- what is told of tokens -------------------------------------------------------------------------------------------


def asked(shop: Shop, called: str, bearer: str, /, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call(called, bearer=bearer, **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


def leaked(shop: Shop) -> None:
    """Have something befall a token that is worth an alert."""
    change_token(
        shop.token.token.token_id,
        ReportLeak(source="github", at=shop.clock()),
        origin=origin("system:leak_report"),
        keys=KEYS,
        tokens=shop.stores.tokens,
    )


def codes(content: dict[str, Any]) -> list[str]:
    return [warning["code"] for warning in content["meta"]["warnings"]]


@pytest.mark.parametrize(("member", "sees"), [("olivia", True), ("adam", True), ("ana", False)])
def test_an_app_sees_alerts_of_tokens_if_its_member_may(member: str, sees: bool) -> None:  # noqa: FBT001 - a column of the table
    shop = Shop()
    leaked(shop)
    made = connected(shop, Scope.ACTIVITY, member=member)

    for arguments in ({}, {"category": "credentials"}):
        content = asked(shop, "list_alerts", made.access, **arguments)
        metrics = [row[content["data"]["columns"].index("metric")] for row in content["data"]["rows"]]
        assert ("token_leaked" in metrics) == sees
        assert ("tokens_not_shown" in codes(content)) == (not sees)


@pytest.mark.parametrize(("member", "sees"), [("olivia", True), ("adam", True), ("ana", False)])
def test_an_app_sees_activity_of_tokens_and_calls_if_its_member_may(member: str, sees: bool) -> None:  # noqa: FBT001 - a column of the table
    shop = Shop()
    leaked(shop)
    made = connected(shop, Scope.ACTIVITY, member=member)
    shop.call("list_alerts", bearer=made.access)

    for arguments in ({}, {"kinds": ["token", "mcp_call"]}, {"tool": "list_alerts"}, {"kinds": ["token", "settings"]}):
        content = asked(shop, "list_activity", made.access, period="today", **arguments)
        kinds = {row[content["data"]["columns"].index("kind")] for row in content["data"]["rows"]}
        assert bool(kinds & {"token", "mcp_call"}) == sees, arguments
        assert ("tokens_not_shown" in codes(content)) == (not sees)


def test_what_hides_nothing_says_nothing_of_it() -> None:
    shop = Shop()
    made = connected(shop, Scope.ACTIVITY, member="ana")

    assert "tokens_not_shown" not in codes(asked(shop, "list_activity", made.access, kinds=["settings"]))
    assert "tokens_not_shown" not in codes(asked(shop, "list_alerts", made.access, category="revenue"))


def test_the_role_is_that_of_the_moment_of_the_call() -> None:
    shop = Shop()
    leaked(shop)
    made = connected(shop, Scope.ACTIVITY, member="ana")
    order(ChangeMemberRole(member_id="mem_ana", role=Role.ADMIN, at=NOON), stores=shop.stores)

    assert "tokens_not_shown" not in codes(asked(shop, "list_alerts", made.access))


def test_an_app_of_another_workspace_is_told_nothing_of_this_one() -> None:
    shop = Shop()
    leaked(shop)
    workspace(shop.stores, "wks_2")
    code = approve(
        shop.stores, workspace_id="wks_2", member_id="mem_olivia", resource=PLACE.endpoint, scopes=frozenset(Scope)
    )
    made = redeem(shop.stores, code, resource=PLACE.endpoint)

    content = asked(shop, "list_alerts", made.access, category="credentials")

    assert content["data"]["rows"] == []

"""Every refusal of the table as it goes over the wire: status, headers, body, and what of it stands in the trail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.scopes import Scope
from shared.domain.token.commands import ResumeToken, RevokeToken, SuspendToken
from shared.domain.token.events import TokenKind
from shared.domain.token.policy import ANYTHING, TokenPolicy
from shared.domain.workspace.commands import ChangePlan, SetTokenPolicy, SuspendAccess
from shared.services.change_token import change_token
from shared.services.credentials.token_format import new_id, new_token
from shared.services.refusals import FORMS, Reason, instant
from shared.storage.engine import Table
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.tenants import KEYS, NOON, order, origin, rotation
from tests.transports.mcp.diagnostic_tools import DIAGNOSTICS
from tests.transports.mcp.outages import EVERYTHING, Outage
from tests.transports.mcp.shop import HANDSHAKE, MODERN, Reply, Shop

VERSIONS = [HANDSHAKE[-1], MODERN]
ALL_SCOPE_NAMES = " ".join(Scope)
DENIED = "mcp.call_denied"
AN_ECHO: dict[str, Any] = {"name": "echo", "arguments": {}}


def change(shop: Shop, command: RevokeToken | SuspendToken | ResumeToken) -> None:
    change_token(shop.token.token.token_id, command, origin=origin(), keys=KEYS, tokens=shop.stores.tokens)


def revoke(shop: Shop) -> None:
    change(shop, RevokeToken(revoked_by="mem_olivia", reason="the machine is gone", at=shop.clock()))


def credential_missing(version: str) -> tuple[Shop, Reply]:
    shop = Shop(catalogue=DIAGNOSTICS)
    return shop, shop.call("echo", version=version, bearer=None)


def token_malformed(version: str) -> tuple[Shop, Reply]:
    shop = Shop(catalogue=DIAGNOSTICS)
    return shop, shop.call("echo", version=version, bearer=shop.token.text[:-1])


def token_unknown(version: str) -> tuple[Shop, Reply]:
    shop = Shop(catalogue=DIAGNOSTICS)
    stranger = new_token(TokenKind.PERSONAL, new_id(), KEYS)
    return shop, shop.call("echo", version=version, bearer=stranger.text)


def token_expired(version: str) -> tuple[Shop, Reply]:
    shop = Shop(catalogue=DIAGNOSTICS)
    shop.clock.advance(days=30)
    return shop, shop.call("echo", version=version)


def token_revoked(version: str) -> tuple[Shop, Reply]:
    shop = Shop(catalogue=DIAGNOSTICS)
    revoke(shop)
    return shop, shop.call("echo", version=version)


def token_rotated(version: str) -> tuple[Shop, Reply]:
    shop = Shop(catalogue=DIAGNOSTICS)
    rotation(shop.stores, shop.token.token.token_id, overlap=3600)
    assert shop.call("echo", version=version).status == 200
    shop.clock.advance(hours=1)
    return shop, shop.call("echo", version=version)


def token_suspended(version: str) -> tuple[Shop, Reply]:
    shop = Shop(catalogue=DIAGNOSTICS)
    change(shop, SuspendToken(suspended_by="mem_olivia", reason="odd calls", at=shop.clock()))
    return shop, shop.call("echo", version=version)


def insufficient_scope(version: str) -> tuple[Shop, Reply]:
    shop = Shop(catalogue=DIAGNOSTICS, scopes=frozenset({Scope.PNL}))
    return shop, shop.call("ads_only", version=version)


def plan_required(version: str) -> tuple[Shop, Reply]:
    shop = Shop(catalogue=DIAGNOSTICS)
    order(ChangePlan(plan="starter", at=NOON), stores=shop.stores)
    return shop, shop.call("echo", version=version)


def organization_not_authorized(version: str) -> tuple[Shop, Reply]:
    shop = Shop(catalogue=DIAGNOSTICS, plan="alpha")
    order(SuspendAccess(reason="the trial is over", at=NOON), stores=shop.stores)
    return shop, shop.call("echo", version=version)


def ip_denied(version: str) -> tuple[Shop, Reply]:
    shop = Shop(catalogue=DIAGNOSTICS)
    policy = TokenPolicy(networks=("198.51.100.0/24",))
    order(SetTokenPolicy(policy=policy, set_by="mem_olivia", at=NOON), stores=shop.stores)
    return shop, shop.call("echo", version=version)


def rate_limited(version: str) -> tuple[Shop, Reply]:
    shop = Shop(catalogue=DIAGNOSTICS, plan="alpha")
    replies = [shop.call("echo", version=version) for _ in range(31)]
    return shop, replies[-1]


def audit_unavailable(version: str) -> tuple[Shop, Reply]:
    shop = Shop(catalogue=DIAGNOSTICS, engine=Outage(SqliteEngine()))
    assert isinstance(shop.engine, Outage)
    shop.engine.lost = frozenset({Table.AUDIT})
    return shop, shop.call("echo", version=version, text="what stays inside")


def store_unavailable(version: str) -> tuple[Shop, Reply]:
    shop = Shop(catalogue=DIAGNOSTICS, engine=Outage(SqliteEngine()))
    assert isinstance(shop.engine, Outage)
    shop.engine.lost = EVERYTHING
    return shop, shop.call("echo", version=version)


CASES: dict[Reason, Callable[[str], tuple[Shop, Reply]]] = {
    Reason.CREDENTIAL_MISSING: credential_missing,
    Reason.TOKEN_MALFORMED: token_malformed,
    Reason.TOKEN_UNKNOWN: token_unknown,
    Reason.TOKEN_EXPIRED: token_expired,
    Reason.TOKEN_REVOKED: token_revoked,
    Reason.TOKEN_ROTATED: token_rotated,
    Reason.TOKEN_SUSPENDED: token_suspended,
    Reason.INSUFFICIENT_SCOPE: insufficient_scope,
    Reason.PLAN_REQUIRED: plan_required,
    Reason.ORGANIZATION_NOT_AUTHORIZED: organization_not_authorized,
    Reason.IP_DENIED: ip_denied,
    Reason.RATE_LIMITED: rate_limited,
    Reason.AUDIT_UNAVAILABLE: audit_unavailable,
    Reason.STORE_UNAVAILABLE: store_unavailable,
}

DETAILS: dict[Reason, dict[str, object]] = {
    Reason.TOKEN_EXPIRED: {"expired_at": "2026-12-21T12:00:00Z"},
    Reason.TOKEN_REVOKED: {"revoked_at": "2026-11-21T12:00:00Z"},
    Reason.TOKEN_ROTATED: {"rotated_at": "2026-11-21T13:00:00Z"},
    Reason.TOKEN_SUSPENDED: {"suspended_at": "2026-11-21T12:00:00Z"},
    Reason.INSUFFICIENT_SCOPE: {"tool": "ads_only", "missing_scopes": ["mcp:ads:read"]},
    Reason.RATE_LIMITED: {"retry_after_seconds": 66, "policy": "alpha"},
    Reason.AUDIT_UNAVAILABLE: {"retry_after_seconds": 5},
    Reason.STORE_UNAVAILABLE: {"retry_after_seconds": 5},
}

CHALLENGES = {
    Reason.CREDENTIAL_MISSING: (
        'Bearer resource_metadata="https://mcp.shop.test/.well-known/oauth-protected-resource/mcp", '
        f'scope="{ALL_SCOPE_NAMES}"'
    ),
    **{
        reason: f'Bearer error="invalid_token", error_description="{FORMS[reason].message}"'
        for reason in (
            Reason.TOKEN_MALFORMED,
            Reason.TOKEN_UNKNOWN,
            Reason.TOKEN_EXPIRED,
            Reason.TOKEN_REVOKED,
            Reason.TOKEN_ROTATED,
            Reason.TOKEN_SUSPENDED,
        )
    },
}


def test_every_reason_has_its_case() -> None:
    assert set(CASES) == set(Reason)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("reason", CASES)
def test_a_refusal_has_the_status_the_code_and_the_words_of_the_table(reason: Reason, version: str) -> None:
    _, reply = CASES[reason](version)
    form = FORMS[reason]

    assert reply.status == form.status
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.json["id"] == 7
    assert reply.error == {
        "code": form.code,
        "message": f"{form.message} {form.hint}",
        "data": {
            **DETAILS.get(reason, {}),
            "reason": str(reason),
            "hint": form.hint,
            "docs_url": "https://mcp.shop.test/docs",
            "request_id": reply.headers["x-request-id"],
        },
    }


@pytest.mark.parametrize("reason", CASES)
def test_only_a_401_challenges_and_only_who_showed_nothing_is_sent_to_sign_in(reason: Reason) -> None:
    _, reply = CASES[reason](MODERN)

    assert reply.headers.get("www-authenticate") == CHALLENGES.get(reason)


@pytest.mark.parametrize("reason", CASES)
def test_what_may_work_later_says_when(reason: Reason) -> None:
    _, reply = CASES[reason](MODERN)
    seconds = DETAILS.get(reason, {}).get("retry_after_seconds")

    assert reply.headers.get("retry-after") == (None if seconds is None else str(seconds))


@pytest.mark.parametrize(
    ("reason", "limit"),
    [
        (Reason.RATE_LIMITED, '"alpha";r=0;t=66'),
        (Reason.INSUFFICIENT_SCOPE, '"plus";r=59;t=66'),  # it was counted: the door learned of the tool afterwards
        (Reason.AUDIT_UNAVAILABLE, '"plus";r=59;t=66'),
        (Reason.TOKEN_REVOKED, None),
        (Reason.STORE_UNAVAILABLE, None),
    ],
)
def test_a_refusal_of_a_counted_call_tells_what_is_left(reason: Reason, limit: str | None) -> None:
    _, reply = CASES[reason](MODERN)

    assert reply.headers.get("ratelimit") == limit


@pytest.mark.parametrize("reason", CASES)
def test_refusals_of_a_known_token_stand_in_the_trail_and_garbage_does_not(reason: Reason) -> None:
    shop, reply = CASES[reason](MODERN)
    if isinstance(shop.engine, Outage):
        shop.engine.lost = frozenset()
    denied = [(entry.data["reason"], entry.data["tool"], entry.origin.request_id) for entry in shop.trail(DENIED)]

    unknown = {Reason.CREDENTIAL_MISSING, Reason.TOKEN_MALFORMED, Reason.TOKEN_UNKNOWN}
    elsewhere = {Reason.INSUFFICIENT_SCOPE, Reason.AUDIT_UNAVAILABLE, Reason.STORE_UNAVAILABLE}
    if reason in unknown | elsewhere:
        assert denied == []
    else:
        assert denied == [(str(reason), "echo", reply.headers["x-request-id"])]


def test_a_scope_that_is_lacking_is_refused_counted_and_written_down() -> None:
    shop, _ = insufficient_scope(MODERN)

    entry = shop.trail()[-1]
    assert (entry.data["tool"], entry.data["scope"], entry.data["outcome"], entry.data["error_code"]) == (
        "ads_only",
        "mcp:ads:read",
        "denied_scope",
        "insufficient_scope",
    )
    assert entry.data["number"] == 1


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("method", ["tools/list", "tools/call", "server/discover", "ping"])
def test_a_revoked_token_is_refused_on_the_very_next_request(version: str, method: str) -> None:
    shop = Shop(catalogue=DIAGNOSTICS)
    params = AN_ECHO if method == "tools/call" else None
    assert shop.call("echo", version=version).status == 200
    revoke(shop)

    reply = shop.rpc(method, params, version=version)

    assert (reply.status, reply.error["data"]["reason"]) == (401, "token_revoked")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("method", ["tools/list", "tools/call", "ping"])
def test_a_token_that_was_rotated_without_an_overlap_is_refused_on_the_very_next_request(
    version: str, method: str
) -> None:
    shop = Shop(catalogue=DIAGNOSTICS)
    params = AN_ECHO if method == "tools/call" else None
    assert shop.call("echo", version=version).status == 200
    new = rotation(shop.stores, shop.token.token.token_id, overlap=0)

    reply = shop.rpc(method, params, version=version)

    assert (reply.status, reply.error["data"]["reason"]) == (401, "token_rotated")
    assert "newest token" in reply.error["data"]["hint"]
    assert shop.call("echo", version=version, bearer=new.text).status == 200


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("method", ["tools/list", "tools/call", "ping"])
def test_a_suspended_token_is_refused_on_the_very_next_request_until_it_is_resumed(version: str, method: str) -> None:
    shop = Shop(catalogue=DIAGNOSTICS)
    params = AN_ECHO if method == "tools/call" else None
    assert shop.call("echo", version=version).status == 200
    change(shop, SuspendToken(suspended_by="mem_olivia", reason="odd calls", at=shop.clock()))
    since = shop.clock()
    shop.clock.advance(hours=1)

    reply = shop.rpc(method, params, version=version)
    change(shop, ResumeToken(resumed_by="mem_olivia", reason="looked into", policy=ANYTHING, at=shop.clock()))

    assert (reply.status, reply.error["data"]["reason"]) == (401, "token_suspended")
    assert reply.error["data"]["suspended_at"] == instant(since)
    assert "resume" in reply.error["data"]["hint"]
    assert shop.rpc("tools/call", AN_ECHO, version=version).status == 200


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("method", ["tools/list", "tools/call", "ping"])
def test_networks_shut_out_and_let_in_from_the_very_next_request(version: str, method: str) -> None:
    shop = Shop(catalogue=DIAGNOSTICS)
    params = AN_ECHO if method == "tools/call" else None

    def networks(*listed: str) -> None:
        order(SetTokenPolicy(policy=TokenPolicy(networks=listed), set_by="mem_olivia", at=NOON), stores=shop.stores)

    assert shop.call("echo", version=version).status == 200
    networks("198.51.100.0/24", "2001:db8::/48")
    reply = shop.rpc(method, params, version=version)
    networks()

    assert (reply.status, reply.error["data"]["reason"]) == (403, "ip_denied")
    assert "token policy" in reply.error["data"]["hint"]
    assert shop.call("echo", version=version).status == 200


def test_a_token_expires_at_its_hour_whatever_the_sweep_has_done() -> None:
    shop = Shop(catalogue=DIAGNOSTICS)
    shop.clock.now = NOON + timedelta(days=30, seconds=-1)
    assert shop.call("echo").status == 200

    shop.clock.advance(seconds=1)
    assert shop.call("echo").error["data"]["reason"] == "token_expired"


def test_what_a_caller_calls_a_tool_is_not_repeated_in_words_that_are_shown() -> None:
    shop = Shop(catalogue=DIAGNOSTICS)

    error = shop.call('"><script>`rm -rf`</script>').error

    assert "script" not in error["message"] + error["data"]["hint"]
    assert error["data"]["tool"] == '"><script>`rm -rf`</script>'


@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_the_scheme_may_be_written_in_any_case(scheme: str) -> None:
    shop = Shop(catalogue=DIAGNOSTICS)
    headers: dict[str, str | None] = {"authorization": f"{scheme} {shop.token.text}"}

    assert shop.rpc("tools/list", headers=headers).status == 200


@pytest.mark.parametrize("version", VERSIONS)
def test_no_refusal_repeats_a_token_that_was_sent_where_none_belongs(version: str) -> None:
    shop = Shop()
    secret = shop.token.text
    wrong: list[dict[str, Any]] = [{"from": secret, "to": secret}, {secret: 1}, {"cursor": secret}, {"period": secret}]
    replies = [
        *(shop.call("get_pnl", version=version, **each) for each in wrong),
        shop.call(secret, version=version),
        shop.rpc(secret, version=version),
        shop.rpc("tools/list", version=secret),
        shop.rpc("tools/list", version=version, headers={"user-agent": secret}),
    ]

    assert [reply.text for reply in replies if secret[:24] in reply.text] == []
    rows = [*shop.trail("mcp.call"), *shop.trail("mcp.call_denied")]
    assert len(rows) == len(wrong) + 1
    assert [row for row in rows if secret[:24] in repr(row)] == []


@pytest.mark.parametrize("path", ["/%6dcp", "/mc%70", "/%2e%77ell-known/oauth-protected-resource", "/%2Fmcp"])
def test_a_path_that_is_still_encoded_behind_the_gateway_is_nobodys(path: str) -> None:
    assert [Shop().send(method=method, path=path).status for method in ("GET", "POST")] == [404, 404]

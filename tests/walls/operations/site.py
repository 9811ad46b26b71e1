"""The pages of signed-in people, and the forms that they send."""

from __future__ import annotations

from collections.abc import Mapping

from tests.walls.operations.api import SHARED_FILE
from tests.walls.operations.parts import (
    A_FILTER_BY_MEMBER,
    A_FILTER_BY_TOKEN,
    AN_EVENT,
    AN_IMPORT,
    CURSOR,
    LINE,
    ONE_SCOPE,
    OUTCOME,
    REASON,
    SCOPES,
    TOOL,
)
from tests.walls.vocabulary import MARK, Kind, Part, Reference, one_of, perhaps

HOME = "/dashboard/settings/developer/mcp"
ONE = f"{HOME}/tokens/{{token_id}}"
KEY = one_of(*(f"{letter * 15}1" for letter in "abc"))
"""Of a form, by which the same form makes one token; few, so that a form is sent twice."""
ONE_TOKEN: Mapping[str, Part] = {"path.token_id": Reference(kind=Kind.TOKEN, required=True)}
WITH_REASON: Mapping[str, Part] = {**ONE_TOKEN, "form.reason": REASON}
MADE: Mapping[str, Part] = {
    "form.key": KEY,
    "form.name": LINE,
    "form.scopes": SCOPES,
    "form.expires_in_days": one_of("30", "90"),
}
CHOSEN: Mapping[str, Part] = {
    "form.owner": Reference(kind=Kind.MEMBER, refused=False),
    "form.scope": perhaps(ONE_SCOPE),
    "form.before": perhaps(one_of("2026-11-01", "2026-12-01")),
}
POLICY: Mapping[str, Part] = {
    "form.longest_days": perhaps(one_of("365", "90", "30")),
    "form.which": perhaps(one_of("some", "all")),
    "form.scopes": SCOPES,
    "form.name_pattern": perhaps(one_of("*", f"*{MARK}*")),
    "form.networks": perhaps(one_of("0.0.0.0/0", "192.0.2.0/24\n203.0.113.0/24", "10.1.0.0/16")),
    "form.suspend_abandoned": perhaps(one_of("yes")),
}
FILE: Mapping[str, Part] = {
    "form.file_name": one_of(f"{MARK}.csv", f"orders of {MARK}.ndjson"),
    "form.bytes": one_of("1", "48211"),
    "form.sha256": one_of(SHARED_FILE, "0" * 64),
}

SITE: Mapping[str, Mapping[str, Part]] = {
    f"GET {HOME}": {
        "query.state": perhaps(one_of("all", "ended", "idle")),
        "query.kind": perhaps(one_of("personal", "organization")),
        "query.owner": Reference(kind=Kind.MEMBER, refused=False),
        "query.scope": perhaps(ONE_SCOPE),
        "query.q": perhaps(one_of("token", MARK)),
        "query.sort": perhaps(one_of("name", "last_used", "expires")),
        "query.order": perhaps(one_of("asc", "desc")),
        "query.page": perhaps(one_of("1", "2")),
        "query.done": perhaps(one_of("revoked")),
    },
    f"GET {HOME}/new": {},
    f"POST {HOME}/new/preview": MADE,
    f"POST {HOME}/new": MADE,
    f"GET {ONE}": {**ONE_TOKEN, "query.done": perhaps(one_of("revoked"))},
    f"GET {ONE}/revoke": ONE_TOKEN,
    f"GET {ONE}/rotate": ONE_TOKEN,
    f"POST {ONE}/rotate": {
        **ONE_TOKEN,
        "form.key": KEY,
        "form.overlap_seconds": one_of("0", "3600"),
        "form.chosen": perhaps(one_of("1")),
        "form.scopes": SCOPES,
        "form.narrow": perhaps(one_of("1")),
    },
    f"POST {ONE}/revoke": WITH_REASON,
    f"POST {ONE}/suspend": WITH_REASON,
    f"POST {ONE}/resume": WITH_REASON,
    f"POST {ONE}/rename": {**ONE_TOKEN, "form.name": LINE},
    f"GET {HOME}/revoke": {},
    f"POST {HOME}/revoke": CHOSEN,
    f"POST {HOME}/revoke/confirmed": {
        "form.confirmation": Reference(kind=Kind.CONFIRMATION, given_by=f"POST {HOME}/revoke", required=True),
        "form.reason": REASON,
    },
    f"GET {HOME}/activity": {
        "query.token": A_FILTER_BY_TOKEN,
        "query.member": A_FILTER_BY_MEMBER,
        "query.tool": TOOL,
        "query.outcome": OUTCOME,
        "query.what": perhaps(one_of("calls", "tokens")),
        "query.within": perhaps(one_of("day", "week", "dates")),
        "query.since": perhaps(one_of("2026-11-01")),
        "query.until": perhaps(one_of("2026-11-21")),
        "query.cursor": CURSOR,
    },
    f"GET {HOME}/activity/{{event_id}}": {"path.event_id": AN_EVENT},
    f"GET {HOME}/activity/{{event_id}}/proof": {"path.event_id": AN_EVENT},
    f"GET {HOME}/activity/export": {},
    f"GET {HOME}/activity/export/keys": {},
    f"POST {HOME}/activity/export": {
        "form.first": perhaps(one_of("1", "2")),
        "form.last": perhaps(one_of("2", "9")),
        "form.form": one_of("ndjson", "ocsf", "csv"),
    },
    f"GET {HOME}/apps": {"query.done": perhaps(one_of("one"))},
    f"POST {HOME}/apps/revoke": {"form.grant": Reference(kind=Kind.TOKEN, required=True)},
    f"GET {HOME}/policy": {"query.done": perhaps(one_of("set"))},
    f"POST {HOME}/policy/preview": POLICY,
    f"POST {HOME}/policy": {
        **POLICY,
        "form.confirmation": Reference(kind=Kind.CONFIRMATION, given_by=f"POST {HOME}/policy/preview"),
    },
    f"GET {HOME}/data": {},
    f"GET {HOME}/data/imports": {"query.cursor": CURSOR},
    f"GET {HOME}/data/imports/{{import_id}}": {"path.import_id": AN_IMPORT},
    f"GET {HOME}/data/upload": {},
    f"POST {HOME}/data/upload": FILE,
    "POST /auth/workspace": {"form.workspace": Reference(kind=Kind.WORKSPACE, required=True)},
}
PUBLIC: frozenset[str] = frozenset()
SELDOM = frozenset(
    {
        f"GET {HOME}/new",
        f"GET {HOME}/revoke",
        f"GET {ONE}/revoke",
        f"GET {ONE}/rotate",
        f"GET {HOME}/activity/export/keys",
        f"POST {ONE}/revoke",
        f"POST {ONE}/suspend",
        f"POST {HOME}/revoke/confirmed",
        f"POST {HOME}/policy",
        "POST /auth/workspace",
    }
)
"""What is the same for all; what ends tokens, or hinders what follows."""

OF_NO_WORKSPACE = {
    "/": "leads to the settings page",
    "/auth/sign-in": "begins a sign-in, before anybody is known",
    "/auth/callback": "ends a sign-in; whose a session is, is the issuer's to say",
    "/auth/sign-out": "ends the asker's own session",
    "/auth/signed-out": "says that it is done",
    "/dashboard/static/{name}": "is the same file for all",
    "/.well-known/oauth-authorization-server": "is the same for all",
    "/.well-known/oauth-authorization-server/{path:path}": "is the same for all",
    "/oauth/register": "keeps nothing",
    "/oauth/token": "is asked with a secret of one grant; apps of both tenants ask over MCP",
    "/oauth/revoke": "the same",
    "/oauth/authorize": "asks one person about one workspace of theirs: tests/transports/web/test_oauth_consent.py",
}
"""Paths that need no wall, and why."""

"""The routes of the REST API."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from hypothesis import strategies as st

from tests.data.merchants import as_file
from tests.walls.github import KEY_ID
from tests.walls.operations.parts import (
    A_FORMER,
    A_MEMBER,
    ACCOUNT,
    ACTIVITY,
    ACTIVITY_FILTERS,
    AN_ALERT,
    AN_EVENT,
    AN_IMPORT,
    COSTS_FROM,
    CURRENCY,
    CURSOR,
    DAYS,
    EMAIL,
    EXPORTED,
    FILTERS,
    FORM,
    KIND,
    LINE,
    MOMENT,
    NAMES,
    NETWORKS,
    NEWCOMER,
    ONE_SCOPE,
    OVERLAP,
    PAGE_SIZE,
    REASON,
    ROLE,
    SCOPES,
    SEAL,
    SINCE,
    UNTIL,
    USAGE_DAYS,
)
from tests.walls.tenants import SECOND_FACTS
from tests.walls.vocabulary import MARK, SIGNATURE, Kind, Part, Reference, one_of, perhaps

SHARED_FILE = sha256(as_file(SECOND_FACTS["shared"])).hexdigest()
"""A file that both tenants have, and one of them has sent."""
KEY = one_of("draw-1", "draw-2", "draw-3")
AS_MEMBER: Mapping[str, Part] = {"header.merchant-workspace": Reference(kind=Kind.WORKSPACE)}
ONE_TOKEN: Mapping[str, Part] = {**AS_MEMBER, "path.token_id": Reference(kind=Kind.TOKEN, required=True)}
A_SECRET = Reference(kind=Kind.SECRET, required=True, refused=False)
ONE_MEMBER: Mapping[str, Part] = {**AS_MEMBER, "path.member_id": A_MEMBER}
MAKING: Mapping[str, Part] = {"header.idempotency-key": perhaps(KEY)}
ROTATION: Mapping[str, Part] = {
    **MAKING,
    "body.overlap_seconds": OVERLAP,
    "body.scopes": perhaps(SCOPES),
    "body.narrow_to_used": perhaps(st.just(value=True)),
}
POLICY: Mapping[str, Part] = {
    **AS_MEMBER,
    "body.longest_days": perhaps(DAYS),
    "body.scopes": perhaps(SCOPES),
    "body.name_pattern": perhaps(NAMES),
    "body.networks": perhaps(NETWORKS),
    "body.suspend_abandoned": perhaps(st.just(value=True)),
}
"""Two of these that read differently are two policies."""


def confirmation(given_by: str, *, required: bool) -> Reference:
    return Reference(kind=Kind.CONFIRMATION, given_by=given_by, required=required)


API: Mapping[str, Mapping[str, Part]] = {
    "GET /v1/audit/events": {
        **AS_MEMBER,
        **{f"query.{name}": part for name, part in FILTERS.items()},
        "query.limit": PAGE_SIZE,
        "query.cursor": CURSOR,
        "header.accept": perhaps(one_of("application/x-ndjson")),
    },
    "GET /v1/activity": {
        **AS_MEMBER,
        "query.kind": perhaps(ACTIVITY),
        **{f"query.{name}": part for name, part in ACTIVITY_FILTERS.items()},
        "query.since": SINCE,
        "query.until": UNTIL,
        "query.limit": PAGE_SIZE,
        "query.cursor": CURSOR,
    },
    "GET /v1/audit/export": {
        **AS_MEMBER,
        "query.first": SEAL,
        "query.last": SEAL,
        "query.earlier_size": SEAL,
        "query.format": FORM,
    },
    "GET /v1/audit/proof/{event_id}": {**AS_MEMBER, "path.event_id": AN_EVENT, "query.earlier_size": SEAL},
    "GET /v1/audit/checkpoints": {**AS_MEMBER, "query.size": SEAL},
    "GET /v1/audit/keys": AS_MEMBER,
    "GET /v1/scopes": AS_MEMBER,
    "GET /v1/tools/preview": {**AS_MEMBER, "query.scopes": SCOPES},
    "POST /v1/tokens": {
        **AS_MEMBER,
        **MAKING,
        "body.kind": KIND,
        "body.name": LINE,
        "body.scopes": SCOPES,
        "body.expires_in_days": one_of(30, 90),
    },
    "GET /v1/tokens": {**AS_MEMBER, "query.limit": PAGE_SIZE, "query.cursor": CURSOR},
    "GET /v1/tokens/{token_id}": ONE_TOKEN,
    "PATCH /v1/tokens/{token_id}": {**ONE_TOKEN, "body.name": LINE},
    "POST /v1/tokens/{token_id}/revoke": {**ONE_TOKEN, "body.reason": REASON},
    "POST /v1/tokens/{token_id}/suspend": {**ONE_TOKEN, "body.reason": REASON},
    "POST /v1/tokens/{token_id}/resume": {**ONE_TOKEN, "body.reason": REASON},
    "POST /v1/tokens/{token_id}/rotate": {**ONE_TOKEN, **ROTATION},
    "GET /v1/tokens/{token_id}/evidence": ONE_TOKEN,
    "GET /v1/tokens/{token_id}/usage": {**ONE_TOKEN, "query.days": perhaps(USAGE_DAYS)},
    "GET /v1/tokens/self": {},
    "POST /v1/tokens/self/rotate": ROTATION,
    "POST /v1/tokens/revoke/preview": {
        **AS_MEMBER,
        "body.owner": Reference(kind=Kind.MEMBER, refused=False),
        "body.scope": perhaps(ONE_SCOPE),
        "body.issued_before": perhaps(MOMENT),
    },
    "POST /v1/tokens/revoke": {
        **AS_MEMBER,
        "body.confirmation": confirmation("POST /v1/tokens/revoke/preview", required=True),
        "body.reason": REASON,
    },
    "POST /v1/tokens/report-leak": {"body.token": A_SECRET},
    "POST /v1/tokens/report-leak/github": {
        "header.github-public-key-identifier": one_of(KEY_ID, KEY_ID, KEY_ID, "none of theirs"),
        "header.github-public-key-signature": one_of(SIGNATURE, SIGNATURE, SIGNATURE, "bm9uZQ=="),
        "body.[].token": A_SECRET,
        "body.[].type": st.just("merchant_mcp_token"),
    },
    "GET /v1/workspace/token-policy": AS_MEMBER,
    "POST /v1/workspace/token-policy/preview": POLICY,
    "PUT /v1/workspace/token-policy": {
        **POLICY,
        "body.confirmation": confirmation("POST /v1/workspace/token-policy/preview", required=False),
    },
    "GET /v1/members": AS_MEMBER,
    "POST /v1/members": {**AS_MEMBER, "body.subject": NEWCOMER, "body.role": ROLE, "body.email": perhaps(EMAIL)},
    "PATCH /v1/members/{member_id}": {**ONE_MEMBER, "body.role": ROLE},
    "DELETE /v1/members/{member_id}": ONE_MEMBER,
    "PUT /v1/members/{member_id}/contact": {**ONE_MEMBER, "body.email": EMAIL},
    "DELETE /v1/members/{member_id}/contact": ONE_MEMBER,
    "DELETE /v1/members/{member_id}/identity": {**AS_MEMBER, "path.member_id": A_FORMER},
    "GET /v1/alerts": {
        **AS_MEMBER,
        "query.status": perhaps(one_of("open", "acknowledged", "resolved")),
        "query.category": perhaps(one_of("revenue", "credentials", "sync_health", "data_quality")),
        "query.severity": perhaps(one_of("info", "warning", "error")),
    },
    "POST /v1/alerts/{alert_id}/acknowledge": {**AS_MEMBER, "path.alert_id": AN_ALERT},
    "GET /v1/imports": {**AS_MEMBER, "query.limit": PAGE_SIZE, "query.cursor": CURSOR},
    "GET /v1/imports/{import_id}": {**AS_MEMBER, "path.import_id": AN_IMPORT},
    "POST /v1/imports": {
        **AS_MEMBER,
        "body.file_name": one_of(f"{MARK}.csv", f"orders of {MARK}.ndjson"),
        "body.bytes": one_of(1, 48_211, 5 * 1024**3 + 1),
        "body.sha256": one_of(SHARED_FILE, sha256(b"another").hexdigest()),
        "body.exported_at": EXPORTED,
        "body.account": ACCOUNT,
        "body.currency": CURRENCY,
        "body.costs_from": COSTS_FROM,
        "body.partial": perhaps(st.booleans()),
    },
    "GET /v1/openapi.json": {},
}

PUBLIC = {
    "GET /v1/openapi.json",
    "POST /v1/tokens/report-leak",
    "POST /v1/tokens/report-leak/github",
}
"""What answers everybody alike."""

BY_TOKEN = {"GET /v1/tokens/self", "POST /v1/tokens/self/rotate"}
"""What is asked with a token, though it is no part of MCP."""

SELDOM = {
    "GET /v1/scopes",
    "GET /v1/tools/preview",
    "GET /v1/openapi.json",
    "POST /v1/tokens/{token_id}/revoke",
    "POST /v1/tokens/{token_id}/suspend",
    "POST /v1/tokens/revoke",
    "POST /v1/tokens/report-leak",
    "POST /v1/tokens/report-leak/github",
    "PUT /v1/workspace/token-policy",
    "PATCH /v1/members/{member_id}",
    "DELETE /v1/members/{member_id}",
    "DELETE /v1/members/{member_id}/identity",
}
"""What is the same for all; what ends tokens, memberships or access, so that not all that follows is refused."""

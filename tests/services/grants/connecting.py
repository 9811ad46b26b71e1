"""A person who lets an app in, and the app that comes for its tokens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.workspace.commands import (
    ChangeMemberRole,
    ChangePlan,
    RemoveMember,
    SuspendAccess,
    WorkspaceCommand,
)
from shared.domain.workspace.events import Role
from shared.services.credentials.token_format import TokenText, read_refresh_token, read_token
from shared.services.gate import Gate, Pass
from shared.services.grants.approve import Approval, digest_of, issue_code
from shared.services.grants.redeem_code import redeem_code
from shared.services.grants.refresh_grant import refresh_grant
from shared.services.grants.refusals import GrantRefused
from shared.services.grants.tokens import Tokens
from shared.services.manage_tokens import resume_token, revoke_token, suspend_token
from shared.services.refusals import Refusal
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.storage.contracts.codes import IssuedCode
from shared.storage.contracts.streams import Origin, StoreUnavailable
from shared.storage.contracts.tokens import TokenRow
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.stores import Stores
from tests.data.tenants import A_DAY, KEYS, NOON, member, origin
from tests.services.place import send

CLIENT = "https://client.example/oauth.json"
OTHER_CLIENT = "https://other.example/oauth.json"
REDIRECT = "http://127.0.0.1:33418/callback"
RESOURCE = "https://mcp.test/mcp"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""RFC 7636, appendix B."""
OTHER_VERIFIER = 43 * "v"
CONSENT = Origin(actor="mem_ana", request_id="consent-1", ip="192.0.2.7", user_agent="a browser")
APP = Origin(actor="nobody", request_id="app-1", ip="203.0.113.9", user_agent="an app")
"""Whoever asks at the token endpoint is not signed in."""
ELSEWHERE = "198.51.100.4"
APPROVAL = Approval(
    client_id=CLIENT,
    client_name="An editor",
    redirect_uri=REDIRECT,
    resource=RESOURCE,
    scopes=frozenset({Scope.PNL, Scope.ADS}),
    workspace_id="wks_1",
    member_id="mem_ana",
    code_challenge=CHALLENGE,
)


def approve(stores: Stores, *, at: datetime = NOON, **fields: Any) -> str:  # noqa: ANN401  # any field of an approval
    """Say yes, and get the code."""
    approval = replace(APPROVAL, **fields)
    return issue_code(
        approval,
        origin=replace(CONSENT, actor=approval.member_id),
        now=at,
        keys=KEYS,
        codes=stores.codes,
        workspaces=stores.workspaces,
    )


def redeem(
    stores: Stores,
    code: str,
    *,
    at: datetime = NOON,
    client_id: str = CLIENT,
    redirect_uri: str | None = REDIRECT,
    verifier: str = VERIFIER,
    resource: str | None = RESOURCE,
) -> Tokens:
    """Come with a code."""
    return redeem_code(
        code,
        client_id=client_id,
        redirect_uri=redirect_uri,
        verifier=verifier,
        resource=resource,
        origin=APP,
        now=at,
        keys=KEYS,
        tokens=stores.tokens,
        codes=stores.codes,
        workspaces=stores.workspaces,
    )


def connect(stores: Stores, *, at: datetime = NOON, **fields: Any) -> Tokens:  # noqa: ANN401  # the same
    """Let an app in, all the way."""
    return redeem(stores, approve(stores, at=at, **fields), at=at)


def refresh(
    stores: Stores,
    refresh_token: str | None,
    *,
    at: datetime = NOON,
    client_id: str = CLIENT,
    scopes: frozenset[Scope] | None = None,
    resource: str | None = RESOURCE,
    ip: str | None = APP.ip,
) -> Tokens:
    """Come with a refresh token."""
    assert refresh_token is not None
    return refresh_grant(
        refresh_token,
        client_id=client_id,
        scopes=scopes,
        resource=resource,
        origin=replace(APP, ip=ip),
        now=at,
        keys=KEYS,
        tokens=stores.tokens,
        workspaces=stores.workspaces,
    )


def row_of(stores: Stores, tokens: Tokens) -> TokenRow:
    row = stores.tokens.get(tokens.grant_id)
    assert row is not None
    return row


def grants_in(stores: Stores) -> list[TokenRow]:
    rows = stores.tokens.of_workspace("wks_1", limit=100).items
    return [row for row in rows if row.token.kind is TokenKind.GRANT]


def texts_of(tokens: Tokens) -> tuple[TokenText, TokenText]:
    access, renewing = read_token(tokens.access, KEYS), read_refresh_token(tokens.refresh or "", KEYS)
    assert access is not None
    assert renewing is not None
    return access, renewing


def everything_in(engine: SqliteEngine) -> str:
    """Give all that was ever written to the store."""
    return json.dumps([change.record for change in engine.changes().read(0, limit=100_000)])


def secrets_of(tokens: Tokens) -> Iterator[str]:
    """Give whatever of a pair of tokens nobody may find."""
    for text in texts_of(tokens):
        yield from (text.text, text.secret, text.secret[10:])


def suspend(stores: Stores, tokens: Tokens, *, at: datetime = NOON) -> None:
    suspend_token(
        tokens.grant_id,
        reason="for a while",
        workspace_id="wks_1",
        member=member(stores),
        origin=origin("mem_olivia"),
        now=at,
        keys=KEYS,
        tokens=stores.tokens,
    )


def resume(stores: Stores, tokens: Tokens, *, at: datetime = NOON) -> None:
    resume_token(
        tokens.grant_id,
        reason="all is well",
        workspace_id="wks_1",
        member=member(stores),
        origin=origin("mem_olivia"),
        now=at,
        keys=KEYS,
        tokens=stores.tokens,
        workspaces=stores.workspaces,
    )


def revoke(stores: Stores, tokens: Tokens, *, at: datetime = NOON) -> None:
    revoke_token(
        tokens.grant_id,
        reason="not wanted",
        workspace_id="wks_1",
        member=member(stores),
        origin=origin("mem_olivia"),
        now=at,
        keys=KEYS,
        tokens=stores.tokens,
    )


SHUT_OUT: list[WorkspaceCommand] = [
    ChangePlan(plan="starter", at=NOON),
    SuspendAccess(reason="unpaid", at=NOON),
]
"""What keeps all of a workspace out until it changes."""
LEFT: list[WorkspaceCommand] = [
    RemoveMember(member_id="mem_adam", at=NOON),
    ChangeMemberRole(member_id="mem_adam", role=Role.ANALYST, at=NOON),
]
"""What ends the grants of the admin."""


def named(command: WorkspaceCommand) -> str:
    return type(command).__name__


def gate_over(stores: Stores) -> Gate:
    """Start a container that serves the resource."""
    return Gate(keys=KEYS, tokens=stores.tokens, subjects=stores.subjects, audit=stores.audit, resource=RESOURCE)


def use(stores: Stores, tokens: Tokens, *, at: datetime = NOON) -> Pass | Refusal:
    """Call a tool with an access token, in a container that has seen nothing yet."""
    return send(gate_over(stores), tokens.access, at=at)


def code_row(stores: Stores, code: str) -> IssuedCode:
    issued = stores.codes.find(digest_of(code), now=NOON)
    assert issued is not None
    return issued


def newest_entry(stores: Stores) -> AuditEntry:
    page = stores.audit.entries("wks_1", matching=AuditFilter(), limit=1, now=NOON + A_DAY)
    return page.items[0]


def refused_with(act: Callable[[], object]) -> GrantRefused:
    with pytest.raises(GrantRefused) as refusal:
        act()
    return refusal.value


def away(_: int) -> None:
    """Be a store that is too busy to write."""
    raise StoreUnavailable("throttled")

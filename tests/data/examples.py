"""Plain valid things for tests; a test states only the field that it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.domain.activity import CallDenied, Outcome, ToolCalled
from shared.domain.plans import PLANS
from shared.domain.roles import Role
from shared.domain.scopes import Scope
from shared.domain.token.commands import ApproveGrant, CreateToken
from shared.domain.token.decider import replay as replay_token
from shared.domain.token.events import GrantApproved, TokenCreated, TokenEvent, TokenKind, TokenRevoked
from shared.domain.token.policy import ANYTHING
from shared.domain.token.state import Token
from shared.domain.workspace.decider import Standing, Workspace
from shared.domain.workspace.decider import replay as replay_workspace
from shared.domain.workspace.events import MemberAdded, WorkspaceEvent, WorkspaceRegistered
from shared.storage.contracts.streams import Origin
from shared.storage.contracts.tokens import Arrival, Credential, GrantDigests, Terms, TokenRow
from tests.data.stores import Stores

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ONE_DAY = timedelta(days=1)
ORIGIN = Origin(actor="mem_olga", request_id="req-1", ip="203.0.113.7", user_agent="curl/8")


def token_created(**fields: Any) -> TokenCreated:  # noqa: ANN401  # any field of the event
    event = TokenCreated(
        token_id="tok1",
        kind=TokenKind.PERSONAL,
        workspace_id="ws1",
        owner_id="mem_olga",
        name="Weekly sync",
        prefix="mfp_1abcdefg",
        scopes=frozenset({Scope.PNL, Scope.ADS}),
        expires_at=NOON + 90 * ONE_DAY,
        at=NOON,
    )
    return replace(event, **fields)


def token_revoked(**fields: Any) -> TokenRevoked:  # noqa: ANN401  # the same
    return replace(TokenRevoked(revoked_by="mem_olga", reason="laptop lost", at=NOON + ONE_DAY), **fields)


def create_token(**fields: Any) -> CreateToken:  # noqa: ANN401  # any field of the command
    command = CreateToken(
        token_id="tok1",
        kind=TokenKind.PERSONAL,
        workspace_id="ws1",
        owner_id="mem_olga",
        name="Weekly sync",
        prefix="mfp_1abcdefg",
        scopes=frozenset({Scope.PNL, Scope.ADS}),
        expires_in_days=90,
        plan=PLANS["plus"],
        policy=ANYTHING,
        at=NOON,
    )
    return replace(command, **fields)


def grant_approved(**fields: Any) -> GrantApproved:  # noqa: ANN401  # the same
    event = GrantApproved(
        token_id="tok1",
        workspace_id="ws1",
        owner_id="mem_olga",
        role=Role.OWNER,
        client_id="https://app.example/client.json",
        client_name="Desk",
        redirect_host="app.example",
        resource="https://mcp.shop.test/mcp",
        prefix="mfa_1abcdefg",
        scopes=frozenset({Scope.PNL, Scope.ADS}),
        access_expires_at=NOON + timedelta(hours=1),
        expires_at=NOON + 30 * ONE_DAY,
        ends_at=NOON + 365 * ONE_DAY,
        at=NOON,
    )
    return replace(event, **fields)


def approve_grant(**fields: Any) -> ApproveGrant:  # noqa: ANN401  # the same
    command = ApproveGrant(
        token_id="tok1",
        workspace_id="ws1",
        owner_id="mem_olga",
        role=Role.OWNER,
        client_id="https://app.example/client.json",
        client_name="Desk",
        redirect_host="app.example",
        resource="https://mcp.shop.test/mcp",
        prefix="mfa_1abcdefg",
        scopes=frozenset({Scope.PNL, Scope.ADS}),
        plan=PLANS["plus"],
        policy=ANYTHING,
        at=NOON,
    )
    return replace(command, **fields)


def token_of(event: TokenCreated) -> Token:
    return token_after(event)


def token_after(*events: TokenEvent) -> Token:
    """Give the state that a history leads to, which begins with a birth."""
    token = replay_token(events)
    assert token is not None
    return token


def workspace_events(workspace_id: str = "ws1") -> tuple[WorkspaceEvent, ...]:
    """A workspace with one owner, who signs in as `olga`."""
    return (
        WorkspaceRegistered(workspace_id=workspace_id, name="Tea & Sons", plan="plus", at=NOON),
        MemberAdded(member_id="mem_olga", issuer="https://id.example", subject="olga", role=Role.OWNER, at=NOON),
    )


def workspace_of(events: tuple[WorkspaceEvent, ...]) -> Workspace:
    workspace = replay_workspace(events)
    assert workspace is not None
    return workspace


def tool_called(**fields: Any) -> ToolCalled:  # noqa: ANN401  # any field of the event
    event = ToolCalled(
        token_id="tok1",
        number=1,
        tool="get_pnl",
        scope=Scope.PNL,
        arguments_hash="5f0c",
        outcome=Outcome.OK,
        error_code=None,
        milliseconds=12,
        result_bytes=3400,
        protocol_version="2025-11-25",
        client_name="inspector",
        client_version="2.12",
        at=NOON,
    )
    return replace(event, **fields)


def call_denied(**fields: Any) -> CallDenied:  # noqa: ANN401  # the same
    event = CallDenied(token_id="tok1", reason="rate_limited", method="tools/call", tool="get_pnl", count=1, at=NOON)
    return replace(event, **fields)


def arrival(**fields: Any) -> Arrival:  # noqa: ANN401  # any field
    return replace(Arrival(request_id="req-1", now=NOON, is_call=True), **fields)


TERMS = Terms(plan="plus", standing=Standing.OPEN, version=len(workspace_events()))
CREDENTIAL = Credential(digest="$argon2id$digest", seal="seal-1")
OF_GRANT = Credential(digest="$argon2id$access", seal="seal-1", grant=GrantDigests(refresh="$argon2id$refresh"))


def store_workspace(stores: Stores, workspace_id: str = "ws1") -> None:
    """Record the plain workspace."""
    events = workspace_events(workspace_id)
    stores.workspaces.append(events, workspace_of(events), expected_version=0, origin=ORIGIN)


def store_token(stores: Stores, **fields: Any) -> TokenRow:  # noqa: ANN401  # any field of `TokenCreated`
    """Record the plain token; its workspace must be there."""
    event = token_created(**fields)
    stores.tokens.create([event], token_of(event), credential=CREDENTIAL, terms=TERMS, origin=ORIGIN)
    row = stores.tokens.get(event.token_id)
    assert row is not None
    return row

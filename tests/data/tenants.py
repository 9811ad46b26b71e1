"""Plain valid workspaces, people and tokens; a test states only what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.workspace.commands import AddMember, GrantAccess, RegisterWorkspace, WorkspaceCommand
from shared.domain.workspace.decider import Member, Workspace
from shared.domain.workspace.events import Role
from shared.services.change_workspace import change_workspace
from shared.services.create_token import NewToken, create_token
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.token_format import new_id
from shared.services.rotate_token import WantedRotation, rotate_token
from shared.storage.contracts.streams import Origin
from tests.data.stores import Stores

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
A_DAY = timedelta(days=1)
KEYS = CredentialKeys.of({"1": "credential keys of the tests: " * 3})
ISSUER = "https://issuer.test"
PEOPLE = {"olivia": Role.OWNER, "adam": Role.ADMIN, "ana": Role.ANALYST}
"""Who is in a workspace unless a test says otherwise; a member's id is `mem_` and the name."""


def origin(actor: str = "operator:tests", request_id: str = "request-0") -> Origin:
    return Origin(actor=actor, request_id=request_id)


def order(command: WorkspaceCommand, *, stores: Stores, workspace_id: str = "wks_1", at: datetime = NOON) -> Workspace:
    """Carry out a command on a workspace."""
    return change_workspace(
        workspace_id,
        command,
        origin=origin(),
        now=at,
        keys=KEYS,
        workspaces=stores.workspaces,
        tokens=stores.tokens,
    )


def workspace(
    stores: Stores,
    workspace_id: str = "wks_1",
    *,
    plan: str = "plus",
    granted: bool = True,
    people: Mapping[str, Role] = PEOPLE,
    issuer: str = ISSUER,
    at: datetime = NOON - A_DAY,
) -> Workspace:
    """Make a workspace with people in it."""
    made = order(
        RegisterWorkspace(workspace_id=workspace_id, name="A shop", plan=plan, at=at),
        stores=stores,
        workspace_id=workspace_id,
        at=at,
    )
    if granted:
        made = order(GrantAccess(at=at), stores=stores, workspace_id=workspace_id, at=at)
    for name, role in people.items():
        member = AddMember(member_id=f"mem_{name}", issuer=issuer, subject=name, role=role, at=at)
        made = order(member, stores=stores, workspace_id=workspace_id, at=at)
    return made


def member(stores: Stores, name: str = "olivia", workspace_id: str = "wks_1") -> Member:
    row = stores.workspaces.get(workspace_id)
    assert row is not None
    return row.workspace.members[f"mem_{name}"]


def token(
    stores: Stores,
    *,
    owner: str = "olivia",
    workspace_id: str = "wks_1",
    name: str = "Weekly P&L sync",
    scopes: Iterable[Scope] = (Scope.PNL,),
    days: int | None = 30,
    at: datetime = NOON,
    token_id: str | None = None,
    kind: TokenKind = TokenKind.PERSONAL,
    keys: CredentialKeys = KEYS,
) -> NewToken:
    """Generate a token for a member."""
    return create_token(
        workspace_id=workspace_id,
        member_id=f"mem_{owner}",
        kind=kind,
        name=name,
        scopes=frozenset(scopes),
        expires_in_days=days,
        origin=origin(f"mem_{owner}"),
        now=at,
        keys=keys,
        tokens=stores.tokens,
        workspaces=stores.workspaces,
        token_id=token_id,
    )


def rotation(
    stores: Stores,
    token_id: str,
    *,
    overlap: int = 86_400,
    scopes: Iterable[Scope] | None = None,
    narrow: bool = False,
    by: str = "olivia",
    successor_id: str | None = None,
    at: datetime = NOON,
) -> NewToken:
    """Rotate a token for a member."""
    return rotate_token(
        token_id,
        WantedRotation(
            overlap_seconds=overlap, scopes=frozenset(scopes) if scopes is not None else None, narrow_to_used=narrow
        ),
        member_id=f"mem_{by}",
        successor_id=successor_id or new_id(),
        origin=origin(f"mem_{by}"),
        now=at,
        keys=KEYS,
        tokens=stores.tokens,
        workspaces=stores.workspaces,
        evidence=stores.evidence,
        audit=stores.audit,
    )

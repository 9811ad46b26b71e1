"""Generate a token for a member; its secret leaves this function once and is kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.domain.errors import Conflict, NotFound
from shared.domain.scopes import Scope, parse_scopes
from shared.domain.token.commands import CreateToken
from shared.domain.token.decider import decide, replay
from shared.domain.token.events import TokenKind
from shared.domain.token.state import Token
from shared.domain.workspace.decider import Workspace, plan_for_new_token
from shared.services.attempts import ATTEMPTS
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.seal import seal_of
from shared.services.credentials.secret_hash import hash_secret
from shared.services.credentials.token_format import new_id, new_token
from shared.services.terms import terms_of
from shared.storage.contracts.streams import Origin, StreamMoved
from shared.storage.contracts.tokens import Credential, TokenStore
from shared.storage.contracts.workspaces import WorkspaceRow, WorkspaceStore


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token just made, with the text that is shown exactly once."""

    token: Token
    text: str = field(repr=False)


def create_token(
    *,
    workspace_id: str,
    member_id: str,
    name: str,
    scopes: frozenset[Scope] | None,
    expires_in_days: int | None,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
    workspaces: WorkspaceStore,
    kind: TokenKind = TokenKind.PERSONAL,
    token_id: str | None = None,
) -> NewToken:
    """Generate a token for the member who asks; `token_id` is given where a repeat must meet the same token.

    An organization token reads everything and need not end, unless `scopes` and `expires_in_days` say otherwise.

    The workspace is part of the transaction: a plan, an access or a membership that ends at the same moment either
    comes later and finds the token, or comes first and refuses it.

    Raises:
        NotFound: there is no such workspace.
        NotPermitted: role, plan or allow list (`plan_for_new_token`).
        Invalid: name, scopes or lifetime.
        Conflict: there is a token with this id.
        StreamMoved: the workspace kept changing; try again.

    """
    text = new_token(kind, token_id or new_id(), keys)
    digest: str | None = None
    for _ in range(ATTEMPTS):
        row = _find(workspace_id, workspaces)
        command = _command(
            row.workspace,
            token_id=text.token_id,
            prefix=text.prefix,
            member_id=member_id,
            kind=kind,
            name=name,
            scopes=scopes,
            expires_in_days=expires_in_days,
            now=now,
        )
        events = decide(command, None)
        token = replay(events)
        if token is None:  # no creation decides nothing; the type cannot say so
            raise NotFound("token_not_found", "The token was not made.", hint="Make it again.")
        digest = digest or hash_secret(text.secret)  # slow on purpose: not for what is refused
        terms = terms_of(row)
        credential = Credential(digest=digest)
        seal = seal_of(token, credential=credential, version=len(events), terms=terms, keys=keys)
        try:
            tokens.create(events, token, credential=replace(credential, seal=seal), terms=terms, origin=origin)
        except StreamMoved:
            if tokens.get(text.token_id) is not None:
                raise Conflict(
                    "token_exists", "A token with this id exists already.", hint="Draw another id."
                ) from None
            continue
        return NewToken(token=token, text=text.text)
    raise StreamMoved(workspace_id)


def check_creation(
    *,
    workspace_id: str,
    member_id: str,
    kind: TokenKind,
    name: str,
    scopes: frozenset[Scope] | None,
    expires_in_days: int | None,
    now: datetime,
    workspaces: WorkspaceStore,
) -> None:
    """Refuse what `create_token` would refuse now, and make nothing.

    Raises:
        NotFound, NotPermitted, Invalid: as `create_token`.

    """
    command = _command(
        _find(workspace_id, workspaces).workspace,
        token_id="",
        prefix="",
        member_id=member_id,
        kind=kind,
        name=name,
        scopes=scopes,
        expires_in_days=expires_in_days,
        now=now,
    )
    decide(command, None)


def _find(workspace_id: str, workspaces: WorkspaceStore) -> WorkspaceRow:
    row = workspaces.get(workspace_id)
    if row is None:
        raise NotFound(
            "workspace_not_found", "There is no such workspace.", hint="Use the id of a workspace that there is."
        )
    return row


def _command(
    workspace: Workspace,
    *,
    token_id: str,
    prefix: str,
    member_id: str,
    kind: TokenKind,
    name: str,
    scopes: frozenset[Scope] | None,
    expires_in_days: int | None,
    now: datetime,
) -> CreateToken:
    return CreateToken(
        token_id=token_id,
        kind=kind,
        workspace_id=workspace.workspace_id,
        owner_id=member_id,
        name=name,
        prefix=prefix,
        scopes=_named(scopes, kind),
        expires_in_days=expires_in_days,
        plan=plan_for_new_token(workspace, member_id, kind),
        policy=workspace.token_policy,
        at=now,
    )


def _named(scopes: frozenset[Scope] | None, kind: TokenKind) -> frozenset[Scope]:
    """Give the scopes that are meant where none were named: every one, or for a person's token a refusal."""
    if scopes is not None:
        return scopes
    return frozenset(Scope) if kind is TokenKind.ORGANIZATION else parse_scopes(())

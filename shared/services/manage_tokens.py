"""What a member may see and do with the tokens of their workspace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from shared.domain.errors import NotFound, NotPermitted
from shared.domain.token.commands import RenameToken, ResumeToken, RevokeToken, SuspendToken
from shared.domain.token.events import TokenKind
from shared.domain.token.state import Status, Token
from shared.domain.workspace.decider import Member, Workspace
from shared.domain.workspace.holding import check_may_return
from shared.domain.workspace.permissions import may_see_tokens
from shared.services.change_token import change_token, change_within_policy
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.token_format import is_id
from shared.storage.contracts.streams import Origin, Page
from shared.storage.contracts.tokens import TokenRow, TokenStore
from shared.storage.contracts.workspaces import WorkspaceStore


def may_manage(member: Member, token: Token) -> bool:
    """Tell whether a member may see and end a token: owners and admins all of them, others their own.

    An organization token is nobody's own, whoever generated it.
    """
    is_own = token.kind is not TokenKind.ORGANIZATION and token.owner_id == member.member_id
    return may_see_tokens(member) or is_own


def find_token(token_id: str, *, workspace_id: str, member: Member, tokens: TokenStore) -> TokenRow:
    """Give a token of the workspace.

    Raises:
        NotFound: there is none, it is another workspace's, or it is not the member's to see; all look alike.

    """
    row = tokens.get(token_id) if is_id(token_id) else None
    if row is None or row.token.workspace_id != workspace_id or not may_manage(member, row.token):
        raise NotFound("token_not_found", "There is no such token.", hint="List the tokens to see their ids.")
    return row


def list_tokens(
    *, workspace_id: str, member: Member, limit: int, after: str | None, tokens: TokenStore
) -> Page[TokenRow]:
    """List the workspace's tokens, newest first, without their secrets, which nobody has.

    Raises:
        NotPermitted: the member is neither owner nor admin.

    """
    if not may_see_tokens(member):
        raise NotPermitted(
            "role_required", "Only an owner or an admin may list tokens.", hint="Ask an owner of the workspace."
        )
    return tokens.of_workspace(workspace_id, limit=limit, after=after)


def rename_token(
    token_id: str,
    *,
    name: str,
    workspace_id: str,
    member: Member,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
    workspaces: WorkspaceStore,
) -> TokenRow:
    """Give a token another name.

    Raises:
        NotFound: see `find_token`.
        Invalid: the name is empty, too long, holds a token, or is not as the workspace's token policy wants names.

    """
    find_token(token_id, workspace_id=workspace_id, member=member, tokens=tokens)
    return change_within_policy(
        token_id,
        lambda workspace, _: RenameToken(name=name, renamed_by=member.member_id, policy=workspace.token_policy, at=now),
        origin=origin,
        keys=keys,
        tokens=tokens,
        workspaces=workspaces,
    )


def revoke_token(
    token_id: str,
    *,
    reason: str,
    workspace_id: str,
    member: Member,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
) -> TokenRow:
    """Take a token out of use: when this returns, no request that starts later is let in. A repeat changes nothing.

    Raises:
        NotFound: see `find_token`.
        Invalid: the reason is empty, too long or holds a token.

    """
    find_token(token_id, workspace_id=workspace_id, member=member, tokens=tokens)
    command = RevokeToken(revoked_by=member.member_id, reason=reason, at=now)
    return change_token(token_id, command, origin=origin, keys=keys, tokens=tokens)


def suspend_token(
    token_id: str,
    *,
    reason: str,
    workspace_id: str,
    member: Member,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
) -> TokenRow:
    """Keep a token out until it is resumed: no request that starts after this returns is let in.

    Raises:
        NotFound: see `find_token`.
        Invalid: the reason is empty, too long or holds a token.
        Conflict: the token has ended (`token_ended`).

    """
    find_token(token_id, workspace_id=workspace_id, member=member, tokens=tokens)
    command = SuspendToken(suspended_by=member.member_id, reason=reason, at=now)
    return change_token(token_id, command, origin=origin, keys=keys, tokens=tokens)


def resumption(*, reason: str, by: str, now: datetime) -> Callable[[Workspace, Token], ResumeToken]:
    """Give the command that lets a token in again, for a workspace that may have it: see `check_may_return`."""

    def command(workspace: Workspace, token: Token) -> ResumeToken:
        if token.status is Status.SUSPENDED:  # of any other there is nothing to be let in
            check_may_return(workspace, token)
        return ResumeToken(resumed_by=by, reason=reason, policy=workspace.token_policy, at=now)

    return command


def resume_token(
    token_id: str,
    *,
    reason: str,
    workspace_id: str,
    member: Member,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
    workspaces: WorkspaceStore,
) -> TokenRow:
    """Let a suspended token in again.

    Raises:
        NotFound: see `find_token`.
        Invalid: the reason is empty, too long or holds a token.
        NotPermitted: its owner may have no token any more (`role_required`), or the plan has none of its kind.
        Conflict: the token has ended (`token_ended`), or breaks the workspace's token policy (`policy_broken`).

    """
    find_token(token_id, workspace_id=workspace_id, member=member, tokens=tokens)
    return change_within_policy(
        token_id,
        resumption(reason=reason, by=member.member_id, now=now),
        origin=origin,
        keys=keys,
        tokens=tokens,
        workspaces=workspaces,
    )

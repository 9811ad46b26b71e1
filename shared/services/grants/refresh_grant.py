"""An app brings its refresh token: it gets another pair, or the newest again; or it is not alone in holding it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shared.domain.errors import Conflict, DomainError, NotPermitted
from shared.domain.plans import plan_of
from shared.domain.scopes import Scope
from shared.domain.token.commands import RefreshGrant, RevokeToken
from shared.domain.token.decider import decide, replay
from shared.domain.token.grants import OAUTH, REUSED, RefreshedTooOften, Shown, shown
from shared.domain.token.policy import breaks
from shared.domain.token.state import App, Status, Token
from shared.domain.workspace.decider import Workspace, plan_in_force
from shared.domain.workspace.holding import lost_owner
from shared.services.attempts import ATTEMPTS
from shared.services.change_token import change_token, record
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.token_format import TokenText, read_refresh_token
from shared.services.grants.approve import find_workspace
from shared.services.grants.pairs import credential_of, given_to, is_given_to, next_pair
from shared.services.grants.recognise import KnownGrant, by_refresh_token
from shared.services.grants.refusals import (
    CONNECT_AGAIN,
    GrantRefused,
    OAuthError,
    check_client,
    check_resource,
    not_granted,
)
from shared.services.grants.registrations import client_id_told
from shared.services.grants.tokens import Tokens, tokens_of
from shared.storage.contracts.streams import Origin, StreamMoved
from shared.storage.contracts.tokens import TokenStore
from shared.storage.contracts.workspaces import WorkspaceStore


def refresh_grant(
    refresh_token: str,
    *,
    client_id: str,
    scopes: frozenset[Scope] | None,
    resource: str | None,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
    workspaces: WorkspaceStore,
) -> Tokens:
    """Give the app of a grant its next pair of tokens; `origin` is its request.

    Two processes that come with the same token at once get the same pair: the second finds it made, and its own a
    repeat.
    Narrower `scopes` change nothing, as scopes are the grant's: the answer says which they are.

    Raises:
        GrantRefused: `invalid_grant`, `invalid_scope` of more than was granted, `invalid_target` of another resource,
            `slow_down`. The grant ends if the token was replaced and is shown again too late; by nothing else.
        StreamMoved: the grant kept changing; try again.

    """
    text = read_refresh_token(refresh_token, keys)
    if text is None:
        raise _unknown()
    for _ in range(ATTEMPTS):
        known = by_refresh_token(text, keys=keys, tokens=tokens)
        if known is None:
            raise _unknown()
        grant, app = known.grant, known.app
        check_client(client_id_told(client_id), kept=app.client_id)
        meaning = shown(
            app,
            generation=text.generation,
            in_use=known.row.generations_used,
            is_neighbour=is_given_to(text, origin.ip, known.row.credential, keys),
            at=now,
        )
        if known.is_replaced or meaning is Shown.REUSE:
            command = RevokeToken(revoked_by=OAUTH, reason=REUSED, at=now)
            change_token(grant.token_id, command, origin=replace(origin, actor=OAUTH), keys=keys, tokens=tokens)
            raise not_granted("The refresh token was replaced already; the grant is revoked, as two may hold it.")
        check_resource(resource, granted=app.resource)
        _check_scopes(scopes, grant)
        try:
            # Read after the row: a change that comes later is written onto the row before it is answered.
            workspace = find_workspace(grant.workspace_id, workspaces).workspace
            _check_in_force(workspace, grant, now)
            if meaning is Shown.REPEAT:
                return tokens_of(next_pair(text, app, keys), grant, app, now=now)
            return _renew(text, known, workspace, origin=origin, now=now, keys=keys, tokens=tokens)
        except StreamMoved:
            continue
        except RefreshedTooOften as wait:
            raise GrantRefused(OAuthError.SLOW_DOWN, wait.message, hint=wait.hint) from wait
        except DomainError as refusal:
            raise not_granted(refusal.message, hint=refusal.hint) from refusal
    raise StreamMoved(text.token_id)


def _renew(
    text: TokenText,
    known: KnownGrant,
    workspace: Workspace,
    *,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
) -> Tokens:
    """Record the next generation.

    A grant that has a refresh token goes on having one, though the plan would begin none with one by now: a client
    that gets no new one keeps the old (RFC 6749, section 6), and would be taken for a thief when it shows it.

    Raises:
        Conflict: the rules of a grant.
        RefreshedTooOften: the app has to wait.
        StreamMoved: somebody else changed the grant.

    """
    command = RefreshGrant(
        generation=text.generation, plan=plan_of(workspace.plan), policy=workspace.token_policy, at=now
    )
    events = decide(command, known.grant)
    after = replay(events, known.grant)
    if after is None or after.app is None:  # no refresh ends a grant; the types cannot say so
        raise _unknown()
    pair = next_pair(text, after.app, keys)
    record(
        events,
        after,
        known.row,
        origin=replace(origin, actor=f"token:{after.token_id}"),
        keys=keys,
        tokens=tokens,
        credential=credential_of(
            pair, former_access=_former_access(known, after.app), given_to=given_to(text, origin.ip, keys)
        ),
    )
    return tokens_of(pair, after, after.app, now=now)


def _former_access(known: KnownGrant, after: App) -> str | None:
    """Give the digest of the access token that the newest follows; one that never came to its app is not kept."""
    credential = known.row.credential
    if after.follows == known.app.generation:
        return credential.digest
    return credential.grant.former_access if credential.grant is not None else None


def _check_in_force(workspace: Workspace, grant: Token, now: datetime) -> None:
    """Refuse an app that would not be let in either. What is only kept out for a while is left as it is.

    Raises:
        Conflict: the grant has ended or is suspended, or breaks the token policy.
        NotPermitted: its owner is gone, or the workspace is shut out.

    """
    match grant.status_at(now):
        case Status.ACTIVE:
            pass
        case Status.SUSPENDED:
            raise Conflict(
                "token_suspended",
                "The grant is suspended.",
                hint="Ask its owner or an admin of the workspace to resume it; then send the same refresh token again.",
            )
        case status:
            raise Conflict("token_ended", f"The grant is {status}.", hint=CONNECT_AGAIN)
    if (lost := lost_owner(workspace, grant)) is not None:
        raise NotPermitted("role_required", f"The grant has ended: {lost}.", hint=CONNECT_AGAIN)
    if (broken := breaks(workspace.token_policy, grant)) is not None:
        raise Conflict("policy_broken", f"The grant breaks the token policy: {broken}.", hint=CONNECT_AGAIN)
    plan_in_force(workspace)


def _check_scopes(asked: frozenset[Scope] | None, grant: Token) -> None:
    if asked is not None and (wider := asked - grant.scopes):
        raise GrantRefused(
            OAuthError.INVALID_SCOPE,
            f"The user did not grant: {', '.join(sorted(wider))}.",
            hint="Leave scope out to keep what was granted; for more send the user through /oauth/authorize again.",
            field="scope",
        )


def _unknown() -> GrantRefused:
    return not_granted("There is no such refresh token.", field="refresh_token")

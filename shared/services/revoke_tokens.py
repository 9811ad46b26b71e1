"""Revoke many tokens at once: first see which, then confirm exactly that.

What is confirmed is a selection with a fixed end in time, so no token that is made after the preview is among them.
Every token is revoked by itself, so a run that dies half way has revoked some, and the same request goes on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from shared.domain.errors import Invalid, NotPermitted
from shared.domain.scopes import Scope
from shared.domain.token.commands import RevokeToken
from shared.domain.token.wording import clean_reason
from shared.domain.workspace.decider import MANAGERS, Member
from shared.services.change_token import change_token
from shared.services.change_workspace import live_tokens
from shared.services.confirmations import confirm_later, confirmed_change
from shared.services.credentials.keys import CredentialKeys
from shared.storage.contracts.streams import Origin
from shared.storage.contracts.tokens import TokenRow, TokenStore

KIND = "tokens/revoke"
SHOWN = 100
"""Tokens that a preview lists; it counts all."""
AT_ONCE = 500
"""Tokens that one request revokes: some seconds' work, far below the time that a request has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which live tokens are meant: those that meet every criterion that is given."""

    owner_id: str | None = None
    scope: Scope | None = None
    issued_before: datetime | None = None
    token_ids: frozenset[str] = frozenset()
    """These and no others; the empty set leaves it to the other criteria."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a revocation would end."""

    count: int
    shown: tuple[TokenRow, ...]
    confirmation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a request has revoked."""

    revoked: int
    more: bool
    """Whether there are more: the same request again goes on."""


def fix_selection(selection: Selection, *, now: datetime) -> Selection:
    """Leave out of a selection what is made from now on.

    Raises:
        Invalid: no criterion is given (`selection_empty`).

    """
    if selection == Selection():
        raise Invalid(
            "selection_empty",
            "Say which tokens are meant.",
            hint="Give an owner, a scope, or a moment before which they were issued.",
        )
    return replace(selection, issued_before=min(selection.issued_before or now, now))


def preview_revocation(
    selection: Selection,
    *,
    workspace_id: str,
    member: Member,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
) -> Preview:
    """Show which tokens would be revoked. Nothing is changed.

    Raises:
        NotPermitted: the member is neither owner nor admin.
        Invalid: no criterion is given (`selection_empty`).

    """
    _check_role(member)
    fixed = fix_selection(selection, now=now)
    found = list(selected(fixed, workspace_id=workspace_id, now=now, tokens=tokens))
    return Preview(
        count=len(found),
        shown=tuple(found[:SHOWN]),
        confirmation=confirm_later(_written(fixed), of=_purpose(workspace_id, member), now=now, keys=keys),
    )


def revoke_selected(
    confirmation: str,
    *,
    reason: str,
    workspace_id: str,
    member: Member,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
    at_once: int = AT_ONCE,
) -> Progress:
    """Revoke what a preview has shown; of those that ended meanwhile, nothing changes.

    Raises:
        NotPermitted: the member is neither owner nor admin.
        Invalid: the confirmation is not this member's or too old; or the reason is empty, too long or holds a token.

    """
    _check_role(member)
    selection = _read(confirmed_change(confirmation, of=_purpose(workspace_id, member), now=now, keys=keys))
    command = RevokeToken(revoked_by=member.member_id, reason=clean_reason(reason), at=now)
    meant = selected(selection, workspace_id=workspace_id, now=now, tokens=tokens)
    found = list(islice(meant, at_once + 1))
    for row in found[:at_once]:
        change_token(row.token.token_id, command, origin=origin, keys=keys, tokens=tokens)
    return Progress(revoked=len(found[:at_once]), more=len(found) > at_once)


def selected(selection: Selection, *, workspace_id: str, now: datetime, tokens: TokenStore) -> Iterator[TokenRow]:
    """Go through the tokens that are meant, newest first; one whose time is over is out of use already."""
    for row in live_tokens(workspace_id, tokens):
        token = row.token
        if (
            token.lives_at(now)
            and selection.owner_id in {None, token.owner_id}
            and (selection.scope is None or selection.scope in token.scopes)
            and (selection.issued_before is None or token.created_at < selection.issued_before)
            and (not selection.token_ids or token.token_id in selection.token_ids)
        ):
            yield row


def _check_role(member: Member) -> None:
    if member.role not in MANAGERS:
        raise NotPermitted(
            "role_required", "Only an owner or an admin may revoke many tokens.", hint="Ask an owner of the workspace."
        )


def _purpose(workspace_id: str, member: Member) -> tuple[str, ...]:
    return (workspace_id, member.member_id, KIND)


def _written(selection: Selection) -> str:
    before = selection.issued_before.isoformat() if selection.issued_before is not None else None
    return json.dumps([selection.owner_id, selection.scope, before, *sorted(selection.token_ids)])


def _read(change: str) -> Selection:
    owner_id, scope, before, *token_ids = json.loads(change)
    return Selection(
        owner_id=owner_id,
        scope=Scope(scope) if scope is not None else None,
        issued_before=datetime.fromisoformat(before) if before is not None else None,
        token_ids=frozenset(token_ids),
    )

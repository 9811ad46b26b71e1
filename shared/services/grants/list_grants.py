"""The apps that were let in, for whoever may know of them."""

from __future__ import annotations

from collections.abc import Iterator

from shared.domain.token.events import TokenKind
from shared.domain.workspace.decider import Member
from shared.services.manage_tokens import may_manage
from shared.storage.contracts.tokens import TokenRow, TokenStore

AT_ONCE = 100
"""Rows of one read."""


def list_grants(*, workspace_id: str, member: Member, tokens: TokenStore) -> tuple[TokenRow, ...]:
    """List the grants of a workspace, newest first, those that have ended too: a member's own, of managers all."""
    return tuple(
        row
        for row in _tokens_of(workspace_id, tokens)
        if row.token.kind is TokenKind.GRANT and may_manage(member, row.token)
    )


def _tokens_of(workspace_id: str, tokens: TokenStore) -> Iterator[TokenRow]:
    after: str | None = None
    while True:
        page = tokens.of_workspace(workspace_id, limit=AT_ONCE, after=after)
        yield from page.items
        after = page.next
        if after is None:
            return

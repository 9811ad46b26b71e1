"""Least privilege from evidence: which of its scopes a token has used, so that a successor can do with those."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.domain.errors import Conflict
from shared.domain.scopes import Scope
from shared.domain.token.state import Token
from shared.storage.contracts.evidence import EvidenceStore
from shared.storage.contracts.tokens import TokenStore

LOOKED_BACK = timedelta(days=60)
LONGEST_LINE = 60
"""Predecessors that are asked: enough for a rotation a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeEvidence:
    """What a token may read, and what it has read."""

    granted: frozenset[Scope]
    used: Mapping[Scope, date]
    """A scope that calls needed -> the last day (UTC) on which one did."""
    since: date
    """The first day that was looked at."""

    @property
    def unused(self) -> frozenset[Scope]:
        """The scopes that nobody would miss, as far as the evidence goes."""
        return self.granted - self.used.keys()


def scope_evidence(token: Token, *, now: datetime, tokens: TokenStore, evidence: EvidenceStore) -> ScopeEvidence:
    """Gather what is known of a token's use; what its predecessors were used for counts as its own."""
    since = (now - LOOKED_BACK).date()
    used: dict[Scope, date] = {}
    for each in (token, *_predecessors(token, since, tokens)):
        for name, day in evidence.of(each.token_id).scopes.items():
            if name in token.scopes and day >= since:
                used[Scope(name)] = max(day, used.get(Scope(name), day))
    return ScopeEvidence(granted=token.scopes, used=used, since=since)


def scopes_in_use(token: Token, *, now: datetime, tokens: TokenStore, evidence: EvidenceStore) -> frozenset[Scope]:
    """Give the scopes that a narrower successor needs.

    Raises:
        Conflict: no scope was used, and a token needs one (`scopes_unused`).

    """
    used = scope_evidence(token, now=now, tokens=tokens, evidence=evidence).used
    if not used:
        raise Conflict(
            "scopes_unused",
            f"The token used none of its scopes in the last {LOOKED_BACK.days} days, so nothing says which it needs.",
            hint="Name the scopes of the successor in scopes, or revoke the token if nobody needs it.",
        )
    return frozenset(used)


def _predecessors(token: Token, since: date, tokens: TokenStore) -> Iterator[Token]:
    """Go back along the line as far as its tokens can have been used since a day."""
    for _ in range(LONGEST_LINE):
        row = tokens.get(token.predecessor_id) if token.predecessor_id is not None else None
        if row is None:
            return
        token = row.token
        ended = token.ended_at or token.expires_at
        if ended is not None and ended.date() < since:
            return
        yield token

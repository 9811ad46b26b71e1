"""Least privilege from evidence: which of its scopes a token has used, so that a successor can do with those."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from shared.domain.errors import Conflict
from shared.domain.scopes import Scope
from shared.domain.token.state import Token
from shared.storage.contracts.audit import AuditFilter, AuditLog
from shared.storage.contracts.evidence import EvidenceStore
from shared.storage.contracts.tokens import TokenStore

LOOKED_BACK = timedelta(days=60)
LONGEST_LINE = 60
"""Predecessors that are asked: enough for a rotation a day."""
LATEST = timedelta(minutes=10)
"""How far back the trail itself is read: a call stands in it before its answer, in the evidence some seconds later."""
LATEST_CALLS = 1_000


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


def scope_evidence(
    token: Token, *, now: datetime, tokens: TokenStore, evidence: EvidenceStore, audit: AuditLog
) -> ScopeEvidence:
    """Gather what is known of a token's use; what its predecessors were used for counts as its own."""
    since = (now - LOOKED_BACK).date()
    line = [token.token_id, *(each.token_id for each in _predecessors(token, since, tokens))]
    noted = (use for each in line for use in evidence.of(each).scopes.items())
    used: dict[Scope, date] = {}
    for name, day in (*noted, *_latest(token.workspace_id, line, now, audit)):
        if name in token.scopes and day >= since:
            used[Scope(name)] = max(day, used.get(Scope(name), day))
    return ScopeEvidence(granted=token.scopes, used=used, since=since)


def scopes_in_use(
    token: Token, *, now: datetime, tokens: TokenStore, evidence: EvidenceStore, audit: AuditLog
) -> frozenset[Scope]:
    """Give the scopes that a narrower successor needs.

    Raises:
        Conflict: no scope was used, and a token needs one (`scopes_unused`).

    """
    used = scope_evidence(token, now=now, tokens=tokens, evidence=evidence, audit=audit).used
    if not used:
        raise Conflict(
            "scopes_unused",
            f"The token used none of its scopes in the last {LOOKED_BACK.days} days, so nothing says which it needs.",
            hint="Name the scopes of the successor yourself, or revoke the token if nobody needs it.",
        )
    return frozenset(used)


def _predecessors(token: Token, since: date, tokens: TokenStore) -> Iterator[Token]:
    """Give the tokens of the line that can have been used since a day.

    One that ended before it is passed over: the one before that may have ended later, if its overlap was longer.
    """
    for _ in range(LONGEST_LINE):
        row = tokens.get(token.predecessor_id) if token.predecessor_id is not None else None
        if row is None:
            return
        token = row.token
        ended = token.ended_at or token.expires_at
        if ended is None or ended.date() >= since:
            yield token


def _latest(
    workspace_id: str, token_ids: Collection[str], now: datetime, audit: AuditLog
) -> Iterator[tuple[str, date]]:
    """Give the scopes that the newest calls needed, from one page of the trail."""
    calls = AuditFilter(types=frozenset({"mcp.call"}), since=now - LATEST)
    for call in audit.entries(workspace_id, matching=calls, limit=LATEST_CALLS, now=now).items:
        scope = call.data["scope"]
        if call.data["token_id"] in token_ids and isinstance(scope, str):
            yield scope, call.at.astimezone(UTC).date()

"""Survey the tokens of a workspace: a page of them with how they are used, and counts of them all.

All rows of the workspace are read, since they are sorted and counted by what only the rows hold: a query and a read of
a hundred at a time. What is read besides is read for the page alone, and at once for all of its tokens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.token.state import Token
from shared.domain.trail.index import DayUse
from shared.domain.workspace.decider import Member
from shared.services.manage_tokens import may_manage
from shared.services.scope_evidence import LOOKED_BACK
from shared.services.survey.conditions import Concern, Condition, concerns_of, condition_of
from shared.services.survey.pick_tokens import Asked, pick
from shared.services.trail.sources import TrailSources
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.storage.contracts.calls import CountedCall
from shared.storage.contracts.evidence import Evidence, EvidenceStore
from shared.storage.contracts.tokens import TokenRow, TokenStore

A_PAGE = 50
MOST_ROWS = 2_000
"""The newest so many are surveyed: reading them takes a second."""
ROWS_A_READ = 500
DAYS = 30
"""The days of the small chart, today among them."""
MOST_PREDECESSORS = 5
"""So far back the use of a line of rotations counts as its newest token's."""
LATEST_CALLS = 200
LATEST = timedelta(days=7)
"""How far back the latest call is looked for of tokens that do not say where it lies."""
KINDS = frozenset({TokenKind.PERSONAL, TokenKind.ORGANIZATION})
"""Grants stand with the apps that hold them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCall:
    """From where, and by which client, a token was last used."""

    at: datetime
    ip: str | None
    client: str
    """What the client calls itself: in the protocol, or else in the header that browsers have, too."""

    @classmethod
    def of(cls, entry: AuditEntry) -> LastCall:
        """Take it from a call's row in the trail."""
        words = (entry.data.get("client_name"), entry.data.get("client_version"))
        named = " ".join(str(word) for word in words if word)
        return cls(at=entry.at, ip=entry.origin.ip, client=named or entry.origin.user_agent or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyed:
    """A token of the page."""

    row: TokenRow
    condition: Condition
    concerns: Sequence[Concern]
    calls: Sequence[int]
    """Of each of the last days, oldest first."""
    used_scopes: frozenset[Scope]
    """Which of its scopes were needed in the last while, by itself or those whose place it took."""
    last_call: LastCall | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A page of the tokens that were asked for, and how many there are."""

    items: Sequence[Surveyed]
    page: int
    """Counted from 1; the last one, if fewer are left than were asked for."""
    found: int
    conditions: Mapping[Condition, int]
    """Of all tokens, whatever was asked for."""
    concerns: Mapping[Concern, int]
    owners: Sequence[str]
    is_whole: bool
    """Whether every token was looked at, and not only the newest."""

    @property
    def total(self) -> int:
        """How many tokens there are."""
        return sum(self.conditions.values())


def survey_tokens(
    asked: Asked,
    *,
    page: int,
    workspace_id: str,
    member: Member,
    now: datetime,
    tokens: TokenStore,
    evidence: EvidenceStore,
    trail: TrailSources,
) -> Survey:
    """Survey the tokens that a member may see: owners and admins all of them, others those of their own.

    Raises:
        StoreUnavailable: a store cannot be read now.

    """
    rows, is_whole = _rows(workspace_id, tokens)
    mine = [row for row in rows if row.token.kind in KINDS and may_manage(member, row.token)]
    found = pick(mine, asked, now=now)
    pages = max(1, -(-len(found) // A_PAGE))
    page = min(max(1, page), pages)
    shown = found[(page - 1) * A_PAGE : page * A_PAGE]
    calls = _calls(shown, workspace_id, now, trail)
    used = _used_scopes(shown, {row.token.token_id: row.token for row in rows}, now, evidence)
    last = _last_calls(shown, workspace_id, now, trail)
    return Survey(
        items=[
            Surveyed(
                row=row,
                condition=condition_of(row.token, now),
                concerns=[*concerns_of(row, now)],
                calls=calls[row.token.token_id],
                used_scopes=used[row.token.token_id],
                last_call=last.get(row.token.token_id),
            )
            for row in shown
        ],
        page=page,
        found=len(found),
        conditions=Counter(condition_of(row.token, now) for row in mine),
        concerns=Counter(concern for row in mine for concern in concerns_of(row, now)),
        owners=sorted({row.token.owner_id for row in mine}),
        is_whole=is_whole,
    )


def _rows(workspace_id: str, tokens: TokenStore) -> tuple[Sequence[TokenRow], bool]:
    rows: list[TokenRow] = []
    after: str | None = None
    while True:
        page = tokens.of_workspace(workspace_id, limit=ROWS_A_READ, after=after)
        rows += page.items
        after = page.next
        if after is None or len(rows) >= MOST_ROWS:
            return rows, after is None


def _calls(
    shown: Sequence[TokenRow], workspace_id: str, now: datetime, trail: TrailSources
) -> Mapping[str, Sequence[int]]:
    """Count the calls of each day, reading only the days on which there can have been one."""
    today = now.astimezone(UTC).date()
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    wanted = [(row.token.token_id, day.isoformat()) for row in shown for day in days if _may_be_used(row, day)]
    uses: Mapping[tuple[str, str], DayUse] = trail.index.uses_of_many(workspace_id, wanted) if wanted else {}
    counts = {
        place: sum(use.calls for outcomes in of_day.uses.values() for use in outcomes.values())
        for place, of_day in uses.items()
    }
    ids = [row.token.token_id for row in shown]
    return {token_id: [counts.get((token_id, day.isoformat()), 0) for day in days] for token_id in ids}


def _may_be_used(row: TokenRow, day: date) -> bool:
    last = row.last_used_at
    return last is not None and row.token.created_at.astimezone(UTC).date() <= day <= last.astimezone(UTC).date()


def _used_scopes(
    shown: Sequence[TokenRow], known: Mapping[str, Token], now: datetime, evidence: EvidenceStore
) -> Mapping[str, frozenset[Scope]]:
    since = (now - LOOKED_BACK).date()
    lines = {row.token.token_id: [*_line(row.token, known)] for row in shown}
    ids = {each for line in lines.values() for each in line}
    noted: Mapping[str, Evidence] = evidence.of_many(ids) if ids else {}
    used = {
        token_id: {name for each in line if each in noted for name, day in noted[each].scopes.items() if day >= since}
        for token_id, line in lines.items()
    }
    return {
        row.token.token_id: frozenset(scope for scope in row.token.scopes if scope in used[row.token.token_id])
        for row in shown
    }


def _line(token: Token, known: Mapping[str, Token]) -> Iterator[str]:
    """Name a token and those whose place it took, newest first."""
    yield token.token_id
    for _ in range(MOST_PREDECESSORS):
        before = known.get(token.predecessor_id) if token.predecessor_id is not None else None
        if before is None:
            return
        token = before
        yield token.token_id


def _last_calls(
    shown: Sequence[TokenRow], workspace_id: str, now: datetime, trail: TrailSources
) -> Mapping[str, LastCall]:
    """Find the last call of each token.

    Where its own row counts its calls, that says where the last one lies. For the others the newest of the trail are
    looked through.
    """
    counted = [
        CountedCall(token_id=row.token.token_id, number=row.calls, at=row.last_used_at)
        for row in shown
        if row.calls and row.last_used_at is not None
    ]
    found = dict(trail.audit.calls(workspace_id, counted)) if counted else {}
    others = {row.token.token_id for row in shown if not row.calls and _is_recent(row, now)}
    if others:
        matching = AuditFilter(types=frozenset({"mcp.call"}), since=now - LATEST)
        for entry in trail.audit.entries(workspace_id, matching=matching, limit=LATEST_CALLS, now=now).items:
            token_id = str(entry.data["token_id"])
            if token_id in others:
                found.setdefault(token_id, entry)
    return {token_id: LastCall.of(entry) for token_id, entry in found.items()}


def _is_recent(row: TokenRow, now: datetime) -> bool:
    return row.last_used_at is not None and row.last_used_at > now - LATEST

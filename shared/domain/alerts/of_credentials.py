"""Alerts of tokens: about to expire, used by nobody, leaked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.alerts.alert import AlertSeverity, Category, Condition, Unit

MILLION = 1_000_000
SOON_DAYS, VERY_SOON_DAYS = 14, 3
LEAK_TOLD_DAYS = 7
"""A leaked token is revoked at once; what it was used for is to be looked at in the days after."""

EXPIRES, ABANDONED, LEAKED = "token.expiry_reminded", "token.abandonment_flagged", "token.leak_reported"
ENDS = frozenset({"token.revoked", "token.expired", "token.rotated", "token.overlap_ended"})
CLEARS = frozenset({"token.abandonment_cleared", *ENDS})
TYPES = frozenset({EXPIRES, ABANDONED, LEAKED, *CLEARS})
"""The events that alerts of tokens are worked out from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenHappening:
    """Something that befell a token."""

    token_id: str
    type: str
    at: datetime
    data: Mapping[str, object]


def of_tokens(happened: Sequence[TokenHappening], *, now: datetime) -> Iterable[Condition]:
    """Tell of each token what was last said of its end, of its silence, and of its leak."""
    by_token: dict[str, list[TokenHappening]] = {}
    for each in sorted(happened, key=lambda each: each.at):
        by_token.setdefault(each.token_id, []).append(each)
    for token_id, history in by_token.items():
        last = {each.type: each for each in history}
        ended = max((each.at for each in history if each.type in ENDS), default=None)
        if (reminded := last.get(EXPIRES)) is not None:
            yield from _expiring(token_id, reminded, ended, now)
        if (flagged := last.get(ABANDONED)) is not None:
            days = flagged.data.get("after_days")
            yield Condition(
                category=Category.CREDENTIALS,
                metric="days_unused",
                scope=token_id,
                since=flagged.at.date().isoformat(),
                opened_at=flagged.at,
                severity=AlertSeverity.WARNING,
                title="A token has not been used for longer than usual: revoke it if nobody needs it",
                value=days * MILLION if isinstance(days, int) else None,
                threshold=None,
                unit=Unit.DAYS,
                is_over=any(each.type in CLEARS and each.at > flagged.at for each in history),
            )
        if (leaked := last.get(LEAKED)) is not None:
            yield Condition(
                category=Category.CREDENTIALS,
                metric="token_leaked",
                scope=token_id,
                since=leaked.at.date().isoformat(),
                opened_at=leaked.at,
                severity=AlertSeverity.ERROR,
                title="A token was found in public and revoked: look at what it was used for",
                value=None,
                threshold=None,
                unit=Unit.COUNT,
                is_over=now - leaked.at > timedelta(days=LEAK_TOLD_DAYS),
            )


def _expiring(token_id: str, reminded: TokenHappening, ended: datetime | None, now: datetime) -> Iterable[Condition]:
    told = reminded.data.get("expires_at")
    if not isinstance(told, str):
        return
    expires_at = datetime.fromisoformat(told)
    days = max((expires_at - now).days, 0)
    if days <= SOON_DAYS:
        yield Condition(
            category=Category.CREDENTIALS,
            metric="days_to_expiry",
            scope=token_id,
            since=expires_at.date().isoformat(),
            opened_at=expires_at - timedelta(days=SOON_DAYS),
            severity=AlertSeverity.ERROR if days <= VERY_SOON_DAYS else AlertSeverity.WARNING,
            title=f"A token expires on {expires_at:%Y-%m-%d}: rotate it, or let it go",
            value=days * MILLION,
            threshold=SOON_DAYS * MILLION,
            unit=Unit.DAYS,
            is_over=now >= expires_at or (ended is not None and ended > reminded.at),
        )

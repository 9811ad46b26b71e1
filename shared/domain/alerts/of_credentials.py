"""Alerts of tokens: about to expire, used by nobody, leaked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.alerts.alert import LOOKED_BACK_DAYS, AlertSeverity, Category, Condition, Unit

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
        for condition, over_since in _of_token(token_id, history, now):
            if over_since is None or now - over_since <= timedelta(days=LOOKED_BACK_DAYS):
                yield replace(condition, is_over=over_since is not None)


def _of_token(
    token_id: str, history: Sequence[TokenHappening], now: datetime
) -> Iterable[tuple[Condition, datetime | None]]:
    """Give what was said of a token, and since when it does not hold any more."""
    last = {each.type: each for each in history}
    if (reminded := last.get(EXPIRES)) is not None and isinstance(told := reminded.data.get("expires_at"), str):
        expires_at = datetime.fromisoformat(told)
        if now >= expires_at - timedelta(days=SOON_DAYS):
            ended = [*_after(reminded, history, ENDS), *([expires_at] if now >= expires_at else [])]
            yield _expiring(token_id, expires_at, now), min(ended, default=None)
    if (flagged := last.get(ABANDONED)) is not None:
        yield _unused(token_id, flagged), min(_after(flagged, history, CLEARS), default=None)
    if (leaked := last.get(LEAKED)) is not None:
        looked_at = leaked.at + timedelta(days=LEAK_TOLD_DAYS)
        yield _leaked(token_id, leaked), looked_at if now > looked_at else None


def _after(what: TokenHappening, history: Sequence[TokenHappening], types: Collection[str]) -> Sequence[datetime]:
    return [each.at for each in history if each.type in types and each.at > what.at]


def _expiring(token_id: str, expires_at: datetime, now: datetime) -> Condition:
    days = max((expires_at - now).days, 0)
    return Condition(
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
    )


def _unused(token_id: str, flagged: TokenHappening) -> Condition:
    days = flagged.data.get("after_days")
    return Condition(
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
    )


def _leaked(token_id: str, leaked: TokenHappening) -> Condition:
    return Condition(
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
    )

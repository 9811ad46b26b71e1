"""Checks what a shop has settled about how it steers: its north star, guardrails, promotions and multiples."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from shared.domain.analytics.names import nearest
from shared.domain.analytics.steering import STEERABLE, Direction
from shared.domain.analytics.valuation import MOST_TIMES, THOUSAND, USUAL, is_multiple
from shared.domain.errors import Invalid
from shared.domain.facts.settings import Settings

MOST_RULES = 200
"""Of one sort: far more than a shop has, and few enough for one row."""
MOST_PROMOTION_DAYS = 92
"""A quarter of a year: what is longer is no promotion, but how the shop sells, and would hide every unusual day."""
MOST_LIMIT = 10**15
"""A limit is at most a thousand million, in millionths."""


def check_rules(settings: Settings) -> None:
    """Check what a shop steers by.

    Raises:
        Invalid: a setting breaks a rule.

    """
    _check_metric(settings.north_star, "north_star")
    for name in ("guardrails", "promotions", "multiples"):
        if len(getattr(settings, name)) > MOST_RULES:
            raise Invalid("rules_too_many", f"There are at most {MOST_RULES} {name}.", field=name)
    for metric, limits in settings.guardrails.items():
        _check_metric(metric, "guardrails")
        _check_limits(metric, limits)
    for first, last in settings.promotions.items():
        days = (_day(last, "promotions") - _day(first, "promotions")).days + 1
        if not 0 < days <= MOST_PROMOTION_DAYS:
            wrong = "ends before it begins" if days <= 0 else f"has {days:,} days; {MOST_PROMOTION_DAYS} are the most"
            raise Invalid(
                "promotion_wrong",
                f"The promotion from {first} {wrong}.",
                hint="A promotion goes from its first to its last day, both included.",
                field="promotions",
            )
    for since, methods in settings.multiples.items():
        _day(since, "multiples")
        for method, band in methods.items():
            _check_band(method, band)


def _check_metric(key: str, field: str) -> None:
    if key not in STEERABLE:
        raise Invalid(
            "metric_unknown",
            "There is no such metric to steer by.",
            hint=nearest(key, list(STEERABLE)) or f"There are: {', '.join(STEERABLE)}.",
            field=field,
        )


def _check_limits(metric: str, limits: Mapping[str, int]) -> None:
    _check_words(limits, tuple(Direction), f"The guardrail of {metric} has a limit that is neither of", "guardrails")
    if not limits or not all(abs(limit) <= MOST_LIMIT for limit in limits.values()):
        raise Invalid(
            "guardrail_wrong", f"The guardrail of {metric} needs a limit within a thousand million.", field="guardrails"
        )
    if limits.get(Direction.AT_LEAST, -MOST_LIMIT) > limits.get(Direction.AT_MOST, MOST_LIMIT):
        raise Invalid(
            "guardrail_wrong", f"The guardrail of {metric} asks for at least more than at most.", field="guardrails"
        )


def _check_band(method: str, band: Sequence[int]) -> None:
    _check_words([method], tuple(USUAL), "A multiple is of a method that is none of", "multiples")
    match band:
        case [low, mid, high] if is_multiple(low / THOUSAND, mid / THOUSAND, high / THOUSAND):
            return
        case _:
            raise Invalid(
                "multiple_wrong",
                f"A multiple of {method} has a low, a mid that is not below it, and a high that is not below the mid.",
                hint=f'Such as {{"low": 2.4, "mid": 3.1, "high": 3.8}}; each is from 0 to {MOST_TIMES}.',
                field="multiples",
            )


def _check_words(found: Collection[str], known: Sequence[str], said: str, field: str) -> None:
    if not set(found) <= set(known):
        raise Invalid("rule_unknown", f"{said}: {', '.join(known)}.", field=field)


def _day(text: str, field: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise Invalid("date_wrong", "A rule has a day that is none.", hint="Write days as 2026-11-27.", field=field)
    return day

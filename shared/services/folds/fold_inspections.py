"""Looks for what may be wrong with the rows of each source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

from shared.domain.facts.families import UNDATED, Family
from shared.domain.facts.inspections import SHOWN_GAPS, Inspection
from shared.domain.facts.rollups import AccountMonth, DataMonth
from shared.services.folds.duck import Duck

DAYS_OF_A_GAP: Mapping[str, int] = {Family.ORDER: 3, Family.AD_DAY: 1}
"""Days in a row without a row that are worth a word, for families that come every day; a quiet day is no gap."""

SENT_BY_ACCOUNT = frozenset(
    {Family.ORDER, Family.REFUND, Family.PAYMENT, Family.AD_DAY, Family.EXPENSE, Family.BANK_TXN}
)
"""Families whose facts belong to one account alone. (Two shops may well sell the same product at the same price.)"""
Parts = Sequence[tuple[str, AccountMonth]]
"""A month and what an account gave in it."""


def fold_inspections(duck: Duck, data: Iterable[DataMonth], *, generation: int) -> Sequence[Inspection]:
    """Make one for each source and family that has rows, from what lies in the buckets and from the facts."""
    parts: dict[tuple[str, str], list[tuple[str, AccountMonth]]] = defaultdict(list)
    for bucket in data:
        for part in bucket.accounts:
            if part.rows and bucket.family != Family.ACCOUNT:  # they are what the rows are of
                parts[bucket.family, part.source].append((bucket.month, part))
    return [
        _inspection(
            family, source, of, copies=_copies(duck, family, source) if _may_copy(family, of) else [], at=generation
        )
        for (family, source), of in sorted(parts.items())
    ]


def _inspection(family: str, source: str, parts: Parts, *, copies: list[list[str | int]], at: int) -> Inspection:
    gaps = _gaps(parts, DAYS_OF_A_GAP[family]) if family in DAYS_OF_A_GAP else []
    return Inspection(
        family=family,
        source=source,
        generation=at,
        gaps=[[first.isoformat(), last.isoformat()] for first, last in gaps[-SHOWN_GAPS:]],
        gap_days=sum((last - first).days + 1 for first, last in gaps),
        duplicate_keys=sum(part.duplicate_keys for _, part in parts),
        fields=sorted({name for _, part in parts for name in part.fields}),
        copies=copies,
    )


def _gaps(parts: Parts, shortest: int) -> list[tuple[date, date]]:
    """Find the runs of days between the first and the last row on which no account gave any."""
    filled = sorted(
        {
            date.fromisoformat(f"{month}-01") + timedelta(days=place)
            for month, part in parts
            for place, rows in enumerate(part.days)
            if rows and month != UNDATED
        }
    )
    a_day = timedelta(days=1)
    return [(before + a_day, after - a_day) for before, after in pairwise(filled) if (after - before).days > shortest]


def _may_copy(family: str, parts: Parts) -> bool:
    return family in SENT_BY_ACCOUNT and len({part.account for _, part in parts}) > 1


def _copies(duck: Duck, family: str, source: str) -> list[list[str | int]]:
    """Count the facts that two accounts of a source have under the same key and with the same content."""
    found = duck.rows(
        f"""
        SELECT a.account, b.account, count(*)
        FROM {family}_facts AS a JOIN {family}_facts AS b
          ON a.source = b.source AND a.key = b.key AND a.hash = b.hash AND a.account < b.account
        WHERE a.source = $source GROUP BY ALL ORDER BY ALL
        """,
        source=source,
    )
    return [[one, other, rows] for one, other, rows in found]

"""What lies in the buckets of a family, and what a workspace holds altogether."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from shared.domain.facts.families import UNDATED, Family
from shared.domain.facts.fields import FIELDS, Column
from shared.domain.facts.rollups import Account, AccountMonth, DataMonth, Holding, Overview
from shared.services.folds.duck import Duck
from shared.services.folds.missing_rates import missing_rates
from shared.services.folds.months import length_of

EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
DEFAULT_STATUS = "synced"


def fold_data_months(duck: Duck, family: Family, *, generation: int) -> Sequence[DataMonth]:
    """Count the rows of a family, account by account; needs the family's facts and rows."""
    optional = [field.name for field in FIELDS[family] if not field.required and field.kind.column is not Column.ITEMS]
    filled = ", ".join(f'count("{name}") AS "{name}"' for name in optional)
    told = duck.rows(f"SELECT month, source, account, max(exported_at) FROM {family}_rows GROUP BY ALL")
    counted = {
        (row["month"], row["source"], row["account"]): row
        for row in duck.named_rows(f"""
            SELECT month, source, account, count(*) AS rows, min(day) AS first, max(day) AS last
                   {"," + filled if filled else ""}
            FROM {family}_facts GROUP BY ALL
        """)
    }
    days: dict[tuple[str, str, str], dict[date, int]] = defaultdict(dict)
    for month, source, account, day, rows in duck.rows(
        f"SELECT month, source, account, day, count(*) FROM {family}_facts GROUP BY ALL"
    ):
        days[month, source, account][day] = rows
    duplicates = {
        (month, source, account): keys
        for month, source, account, keys in duck.rows(f"""
            SELECT f.month, f.source, f.account, count(DISTINCT f.key) FROM {family}_facts AS f
            JOIN {family}_rows AS r USING (source, account, key, exported_at)
            WHERE r.kind <> 'complete' AND r.hash <> f.hash GROUP BY ALL
        """)
    }
    months: dict[str, list[AccountMonth]] = defaultdict(list)
    for month, source, account, exported_at in sorted(told):
        place = (month, source, account)
        row: dict[str, Any] = counted.get(place, {})
        months[month].append(
            AccountMonth(
                source=source,
                account=account,
                rows=row.get("rows", 0),
                days=tuple(_by_day(month, days[place])),
                first=row.get("first"),
                last=row.get("last"),
                duplicate_keys=duplicates.get(place, 0),
                fields=tuple(name for name in optional if row.get(name)),
                last_export=EPOCH + timedelta(microseconds=exported_at),
            )
        )
    return [
        DataMonth(family=family, month=month, generation=generation, accounts=tuple(accounts))
        for month, accounts in sorted(months.items())
    ]


def _by_day(month: str, counted: dict[date, int]) -> list[int]:
    if month == UNDATED:
        return []
    days = [0] * length_of(month)
    for day, rows in counted.items():
        days[day.day - 1] = rows
    return days


def fold_overview(duck: Duck, data: Iterable[DataMonth], *, generation: int) -> Overview:
    """Sum up what the workspace holds, from the counts of all buckets and the tables of orders and expenses."""
    parts: dict[tuple[str, str], list[tuple[str, AccountMonth]]] = defaultdict(list)
    for bucket in data:
        for part in bucket.accounts:
            parts[part.source, part.account].append((bucket.family, part))
    declared = {
        (source, account): (name, status)
        for source, account, name, status in duck.rows("SELECT source, account, name, status FROM account_facts")
    }
    claims = {(family, source, account): days for family, source, account, *days in duck.rows(_CLAIMS)}
    data_from, data_through = reach_of_orders(duck)
    ((named, orders),) = duck.rows("SELECT count(customer), count(*) FROM orders")
    return Overview(
        generation=generation,
        data_from=data_from,
        data_through=data_through,
        accounts=tuple(
            _account(place, parts[place], claims, *declared.get(place, (None, None))) for place in sorted(parts)
        ),
        expense_lines={line: (first, last) for line, first, last in duck.rows(_REACH_OF_EXPENSES)},
        unrated=missing_rates(duck),
        orders=(named, orders),
    )


# Books that claim to be complete tell of their days also where nothing was booked, and bookings that nobody has settled
# are in the books all the same. Of books that were taken back nothing is left but the claim, which tells of nothing.
_REACH_OF_EXPENSES = """
    SELECT line, least(min(day), any_value(claimed.first)), greatest(max(day), any_value(claimed.last))
    FROM (SELECT line, day FROM expenses UNION ALL SELECT 'unsettled', day FROM unsettled), (
        SELECT min(day) AS first, max(until) AS last
        FROM expense_rows SEMI JOIN expense_facts USING (source, account) WHERE kind = 'complete'
    ) AS claimed
    GROUP BY line ORDER BY line
"""


# Where an export was complete, nothing was sold or spent on the days that it has no rows of.
_CLAIMS = """
    SELECT 'ad_day', source, account, min(day), max(until) FROM ad_day_rows WHERE kind = 'complete' GROUP BY ALL
    UNION ALL
    SELECT 'order', source, account, min(day), max(until) FROM order_rows WHERE kind = 'complete' GROUP BY ALL
"""


def reach_of_orders(duck: Duck) -> tuple[date | None, date | None]:
    """Give the day of the first order, and the day up to which orders are known.

    Orders that lack a rate are in no sum; they are known all the same, and nothing of their days has to be imported
    but the rate.
    """
    ((first, last, claimed),) = duck.rows("""
        WITH known AS (
            SELECT min(day) AS first, max(day) AS last FROM orders
            UNION ALL
            SELECT min(day), max(day) FROM order_facts_rated SEMI JOIN goods USING (source, account, key)
            WHERE nanos IS NULL
        )
        SELECT min(first), max(last), (SELECT max(until) FROM order_rows WHERE kind = 'complete') FROM known
    """)
    return first, max((day for day in (last, claimed) if day is not None), default=None)


def _account(
    place: tuple[str, str],
    parts: Sequence[tuple[str, AccountMonth]],
    claims: Mapping[tuple[str, str, str], Sequence[date]],
    name: str | None,
    status: str | None,
) -> Account:
    source, account = place
    holdings: list[Holding] = []
    for family in sorted({family for family, _ in parts} - {Family.ACCOUNT.value}):
        of_family = [part for of, part in parts if of == family]
        rows = sum(part.rows for part in of_family)
        told = (day for part in of_family for day in (part.first, part.last))
        days = [day for day in (*told, *claims.get((family, source, account), ())) if day is not None]
        if rows:
            holdings.append(
                Holding(
                    family=family,
                    rows=rows,
                    first=min(days, default=None),
                    last=max(days, default=None),
                )
            )
    return Account(
        source=source,
        account=account,
        name=name or account,
        status=status or DEFAULT_STATUS,
        last_export=max(part.last_export for _, part in parts),
        holdings=tuple(holdings),
    )

"""The months of expenses: what was booked, by line, category and payee; people are told by a number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from shared.domain.facts.expenses import ExpenseGroup, ExpenseMonth
from shared.domain.facts.parts import in_parts
from shared.domain.facts.people import category_without_person, is_person, same_person
from shared.domain.facts.settings import Settings
from shared.services.folds.duck import Duck

OWNER_PAY = "owner_pay"

Payee = tuple[str, str | None, str | None]
"""Vendor, category, addback."""


def fold_expenses(duck: Duck, settings: Settings, generation: int) -> Iterable[ExpenseMonth]:
    """Give the expenses of each month that has any."""
    people = _people(duck)
    months: dict[str, dict[tuple[str, ...], ExpenseGroup]] = defaultdict(dict)
    for row in duck.named_rows(_BY_DAY):
        payee: Payee = (row["vendor"], row["category"], row["addback"])
        group = ExpenseGroup(
            line=row["line"],
            category=category_without_person(row["category"]),
            vendor=people.get(payee, row["vendor"]),
            behaviour=row["behaviour"],
            addback=row["addback"],
            days=row["days"],
        )
        groups = months[row["month"]]
        key = tuple(str(each or "") for each in group[:-1])
        known = groups.get(key)
        groups[key] = group if known is None else group._replace(days=_added(known.days, group.days))
    unconverted, unsettled = dict(duck.rows(_UNCONVERTED)), dict(duck.rows(_UNSETTLED))
    for month in sorted(months.keys() | unconverted.keys() | unsettled.keys()):
        groups = [list(group) for _, group in sorted(months[month].items())]
        for part, (some, _) in enumerate(in_parts(groups)):
            yield ExpenseMonth(
                month=month,
                part=part,
                currency=settings.currency,
                generation=generation,
                groups=some,
                unconverted=[] if part else unconverted.get(month, []),
                unsettled=[] if part else unsettled.get(month, []),
            )


def _people(duck: Duck) -> Mapping[Payee, str]:
    """Number the people among the payees, in the order in which the books first tell of them.

    The number says nothing of the name, and is the same in every month.
    """
    label: dict[str, str] = {}
    found: dict[Payee, str] = {}
    for vendor, category, addback in duck.rows(_PAYEES):
        if is_person(vendor, category=category, is_owner_pay=addback == OWNER_PAY):
            who = same_person(vendor)
            found[vendor, category, addback] = label.setdefault(who, f"person {len(label) + 1}")
    return found


def _added(one: Sequence[Sequence[int]], other: Sequence[Sequence[int]]) -> list[list[int]]:
    """Add up two groups that are one, day by day."""
    days: dict[int, list[int]] = {}
    for day, micros, transactions in (*one, *other):
        before = days.get(day, [day, 0, 0])
        days[day] = [day, before[1] + micros, before[2] + transactions]
    return [days[day] for day in sorted(days)]


_BY_DAY = """
    WITH by_day AS (
        SELECT line, category, vendor, behaviour, addback, day,
               stored(sum(amount)) AS amount, sum(transactions)::BIGINT AS transactions
        FROM expenses WHERE amount IS NOT NULL GROUP BY ALL
    )
    SELECT strftime(day, '%Y-%m') AS month, line, category, vendor, behaviour, addback,
           list([day(day), amount, transactions] ORDER BY day) AS days
    FROM by_day WHERE amount <> 0 OR transactions <> 0 GROUP BY ALL
"""
_UNCONVERTED = """
    SELECT strftime(day, '%Y-%m'), list([day(day), transactions] ORDER BY day)
    FROM (SELECT day, sum(transactions)::BIGINT AS transactions FROM expenses WHERE amount IS NULL GROUP BY day)
    GROUP BY ALL
"""
_UNSETTLED = """
    SELECT strftime(day, '%Y-%m'), list([day(day), debits, bookings, unconverted] ORDER BY day)
    FROM (
        SELECT day, coalesce(stored(sum(amount) FILTER (amount > 0)), 0) AS debits, count(*) AS bookings,
               count(*) FILTER (amount IS NULL) AS unconverted
        FROM unsettled GROUP BY day
    ) GROUP BY ALL
"""
_PAYEES = """
    SELECT vendor, category, addback FROM expense_facts WHERE vendor IS NOT NULL
    GROUP BY ALL ORDER BY min((day, source, account, key))
"""

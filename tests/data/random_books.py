"""Random books and banks: files that tell of a handful of expenses, bank lines and balances, again and again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.data.recount_money import PEOPLE

FIRST_DAY, LAST_DAY = date(2026, 1, 1), date(2026, 4, 30)
ACCOUNTS = ("checking", "savings", "card")

Line = dict[str, Any]

days = st.dates(FIRST_DAY, LAST_DAY).map(date.isoformat)
signed_amounts = st.integers(-9_999_999_999, 9_999_999_999).map(lambda micros: f"{micros / 1_000_000:.6f}")
currencies = st.sampled_from([None, None, None, "USD", "EUR", "JPY"])


def _line(type_: str, **fields: Any) -> st.SearchStrategy[Line]:  # noqa: ANN401  # strategies of whatever a field holds
    return st.fixed_dictionaries({"type": st.just(type_), **fields}).map(_without_nulls)


def _without_nulls(line: dict[str, Any]) -> Line:
    return {name: value for name, value in line.items() if value is not None}


expenses = _line(
    "expense",
    id=st.integers(1, 8),
    date=days,
    amount=signed_amounts,
    currency=currencies,
    line=st.sampled_from([None, "opex", "fulfilment", "ad_spend", "interest", "unsettled"]),
    category=st.sampled_from([None, "Software", "software", "Rent", "Payroll"]),
    vendor=st.sampled_from([None, "Acme Inc.", "ACME INC.", *PEOPLE]),
    behaviour=st.sampled_from([None, "fixed", "variable", "one_off"]),
    covers=st.sampled_from([None, "day", "month"]),
)
rates = _line(
    "fx",
    date=days,
    base=st.just("EUR"),
    quote=st.just("USD"),
    rate=st.integers(500_000_001, 1_999_999_999).map(lambda nanos: f"{nanos / 1_000_000_000:.9f}"),
)
natures = st.sampled_from(["operating", "operating", "financing", "owner", "transfer"])
bank_lines = _line(
    "bank_txn",
    account=st.sampled_from(ACCOUNTS),
    id=st.integers(1, 40),
    date=days,
    amount=signed_amounts,
    currency=st.sampled_from([None, None, None, None, None, "EUR"]),
    nature=st.sampled_from([None, "operating", "financing", "owner", "transfer"]),
)
balances = _line(
    "balance",
    account=st.sampled_from(ACCOUNTS),
    date=days,
    amount=signed_amounts,
    currency=st.sampled_from([None, None, None, None, "EUR", "JPY"]),
    name=st.sampled_from([None, "Main account"]),
    nature=st.sampled_from([None, None, None, "cash", "card", "payout_in_transit"]),
)

KEYS = {"expense": ("id",), "fx": ("base", "date"), "bank_txn": ("account", "id"), "balance": ("account", "date")}


def key_of(line: Line) -> tuple[Any, ...]:
    return (line["type"], *(line.get(name) for name in KEYS[line["type"]]))


@st.composite
def histories(draw: st.DrawFn, lines: st.SearchStrategy[Line], *, most: int) -> list[list[Line]]:
    """Draw some files in the order in which they arrive, each of another hour of export, each key once in a file."""
    files: list[list[Line]] = []
    for hour in draw(st.lists(st.integers(0, 200), min_size=1, max_size=2, unique=True)):
        exported_at = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(hours=hour)
        header: Line = {"type": "export", "schema": 1, "exported_at": exported_at.isoformat(), "source": "books"}
        files.append([header, *draw(st.lists(lines, min_size=1, max_size=most, unique_by=key_of))])
    return files


@st.composite
def steady(draw: st.DrawFn) -> list[Line]:
    """Draw a bank that tells of every week: by lines, by balances, or by both, which need not agree."""
    start = FIRST_DAY + timedelta(days=draw(st.integers(0, 20)))
    weeks = [start + timedelta(weeks=week) for week in range(draw(st.integers(12, 16)))]
    both = ("bank_txn", "balance")
    types = draw(st.sampled_from([both, both, both[:1], both[1:]]))
    return [
        {"type": type_, "account": "checking", "date": day.isoformat(), "amount": draw(signed_amounts)}
        | ({"id": 100 + place, "nature": draw(natures)} if type_ == "bank_txn" else {})
        for type_ in types
        for place, day in enumerate(weeks)
    ]


books = histories(st.one_of(expenses, expenses, expenses, rates), most=16)


@st.composite
def banks(draw: st.DrawFn) -> list[list[Line]]:
    """Draw the files of a bank: one that is steady, sometimes, and then some that tell of this and that."""
    several = st.one_of(bank_lines, bank_lines, balances, balances, rates)
    first = {"type": "export", "schema": 1, "exported_at": "2026-05-31T00:00:00+00:00", "source": "books"}
    files = draw(histories(several, most=draw(st.sampled_from([1, 1, 3, 20]))))
    return [[first, *draw(steady())], *files] if draw(st.integers(0, 4)) else files

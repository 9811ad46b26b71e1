"""The shop's bank: what comes in each week, what is paid, and what stands there every evening."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from infra.local.sample_shop.books import invoice_cents, monthly_cents
from infra.local.sample_shop.days import Line, days, demand, dice_of, money

BANK = "bank"
CHECKING, SAVINGS = "checking-4410", "savings-4428"
PAYOUTS = "payouts"
"""What the shop's payment provider owes it."""

FIRST_BALANCE, SAVED = 5_200_000, 1_500_000
PAYOUT_WEEKDAY = 1  # Tuesday, for the seven days up to the Sunday before
STOCKING_UP = frozenset({8, 9, 10})
"""Before the season the shop buys more than it sells, and its cash goes down."""
SUPPLIER_DAY, OWNER_DAY, CARD_DAY = 12, 25, 28


def bank_lines(day: date, opened: date) -> Iterator[Line]:
    """Give the lines of a day, and what stands on each account in its evening."""
    for key, cents, description, nature in _moved(day, opened):
        line = {"type": "bank_txn", "source": BANK, "account": CHECKING, "id": f"{day:%Y%m%d}-{key}"}
        about = {"date": day.isoformat(), "amount": money(cents), "description": description}
        yield {**line, **about, "nature": nature} if nature else line | about
    standing = {"type": "balance", "source": BANK, "date": day.isoformat()}
    yield {**standing, "account": CHECKING, "name": "Checking", "amount": money(_balance(day, opened))}
    if day.day == 1:
        yield {**standing, "account": SAVINGS, "name": "Savings", "amount": money(SAVED)}
    owed = sum(_takings(each) for each in days(max(opened, _paid_through(day) + timedelta(days=1)), day))
    transit = {"account": PAYOUTS, "name": "Payouts on their way", "nature": "payout_in_transit"}
    yield {**standing, **transit, "amount": money(owed)}


def _moved(day: date, opened: date) -> Iterator[tuple[str, int, str, str | None]]:
    """Give what moves on a day: key, cents, the bank's words, and its nature if it is not the everyday business."""
    if day.weekday() == PAYOUT_WEEKDAY:
        through = _paid_through(day)
        week = days(max(opened, through - timedelta(days=6)), through)
        if cents := sum(map(_takings, week)):
            yield "payout", cents, "Shop Payments payout", None
    if day.day == 1:
        yield "bills", -monthly_cents(), "Rent, wages, insurance, loan", None
    if cents := invoice_cents(day):
        yield "invoices", -cents, "Card payments to suppliers of services", None
    if day.day == SUPPLIER_DAY:
        bought = sum(map(_takings, days(day - timedelta(days=31), day)))
        share = 0.68 if day.month in STOCKING_UP else 0.33
        yield "goods", -round(bought * share), "Blade & Board Imports", None
    if day.day == OWNER_DAY:
        yield "draw", -250_000, "Owner's draw", "owner"
    if day.day == CARD_DAY:
        spent = sum(_advertised(each) for each in days(day - timedelta(days=30), day))
        yield "ads", -spent, "Ad platforms", None


def _paid_through(day: date) -> date:
    """Give the last day whose takings a payout has brought by the evening of a day."""
    tuesday = day - timedelta(days=(day.weekday() - PAYOUT_WEEKDAY) % 7)
    return tuesday - timedelta(days=2)


def _takings(day: date) -> int:
    """Estimate what a day's orders bring after fees and refunds: the bank knows no orders."""
    return round(demand(day) * 6_150 * dice_of("takings", day).uniform(0.93, 1.07))


def _advertised(day: date) -> int:
    return round(850 * (6 + demand(day) * 0.7))


def _balance(day: date, opened: date) -> int:
    return FIRST_BALANCE + sum(_change(each, opened) for each in days(opened, day))


@cache
def _change(day: date, opened: date) -> int:
    return sum(cents for _, cents, _, _ in _moved(day, opened))

"""What the shop's books say: rent and wages, software and freight, and what comes once a year."""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta

from infra.local.sample_shop.days import Line, dice_of, money

BOOKS = "quickbooks"

MONTHLY: tuple[tuple[str, str, str | None, int, Line], ...] = (
    ("rent", "Rent", "Harbour Street Lofts", 210_000, {}),
    ("salaries", "Salaries", "Payroll", 480_000, {}),
    ("owner", "Owner's salary", "Payroll", 300_000, {"addback": "owner_pay"}),
    ("car", "Owner's car", "Bayside Leasing", 24_000, {"addback": "discretionary"}),
    ("insurance", "Insurance", "Seaboard Mutual", 19_000, {}),
    ("depreciation", "Depreciation", None, 16_000, {"line": "depreciation"}),
    ("loan", "Loan interest", "First Harbour Bank", 9_500, {"line": "interest"}),
)
"""id, category, vendor, cents a month, and what else the line says."""

INVOICES: tuple[tuple[str, int, str, str, int, Line], ...] = (
    ("shop", 3, "Software", "Shop Platform Inc.", 29_900, {}),
    ("mail", 11, "Software", "Lettercast Ltd.", 14_900, {"behaviour": "variable"}),
    ("books", 15, "Software", "Ledgerline Inc.", 6_500, {}),
    ("help", 19, "Software", "Deskwise GmbH", 4_900, {}),
    ("photos", 8, "Marketing", "Brightroom Studio LLC", 65_000, {"behaviour": "variable"}),
    ("agency", 22, "Marketing", "Northlight Agency LLC", 120_000, {}),
    ("boxes", 5, "Packaging", "Pulp & Paper Co.", 31_000, {"line": "fulfilment", "behaviour": "variable"}),
)
"""id, day of the month, category, vendor, cents about, and what else the line says."""


def monthly_cents() -> int:
    """Say what leaves the bank on the first of a month: all that is paid then, but no depreciation."""
    return sum(cents for key, _, _, cents, _ in MONTHLY if key != "depreciation")


def invoice_cents(day: date) -> int:
    """Say what the invoices of a day come to."""
    return sum(_invoiced(key, day, cents) for key, due, _, _, cents, _ in INVOICES if due == day.day)


def expenses(first: date, last: date) -> Iterator[Line]:
    """Give what was booked between two days; what covers a month is told with any day of it."""
    month = first.replace(day=1)
    while month <= last:
        for key, category, vendor, cents, more in MONTHLY:
            about = {"category": category, **({"vendor": vendor} if vendor else {}), **more}
            yield _booked(f"{key}-{month:%Y-%m}", month, cents) | {"covers": "month", **about}
        if month.month == 3:  # noqa: PLR2004 - March
            fair = {"category": "Trade fair", "behaviour": "one_off", "addback": "one_off"}
            yield _booked(f"fair-{month.year}", month, 320_000) | fair
        for key, due, category, vendor, cents, more in INVOICES:
            day = month.replace(day=due)
            if first <= day <= last:
                about = {"category": category, "vendor": vendor, **more}
                yield _booked(f"{key}-{month:%Y-%m}", day, _invoiced(key, day, cents)) | about
        month += timedelta(days=calendar.monthrange(month.year, month.month)[1])


def _booked(id_: str, day: date, cents: int) -> Line:
    return {"type": "expense", "source": BOOKS, "id": id_, "date": day.isoformat(), "amount": money(cents)}


def _invoiced(key: str, day: date, cents: int) -> int:
    return round(cents * dice_of("invoice", key, day).uniform(0.9, 1.15))

"""From which number on what the data lacks is an alert, and from which it is a bad one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from shared.domain.alerts.alert import AlertSeverity, Condition
from shared.domain.alerts.of_data import SentFile, of_accounts, of_files, of_rates, of_shop
from shared.domain.facts.families import Family
from shared.domain.facts.rollups import Account, Figure, Holding

TODAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ERROR, WARNING, INFO = AlertSeverity.ERROR, AlertSeverity.WARNING, AlertSeverity.INFO
FILE = SentFile(
    import_id="imp_1",
    same_name="weekly.csv",
    at=NOON,
    stands_still=False,
    is_refused=False,
    is_finished=True,
    lines=10,
    rejected=0,
)


def account(*, status: str = "synced", days_ago: int = 0, behind: int = 0, family: Family = Family.ORDER) -> Account:
    """Give one that was exported so many days ago, and told of days up to so many before that."""
    exported = NOON - timedelta(days=days_ago)
    last = exported.date() - timedelta(days=behind)
    holding = Holding(family=family, rows=1, first=last, last=last)
    return Account(source="shop", account="main", name="main", status=status, last_export=exported, holdings=(holding,))


def told(found: Iterable[Condition]) -> dict[str, AlertSeverity]:
    return {each.metric: each.severity for each in found}


def told_of(account: Account) -> dict[str, AlertSeverity]:
    return told(of_accounts([account], today=TODAY, timezone="UTC"))


@pytest.mark.parametrize(("days", "severity"), [(3, None), (4, WARNING), (14, WARNING), (15, ERROR)])
def test_a_source_that_is_silent_is_an_alert_after_three_days_and_a_bad_one_after_fourteen(
    days: int, severity: AlertSeverity | None
) -> None:
    expected = {} if severity is None else {"days_without_news": severity}

    assert told_of(account(days_ago=days)) == told_of(account(days_ago=days, family=Family.AD_DAY)) == expected
    assert told_of(account(days_ago=days, family=Family.EXPENSE)) == {}


@pytest.mark.parametrize(("days", "severity"), [(7, None), (8, WARNING), (14, WARNING), (15, ERROR)])
def test_exports_that_bring_no_more_days_are_an_alert_after_seven_and_a_bad_one_after_fourteen(
    days: int, severity: AlertSeverity | None
) -> None:
    assert told_of(account(behind=days)) == ({} if severity is None else {"orders_behind": severity})
    ads = account(behind=days, family=Family.AD_DAY)
    assert told_of(ads) == ({} if severity is None else {"ads_behind": severity})
    assert told_of(account(behind=days, family=Family.EXPENSE)) == {}


def test_what_a_source_says_of_itself_is_told_as_badly_as_it_is_and_alone() -> None:
    said = {status: told_of(account(status=status, days_ago=30, behind=30)) for status in STATUSES}

    assert said == {status: {} if bad is None else {"source_status": bad} for status, bad in STATUSES.items()}


STATUSES = {
    "reconnect": ERROR,
    "lost_access": ERROR,
    "missing_permissions": ERROR,
    "not_syncing": WARNING,
    "no_accounts": WARNING,
    "resolving": INFO,
    "syncing": INFO,
    "discontinued": None,
}


@pytest.mark.parametrize(
    ("change", "is_over"),
    [
        ({}, True),
        ({"rejected": 1}, False),
        ({"is_finished": False}, False),
        ({"same_name": "other.csv"}, False),
        ({"at": NOON - timedelta(days=1)}, False),
    ],
)
def test_a_file_is_mended_by_a_later_one_of_its_name_without_a_fault(
    change: dict[str, object], *, is_over: bool
) -> None:
    refused = replace(FILE, is_refused=True, is_finished=False)
    other = replace(FILE, **{"import_id": "imp_2", "at": NOON + timedelta(days=1), **change})

    (first,) = (each for each in of_files([refused, other]) if each.scope == "imp_1")

    assert (first.metric, first.severity, first.is_over) == ("import_refused", ERROR, is_over)


def test_lines_that_were_rejected_are_counted_and_a_file_that_stands_still_is_told_alone() -> None:
    (rejected,) = of_files([replace(FILE, rejected=3)])
    (still,) = of_files([replace(FILE, is_finished=False, stands_still=True)])

    assert (rejected.metric, rejected.value, rejected.title) == (
        "lines_rejected",
        3_000_000,
        "3 of 10 lines of a file were rejected",
    )
    assert (still.metric, still.severity) == ("import_stalled", WARNING)
    assert list(of_files([FILE])) == []


def test_a_currency_without_a_rate_is_one_alert_from_its_first_day_to_its_last_of_whatever_it_is_missing() -> None:
    spans = {
        "order": {"SEK": (date(2026, 10, 5), date(2026, 10, 9))},
        "ad_day": {"SEK": (date(2026, 10, 1), date(2026, 10, 7)), "NOK": (TODAY, TODAY)},
    }

    found = {each.scope: each for each in of_rates(spans, "UTC")}

    assert found.keys() == {"NOK", "SEK"}
    assert found["SEK"].title == "Amounts in SEK from 2026-10-01 to 2026-10-09 have no rate, and are in no sum"
    assert found["SEK"].since == "2026-10-01"


def told_of_shop(**sums: int) -> dict[str, tuple[int | None, int | None]]:
    figures = {Figure(name): value for name, value in sums.items()}
    return {each.metric: (each.value, each.threshold) for each in of_shop(figures, TODAY, "UTC")}


def test_costs_of_less_than_nine_tenths_are_an_alert() -> None:
    sold = {"gross_sales": 110, "discounts": 10}

    assert told_of_shop(**sold, cost_known_sales=90) == {}
    assert told_of_shop(**sold, cost_known_sales=89) == {"cost_coverage": (890_000, 900_000)}
    assert told_of_shop(gross_sales=10, discounts=10) == {}


def test_what_sending_orders_cost_is_known_by_order_or_from_invoices() -> None:
    assert told_of_shop(orders=10, fulfilment_known_orders=9) == {}
    assert told_of_shop(orders=10, fulfilment_known_orders=8) == {"fulfilment_coverage": (800_000, 900_000)}
    assert told_of_shop(orders=10, fulfilment_invoiced=1) == {}


def test_bookings_that_nobody_has_settled_are_counted_and_asked_about_again_the_next_month() -> None:
    (booked,) = of_shop({Figure.UNSETTLED_BOOKINGS: 2}, TODAY, "UTC")
    (later,) = of_shop({Figure.UNSETTLED_BOOKINGS: 2}, TODAY + timedelta(days=10), "UTC")

    assert (booked.value, booked.threshold) == (2_000_000, 0)
    assert booked.alert_id != later.alert_id

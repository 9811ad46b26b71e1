"""Which days are judged at all, and which sums of them: those of which everything is known that sales depend on."""

from __future__ import annotations

from datetime import date, timedelta

from shared.domain.facts.anomalies import AnomalyMonth
from tests.data.daily_shop import SHOCK, YESTERDAY, advertised, days, merchant_with, orders_of, sold
from tests.data.merchants import FIRST_MONTH, LAST_MONTH, WORKSPACE, Line, Merchant, as_file, header

A_DAY = timedelta(days=1)


def folded(merchant: Merchant) -> list[AnomalyMonth]:
    merchant.fold()
    return list(merchant.figures.rollups(WORKSPACE, AnomalyMonth, FIRST_MONTH, LAST_MONTH))


def judged(months: list[AnomalyMonth], series: str = "orders") -> set[date]:
    return {date.fromisoformat(f"{month.month}-{day:02}") for month in months for day in month.judged.get(series, ())}


def unusual(months: list[AnomalyMonth], metric: str) -> set[date]:
    return {one.day for month in months for one in month.told() if one.metric == metric}


def causes_of(months: list[AnomalyMonth], day: date) -> set[str]:
    (one,) = (one for month in months for one in month.told() if (one.day, one.metric) == (day, "orders"))
    return set(one.causes)


def with_costs(lines: list[Line]) -> list[Line]:
    """Let every order say what its goods cost, and what it cost to send it."""
    return [
        {**line, "fulfilment_cost": "2.00", "lines": [{"quantity": 1, "price": "10.00", "unit_cost": "4.00"}]}
        for line in lines
    ]


def test_a_month_in_which_nothing_was_sold_is_known_as_such() -> None:
    october = days(date(2026, 10, 1), date(2026, 10, 31))
    before = days(date(2026, 7, 1), date(2026, 9, 30))
    lines = [line for day in [*before, *days(date(2026, 11, 1))] for line in orders_of(day, 20 + day.toordinal() % 3)]

    months = folded(merchant_with(*lines))

    assert judged(months) >= set(october[:28])  # after so long without any, nobody can say what is much
    assert unusual(months, "orders") >= set(october[:14])


def test_a_day_on_which_the_last_export_of_one_of_two_accounts_was_made_is_judged_for_neither() -> None:
    merchant = merchant_with(*sold({}))
    other = [*sold({SHOCK: 1}, through=SHOCK)]
    merchant.import_bytes(as_file([header(f"{SHOCK}T09:00:00Z", source="market", currency="USD"), *other]))

    months = folded(merchant)

    # Of the days after it the market tells nothing, which is unusual; of the day itself it tells a part.
    assert set(days(SHOCK - A_DAY)) - judged(months) == {SHOCK}
    assert SHOCK + A_DAY in unusual(months, "orders")


def test_a_source_that_knows_that_nothing_was_sold_is_not_stale_and_one_that_ends_is() -> None:
    stopped = sold({}, through=SHOCK - A_DAY)
    claimed = [{"type": "order", "from": "2026-08-23", "to": "2026-11-20"}]
    claiming, silent = Merchant(), merchant_with(*sold({}))
    claiming.import_bytes(as_file([{**header("2026-11-21T09:00:00Z", currency="USD"), "complete": claimed}, *stopped]))
    silent.import_bytes(as_file([header("2026-11-10T09:00:00Z", source="market", currency="USD"), *stopped]))

    causes = [causes_of(folded(merchant), SHOCK + A_DAY) for merchant in (claiming, silent)]

    assert causes == [set(), {"source_stale"}]


def test_a_claim_to_tell_all_of_the_day_of_the_export_is_none_of_its_last_hours() -> None:
    claimed = [{"type": "order", "from": "2026-08-01", "to": "2026-11-10"}]
    merchant = Merchant()
    head = {**header("2026-11-10T09:00:00Z", currency="USD"), "complete": claimed}
    merchant.import_bytes(as_file([head, *sold({}, through=SHOCK - A_DAY)]))

    assert max(judged(folded(merchant))) == SHOCK - A_DAY


def test_what_is_invoiced_for_a_month_makes_no_bad_margin_of_the_day_of_its_invoice() -> None:
    invoice = {
        "type": "expense",
        "id": "i",
        "date": SHOCK.isoformat(),
        "amount": "900.00",
        "category": "Post",
        "line": "fulfilment",
    }

    months = folded(merchant_with(*with_costs(sold({})), invoice))

    assert SHOCK in judged(months, "cm2_margin")
    assert unusual(months, "cm2_margin") == set()


def test_a_day_is_judged_by_what_was_sold_though_the_ads_or_expenses_of_it_have_no_rate() -> None:
    day = SHOCK.isoformat()
    in_crowns = {"amount": "90.00", "currency": "SEK", "category": "Rent"}
    rent = {"type": "expense", "id": "i", "date": day, **in_crowns}

    months = folded(merchant_with(*sold({}), rent))

    assert judged(months) == set(days(YESTERDAY - 33 * A_DAY))


def test_a_day_with_an_order_in_a_currency_without_a_rate_is_not_judged() -> None:
    (foreign,) = orders_of(SHOCK, 1)

    months = folded(merchant_with(*sold({}), {**foreign, "id": "x", "currency": "SEK"}))

    assert set(days(YESTERDAY - 33 * A_DAY)) - judged(months) == {SHOCK}


def test_a_day_of_which_some_spend_has_no_rate_is_not_judged_by_what_the_rest_cost() -> None:
    ads = advertised({}, platform="google")
    foreign = {**ads[-1], "date": SHOCK.isoformat(), "campaign_id": "c2", "currency": "SEK"}

    months = folded(merchant_with(*sold({}), *ads, foreign))

    for series in ("ad_spend", "ad_spend#google", "mer"):
        assert set(days(YESTERDAY - 33 * A_DAY)) - judged(months, series) == {SHOCK}

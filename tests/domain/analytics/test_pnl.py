from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.analytics.figures import COUNTS, Rates, sums_of
from shared.domain.analytics.periods import DateRange, first_of, last_of
from shared.domain.analytics.pnl import Basis, Imported, Line, Told, not_alike, statement
from shared.domain.errors import Invalid
from shared.domain.facts.rollups import Figure, Overview, ShopMonth
from tests.data.rollups import account, fx_month, holding, length, overview, shop_month

ALL_TOLD = Told(days=1, known=dict.fromkeys(Line, 1))
NOTHING_TOLD = Told(days=1)
MONTHS = ("2026-01", "2026-02", "2026-03")

EXAMPLE = {
    Figure.ORDERS: 10,
    Figure.UNITS: 12,
    Figure.GROSS_SALES: 1000,
    Figure.DISCOUNTS: 100,
    Figure.RETURNS: 50,
    Figure.RETURNS_BY_ORDER: 70,
    Figure.SHIPPING_CHARGED: 80,
    Figure.SHIPPING_REFUNDED: 10,
    Figure.SHIPPING_REFUNDED_BY_ORDER: 20,
    Figure.COGS: 300,
    Figure.COGS_RESTOCKED: 15,
    Figure.COGS_RESTOCKED_BY_ORDER: 25,
    Figure.COST_KNOWN_SALES: 810,
    Figure.COST_KNOWN_UNITS: 11,
    Figure.FULFILMENT: 60,
    Figure.FULFILMENT_KNOWN_ORDERS: 9,
    Figure.FULFILMENT_INVOICED: 7,
    Figure.RETURN_SHIPPING: 4,
    Figure.RETURN_SHIPPING_BY_ORDER: 6,
    Figure.PAYMENT_FEES: 20,
    Figure.PAYMENT_FEES_KNOWN_ORDERS: 8,
    Figure.PAYMENT_FEES_ESTIMATED: 5,
    Figure.PAYMENT_FEES_ESTIMATED_ORDERS: 2,
    Figure.PAYMENT_FEES_INVOICED: 1,
    Figure.PLATFORM_FEES: 9,
    Figure.PLATFORM_FEES_KNOWN_ORDERS: 10,
    Figure.PLATFORM_FEES_INVOICED: 2,
    Figure.AD_SPEND: 130,
    Figure.AD_SPEND_INVOICED: 11,
    Figure.OPEX: 90,
    Figure.DEPRECIATION: 8,
    Figure.INTEREST: 3,
    Figure.INCOME_TAX: 12,
    Figure.ORDERS_REFUNDED: 3,
}


def lines(
    basis: Basis = Basis.PROCESSED_DATE, told: Told = ALL_TOLD, changes: Mapping[str, int] | None = None
) -> dict[str, int | None]:
    figures = {**EXAMPLE, **{Figure(name): value for name, value in (changes or {}).items()}}
    return {str(line): value for line, value in statement(figures, basis, told).lines.items()}


def test_every_line_follows_from_the_figures_in_the_order_of_the_statement() -> None:
    # Worked out by hand from the formulas of pnl.v1.
    assert list(lines().items()) == [
        ("gross_sales", 1000),
        ("discounts", 100),
        ("returns", 50),
        ("net_sales", 850),
        ("shipping_income", 70),
        ("net_revenue", 920),
        ("cogs", 285),
        ("cm1", 635),
        ("fulfilment", 71),
        ("payment_fees", 26),
        ("platform_fees", 11),
        ("cm2", 527),
        ("ad_spend", 141),
        ("cm3", 386),
        ("opex", 90),
        ("ebitda", 296),
        ("depreciation", 8),
        ("interest", 3),
        ("income_tax", 12),
        ("net_profit", 273),
    ]


def test_on_the_basis_of_the_order_date_refunds_count_on_the_day_of_their_order() -> None:
    found = lines(Basis.ORDER_DATE)

    assert (found["returns"], found["net_sales"], found["shipping_income"]) == (70, 830, 60)
    assert (found["cogs"], found["fulfilment"]) == (275, 73)


@pytest.mark.parametrize(
    ("line", "silent"),
    [
        ("cogs", {"cost_known_units": 0, "cost_known_sales": 0, "cogs": 0, "cogs_restocked": 0}),
        ("fulfilment", {"fulfilment": 0, "fulfilment_known_orders": 0, "fulfilment_invoiced": 0, "return_shipping": 0}),
        (
            "payment_fees",
            {
                "payment_fees": 0,
                "payment_fees_known_orders": 0,
                "payment_fees_estimated": 0,
                "payment_fees_estimated_orders": 0,
                "payment_fees_invoiced": 0,
            },
        ),
        ("platform_fees", {"platform_fees": 0, "platform_fees_known_orders": 0, "platform_fees_invoiced": 0}),
        ("ad_spend", {"ad_spend": 0, "ad_spend_invoiced": 0}),
        ("opex", {"opex": 0}),
        ("depreciation", {"depreciation": 0}),
        ("interest", {"interest": 0}),
        ("income_tax", {"income_tax": 0}),
    ],
)
def test_a_cost_of_which_nobody_told_is_unknown_and_is_not_subtracted(line: str, silent: dict[str, int]) -> None:
    found = lines(told=NOTHING_TOLD, changes=silent)
    as_if_zero = {name: value or 0 for name, value in found.items()}

    assert found[line] is None
    assert as_if_zero["cm1"] == as_if_zero["net_revenue"] - as_if_zero["cogs"]
    assert as_if_zero["ebitda"] == as_if_zero["cm3"] - as_if_zero["opex"]
    assert found["net_profit"] is not None


@pytest.mark.parametrize("line", [Line.FULFILMENT, Line.PAYMENT_FEES, Line.PLATFORM_FEES, Line.AD_SPEND, Line.OPEX])
def test_a_cost_that_an_expense_has_told_of_is_known_to_be_zero_where_there_is_none(line: Line) -> None:
    figures = {Figure.ORDERS: 1, Figure.UNITS: 1, Figure.GROSS_SALES: 10}
    told = Told(days=1, known={line: 1})

    assert statement(figures, Basis.PROCESSED_DATE, told).lines[line] == 0
    assert statement(figures, Basis.PROCESSED_DATE, NOTHING_TOLD).lines[line] is None


def test_a_period_without_orders_has_no_cost_of_goods_rather_than_an_unknown_one() -> None:
    found = statement({}, Basis.PROCESSED_DATE, NOTHING_TOLD)

    assert (found.lines[Line.COGS], found.lines[Line.FULFILMENT], found.lines[Line.NET_REVENUE]) == (0, 0, 0)
    assert found.lines[Line.OPEX] is None


def test_what_was_imported_is_read_off_the_overview() -> None:
    found = overview(
        accounts=[account(), account("meta_ads", holdings=[holding("ad_day")])], expense_lines=["opex", "interest"]
    )

    reach = DateRange(first=date(2025, 1, 1), last=date(2026, 11, 20))
    assert Imported.of(found) == Imported(
        ads=reach, do_ads_go_on=True, books=reach, expense_lines=frozenset({"opex", "interest"})
    )
    assert Imported.of(Overview()) == Imported()


BEGUN, LATE, LATEST = date(2025, 1, 1), date(2026, 11, 6), date(2026, 11, 20)


@pytest.mark.parametrize(
    ("status", "last", "reaches_to"),
    [
        ("synced", LATE, LATE),
        ("lost_access", LATE, LATE),
        ("discontinued", LATE, LATEST),
        ("synced", LATEST - timedelta(92), LATEST - timedelta(92)),
        ("synced", LATEST - timedelta(93), LATEST),
    ],
)
def test_ad_spend_is_known_as_far_as_every_account_tells_that_was_not_given_up(
    status: str, last: date, reaches_to: date
) -> None:
    late = account("google_ads", status=status, holdings=[holding("ad_day", last=last)])
    found = overview(accounts=[account("meta_ads", holdings=[holding("ad_day")]), late], expense_lines=["ad_spend"])

    assert Imported.of(found).reach(Line.AD_SPEND) == DateRange(first=BEGUN, last=reaches_to)


def test_books_tell_of_advertising_after_ad_accounts_were_given_up_only() -> None:
    reach = DateRange(first=BEGUN, last=LATEST)
    ended = [holding("ad_day", last=LATE)]
    going, given_up = (
        overview(accounts=[account("meta_ads", status=status, holdings=ended)], expense_lines=["ad_spend"])
        for status in ("synced", "discontinued")
    )

    assert Imported.of(going).reach(Line.AD_SPEND) == DateRange(first=BEGUN, last=LATE)
    assert Imported.of(given_up).reach(Line.AD_SPEND) == reach


OCTOBER = DateRange(first=date(2026, 10, 1), last=date(2026, 10, 31))


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [("09-01", "09-30", 0), ("09-30", "10-02", 2), ("10-05", "10-05", 1), ("11-01", "11-02", 0)],
)
def test_costs_are_told_from_the_first_to_the_last_day_of_the_books_and_of_no_other(
    first: str, last: str, days: int
) -> None:
    span = DateRange(first=date.fromisoformat(f"2026-{first}"), last=date.fromisoformat(f"2026-{last}"))
    told = Imported(books=OCTOBER, expense_lines=frozenset({"opex"})).within(span)

    found = statement({}, Basis.PROCESSED_DATE, told)

    assert found.days_told == {Line.OPEX: days}
    assert found.lines[Line.OPEX] == (0 if days else None)
    assert found.lines[Line.INTEREST] is None


def test_ad_spend_is_told_by_ads_and_by_books_that_have_any_and_no_day_counts_twice() -> None:
    year = DateRange(first=date(2026, 1, 1), last=date(2026, 12, 31))
    ads = DateRange(first=date(2026, 10, 30), last=date(2026, 11, 2))
    known = [
        Imported(ads=ads, books=OCTOBER, expense_lines=frozenset({line})).within(year).known[Line.AD_SPEND]
        for line in ("opex", "ad_spend")
    ]

    assert known == [4, 33]


def test_costs_are_compared_where_all_or_nothing_is_known_of_both_periods() -> None:
    figures = {Figure.ORDERS: 1, Figure.GROSS_SALES: 100, Figure.OPEX: 30, Figure.AD_SPEND: 20, Figure.INTEREST: 1}
    whole, part, nothing = (
        statement(
            figures, Basis.PROCESSED_DATE, Told(days=9, known=dict.fromkeys([Line.AD_SPEND, Line.INTEREST], 9) | opex)
        )
        for opex in ({Line.OPEX: 9}, {Line.OPEX: 7}, dict[Line, int]())
    )
    silent = statement({**figures, Figure.OPEX: 0}, Basis.PROCESSED_DATE, Told(days=9, known=nothing.days_told))

    assert not_alike(whole, whole) == []
    assert not_alike(whole, part) == not_alike(part, part) == not_alike(silent, whole) == [Line.OPEX]
    assert not_alike(silent, silent) == []


@pytest.mark.parametrize(
    ("days", "known", "is_alike"), [(30, 27, True), (30, 26, False), (7, 6, True), (6, 5, False), (1, 0, False)]
)
def test_costs_of_which_a_tenth_of_the_days_or_one_of_a_week_is_missing_are_compared(
    days: int, known: int, *, is_alike: bool
) -> None:
    figures = {Figure.ORDERS: 1, Figure.OPEX: 30}
    whole, part = (
        statement(figures, Basis.PROCESSED_DATE, Told(days=days, known={Line.OPEX: told})) for told in (days, known)
    )

    assert (Line.OPEX not in not_alike(whole, part)) is is_alike
    assert (Line.OPEX not in not_alike(part, whole)) is is_alike


def test_fees_that_orders_state_are_known_however_far_the_books_reach() -> None:
    figures = {Figure.ORDERS: 10, Figure.PAYMENT_FEES: 50, Figure.PAYMENT_FEES_KNOWN_ORDERS: 10}
    found = statement(figures, Basis.PROCESSED_DATE, Told(days=30, known={Line.PAYMENT_FEES: 0}))

    assert Line.PAYMENT_FEES not in found.days_told
    assert not_alike(found, found) == []


@pytest.mark.parametrize(("known", "is_told"), [(None, True), (29, True), (30, False)])
def test_that_some_orders_state_no_fee_is_told_unless_the_books_tell_of_all_days(
    known: int | None, *, is_told: bool
) -> None:
    figures = {Figure.ORDERS: 10, Figure.PAYMENT_FEES: 50, Figure.PAYMENT_FEES_KNOWN_ORDERS: 5}
    told = Told(days=30, known={} if known is None else {Line.PAYMENT_FEES: known})
    found = statement(figures, Basis.PROCESSED_DATE, told)

    assert found.stated_by_orders.get(Line.PAYMENT_FEES) == ((5, 10) if is_told else None)


def test_costs_that_are_left_out_are_in_no_profit_below_them() -> None:
    figures = {Figure.GROSS_SALES: 100, Figure.AD_SPEND: 20, Figure.OPEX: 30, Figure.INTEREST: 1}

    found = statement(figures, Basis.PROCESSED_DATE, ALL_TOLD).without([Line.AD_SPEND, Line.OPEX]).lines

    assert (found[Line.AD_SPEND], found[Line.OPEX], found[Line.INTEREST]) == (None, None, 1)
    assert (found[Line.CM2], found[Line.CM3], found[Line.EBITDA], found[Line.NET_PROFIT]) == (100, 100, 100, 99)


# --- sums ------------------------------------------------------------------------------------------------------------


@st.composite
def three_months(draw: st.DrawFn) -> list[ShopMonth]:
    figures = draw(st.lists(st.sampled_from(list(Figure)), min_size=1, max_size=6, unique=True))
    return [
        shop_month(
            month,
            {
                figure: draw(st.dictionaries(st.integers(1, length(month)), st.integers(-(10**9), 10**12)))
                for figure in figures
            },
        )
        for month in MONTHS
    ]


@st.composite
def parts_of_them(draw: st.DrawFn) -> DateRange:
    first = draw(st.dates(date(2025, 12, 20), date(2026, 4, 10)))
    return DateRange(first=first, last=first + timedelta(days=draw(st.integers(0, 100))))


@given(three_months(), parts_of_them(), st.sampled_from(Basis))
def test_the_days_of_a_range_add_up_to_the_range(months: list[ShopMonth], span: DateRange, basis: Basis) -> None:
    whole = statement(sums_of(months, span), basis, ALL_TOLD)
    days = [span.first + timedelta(days=place) for place in range(span.days)]
    each = [statement(sums_of(months, DateRange(first=day, last=day)), basis, ALL_TOLD) for day in days]

    for line in Line:  # a line that is unknown on one day adds nothing, to the day or to the range
        assert sum(day.known(line) for day in each) == whole.known(line)
    assert sum(day.orders for day in each) == whole.orders


@given(three_months(), parts_of_them())
def test_a_range_takes_its_own_days_and_no_others(months: list[ShopMonth], span: DateRange) -> None:
    expected: dict[str, int] = {}
    for month in months:
        for name, values in month.days.items():
            start = first_of(month.month)
            inside = (v for place, v in enumerate(values) if span.first <= start + timedelta(days=place) <= span.last)
            expected[name] = expected.get(name, 0) + sum(inside)

    found = {str(figure): value for figure, value in sums_of(months, span).items()}
    assert {name: value for name, value in found.items() if value} == {n: v for n, v in expected.items() if v}


# --- other currencies ------------------------------------------------------------------------------------------------

FEBRUARY = DateRange(first=first_of("2026-02"), last=last_of("2026-02"))


def in_euros(month: ShopMonth, rates: dict[int, int], span: DateRange = FEBRUARY) -> dict[Figure, int]:
    column = [rates.get(day) for day in range(1, length("2026-02") + 1)]
    return sums_of([month], span, Rates.of("EUR", [fx_month("2026-02", {"EUR": column})]))


def test_money_is_converted_day_by_day_and_counts_are_not() -> None:
    month = shop_month("2026-02", {Figure.GROSS_SALES: {1: 2_000_000, 2: 2_000_000}, Figure.ORDERS: {1: 4, 2: 4}})

    # 2 dollars at 1.25 dollars for a euro, and 2 dollars at 1.00.
    found = in_euros(month, {1: 1_250_000_000, 2: 1_000_000_000})

    assert found == {Figure.GROSS_SALES: 1_600_000 + 2_000_000, Figure.ORDERS: 8}


def test_a_rate_holds_for_the_seven_days_after_it_and_no_longer() -> None:
    rates = {1: 2_000_000_000}

    assert in_euros(shop_month("2026-02", {Figure.OPEX: {8: 10}}), rates) == {Figure.OPEX: 5}
    with pytest.raises(Invalid) as refused:
        in_euros(shop_month("2026-02", {Figure.OPEX: {9: 10}}), rates)
    assert (refused.value.code, refused.value.field) == ("fx_rate_missing", "currency")


def test_a_rate_of_the_month_before_may_still_hold() -> None:
    january = fx_month("2026-01", {"EUR": [None] * 30 + [2_000_000_000]})

    found = sums_of([shop_month("2026-02", {Figure.OPEX: {7: 10}})], FEBRUARY, Rates.of("EUR", [january]))

    assert found == {Figure.OPEX: 5}


def test_a_day_without_money_needs_no_rate() -> None:
    month = shop_month("2026-02", {Figure.OPEX: {1: 10}, Figure.ORDERS: {20: 3}})

    assert in_euros(month, {1: 1_000_000_000}) == {Figure.OPEX: 10, Figure.ORDERS: 3}


def test_every_figure_is_either_money_or_a_count() -> None:
    # A new figure must be put into one of the two, or it is wrong by a rate.
    money = {
        "gross_sales", "discounts", "shipping_charged", "returns", "returns_by_order", "shipping_refunded",
        "shipping_refunded_by_order", "cogs", "cogs_restocked", "cogs_restocked_by_order", "cost_known_sales",
        "fulfilment", "fulfilment_invoiced", "return_shipping", "return_shipping_by_order", "payment_fees",
        "payment_fees_estimated", "payment_fees_invoiced", "platform_fees", "platform_fees_invoiced", "ad_spend",
        "ad_spend_invoiced", "opex", "opex_marketing", "depreciation", "interest", "income_tax",
        "unsettled",
    }  # fmt: skip
    assert {str(figure) for figure in Figure} - {str(figure) for figure in COUNTS} == money

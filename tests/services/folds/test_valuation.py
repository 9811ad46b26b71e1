"""The months as a buyer looks at them, each worked out by hand from what the lines say."""

from __future__ import annotations

from shared.domain.facts.valuations import MOST_CHANNELS, ValuationMonth
from tests.data.merchants import WORKSPACE, Line, Merchant, header, order, refund

MILLION = 1_000_000


def months(*lines: Line) -> dict[str, ValuationMonth]:
    merchant = Merchant()
    merchant.import_lines(header(), *lines)
    return {each.month: each for each in merchant.figures.rollups(WORKSPACE, ValuationMonth)}


def sold(id_: int, date: str, sku: str | None, price: str) -> Line:
    item = {"quantity": 1, "price": price} | ({} if sku is None else {"sku": sku})
    return order(id_, date, lines=[item])


def marked(id_: str, date: str, amount: str, addback: str, **more: str) -> Line:
    return {"type": "expense", "id": id_, "date": date, "amount": amount, "addback": addback, **more}


def test_a_channel_has_what_its_orders_brought_less_what_was_refunded_in_the_month() -> None:
    found = months(
        order(1, "2026-09-05", channel="store", shipping="5.00"),
        order(2, "2026-10-05", channel="market"),
        order(3, "2026-10-06"),
        refund("r1", "2026-10-20", lines=[{"amount": "4.00"}], shipping="1.00"),
        refund("r2", "2026-10-20", order_id="nobody knows", lines=[{"amount": "2.00"}]),
    )

    assert found["2026-09"].channels == {"store": 15 * MILLION}
    assert found["2026-10"].channels == {"store": -5 * MILLION, "market": 10 * MILLION}
    assert found["2026-10"].no_channel == 8 * MILLION


def test_the_largest_channels_of_a_month_are_kept_by_name() -> None:
    many = MOST_CHANNELS + 3
    orders = [
        order(n, channel=f"channel {n:02}", lines=[{"quantity": 1, "price": f"{n}.00"}]) for n in range(1, many + 1)
    ]
    (found,) = months(*orders).values()

    assert found.channels == {f"channel {n:02}": n * MILLION for n in range(4, many + 1)}
    assert found.other_channels == (1 + 2 + 3) * MILLION


def test_the_best_selling_sku_is_that_of_twelve_months() -> None:
    found = months(
        sold(1, "2025-10-15", "A", "100.00"),
        sold(2, "2025-11-15", "B", "60.00"),
        sold(3, "2026-10-15", "C", "30.00"),
        sold(4, "2026-10-15", "B", "20.00"),
        sold(5, "2026-10-16", None, "500.00"),
    )

    def of(month: str) -> tuple[int, int, int]:
        each = found[month]
        return each.top_sku // MILLION, each.skus // MILLION, each.goods // MILLION

    assert of("2025-11") == (100, 160, 160)
    assert of("2026-09") == (100, 160, 160)  # nothing was sold in it
    assert of("2026-10") == (80, 110, 610)  # A was sold thirteen months ago; what has no SKU is no article


def test_an_article_that_came_back_more_than_it_was_sold_makes_no_other_more_than_the_whole() -> None:
    (found,) = months(
        sold(1, "2026-10-15", "A", "100.00"),
        sold(2, "2026-10-15", "B", "30.00"),
        refund("r1", "2026-10-20", order_id=2, lines=[{"sku": "B", "amount": "25.00"}]),
        refund("r2", "2026-10-21", order_id="of long ago", lines=[{"sku": "C", "amount": "90.00"}]),
    ).values()

    assert (found.top_sku, found.skus, found.goods) == (100 * MILLION, 105 * MILLION, 105 * MILLION)


def test_months_go_as_far_as_orders_are_known() -> None:
    merchant = Merchant()
    told = {"type": "order", "from": "2026-07-01", "to": "2026-10-31"}
    merchant.import_lines(header(complete=[told]), sold(1, "2026-07-05", "A", "10.00"))
    found = merchant.figures.rollups(WORKSPACE, ValuationMonth)

    assert [(each.month, each.top_sku) for each in found] == [
        (f"2026-{month:02}", 10 * MILLION) for month in range(7, 11)
    ]


def test_marked_expenses_count_by_their_mark_in_the_months_that_they_cover() -> None:
    found = months(
        marked("1", "2026-09-03", "30.00", "owner_pay", covers="month"),
        marked("2", "2026-10-03", "7.00", "owner_pay", line="fulfilment"),
        marked("3", "2026-10-04", "2.50", "one_off"),
        marked("4", "2026-10-05", "-0.50", "one_off"),
        {"type": "expense", "id": "5", "date": "2026-10-06", "amount": "99.00"},
    )

    assert found["2026-09"].addbacks == {"owner_pay": 30 * MILLION}
    assert found["2026-10"].addbacks == {"owner_pay": 7 * MILLION, "one_off": 2 * MILLION}


def test_what_ebitda_does_not_hold_is_no_addback_whoever_marked_it() -> None:
    found = months(
        *(
            marked(line, "2026-10-03", "10.00", "discretionary", line=line)
            for line in ("interest", "depreciation", "income_tax")
        ),
        order(1),
    )

    assert found["2026-10"].addbacks == {}

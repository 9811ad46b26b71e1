"""What a line may say, what becomes of it, and how a refusal names the field."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.facts.checks import apportioned
from shared.domain.facts.families import Family
from shared.domain.facts.fields import FIELDS
from shared.domain.facts.lines import Context, Fact, read_line
from shared.domain.facts.values import EXACT, WrongValue

CONTEXT = Context(
    source="shop",
    account="main",
    currency="USD",
    zone=ZoneInfo("America/New_York"),
    last_day="2026-11-20",
    customer_key=b"k" * 32,
)
ORDER: dict[str, Any] = {
    "type": "order",
    "id": "1001",
    "date": "2026-11-05",
    "lines": [{"quantity": 2, "price": "10.00"}],
}
REFUND: dict[str, Any] = {
    "type": "refund",
    "id": "r1",
    "order_id": "1001",
    "date": "2026-11-09",
    "lines": [{"amount": "10.00"}],
}
EXAMPLES: dict[Family, dict[str, Any]] = {
    Family.ORDER: ORDER,
    Family.REFUND: REFUND,
    Family.AD_DAY: {"type": "ad_day", "date": "2026-11-05", "platform": "meta", "campaign_id": "c1", "spend": "9.50"},
    Family.EXPENSE: {"type": "expense", "id": "e1", "date": "2026-11-05", "amount": "12"},
    Family.BANK_TXN: {"type": "bank_txn", "id": "b1", "date": "2026-11-05", "amount": "-12"},
    Family.BALANCE: {"type": "balance", "date": "2026-11-05", "amount": "1200"},
    Family.PRODUCT: {"type": "product", "sku": "A"},
    Family.COST: {"type": "cost", "sku": "A", "effective_from": "2026-11-05", "unit_cost": "4"},
    Family.FX: {"type": "fx", "date": "2026-11-05", "base": "EUR", "quote": "USD", "rate": "1.08"},
    Family.GOAL: {
        "type": "goal",
        "id": "g1",
        "metric": "net_revenue",
        "target": "1000",
        "from": "2026-11-01",
        "to": "2026-11-30",
    },
    Family.PAYMENT: {"type": "payment", "id": "ch-1", "date": "2026-11-05", "nature": "charge", "amount": "97.30"},
    Family.TOUCH: {"type": "touch", "order_id": "1001", "place": 1, "date": "2026-11-05", "channel": "meta"},
    Family.ACCOUNT: {"type": "account", "name": "Main shop"},
}


def read(line: dict[str, Any], **changes: Any) -> Fact:  # noqa: ANN401  # whatever a field may hold
    merged = {name: value for name, value in (line | changes).items() if value is not ...}
    return read_line(json.loads(json.dumps(merged), parse_float=EXACT.create_decimal), CONTEXT)


def refusal(line: dict[str, Any], **changes: Any) -> tuple[str, str | None]:  # noqa: ANN401  # as above
    with pytest.raises(WrongValue) as wrong:
        read(line, **changes)
    return wrong.value.code, wrong.value.field


def stored(fact: Fact) -> dict[str, Any]:
    return json.loads(fact.body)


@pytest.mark.parametrize("family", Family)
def test_the_plainest_line_of_every_type_is_a_fact(family: Family) -> None:
    fact = read(EXAMPLES[family])

    assert (fact.family, fact.source, fact.account, fact.deleted) == (family, "shop", "main", False)


@pytest.mark.parametrize("family", Family)
def test_every_required_field_is_required(family: Family) -> None:
    for field in FIELDS[family]:
        if field.required:
            assert refusal(EXAMPLES[family], **{field.name: ...}) == ("field_missing", field.name)
            assert refusal(EXAMPLES[family], **{field.name: None}) == ("field_missing", field.name)


@pytest.mark.parametrize("family", Family)
def test_a_field_that_is_none_of_its_type_is_refused(family: Family) -> None:
    assert refusal(EXAMPLES[family], colour="red") == ("unknown_field", "colour")
    assert refusal(EXAMPLES[family], colour=None) == ("unknown_field", "colour")


@pytest.mark.parametrize("family", Family)
def test_what_deletes_a_fact_has_its_key_and_another_hash(family: Family) -> None:
    line = EXAMPLES[family]
    kept = {"type", "id", "date", "sku", "effective_from", "campaign_id", "base", "quote", "order_id", "place"}
    if family is not Family.TOUCH:
        kept -= {"order_id"}
    gone = read({name: value for name, value in line.items() if name in kept}, deleted=True)

    assert (gone.key, gone.deleted, stored(gone)) == (read(line).key, True, {})
    assert gone.content_hash() != read(line).content_hash()


def test_a_line_may_name_another_source_and_account_than_the_file() -> None:
    fact = read(ORDER, source="amazon", account="A1")

    assert (fact.source, fact.account) == ("amazon", "A1")


def test_a_field_left_out_null_or_at_its_default_is_the_same_fact() -> None:
    plain = read(ORDER)
    for same in ({"discount": 0}, {"test": False}, {"channel": None}, {"currency": "USD"}, {"shipping": "0.00"}):
        assert read(ORDER, **same).content_hash() == plain.content_hash()


def test_amounts_that_are_equal_are_the_same_however_they_are_written() -> None:
    one, two = ([{"quantity": 2, "price": price}] for price in ("10.00", 10))

    assert read(ORDER, lines=one).content_hash() == read(ORDER, lines=two).content_hash()


def test_a_day_is_that_of_the_merchant() -> None:
    late = read(ORDER, date=..., at="2026-11-06T03:30:00Z")  # half past ten in the evening in New York

    assert late.day == "2026-11-05"
    assert refusal(ORDER, at="2026-11-06T03:30:00Z") == ("two_dates", "at")
    assert refusal(ORDER, date=...) == ("field_missing", "date")


def test_nothing_happens_after_the_export_but_a_bill_may_be_due() -> None:
    assert refusal(ORDER, date="2026-11-21") == ("after_export", "date")
    assert refusal(REFUND, date="2026-11-21") == ("after_export", "date")
    assert read(EXAMPLES[Family.EXPENSE], date="2026-12-31").day == "2026-12-31"


def test_a_refusal_says_where_in_a_list_the_value_stands() -> None:
    lines = [{"quantity": 1, "price": "1.00"}, {"quantity": 1, "price": "1.0000001"}]

    assert refusal(ORDER, lines=lines) == ("too_precise", "lines.1.price")
    assert refusal(ORDER, lines=[{"quantity": 0, "price": 1}]) == ("out_of_range", "lines.0.quantity")
    assert refusal(ORDER, lines=[7]) == ("wrong_type", "lines.0")
    assert refusal(ORDER, lines={}) == ("wrong_type", "lines")
    assert refusal(ORDER, lines=[]) == ("field_missing", "lines")
    assert refusal(ORDER, lines=[{"quantity": 1, "price": 1}] * 1001) == ("out_of_range", "lines")


def test_a_discount_is_at_most_what_it_is_taken_off() -> None:
    assert refusal(ORDER, discount="20.01") == ("discount_too_high", "discount")
    assert refusal(ORDER, lines=[{"quantity": 2, "price": 1, "discount": "2.01"}]) == (
        "discount_too_high",
        "lines.0.discount",
    )


def test_a_discount_on_the_order_is_spread_over_its_goods_and_never_over_a_gift_card() -> None:
    lines = [
        {"quantity": 1, "price": "30.00", "discount": "10.00"},
        {"quantity": 1, "price": "10.00"},
        {"quantity": 1, "price": "50.00", "gift_card": True},
    ]
    shares = [line.get("order_discount", 0) for line in stored(read(ORDER, lines=lines, discount="10.00"))["lines"]]

    assert shares == [6_666_666, 3_333_334, 0]
    assert "discount" not in stored(read(ORDER, lines=lines, discount="10.00"))


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=20).filter(sum), st.floats(0, 1))
def test_shares_add_up_and_none_is_above_its_weight(weights: list[int], part: float) -> None:
    amount = int(sum(weights) * part)
    shares = apportioned(amount, weights)

    assert sum(shares) == amount
    assert all(0 <= share <= weight for share, weight in zip(shares, weights, strict=True))


def test_a_refund_says_what_was_refunded() -> None:
    assert refusal(REFUND, lines=...) == ("nothing_refunded", "lines")
    assert stored(read(REFUND, lines=..., shipping="4.90"))["shipping"] == 4_900_000


def test_a_customer_becomes_a_reference_and_the_person_is_dropped() -> None:
    person = {"email": "Jane.Doe@Example.com", "name": "Jane Doe", "phone": "+1 415 555 2671", "city": "Springfield"}
    by_address, by_text = read(ORDER, customer=person), read(ORDER, customer="jane.doe@example.com")

    assert by_address.body == by_text.body
    assert stored(by_address)["customer"].startswith("cus_")
    for word in ("jane", "doe", "415", "springfield"):
        assert word not in by_address.body.lower()


@pytest.mark.parametrize(
    "person", [{"name": "Jane Doe"}, {"first_name": "Jane", "last_name": "Doe"}, {"name": None, "last_name": "Doe"}]
)
def test_a_channel_that_holds_the_name_of_who_bought_is_redacted(person: dict[str, Any]) -> None:
    customer = {"id": 7, **person}

    assert stored(read(ORDER, customer=customer, channel="for DOE, Jane"))["channel"] == "[redacted]"
    assert stored(read(ORDER, customer=customer, channel="web"))["channel"] == "web"
    assert "channel" not in stored(read(ORDER, customer=customer))


def test_a_customer_is_known_by_something() -> None:
    assert refusal(ORDER, customer={"name": "Jane"}) == ("field_missing", "customer")
    assert refusal(ORDER, customer={"email": "jane"}) == ("wrong_email", "customer.email")
    assert refusal(ORDER, customer={"id": 1, "shoe_size": 44}) == ("unknown_field", "customer.shoe_size")
    assert read(ORDER, customer={"id": 7}).body == read(ORDER, customer=7).body
    assert refusal(ORDER, name="jane@example.com") == ("looks_personal", "name")
    assert stored(read(ORDER, customer="+15551112222"))["customer"].startswith("cus_")


@pytest.mark.parametrize("name", ["jane@example.com", "Jane Doe", "x" * 41, "a\u202eb", ""])
def test_what_does_not_look_like_the_name_of_a_field_is_not_shown(name: str) -> None:
    assert refusal(ORDER, **{name: 1}) == ("unknown_field", "?")


@pytest.mark.parametrize(
    ("family", "changes", "code", "field"),
    [
        (Family.ORDER, {"type": "invoice"}, "unknown_type", "type"),
        (Family.ORDER, {"type": ...}, "field_missing", "type"),
        (Family.ORDER, {"type": []}, "unknown_type", "type"),
        (Family.ORDER, {"deleted": "yes"}, "wrong_type", "deleted"),
        (Family.ORDER, {"source": "Shopify!"}, "wrong_source", "source"),
        (Family.ORDER, {"lines": [{"quantity": 10**6, "price": 10**9}]}, "out_of_range", "lines.0"),
        (Family.AD_DAY, {"platform": "bing"}, "unknown_choice", "platform"),
        (Family.FX, {"quote": "EUR"}, "same_currency", "quote"),
        (Family.FX, {"base": "XXY"}, "wrong_currency", "base"),
        (Family.ORDER, {"currency": "XXY"}, "wrong_currency", "currency"),
        (Family.GOAL, {"to": "2026-10-31"}, "wrong_order", "to"),
        (Family.GOAL, {"metric": "followers"}, "unknown_metric", "metric"),
        (Family.TOUCH, {"channel": "\u200b"}, "field_missing", "channel"),
    ],
)
def test_other_rules(family: Family, changes: dict[str, Any], code: str, field: str) -> None:
    assert refusal(EXAMPLES[family], **changes) == (code, field)


def test_keys_tell_facts_apart() -> None:
    day = EXAMPLES[Family.AD_DAY]

    assert read(day).key != read(day, window="7d_click").key != read(day, window="7d_click", date="2026-11-06").key
    assert read(ORDER).key == read(ORDER, date="2026-11-06").key
    assert read(EXAMPLES[Family.COST]).key != read(EXAMPLES[Family.COST], effective_from="2026-11-06").key

"""Rules that concern several fields of one line, and what is worked out from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from shared.domain.analytics.steering import STEERABLE, is_metric
from shared.domain.facts.families import Family
from shared.domain.facts.values import MICROS, MOST_MONEY, Stored, WrongValue

MOST_MICROS = MOST_MONEY * MICROS

_Item = dict[str, Stored]


def _number(item: Mapping[str, Stored], name: str) -> int:
    return cast("int", item.get(name, 0))


def _check_order(order: dict[str, Stored]) -> None:
    """Spread the discount of the order over its lines, by what each costs after its own discount, to the last micro."""
    lines = cast("list[_Item]", order["lines"])
    if not lines:
        raise WrongValue("field_missing", "must have at least one line", field="lines")
    worth: list[int] = []
    for number, line in enumerate(lines):
        value = cast("int", line["quantity"]) * cast("int", line["price"])
        discount = _number(line, "discount")
        if value > MOST_MICROS:
            raise WrongValue(
                "out_of_range", f"quantity x price must not be beyond {MOST_MONEY:,}", field=f"lines.{number}"
            )
        if discount > value:
            raise WrongValue(
                "discount_too_high", "must not be above quantity x price", field=f"lines.{number}.discount"
            )
        # Platforms take no order discount off a gift card, which is money already.
        worth.append(0 if line.get("gift_card") else value - discount)
    total = sum(worth)
    if total > MOST_MICROS:
        raise WrongValue("out_of_range", f"must not add up to more than {MOST_MONEY:,}", field="lines")
    on_order = cast("int", order.pop("discount", 0))
    if on_order > total:
        raise WrongValue("discount_too_high", "must not be above what the lines come to", field="discount")
    if on_order:
        for line, share in zip(lines, apportioned(on_order, worth), strict=True):
            if share:
                line["order_discount"] = share


def apportioned(amount: int, weights: list[int]) -> list[int]:
    """Split an amount by weights into whole numbers that add up to it; none is above its weight if the amount is not.

    Each share is the difference of two running totals, rounded down.
    """
    total = sum(weights)
    shares: list[int] = []
    running = given = 0
    for weight in weights:
        running += weight
        upto = amount * running // total
        shares.append(upto - given)
        given = upto
    return shares


def _check_refund(refund: dict[str, Stored]) -> None:
    lines = cast("list[_Item]", refund.get("lines", []))
    if not lines and "shipping" not in refund and "return_shipping_cost" not in refund:
        raise WrongValue("nothing_refunded", "must say what was refunded: lines or shipping", field="lines")
    if sum(_number(line, "amount") for line in lines) > MOST_MICROS:
        raise WrongValue("out_of_range", f"must not add up to more than {MOST_MONEY:,}", field="lines")


def _check_fx(rate: dict[str, Stored]) -> None:
    if rate["base"] == rate["quote"]:
        raise WrongValue("same_currency", "must differ from `base`", field="quote")


def _check_goal(goal: dict[str, Stored]) -> None:
    if not is_metric(cast("str", goal["metric"])):
        raise WrongValue("unknown_metric", f"must be one of: {', '.join(STEERABLE)}", field="metric")
    if cast("str", goal["from"]) > cast("str", goal["to"]):
        raise WrongValue("wrong_order", "must not lie before `from`", field="to")


CHECKS: dict[Family, Callable[[dict[str, Stored]], None]] = {
    Family.ORDER: _check_order,
    Family.REFUND: _check_refund,
    Family.FX: _check_fx,
    Family.GOAL: _check_goal,
}
"""They may change what is stored of the line."""

"""The families of facts: the types of line that an import may hold."""

from __future__ import annotations

from enum import StrEnum


class Family(StrEnum):
    """A kind of fact. The values are the `type` of an NDJSON line, part of object keys, and a report type of tools."""

    ORDER = "order"
    REFUND = "refund"
    PAYMENT = "payment"
    AD_DAY = "ad_day"
    EXPENSE = "expense"
    BANK_TXN = "bank_txn"
    BALANCE = "balance"
    PRODUCT = "product"
    COST = "cost"
    FX = "fx"
    GOAL = "goal"
    TOUCH = "touch"
    ACCOUNT = "account"


UNDATED = "all"
"""The month of families whose facts hold until they are replaced: products, costs, goals, accounts."""

UNDATED_FAMILIES = frozenset({Family.PRODUCT, Family.COST, Family.GOAL, Family.ACCOUNT})

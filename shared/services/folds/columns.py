"""The columns of fact objects: what every row has, and what each family adds.

    kind         fact, deleted (there is no such fact any more), complete (see below)
    source, account, key
    day, until   the local day of the fact; the span of a claim
    exported_at  microseconds since the epoch: which of two versions is later; ties go to the greater hash
    hash         of the content

A row of kind `complete` says that its export held all facts of the source and account from `day` to `until`: older
versions of facts there that no later export tells again are no more.
"""

from __future__ import annotations

from shared.domain.facts.families import UNDATED, UNDATED_FAMILIES, Family
from shared.domain.facts.fields import FIELDS, KEYS, TIMED, Column, Field

TYPES = {Column.TEXT: "VARCHAR", Column.WHOLE: "BIGINT", Column.FLAG: "BOOLEAN"}

ROW = {
    "kind": "VARCHAR",
    "source": "VARCHAR",
    "account": "VARCHAR",
    "key": "VARCHAR",
    "day": "DATE",
    "until": "DATE",
    "hash": "VARCHAR",
}

DERIVED = {Family.ORDER: {"order_discount": "BIGINT"}}
"""What reading adds to the elements of a family's list: see `shared.domain.facts.checks`."""


def fact_columns(family: Family) -> dict[str, str]:
    """Give the columns of a family and their types."""
    columns = {"id": "VARCHAR"} if "id" in KEYS[family] else {}
    if family in TIMED:
        columns["at"] = "BIGINT"
    if family is Family.ORDER:
        columns["customer"] = "VARCHAR"
    return columns | {field.name: _type(family, field) for field in FIELDS[family]}


def struct(columns: dict[str, str]) -> str:
    """Write columns as the type of a struct."""
    return "STRUCT(" + ", ".join(f'"{name}" {type_}' for name, type_ in columns.items()) + ")"


def month_of(family: Family, day: str = "day") -> str:
    """Give the expression for the month of a row's bucket."""
    return f"'{UNDATED}'" if family in UNDATED_FAMILIES else f"strftime({day}, '%Y-%m')"


def is_in_months(family: Family, first: str, last: str) -> str:
    """Give the condition that a row is of one of these months, in a form by which Parquet can skip groups of rows."""
    span = f"day BETWEEN DATE '{first}-01' AND last_day(DATE '{last}-01')"
    return "true" if family in UNDATED_FAMILIES else span


def _type(family: Family, field: Field) -> str:
    if field.kind.column is not Column.ITEMS:
        return TYPES[field.kind.column]
    inner = {item.name: TYPES[item.kind.column] for item in field.items} | DERIVED.get(family, {})
    return struct(inner) + "[]"

"""Plain valid rollups; a test states only the figures that it is about."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from uuid import uuid4

from shared.domain.facts.inspections import Inspection
from shared.domain.facts.rollups import (
    Account,
    AccountMonth,
    Cohort,
    DataMonth,
    Figure,
    FxMonth,
    Holding,
    Overview,
    Rollup,
    ShopMonth,
)
from shared.domain.facts.settings import Settings
from shared.services.change_settings import change_settings
from shared.storage.contracts.streams import Origin
from shared.storage.engine import Engine
from shared.storage.rows.imports import StoredImports
from shared.storage.rows.rollups import StoredRollups

MICROS = 1_000_000
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
EXPORTED = datetime(2026, 11, 21, 3, tzinfo=UTC)

RUN = "a run of the tests"


def length(month: str) -> int:
    return monthrange(int(month[:4]), int(month[5:]))[1]


def shop_month(month: str, days: Mapping[Figure, Mapping[int, int]], *, currency: str = "USD") -> ShopMonth:
    """Make a month of figures by day of the month."""
    columns = {figure: [values.get(day, 0) for day in range(1, length(month) + 1)] for figure, values in days.items()}
    return ShopMonth(
        month=month, currency=currency, generation=1, days={str(name): column for name, column in columns.items()}
    )


def every_day(month: str, figures: Mapping[Figure, int], *, currency: str = "USD") -> ShopMonth:
    """Make a month of which every day is the same."""
    days = range(1, length(month) + 1)
    return shop_month(
        month, {figure: dict.fromkeys(days, value) for figure, value in figures.items()}, currency=currency
    )


def cohort(
    month: str,
    active: Sequence[int],
    *,
    orders: Sequence[int] | None = None,
    net_revenue: Sequence[int] | None = None,
    cm2: Sequence[int] | None = None,
    sales: Sequence[int] = (),
    cost_known_sales: Sequence[int] = (),
) -> Cohort:
    """Make a cohort; its size is the number of those active in the first month."""
    return Cohort(
        month=month,
        segment="all",
        currency="USD",
        generation=1,
        size=active[0],
        new_by_day=[active[0], *[0] * (length(month) - 1)],
        new_revenue_by_day=[0] * length(month),
        active=list(active),
        orders=list(orders or active),
        net_revenue=list(net_revenue or [0] * len(active)),
        cm2=list(cm2 or [0] * len(active)),
        sales=list(sales),
        cost_known_sales=list(cost_known_sales),
    )


def fx_month(month: str, rates: Mapping[str, Sequence[int | None]], *, currency: str = "USD") -> FxMonth:
    return FxMonth(
        month=month, currency=currency, generation=1, rates={name: list(days) for name, days in rates.items()}
    )


def data_month(
    month: str,
    rows: Mapping[int, int],
    *,
    family: str = "order",
    source: str = "shopify",
    name: str = "shop-1",
    duplicate_keys: int = 0,
    fields: Sequence[str] = (),
) -> DataMonth:
    """Make what lies in a bucket: rows by day of the month."""
    days = [rows.get(day, 0) for day in range(1, length(month) + 1)]
    found = sorted(rows)
    part = AccountMonth(
        source=source,
        account=name,
        rows=sum(days),
        days=days,
        first=date.fromisoformat(f"{month}-{found[0]:02}"),
        last=date.fromisoformat(f"{month}-{found[-1]:02}"),
        duplicate_keys=duplicate_keys,
        fields=list(fields),
        last_export=EXPORTED,
    )
    return DataMonth(family=family, month=month, generation=1, accounts=[part])


def inspection(
    family: str = "order",
    source: str = "shopify",
    *,
    gaps: Sequence[Sequence[str]] = (),
    gap_days: int = 0,
    duplicate_keys: int = 0,
    fields: Sequence[str] = (),
    copies: Sequence[Sequence[str | int]] = (),
) -> Inspection:
    """Make what was found of the rows of a source: by itself, nothing."""
    return Inspection(
        family=family,
        source=source,
        generation=1,
        gaps=gaps,
        gap_days=gap_days,
        duplicate_keys=duplicate_keys,
        fields=fields,
        copies=copies,
    )


def holding(family: str, rows: int = 100, first: date = date(2025, 1, 1), last: date = date(2026, 11, 20)) -> Holding:
    return Holding(family=family, rows=rows, first=first, last=last)


def account(
    source: str = "shopify",
    name: str = "shop-1",
    *,
    holdings: Sequence[Holding] = (holding("order"),),
    status: str = "synced",
    last_export: datetime | None = EXPORTED,
) -> Account:
    return Account(
        source=source, account=name, name=f"The {name}", status=status, last_export=last_export, holdings=holdings
    )


def overview(
    *,
    generation: int = 1,
    data_from: date | None = date(2025, 1, 1),
    data_through: date | None = date(2026, 11, 20),
    accounts: Sequence[Account] = (account(),),
    expense_lines: Sequence[str] = (),
) -> Overview:
    reach = (date(2025, 1, 1), date(2026, 11, 20))
    return Overview(
        generation=generation,
        data_from=data_from,
        data_through=data_through,
        accounts=accounts,
        expense_lines=dict.fromkeys(expense_lines, reach),
    )


def settle(engine: Engine, settings: Settings, *, workspace_id: str = "wks_1", at: datetime = LONG_AGO) -> None:
    """Change the settings, as an operator does."""
    change_settings(
        workspace_id,
        settings,
        now=at,
        origin=Origin(actor="operator:tests", request_id=f"request-{uuid4()}"),
        imports=StoredImports(engine),
        figures=StoredRollups(engine),
    )


def store(
    engine: Engine,
    *rollups: Rollup,
    found: Overview | None = None,
    settings: Settings | None = None,
    workspace_id: str = "wks_1",
) -> None:
    """Put rollups where the projector puts them, under settings that were made before the first import."""
    if settings is not None:
        settle(engine, settings, workspace_id=workspace_id)
    figures = StoredRollups(engine)
    figures.claim(workspace_id, RUN)
    figures.store(workspace_id, rollups, found or overview(), run=RUN)

"""Merchants of three sizes, made in DuckDB: their facts as the importer would have left them, but without its hours.

What a row says follows from its number alone (`hash`), so every run has the same merchant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from shared.domain.facts.families import UNDATED, Family
from shared.domain.facts.imports import ImportFinished, ImportReport, ImportStarted, ImportStatus
from shared.services.folds.duck import Duck, literal
from shared.services.imports.names import bucket_of, fact_key
from shared.storage.contracts.facts import ImportRecord
from shared.storage.contracts.objects import ObjectStore
from shared.storage.contracts.streams import Origin
from shared.storage.rows.imports import StoredImports
from tests.data.merchants import WORKSPACE
from tests.data.tenants import NOON

IMPORT_ID = "imp_bench"
MONTHS = 36
LAST_MONTH = (2026, 10)
EXPORTED_AT = "1795003200000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A merchant as the catalogue of tools assumes it: so much in each month."""

    name: str
    orders: int
    campaigns: int
    skus: int
    expenses: int


SMALL = Size(name="small", orders=150, campaigns=10, skus=60, expenses=40)
MEDIAN = Size(name="median", orders=2_000, campaigns=60, skus=400, expenses=200)
LARGE = Size(name="large", orders=50_000, campaigns=600, skus=8_000, expenses=2_000)


def months() -> Iterator[tuple[int, date, int]]:
    """Give each month: its number, its first day, how many days it has."""
    year, month = LAST_MONTH
    last = year * 12 + month - 1
    for number in range(MONTHS):
        place = last - MONTHS + 1 + number
        first, following = date(place // 12, place % 12 + 1, 1), date((place + 1) // 12, (place + 1) % 12 + 1, 1)
        yield number, first, (following - first).days


def make_facts(duck: Duck, size: Size, *, objects: ObjectStore, imports: StoredImports, folder: Path) -> None:
    """Write 36 months of facts and the import that makes them visible."""
    buckets: list[str] = []

    def put(family: Family, month: str, select: str) -> None:
        path = folder / "bench.parquet"
        duck.run(f"""
            COPY (
                SELECT 'fact' AS kind, source, account, key, day, NULL::DATE AS until,
                       {EXPORTED_AT}::BIGINT AS exported_at, md5(key) AS hash, * EXCLUDE (source, account, key, day)
                FROM ({select})
            ) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)
        """)
        bucket = bucket_of(family, month)
        objects.put_file(fact_key(WORKSPACE, bucket, IMPORT_ID), path)
        buckets.append(bucket)

    put(Family.PRODUCT, UNDATED, _products(size))
    put(Family.COST, UNDATED, _costs(size))
    put(Family.GOAL, UNDATED, _GOALS)
    for number, first, days in months():
        month = f"{first:%Y-%m}"
        for family, select in (
            (Family.ORDER, _orders(size)),
            (Family.REFUND, _refunds(size)),
            (Family.TOUCH, _touches(size)),
            (Family.AD_DAY, _ad_days(size)),
            (Family.EXPENSE, _expenses(size)),
            (Family.BANK_TXN, _BANK_TXNS),
            (Family.BALANCE, _BALANCES),
        ):
            about = f"SELECT {number} AS month, DATE '{first}' AS first, {days} AS days"
            put(family, month, f"WITH m AS ({about}) {select}")
    _finish(imports, buckets)


def _finish(imports: StoredImports, buckets: list[str]) -> None:
    origin = Origin(actor="system:importer", request_id="bench")
    record = ImportRecord(
        import_id=IMPORT_ID,
        file_name="bench",
        bytes=1,
        status=ImportStatus.WAITING,
        requested_by="system:importer",
        requested_at=NOON,
    )
    started = ImportStarted(import_id=IMPORT_ID, file_name="bench", bytes=1, at=NOON)
    imports.start(WORKSPACE, record, started, origin=origin)
    finished = ImportFinished(
        import_id=IMPORT_ID,
        generation=1,
        lines=1,
        rejected=0,
        new=1,
        changed=0,
        buckets=tuple(buckets),
        at=datetime(2026, 11, 1, tzinfo=NOON.tzinfo),
    )
    imports.finish(WORKSPACE, finished, ImportReport(), timezone="UTC", origin=origin)


def _dice(*about: str) -> str:
    """Give a number from 0 to 1 that follows from some values."""
    return f"(hash({', '.join(about)})::DOUBLE / 18446744073709551616.0)"


def _sku(size: Size, *about: str) -> str:
    """Name a variant: few sell much, many sell little."""
    return f"('SKU-' || lpad((floor({_dice(*about)} ** 2 * {size.skus})::INTEGER)::VARCHAR, 5, '0'))"


def _products(size: Size) -> str:
    return f"""
        SELECT 'shopify' AS source, 'main' AS account, sku AS key, NULL::DATE AS day, sku,
               'P-' || (n // 3) AS product_id, 'A thing of kind ' || n AS title, 'Category ' || (n % 24) AS category,
               'USD' AS currency, (10 + n % 90)::BIGINT * 1000000 AS price
        FROM (SELECT range AS n, 'SKU-' || lpad(range::VARCHAR, 5, '0') AS sku FROM range({size.skus}))
    """


def _costs(size: Size) -> str:
    """Of every tenth variant nobody knows the cost; the others have had two."""
    return f"""
        SELECT 'shopify' AS source, 'main' AS account, sku || chr(31) || effective AS key, effective AS day, sku,
               effective::VARCHAR AS effective_from,
               (4 + n % 40 + since)::BIGINT * 1000000 AS unit_cost, 'USD' AS currency
        FROM (
            SELECT range AS n, 'SKU-' || lpad(range::VARCHAR, 5, '0') AS sku, unnest([0, 1]) AS since,
                   [DATE '2023-01-01', DATE '2025-06-01'][since + 1] AS effective
            FROM range({size.skus}) WHERE range % 10 <> 9
        )
    """


def _orders(size: Size) -> str:
    line = f"""{{
        'sku': {_sku(size, "month", "n", "k")}, 'quantity': 1 + (k + n) % 2,
        'price': (10 + (n + k) % 90)::BIGINT * 1000000, 'discount': ((n % 5) * 200000)::BIGINT,
        'unit_cost': NULL::BIGINT, 'gift_card': NULL::BOOLEAN, 'order_discount': NULL::BIGINT
    }}"""
    return f"""
        SELECT 'shopify' AS source, 'main' AS account, month || '-' || n AS key, key AS id,
               first + (n * days // {size.orders})::INTEGER AS day,
               epoch_us(day) + (n % 86400)::BIGINT * 1000000 AS "at",
               'cus_' || (floor({_dice("'customer'", "month", "n")} * (month + 1) * {size.orders} * 0.6)::BIGINT)
                   AS customer,
               'online_store' AS channel, 'USD' AS currency,
               list_transform(range(1 + n % 3), lambda k: {line}) AS lines,
               5900000::BIGINT AS shipping, 6000000::BIGINT AS tax, 4500000::BIGINT AS fulfilment_cost,
               2100000::BIGINT AS payment_fee
        FROM m, (SELECT range AS n FROM range({size.orders}))
    """


def _refunds(size: Size) -> str:
    line = f"""{{
        'sku': {_sku(size, "month", "n", "0")}, 'quantity': 1::BIGINT, 'amount': 9000000::BIGINT, 'restocked': n % 2 = 0
    }}"""
    return f"""
        SELECT 'shopify' AS source, 'main' AS account, 'r' || month || '-' || n AS key, key AS id,
               first + (n * days // {size.orders})::INTEGER AS day, month || '-' || n AS order_id, 'USD' AS currency,
               [{line}] AS lines
        FROM m, (SELECT range AS n FROM range({size.orders})) WHERE n % 16 = 0
    """


def _touches(size: Size) -> str:
    """Three touches an order, over two weeks; a touch of an ad platform names its campaign."""
    return f"""
        SELECT 'shopify' AS source, 'main' AS account, order_id || chr(31) || place AS key,
               greatest(ordered - (3 - place)::INTEGER * (n % 7)::INTEGER, first) AS day, order_id, place, channel,
               CASE WHEN channel IN ('meta', 'google') THEN 'Campaign ' || (hash(n, place) % {size.campaigns}) END
                   AS campaign
        FROM (
            SELECT n, month || '-' || n AS order_id, unnest([1, 2, 3])::BIGINT AS place, first,
                   first + (n * days // {size.orders})::INTEGER AS ordered,
                   ['meta', 'google', 'email', 'organic', 'direct', 'tiktok'][1 + (hash(n, place) % 6)::INTEGER]
                       AS channel
            FROM m, (SELECT range AS n FROM range({size.orders}))
        )
    """


def _ad_days(size: Size) -> str:
    """Every campaign on every day, in the one window that its platform claims in."""
    return f"""
        SELECT platform || '_ads' AS source, 'act_1' AS account,
               campaign_id || chr(31) || day || chr(31) || "window" AS key, day, platform, campaign_id,
               'Campaign ' || n AS campaign, "window", 'USD' AS currency,
               (20 + n % 100)::BIGINT * 1000000 AS spend, 2000 + (hash(n, day) % 1000)::BIGINT AS impressions,
               20 + (hash(day, n) % 50)::BIGINT AS clicks, (hash(day, n, 1) % 9 * 500000)::BIGINT AS conversions,
               (hash(day, n, 2) % 300 * 1000000)::BIGINT AS revenue
        FROM (
            SELECT n, 'c-' || n AS campaign_id, first + d::INTEGER AS day,
                   ['meta', 'google', 'tiktok'][1 + n % 3] AS platform,
                   ['7d_click_1d_view', '30d_click', '7d_click_1d_view'][1 + n % 3] AS "window"
            FROM m, (SELECT range AS n FROM range({size.campaigns})), (SELECT range AS d FROM range(31)) WHERE d < days
        )
    """


def _expenses(size: Size) -> str:
    return f"""
        SELECT 'quickbooks' AS source, 'main' AS account, 'e' || month || '-' || n AS key, key AS id,
               first + (n % days)::INTEGER AS day, (100 + n % 900)::BIGINT * 1000000 AS amount, 'USD' AS currency,
               'Category ' || (n % 30) AS category, 'Vendor ' || (n % 150) || ' Inc.' AS vendor
        FROM m, (SELECT range AS n FROM range({size.expenses}))
    """


_BANK_TXNS = """
    SELECT 'bank' AS source, 'checking' AS account, 't' || month || '-' || n AS key, key AS id,
           first + (n % days)::INTEGER AS day, ((n % 7) - 3)::BIGINT * 1000000000 AS amount, 'USD' AS currency
    FROM m, (SELECT range AS n FROM range(90))
"""
_BALANCES = """
    SELECT 'bank' AS source, account, day::VARCHAR AS key, day, 90000000000::BIGINT AS amount, 'USD' AS currency
    FROM (
        SELECT unnest(['checking', 'savings', 'card']) AS account, first + d::INTEGER AS day
        FROM m, (SELECT range AS d FROM range(31)) WHERE d < days
    )
"""
_GOALS = """
    SELECT 'plan' AS source, 'main' AS account, metric || '-' || months || '-' || first AS key, key AS id,
           NULL::DATE AS day, metric,
           1000000000000::BIGINT AS target, first::VARCHAR AS "from", last::VARCHAR AS "to"
    FROM (
        SELECT metric, months, first, (first + INTERVAL (months) MONTH - INTERVAL 1 DAY)::DATE AS last
        FROM (SELECT unnest(['net_revenue', 'cm3', 'ad_spend', 'aov']) AS metric),
             (SELECT (DATE '2023-11-01' + INTERVAL (range) MONTH)::DATE AS first, 1 AS months FROM range(36)
              UNION ALL SELECT (DATE '2024-01-01' + INTERVAL (range) YEAR)::DATE, 12 FROM range(3))
    )
"""
"""For each month and each year; that of the last year is not over."""

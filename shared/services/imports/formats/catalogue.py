"""Every format that a file may have, besides NDJSON."""

from __future__ import annotations

from shared.services.imports.formats.bank_chase import CHASE
from shared.services.imports.formats.costs import COSTS
from shared.services.imports.formats.format import Format
from shared.services.imports.formats.google_ads import GOOGLE_ADS
from shared.services.imports.formats.meta_ads import META_ADS
from shared.services.imports.formats.quickbooks_journal import QUICKBOOKS_JOURNAL
from shared.services.imports.formats.quickbooks_ledger import QUICKBOOKS_LEDGER
from shared.services.imports.formats.shopify_orders import SHOPIFY_ORDERS
from shared.services.imports.formats.shopify_payments import SHOPIFY_PAYOUTS, SHOPIFY_TRANSACTIONS
from shared.services.imports.formats.shopify_products import SHOPIFY_PRODUCTS, SHOPIFY_PRODUCTS_NEW
from shared.services.imports.formats.snapchat_ads import SNAPCHAT_ADS
from shared.services.imports.formats.tiktok_ads import TIKTOK_ADS

FORMATS: tuple[Format, ...] = (
    SHOPIFY_ORDERS,
    SHOPIFY_TRANSACTIONS,
    SHOPIFY_PAYOUTS,
    SHOPIFY_PRODUCTS,
    SHOPIFY_PRODUCTS_NEW,
    COSTS,
    META_ADS,
    GOOGLE_ADS,
    TIKTOK_ADS,
    SNAPCHAT_ADS,
    QUICKBOOKS_JOURNAL,
    QUICKBOOKS_LEDGER,
    CHASE,
)
"""No two of them fit the same headers: a test tries."""

"""Every format that a file may have, besides NDJSON."""

from __future__ import annotations

from shared.services.imports.formats.format import Format
from shared.services.imports.formats.shopify_orders import SHOPIFY_ORDERS

FORMATS: tuple[Format, ...] = (SHOPIFY_ORDERS,)
"""No two of them fit the same headers: a test tries."""

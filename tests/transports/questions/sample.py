"""The sample shop behind the real endpoint, on a day that never changes: what `make run` would have served on it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from infra.local.sample_import import shop_settings
from infra.local.sample_shop.days import opening
from infra.local.sample_shop.export import export
from tests.data.merchants import Merchant
from tests.data.tenants import NOON
from tests.transports.mcp.shop import Shop

YESTERDAY = date(2026, 11, 20)
OPENED = opening(YESTERDAY)


@cache
def sample_lines() -> Sequence[Mapping[str, Any]]:
    """Give the file that the shop's systems exported, line by line."""
    return [json.loads(line) for line in _export().splitlines()]


@cache
def sample_shop() -> Shop:
    """Serve the sample shop; whoever calls it changes nothing."""
    shop = Shop()
    merchant = Merchant(engine=shop.engine, now=NOON)
    merchant.settle(shop_settings())
    record = merchant.import_bytes(_export())
    assert record.report is not None
    assert record.report.rejected == 0, record.report.errors
    merchant.fold()
    return shop


def _export() -> bytes:
    return "".join(export(OPENED, YESTERDAY, opened=OPENED, now=NOON)).encode()

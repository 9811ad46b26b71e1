from __future__ import annotations

import pytest

from tests.transports.mcp.diagnostic_tools import DIAGNOSTICS
from tests.transports.mcp.shop import Shop


@pytest.fixture
def shop() -> Shop:
    """Give a shop on `plus` with the tools of the product."""
    return Shop()


@pytest.fixture
def bench() -> Shop:
    """Give a shop with tools that touch no figures: what is measured is the call path alone."""
    return Shop(catalogue=DIAGNOSTICS)

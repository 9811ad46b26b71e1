from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.transports.mcp.diagnostic_tools import DIAGNOSTICS
from tests.transports.mcp.shop import Shop


@pytest.fixture(scope="session", autouse=True)
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Give Mangum the loop that it would else make and never close."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield loop
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def shop() -> Shop:
    """Give a shop on `plus` with the tools of the product."""
    return Shop()


@pytest.fixture
def bench() -> Shop:
    """Give a shop with tools that touch no figures: what is measured is the call path alone."""
    return Shop(catalogue=DIAGNOSTICS)

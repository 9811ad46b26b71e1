"""One product for each test, or for a file of them; and what was tried, told at the end of the run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.security.product import Product, counting_hashes
from tests.security.tally import TALLY
from tests.transports.http.issuer import LoopbackIssuer


@pytest.fixture(scope="session", autouse=True)
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Give Mangum the loop that it finds in Lambda's main thread; else it makes one and never closes it."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield loop
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture(scope="session")
def issuer() -> Iterator[LoopbackIssuer]:
    with LoopbackIssuer() as serving:
        yield serving


@pytest.fixture
def product(issuer: LoopbackIssuer) -> Iterator[Product]:
    """Give a product of the test's own."""
    made = Product(issuer=issuer.url)
    with counting_hashes(made):
        yield made


@pytest.fixture(scope="module")
def standing(issuer: LoopbackIssuer) -> Iterator[Product]:
    """Give one product to all tests of a file: what was sent before must not matter to it."""
    made = Product(issuer=issuer.url)
    with counting_hashes(made):
        yield made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if TALLY.attacks:
        terminalreporter.section("security: what was tried")
        for line in TALLY.lines():
            terminalreporter.line(line)

"""Pools of toy functions, ended after each test."""

import logging
import os
from collections.abc import AsyncGenerator, Awaitable, Callable

import pytest

from infra.local.pool import FunctionPool, FunctionSpec

TOY = "tests.local.fixtures.toy.handler"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def start_pool() -> AsyncGenerator[Callable[..., Awaitable[FunctionPool]]]:
    pools: list[FunctionPool] = []

    async def start(*, handler: str = TOY, processes: int = 1, timeout_seconds: float = 30) -> FunctionPool:
        spec = FunctionSpec(name="toy", handler=handler, processes=processes, timeout=timeout_seconds, memory_mb=512)
        environment = {"PATH": os.environ["PATH"], "GIVEN": "yes"}
        pools.append(FunctionPool(spec, environment=environment, log=logging.getLogger("tests.toy")))
        await pools[-1].start()
        await pools[-1].fill()
        return pools[-1]

    yield start
    for pool in pools:
        await pool.stop()

"""One place for all walks, and the count of what they did at the end of the run."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator

import pytest

from shared.transports.mcp import door
from tests.transports.http.issuer import LoopbackIssuer
from tests.walls.place import Place
from tests.walls.tally import Tally
from tests.walls.world import Chance

_tallies: list[Tally] = []


@pytest.fixture(scope="session", autouse=True)
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Give Mangum the loop that it would else make and never close."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield loop
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    chance = Chance()
    with pytest.MonkeyPatch.context() as patch, LoopbackIssuer() as issuer:
        patch.setattr(secrets, "randbelow", chance.randbelow)
        patch.setattr(secrets, "token_hex", chance.token_hex)
        patch.setattr(secrets, "token_urlsafe", chance.token_urlsafe)
        patch.setattr(door, "perf_counter", lambda: 0.0)  # how long a call took stands in the trail
        place = Place(issuer=issuer, chance=chance, folder=tmp_path_factory.mktemp("files"))
        yield place
    _tallies.append(place.tally)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for tally in (each for each in _tallies if each.walks):
        terminalreporter.section("walls: what was asked")
        for line in tally.lines():
            terminalreporter.line(line)

"""What the clients are run against: their packages, one stack for the suite, and a credential for each refusal."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.clients.programs import NODE_FOLDER, PMA_FIRST_TOOL, PROGRAMS, Program, Shown, desktop_client
from tests.clients.served_stack import ServedStack, served
from tests.node_packages import install_node_packages


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServedStack]:
    install_node_packages(NODE_FOLDER)
    with served(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture(scope="session")
def expired_token(stack: ServedStack) -> str:
    return stack.create_expired_token()


@pytest.fixture(scope="session")
def revoked_token(stack: ServedStack) -> str:
    token = stack.create_token(["mcp:pnl:read"])
    stack.revoke(token)
    return token.text


@pytest.fixture(scope="session")
def narrow_token(stack: ServedStack) -> str:
    return stack.create_token(["mcp:pnl:read"]).text


@pytest.fixture(scope="session")
def shown_over_the_limit(stack: ServedStack) -> dict[Program, Shown]:
    """What each client shows when its token has used up its minute."""
    token = stack.create_token(["mcp:pnl:read"])
    stack.use_up_the_limit_of(token)
    return shown_by_each(stack, token.text)


@pytest.fixture(scope="session")
def shown_without_store(stack: ServedStack) -> dict[Program, Shown]:
    """What each client shows while the store takes no write."""
    with stack.out_of_store():
        return shown_by_each(stack, stack.token)


def shown_by_each(stack: ServedStack, token: str) -> dict[Program, Shown]:
    """Run all clients at once: before the minute is over, and waiting together for a store that does not come."""
    programs = (*PROGRAMS, desktop_client)
    with ThreadPoolExecutor(len(programs)) as threads:
        running = {program: threads.submit(program, stack.mcp_url, token, PMA_FIRST_TOOL) for program in programs}
        return {program: future.result() for program, future in running.items()}

"""All runs of the suite at once: two servers at two versions, and the authorization server."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.clients.served_stack import served
from tests.conformance.doors import HOST, door_with_fixtures, product
from tests.conformance.excuses import FIXTURES, PRODUCT
from tests.conformance.grant import run_authorization
from tests.conformance.suite import NODE_FOLDER, VERSIONS, Outcomes, run_server
from tests.node_packages import install_node_packages

AT_ONCE = 2
"""Some scenarios wait half a second for an answer and no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """What was found."""

    of_servers: Mapping[tuple[str, str], Outcomes]
    """By place and version."""
    of_authorization: Outcomes


def run_all(folder: Path) -> Runs:
    """Start what is tested, and run the suite against it."""
    install_node_packages(NODE_FOLDER)
    with (
        served(folder / "stack") as stack,
        product(stack) as product_url,
        door_with_fixtures() as fixtures_url,
        ThreadPoolExecutor(AT_ONCE) as threads,
    ):
        running = {
            (place, version): threads.submit(run_server, url, version, folder / place / version)
            for place, url in ((PRODUCT, product_url), (FIXTURES, fixtures_url))
            for version in VERSIONS
        }
        issuer = stack.mcp_url.removesuffix("/mcp")
        granting = threads.submit(run_authorization, issuer, _free_port(), folder / "authorization")
        return Runs(of_servers={of: each.result() for of, each in running.items()}, of_authorization=granting.result())


def _free_port() -> int:
    with closing(socket.create_server((HOST, 0))) as taken:
        return taken.getsockname()[1]

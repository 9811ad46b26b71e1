"""What holds for every test: no network but this machine's own, and properties that do not vary from run to run."""

from __future__ import annotations

import os
import sys
from ipaddress import ip_address
from socket import AF_INET, AF_INET6
from typing import Any
from urllib.parse import urlsplit

from hypothesis import HealthCheck, settings

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # a machine shared with other work is slow at times
)
settings.register_profile("soak", max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")  # `make soak` asks for the other one

# The store contracts run on any DynamoDB that somebody names, wherever it is.
NAMED_STORE = urlsplit(os.environ.get("DYNAMODB_ENDPOINT", "")).hostname


def _stay_on_this_machine(event: str, args: tuple[Any, ...]) -> None:
    host: Any = None
    if event == "socket.getaddrinfo":
        host = args[0]
    elif event == "socket.connect" and args[0].family in {AF_INET, AF_INET6}:
        host = args[1][0]
    name = host.decode() if isinstance(host, bytes) else host
    if name not in {None, "", "localhost", NAMED_STORE} and not _is_loopback(name):
        raise PermissionError(f"a test wanted to reach {name}; tests reach this machine only")


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


sys.addaudithook(_stay_on_this_machine)

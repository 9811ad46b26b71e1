"""Engines over a wire: the product's own, with its own attempts, as patient as a fault allows."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import closing, contextmanager
from typing import Any, cast

import boto3  # noqa: TID251 - this file is the wiring of these tests
from botocore.config import Config

from infra.emulator.account import CREDENTIALS, REGION
from shared.storage.dynamodb.engine import DynamoEngine
from shared.storage.engine import Engine, Table

ATTEMPTS = 3
"""As many as the product makes."""


@contextmanager
def engine_at(
    address: str, tables: Mapping[Table, str], *, patience: float, attempts: int = ATTEMPTS
) -> Generator[Engine]:
    """Open these tables, at an address where somebody answers, who is waited for so many seconds."""
    config = Config(
        connect_timeout=patience,
        read_timeout=patience,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )
    make = cast("Callable[..., Any]", boto3.client)
    with closing(make("dynamodb", region_name=REGION, endpoint_url=address, config=config, **CREDENTIALS)) as client:
        yield DynamoEngine(client, tables)

"""Engines over a wire: the product's own, with its own attempts, as patient as a fault allows."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager

from shared.storage.dynamodb.engine import DynamoEngine
from shared.storage.engine import Engine, Table
from tests.storage.clients import dynamodb_at


@contextmanager
def engine_at(address: str, tables: Mapping[Table, str], *, patience: float) -> Generator[Engine]:
    """Open these tables, at an address where somebody answers, who is waited for so many seconds."""
    with closing(dynamodb_at(address, timeout=patience)) as client:
        yield DynamoEngine(client, tables)

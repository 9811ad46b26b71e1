"""Where the contract suite runs: each test gets tables of its own, and as many engines over them as it asks for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from typing import Any, Protocol, TypeVar
from uuid import uuid4

from shared.storage.contracts.objects import ObjectStore
from shared.storage.contracts.signer import Signer
from shared.storage.dynamodb.engine import Client, DynamoEngine
from shared.storage.dynamodb.tables import create_tables
from shared.storage.engine import Engine, Table
from shared.storage.objects.s3 import S3Objects
from shared.storage.sqlite.engine import SqliteEngine


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Tables that are empty when a test begins."""

    engine: Callable[[], Engine]
    """Opens the tables as one more container does."""


T = TypeVar("T")
WRITERS = 32


def all_at_once(place: Place, work: Callable[[Engine, int], T]) -> list[T]:
    """Let 32 containers work at the same time, each with an engine of its own, and give what they say."""
    start = Barrier(WRITERS)

    def one(writer: int) -> T:
        engine = place.engine()
        start.wait(timeout=60)
        return work(engine, writer)

    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(one, range(WRITERS)))


class EngineAt(Protocol):
    """Makes an engine over whatever answers at an address, and soon gives up waiting."""

    def __call__(self, address: str, *, attempts: int = 1) -> Engine: ...


class ObjectsAt(Protocol):
    """Makes a store of objects over whatever answers at an address, and soon gives up waiting."""

    def __call__(self, address: str) -> ObjectStore: ...


class SignerAt(Protocol):
    """Makes a signer with a key of whatever answers at an address, and soon gives up waiting."""

    def __call__(self, address: str) -> Signer: ...


def sqlite_place(folder: Path) -> Place:
    """Give a new file."""
    return Place(engine=lambda: SqliteEngine(folder / "store.db", patience_seconds=60))


def dynamodb_place(client: Any, ask_at: Callable[[], Client]) -> Place:  # noqa: ANN401  # boto3 makes the class of it
    """Make new tables by a client of boto3's; each engine over them asks by a client of its own."""
    names = {table: f"{table}-{uuid4().hex}" for table in Table}
    create_tables(client, names)
    return Place(engine=lambda: DynamoEngine(ask_at(), names))


def s3_objects(client: Any) -> S3Objects:  # noqa: ANN401  # as above
    """Make a new bucket."""
    bucket = f"objects-{uuid4().hex}"
    client.create_bucket(Bucket=bucket)
    return S3Objects(client, bucket=bucket)

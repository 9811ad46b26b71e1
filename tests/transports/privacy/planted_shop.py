"""A shop whose every file has people in it, and all that it writes and answers."""

from __future__ import annotations

import base64
import logging
import re
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from shared.domain.facts.imports import ImportStatus
from shared.storage.contracts.facts import ImportRecord
from shared.storage.sqlite.engine import SqliteEngine
from shared.transports.mcp.tools.catalogue import CATALOGUE
from tests.data.memory_objects import MemoryObjects
from tests.data.merchants import Merchant
from tests.data.tenants import NOON
from tests.transports.mcp.shop import Shop
from tests.transports.mcp.test_conventions import NEEDED
from tests.transports.privacy.planting import Planted, planted_files
from tests.transports.questions.questions import QUESTIONS

MOST_PAGES = 10
_PACKED = re.compile(r"'(eJ[A-Za-z0-9+/]+=*)'")
"""What zlib and base64 make of a document: see `shared.storage.rows.packing`."""


class Logged(logging.Handler):
    """Keeps every record with all that goes with it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(f"{record.getMessage()} {record.__dict__}")

    @contextmanager
    def listening(self) -> Generator[None]:
        """Hear everything, however little of it is shown."""
        root = logging.getLogger()
        level = root.level
        root.addHandler(self)
        root.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            root.removeHandler(self)
            root.setLevel(level)


@dataclass(kw_only=True)
class PlantedShop:
    """The shop."""

    files: Sequence[Planted]
    shop: Shop
    merchant: Merchant
    objects: MemoryObjects
    logged: Logged
    records: list[ImportRecord] = field(default_factory=list[ImportRecord])

    @classmethod
    def opened(cls) -> PlantedShop:
        """Import each file twice: as it is, and with so many bad rows that it is refused."""
        shop, objects, logged = Shop(), MemoryObjects(), Logged()
        merchant = Merchant(engine=shop.engine, objects=objects, now=NOON)
        planted = cls(files=[*planted_files()], shop=shop, merchant=merchant, objects=objects, logged=logged)
        with logged.listening():
            for file in planted.files:
                for content in (file.content, _mostly_bad(file.content)):
                    sent = merchant.send(content, name=file.file_name)
                    planted.records.append(merchant.take_up(sent))
            merchant.fold()
        finished, refused = planted.records[::2], planted.records[1::2]
        assert {record.status for record in finished} == {ImportStatus.FINISHED}
        assert {record.status for record in refused} == {ImportStatus.REFUSED}
        return planted

    def rows(self) -> Iterator[str]:
        """Give every row that was ever written, of all three tables."""
        assert isinstance(self.shop.engine, SqliteEngine)
        after, changes = 0, self.shop.engine.changes()
        while page := changes.read(after, limit=1_000):
            yield from (f"{change.table} {_opened(str(change.record))}" for change in page)
            after = page[-1].sequence

    def kept_objects(self) -> Iterator[tuple[str, str]]:
        """Give every object but the files themselves, as text."""
        with TemporaryDirectory() as folder:
            for number, (key, content) in enumerate(self.objects.contents.items()):
                if key.startswith("raw/"):
                    continue
                if not key.endswith(".parquet"):
                    yield key, content.decode("latin-1")
                    continue
                path = Path(folder) / f"{number}.parquet"
                path.write_bytes(content)
                yield key, str(duckdb.read_parquet(str(path)).fetchall())

    def answers(self) -> Iterator[tuple[str, str]]:
        """Ask every tool all that is ever asked of it, page by page, and what it has to refuse."""
        for tool, arguments in _asked():
            cursor: str | None = None
            for _ in range(MOST_PAGES):
                self.shop.clock.advance(seconds=5)  # so that no limit answers for the tools
                more = {} if cursor is None else {"cursor": cursor}
                with self.logged.listening():
                    reply = self.shop.call(tool, **arguments, **more)
                assert reply.status in {200, 400}, reply.text
                yield f"{tool} {arguments}", reply.text
                page = reply.content.get("meta", {}).get("page") if "result" in reply.json else None
                cursor = page["next_cursor"] if page else None
                if cursor is None:
                    break


def _opened(row: str) -> str:
    """Add what is packed in a row."""
    return row + "".join(zlib.decompress(base64.b64decode(found)).decode() for found in _PACKED.findall(row))


def _asked() -> Iterator[tuple[str, dict[str, Any]]]:
    for question in QUESTIONS:
        yield question.tool, dict(question.arguments)
    for tool in CATALOGUE:
        needed = NEEDED.get(tool.name, {})
        properties: dict[str, dict[str, Any]] = tool.arguments.model_json_schema()["properties"]
        lately = {"period": "last_90d"} if properties.get("period", {}).get("default", "all") != "all" else {}
        yield tool.name, {"detail": "full", **needed, **lately}
        yield tool.name, {**needed, "unheard_of": 1}
        for name, property_ in properties.items():
            for choice in property_.get("enum", ()):
                yield tool.name, {**needed, name: choice}
            yield tool.name, {**needed, name: "channel=nobody"}


def _mostly_bad(content: bytes) -> bytes:
    """Leave out nine of ten good rows: those with a person in them stand at the beginnings of stretches."""
    first, *rows = content.splitlines(keepends=True)
    return first + b"".join(row for row in rows if b"Quorvelstamm" in row)

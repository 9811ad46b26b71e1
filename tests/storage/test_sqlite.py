"""What the embedded engine promises beyond the contract: one file that outlives anything."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from shared.storage.engine import (
    Delete,
    Item,
    Key,
    Put,
    StoreUnavailable,
    Table,
    Update,
)
from shared.storage.sqlite.engine import SqliteEngine
from shared.storage.sqlite.feed import ChangeFeed

ROOT = Path(__file__).parents[2]
KEY = Key("P", "S")
PUT = Put(table=Table.CORE, item={"pk": "P", "sk": "S", "n": 1})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def run(program: str, path: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a Python program that finds the path in `sys.argv[1]`."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM_START + program, str(path), *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


PROGRAM_START = """
import sys
from shared.storage.engine import Key, Put, StoreUnavailable, Table, Update
from shared.storage.sqlite.engine import SqliteEngine
engine = SqliteEngine(sys.argv[1], patience_seconds=60)
"""

# --- one file, several processes, sudden ends -------------------------------------------------------------------------


def test_several_processes_write_one_file_and_no_addition_is_lost(path: Path) -> None:
    program = "for _ in range(100): engine.write(Update(table=Table.CORE, key=Key('P', 'S'), add={'n': 1}))"
    with ExitStack() as ends:
        processes = [ends.enter_context(run(program, path)) for _ in range(6)]

    assert [process.returncode for process in processes] == [0] * 6

    assert SqliteEngine(path).get(Table.CORE, KEY) == {"pk": "P", "sk": "S", "n": 600}
    assert len(ChangeFeed.at(path).read(0, limit=1000)) == 600


def test_whatever_was_answered_outlives_a_kill(path: Path) -> None:
    program = """
n = 0
while True:
    n += 1
    engine.write(Put(table=Table.CORE, item={"pk": "P", "sk": f"{n:06}"}))
    print(n, flush=True)
"""
    answered = 0
    for _ in range(3):
        with run(program, path) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(200)]
            process.send_signal(signal.SIGKILL)
            lines += process.stdout.readlines()
        answered = max(answered, *(int(line) for line in lines if line.endswith("\n")))

        kept = {str(item["sk"]) for item in SqliteEngine(path).query(Table.CORE, "P").items}

        assert kept >= {f"{n:06}" for n in range(1, answered + 1)}
        changes = ChangeFeed.at(path).read(0, limit=100_000)
        assert {change.record["dynamodb"]["Keys"]["sk"]["S"] for change in changes} == kept


def test_a_file_that_others_hold_too_long_is_unavailable_and_then_available(path: Path) -> None:
    engine = SqliteEngine(path, patience_seconds=0.05)
    engine.write(PUT)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreUnavailable):
        engine.write(Update(table=Table.CORE, key=KEY, add={"n": 1}))
    assert engine.get(Table.CORE, KEY) == PUT.item
    other.execute("ROLLBACK")
    other.close()

    assert engine.write(Update(table=Table.CORE, key=KEY, add={"n": 1})) == {"pk": "P", "sk": "S", "n": 2}


def test_a_file_that_may_not_grow_is_unavailable_and_keeps_what_it_has(path: Path) -> None:
    program = """
import resource, signal
engine.write(Put(table=Table.CORE, item={"pk": "P", "sk": "000"}))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
n = 0
try:
    while True:
        engine.write(Put(table=Table.CORE, item={"pk": "P", "sk": f"{n:03}", "doc": "x" * 9_000}))
        n += 1
except StoreUnavailable:
    print(n)
"""
    with run(program, path) as process:
        said, _ = process.communicate(timeout=60)

    answered = int(said)
    assert answered > 5
    kept = SqliteEngine(path).query(Table.CORE, "P").items
    assert [item["sk"] for item in kept][:answered] == [f"{n:03}" for n in range(answered)]


def spoil_with_text(path: Path) -> None:
    path.write_text("this is no database, though it is longer than the header of one would be" * 20)


def spoil_pages(path: Path) -> None:
    engine = SqliteEngine(path)
    engine.write(PUT)
    engine.close()
    content = bytearray(path.read_bytes())
    content[100:] = b"\xff" * (len(content) - 100)
    path.write_bytes(content)


def make_a_folder(path: Path) -> None:
    path.mkdir()


def come_from_a_later_day(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


@pytest.mark.parametrize("spoil", [spoil_with_text, spoil_pages, make_a_folder, come_from_a_later_day])
def test_a_file_that_cannot_be_used_is_unavailable_at_every_request(path: Path, spoil: Callable[[Path], None]) -> None:
    spoil(path)
    engine = SqliteEngine(path, patience_seconds=0.05)

    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            engine.get(Table.CORE, KEY)
        with pytest.raises(StoreUnavailable):
            engine.write(PUT)


def test_an_engine_finds_its_file_again_when_it_has_been_mended(path: Path) -> None:
    spoil_with_text(path)
    engine = SqliteEngine(path)
    with pytest.raises(StoreUnavailable):
        engine.get(Table.CORE, KEY)

    path.unlink()

    assert engine.write(PUT) == PUT.item


# --- what would be refused in AWS is refused here ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "item",
    [
        {"pk": "P", "sk": "S", "doc": "x" * 410_000},
        {"pk": "P", "sk": "S", "doc": "é" * 205_000},
        {"pk": "", "sk": "S"},
        {"pk": "P"},
        {"pk": "P", "sk": 1},
    ],
    ids=["too long", "too many bytes", "empty key", "no key", "number as key"],
)
def test_an_item_that_dynamodb_would_not_take_is_refused(item: Item) -> None:
    engine = SqliteEngine()

    with pytest.raises(ValueError, match="item"):
        engine.write(Put(table=Table.CORE, item=item))


@pytest.mark.parametrize("value", [1.5, b"bytes", {"a"}])
def test_a_value_that_no_attribute_may_hold_is_refused(value: Any) -> None:  # noqa: ANN401  # what no checker lets in
    with pytest.raises(TypeError):
        SqliteEngine().write(Put(table=Table.CORE, item={"pk": "P", "sk": "S", "deep": [{"x": value}]}))


def test_a_transaction_names_each_item_once_and_at_most_a_hundred() -> None:
    engine = SqliteEngine()
    many = [Put(table=Table.CORE, item={"pk": "P", "sk": str(n)}) for n in range(101)]

    for writes in ([], [PUT, Delete(table=Table.CORE, key=KEY)], many):
        with pytest.raises(ValueError, match="1 to 100 writes"):
            engine.transact(writes, request_token=str(uuid4()))


def test_a_request_token_is_forgotten_after_ten_minutes(path: Path) -> None:
    engine = SqliteEngine(path)
    add = [Update(table=Table.CORE, key=KEY, add={"n": 1})]
    engine.transact(add, request_token="t")
    engine.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE transactions SET at = at - 601")
    connection.close()

    engine.transact(add, request_token="t")

    assert engine.get(Table.CORE, KEY) == {"pk": "P", "sk": "S", "n": 2}

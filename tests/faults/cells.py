"""One cell of the table: a step, a fault, and where it befalls it; what came of it, read from the books.

Each cell has tables of its own in a real store, filled as the scene of the step was, and a wire of its own to them.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any, cast
from uuid import uuid4

from infra.emulator.account import Account
from infra.emulator.ministack import ministack
from shared.storage.attributes import item_of
from shared.storage.dynamodb.tables import table_definition
from shared.storage.engine import Engine, Item, Table
from tests.data.engines import MeddledEngine
from tests.faults.books import Books, Left, events_of, read_books, unclear
from tests.faults.container import Container, Seen
from tests.faults.engines import engine_at
from tests.faults.faults import AT_EASE_SECONDS, Fault, at, killing
from tests.faults.steps import Known, Step, Surroundings
from tests.faults.victims import Task, Victim
from tests.faults.wire import Asked, Befall, Wire, nothing, wire_to
from tests.services.lived import Lived
from tests.transports.http.issuer import LoopbackIssuer

ITEMS_A_REQUEST = 25
KILLED = Seen(code="no answer: killed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a step begins with, to be laid out again for each cell, and what comes of it where nothing goes wrong."""

    step: Step
    folder: Path
    rows: Sequence[tuple[Table, Mapping[str, Any]]]
    known: Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Undisturbed:
    """A step when nothing goes wrong."""

    asked: Sequence[Asked]
    """Its requests, in order."""
    books: Books
    books_when_done: Books | None
    """Those before the same was asked for again; see `Laboratory._ask`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Where a fault befalls a step."""

    step: str
    fault: str
    number: int
    """Of the request, counted from 0."""
    lasting: bool

    def __str__(self) -> str:
        return f"{self.step}: {self.fault} at request {self.number}{' and ever after' if self.lasting else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it."""

    cell: Cell
    operation: str
    """Of the request."""
    first: Seen
    """What was told while the fault lasted."""
    again: Seen
    """What was told to whoever asked for the same again, when it was over."""
    findings: Sequence[str]


@dataclass(kw_only=True)
class Laboratory:
    """A store, the wire to it, and scenes."""

    account: Account
    wire: Wire
    issuer: LoopbackIssuer
    folder: Path
    _scenes: dict[str, Scene] = field(default_factory=dict[str, Scene])
    _undisturbed: dict[str, Undisturbed] = field(default_factory=dict[str, Undisturbed])

    @cached_property
    def dynamodb(self) -> Any:  # noqa: ANN401 - boto3 makes the class at run time
        """The store itself, past the wire."""
        return self.account.client("dynamodb", plain=True)

    @cached_property
    def streams(self) -> Any:  # noqa: ANN401 - the same
        return self.account.client("dynamodbstreams", plain=True)

    def undisturbed(self, step: Step) -> Undisturbed:
        """Do a step when nothing goes wrong, and again."""
        if step.name not in self._undisturbed:
            with self._laid_out(step) as (tables, folder):
                first, again, when_done = self._ask(step, tables, folder, nothing, patience=AT_EASE_SECONDS)
                left = self._left(step, tables, folder, (first, again))
                asked, books = [*self.wire.asked], read_books(left)
            happened = events_of(books) - events_of(self.before(step))
            if happened != Counter(step.happens) or books.findings or not all(each.is_done for each in left.seen):
                raise AssertionError(f"{step.name}, undisturbed: {left.seen} {happened} {books.findings}")
            self._undisturbed[step.name] = Undisturbed(asked=asked, books=books, books_when_done=when_done)
        return self._undisturbed[step.name]

    @contextmanager
    def left_undisturbed(self, step: Step) -> Generator[Left]:
        """Give what is left of that."""
        with self._laid_out(step) as (tables, folder):
            first, again, _ = self._ask(step, tables, folder, nothing, patience=AT_EASE_SECONDS)
            yield self._left(step, tables, folder, (first, again))

    def try_out(self, step: Step, fault: Fault, number: int, *, lasting: bool = False) -> Outcome:
        """Let a fault befall a request of a step, and have the same asked for again when it is over."""
        befall = at(number, fault, lasting=lasting)
        with self._laid_out(step) as (tables, folder):
            first, again, when_done = self._ask(step, tables, folder, befall, patience=fault.patience)
            befallen = len(self.wire.asked) > number
            books = read_books(self._left(step, tables, folder, (first, again)))
        outcome = self._outcome(
            step, Cell(step=step.name, fault=fault.name, number=number, lasting=lasting), (first, again), books
        )
        findings = [*outcome.findings, *self._not_done(step, when_done)]
        if not befallen:
            findings.append("the fault befell nothing")
        if fault.tried_again and not lasting and fault.patience == AT_EASE_SECONDS and not first.is_done:
            findings.append(f"a fault of one request was told: {first}")
        return replace(outcome, findings=findings)

    def kill(self, step: Step, fault: Fault, number: int) -> Outcome:
        """End the process that asks, at a request; then the same is asked for in another."""
        known = self._scene(step).known
        with self._laid_out(step) as (tables, folder):
            task = Task(
                step=step.name,
                known=known,
                address=self.wire.address,
                tables=tables,
                folder=folder,
                issuer=self.issuer.url,
                now=step.now,
            )
            victim = Victim(task)
            self.wire.meet(at(number, killing(victim.kill, fault), lasting=False))
            first = KILLED if victim.runs_until_it_is_killed() else Seen(code="it was not killed")
            self.wire.meet(nothing)
            with engine_at(self.wire.address, tables, patience=AT_EASE_SECONDS) as engine:
                again = step.act(self._container(engine, folder, step), known)
            books = read_books(self._left(step, tables, folder, (first, again)))
        cell = Cell(step=step.name, fault=fault.name, number=number, lasting=False)
        return self._outcome(step, cell, (first, again), books)

    # --- a cell -------------------------------------------------------------------------------------------------------

    def _ask(
        self, step: Step, tables: Mapping[Table, str], folder: Path, befall: Befall, *, patience: float
    ) -> tuple[Seen, Seen, Books | None]:
        """Ask for a step while something befalls it, and then again in the same container.

        Of a function that said that it was done, the books are read in between, too: AWS would not ask it again.
        """
        known = self._scene(step).known
        with engine_at(self.wire.address, tables, patience=patience) as engine:
            container = self._container(engine, folder, step)
            self.wire.meet(befall)
            first = step.act(container, known)
            asked = self.wire.asked
            self.wire.meet(nothing)
            when_done = self._books_now(step, tables, folder, first) if first.is_done and not first.status else None
            again = step.act(container, known)
            self.wire.asked = asked
        return first, again, when_done

    def _books_now(self, step: Step, tables: Mapping[Table, str], folder: Path, seen: Seen) -> Books:
        with TemporaryDirectory(dir=self.folder) as copy:  # for reading seals what is not sealed yet
            shutil.copytree(folder, copy, dirs_exist_ok=True)
            return read_books(self._left(step, tables, Path(copy), (seen,)))

    def _not_done(self, step: Step, when_done: Books | None) -> Iterator[str]:
        expected = self.undisturbed(step).books_when_done
        if when_done is not None and expected is not None:
            yield from (f"said to be done, but {finding}" for finding in when_done.against(expected, calls=False))

    def _outcome(self, step: Step, cell: Cell, seen: tuple[Seen, Seen], books: Books) -> Outcome:
        first, again = seen
        undisturbed = self.undisturbed(step)
        findings = [*books.findings, *books.against(undisturbed.books, calls=step.asks_calls)]
        findings += [] if first is KILLED else unclear(first)
        findings += unclear(again) if again.is_done else [f"the same again: {again} {again.text[:300]}"]
        return Outcome(
            cell=cell,
            operation=undisturbed.asked[cell.number].operation,
            first=first,
            again=again,
            findings=findings,
        )

    def _container(self, engine: Engine, folder: Path, step: Step) -> Container:
        return Container(engine=engine, folder=folder, issuer=self.issuer.url, now=step.now)

    # --- scenes -------------------------------------------------------------------------------------------------------

    def _scene(self, step: Step) -> Scene:
        if step.name not in self._scenes:
            folder = Path(mkdtemp(dir=self.folder))
            with closing(MeddledEngine()) as engine:
                container = self._container(engine, folder, step)
                known = step.scene(Surroundings(lived=Lived(engine=engine), container=container, issuer=self.issuer))
                rows: dict[tuple[Table, str], Mapping[str, Any]] = {}
                for change in engine.changes().read(0, limit=1_000_000):
                    record = change.record["dynamodb"]
                    rows.pop((change.table, str(record["Keys"])), None)
                    if "NewImage" in record:
                        rows[change.table, str(record["Keys"])] = record["NewImage"]
            self._scenes[step.name] = Scene(
                step=step, folder=folder, rows=[(table, image) for (table, _), image in rows.items()], known=known
            )
        return self._scenes[step.name]

    @contextmanager
    def empty_tables(self) -> Generator[Mapping[Table, str]]:
        """Make tables that nobody else has."""
        tables = {table: f"{table}-table-{uuid4().hex}" for table in Table}
        for table, name in tables.items():
            definition = table_definition(table)
            definition["StreamSpecification"]["StreamEnabled"] = True
            self.dynamodb.create_table(TableName=name, **definition)
        try:
            yield tables
        finally:
            for name in tables.values():
                self.dynamodb.delete_table(TableName=name)

    @contextmanager
    def _laid_out(self, step: Step) -> Generator[tuple[Mapping[Table, str], Path]]:
        """Lay the scene of a step out in tables and a folder that nobody else has."""
        scene = self._scene(step)
        with self.empty_tables() as tables, TemporaryDirectory(dir=self.folder) as folder:
            puts = [(tables[table], {"PutRequest": {"Item": image}}) for table, image in scene.rows]
            for first in range(0, len(puts), ITEMS_A_REQUEST):
                batch: dict[str, list[Any]] = {}
                for name, put in puts[first : first + ITEMS_A_REQUEST]:
                    batch.setdefault(name, []).append(put)
                self.dynamodb.batch_write_item(RequestItems=batch)
            shutil.copytree(scene.folder, folder, dirs_exist_ok=True)
            yield tables, Path(folder)

    # --- what is left -------------------------------------------------------------------------------------------------

    def _left(self, step: Step, tables: Mapping[Table, str], folder: Path, seen: Sequence[Seen]) -> Left:
        rows = [(table, item) for table, name in tables.items() for item in self._items(name)]
        counted = self._changes(tables[Table.CORE]) if step.asks_calls else ()
        return Left(step=step, rows=rows, folder=folder, seen=seen, counted=counted)

    def before(self, step: Step) -> Books:
        """Read the books of a scene, before its step."""
        scene = self._scene(step)
        rows = [(table, item_of(image)) for table, image in scene.rows]
        with TemporaryDirectory(dir=self.folder) as folder:
            shutil.copytree(scene.folder, folder, dirs_exist_ok=True)
            uncounted = replace(step, asks_calls=False)
            return read_books(Left(step=uncounted, rows=rows, folder=Path(folder), seen=(), counted=()))

    def _items(self, name: str) -> Iterator[Item]:
        for page in self.dynamodb.get_paginator("scan").paginate(TableName=name, ConsistentRead=True):
            yield from (item_of(image) for image in page["Items"])

    def _changes(self, name: str) -> Sequence[Mapping[str, Any]]:
        """Read what the stream of a table tells."""
        arn = self.dynamodb.describe_table(TableName=name)["Table"]["LatestStreamArn"]
        (shard,) = self.streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        start = self.streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )
        records = self.streams.get_records(ShardIterator=start["ShardIterator"], Limit=1000)["Records"]
        return [cast("Mapping[str, Any]", record["dynamodb"]) for record in records]


@contextmanager
def laboratory(folder: Path) -> Generator[Laboratory]:
    """Start a store and lay a wire to it."""
    with (
        ministack(folder / "ministack") as account,
        wire_to(account.plain_address) as wire,
        LoopbackIssuer() as issuer,
    ):
        yield Laboratory(account=account, wire=wire, issuer=issuer, folder=folder)

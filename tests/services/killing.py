"""Operations that are killed before any of their calls to the store, or unheard after the last; then somebody goes on.

Whatever was said when it died, in the end everything is as if nobody had died: what is not there is lost, and what is
there besides is there twice.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.domain.token.attendance import AT_NO_TIME
from shared.services.credentials.seal import is_sealed
from shared.storage.engine import Table
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.engines import Killed, MeddledEngine
from tests.data.stores import Stores
from tests.data.tenants import KEYS
from tests.services.lived import Interrupted, Lived, die

Known = Mapping[str, Any]
"""What an operation needs to know of its scene, by names of its own."""
Step = Callable[[Stores, Known], object]
Facts = Counter[tuple[object, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Something that takes several calls to the store."""

    name: str
    scene: Callable[[Lived], Known]
    """Makes what the operation works on."""
    act: Step
    finishers: Mapping[str, Step]
    """Who may go on after it has died."""
    happens: Mapping[str, int]
    """The events that it leads to, counted by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deaths:
    """What came of killing an operation everywhere."""

    operation: str
    finisher: str
    places: int
    lost: int
    twice: int


def kill_everywhere(operation: Operation, folder: Path) -> Iterator[Deaths]:
    """Kill it at each place, on a copy of its scene, and have each finisher go on."""
    folder.mkdir()
    scene = folder / "scene.db"
    with closing(MeddledEngine(scene)) as engine:
        lived = Lived(engine=engine)
        known = operation.scene(lived)
        before = events_in(engine)
    with closing(SqliteEngine(shutil.copy(scene, folder / "undisturbed.db"))) as engine:
        undisturbed = Interrupted(of=engine, at=-1, by=die)
        operation.act(Stores.over(undisturbed), known)
        expected, calls = facts_in(engine), undisturbed.calls
        happened = events_in(engine) - before
        if happened != Counter(operation.happens):
            raise AssertionError(f"{operation.name} led to {dict(happened)}")
    for finisher, finish in operation.finishers.items():
        lost = twice = 0
        for number in range(calls + 1):
            with closing(SqliteEngine(shutil.copy(scene, folder / f"{finisher}-{number}.db"))) as engine:
                mortal = Interrupted(of=engine, at=number, by=die)
                with suppress(Killed):
                    operation.act(Stores.over(mortal), known)
                if mortal.calls != min(number + 1, calls):
                    raise AssertionError(f"{operation.name} did not die before call {number}")
                finish(Stores.over(engine), known)
                found = facts_in(engine)
            lost, twice = lost + (expected - found).total(), twice + (found - expected).total()
        yield Deaths(operation=operation.name, finisher=finisher, places=calls + 1, lost=lost, twice=twice)


def events_in(engine: SqliteEngine) -> Counter[str]:
    """Count the lifecycle events by type."""
    events = Counter[str]()
    for (table, _, type_), times in _recorded(engine).items():
        if table is Table.CORE:
            events[str(type_)] += times
    return events


def facts_in(engine: SqliteEngine) -> Facts:
    """Give all that can be seen of workspaces and tokens.

    A token goes by its name, as its id comes of chance. When something was recorded is left out, and by which version
    of the terms: whoever goes on does it later, and may copy terms that read the same.
    """
    stores = Stores.over(engine)
    facts = _recorded(engine)
    for found in stores.workspaces.all(limit=100).items:
        of = found.workspace
        facts["workspace", of.workspace_id, found.version, of.plan, of.access, repr(of.members), of.token_policy] += 1
        for row in stores.tokens.of_workspace(of.workspace_id, limit=100).items:
            token, terms = row.token, row.terms
            label = _label(token.name, token.predecessor_id)
            facts["token", label, token.status, token.owner_id, token.scopes, is_sealed(row, KEYS)] += 1
            facts["terms", label, terms.plan, terms.standing, terms.networks] += 1
            facts["life", label, token.expires_at, token.successor_id is None, token.suspended_at is None] += 1
            facts["due", label, row.due_at] += 1
            facts["use", label, row.first_used_at, row.last_used_at, token.adopted_at, token.flagged_at] += 1
            facts["evidence", label, token.reminded_days, repr(stores.evidence.of(token.token_id))] += 1
    facts.update(("unfenced", workspace_id) for workspace_id in stores.workspaces.unfenced(AT_NO_TIME, limit=100))
    return facts


def _label(name: str, predecessor_id: str | None) -> str:
    return name if predecessor_id is None else f"the successor of {name}"


def _recorded(engine: SqliteEngine) -> Facts:
    """Count the events that were ever put into a stream or into the trail, by whom they are about and by type."""
    names: dict[str, str] = {}
    rows: list[tuple[Table, str, str]] = []
    for change in engine.changes().read(0, limit=1_000_000):
        image = change.record["dynamodb"].get("NewImage", {})
        if image.get("sk") == {"S": "STATE"} and "prefix" in image:
            names[image["pk"]["S"].removeprefix("TOK#")] = _label(image["name"]["S"], image.get("predecessor_id"))
        elif "stream" in image:
            rows.append((change.table, image["stream"]["S"], image["type"]["S"]))
    return Counter((table, names.get(stream.partition(":")[2], stream), type_) for table, stream, type_ in rows)

"""The books after a fault: what must be there once, what may not be there twice, and what was told to whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.domain.trail.note import NamedKey
from shared.domain.trail.verify import verify_export
from shared.services.gate import Gate, Pass
from shared.services.trail.account_calls import GRACE, account_for_calls
from shared.services.trail.check_signature import TrustedKeys
from shared.services.trail.export_trail import Wanted, export_trail
from shared.services.trail.mark_trail import mark_calls
from shared.storage.attributes import item_of
from shared.storage.contracts.audit import AuditFilter
from shared.storage.engine import Item, Put, Table
from shared.storage.rows.calls import call_counted
from shared.storage.rows.ring import window_of
from shared.storage.rows.values import text, time
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.merchants import Merchant, shown, summed
from tests.data.tenants import A_DAY, KEYS
from tests.faults.container import SIGNER, Container, Seen
from tests.faults.steps import Step, seal
from tests.services.killing import Facts, facts_in
from tests.services.place import send
from tests.services.trail.sealing import A_MINUTE, LOG_NAME

Rows = Sequence[tuple[Table, Item]]
INTERNALS = ("Traceback", "botocore", "boto3", "DynamoDB", "dynamodb", "Exception", "127.0.0.1", "-table", "Error(")
"""Words of no answer."""
UNCLEAR = "not a clear answer"
CLEAR = frozenset({"store_unavailable", "audit_unavailable", "busy"})
CLEAR_TO_AWS = frozenset({"StoreUnavailable", "StreamMoved", "SealingIncomplete", "comes again"})
TRUSTED = TrustedKeys.of_lines([str(NamedKey(name=LOG_NAME, public=SIGNER.public_key))])
CALLS = ("mcp.call", "mcp.call_unaccounted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """All that is kept, read when nothing happens any more."""

    facts: Facts
    """What can be seen of workspaces, tokens and their events."""
    figures: Sequence[Any]
    """What can be seen of a merchant's figures."""
    sealing: Sequence[Any]
    """How many rows are sealed, and what waits for the sealer."""
    findings: Sequence[str] = field(default_factory=tuple[str, ...])
    """What does not add up."""

    def against(self, undisturbed: Books, *, calls: bool) -> Iterator[str]:
        """Say what is other than where nothing went wrong; how many calls there are is another matter."""
        expected, found = (_but_calls(each.facts) if calls else each.facts for each in (undisturbed, self))
        yield from (f"lost: {fact}" for fact in expected - found)
        yield from (f"there twice: {fact}" for fact in found - expected)
        if self.figures != undisturbed.figures:
            yield "the figures are others"
        if self.sealing != undisturbed.sealing:
            yield f"sealed, or waiting for it, is {self.sealing}, not {undisturbed.sealing}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What is left when nothing happens any more."""

    step: Step
    rows: Rows
    folder: Path
    """Where objects and the archive are."""
    seen: Sequence[Seen]
    """What was told, to each who asked."""
    counted: Sequence[Mapping[str, Any]]
    """What the stream of `core` told, of a step that makes calls."""


def read_books(left: Left) -> Books:
    """Read what is left, and see whether it adds up."""
    with closing(SqliteEngine()) as engine:
        for table, item in sorted(left.rows, key=lambda row: row[1]["sk"] != "STATE"):  # names of tokens come first
            engine.write(Put(table=table, item=item))
        copy = Container(engine=engine, folder=left.folder, issuer="", now=left.step.now)
        facts = facts_in(engine)
        merchant = Merchant(engine=engine, objects=copy.objects, now=left.step.now)
        figures = [shown(merchant), summed(merchant), merchant.figures.marks("wks_1")]
        figures += [replace(entry, version="") for entry in merchant.figures.ledger("wks_1")]
        sealing = [*_sealing(copy)]
        findings = [
            *_streams_against_trail(left.rows),
            *_secrets(left.seen, copy),
            *(_calls(copy, left) if left.step.asks_calls else ()),
            *_what_seals_prove(copy, engine),
        ]
    return Books(facts=facts, figures=figures, sealing=sealing, findings=findings)


def events_of(books: Books) -> Counter[str]:
    """Count the events of tokens, workspaces and imports, by type."""
    events = Counter[str]()
    for fact, times in books.facts.items():
        match fact:
            case (Table.CORE | Table.FACTS, _, str(type_)):
                events[type_] += times
            case _:
                pass
    return events


# --- one event, one row -----------------------------------------------------------------------------------------------


def _streams_against_trail(rows: Rows) -> Iterator[str]:
    """Each event lies once in its stream and once in the trail, and no number of a stream is left out."""
    in_streams, in_trail = Counter[str](), Counter[str]()
    numbers: dict[str, list[int]] = {}
    versions: dict[str, int] = {}
    for table, item in rows:
        match table, item:
            case (Table.AUDIT, {"id": str(id_), "seq": int(), "type": str(type_)}) if type_ not in CALLS:
                in_trail[id_] += 1
            case (Table.CORE | Table.FACTS, {"id": str(id_), "pk": str(pk), "seq": int(seq)}):
                in_streams[id_] += 1
                numbers.setdefault(pk, []).append(seq)
            case (Table.CORE, {"pk": str(pk), "sk": "STATE", "version": int(version)}):
                versions[pk] = version
            case _:
                pass
    yield from (f"an event without a row in the trail: {id_}" for id_ in in_streams - in_trail)
    yield from (f"a row in the trail without an event: {id_}" for id_ in in_trail - in_streams)
    for pk, found in numbers.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            yield f"the stream {pk} has the numbers {sorted(found)}"
        if versions.get(pk, len(found)) != len(found):
            yield f"the state of {pk} is of version {versions[pk]}, of {len(found)} events"


# --- what was told ----------------------------------------------------------------------------------------------------


def unclear(seen: Seen) -> Iterator[str]:
    """Say what is wrong with an answer: done, or when to come again, and nothing of what is inside."""
    if any(word in seen.text for word in INTERNALS):
        yield f"{UNCLEAR}: it tells of what is inside: {seen.text[:300]}"
    if seen.is_done:
        return
    if seen.status is None:
        if seen.code not in CLEAR_TO_AWS:
            yield f"{UNCLEAR}: the function failed with {seen.code}"
    elif seen.status != 503 or seen.code not in CLEAR or "retry-after" not in seen.headers:
        yield f"{UNCLEAR}: {seen}"


def _secrets(seen: Sequence[Seen], copy: Container) -> Iterator[str]:
    """A secret that was shown lets in, and there is one at most."""
    shown_secrets = {each.json["token"] for each in seen if each.status in {200, 201} and '"token"' in each.text}
    if len(shown_secrets) > 1:
        yield f"{len(shown_secrets)} secrets were shown"
    on = copy.stores
    for secret in shown_secrets:
        gate = Gate(keys=KEYS, tokens=on.tokens, subjects=on.subjects, audit=on.audit)
        if not isinstance(send(gate, secret, at=copy.now, method="tools/list"), Pass):
            yield "a secret that was shown does not let in"


# --- calls ------------------------------------------------------------------------------------------------------------


def _calls(copy: Container, left: Left) -> Iterator[str]:
    """Each number has one row of the trail, or is said to have none, and takes one place of the window."""
    on = copy.stores
    changes = ((each["Keys"]["pk"]["S"], each.get("OldImage", {}), each.get("NewImage", {})) for each in left.counted)
    calls = [call for pk, old, new in changes if (call := call_counted(pk, before=old, after=new))]
    mark_calls(calls, name="batch-1", now=copy.now, calls=on.counted_calls)
    account_for_calls(now=copy.now + GRACE + A_MINUTE, calls=on.counted_calls, audit=on.audit)
    wanted = AuditFilter(types=frozenset(CALLS))
    found = on.audit.entries("wks_1", matching=wanted, limit=1000, now=copy.now + A_DAY).items
    ends = Counter((int(str(row.data["number"])), row.type) for row in found)
    numbers = sorted(number for number, _ in ends.elements())
    total = len(calls)
    if numbers != list(range(1, total + 1)):
        yield f"{total} calls took a number, and the trail tells of {sorted(ends.elements())}"
    made = left.step.calls_before + len(left.seen)
    if total > made:
        yield f"{made} calls were made and {total} counted"
    answered = left.step.calls_before + sum(each.is_done for each in left.seen)
    in_trail = sum(times for (_, type_), times in ends.items() if type_ == "mcp.call")
    if answered > in_trail:
        yield f"{answered} calls were answered, of which the trail has {in_trail}"
    for item in _counters(left.rows):
        taken = set(window_of(item).ending.values())
        if taken - {total}:
            yield f"{total} calls took {taken} places of the window"


def _counters(rows: Rows) -> Iterator[Item]:
    """Give the rows that count calls."""
    for table, item in rows:
        if table is Table.CORE and "slot" in item:
            yield item


def _but_calls(facts: Facts) -> Facts:
    return Counter({fact: times for fact, times in facts.items() if fact[0] != "use" and fact[-1] not in CALLS})


# --- seals ------------------------------------------------------------------------------------------------------------


def _sealing(copy: Container) -> Iterator[object]:
    """Say what the sealer has done and what is left to it."""
    on, later = copy.stores, copy.now + A_DAY
    for workspace_id in ("wks_1", "wks_2"):
        yield sum(kept.seal.count for kept in on.seals.seals(workspace_id, first=1, limit=1000))
    yield [(mark.workspace_id, mark.since, mark.until) for mark in on.seals.marks(before=later, limit=1000)]
    yield [(mark.workspace_id, mark.calls) for mark in on.counted_calls.marks(before=later, limit=1000)]


def _what_seals_prove(copy: Container, engine: SqliteEngine) -> Iterator[str]:
    """Seal what is not sealed yet, and check it as a stranger does: nothing is wrong, and no row is left out."""
    of: dict[str, list[datetime]] = {}
    for change in engine.changes().read(0, limit=1_000_000):
        item = item_of(change.record["dynamodb"].get("NewImage", {}))
        if change.table is Table.AUDIT and "type" in item:
            of.setdefault(text(item, "workspace"), []).append(time(item, "at"))
    for workspace_id, times in of.items():
        copy.stores.seals.mark(workspace_id, since=min(times), until=max(times), now=copy.now)
    seal(copy, now=copy.now + A_DAY)
    for workspace_id, times in of.items():
        lines = export_trail(workspace_id, Wanted(), seals=copy.stores.seals, archive=copy.archive)
        verdict = verify_export(lines, check_signature=TRUSTED.check)
        yield from (f"{workspace_id}: {finding}" for finding in verdict.findings)
        if verdict.rows != len(times):
            yield f"{workspace_id}: of {len(times)} rows {verdict.rows} are sealed"

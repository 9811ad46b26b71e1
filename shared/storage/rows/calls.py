"""Counted calls as rows, until they are accounted for.

    core   CALLS#DUE   {minute}#{ws}#{name}   the calls of one batch of the stream: token, number, when each was counted

The row of a call lies in the trail at the place that its token, its number and its moment make (see `audit`), and all
three stand in the row that counted it. So whoever sees that row change knows which place must be filled.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.domain.moments import moment
from shared.storage.attributes import from_typed
from shared.storage.contracts.calls import CallsToAccountFor, CountedCall
from shared.storage.engine import Delete, Engine, Item, Key, Put, Table, Value
from shared.storage.rows.brought_back import is_brought_back
from shared.storage.rows.envelope import milliseconds, trail_pk
from shared.storage.rows.values import text, time, whole_number

DUE = "CALLS#DUE"
COUNTER = re.compile(r"TOK#(?P<token>.+)|W#(?P<workspace>[^#]+)#LIMIT")
"""The rows that number calls."""


def call_counted(pk: str, *, before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, CountedCall] | None:
    """Read off a change of `core` whose call was counted, and which; None: none was."""
    counter = COUNTER.fullmatch(pk)
    if counter is None or not after or after.get("calls") == before.get("calls"):
        return None
    if is_brought_back(before=before, after=after):
        return None
    said = {name: from_typed(value) for name, value in after.items()}
    number = whole_number(said, "calls")
    if number == 0:
        return None  # a token that was just made
    workspace_id = counter["workspace"] or text(said, "workspace_id")
    token_id = counter["token"] or text(said, "last_token_id")
    return workspace_id, CountedCall(token_id=token_id, number=number, at=time(said, "last_used_at"))


class StoredCountedCalls:
    """Keeps the contract of `CountedCalls` over a row engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def mark(self, workspace_id: str, calls: Sequence[CountedCall], *, now: datetime, name: str) -> None:
        item: Item = {
            "pk": DUE,
            "sk": f"{_minute(now)}#{workspace_id}#{name}",
            "workspace_id": workspace_id,
            "calls": [_stored(call) for call in calls],
        }
        self._engine.write(Put(table=Table.CORE, item=item))

    def marks(self, *, before: datetime, limit: int) -> Sequence[CallsToAccountFor]:
        page = self._engine.query(Table.CORE, DUE, last=_minute(before), limit=limit)
        return [_mark(item) for item in page.items]

    def without_row(self, mark: CallsToAccountFor) -> Sequence[CountedCall]:
        days: dict[str, list[CountedCall]] = defaultdict(list)
        for call in mark.calls:
            days[moment(call.at)[:10]].append(call)
        missing: list[CountedCall] = []
        for day, calls in days.items():
            places = sorted(place_of_call(call) for call in calls)
            filled = self._filled(trail_pk(mark.workspace_id, day), first=places[0], last=places[-1])
            missing += [call for call in calls if place_of_call(call) not in filled]
        return missing

    def _filled(self, pk: str, *, first: str, last: str) -> frozenset[str]:
        """Read which places of a day are filled, between two of them, both included."""
        found: set[str] = set()
        after: Key | None = None
        while True:
            page = self._engine.query(Table.AUDIT, pk, first=first, last=last, after=after)
            found.update(text(item, "sk") for item in page.items)
            after = page.next
            if after is None:
                return frozenset(found)

    def unmark(self, mark: CallsToAccountFor) -> None:
        self._engine.write(Delete(table=Table.CORE, key=Key(DUE, mark.place)))


def place_of_call(call: CountedCall) -> str:
    """Say where the row of a call lies in its day's trail."""
    return f"{milliseconds(call.at):013d}#{call.token_id}#{call.number}"


def _stored(call: CountedCall) -> dict[str, Value]:
    return {"token_id": call.token_id, "number": call.number, "at": moment(call.at)}


def _mark(item: Item) -> CallsToAccountFor:
    calls = item["calls"]
    return CallsToAccountFor(
        workspace_id=text(item, "workspace_id"),
        calls=tuple(
            CountedCall(token_id=text(each, "token_id"), number=whole_number(each, "number"), at=time(each, "at"))
            for each in (calls if isinstance(calls, list) else [])
            if isinstance(each, dict)
        ),
        place=text(item, "sk"),
    )


def _minute(at: datetime) -> str:
    return moment(at)[:16]

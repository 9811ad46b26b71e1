"""Tokens as rows.

    core   TOK#{id}        STATE                   what was decided, the credential, the workspace's terms, the use and
                                                   the window of the limit (see `ring`); `version` is the lock
           TOK#{id}        E#{version:08}          the events
           W#{ws}#TOKENS   {created ms:013}#{id}   the workspace's list: only pointers, the state is read from the rows
    due    DUE#TOK#{0-3}   {moment}                when to look at a token again; the entry goes when it has ended
    audit  W#{ws}#{day}    {ms:013}#token:{id}#{version:08}

What is overdue is found without a scan and however long nobody looked: an entry leaves the index when its token has
ended and all of it is recorded, so what lies before `now` is what is left to do. Four partitions, because one takes
1,000 writes a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast
from uuid import uuid4

from shared.domain.moments import moment
from shared.domain.token.attendance import Use, next_look
from shared.domain.token.events import TokenEvent
from shared.domain.token.state import Status, Token
from shared.domain.workspace.decider import Standing
from shared.storage.contracts.streams import Origin, Page, StreamMoved
from shared.storage.contracts.tokens import Admitted, Arrival, Credential, NotAdmitted, Terms, TokenRow
from shared.storage.engine import (
    Above,
    AllOf,
    AnyOf,
    Below,
    Check,
    Condition,
    ConditionFailed,
    Engine,
    Equals,
    Exists,
    Item,
    Key,
    Missing,
    Put,
    Table,
    TransactionRefused,
    Update,
    Value,
    Write,
)
from shared.storage.rows.codes import use_of
from shared.storage.rows.envelope import KEPT_IN_TABLE, milliseconds, stream_of, stream_writes
from shared.storage.rows.grant_row import DIGESTS, as_used, credential_as, is_current, of_no_use_now
from shared.storage.rows.ring import Ring
from shared.storage.rows.token_row import (
    DUE,
    DUE_SHARDS,
    SOMETIMES,
    attributes_of,
    due_of,
    readable,
    row_of,
    terms_as,
    token_key,
)
from shared.storage.rows.values import text
from shared.storage.rows.workspaces import workspace_key


class StoredTokens:
    """Keeps the contract of `TokenStore` over a row engine."""

    def __init__(self, engine: Engine, *, trail_kept: timedelta = KEPT_IN_TABLE) -> None:
        self._engine = engine
        self._trail_kept = trail_kept
        self._ring = Ring(engine)

    def get(self, token_id: str) -> TokenRow | None:
        key = token_key(token_id)
        item = self._engine.get(Table.CORE, key)
        if item is None:
            return None
        self._ring.saw(key, item)
        return row_of(item)

    def history(self, token_id: str) -> tuple[TokenEvent, ...]:
        # Only this class writes the stream of a token.
        return tuple(cast("TokenEvent", event) for event in stream_of(self._engine, f"TOK#{token_id}"))

    def create(
        self,
        events: Sequence[TokenEvent],
        state: Token,
        *,
        credential: Credential,
        terms: Terms,
        origin: Origin,
        redeeming: str | None = None,
    ) -> None:
        writes = self._creation(events, state, credential=credential, terms=terms, origin=origin)
        code = () if redeeming is None else (use_of(redeeming, state.token_id),)
        self._transact([*writes, *code], state.token_id)

    def append(
        self,
        events: Sequence[TokenEvent],
        state: Token,
        *,
        credential: Credential,
        based_on: TokenRow,
        origin: Origin,
        look_at: datetime | None = None,
    ) -> None:
        writes = self._change(events, state, credential=credential, based_on=based_on, origin=origin, look_at=look_at)
        self._transact(writes, state.token_id)

    def rotate(
        self,
        rotated: Sequence[TokenEvent],
        state: Token,
        *,
        seal: str,
        based_on: TokenRow,
        created: Sequence[TokenEvent],
        successor: Token,
        credential: Credential,
        terms: Terms,
        origin: Origin,
    ) -> None:
        writes = [
            *self._change(
                rotated, state, credential=replace(based_on.credential, seal=seal), based_on=based_on, origin=origin
            ),
            *self._creation(created, successor, credential=credential, terms=terms, origin=origin),
        ]
        self._transact(writes, state.token_id)

    def _creation(
        self, events: Sequence[TokenEvent], state: Token, *, credential: Credential, terms: Terms, origin: Origin
    ) -> list[Write]:
        key = token_key(state.token_id)
        row: Item = {
            "pk": key.pk,
            "sk": key.sk,
            "version": len(events),
            **attributes_of(state),
            **due_of(state.token_id, next_look(state, Use())),
            **terms_as(terms),
            **credential_as(credential),
            "calls": 0,
        }
        place: Item = {
            "pk": f"W#{state.workspace_id}#TOKENS",
            "sk": f"{milliseconds(state.created_at):013d}#{state.token_id}",
        }
        return [
            Check(table=Table.CORE, key=workspace_key(state.workspace_id), when=Equals("version", terms.version)),
            Put(table=Table.CORE, item=row, when=Missing("pk")),
            Put(table=Table.CORE, item=place),
            *self._recorded(events, state, after_version=0, origin=origin),
        ]

    def _change(
        self,
        events: Sequence[TokenEvent],
        state: Token,
        *,
        credential: Credential,
        based_on: TokenRow,
        origin: Origin,
        look_at: datetime | None = None,
    ) -> list[Write]:
        look_at = look_at or next_look(state, Use(first=based_on.first_used_at, last=based_on.last_used_at))
        attributes = {**attributes_of(state), **due_of(state.token_id, look_at), **credential_as(credential)}
        update = Update(
            table=Table.CORE,
            key=token_key(state.token_id),
            set={**attributes, "version": based_on.version + len(events)},
            remove=[
                *(name for name in (*SOMETIMES, *DIGESTS) if name not in attributes),
                *of_no_use_now(state.app, based_on.generations_used),
            ],
            when=AllOf((_is_at(based_on), _is_due_at(based_on))),
        )
        return [update, *self._recorded(events, state, after_version=based_on.version, origin=origin)]

    def apply_terms(self, terms: Terms, *, seal: str, based_on: TokenRow) -> None:
        if terms.version <= based_on.terms.version:
            return
        token_id = based_on.token.token_id
        update = Update(
            table=Table.CORE, key=token_key(token_id), set={**terms_as(terms), "seal": seal}, when=_is_at(based_on)
        )
        try:
            self._engine.write(update)
        except ConditionFailed as failed:
            if failed.item is not None and failed.item.get("seal") == seal:
                return  # our own write, repeated because its answer was lost
            raise StreamMoved(token_id) from failed

    def of_workspace(self, workspace_id: str, *, limit: int, after: str | None = None) -> Page[TokenRow]:
        pk = f"W#{workspace_id}#TOKENS"
        start = Key(pk, after) if after is not None else None
        page = self._engine.query(Table.CORE, pk, newest_first=True, limit=limit + 1, after=start)
        places = [text(item, "sk") for item in page.items[:limit]]
        keys = [token_key(place.partition("#")[2]) for place in places]
        rows = self._engine.get_many(Table.CORE, keys)
        return Page(
            items=tuple(row for key in keys if (row := readable(rows[key])) is not None),
            next=places[-1] if page.next is not None or len(page.items) > limit else None,
        )

    def due(self, now: datetime, *, limit: int) -> tuple[str, ...]:
        each = -(-limit // DUE_SHARDS)
        shards = (
            self._engine.query_due(f"DUE#TOK#{shard}", last=moment(now), limit=each) for shard in range(DUE_SHARDS)
        )
        return tuple(key.pk.removeprefix("TOK#") for keys in shards for key in keys)[:limit]

    def look_again(self, row: TokenRow, at: datetime | None) -> None:
        due = due_of(row.token.token_id, at)
        update = Update(
            table=Table.CORE,
            key=token_key(row.token.token_id),
            set=due,
            remove=[name for name in DUE if name not in due],
            when=AllOf((Exists("pk"), _is_due_at(row))),
        )
        with suppress(ConditionFailed):  # a use or a change came in between, and asked for a look of its own
            self._engine.write(update)

    def put_off(self, token_id: str, until: datetime) -> None:
        later: dict[str, Value] = {"due_sk": moment(until)}
        with suppress(ConditionFailed):  # it is in the index no more
            self._engine.write(Update(table=Table.CORE, key=token_key(token_id), set=later, when=Exists("due_sk")))

    def wake(self, token_id: str, *, used_at: datetime) -> None:
        used = moment(used_at)
        key = token_key(token_id)
        first = Update(
            table=Table.CORE, key=key, set={"first_used_at": used}, when=AllOf((Exists("pk"), Missing("first_used_at")))
        )
        # Set even where it is due already: whoever is looking at it just now does not know of this use yet.
        unadopted = AllOf((Exists("predecessor_id"), Missing("adopted_at")))
        look = Update(
            table=Table.CORE, key=key, set=due_of(token_id, used_at), when=AnyOf((Exists("due_sk"), unadopted))
        )
        for update in (first, look):
            with suppress(ConditionFailed):  # known already, or the token has ended
                self._engine.write(update)

    def admit(self, token_id: str, arrival: Arrival, *, limit: int, plan: str | None = None) -> Admitted | NotAdmitted:
        usable = (
            *(() if plan is None else (Equals("plan", plan),)),
            Equals("status", Status.ACTIVE.value),
            Equals("standing", Standing.OPEN.value),
            AnyOf((Missing("expires_at"), Above("expires_at", moment(arrival.now)))),
            *is_current(arrival.generation),
        )
        noting = as_used(arrival.generation)
        count = self._ring.count(token_key(token_id), arrival, limit=limit, when=usable, noting=noting)
        row = row_of(count.item) if count.item else None
        if count.counted and (slot := count.window.last_slot) is not None:
            return Admitted(row=row, number=count.number(arrival), used=count.window.ending[slot], slot=slot)
        return NotAdmitted(row=row, window=count.window)

    def note_use(self, token_id: str, at: datetime, *, generation: int = 0) -> None:
        used, key = moment(at), token_key(token_id)
        later = AnyOf((Missing("last_used_at"), Below("last_used_at", used)))
        updates = [Update(table=Table.CORE, key=key, set={"last_used_at": used}, when=AllOf((Exists("pk"), later)))]
        if generation:  # uses are told out of order: that of another generation may be later
            current = AllOf((Exists("pk"), *is_current(generation)))
            updates.append(Update(table=Table.CORE, key=key, set=as_used(generation), when=current))
        for update in updates:
            with suppress(ConditionFailed):  # used later already, over, or the row is gone
                self._engine.write(update)

    def _recorded(self, events: Sequence[TokenEvent], state: Token, *, after_version: int, origin: Origin) -> list[Put]:
        return stream_writes(
            events,
            pk=f"TOK#{state.token_id}",
            stream=f"token:{state.token_id}",
            after_version=after_version,
            workspace_id=state.workspace_id,
            origin=origin,
            kept=self._trail_kept,
        )

    def _transact(self, writes: Sequence[Write], token_id: str) -> None:
        try:
            self._engine.transact(writes, request_token=str(uuid4()))
        except TransactionRefused as refused:
            raise StreamMoved(token_id) from refused


def _is_at(row: TokenRow) -> AllOf:
    """Hold only while the row is as it was read: events and terms both stand under its seal."""
    return AllOf((Equals("version", row.version), Equals("terms_version", row.terms.version)))


def _is_due_at(row: TokenRow) -> Condition:
    """Hold only while nobody has asked for another look since the row was read."""
    return Equals("due_sk", moment(row.due_at)) if row.due_at is not None else Missing("due_sk")

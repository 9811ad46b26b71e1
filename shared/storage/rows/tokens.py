"""Tokens as rows.

    core   TOK#{id}        STATE                   what was decided, the credential, the workspace's terms, the use and
                                                   the window of the limit (see `ring`); `version` is the lock
           TOK#{id}        E#{version:08}          the events
           W#{ws}#TOKENS   {created ms:013}#{id}   the workspace's list: only pointers, the state is read from the rows
    due    DUE#TOK#{0-3}   {expires_at}            active tokens that expire; the entry goes when the token ends
    audit  W#{ws}#{day}    {ms:013}#token:{id}#{version:08}

What is overdue is found without a scan and however long nobody looked: an entry leaves the index when its token ends,
so what lies before `now` is what is left to do. Four partitions, because one takes 1,000 writes a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import cast
from uuid import uuid4
from zlib import crc32

from shared.domain.scopes import Scope
from shared.domain.token.decider import Status, Token
from shared.domain.token.events import TokenEvent, TokenKind
from shared.domain.workspace.decider import Standing
from shared.storage.codec import moment
from shared.storage.contracts.streams import Origin, Page, StreamMoved
from shared.storage.contracts.tokens import Admitted, Arrival, Credential, NotAdmitted, Terms, TokenRow
from shared.storage.engine import (
    Above,
    AllOf,
    AnyOf,
    Below,
    Check,
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
from shared.storage.rows.envelope import KEPT_IN_TABLE, milliseconds, stream_of, stream_writes
from shared.storage.rows.ring import Ring, window_of
from shared.storage.rows.values import optional_text, optional_time, text, texts, time, whole_number
from shared.storage.rows.workspaces import workspace_key

DUE_SHARDS = 4


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
        self, events: Sequence[TokenEvent], state: Token, *, credential: Credential, terms: Terms, origin: Origin
    ) -> None:
        key = token_key(state.token_id)
        row: Item = {
            "pk": key.pk,
            "sk": key.sk,
            "version": len(events),
            **_attributes(state),
            **_terms(terms),
            "digest": credential.digest,
            "seal": credential.seal,
            "calls": 0,
        }
        place: Item = {
            "pk": f"W#{state.workspace_id}#TOKENS",
            "sk": f"{milliseconds(state.created_at):013d}#{state.token_id}",
        }
        writes: list[Write] = [
            Check(table=Table.CORE, key=workspace_key(state.workspace_id), when=Equals("version", terms.version)),
            Put(table=Table.CORE, item=row, when=Missing("pk")),
            Put(table=Table.CORE, item=place),
            *self._recorded(events, state, after_version=0, origin=origin),
        ]
        self._transact(writes, state.token_id)

    def append(
        self, events: Sequence[TokenEvent], state: Token, *, seal: str, based_on: TokenRow, origin: Origin
    ) -> None:
        attributes = _attributes(state)
        update = Update(
            table=Table.CORE,
            key=token_key(state.token_id),
            set={**attributes, "version": based_on.version + len(events), "seal": seal},
            remove=[name for name in ("due_pk", "due_sk") if name not in attributes],
            when=_is_at(based_on),
        )
        recorded = self._recorded(events, state, after_version=based_on.version, origin=origin)
        self._transact([update, *recorded], state.token_id)

    def apply_terms(self, terms: Terms, *, seal: str, based_on: TokenRow) -> None:
        if terms.version <= based_on.terms.version:
            return
        token_id = based_on.token.token_id
        update = Update(
            table=Table.CORE, key=token_key(token_id), set={**_terms(terms), "seal": seal}, when=_is_at(based_on)
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
            items=tuple(row_of(rows[key]) for key in keys),
            next=places[-1] if page.next is not None or len(page.items) > limit else None,
        )

    def due(self, now: datetime, *, limit: int) -> tuple[str, ...]:
        each = -(-limit // DUE_SHARDS)
        shards = (
            self._engine.query_due(f"DUE#TOK#{shard}", last=moment(now), limit=each) for shard in range(DUE_SHARDS)
        )
        return tuple(key.pk.removeprefix("TOK#") for keys in shards for key in keys)[:limit]

    def admit(self, token_id: str, arrival: Arrival, *, limit: int, plan: str | None = None) -> Admitted | NotAdmitted:
        usable = (
            *(() if plan is None else (Equals("plan", plan),)),
            Equals("status", Status.ACTIVE.value),
            Equals("standing", Standing.OPEN.value),
            AnyOf((Missing("expires_at"), Above("expires_at", moment(arrival.now)))),
        )
        count = self._ring.count(token_key(token_id), arrival, limit=limit, when=usable)
        row = row_of(count.item) if count.item else None
        if count.counted and (slot := count.window.last_slot) is not None:
            return Admitted(row=row, number=count.number(arrival), used=count.window.ending[slot], slot=slot)
        return NotAdmitted(row=row, window=count.window)

    def note_use(self, token_id: str, at: datetime) -> None:
        used = moment(at)
        update = Update(
            table=Table.CORE,
            key=token_key(token_id),
            set={"last_used_at": used},
            when=AllOf((Exists("pk"), AnyOf((Missing("last_used_at"), Below("last_used_at", used))))),
        )
        with suppress(ConditionFailed):  # used later already, or the row is gone
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


def token_key(token_id: str) -> Key:
    """Say where a token's row lies."""
    return Key(f"TOK#{token_id}", "STATE")


def row_of(item: Item) -> TokenRow:
    """Read a token's row."""
    return TokenRow(
        token=Token(
            token_id=text(item, "pk").removeprefix("TOK#"),
            kind=TokenKind(text(item, "kind")),
            workspace_id=text(item, "workspace_id"),
            owner_id=text(item, "owner_id"),
            name=text(item, "name"),
            prefix=text(item, "prefix"),
            scopes=frozenset(Scope(scope) for scope in texts(item, "scopes")),
            created_at=time(item, "created_at"),
            expires_at=optional_time(item, "expires_at"),
            status=Status(text(item, "status")),
            ended_at=optional_time(item, "ended_at"),
        ),
        version=whole_number(item, "version"),
        credential=Credential(digest=text(item, "digest"), seal=text(item, "seal")),
        terms=Terms(
            plan=text(item, "plan"),
            standing=Standing(text(item, "standing")),
            version=whole_number(item, "terms_version"),
        ),
        calls=whole_number(item, "calls"),
        last_used_at=optional_time(item, "last_used_at"),
        last_request_id=optional_text(item, "last_request_id"),
        window=window_of(item),
    )


def _attributes(token: Token) -> dict[str, Value]:
    """Write what was decided about a token; what is not so is not there."""
    attributes: dict[str, Value] = {
        "kind": token.kind.value,
        "workspace_id": token.workspace_id,
        "owner_id": token.owner_id,
        "name": token.name,
        "prefix": token.prefix,
        "scopes": [scope.value for scope in sorted(token.scopes)],
        "created_at": moment(token.created_at),
        "status": token.status.value,
    }
    if token.expires_at is not None:
        attributes["expires_at"] = moment(token.expires_at)
        if token.status is Status.ACTIVE:
            attributes["due_pk"] = f"DUE#TOK#{crc32(token.token_id.encode()) % DUE_SHARDS}"
            attributes["due_sk"] = moment(token.expires_at)
    if token.ended_at is not None:
        attributes["ended_at"] = moment(token.ended_at)
    return attributes


def _terms(terms: Terms) -> dict[str, Value]:
    return {"plan": terms.plan, "standing": terms.standing.value, "terms_version": terms.version}


def _is_at(row: TokenRow) -> AllOf:
    """Hold only while the row is as it was read: events and terms both stand under its seal."""
    return AllOf((Equals("version", row.version), Equals("terms_version", row.terms.version)))

"""Rows of a backup of `core`, on their way into the table in use.

Brought are those that lie under a key which leads from the list of workspaces to them:

    WORKSPACES   W#{ws} STATE, E#…   P#…   W#{ws}#TOKENS   W#{ws}#CONTACTS   W#{ws}#PEOPLE   W#{ws}#TRAIL   W#{ws}#LIMIT
    SEAL#{ws} HEAD   TOK#{id} STATE, E#…, USE

What is not named here stays behind: sessions, codes and idempotency keys, whose time is over or which somebody may have
ended since; what was sent of notices; marks, which are made anew; events of imports, which are read in the trail alone.

A row that was brought has the attribute `brought_back`, so that whoever reads the stream takes nothing old for
new.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from shared.domain.moments import moment
from shared.domain.token.attendance import Use, next_look
from shared.domain.token.events import TokenEvent
from shared.domain.trail.places import start_of
from shared.domain.workspace.events import WorkspaceEvent
from shared.storage.contracts.restoration import Recorded, Since
from shared.storage.contracts.streams import Origin, StreamMoved
from shared.storage.contracts.tokens import RowUnreadable, TokenRow
from shared.storage.contracts.workspaces import WorkspaceRow
from shared.storage.engine import (
    Check,
    ConditionFailed,
    Engine,
    Equals,
    Item,
    Key,
    Missing,
    Put,
    Table,
    TransactionRefused,
    Value,
    Write,
)
from shared.storage.rows.brought_back import BROUGHT_BACK
from shared.storage.rows.envelope import KEPT_IN_TABLE, milliseconds, stream_writes
from shared.storage.rows.grant_row import as_used, credential_as
from shared.storage.rows.seals import StoredSeals, head_key, sealed_pk, seals_pk
from shared.storage.rows.token_row import attributes_of, due_of, row_of, terms_as, token_key
from shared.storage.rows.trail_since import event_of, rows_of, trail_since
from shared.storage.rows.values import text, whole_number
from shared.storage.rows.workspaces import (
    LIST,
    StoredWorkspaces,
    attributes_of_workspace,
    contacts_pk,
    membership_writes,
    workspace_key,
)

AT_ONCE = 25
"""Rows of a transaction, which may have 4 MB; a document of the index has up to 100 KB."""


class StoredRestoration:
    """Keeps the contract of `Restoration` over two row engines, which differ in nothing but `core`."""

    def __init__(self, engine: Engine, *, backup: Engine, trail_kept: timedelta = KEPT_IN_TABLE) -> None:
        self._engine = engine
        self._backup = backup
        self._trail_kept = trail_kept

    # --- the backup ---------------------------------------------------------------------------------------------------

    def workspaces(self) -> Iterator[str]:
        yield from (text(item, "sk") for item in rows_of(self._backup, Table.CORE, LIST))

    def workspace(self, workspace_id: str) -> WorkspaceRow | None:
        try:
            return StoredWorkspaces(self._backup).get(workspace_id)
        except (KeyError, TypeError, ValueError) as error:
            raise RowUnreadable(workspace_id) from error

    def tokens(self, workspace_id: str) -> Iterator[str]:
        places = rows_of(self._backup, Table.CORE, f"W#{workspace_id}#TOKENS")
        yield from (text(item, "sk").partition("#")[2] for item in places)

    def token(self, token_id: str) -> TokenRow | None:
        item = self._backup.get(Table.CORE, token_key(token_id))
        return row_of(item) if item is not None else None

    def history_of_workspace(self, workspace_id: str) -> tuple[WorkspaceEvent, ...]:
        return tuple(cast("WorkspaceEvent", event) for event in self._history(workspace_key(workspace_id).pk))

    def history_of_token(self, token_id: str) -> tuple[TokenEvent, ...]:
        return tuple(cast("TokenEvent", event) for event in self._history(token_key(token_id).pk))

    def last_number(self, stream: str) -> int:
        kind, _, its_id = stream.partition(":")
        pk = (workspace_key(its_id) if kind == "workspace" else token_key(its_id)).pk
        page = self._backup.query(Table.CORE, pk, first="E#", last="E$", newest_first=True, limit=1)
        return max((int(text(item, "sk").removeprefix("E#")) for item in page.items), default=0)

    def _history(self, pk: str) -> Iterator[object]:
        """Read the events of a history in the backup, up to the first that is missing or cannot be read."""
        rows = rows_of(self._backup, Table.CORE, pk, first="E#", last="E$")
        for seq, item in enumerate(rows, start=1):
            event = event_of(item)
            if item["sk"] != f"E#{seq:08d}" or event is None:
                return
            yield event

    def since(self, workspace_id: str, *, now: datetime) -> Since:
        head = StoredSeals(self._backup).head(workspace_id)
        seal = head.last if head is not None else None
        since = trail_since(self._engine, workspace_id, seal, oldest=now - self._trail_kept, now=now)
        return since if seal is not None else replace(since, is_of_others=self._begins_otherwise(workspace_id, since))

    def _begins_otherwise(self, workspace_id: str, since: Since) -> bool:
        """Tell whether the backup knows a beginning, still without a seal, that is not the one in the trail."""
        beginning = self._backup.get(Table.CORE, Key(workspace_key(workspace_id).pk, "E#00000001"))
        told = [each.row.envelope["id"] for each in since.events.get(f"workspace:{workspace_id}", ()) if each.seq == 1]
        return beginning is not None and beginning["id"] not in told

    # --- the way back -------------------------------------------------------------------------------------------------

    def bring_beside(self, workspace_id: str, *, reached: frozenset[str], now: datetime) -> None:
        contacts = contacts_pk(workspace_id)
        for pk in (contacts, f"W#{workspace_id}#PEOPLE", f"W#{workspace_id}#TRAIL"):
            for row in rows_of(self._backup, Table.CORE, pk):
                if pk != contacts or row["sk"] in reached:
                    self._put_once(row, now)

    def bring_seals(self, workspace_id: str) -> None:
        page = self._engine.query(Table.AUDIT, seals_pk(workspace_id), newest_first=True, limit=1)
        key = head_key(workspace_id)
        known = self._backup.get(Table.CORE, key) or {}
        for seal in page.items:  # one, or none
            head: Item = {
                **{name: value for name, value in seal.items() if name != "index"},
                "pk": key.pk,
                "sk": key.sk,
                "latest": self._latest(workspace_id, seal),
                "folded": known.get("folded", 0),
            }
            with suppress(ConditionFailed):  # it was brought before, and sealing goes on
                self._engine.write(Put(table=Table.CORE, item=head, when=Missing("pk")))

    def _latest(self, workspace_id: str, seal: Item) -> str:
        """Give the last place of all that is sealed: it stands with the places of the last seal, on their day."""
        sealed_at = datetime.fromisoformat(text(seal, "at"))
        day = sealed_at.astimezone(UTC).date()
        number = text(seal, "sk")
        for _ in range(self._trail_kept.days + 1):
            for places in rows_of(self._engine, Table.AUDIT, sealed_pk(workspace_id, day), first=number, last=number):
                return text(places, "latest")
            day -= timedelta(days=1)
        return start_of(sealed_at)  # its rows are no longer in their table, and there is none to be sealed before it

    def bring_workspace(
        self,
        row: WorkspaceRow,
        recorded: Sequence[Recorded],
        new: Sequence[WorkspaceEvent],
        *,
        origin: Origin,
        now: datetime,
    ) -> None:
        workspace_id = row.workspace.workspace_id
        key = workspace_key(workspace_id)
        self._bring_history(key.pk, recorded, now)
        # Any number of people: more than fit into one transaction. Without the workspace they are members of nothing.
        people = membership_writes(workspace_id, (), row.workspace.members.values())
        self._put([write.item for write in people if isinstance(write, Put)], now)
        state: Item = {
            "pk": key.pk,
            "sk": key.sk,
            "version": row.version,
            **attributes_of_workspace(row.workspace),
            BROUGHT_BACK: moment(now),
        }
        stream = f"workspace:{workspace_id}"
        self._transact(
            [
                Put(table=Table.CORE, item=state, when=Missing("pk")),
                Put(table=Table.CORE, item={"pk": LIST, "sk": workspace_id}),
                *self._new(new, key.pk, stream, version=row.version, workspace_id=workspace_id, origin=origin),
            ],
            workspace_id,
        )

    def bring_evidence(self, token_id: str, *, now: datetime) -> None:
        item = self._backup.get(Table.CORE, Key(token_key(token_id).pk, "USE"))
        if item is not None:
            self._put_once(item, now)  # if it was brought before, uses go on

    def bring_token(
        self, row: TokenRow, recorded: Sequence[Recorded], new: Sequence[TokenEvent], *, origin: Origin, now: datetime
    ) -> None:
        token = row.token
        key = token_key(token.token_id)
        self._bring_history(key.pk, recorded, now)
        perhaps = {"first_used_at": row.first_used_at, "last_used_at": row.last_used_at}
        used: dict[str, Value] = {}
        for generation in row.generations_used:
            used |= as_used(generation)
        state: Item = {
            "pk": key.pk,
            "sk": key.sk,
            "version": row.version,
            **attributes_of(token),
            **due_of(token.token_id, next_look(token, Use(first=row.first_used_at, last=row.last_used_at))),
            **terms_as(row.terms),
            **credential_as(row.credential),
            **used,
            **{name: moment(at) for name, at in perhaps.items() if at is not None},
            "calls": row.calls,
            BROUGHT_BACK: moment(now),
        }
        place: Item = {
            "pk": f"W#{token.workspace_id}#TOKENS",
            "sk": f"{milliseconds(token.created_at):013d}#{token.token_id}",
        }
        stream = f"token:{token.token_id}"
        in_line = Equals("version", row.terms.version)
        self._transact(
            [
                Check(table=Table.CORE, key=workspace_key(token.workspace_id), when=in_line),
                Put(table=Table.CORE, item=state, when=Missing("pk")),
                Put(table=Table.CORE, item=place),
                *self._new(new, key.pk, stream, version=row.version, workspace_id=token.workspace_id, origin=origin),
            ],
            token.token_id,
        )

    def bring_numbers(self, workspace_id: str, numbers: Mapping[str, int], *, now: datetime) -> None:
        pk = f"W#{workspace_id}#LIMIT"
        known = {text(item, "sk"): whole_number(item, "calls") for item in rows_of(self._backup, Table.CORE, pk)}
        for subject in sorted(known.keys() | numbers.keys()):
            calls = max(known.get(subject, 0), numbers.get(subject, 0))
            self._put_once({"pk": pk, "sk": subject, "calls": calls}, now)  # if it was brought before, calls go on

    def _bring_history(self, pk: str, recorded: Sequence[Recorded], now: datetime) -> None:
        """Bring the events of a history, of the backup and of the trail: whoever does it again writes the same."""
        rows: list[Item] = [*rows_of(self._backup, Table.CORE, pk, first="E#", last="E$")]
        later: list[Item] = [
            {**each.row.envelope, "data": dict(each.row.data), "pk": pk, "sk": f"E#{each.seq:08d}"} for each in recorded
        ]
        self._put([*{row["sk"]: row for row in (*rows, *later)}.values()], now)

    def _put_once(self, row: Item, now: datetime) -> None:
        """Bring a row, unless it is there: another run came first, and it may have changed since."""
        with suppress(ConditionFailed):
            marked: Item = {**row, BROUGHT_BACK: moment(now)}
            self._engine.write(Put(table=Table.CORE, item=marked, when=Missing("pk")))

    def _put(self, rows: Sequence[Item], now: datetime) -> None:
        writes = [Put(table=Table.CORE, item={**row, BROUGHT_BACK: moment(now)}) for row in rows]
        for first in range(0, len(writes), AT_ONCE):
            self._engine.transact(writes[first : first + AT_ONCE], request_token=str(uuid4()))

    def _new(
        self, events: Sequence[Any], pk: str, stream: str, *, version: int, workspace_id: str, origin: Origin
    ) -> list[Put]:
        return stream_writes(
            events,
            pk=pk,
            stream=stream,
            after_version=version - len(events),
            workspace_id=workspace_id,
            origin=origin,
            kept=self._trail_kept,
        )

    def _transact(self, writes: Sequence[Write], what: str) -> None:
        try:
            self._engine.transact(writes, request_token=str(uuid4()))
        except TransactionRefused as refused:
            raise StreamMoved(what) from refused

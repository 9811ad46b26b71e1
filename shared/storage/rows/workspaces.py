"""Workspaces as rows.

    core   W#{ws}                          STATE             what was decided; `version` is the lock
           W#{ws}                          E#{version:08}    the events
           P#{sha256 of issuer, subject}   W#{ws}            a person's membership: which member they are there
           WORKSPACES                      {ws}              the list of all, only pointers
           W#{ws}#CONTACTS                 {member_id}       `address`, see `contacts`
    due    DUE#WKS                         {moment}          workspaces whose tokens are being fenced, and by when
    audit  W#{ws}#{day}                    {ms:013}#workspace:{ws}#{version:08}

A person's key is hashed only to be short and of one alphabet: issuer and subject stand in the workspace's row anyway.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import cast
from uuid import uuid4

from shared.domain.moments import moment
from shared.domain.token.policy import TokenPolicy
from shared.domain.workspace.decider import Access, Member, Workspace
from shared.domain.workspace.events import Role, WorkspaceEvent
from shared.storage.codec import read_fields, written
from shared.storage.contracts.streams import Origin, Page, StreamMoved
from shared.storage.contracts.workspaces import Contact, Membership, WorkspaceRow
from shared.storage.engine import (
    AllOf,
    ConditionFailed,
    Delete,
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
from shared.storage.rows.envelope import KEPT_IN_TABLE, stream_of, stream_writes
from shared.storage.rows.values import optional_time, text, texts, whole_number

LIST = "WORKSPACES"
UNFENCED = "DUE#WKS"


class StoredWorkspaces:
    """Keeps the contract of `WorkspaceStore` over a row engine."""

    def __init__(self, engine: Engine, *, trail_kept: timedelta = KEPT_IN_TABLE) -> None:
        self._engine = engine
        self._trail_kept = trail_kept

    def get(self, workspace_id: str) -> WorkspaceRow | None:
        item = self._engine.get(Table.CORE, workspace_key(workspace_id))
        return _row_of(item) if item is not None else None

    def several(self, workspace_ids: Collection[str]) -> Mapping[str, WorkspaceRow]:
        keys = {workspace_key(workspace_id): workspace_id for workspace_id in workspace_ids}
        found = self._engine.get_many(Table.CORE, [*keys])
        return {keys[key]: _row_of(item) for key, item in found.items()}

    def history(self, workspace_id: str) -> tuple[WorkspaceEvent, ...]:
        # Only this class writes the stream of a workspace.
        return tuple(cast("WorkspaceEvent", event) for event in stream_of(self._engine, f"W#{workspace_id}"))

    def append(
        self,
        events: Sequence[WorkspaceEvent],
        state: Workspace,
        *,
        expected_version: int,
        origin: Origin,
        fence_by: datetime | None = None,
        contact: Contact | None = None,
    ) -> None:
        before = self.get(state.workspace_id) if expected_version else None
        if before is not None and before.version != expected_version:
            raise StreamMoved(state.workspace_id)
        known = before.workspace.members.values() if before is not None else ()
        version = expected_version + len(events)
        writes: list[Write] = [
            Update(
                table=Table.CORE,
                key=workspace_key(state.workspace_id),
                set={**attributes_of_workspace(state), "version": version, **_unfenced(fence_by)},
                when=Equals("version", expected_version) if expected_version else Missing("pk"),
            ),
            *membership_writes(state.workspace_id, known, state.members.values()),
            *_addresses_gone(before, state),
            *_address(state.workspace_id, contact),
            *stream_writes(
                events,
                pk=f"W#{state.workspace_id}",
                stream=f"workspace:{state.workspace_id}",
                after_version=expected_version,
                workspace_id=state.workspace_id,
                origin=origin,
                kept=self._trail_kept,
            ),
        ]
        if not expected_version:
            writes.append(Put(table=Table.CORE, item={"pk": LIST, "sk": state.workspace_id}))
        try:
            self._engine.transact(writes, request_token=str(uuid4()))
        except TransactionRefused as refused:
            raise StreamMoved(state.workspace_id) from refused

    def fenced(self, workspace_id: str, *, version: int) -> None:
        update = Update(
            table=Table.CORE,
            key=workspace_key(workspace_id),
            remove=["due_pk", "due_sk"],
            when=AllOf((Equals("version", version), Exists("due_pk"))),
        )
        with suppress(ConditionFailed):  # a newer change waits for its own fencing, or there was nothing to do
            self._engine.write(update)

    def unfenced(self, now: datetime, *, limit: int) -> tuple[str, ...]:
        keys = self._engine.query_due(UNFENCED, last=moment(now), limit=limit)
        return tuple(key.pk.removeprefix("W#") for key in keys)

    def memberships(self, issuer: str, subject: str) -> tuple[Membership, ...]:
        # A person in so many workspaces that they fill a page of 1 MB is none.
        page = self._engine.query(Table.CORE, _person(issuer, subject))
        return tuple(
            Membership(workspace_id=text(item, "sk").removeprefix("W#"), member_id=text(item, "member_id"))
            for item in page.items
        )

    def all(self, *, limit: int, after: str | None = None) -> Page[WorkspaceRow]:
        start = Key(LIST, after) if after is not None else None
        page = self._engine.query(Table.CORE, LIST, limit=limit + 1, after=start)
        ids = [text(item, "sk") for item in page.items[:limit]]
        keys = [workspace_key(workspace_id) for workspace_id in ids]
        rows = self._engine.get_many(Table.CORE, keys)
        return Page(
            items=tuple(_row_of(rows[key]) for key in keys),
            next=ids[-1] if page.next is not None or len(page.items) > limit else None,
        )


def workspace_key(workspace_id: str) -> Key:
    """Say where a workspace's row lies."""
    return Key(f"W#{workspace_id}", "STATE")


def contacts_pk(workspace_id: str) -> str:
    """Give the partition of the addresses of a workspace's members."""
    return f"W#{workspace_id}#CONTACTS"


def contact_key(workspace_id: str, member_id: str) -> Key:
    """Say where the address of a member lies."""
    return Key(contacts_pk(workspace_id), member_id)


def _person(issuer: str, subject: str) -> str:
    # As JSON, so that no two pairs give the same text.
    return f"P#{hashlib.sha256(json.dumps([issuer, subject]).encode()).hexdigest()}"


def membership_writes(workspace_id: str, before: Iterable[Member], after: Iterable[Member]) -> list[Write]:
    """Give the writes that make of the memberships of these people those of those."""
    here = f"W#{workspace_id}"
    were = {_person(member.issuer, member.subject): member.member_id for member in before}
    are = {_person(member.issuer, member.subject): member.member_id for member in after}
    return [
        *(Delete(table=Table.CORE, key=Key(person, here)) for person in were if person not in are),
        *(
            Put(table=Table.CORE, item={"pk": person, "sk": here, "member_id": member_id})
            for person, member_id in are.items()
            if were.get(person) != member_id
        ),
    ]


def _addresses_gone(before: WorkspaceRow | None, after: Workspace) -> list[Write]:
    """Take the addresses of those who leave, with the membership: nothing is left to be cleared away later."""
    left = [] if before is None else [each for each in before.workspace.members if each not in after.members]
    return [Delete(table=Table.CORE, key=contact_key(after.workspace_id, member_id)) for member_id in left]


def _address(workspace_id: str, contact: Contact | None) -> list[Write]:
    if contact is None:
        return []
    key = contact_key(workspace_id, contact.member_id)
    if contact.address is None:
        return [Delete(table=Table.CORE, key=key)]
    return [Put(table=Table.CORE, item={"pk": key.pk, "sk": key.sk, "address": contact.address})]


def attributes_of_workspace(workspace: Workspace) -> dict[str, Value]:
    """Write what was decided about a workspace."""
    members: dict[str, Value] = {
        member.member_id: {"issuer": member.issuer, "subject": member.subject, "role": member.role.value}
        for member in workspace.members.values()
    }
    return {
        "name": workspace.name,
        "plan": workspace.plan,
        "access": workspace.access.value,
        "members": members,
        "former_members": list[Value](sorted(workspace.former_members)),
        "token_policy": written(workspace.token_policy),
        "open_since": moment(workspace.open_since) if workspace.open_since is not None else None,
    }


def _unfenced(fence_by: datetime | None) -> dict[str, Value]:
    return {"due_pk": UNFENCED, "due_sk": moment(fence_by)} if fence_by is not None else {}


def _row_of(item: Item) -> WorkspaceRow:
    members = item["members"]
    if not isinstance(members, dict):
        raise TypeError("members is not a map")
    return WorkspaceRow(
        workspace=Workspace(
            workspace_id=text(item, "pk").removeprefix("W#"),
            name=text(item, "name"),
            plan=text(item, "plan"),
            access=Access(text(item, "access")),
            members={key: _member(key, value) for key, value in members.items()},
            former_members=frozenset(texts(item, "former_members")),
            token_policy=_policy(item.get("token_policy", {})),  # a row from before there were policies
            open_since=optional_time(item, "open_since"),
        ),
        version=whole_number(item, "version"),
    )


def _policy(value: Value) -> TokenPolicy:
    if not isinstance(value, dict):
        raise TypeError("token_policy is not a map")
    return cast("TokenPolicy", read_fields(TokenPolicy, value))


def _member(member_id: str, value: Value) -> Member:
    match value:
        case {"issuer": str(issuer), "subject": str(subject), "role": str(role)}:
            return Member(member_id=member_id, issuer=issuer, subject=subject, role=Role(role))
        case _:
            raise TypeError(f"{member_id} is not a member as we write them")

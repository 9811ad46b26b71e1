"""Sessions as rows.

core   SESSION#{sha256 of the cookie}   SESSION   who is signed in, what the issuer calls them, the workspace chosen;
                                                  `ttl` at the end of its time
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from shared.domain.moments import moment
from shared.storage.contracts.sessions import Session
from shared.storage.engine import ConditionFailed, Delete, Engine, Exists, Item, Key, Missing, Put, Table, Update
from shared.storage.rows.values import optional_text, text, time


class StoredSessions:
    """Keeps the contract of `SessionStore` over a row engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, session: Session) -> None:
        key = _key(session.digest)
        item: Item = {
            "pk": key.pk,
            "sk": key.sk,
            "issuer": session.issuer,
            "subject": session.subject,
            "expires_at": moment(session.expires_at),
            "ttl": int(session.expires_at.timestamp()),
        }
        known = {"person": session.person, "workspace_id": session.workspace_id}
        item.update({name: value for name, value in known.items() if value is not None})
        with suppress(
            ConditionFailed
        ):  # our own write, repeated because its answer was lost: nobody draws 256 bits twice
            self._engine.write(Put(table=Table.CORE, item=item, when=Missing("pk")))

    def find(self, digest: str, *, now: datetime) -> Session | None:
        item = self._engine.get(Table.CORE, _key(digest))
        # DynamoDB deletes what outlived its ttl only hours later.
        if item is None or time(item, "expires_at") <= now:
            return None
        return Session(
            digest=digest,
            issuer=text(item, "issuer"),
            subject=text(item, "subject"),
            person=optional_text(item, "person"),
            workspace_id=optional_text(item, "workspace_id"),
            expires_at=time(item, "expires_at"),
        )

    def choose(self, digest: str, workspace_id: str) -> None:
        chosen = Update(table=Table.CORE, key=_key(digest), set={"workspace_id": workspace_id}, when=Exists("pk"))
        with suppress(ConditionFailed):  # ended meanwhile
            self._engine.write(chosen)

    def end(self, digest: str) -> None:
        self._engine.write(Delete(table=Table.CORE, key=_key(digest)))


def _key(digest: str) -> Key:
    return Key(f"SESSION#{digest}", "SESSION")

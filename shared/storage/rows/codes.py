"""Authorization codes as rows.

core   CODE#{sha256 of the code}   CODE   what was approved, by which request; `used_by`, the grant; `ttl` a day later
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from shared.domain.moments import moment
from shared.domain.scopes import Scope
from shared.storage.codec import storable
from shared.storage.contracts.codes import Approval, IssuedCode
from shared.storage.contracts.streams import Origin
from shared.storage.engine import AllOf, ConditionFailed, Engine, Exists, Item, Key, Missing, Put, Table, Update
from shared.storage.rows.values import optional_text, text, texts, time, whole_number

KEPT = timedelta(days=1)


class StoredCodes:
    """Keeps the contract of `CodeStore` over a row engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, digest: str, code: IssuedCode) -> None:
        with suppress(
            ConditionFailed
        ):  # our own write, repeated because its answer was lost: codes are drawn of 256 bits
            self._engine.write(Put(table=Table.CORE, item=_item(digest, code), when=Missing("pk")))

    def find(self, digest: str, *, now: datetime) -> IssuedCode | None:
        item = self._engine.get(Table.CORE, _key(digest))
        # DynamoDB deletes what outlived its ttl only hours later.
        if item is None or whole_number(item, "ttl") <= int(now.timestamp()):
            return None
        return _code_in(item)


def use_of(digest: str, grant_id: str) -> Update:
    """Give the write that uses a code up, for the transaction that makes the grant: it holds once."""
    return Update(
        table=Table.CORE,
        key=_key(digest),
        set={"used_by": grant_id},
        when=AllOf((Exists("pk"), Missing("used_by"))),
    )


def _key(digest: str) -> Key:
    return Key(f"CODE#{digest}", "CODE")


def _item(digest: str, code: IssuedCode) -> Item:
    key, approval, origin = _key(digest), code.approval, code.origin
    row: Item = {
        "pk": key.pk,
        "sk": key.sk,
        "client_id": approval.client_id,
        "client_name": approval.client_name,
        "redirect_uri": approval.redirect_uri,
        "resource": approval.resource,
        "scopes": [scope.value for scope in sorted(approval.scopes)],
        "workspace_id": approval.workspace_id,
        "member_id": approval.member_id,
        "code_challenge": approval.code_challenge,
        "actor": origin.actor,
        "request_id": storable(origin.request_id),
        "ip": origin.ip,
        "user_agent": storable(origin.user_agent) if origin.user_agent is not None else None,
        "made_at": moment(code.made_at),
        "seal": code.seal,
        "used_by": code.used_by,
        "ttl": int((code.made_at + KEPT).timestamp()),
    }
    return {name: value for name, value in row.items() if value is not None}


def _code_in(item: Item) -> IssuedCode:
    return IssuedCode(
        approval=Approval(
            client_id=text(item, "client_id"),
            client_name=text(item, "client_name"),
            redirect_uri=text(item, "redirect_uri"),
            resource=text(item, "resource"),
            scopes=frozenset(Scope(scope) for scope in texts(item, "scopes")),
            workspace_id=text(item, "workspace_id"),
            member_id=text(item, "member_id"),
            code_challenge=text(item, "code_challenge"),
        ),
        origin=Origin(
            actor=text(item, "actor"),
            request_id=text(item, "request_id"),
            ip=optional_text(item, "ip"),
            user_agent=optional_text(item, "user_agent"),
        ),
        made_at=time(item, "made_at"),
        seal=text(item, "seal"),
        used_by=optional_text(item, "used_by"),
    )

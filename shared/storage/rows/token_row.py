"""A token's row: how it is written, and how it is read."""

from __future__ import annotations

import logging
from datetime import datetime
from zlib import crc32

from shared.domain.moments import moment
from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.token.state import Status, Token
from shared.domain.workspace.decider import Standing
from shared.storage.contracts.tokens import RowUnreadable, Terms, TokenRow
from shared.storage.engine import Item, Key, Value
from shared.storage.rows.grant_row import app_as, app_of, credential_of, generations_used
from shared.storage.rows.ring import window_of
from shared.storage.rows.values import optional_text, optional_time, text, texts, time, whole_number

logger = logging.getLogger(__name__)

DUE_SHARDS = 4
DUE = ("due_pk", "due_sk")
SOMETIMES = (
    *DUE,
    *("expires_at", "ended_at", "lifetime_days", "predecessor_id", "adopted_at"),
    *("successor_id", "suspended_at", "resumed_at", "reminded_days", "flagged_at"),
)
"""Attributes of a row that go when what they say is so no more."""


def token_key(token_id: str) -> Key:
    """Say where a token's row lies."""
    return Key(f"TOK#{token_id}", "STATE")


def row_of(item: Item) -> TokenRow:
    """Read a token's row.

    Raises:
        RowUnreadable: it is not as we write them.

    """
    try:
        return _row_of(item)
    except (KeyError, TypeError, ValueError) as error:
        raise RowUnreadable(str(item.get("pk"))) from error


def readable(item: Item) -> TokenRow | None:
    """Read a row among others, which are not to suffer from it: no gate lets in what cannot be read."""
    try:
        return row_of(item)
    except RowUnreadable:
        logger.exception("a token row cannot be read", extra={"row": item.get("pk")})
        return None


def _row_of(item: Item) -> TokenRow:
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
            lifetime_days=whole_number(item, "lifetime_days") if "lifetime_days" in item else None,
            predecessor_id=optional_text(item, "predecessor_id"),
            adopted_at=optional_time(item, "adopted_at"),
            successor_id=optional_text(item, "successor_id"),
            suspended_at=optional_time(item, "suspended_at"),
            resumed_at=optional_time(item, "resumed_at"),
            reminded_days=whole_number(item, "reminded_days") if "reminded_days" in item else None,
            flagged_at=optional_time(item, "flagged_at"),
            app=app_of(item),
        ),
        version=whole_number(item, "version"),
        credential=credential_of(item),
        terms=Terms(
            plan=text(item, "plan"),
            standing=Standing(text(item, "standing")),
            version=whole_number(item, "terms_version"),
            networks=tuple(texts(item, "networks")) if "networks" in item else (),
        ),
        calls=whole_number(item, "calls"),
        due_at=optional_time(item, "due_sk"),
        first_used_at=optional_time(item, "first_used_at"),
        last_used_at=optional_time(item, "last_used_at"),
        last_request_id=optional_text(item, "last_request_id"),
        window=window_of(item),
        generations_used=generations_used(item),
    )


def attributes_of(token: Token) -> dict[str, Value]:
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
    perhaps: dict[str, Value] = {
        "expires_at": _moment(token.expires_at),
        "ended_at": _moment(token.ended_at),
        "lifetime_days": token.lifetime_days,
        "predecessor_id": token.predecessor_id,
        "adopted_at": _moment(token.adopted_at),
        "successor_id": token.successor_id,
        "suspended_at": _moment(token.suspended_at),
        "resumed_at": _moment(token.resumed_at),
        "reminded_days": token.reminded_days,
        "flagged_at": _moment(token.flagged_at),
    }
    return attributes | {name: value for name, value in perhaps.items() if value is not None} | app_as(token.app)


def due_of(token_id: str, at: datetime | None) -> dict[str, Value]:
    """Write when to look at a token again (None: never, so that it is in the index no more)."""
    if at is None:
        return {}
    return {"due_pk": f"DUE#TOK#{crc32(token_id.encode()) % DUE_SHARDS}", "due_sk": moment(at)}


def _moment(at: datetime | None) -> str | None:
    return moment(at) if at is not None else None


def terms_as(terms: Terms) -> dict[str, Value]:
    """Write what the workspace grants."""
    return {
        "plan": terms.plan,
        "standing": terms.standing.value,
        "terms_version": terms.version,
        "networks": list[Value](terms.networks),
    }

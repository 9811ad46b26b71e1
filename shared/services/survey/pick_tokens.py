"""Which tokens of a workspace are asked for, and in which order: a pure function over their rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.services.survey.conditions import IN_USE, Concern, Condition, concerns_of, condition_of
from shared.storage.contracts.tokens import TokenRow


class Order(StrEnum):
    """What tokens are put in order by."""

    CREATED = "created"
    NAME = "name"
    OWNER = "owner"
    EXPIRES = "expires"
    USED = "used"


ALL_IN_USE, ALL_ENDED = "in_use", "ended"
"""Names for several conditions at once."""
GROUPS: Mapping[str, frozenset[Condition]] = {
    ALL_IN_USE: IN_USE,
    ALL_ENDED: frozenset(Condition) - IN_USE,
    **{each.value: frozenset({each}) for each in Condition},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which tokens are meant: those that meet every criterion that is given."""

    conditions: frozenset[Condition] = frozenset(Condition)
    kind: TokenKind | None = None
    owner_id: str | None = None
    scope: Scope | None = None
    concern: Concern | None = None
    text: str = ""
    """What the name holds, in whatever case, or the prefix, or what is the id."""
    order: Order = Order.CREATED
    descending: bool = True


def pick(rows: Iterable[TokenRow], asked: Asked, *, now: datetime) -> Sequence[TokenRow]:
    """Give the tokens that are meant, in order; of those that are equal there the newest first."""
    found = [row for row in rows if _is_meant(row, asked, now)]
    found.sort(key=lambda row: (row.token.created_at, row.token.token_id), reverse=True)
    found.sort(key=ORDERS[asked.order], reverse=asked.descending)
    return found


def _is_meant(row: TokenRow, asked: Asked, now: datetime) -> bool:
    token = row.token
    return (
        condition_of(token, now) in asked.conditions
        and asked.kind in {None, token.kind}
        and asked.owner_id in {None, token.owner_id}
        and (asked.scope is None or asked.scope in token.scopes)
        and (asked.concern is None or asked.concern in concerns_of(row, now))
        and _is_called(row, asked.text.strip())
    )


def _is_called(row: TokenRow, text: str) -> bool:
    token = row.token
    return text.casefold() in token.name.casefold() or text in token.prefix or text == token.token_id


NEVER_ENDS = datetime.max.replace(tzinfo=UTC)
NEVER_USED = datetime.min.replace(tzinfo=UTC)

ORDERS: Mapping[Order, Callable[[TokenRow], tuple[str | datetime, ...]]] = {
    Order.CREATED: lambda row: (row.token.created_at,),
    Order.NAME: lambda row: (row.token.name.casefold(),),
    Order.OWNER: lambda row: (row.token.owner_id,),
    Order.EXPIRES: lambda row: (row.token.expires_at or NEVER_ENDS,),
    Order.USED: lambda row: (row.last_used_at or NEVER_USED,),
}
"""A token without an end comes after all that have one, and one without a use before all that have."""

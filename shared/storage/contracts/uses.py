"""Uses of tokens as the tables' streams show them: what a change says of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedElsewhere:
    """A request was counted on a member or a workspace: the token's own row does not show the use."""

    token_id: str
    at: datetime
    generation: int = 0
    """Of a grant: which of its access tokens was shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """The row shows a use by which something is due at once: a successor is in use, or an abandoned token again."""

    token_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A call stands in the trail."""

    token_id: str
    day: date
    """In UTC."""
    scope: str | None


SeenUse = CountedElsewhere | Awaited | Called

"""The shapes of requests and answers. Unknown fields are refused: a misspelt one would do nothing, in silence."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from shared.domain.activity import Outcome
from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.token.state import Status
from shared.domain.trail.activity_feed import EVENT_TYPES
from shared.services.token_summary import summary_of
from shared.services.tool_catalogue import ToolEntry
from shared.storage.contracts.audit import AuditEntry
from shared.storage.contracts.tokens import TokenRow

TOKENS_A_PAGE = 100
EVENTS_A_PAGE = 1_000
CURSOR_LENGTH = 2_000
FILTER_LENGTH = 300
TYPES_AT_ONCE = 20

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)


def _rfc_3339(text: object) -> str:
    """Refuse the other ways to write a moment, numbers above all: nobody says if those are seconds or milliseconds."""
    if not isinstance(text, str) or _RFC_3339.fullmatch(text) is None:
        raise PydanticCustomError(
            "moment",
            "Write a moment with its offset from UTC, like 2026-11-21T14:30:00Z or 2026-11-21T15:30:00+01:00 "
            "(in the query of a URL, and only there, + is written %2B).",
        )
    return text


Moment = Annotated[AwareDatetime, BeforeValidator(_rfc_3339)]


def _whole(number: object) -> object:
    """Take `30.0` for what it is in JSON: a whole number."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


WHOLE = BeforeValidator(_whole)
Whole = Annotated[int, WHOLE]
"""A whole number in a body."""


class Body(BaseModel):
    """What a request carries."""

    model_config = ConfigDict(extra="forbid", strict=True)


class CreateTokenBody(Body):
    """A token to be generated for the caller, or for the workspace."""

    kind: Literal["personal", "organization"] = Field(
        default="personal",
        description="`organization`: it belongs to the workspace, where the plan has such tokens.",
    )
    name: str = Field(description="1 to 100 characters that say where the token is used.")
    scopes: list[str] | None = Field(
        default=None,
        max_length=50,
        description="One or more; /v1/scopes lists them. An organization token has all of them if they are left out.",
    )
    expires_in_days: Whole | None = Field(
        default=None,
        description="One of the lifetimes of the workspace's plan. An organization token has no end if it is left out.",
    )


class RenameTokenBody(Body):
    """Another name."""

    name: str = Field(description="1 to 100 characters.")


class RevokeTokenBody(Body):
    """Why the token ends."""

    reason: str = Field(description="1 to 200 characters, for the trail.")


class ListQuery(BaseModel):
    """Which part of a list is wanted."""

    model_config = ConfigDict(extra="forbid")

    cursor: str | None = Field(default=None, max_length=CURSOR_LENGTH, description="`next_cursor` of the page before.")


class TokensQuery(ListQuery):
    """Which tokens are wanted."""

    limit: int = Field(default=50, ge=1, le=TOKENS_A_PAGE)


def _event_type(text: str) -> str:
    if text not in EVENT_TYPES:
        raise ValueError(f"there is no such type of event; the types are {', '.join(sorted(EVENT_TYPES))}")
    return text


EventType = Annotated[str, AfterValidator(_event_type), Field(json_schema_extra={"enum": [*sorted(EVENT_TYPES)]})]


class EventsQuery(ListQuery):
    """Which events of the trail are wanted."""

    limit: int = Field(default=50, ge=1, le=EVENTS_A_PAGE)
    token: str | None = Field(default=None, max_length=FILTER_LENGTH, description="The id of a token.")
    actor: str | None = Field(
        default=None, max_length=FILTER_LENGTH, description="A member id, `token:…`, `operator:…` or `system:…`."
    )
    type: list[EventType] = Field(
        default_factory=list,
        max_length=TYPES_AT_ONCE,
        description="For example `token.revoked`; repeated, for any of several.",
    )
    tool: str | None = Field(default=None, max_length=FILTER_LENGTH)
    outcome: Outcome | None = Field(default=None, description="How a call ended.")
    since: Moment | None = Field(default=None, description="Not before this moment, like 2026-11-21T14:30:00Z.")
    until: Moment | None = Field(default=None, description="Before this moment, like 2026-11-21T14:30:00Z.")


class PreviewQuery(BaseModel):
    """The scopes that a token would have."""

    model_config = ConfigDict(extra="forbid")

    scopes: list[str] = Field(
        default_factory=list, max_length=50, description="Repeated, or several in one, separated by commas."
    )


class AppView(BaseModel):
    """The app that a member connected."""

    client_id: str
    name: str = Field(description="What the app calls itself.")
    redirect_host: str = Field(description="Where the app takes its answers: unlike a name, nobody can pretend that.")
    refreshed_at: datetime = Field(description="When it was given its newest tokens.")
    access_expires_at: datetime = Field(description="When its newest access token ends; it renews them by itself.")


class TokenView(BaseModel):
    """A token, without its secret."""

    id: str
    kind: TokenKind
    prefix: str = Field(description="How the token begins: enough to recognise it, useless to anybody else.")
    name: str
    scopes: tuple[Scope, ...]
    owner: str = Field(description="The member that it acts for; of an organization token the one who generated it.")
    status: Status
    created_at: datetime
    expires_at: datetime | None = Field(
        description="From when it is refused: the end of its life, or of the overlap after a rotation."
    )
    ended_at: datetime | None = Field(description="When it was revoked, expired or rotated away.")
    last_used_at: datetime | None
    predecessor: str | None = Field(description="The token in whose place a rotation made it.")
    adopted_at: datetime | None = Field(
        description="When a successor was first used; known some minutes after it happened."
    )
    successor: str | None = Field(description="The newest token that was made in its place.")
    suspended_at: datetime | None = Field(description="Since when it is suspended.")
    flagged_at: datetime | None = Field(
        description="Since when it is flagged as abandoned; a use clears it some minutes later."
    )

    app: AppView | None = Field(description="Of the kind `grant`: the app that holds it.")

    @classmethod
    def of(cls, row: TokenRow, *, now: datetime) -> Self:
        """Show the token of a row."""
        return cls(**asdict(summary_of(row.token, last_used_at=row.last_used_at, now=now)))


class CreatedToken(TokenView):
    """A token just made."""

    token: str = Field(description="The whole token. It is in this answer and nowhere else: keep it now.")


class ReplayedToken(TokenView):
    """The token that this idempotency key has made before."""

    secret_already_shown: Literal[True] = True


class TokenPage(BaseModel):
    """Some tokens, newest first."""

    data: list[TokenView]
    next_cursor: str | None


class EventView(BaseModel):
    """Something that happened, in its envelope."""

    id: str
    type: str
    at: datetime
    stream: str = Field(description="Whose history it belongs to: `token:…`, `workspace:…` or `import:…`.")
    actor: str
    request_id: str
    ip: str | None
    user_agent: str | None
    data: dict[str, Any] = Field(description="What an event of this type tells.")

    @classmethod
    def of(cls, entry: AuditEntry) -> EventView:
        """Show a row of the trail."""
        return cls(
            id=entry.event_id,
            type=entry.type,
            at=entry.at,
            stream=entry.stream,
            actor=entry.origin.actor,
            request_id=entry.origin.request_id,
            ip=entry.origin.ip,
            user_agent=entry.origin.user_agent,
            data=dict(entry.data),
        )


class EventPage(BaseModel):
    """Some of the trail, newest first. A page may be empty and still not be the last."""

    data: list[EventView]
    next_cursor: str | None


class ToolView(BaseModel):
    """A tool, as a person needs to know it."""

    name: str
    title: str
    summary: str
    scope: str | None = Field(description="The one scope that it needs (null: none, or one of several).")
    scopes: list[str] = Field(
        description="Any one of these shows it; of several the report type decides (empty: any token will do)."
    )

    @classmethod
    def of(cls, tool: ToolEntry) -> ToolView:
        """Show an entry of the catalogue."""
        scopes = sorted(map(str, tool.opened_by))
        scope = scopes[0] if len(scopes) == 1 else None
        return cls(name=tool.name, title=tool.title, summary=tool.summary, scope=scope, scopes=scopes)


class Preview(BaseModel):
    """What a token with these scopes will see."""

    scopes: list[str]
    tools: list[ToolView]


class ScopeView(BaseModel):
    """A scope, and the tools that it opens."""

    scope: str
    grants: str
    tools: list[str]


class ScopeList(BaseModel):
    """Every scope there is."""

    data: list[ScopeView]

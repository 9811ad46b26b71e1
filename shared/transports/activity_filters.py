"""The filters of the activity, as members and agents give them: a text that can match nothing is refused, and says why.

Whoever reads an empty answer takes it for "nothing happened".
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema

from shared.domain.activity import Outcome
from shared.domain.ids import PLAIN_ID, is_plain_id
from shared.services.credentials.token_format import ID_LENGTH, is_id
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.storage.contracts.audit import AuditFilter

NOBODY = {"operator", "system"}
"""Who acts, too, and is no member."""


def _token(text: str) -> str:
    """Take the id of a token, also as `actor` and `ref` have it."""
    token_id = text.removeprefix("token:")
    if not is_id(token_id):
        raise ValueError("write the id of a token, 16 letters and digits, and not the token itself")
    return token_id


def _member(text: str) -> str:
    if not is_plain_id(text) or text in NOBODY:
        raise ValueError("write the id of a member; what a token did is found by token, without its owner's id")
    return text


def _tool(text: str) -> str:
    if text not in TOOL_BY_NAME:
        raise ValueError(f"there is no such tool; the tools are {', '.join(TOOL_BY_NAME)}")
    return text


def _like(pattern: str) -> WithJsonSchema:
    """Describe the shape that is checked in words of ours."""
    return WithJsonSchema({"type": "string", "pattern": pattern})


Token = Annotated[str, AfterValidator(_token), _like(f"^(token:)?[0-9A-Za-z]{{{ID_LENGTH}}}$")]
Member = Annotated[str, AfterValidator(_member), _like(f"^{PLAIN_ID.pattern}$")]
Tool = Annotated[str, AfterValidator(_tool)]


class ActivityFilters(BaseModel):
    """Of what is told, that which meets every one of these."""

    token: Token | None = Field(
        default=None, description="Only what was done to this token and what it called: its id, as in ref (token:ID)."
    )
    member: Member | None = Field(
        default=None, description="Only what this member did, calls of their tokens included: the id, as in actor."
    )
    tool: Tool | None = Field(default=None, description="Only calls of this tool.")
    outcome: Outcome | None = Field(default=None, description="Only calls that ended so.")

    def matching(self, *, since: datetime | None, until: datetime | None) -> AuditFilter:
        """Give what the trail is asked for."""
        return AuditFilter(
            token_id=self.token, actor=self.member, tool=self.tool, outcome=self.outcome, since=since, until=until
        )

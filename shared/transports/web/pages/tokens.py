"""The tokens of the workspace: which there are, who used what when, and what asks for a look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from pydantic import BaseModel, field_validator
from starlette.responses import Response

from shared.domain.plans import plan_of
from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.token.wording import without_tokens
from shared.domain.workspace.permissions import may_see_tokens
from shared.services.survey.conditions import IN_USE, Concern, Condition
from shared.services.survey.pick_tokens import ALL_ENDED, ALL_IN_USE, GROUPS, Asked, Order
from shared.services.survey.survey_tokens import A_PAGE, MOST_ROWS, Survey, Surveyed, survey_tokens
from shared.transports.web.pages.frame import HOME, page
from shared.transports.web.pages.obstacles import obstacle_for
from shared.transports.web.pages.token_words import (
    CONDITIONS,
    KINDS,
    Hints,
    Owner,
    Said,
    hints_of,
    in_order,
    owner_of,
    owners_choices,
    short,
)
from shared.transports.web.parts import Now, Parts
from shared.transports.web.visitors import Visiting
from shared.transports.web.wording import count, number

router = APIRouter()

DONE = {
    "revoked": "Revoked. Every client that used one of these tokens is refused from its next request on.",
}
EVERY = "all"
LONGEST_SEARCH = 100
CONCERNS = {
    Concern.NEVER_USED: "Never used in a day or more",
    Concern.IDLE: "Idle 30 days or more",
    Concern.ENDS_SOON: "End within 14 days",
}
STATES = (
    (ALL_IN_USE, "Not ended"),
    *((each.value, text) for each, text in CONCERNS.items()),
    *((each.value, CONDITIONS[each].text) for each in Condition),
    (ALL_ENDED, "Ended"),
    (EVERY, "Every state"),
)
"""What the filter of states offers: what asks for a look is one of them."""
DESCENDING_FIRST = frozenset({Order.CREATED, Order.USED})
"""What is more of interest the newer it is."""


class ListQuery(BaseModel):
    """What the address of the list says. What is none of ours is passed over: addresses are kept, and age."""

    state: str = ALL_IN_USE
    kind: str = ""
    owner: str = ""
    scope: str = ""
    q: str = ""
    sort: str = Order.CREATED.value
    order: str = ""
    page: str = "1"
    done: str = ""

    @field_validator("q")
    @classmethod
    def _without_secrets(cls, text: str) -> str:
        """Hand back no token that somebody looks for by pasting it: it would stand in every link of the page."""
        return without_tokens(text)[:LONGEST_SEARCH]

    def asked(self) -> Asked:
        """Say which tokens are meant."""
        order = Order(self.sort) if self.sort in set(Order) else Order.CREATED
        concern = Concern(self.state) if self.state in set(Concern) else None
        return Asked(
            conditions=GROUPS.get(self.state, frozenset(Condition)),
            kind=TokenKind(self.kind) if self.kind in set(TokenKind) else None,
            owner_id=self.owner or None,
            scope=Scope(self.scope) if self.scope in set(Scope) else None,
            concern=concern,
            text=self.q,
            order=order,
            descending=self.order == "desc" if self.order else order in DESCENDING_FIRST,
        )

    def address(self, **changed: str) -> str:
        """Give the address of this list with something changed; what is usual is left out."""
        said = {**self.model_dump(exclude={"done", "page"}), **changed}
        usual = ListQuery().model_dump()
        told = {name: value for name, value in said.items() if value != usual[name]}
        return f"{HOME}?{urlencode(told)}" if told else HOME

    @property
    def narrows(self) -> bool:
        """Whether anything but the state leaves tokens out."""
        return any((self.kind, self.owner, self.scope, self.q.strip()))


class Column(NamedTuple):
    """The head of a column, as the macro of tables wants it."""

    label: str
    order: Order | None = None


COLUMNS = (
    Column("Token", Order.NAME),
    Column("State"),
    Column("Owner", Order.OWNER),
    Column("Scopes"),
    Column("Calls, 30 days"),
    Column("Last used", Order.USED),
    Column("Expires", Order.EXPIRES),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A token as a row of the list."""

    seen: Surveyed
    href: str
    state: Said
    owner: Owner
    scopes: Sequence[str]
    hints: Hints
    is_in_use: bool


@router.get(HOME)
def tokens(query: Annotated[ListQuery, Query()], visitor: Visiting, parts: Parts, now: Now) -> Response:
    """List the tokens."""
    page_asked = int(query.page) if query.page.isascii() and query.page.isdigit() and len(query.page) < 6 else 1  # noqa: PLR2004 - pages
    survey = survey_tokens(
        query.asked(),
        page=page_asked,
        workspace_id=visitor.workspace_id,
        member=visitor.member,
        now=now,
        tokens=parts.tokens,
        evidence=parts.evidence,
        trail=parts.trail,
    )
    lines = [
        Line(
            seen=seen,
            href=f"{HOME}/tokens/{seen.row.token.token_id}",
            state=CONDITIONS[seen.condition],
            owner=owner_of(seen.row.token, visitor),
            scopes=[short(scope) for scope in in_order(seen.row.token.scopes)],
            hints=hints_of(seen.row, seen.concerns, seen.used_scopes, now),
            is_in_use=seen.condition in IN_USE,
        )
        for seen in survey.items
    ]
    return page(
        visitor,
        "Tokens",
        "tokens.html",
        done=DONE,
        told=query.done,
        home=HOME,
        now=now,
        obstacle=obstacle_for(visitor),
        may_manage=may_see_tokens(visitor.member),
        survey=survey,
        lines=lines,
        query=query,
        head=_head(query),
        stats=_stats(survey),
        options=_options(query, survey, visitor, has_kinds=plan_of(visitor.workspace.plan).organization_tokens),
        label=_label(survey),
        previous=query.address(page=str(survey.page - 1)) if survey.page > 1 else None,
        next=query.address(page=str(survey.page + 1)) if survey.page * A_PAGE < survey.found else None,
        most_rows=number(MOST_ROWS),
    )


def _head(query: ListQuery) -> Sequence[Mapping[str, object]]:
    asked = query.asked()
    head: list[Mapping[str, object]] = []
    for column in COLUMNS:
        if column.order is None:
            head.append({"label": column.label})
            continue
        is_current = column.order is asked.order
        now_descending = asked.descending if is_current else column.order not in DESCENDING_FIRST
        head.append(
            {
                "label": column.label,
                "href": query.address(sort=column.order.value, order="asc" if now_descending else "desc"),
                "sorted": ("descending" if asked.descending else "ascending") if is_current else None,
            }
        )
    return head


def _stats(survey: Survey) -> Sequence[tuple[str, int, str | None, str]]:
    """Give label, number, tone and address of what stands above the list."""
    in_use = sum(survey.conditions.get(each, 0) for each in GROUPS[ALL_IN_USE])
    told = ((text, survey.concerns.get(each, 0), each.value) for each, text in CONCERNS.items())
    return [
        ("Not ended", in_use, None, HOME),
        *((text, found, "warn" if found else None, ListQuery().address(state=state)) for text, found, state in told),
    ]


def _options(
    query: ListQuery, survey: Survey, visitor: Visiting, *, has_kinds: bool
) -> Mapping[str, Sequence[tuple[str, str]]]:
    kinds = [(kind.value, KINDS[kind]) for kind in (TokenKind.PERSONAL, TokenKind.ORGANIZATION)]
    owners = [*owners_choices(survey.owners, visitor)]
    return {
        "state": STATES,
        "kind": [("", "Every kind"), *kinds] if has_kinds or query.kind else [],
        "owner": [("", "Every owner"), *owners] if len(owners) > 1 or query.owner else [],
        "scope": [("", "Every scope"), *((scope.value, scope.value) for scope in Scope)],
    }


def _label(survey: Survey) -> str:
    if not survey.found:
        return "No tokens"
    first = (survey.page - 1) * A_PAGE + 1
    if survey.found <= A_PAGE:
        return count(survey.found, "token")
    return f"{number(first)} to {number(min(first + A_PAGE - 1, survey.found))} of {count(survey.found, 'token')}"

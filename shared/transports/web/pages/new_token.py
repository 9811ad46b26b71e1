"""Generate a token: what it may read and which tools that opens, how long it lives; then its secret, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import Response

from shared.domain.errors import Invalid
from shared.domain.plans import plan_of
from shared.domain.scopes import GRANTS, Scope, parse_scopes
from shared.domain.token.events import TokenKind
from shared.domain.token.policy import exceeds
from shared.domain.token.wording import NAME_LENGTH, without_tokens
from shared.domain.workspace.decider import Workspace
from shared.services.create_token_once import create_token_once
from shared.services.tool_catalogue import TOOLS, ByArgument, ToolEntry, tools_for
from shared.transports.web.pages.frame import HOME, page
from shared.transports.web.pages.obstacles import obstacle_for
from shared.transports.web.pages.shown_once import USED_KEY, answer_with_secret, key_of, new_key, text_of
from shared.transports.web.pages.token_words import in_order, lifetime, short
from shared.transports.web.parts import Now, Parts
from shared.transports.web.rendering import render
from shared.transports.web.visitors import Form, Visiting, Visitor
from shared.transports.web.wording import count

router = APIRouter()

NEW = f"{HOME}/new"
LOOK = "look"
NO_END = "never"
LONGEST_SHOWN = 4 * NAME_LENGTH
"""Of a name that is much too long, so much is handed back to be mended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The form as somebody filled it in, right or wrong."""

    name: str
    kind: str
    scopes: Sequence[str]
    expires_in_days: str

    @classmethod
    def read(cls, form: FormData) -> Typed:
        """Take it from what was sent."""
        return cls(
            name=text_of(form, "name")[:LONGEST_SHOWN],
            kind=text_of(form, "kind") or TokenKind.PERSONAL.value,
            scopes=[value for value in form.getlist("scopes") if isinstance(value, str)],
            expires_in_days=text_of(form, "expires_in_days"),
        )

    @property
    def known_scopes(self) -> frozenset[Scope]:
        """The scopes that are ticked."""
        return frozenset(scope for scope in Scope if scope in self.scopes)

    def token_kind(self) -> TokenKind:
        """Say of which kind the token is to be.

        Raises:
            Invalid: it is none that can be generated (`kind_unknown`).

        """
        if self.kind not in {TokenKind.PERSONAL, TokenKind.ORGANIZATION}:
            raise Invalid("kind_unknown", "There is no such kind of token.", hint="Choose one of those.", field="kind")
        return TokenKind(self.kind)

    def days(self) -> int | None:
        """Say how long the token is to live.

        Raises:
            Invalid: nothing that could be a lifetime was chosen (`lifetime_not_allowed`).

        """
        if self.expires_in_days == NO_END:
            return None
        if not self.expires_in_days.isdecimal() or len(self.expires_in_days) > 4:  # noqa: PLR2004 - digits of days
            raise Invalid(
                "lifetime_not_allowed",
                "Choose when the token expires.",
                hint="The shortest that fits the use.",
                field="expires_in_days",
            )
        return int(self.expires_in_days)


class Offered(NamedTuple):
    """A scope as the form offers it."""

    scope: Scope
    grants: str
    is_allowed: bool


@router.get(NEW)
def new_token(visitor: Visiting, now: Now) -> Response:
    """Show the form."""
    lives = [days for days in offered_days(visitor.workspace) if days is not None]
    empty = Typed(name="", kind=TokenKind.PERSONAL.value, scopes=(), expires_in_days=str(lives[0]) if lives else NO_END)
    return _form(visitor, empty, key=new_key(), now=now)


@router.post(f"{NEW}/preview")
def preview(form: Form, visitor: Visiting, now: Now) -> Response:
    """Give the tools of the token that the form describes, as a part of a page."""
    del visitor  # who may see the form may see this
    return render("tools_preview.html", preview=preview_of(Typed.read(form), now))


@router.post(NEW)
def create(form: Form, visitor: Visiting, parts: Parts, now: Now) -> Response:
    """Generate the token; or, for whoever has no script, look at what it would see."""
    typed = Typed.read(form)
    if form.get("step") == LOOK:
        return _form(visitor, typed, key=text_of(form, "key")[:LONGEST_SHOWN], now=now)
    try:
        made = create_token_once(
            key=key_of(form),
            workspace_id=visitor.workspace_id,
            member_id=visitor.member.member_id,
            kind=typed.token_kind(),
            name=typed.name,
            scopes=parse_scopes(typed.scopes),
            expires_in_days=typed.days(),
            origin=visitor.origin,
            now=now,
            keys=parts.keys,
            tokens=parts.tokens,
            workspaces=parts.workspaces,
            replies=parts.replies,
        )
    except Invalid as wrong:
        return _form(visitor, typed, key=_key_after(wrong, form), now=now, wrong=wrong)
    return answer_with_secret(made, visitor=visitor, parts=parts, now=now)


def _key_after(wrong: Invalid, form: FormData) -> str:
    """Keep the key of a form that is sent again, unless it is none, or has made another token already."""
    return new_key() if wrong.code in {USED_KEY, "form_key_invalid"} else key_of(form)


def _form(visitor: Visitor, typed: Typed, *, key: str, now: datetime, wrong: Invalid | None = None) -> Response:
    obstacle = obstacle_for(visitor)
    if obstacle is not None:
        return page(visitor, "Tokens", "obstacle.html", status=403, home=HOME, obstacle=obstacle)
    workspace = visitor.workspace
    policy = workspace.token_policy
    lives = [(NO_END if days is None else str(days), lifetime(days)) for days in offered_days(workspace)]
    return page(
        visitor,
        "Tokens",
        "new_token.html",
        status=200 if wrong is None else 422,
        home=HOME,
        typed=replace(typed, name=without_tokens(typed.name)),
        key=key,
        kinds=plan_of(workspace.plan).organization_tokens,
        scopes=[Offered(scope, GRANTS[scope], policy.scopes is None or scope in policy.scopes) for scope in Scope],
        lives=lives,
        pattern=policy.name_pattern,
        longest_days=policy.longest_days,
        networks=policy.networks,
        longest_name=NAME_LENGTH,
        errors=_errors(wrong),
        preview=preview_of(typed, now),
    )


def offered_days(workspace: Workspace) -> Sequence[int | None]:
    """Give the lifetimes that plan and policy allow, shortest first; None, without end, of organization tokens."""
    plan = plan_of(workspace.plan)
    every = (*plan.lifetimes_days, *((None,) if plan.organization_tokens else ()))
    return [days for days in every if not exceeds(workspace.token_policy, days)]


def _errors(wrong: Invalid | None) -> Mapping[str, str]:
    """Say under which field what is to be mended; "" is the form as a whole."""
    if wrong is None:
        return {}
    if wrong.code == USED_KEY:
        return {
            "": "This form has made a token already, as it was filled in then; look for it in the list. "
            "If you want another one, send the form again."
        }
    field = wrong.field if wrong.field in {"name", "kind", "scopes", "expires_in_days"} else ""
    return {field or "": f"{wrong.message} {wrong.hint}".strip()}


class Opened(NamedTuple):
    """Tools that a scope opens, or that are open to every token."""

    title: str
    tools: Sequence[tuple[ToolEntry, str]]
    """Each with what of it is open, where that is not all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a token will see."""

    summary: str
    opened: Sequence[Opened]
    expires_at: datetime | None
    has_scopes: bool


def preview_of(typed: Typed, now: datetime) -> Preview:
    """Say what the token would see that a form describes."""
    scopes = typed.known_scopes
    seen = tools_for(scopes)
    by_scope = [(GRANTS[scope], short(scope), frozenset({scope})) for scope in in_order(scopes)]
    some = [tool for tool in seen if isinstance(tool.scope, ByArgument)]
    open_to_all = [tool for tool in seen if not tool.opened_by]
    groups = [
        *(Opened(name, [(tool, "") for tool in seen if tool.opened_by == scope]) for _, name, scope in by_scope),
        Opened("With parts of it", [(tool, _part(tool, scopes)) for tool in some]),
        Opened("Open to every token", [(tool, "") for tool in open_to_all]),
    ]
    days = typed.expires_in_days
    lives = int(days) if days.isdecimal() and len(days) <= 4 else None  # noqa: PLR2004 - digits of days
    return Preview(
        summary=f"{len(seen)} of {count(len(TOOLS), 'tool')}",
        opened=[group for group in groups if group.tools],
        expires_at=now + timedelta(days=lives) if lives is not None else None,
        has_scopes=bool(scopes),
    )


def _part(tool: ToolEntry, scopes: frozenset[Scope]) -> str:
    """Say with which values of its argument a tool is open."""
    if not isinstance(tool.scope, ByArgument):
        return ""
    values = sorted(value for value, scope in tool.scope.scopes.items() if scope in scopes)
    return f"{tool.scope.argument}: {', '.join(values)}"

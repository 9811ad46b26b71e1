"""Rotate a token: a successor takes its place, and both are let in for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as day
from datetime import datetime

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from shared.domain.errors import Conflict, DomainError, Invalid
from shared.domain.scopes import GRANTS, Scope, parse_scopes
from shared.domain.token.rotation import USUAL_OVERLAP, AlreadyRotated
from shared.domain.token.state import Token
from shared.services.make_once import Made
from shared.services.manage_tokens import find_token
from shared.services.rotate_token import WantedRotation
from shared.services.rotate_token_once import rotate_for_member
from shared.services.scope_evidence import LOOKED_BACK, scope_evidence
from shared.transports.web.pages.frame import HOME, page
from shared.transports.web.pages.shown_once import USED_KEY, answer_with_secret, key_of, new_key, text_of
from shared.transports.web.pages.token_words import in_order, lifetime
from shared.transports.web.parts import Now, Parts, WebParts
from shared.transports.web.visitors import Form, Visiting, Visitor
from shared.transports.web.wording import clock, date, relative

router = APIRouter()

PLACE = f"{HOME}/tokens/{{token_id}}/rotate"
OVERLAPS = (
    ("0", "None", "The old token is refused at once. For a secret that may be known to others."),
    ("3600", "1 hour", "For a client that you change right now."),
    ("86400", "1 day", "Time to change the client today."),
    ("604800", "7 days", "For several clients, or for a job that runs once a week."),
)
LONGEST_NUMBER = 7
CHOSEN = "chosen"
"""Sent by the form that lets scopes be chosen: there, none ticked means none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The form as somebody filled it in."""

    overlap: str
    scopes: frozenset[Scope] | None
    """What is ticked; None: nothing was asked."""
    narrow: bool

    @classmethod
    def read(cls, form: FormData) -> Typed:
        """Take it from what was sent."""
        ticked = frozenset(scope for scope in Scope if scope in form.getlist("scopes"))
        return cls(
            overlap=text_of(form, "overlap_seconds"),
            scopes=ticked if form.get(CHOSEN) else None,
            narrow=bool(form.get("narrow")),
        )

    def wanted(self) -> WantedRotation:
        """Say which rotation is meant.

        Raises:
            Invalid: the overlap is no number, or no scope is ticked.

        """
        if not self.overlap.isdecimal() or len(self.overlap) > LONGEST_NUMBER:
            raise Invalid("overlap_invalid", "Choose how long the old token is let in.", field="overlap_seconds")
        return WantedRotation(
            overlap_seconds=int(self.overlap),
            scopes=parse_scopes(self.scopes) if self.scopes is not None and not self.narrow else None,
            narrow_to_used=self.narrow,
        )


@router.get(PLACE)
def ask(token_id: str, visitor: Visiting, parts: Parts, now: Now) -> Response:
    """Show the form."""
    token = find_token(token_id, workspace_id=visitor.workspace_id, member=visitor.member, tokens=parts.tokens).token
    if not token.lives_at(now):  # its own page says since when, and what to do
        return RedirectResponse(f"{HOME}/tokens/{token_id}", status_code=303)
    usual = Typed(overlap=str(int(USUAL_OVERLAP.total_seconds())), scopes=token.scopes, narrow=False)
    return _form(token, usual, visitor, parts, now, key=new_key())


@router.post(PLACE)
def rotate(token_id: str, form: Form, visitor: Visiting, parts: Parts, now: Now) -> Response:
    """Rotate it, and show the successor's secret."""
    token = find_token(token_id, workspace_id=visitor.workspace_id, member=visitor.member, tokens=parts.tokens).token
    typed = Typed.read(form)
    try:
        made = rotate_for_member(
            token_id,
            typed.wanted(),
            key=key_of(form),
            workspace_id=visitor.workspace_id,
            member=visitor.member,
            origin=visitor.origin,
            now=now,
            keys=parts.keys,
            tokens=parts.tokens,
            workspaces=parts.workspaces,
            replies=parts.replies,
            evidence=parts.evidence,
            audit=parts.trail.audit,
        )
    except (Invalid, Conflict) as refused:
        return _form(token, typed, visitor, parts, now, key=new_key(), refused=refused)
    return answer_with_secret(
        made, visitor=visitor, parts=parts, now=now, rotated=_what_of_the_old(token_id, made, parts, now)
    )


def _what_of_the_old(token_id: str, made: Made, parts: WebParts, now: datetime) -> str:
    """Say what becomes of the token that was rotated."""
    row = parts.tokens.get(token_id)
    old = row.token if row is not None else None
    name = f"“{made.token.name}” ({old.prefix}…)" if old is not None else "The old token"
    if old is None or not old.lives_at(now) or old.expires_at is None:
        return f"{name} is refused from now on."
    return f"{name} is let in until {clock(old.expires_at)}, {relative(old.expires_at, now)}. Change the client before."


def _form(
    token: Token,
    typed: Typed,
    visitor: Visitor,
    parts: WebParts,
    now: datetime,
    *,
    key: str,
    refused: DomainError | None = None,
) -> Response:
    found = scope_evidence(token, now=now, tokens=parts.tokens, evidence=parts.evidence, audit=parts.trail.audit)
    ticked = typed.scopes if typed.scopes is not None else token.scopes
    successor = refused.successor_id if isinstance(refused, AlreadyRotated) else None
    return page(
        visitor,
        "Tokens",
        "rotate.html",
        status=200 if refused is None else 422 if isinstance(refused, Invalid) else 409,
        home=HOME,
        here=f"{HOME}/tokens/{token.token_id}",
        token=token,
        key=key,
        overlaps=OVERLAPS,
        overlap=typed.overlap,
        scopes=[
            (scope, f"{GRANTS[scope]}. {_use(found.used.get(scope))}", scope in ticked)
            for scope in in_order(token.scopes)
        ],
        life=lifetime(token.lifetime_days),
        errors=_errors(refused),
        conflict=refused if isinstance(refused, Conflict) else None,
        successor=f"{HOME}/tokens/{successor}" if successor is not None else None,
        expires=date(token.expires_at) if token.expires_at is not None else None,
    )


def _use(last: day | None) -> str:
    return f"Last needed on {last.day} {last:%b %Y}." if last is not None else f"Not needed in {LOOKED_BACK.days} days."


def _errors(refused: DomainError | None) -> dict[str, str]:
    if not isinstance(refused, Invalid):
        return {}
    if refused.code == USED_KEY:
        return {"": "This form has rotated the token already, in another way. Look it over and send it again."}
    field = refused.field if refused.field in {"overlap_seconds", "scopes"} else ""
    return {field or "": f"{refused.message} {refused.hint}".strip()}

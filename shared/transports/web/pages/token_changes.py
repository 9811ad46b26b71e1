"""Revoke, suspend, resume and rename a token, each with what follows from it told before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from shared.domain.errors import Conflict, DomainError, Invalid
from shared.domain.token.state import Token
from shared.domain.token.wording import NAME_LENGTH, REASON_LENGTH, without_tokens
from shared.services.manage_tokens import find_token, rename_token, resume_token, revoke_token, suspend_token
from shared.storage.contracts.tokens import TokenRow
from shared.transports.web.pages.frame import HOME, page
from shared.transports.web.pages.shown_once import text_of
from shared.transports.web.parts import Now, Parts, WebParts
from shared.transports.web.visitors import Form, Visiting, Visitor

router = APIRouter()

PLACE = f"{HOME}/tokens/{{token_id}}/{{change}}"
LONGEST_SHOWN = 4 * REASON_LENGTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A change that somebody asks for."""

    token_id: str
    text: str
    visitor: Visitor
    parts: WebParts
    now: datetime


class Change(NamedTuple):
    """Something that can be done with one token."""

    title: str
    consequence: str
    yes: str
    kind: str
    """How grave the button looks."""
    done: str
    field: str
    label: str
    help: str
    longest: int
    carry_out: Callable[[Asked], TokenRow]


def _revoke(asked: Asked) -> TokenRow:
    return revoke_token(
        asked.token_id,
        reason=asked.text,
        workspace_id=asked.visitor.workspace_id,
        member=asked.visitor.member,
        origin=asked.visitor.origin,
        now=asked.now,
        keys=asked.parts.keys,
        tokens=asked.parts.tokens,
    )


def _suspend(asked: Asked) -> TokenRow:
    return suspend_token(
        asked.token_id,
        reason=asked.text,
        workspace_id=asked.visitor.workspace_id,
        member=asked.visitor.member,
        origin=asked.visitor.origin,
        now=asked.now,
        keys=asked.parts.keys,
        tokens=asked.parts.tokens,
    )


def _resume(asked: Asked) -> TokenRow:
    return resume_token(
        asked.token_id,
        reason=asked.text,
        workspace_id=asked.visitor.workspace_id,
        member=asked.visitor.member,
        origin=asked.visitor.origin,
        now=asked.now,
        keys=asked.parts.keys,
        tokens=asked.parts.tokens,
        workspaces=asked.parts.workspaces,
    )


def _rename(asked: Asked) -> TokenRow:
    return rename_token(
        asked.token_id,
        name=asked.text,
        workspace_id=asked.visitor.workspace_id,
        member=asked.visitor.member,
        origin=asked.visitor.origin,
        now=asked.now,
        keys=asked.parts.keys,
        tokens=asked.parts.tokens,
        workspaces=asked.parts.workspaces,
    )


CHANGES: Mapping[str, Change] = {
    "revoke": Change(
        title="Revoke this token?",
        consequence="Every client that uses it is refused from its next request on. "
        "It never comes back: to go on, a client needs another token.",
        yes="Revoke",
        kind="danger",
        done="revoked",
        field="reason",
        label="Reason",
        help="It stays in the trail, and its owner is told.",
        longest=REASON_LENGTH,
        carry_out=_revoke,
    ),
    "suspend": Change(
        title="Suspend this token?",
        consequence="Every client that uses it is refused from its next request on, until somebody resumes it. "
        "Its time runs on meanwhile.",
        yes="Suspend",
        kind="danger",
        done="suspended",
        field="reason",
        label="Reason",
        help="It stays in the trail, and its owner is told.",
        longest=REASON_LENGTH,
        carry_out=_suspend,
    ),
    "resume": Change(
        title="Resume this token?",
        consequence="Every client that still holds it is let in again from its next request on.",
        yes="Resume",
        kind="primary",
        done="resumed",
        field="reason",
        label="Reason",
        help="It stays in the trail.",
        longest=REASON_LENGTH,
        carry_out=_resume,
    ),
    "rename": Change(
        title="Rename this token",
        consequence="Only what lists show changes; clients notice nothing.",
        yes="Rename",
        kind="primary",
        done="renamed",
        field="name",
        label="Name",
        help="Where it is used, so that you know it again.",
        longest=NAME_LENGTH,
        carry_out=_rename,
    ),
}
"""What the last part of the address says -> what is done."""
SHUTTING_OUT = frozenset({"revoke", "suspend"})
"""Of these it matters what they do not shut out."""


@router.get(PLACE)
def ask(token_id: str, change: str, visitor: Visiting, parts: Parts, now: Now) -> Response:
    """Ask whether it is to be done; with a script a dialog on the token's page asks the same."""
    wanted = _wanted(change)
    row = find_token(token_id, workspace_id=visitor.workspace_id, member=visitor.member, tokens=parts.tokens)
    typed = row.token.name if wanted.field == "name" else ""
    return _page(visitor, row.token, change, wanted, typed=typed, others=beside(row.token, parts, now))


@router.post(PLACE)
def carry_out(token_id: str, change: str, *, form: Form, visitor: Visiting, parts: Parts, now: Now) -> Response:
    """Do it."""
    wanted = _wanted(change)
    before = find_token(token_id, workspace_id=visitor.workspace_id, member=visitor.member, tokens=parts.tokens)
    typed = text_of(form, wanted.field)
    try:
        after = wanted.carry_out(Asked(token_id=token_id, text=typed, visitor=visitor, parts=parts, now=now))
    except (Invalid, Conflict) as refused:
        others = beside(before.token, parts, now)
        return _page(visitor, before.token, change, wanted, typed=typed[:LONGEST_SHOWN], others=others, refused=refused)
    done = _done(wanted, before.token, after.token, now)
    return RedirectResponse(f"{HOME}/tokens/{token_id}?done={done}", status_code=303)


def _done(wanted: Change, before: Token, after: Token, now: datetime) -> str:
    """Name what to say of a change: a token may have been changed since the page was shown that it was asked on."""
    if not before.lives_at(now):
        return "renamed_ended" if wanted.field == "name" else "ended"
    return wanted.done if after != before else f"{wanted.done}_before"


def beside(token: Token, parts: WebParts, now: datetime) -> str:
    """Say which other token of a rotation is let in still, whatever is done to this one."""
    ids = (token.predecessor_id, token.successor_id)
    rows = [row for each in ids if each is not None and (row := parts.tokens.get(each)) is not None]
    living = [f"{row.token.prefix}…" for row in rows if row.token.lives_at(now)]
    return f"The other token of the rotation, {' and '.join(living)}, is let in all the same." if living else ""


def _wanted(change: str) -> Change:
    if change not in CHANGES:
        raise HTTPException(404)
    return CHANGES[change]


def _page(
    visitor: Visitor,
    token: Token,
    name: str,
    wanted: Change,
    *,
    typed: str,
    others: str,
    refused: DomainError | None = None,
) -> Response:
    return page(
        visitor,
        "Tokens",
        "token_change.html",
        status=200 if refused is None else 422 if isinstance(refused, Invalid) else 409,
        home=HOME,
        here=f"{HOME}/tokens/{token.token_id}",
        token=token,
        name=name,
        change=wanted,
        others=others if name in SHUTTING_OUT else "",
        typed=without_tokens(typed),
        error=f"{refused.message} {refused.hint}".strip() if isinstance(refused, Invalid) else None,
        conflict=refused if isinstance(refused, Conflict) else None,
    )

"""Revoke many tokens at once: choose them, see what ends, then confirm exactly that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import date as day

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from shared.domain.errors import Invalid
from shared.domain.scopes import Scope, parse_scopes
from shared.domain.token.events import TokenKind
from shared.domain.token.wording import REASON_LENGTH, without_tokens
from shared.domain.workspace.permissions import may_see_tokens
from shared.services.credentials.token_format import is_id
from shared.services.revoke_tokens import SHOWN, Preview, Selection, preview_revocation, revoke_selected
from shared.services.survey.conditions import condition_of
from shared.storage.contracts.tokens import TokenRow
from shared.transports.web.pages.frame import HOME, page
from shared.transports.web.pages.obstacles import NOT_FOR_ANALYSTS
from shared.transports.web.pages.people import named
from shared.transports.web.pages.shown_once import text_of
from shared.transports.web.pages.token_words import CONDITIONS, KINDS, Owner, Said, owner_of
from shared.transports.web.parts import Now, Parts
from shared.transports.web.visitors import Form, Visiting, Visitor
from shared.transports.web.wording import count

router = APIRouter()

HERE = f"{HOME}/revoke"
LATELY = timedelta(days=7)
MOST_CHOSEN = 200
"""Of ids that a form may name: a page of the list has fewer."""
TICKED = "ticked"
"""Sent by the list of tokens, where rows are ticked."""
NOTHING_TICKED = Invalid(
    "selection_empty", "No token was ticked in the list.", hint="Go back and tick some, or say here which are meant."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The criteria as somebody filled them in."""

    owner: str = ""
    scope: str = ""
    before: str = ""
    token_ids: frozenset[str] = frozenset()

    @classmethod
    def read(cls, form: FormData) -> Typed:
        """Take them from what was sent."""
        ids = (value for value in form.getlist("token")[:MOST_CHOSEN] if isinstance(value, str) and is_id(value))
        return cls(
            owner=text_of(form, "owner"),
            scope=text_of(form, "scope"),
            before=text_of(form, "before"),
            token_ids=frozenset(ids),
        )

    def selection(self) -> Selection:
        """Say which tokens are meant.

        Raises:
            Invalid: the day is none, or there is no such scope.

        """
        try:
            before = datetime.combine(day.fromisoformat(self.before), datetime.min.time(), UTC) if self.before else None
        except ValueError:
            raise Invalid("moment_invalid", "Write the day like 2026-11-21.", field="before") from None
        return Selection(
            owner_id=self.owner or None,
            scope=next(iter(parse_scopes([self.scope], field="scope"))) if self.scope else None,
            issued_before=before,
            token_ids=self.token_ids,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """A token that would end."""

    row: TokenRow
    state: Said
    owner: Owner
    kind: str
    is_in_use: bool
    """Whether somebody used it lately, and would miss it."""


@router.get(HERE)
def choose(visitor: Visiting) -> Response:
    """Ask which."""
    return _form(visitor, Typed())


@router.post(HERE)
def look(form: Form, visitor: Visiting, parts: Parts, now: Now) -> Response:
    """Show what would end. Nothing is changed."""
    typed = Typed.read(form)
    try:
        preview = preview_revocation(
            typed.selection(),
            workspace_id=visitor.workspace_id,
            member=visitor.member,
            now=now,
            keys=parts.keys,
            tokens=parts.tokens,
        )
    except Invalid as wrong:
        nothing = wrong.code == "selection_empty" and TICKED in form
        return _form(visitor, typed, wrong=NOTHING_TICKED if nothing else wrong)
    return _preview(visitor, preview, now)


@router.post(f"{HERE}/confirmed")
def carry_out(form: Form, visitor: Visiting, parts: Parts, now: Now) -> Response:
    """Revoke what was shown, some hundreds at a time."""
    confirmation, reason = text_of(form, "confirmation"), text_of(form, "reason")
    try:
        done = revoke_selected(
            confirmation,
            reason=reason,
            workspace_id=visitor.workspace_id,
            member=visitor.member,
            origin=visitor.origin,
            now=now,
            keys=parts.keys,
            tokens=parts.tokens,
        )
    except Invalid as wrong:
        if wrong.field != "reason":
            return _form(visitor, Typed(), wrong=wrong)
        return _confirm(visitor, confirmation, wrong=wrong, reason=reason[: 4 * REASON_LENGTH])
    if done.more:
        return _confirm(visitor, confirmation, reason=reason, revoked=done.revoked)
    return RedirectResponse(f"{HOME}?done=revoked", status_code=303)


def _form(visitor: Visitor, typed: Typed, *, wrong: Invalid | None = None) -> Response:
    if not may_see_tokens(visitor.member):
        return page(visitor, "Tokens", "obstacle.html", status=403, home=HOME, obstacle=NOT_FOR_ANALYSTS)
    workspace = visitor.workspace
    owners = sorted({*workspace.members, *workspace.former_members})
    field = wrong.field if wrong is not None and wrong.field in {"scope", "before"} else ""
    return page(
        visitor,
        "Tokens",
        "revoke_tokens.html",
        status=200 if wrong is None else 422,
        home=HOME,
        typed=typed,
        owners=[("", "Anybody"), *((each, named(each, visitor)) for each in owners)],
        scopes=[("", "Any scope"), *((scope.value, scope.value) for scope in Scope)],
        errors={field or "": f"{wrong.message} {wrong.hint}".strip()} if wrong is not None else {},
    )


def _preview(visitor: Visitor, preview: Preview, now: datetime) -> Response:
    victims = [_victim(row, visitor, now) for row in preview.shown]
    in_use = sum(victim.is_in_use for victim in victims)
    apps = sum(row.token.kind is TokenKind.GRANT for row in preview.shown)
    return _confirm(
        visitor,
        preview.confirmation,
        found=preview.count,
        victims=victims,
        in_use=in_use,
        apps=apps,
        more=preview.count - len(victims),
        now=now,
    )


def _victim(row: TokenRow, visitor: Visitor, now: datetime) -> Victim:
    return Victim(
        row=row,
        state=CONDITIONS[condition_of(row.token, now)],
        owner=owner_of(row.token, visitor),
        kind=KINDS[row.token.kind],
        is_in_use=row.last_used_at is not None and now - row.last_used_at < LATELY,
    )


def _confirm(
    visitor: Visitor,
    confirmation: str,
    *,
    found: int | None = None,
    victims: Sequence[Victim] = (),
    in_use: int = 0,
    apps: int = 0,
    more: int = 0,
    revoked: int = 0,
    reason: str = "",
    wrong: Invalid | None = None,
    now: datetime | None = None,
) -> Response:
    return page(
        visitor,
        "Tokens",
        "revoke_confirm.html",
        status=200 if wrong is None else 422,
        home=HOME,
        confirmation=confirmation,
        found=found,
        victims=victims,
        in_use=in_use,
        apps=apps,
        more=more,
        shown=SHOWN,
        revoked=count(revoked, "token") if revoked else "",
        reason=without_tokens(reason),
        longest=REASON_LENGTH,
        error=f"{wrong.message} {wrong.hint}".strip() if wrong is not None else None,
        now=now,
    )

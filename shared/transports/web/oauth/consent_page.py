"""What a person reads before they let an app in: who it is, where it leads, what it may read, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from starlette.responses import Response

from shared.domain.oauth.clients import OAuthClient
from shared.domain.scopes import GRANTS, Scope
from shared.domain.workspace.permissions import may_see_tokens
from shared.services.grants.consent import Question, seal_question
from shared.services.grants.offer import NoOffer, Offer, make_offer
from shared.services.grants.refusals import GrantRefused
from shared.services.tool_catalogue import TOOLS
from shared.transports.web.oauth.way_to_client import WayToClient
from shared.transports.web.parts import WebParts
from shared.transports.web.rendering import render
from shared.transports.web.visitors import Visitor
from shared.transports.web.walls import CONTENT_SECURITY_POLICY


class Line(NamedTuple):
    """A scope to tick."""

    value: str
    grants: str
    tools: str


def show_consent(
    question: Question, way: WayToClient, visitor: Visitor, parts: WebParts, *, now: datetime, error: str | None = None
) -> Response:
    """Show the page; `error` is what was wrong with the answer."""
    here = visitor.workspace_id
    offer = make_offer(question.approval.scopes, visitor.workspace, visitor.member.member_id)
    return render(
        "consent.html",
        status=200 if error is None else 422,
        headers={"Content-Security-Policy": _policy(way)},
        consent=seal_question(question, visitor.signed_in.session, now=now, keys=parts.keys),
        question=question,
        way=way,
        visitor=visitor,
        others=[(each.workspace_id, each.name) for each in visitor.workspaces if each.workspace_id != here],
        offer=offer if isinstance(offer, Offer) else None,
        obstacle=offer if isinstance(offer, NoOffer) else None,
        lines=_lines(offer.scopes) if isinstance(offer, Offer) else (),
        for_all=[tool.title for tool in TOOLS if not tool.opened_by],
        sees_less=Scope.ACTIVITY in question.approval.scopes and not may_see_tokens(visitor.member),
        ends_at=now + timedelta(days=offer.longest_days) if isinstance(offer, Offer) else None,
        error=error,
    )


def show_refusal(refusal: GrantRefused, client: OAuthClient, way: WayToClient) -> Response:
    """Say what is wrong with a request; whether the client is told is the person's to say."""
    return render("app_refused.html", status=400, refusal=refusal, client=client, way=way, back=way.address_of(refusal))


def _lines(scopes: frozenset[Scope]) -> Sequence[Line]:
    return [
        Line(scope, GRANTS[scope], ", ".join(tool.title for tool in TOOLS if scope in tool.opened_by))
        for scope in Scope
        if scope in scopes
    ]


def _policy(way: WayToClient) -> str:
    """Let the answer's redirect leave us, which Chromium counts to the form."""
    there = f" {way.form_action}" if way.form_action is not None else ""
    return CONTENT_SECURITY_POLICY.replace("form-action 'self'", f"form-action 'self'{there}")

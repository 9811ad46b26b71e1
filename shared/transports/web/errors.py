"""What a person sees when something is refused, is not there, or fails: a page that says what to do."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import NamedTuple

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from shared.domain.errors import Conflict, DomainError, Invalid, NotFound, NotPermitted
from shared.domain.oauth.clients import ClientRefused
from shared.domain.token.wording import without_tokens
from shared.services.find_membership import NotAMember, WorkspaceUnnamed
from shared.services.sessions.session import find_session, form_key
from shared.storage.contracts.seals import SealLost
from shared.storage.contracts.streams import PositionInvalid, StoreUnavailable, StreamMoved
from shared.transports.issuer import IssuerSilent
from shared.transports.web.oauth.answers import is_for_clients, tell_error
from shared.transports.web.pages.frame import ROOMS
from shared.transports.web.parts import WebParts
from shared.transports.web.refusals import FormRefused, SignInFailed, SignInNeeded
from shared.transports.web.rendering import render
from shared.transports.web.sign_in import STATE_COOKIE, forget, sign_in_address, way_back
from shared.transports.web.visitors import SESSION_COOKIE, address_of, request_id_of, theirs

logger = logging.getLogger(__name__)


class Form(NamedTuple):
    """How a kind of refusal is told."""

    status: int
    title: str
    retry_seconds: int | None = None


FORMS: dict[type[Exception], Form] = {
    ClientRefused: Form(400, "The app cannot be connected"),
    SignInFailed: Form(400, "You are not signed in"),
    FormRefused: Form(403, "Nothing was changed"),
    NotPermitted: Form(403, "This is not for your role"),
    NotFound: Form(404, "There is nothing here"),
    Conflict: Form(409, "Something has happened in between"),
    Invalid: Form(422, "That cannot be done"),
    PositionInvalid: Form(422, "This page is too old"),
    SealLost: Form(500, "Something went wrong on our side"),
    IssuerSilent: Form(503, "The sign-in does not answer", 10),
    StoreUnavailable: Form(503, "We cannot reach our store", 5),
    StreamMoved: Form(503, "Somebody else is changing this", 1),
}

INTERNAL = Form(500, "Something went wrong on our side")


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence and what to do."""

    message: str
    hint: str


WORDS: dict[type[Exception], Words] = {
    PositionInvalid: Words("The list has moved on since this page was made.", "Go back to its first page."),
    IssuerSilent: Words(
        "Whoever checks sign-ins does not answer at the moment. Nothing was changed.", "Try again in a few seconds."
    ),
    StoreUnavailable: Words(
        "Our store does not answer at the moment. If you were changing something, look whether it was done "
        "before you do it again.",
        "Load the page again in a few seconds.",
    ),
    StreamMoved: Words("Others kept changing the same thing, so nothing was changed.", "Try again."),
}
OUR_FAULT = Words(
    "It is not your doing, and it has been noted.", "Try again; if it happens again, tell us the reference."
)
NO_PAGE = Words("There is no such page.", "Begin anew from the button below.")
NOT_UNDERSTOOD = Words("The address or the form is not one that our pages make.", "Begin anew from the button below.")
LIST_MOVED = Words(
    "This part of the list was opened too long ago, or for another filter.", "Begin at its newest entry."
)


def tell_errors(app: FastAPI) -> None:
    """Have every error answered: with a page, or for a client as OAuth says."""
    for kind in (*FORMS, DomainError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, _tell)


async def _tell(request: Request, error: Exception) -> Response:
    if is_for_clients(request):
        return tell_error(request, error)
    match error:
        case SignInNeeded():
            return _to_the_sign_in(request, error)
        case SignInFailed():  # what was begun is good for one try
            answer = _page(request, form_of(error), Words(error.message, error.hint))
            forget(answer, STATE_COOKIE)
            return answer
        case WorkspaceUnnamed() | NotAMember():
            return _no_one_workspace(request, error)
        case HTTPException(status_code=404):
            return _page(request, Form(404, "There is nothing here"), NO_PAGE)
        case HTTPException(status_code=status):
            answer = _page(request, Form(status, "That cannot be done"), NOT_UNDERSTOOD)
            answer.headers.update(error.headers or {})  # which methods there are, if it was another
            return answer
        case RequestValidationError():
            return _page(request, Form(422, "That cannot be done"), NOT_UNDERSTOOD)
        case DomainError():
            is_of_list = error.code == "cursor_invalid"
            return _page(request, form_of(error), LIST_MOVED if is_of_list else Words(error.message, error.hint))
        case _ if type(error) in WORDS:
            logger.warning("a page was refused", extra={"request_id": request_id_of(request)}, exc_info=error)
            return _page(request, form_of(error), WORDS[type(error)])
        case _:
            # The traceback is logged by whoever called the app: the framework raises the error again.
            logger.error("a page failed", extra={"request_id": request_id_of(request)})
            return _page(request, INTERNAL, OUR_FAULT)


def _to_the_sign_in(request: Request, needed: SignInNeeded) -> Response:
    """Lead there whoever asks for a page; whoever sends a form is told, for a form may lead to pages of ours alone."""
    if request.method == "GET":
        return RedirectResponse(sign_in_address(needed.back_to), status_code=303)
    address = sign_in_address(way_back(needed.back_to))
    return render("sign_in_again.html", status=401, address=address)


def form_of(error: Exception) -> Form:
    """Find an error's place in the table: its own, or that of the kind which it is a case of."""
    return next((FORMS[kind] for kind in type(error).__mro__ if kind in FORMS), INTERNAL)


def _page(request: Request, form: Form, words: Words) -> Response:
    headers = {"Retry-After": str(form.retry_seconds)} if form.retry_seconds is not None else None
    return render(
        "error.html",
        status=form.status,
        headers=headers,
        form=form,
        message=without_tokens(words.message).replace("`", ""),
        hint=without_tokens(words.hint).replace("`", ""),
        reference=request_id_of(request),
        room=_room_of(request.url.path),
    )


def _room_of(path: str) -> tuple[str, str]:
    """Give name and address of the room that a page is in: the most exact one, and else the first."""
    within = (room for room in reversed(ROOMS.items()) if path.startswith(room[1]))
    return next(within, ("Tokens", ROOMS["Tokens"]))


def _no_one_workspace(request: Request, error: WorkspaceUnnamed | NotAMember) -> Response:
    """Ask which of several a person means; or tell one who has none what an owner needs to let them in."""
    parts: WebParts = request.app.state.parts
    session = find_session(request.cookies.get(SESSION_COOKIE), now=parts.now(), sessions=parts.sessions)
    if session is None:
        return RedirectResponse(sign_in_address(""), status_code=303)
    if isinstance(error, NotAMember):
        return render("no_workspace.html", status=403, csrf=form_key(session, parts.keys), session=session)
    return render(
        "choose_workspace.html",
        csrf=form_key(session, parts.keys),
        workspaces=[row.workspace for row in theirs(session, parts)],
        next=address_of(request),
    )

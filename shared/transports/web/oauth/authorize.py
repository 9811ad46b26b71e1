"""/oauth/authorize: a client asks, a person answers (RFC 6749, section 4.1).

GET   the consent page, for whoever is signed in and a member; with a wrong client or redirect URI an error page
POST  the answer: to the client with a code, or with `access_denied`

What else is wrong with a request is told to the person, who may go back and tell the client: whoever can publish a
document or register could else send people from our address to theirs (RFC 9700, section 4.11.2). Each answer to a
client says who gives it (`iss`, RFC 9207).
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from shared.domain.oauth.clients import ClientError, ClientRefused, redirect_of
from shared.domain.scopes import parse_scopes
from shared.services.grants.approve import issue_code
from shared.services.grants.consent import Question, open_question
from shared.services.grants.find_client import find_client
from shared.services.grants.parameters import Parameters
from shared.services.grants.read_request import AuthorizationRequest, read_request
from shared.services.grants.refusals import GrantRefused, OAuthError
from shared.storage.contracts.codes import Approval
from shared.transports.web.oauth.consent_page import show_consent, show_refusal
from shared.transports.web.oauth.metadata import AUTHORIZE
from shared.transports.web.oauth.way_to_client import WayToClient
from shared.transports.web.parts import Now, Parts, WebParts
from shared.transports.web.sign_in import LONGEST_WAY_BACK
from shared.transports.web.visitors import Form, Guest, Visiting, address_of, visit

router = APIRouter()


async def _can_wait(request: Request) -> None:
    """Refuse a request that would be lost at a sign-in, whether or not there is one."""
    if len(address_of(request)) > LONGEST_WAY_BACK:
        raise ClientRefused(
            ClientError.INVALID_CLIENT,
            "The app's request is too long.",
            hint=f"Whoever makes the app has to mend it: path and query have up to {LONGEST_WAY_BACK:,} characters.",
        )


@router.get(AUTHORIZE, dependencies=[Depends(_can_wait)])
def ask(request: Request, visitor: Visiting, parts: Parts, now: Now) -> Response:
    """Ask the person; only for one who is signed in is a client's document fetched."""
    asked = Parameters.of(request.query_params.multi_items())
    for name in ("client_id", "redirect_uri"):
        _check_one(asked, name)
    client = find_client(asked.one("client_id"), keys=parts.keys, documents=parts.documents, now=now)
    redirect_uri = redirect_of(client, asked.one("redirect_uri"))
    way = WayToClient(redirect_uri=redirect_uri, state=asked.one("state"), issuer=parts.public_url)
    wanted = _read(asked, parts)
    if isinstance(wanted, GrantRefused):
        return show_refusal(wanted, client, way)
    approval = Approval(
        client_id=client.client_id,
        client_name=client.name,
        redirect_uri=way.redirect_uri,
        resource=parts.endpoint,
        scopes=wanted.scopes,
        workspace_id=visitor.workspace_id,
        member_id=visitor.member.member_id,
        code_challenge=wanted.code_challenge,
    )
    question = Question(approval=approval, state=way.state, home=client.home, address=address_of(request))
    return show_consent(question, way, visitor, parts, now=now)


@router.post(AUTHORIZE)
def answer(guest: Guest, form: Form, parts: Parts, now: Now) -> Response:
    """Take the answer to the question that the form carries, whatever the session looks at by now."""
    question = open_question(str(form.get("consent")), guest.session, now=now, keys=parts.keys)
    visitor = visit(guest, question.approval.workspace_id, parts)
    way = WayToClient(redirect_uri=question.approval.redirect_uri, state=question.state, issuer=parts.public_url)
    if form.get("answer") != "approve":
        denied = "The user denied the request."
        return way.with_refusal(
            GrantRefused(OAuthError.ACCESS_DENIED, denied, hint="Ask again only when they want to.")
        )
    ticked = form.getlist("scope")
    if not ticked:
        return show_consent(question, way, visitor, parts, now=now, error="Tick at least one, or deny.")
    code = issue_code(
        question.answered(parse_scopes(map(str, ticked), field="scope")),
        origin=visitor.origin,
        now=now,
        keys=parts.keys,
        codes=parts.codes,
        workspaces=parts.workspaces,
    )
    return way.with_code(code)


def _check_one(asked: Parameters, name: str) -> None:
    if len(asked.all(name)) > 1:
        raise ClientRefused(
            ClientError.INVALID_CLIENT,
            f"The app's request names more than one {name}.",
            hint="Whoever makes the app has to mend it: each is sent once.",
            field=name,
        )


def _read(asked: Parameters, parts: WebParts) -> AuthorizationRequest | GrantRefused:
    try:
        return read_request(asked, resource=parts.endpoint)
    except GrantRefused as refusal:
        return refusal

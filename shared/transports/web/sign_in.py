"""/auth: sign in with the issuer, sign out, look at another workspace.

GET  /auth/sign-in     -> the issuer, with PKCE, state and nonce, which a sealed cookie keeps for the way back
GET  /auth/callback    <- the issuer, with a code; a session begins, and the page that was asked for follows
POST /auth/sign-out    the session ends here, then at the issuer if it says where
POST /auth/workspace   another of the person's workspaces
"""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, cast
from urllib.parse import urlencode, urlsplit

from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from fastapi import APIRouter, Query, Request
from httpx2 import HTTPError
from starlette.responses import RedirectResponse, Response

from shared.domain.errors import NotFound
from shared.domain.text import shortened
from shared.services.sessions.session import LIFETIME, begin_session
from shared.services.signed import read_signed, sign_text
from shared.transports.issuer import IssuerSilent, NotBelieved
from shared.transports.web.pages.frame import HOME
from shared.transports.web.parts import Now, Parts, WebParts
from shared.transports.web.refusals import SignInFailed
from shared.transports.web.rendering import render
from shared.transports.web.visitors import SESSION_COOKIE, Form, Guest, theirs

logger = logging.getLogger(__name__)

CALLBACK = "/auth/callback"
SIGNED_OUT = "/auth/signed-out"
BACK_TO = ("/dashboard/", "/oauth/authorize?")
"""Where a sign-in may lead back to: paths of ours, never an address."""
LONGEST_WAY_BACK = 2_700
"""A cookie holds 4,096 bytes, and a sealed text is longer by a third."""
STATE_COOKIE = "__Host-signin"
STATE_SECONDS = 900
OF = ("sign-in",)
TIMEOUT_SECONDS = 5
NAMED_BY = ("name", "email", "preferred_username")
LONGEST_NAME = 80

router = APIRouter(prefix="/auth")


@router.get("/sign-in")
def sign_in(parts: Parts, now: Now, next: Annotated[str, Query(max_length=8_000)] = "") -> Response:  # noqa: A002 - the name that the field uses
    """Send the browser to the issuer."""
    verifier, nonce = generate_token(64), generate_token(32)
    with _client(parts) as client:
        address, state = client.create_authorization_url(
            _endpoint(parts, "authorization_endpoint"), code_verifier=verifier, nonce=nonce
        )
    kept = json.dumps({"state": state, "nonce": nonce, "verifier": verifier, "next": way_back(next)})
    answer = RedirectResponse(address, status_code=303)
    _set(answer, STATE_COOKIE, sign_text(kept, of=OF, now=now, keys=parts.keys), seconds=STATE_SECONDS)
    return answer


@router.get("/callback")
def callback(request: Request, parts: Parts, now: Now) -> Response:
    """Take the person back from the issuer."""
    kept = _kept(request, parts, now)
    claims = _claims(request, kept, parts, now)
    session_id = begin_session(
        issuer=parts.issuer.url,
        subject=claims["sub"],
        person=name_in(claims),
        replacing=request.cookies.get(SESSION_COOKIE),
        now=now,
        sessions=parts.sessions,
    )
    answer = RedirectResponse(way_back(kept["next"]), status_code=303)
    _set(answer, SESSION_COOKIE, session_id, seconds=int(LIFETIME.total_seconds()))
    forget(answer, STATE_COOKIE)
    return answer


@router.post("/sign-out")
def sign_out(guest: Guest, _: Form, parts: Parts) -> Response:
    """End the session. The way to the issuer begins at the page that follows: a form leads to pages of ours alone."""
    parts.sessions.end(guest.session.digest)
    answer = RedirectResponse(f"{SIGNED_OUT}?leave=1", status_code=303)
    forget(answer, SESSION_COOKIE)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@router.get("/signed-out")
def signed_out(parts: Parts, leave: str = "") -> Response:
    """Say that it is done: the settings page would only begin the next sign-in. With `leave`, the issuer is next."""
    end = _end_at_the_issuer(parts) if leave else None
    headers = {"Refresh": f"0; url={end}"} if end is not None else None
    return render("signed_out.html", headers=headers, end=end)


@router.post("/workspace")
def choose_workspace(guest: Guest, form: Form, parts: Parts) -> Response:
    """Look at another workspace."""
    wanted = form.get("workspace")
    ids = {row.workspace.workspace_id for row in theirs(guest.session, parts)}
    if not isinstance(wanted, str) or wanted not in ids:
        raise NotFound("workspace_not_found", "There is no such workspace.", hint="Choose one of your own.")
    parts.sessions.choose(guest.session.digest, wanted)
    asked = form.get("next", "")
    return RedirectResponse(way_back(asked if isinstance(asked, str) else ""), status_code=303)


def sign_in_address(back_to: str) -> str:
    """Give where a sign-in begins that leads back to a path."""
    return f"/auth/sign-in?{urlencode({'next': back_to})}" if back_to else "/auth/sign-in"


def way_back(path: str) -> str:
    r"""Give a path that a sign-in may lead to: the one that is asked for, or the settings page.

    Browsers take a backslash for a slash and leave out tabs and line ends, so `/\evil.test` would be an address.
    """
    plain = path.isascii() and path.isprintable() and "\\" not in path and len(path) <= LONGEST_WAY_BACK
    return path if plain and path.startswith(BACK_TO) and not urlsplit(path).netloc else HOME


def name_in(claims: Mapping[str, Any]) -> str | None:
    """Give what the issuer calls a person (OpenID Connect Core, 5.1), as a line that can be shown; None: nothing."""
    told = (claims.get(claim) for claim in NAMED_BY)
    lines = (shortened(name, longest=LONGEST_NAME) for name in told if isinstance(name, str))
    return next((line for line in lines if any(map(str.isalnum, line))), None)


def _claims(request: Request, kept: Mapping[str, str], parts: WebParts, now: datetime) -> Mapping[str, Any]:
    """Have the issuer say who came back, for exactly the sign-in that this browser began."""
    asked = request.query_params
    if not hmac.compare_digest(asked.get("state", "").encode(), kept["state"].encode()):
        raise _failed("the state is another sign-in's")
    if asked.get("iss", parts.issuer.url) != parts.issuer.url:  # RFC 9207, of issuers that say it
        raise _failed("another issuer answers")
    if "error" in asked:
        raise SignInFailed(
            "sign_in_refused",
            "The sign-in was not completed.",
            hint="Sign in again, or ask whoever runs your sign-in what it has against you.",
        )
    try:
        with _client(parts) as client:
            told = client.fetch_token(
                _endpoint(parts, "token_endpoint"), code=asked.get("code", ""), code_verifier=kept["verifier"]
            )
        claims = parts.issuer.claims(str(told.get("id_token", "")), now=now)
    except OAuthError as refused:
        raise _failed(f"the issuer refused the code: {refused.error}") from refused
    except (HTTPError, ValueError) as silent:
        raise IssuerSilent("the issuer does not answer") from silent
    except NotBelieved as refused:
        raise _failed(str(refused)) from refused
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), kept["nonce"].encode()):
        raise _failed("the nonce is another sign-in's")
    return claims


def _client(parts: WebParts) -> Any:  # noqa: ANN401 - Authlib says nothing of its types
    secret = parts.client_secret()
    return OAuth2Client(
        client_id=parts.issuer.audience,
        client_secret=secret,
        token_endpoint_auth_method="client_secret_basic" if secret is not None else "none",
        scope="openid profile email",
        redirect_uri=parts.public_url + CALLBACK,
        code_challenge_method="S256",
        timeout=TIMEOUT_SECONDS,
        trust_env=False,
    )


def _endpoint(parts: WebParts, name: str) -> str:
    match parts.issuer.document().get(name):
        case str(address):
            return address
        case _:
            raise IssuerSilent(f"the issuer names no {name}")


def _kept(request: Request, parts: WebParts, now: datetime) -> Mapping[str, str]:
    sealed = request.cookies.get(STATE_COOKIE)
    kept = read_signed(sealed, of=OF, now=now, keys=parts.keys) if sealed is not None else None
    if kept is None:
        raise _failed("no sign-in was begun in this browser, or too long ago")
    return cast("Mapping[str, str]", json.loads(kept))


def _end_at_the_issuer(parts: WebParts) -> str | None:
    """Have the issuer forget the person too, if it says where; Cognito names the parameter in a way of its own."""
    try:
        end = parts.issuer.document().get("end_session_endpoint")
    except IssuerSilent:
        return None
    home = parts.public_url + SIGNED_OUT
    if not isinstance(end, str):
        return None
    said = {"client_id": parts.issuer.audience, "post_logout_redirect_uri": home, "logout_uri": home}
    return f"{end}?{urlencode(said)}"


def _failed(why: str) -> SignInFailed:
    """Refuse without saying why: that is for the log."""
    logger.info("sign-in refused", extra={"why": why})
    return SignInFailed(
        "sign_in_failed",
        "The sign-in could not be completed: it was begun elsewhere, or too long ago.",
        hint="Sign in again.",
    )


def _set(answer: Response, name: str, value: str, *, seconds: int) -> None:
    answer.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")


def forget(answer: Response, name: str) -> None:
    """Have the browser forget a cookie of ours."""
    answer.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")

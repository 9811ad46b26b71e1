"""POST /oauth/token: a code, or a refresh token, for a pair of tokens (RFC 6749, sections 4.1.3 and 6)."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from shared.services.grants.parameters import Parameters
from shared.services.grants.read_request import check_resource_asked, scopes_asked
from shared.services.grants.redeem_code import redeem_code
from shared.services.grants.refresh_grant import refresh_grant
from shared.services.grants.refusals import GrantRefused, OAuthError
from shared.services.grants.tokens import Tokens
from shared.storage.contracts.streams import Origin
from shared.transports.web.oauth.answers import preflight, tell
from shared.transports.web.oauth.metadata import TOKEN
from shared.transports.web.oauth.sent import Sender, SentClient, SentForm
from shared.transports.web.parts import Now, Parts, WebParts

router = APIRouter()


@router.post(TOKEN)
def give_tokens(sent: SentForm, client_id: SentClient, sender: Sender, parts: Parts, now: Now) -> Response:
    """Give a client its tokens."""
    match sent.needed("grant_type", "Send authorization_code or refresh_token."):
        case "authorization_code":
            tokens = _redeem(sent, client_id, sender, parts, now)
        case "refresh_token":
            tokens = _refresh(sent, client_id, sender, parts, now)
        case _:
            raise GrantRefused(
                OAuthError.UNSUPPORTED_GRANT_TYPE,
                "There is no such grant type here.",
                hint="Send authorization_code or refresh_token.",
                field="grant_type",
            )
    told: dict[str, object] = {
        "access_token": tokens.access,
        "token_type": "Bearer",
        "expires_in": tokens.expires_in,
        "scope": " ".join(sorted(tokens.scopes)),
    }
    return tell(told if tokens.refresh is None else {**told, "refresh_token": tokens.refresh})


router.add_api_route(TOKEN, preflight, methods=["OPTIONS"])


def _redeem(sent: Parameters, client_id: str, sender: Origin, parts: WebParts, now: datetime) -> Tokens:
    return redeem_code(
        sent.needed("code", "Send the code that came to your redirect URI."),
        client_id=client_id,
        redirect_uri=sent.one("redirect_uri"),
        verifier=sent.needed("code_verifier", "Send the verifier that your code_challenge was made of (RFC 7636)."),
        resource=_resource(sent, parts),
        origin=sender,
        now=now,
        keys=parts.keys,
        tokens=parts.tokens,
        codes=parts.codes,
        workspaces=parts.workspaces,
    )


def _refresh(sent: Parameters, client_id: str, sender: Origin, parts: WebParts, now: datetime) -> Tokens:
    scope = sent.one("scope")
    return refresh_grant(
        sent.needed("refresh_token", "Send the newest that you were given."),
        client_id=client_id,
        scopes=scopes_asked(scope) if scope is not None else None,
        resource=_resource(sent, parts),
        origin=sender,
        now=now,
        keys=parts.keys,
        tokens=parts.tokens,
        workspaces=parts.workspaces,
    )


def _resource(sent: Parameters, parts: WebParts) -> str | None:
    """Give the resource as it is written in grants, however the client writes it."""
    check_resource_asked(sent, resource=parts.endpoint)
    return parts.endpoint if sent.all("resource") else None

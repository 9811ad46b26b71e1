"""POST /oauth/revoke: a client gives its tokens back (RFC 7009); of what is not its own it learns nothing."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from shared.services.grants.revoke_presented import revoke_presented
from shared.transports.web.oauth.answers import preflight, tell
from shared.transports.web.oauth.metadata import REVOKE
from shared.transports.web.oauth.sent import Sender, SentClient, SentForm
from shared.transports.web.parts import Now, Parts

router = APIRouter()


@router.post(REVOKE)
def revoke(sent: SentForm, client_id: SentClient, sender: Sender, parts: Parts, now: Now) -> Response:
    """End the grant that a token is of. A hint of what it is changes nothing: its own text says it."""
    revoke_presented(
        sent.needed("token", "Send an access token or a refresh token."),
        client_id=client_id,
        origin=sender,
        now=now,
        keys=parts.keys,
        tokens=parts.tokens,
    )
    return tell({})


router.add_api_route(REVOKE, preflight, methods=["OPTIONS"])

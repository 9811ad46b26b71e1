"""POST /oauth/register: a client tells about itself and gets an id (RFC 7591). Nothing is kept, and nobody is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from shared.domain.oauth.clients import ClientError, ClientRefused
from shared.services.grants.registrations import register_client
from shared.transports.web.oauth.answers import NOT_KEPT, preflight, tell
from shared.transports.web.oauth.metadata import REGISTER
from shared.transports.web.parts import Now, Parts

router = APIRouter()


async def _metadata(request: Request) -> Mapping[str, object]:
    try:
        told = json.loads(await request.body())
    except (ValueError, RecursionError):  # of which the second is JSON that is nested too deep
        told = None
    if not isinstance(told, dict):
        raise ClientRefused(
            ClientError.INVALID_METADATA,
            "The metadata are no JSON object.",
            hint="Send them as application/json, in UTF-8.",
        )
    return cast("Mapping[str, object]", told)


@router.post(REGISTER)
def register(metadata: Annotated[Mapping[str, object], Depends(_metadata)], parts: Parts, now: Now) -> Response:
    """Register a public client, whatever it would rather be, and say what it is registered as."""
    made = register_client(metadata, now=now, keys=parts.keys)
    return tell(
        {
            "client_id": made.client.client_id,
            "client_id_issued_at": made.issued_at,
            "client_name": made.client.name,
            "redirect_uris": list(made.client.redirect_uris),
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
        },
        status=201,
        headers=NOT_KEPT,
    )


router.add_api_route(REGISTER, preflight, methods=["OPTIONS"])

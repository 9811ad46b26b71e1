"""GET /.well-known/oauth-authorization-server: what clients have to know of us (RFC 8414).

With a path behind it too, as clients ask that take the address of the endpoint for that of its issuer.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from shared.domain.scopes import Scope
from shared.services.grants.pkce import METHOD
from shared.transports.web.oauth.answers import preflight, tell
from shared.transports.web.parts import Parts

WELL_KNOWN = "/.well-known/oauth-authorization-server"
AUTHORIZE, TOKEN, REGISTER, REVOKE = "/oauth/authorize", "/oauth/token", "/oauth/register", "/oauth/revoke"
KEPT = "public, max-age=300"

router = APIRouter()


@router.get(WELL_KNOWN)
@router.get(WELL_KNOWN + "/{path:path}")
def metadata(parts: Parts) -> Response:
    """Say where everything is, and which of the many ways there are here."""
    here = parts.public_url
    return tell(
        {
            "issuer": here,
            "authorization_endpoint": here + AUTHORIZE,
            "token_endpoint": here + TOKEN,
            "registration_endpoint": here + REGISTER,
            "revocation_endpoint": here + REVOKE,
            "scopes_supported": list(Scope),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": [METHOD],
            "token_endpoint_auth_methods_supported": ["none"],
            "revocation_endpoint_auth_methods_supported": ["none"],
            "authorization_response_iss_parameter_supported": True,
            "client_id_metadata_document_supported": True,
            "service_documentation": parts.docs_url,
        },
        headers={"Cache-Control": KEPT},
    )


for _path in (WELL_KNOWN, WELL_KNOWN + "/{path:path}"):
    router.add_api_route(_path, preflight, methods=["OPTIONS"])

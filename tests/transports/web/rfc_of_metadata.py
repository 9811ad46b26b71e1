"""What the RFCs ask of metadata and of the registration of clients."""

from __future__ import annotations

from shared.domain.scopes import Scope
from tests.transports.web import rfc_stories as stories
from tests.transports.web.app_of_tests import REDIRECT, RESOURCE
from tests.transports.web.rfc_scene import (
    CHALLENGED,
    Answered,
    Row,
    described,
    error,
    preflight,
    register,
    resource_described,
    resource_preflight,
)

HERE = "https://api.test"

DISCOVERY = (
    Row(
        "RFC 8414, 2 and 3.3",
        "The issuer is the address from which the document is asked.",
        described(),
        Answered(status=200, holds={"issuer": HERE}, headers={"content-type": "application/json"}),
    ),
    Row(
        "RFC 8414, 2",
        "Endpoints, response types and grant types are named.",
        described(),
        Answered(
            status=200,
            holds={
                "authorization_endpoint": f"{HERE}/oauth/authorize",
                "token_endpoint": f"{HERE}/oauth/token",
                "registration_endpoint": f"{HERE}/oauth/register",
                "revocation_endpoint": f"{HERE}/oauth/revoke",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "token_endpoint_auth_methods_supported": ["none"],
                "revocation_endpoint_auth_methods_supported": ["none"],
                "scopes_supported": [str(scope) for scope in Scope],
            },
        ),
    ),
    Row(
        "RFC 8414, 3.1",
        "A path behind the well-known name finds the document too.",
        described("/.well-known/oauth-authorization-server/mcp"),
        Answered(status=200, holds={"issuer": HERE}),
    ),
    Row(
        "MCP 2025-11-25, authorization server metadata",
        "PKCE with S256 is announced; without it clients refuse to go on.",
        described(),
        Answered(status=200, holds={"code_challenge_methods_supported": ["S256"]}),
    ),
    Row(
        "MCP 2025-11-25, client ID metadata documents",
        "That they are taken is announced.",
        described(),
        Answered(status=200, holds={"client_id_metadata_document_supported": True}),
    ),
    Row(
        "RFC 9207, 3",
        "That answers say who gives them is announced.",
        described(),
        Answered(status=200, holds={"authorization_response_iss_parameter_supported": True}),
    ),
    Row(
        "MCP 2026-07-28, SEP-2207",
        "offline_access is no scope of the resource: refresh tokens are ours to give.",
        resource_described(),
        Answered(status=200, holds={"scopes_supported": [str(scope) for scope in Scope]}),
    ),
    Row(
        "RFC 9728, 2 and 3.3",
        "The resource is the address that its document describes, and its authorization server is named.",
        resource_described(),
        Answered(
            status=200,
            holds={"resource": RESOURCE, "authorization_servers": [HERE], "bearer_methods_supported": ["header"]},
        ),
    ),
    Row(
        "MCP 2025-11-25, protected resource metadata discovery",
        "The document stands at the root too.",
        resource_described("/.well-known/oauth-protected-resource"),
        Answered(status=200, holds={"resource": RESOURCE, "authorization_servers": [HERE]}),
    ),
    Row(
        "RFC 9728, 3.1; CORS",
        "A page of anybody's may read the document, and ask with the version of MCP.",
        resource_preflight(),
        Answered(
            status=204,
            headers={"access-control-allow-origin": "*", "access-control-allow-headers": "MCP-Protocol-Version"},
        ),
    ),
    Row(
        "RFC 9728, 3.2; CORS",
        "What it asks it may read.",
        resource_described(),
        Answered(status=200, headers={"access-control-allow-origin": "*"}),
    ),
    Row(
        "RFC 9728, 5.1; MCP 2025-11-25",
        "Who comes without a credential is told where the document is, and which scopes there are.",
        stories.CALLED_WITHOUT,
        CHALLENGED,
    ),
    Row(
        "RFC 6750, 3.1",
        "Who comes without a credential is told no error code.",
        stories.CALLED_WITHOUT,
        Answered(status=401, headers={"www-authenticate": "Bearer resource_metadata="}),
    ),
)

REGISTRATION = (
    Row(
        "RFC 7591, 3.2.1",
        "A registered client gets an id, and its metadata as they were registered.",
        register(),
        Answered(
            status=201,
            holds={
                "client_name": "An editor",
                "redirect_uris": [REDIRECT],
                "token_endpoint_auth_method": "none",
                "grant_types": ["authorization_code", "refresh_token"],
                "response_types": ["code"],
            },
            lacks=("client_secret",),
            headers={"cache-control": "no-store"},
        ),
    ),
    Row(
        "RFC 7591, 3.2.1; OAuth 2.1, 2.4",
        "Who wants a secret becomes a public client and is told so.",
        register(token_endpoint_auth_method="client_secret_basic"),
        Answered(status=201, holds={"token_endpoint_auth_method": "none"}, lacks=("client_secret",)),
    ),
    Row(
        "RFC 7591, 2",
        "Metadata that are not understood are left out.",
        register(application_type="native", software_statement="x", unheard_of=1),
        Answered(status=201, lacks=("unheard_of", "software_statement")),
    ),
    Row(
        "MCP 2026-07-28, SEP-837",
        "A client says whether it runs on a machine or on the web; here it makes no difference.",
        register(application_type="web"),
        Answered(status=201),
    ),
    Row(
        "RFC 7591, 3.2.2",
        "A redirect URI that cannot be taken has an error of its own.",
        register(redirect_uris=["http://app.test/callback"]),
        error("invalid_redirect_uri"),
    ),
    Row(
        "RFC 9700, 2.1; RFC 8252, 7.2",
        "A redirect URI that runs as a script is refused.",
        register(redirect_uris=["javascript:alert(1)"]),
        error("invalid_redirect_uri"),
    ),
    Row(
        "RFC 6749, 3.1.2",
        "A redirect URI has no fragment.",
        register(redirect_uris=["https://app.test/callback#here"]),
        error("invalid_redirect_uri"),
    ),
    Row(
        "RFC 7591, 2",
        "A client that is sent back has a redirect URI.",
        register(redirect_uris=[]),
        error("invalid_redirect_uri"),
    ),
    Row("RFC 7591, 3.2.2", "What is no JSON is refused.", register("{"), error("invalid_client_metadata")),
    Row("RFC 7591, 3.2.2", "What is no object is refused.", register("[]"), error("invalid_client_metadata")),
    Row(
        "RFC 7591, 3.1; CORS",
        "A page of anybody's may register.",
        preflight("/oauth/register"),
        Answered(status=204, headers={"access-control-allow-origin": "*", "access-control-allow-headers": "Content-"}),
    ),
)

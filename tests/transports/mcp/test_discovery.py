"""What the endpoint's neighbours answer: the metadata of RFC 9728, and a 404 that helps."""

from __future__ import annotations

import pytest

from shared.domain.scopes import Scope
from tests.transports.mcp.shop import Shop

METADATA = ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"]


@pytest.mark.parametrize("path", METADATA)
def test_the_metadata_of_the_endpoint_is_there_for_everybody(shop: Shop, path: str) -> None:
    reply = shop.send(method="GET", path=path, bearer=None)

    assert reply.status == 200
    assert reply.json == {
        "resource": "https://mcp.shop.test/mcp",
        "resource_name": "Merchant MCP",
        "resource_documentation": "https://mcp.shop.test/docs",
        "authorization_servers": ["https://mcp.shop.test"],
        "scopes_supported": [str(scope) for scope in Scope],
        "bearer_methods_supported": ["header"],
    }


def test_the_challenge_of_a_missing_credential_leads_to_the_metadata(shop: Shop) -> None:
    challenge = shop.rpc("tools/list", bearer=None).headers["www-authenticate"]

    path = challenge.split('resource_metadata="https://mcp.shop.test')[1].split('"')[0]
    assert shop.send(method="GET", path=path, bearer=None).json["resource"] == "https://mcp.shop.test/mcp"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/register"),
        ("GET", "/.well-known/oauth-authorization-server"),
        ("GET", "/.well-known/openid-configuration/mcp"),
        ("GET", "/mcp/.well-known/openid-configuration"),
        ("POST", METADATA[0]),
        ("GET", "/"),
        ("GET", "/v1"),
        ("POST", "/mcp/"),
    ],
)
@pytest.mark.parametrize("bearer", ["", None])
def test_elsewhere_is_a_404_at_once_that_says_what_to_look_at(
    shop: Shop, method: str, path: str, bearer: str | None
) -> None:
    reply = shop.send("{}", method=method, path=path, bearer=bearer)

    assert reply.status == 404
    assert reply.headers["content-type"] == "application/json"
    assert "www-authenticate" not in reply.headers
    assert "POST https://mcp.shop.test/mcp" in reply.json["message"]
    assert "https://mcp.shop.test/v1/" in reply.json["message"]
    assert "token in the Authorization header" in reply.json["message"]
    assert "https://mcp.shop.test/.well-known/oauth-protected-resource/mcp" in reply.json["message"]

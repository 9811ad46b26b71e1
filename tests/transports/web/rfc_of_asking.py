"""What the RFCs ask of authorization requests and their answers."""

from __future__ import annotations

from tests.transports.web import rfc_stories as stories
from tests.transports.web.app_of_tests import REDIRECT, RESOURCE, STATE
from tests.transports.web.rfc_scene import (
    Answered,
    Row,
    answer,
    ask,
    ask_by_document,
    ask_by_document_for,
    ask_signed_out,
    by_link,
    to_client,
)

HERE = "https://api.test"
CONSENT = Answered(status=200, words="Connect An editor to A shop?")
REFUSED = Answered(status=400, words="The app cannot be connected")

ASKING = (
    Row("RFC 6749, 4.1.1", "A valid request is put to the person.", ask(), CONSENT),
    Row(
        "MCP 2025-11-25, client ID metadata documents",
        "A client whose id is an address is known by the document there.",
        ask_by_document(),
        Answered(status=200, words="Connect Claude to A shop?"),
    ),
    Row(
        "draft-ietf-oauth-client-id-metadata-document, 4.1",
        "The document names the address that it lies at.",
        ask_by_document(client_id="https://claude.test/other.json"),
        REFUSED,
    ),
    Row(
        "draft-ietf-oauth-client-id-metadata-document, 4.1",
        "A document is that of a client without a secret.",
        ask_by_document(token_endpoint_auth_method="client_secret_basic"),
        REFUSED,
    ),
    Row(
        "MCP 2025-11-25, client ID metadata documents",
        "A redirect URI that is not in the document is nobody's.",
        ask_by_document(redirect_uris=["https://claude.test/callback"]),
        REFUSED,
    ),
    Row(
        "RFC 6749, 3.1",
        "The person is known before they are asked; the request waits meanwhile.",
        ask_signed_out(),
        Answered(status=303, to="/auth/sign-in?next=%2Foauth%2Fauthorize%3F"),
    ),
    Row("RFC 6749, 3.1", "A parameter that we do not know is not looked at.", ask(unheard_of="x"), CONSENT),
    Row("RFC 6749, 3.1", "A parameter without a value is left out.", ask(scope="", prompt=""), CONSENT),
    Row(
        "RFC 6749, 3.1",
        "No parameter stands there twice.",
        ask(scope=["mcp:pnl:read", "mcp:ads:read"]),
        by_link(error="invalid_request", state=STATE),
    ),
    Row(
        "RFC 6749, 4.1.2.1",
        "With an unknown client nobody is sent anywhere.",
        ask(client_id="mfc_unknown"),
        REFUSED,
    ),
    Row("RFC 6749, 4.1.2.1", "Without a client nobody is sent anywhere.", ask(client_id=None), REFUSED),
    Row(
        "RFC 6749, 4.1.2.1",
        "With a redirect URI of nobody's nobody is sent anywhere.",
        ask(redirect_uri="https://evil.test/callback"),
        REFUSED,
    ),
    Row("OAuth 2.1, 2.3.1", "Redirect URIs are compared to the letter.", ask(redirect_uri=f"{REDIRECT}/"), REFUSED),
    Row(
        "OAuth 2.1, 2.3.1",
        "A redirect URI with more behind it is another.",
        ask(redirect_uri=f"{REDIRECT}?next=https://evil.test"),
        REFUSED,
    ),
    Row(
        "RFC 6749, 3.1",
        "Of two redirect URIs neither is taken.",
        ask(redirect_uri=[REDIRECT, "https://evil.test/"]),
        REFUSED,
    ),
    Row(
        "RFC 6749, 3.1.2.3",
        "A client with one redirect URI need not name it.",
        ask(redirect_uri=None),
        CONSENT,
    ),
    Row(
        "RFC 8252, 7.3; OAuth 2.1, 8.4.2",
        "Of a redirect URI on loopback any port will do.",
        stories.ANOTHER_PORT,
        Answered(status=303, to="http://127.0.0.1:50123/callback?code="),
    ),
    Row(
        "RFC 9700, 4.11.2",
        "With what is wrong nobody is sent anywhere by themselves: the person reads it and may go back.",
        ask(scope="openid profile"),
        Answered(status=400, words="Back to the program on this computer", by_link=f"{REDIRECT}?error="),
    ),
    Row(
        "RFC 9700, 4.11.2",
        "Nor is anybody sent anywhere with it by a client with a document, which anybody can publish.",
        ask_by_document_for("openid profile"),
        Answered(status=400, words="Claude cannot be connected", by_link=f"{REDIRECT}?error=invalid_scope"),
    ),
    Row(
        "RFC 6749, 4.1.2.1",
        "Without response_type the client is told.",
        ask(response_type=None),
        by_link(error="invalid_request", state=STATE),
    ),
    Row(
        "RFC 6749, 4.1.2.1; OAuth 2.1, 10.1",
        "There is no implicit grant.",
        ask(response_type="token"),
        by_link(error="unsupported_response_type", state=STATE),
    ),
    Row(
        "RFC 6749, 4.1.2.1",
        "Of scopes that are all unknown the client is told.",
        ask(scope="openid profile"),
        by_link(error="invalid_scope", state=STATE),
    ),
    Row(
        "RFC 6749, 3.3",
        "Scopes that we do not know are left out.",
        ask(scope="openid offline_access mcp:pnl:read"),
        CONSENT,
    ),
    Row(
        "RFC 6749, 3.3; MCP 2025-11-25",
        "Without scope there is a default: all there are.",
        ask(scope=None),
        Answered(status=200, words="Business valuations and sensitivity analysis"),
    ),
    Row(
        "RFC 7636, 4.4.1; OAuth 2.1, 4.1.1",
        "PKCE is required.",
        ask(code_challenge=None, code_challenge_method=None),
        by_link(error="invalid_request", state=STATE),
    ),
    Row(
        "RFC 7636, 4.3 and 4.4.1",
        "A challenge without a method is plain, which is not taken.",
        ask(code_challenge_method=None),
        by_link(error="invalid_request", state=STATE),
    ),
    Row(
        "RFC 7636, 4.4.1; RFC 9700, 2.1.1",
        "The method plain is not taken.",
        ask(code_challenge_method="plain"),
        by_link(error="invalid_request", state=STATE),
    ),
    Row(
        "RFC 7636, 4.2",
        "A challenge is a SHA-256.",
        ask(code_challenge="too-short"),
        by_link(error="invalid_request", state=STATE),
    ),
    Row(
        "RFC 8707, 2",
        "For another resource there are no tokens.",
        ask(resource="https://elsewhere.test/mcp"),
        by_link(error="invalid_target", state=STATE),
    ),
    Row(
        "RFC 8707, 2",
        "Of several resources each has to be ours.",
        ask(resource=[RESOURCE, "https://elsewhere.test/mcp"]),
        by_link(error="invalid_target", state=STATE),
    ),
    Row(
        "RFC 8707, 2",
        "A resource has no fragment.",
        ask(resource=f"{RESOURCE}#x"),
        by_link(error="invalid_target", state=STATE),
    ),
    Row(
        "MCP 2025-11-25, canonical server URI",
        "Case of scheme and host, the port of the scheme and a closing slash make no other resource.",
        ask(resource="HTTPS://API.test:443/mcp/"),
        CONSENT,
    ),
    Row("RFC 8707, 2", "Who names no resource means the one there is.", ask(resource=None), CONSENT),
    Row(
        "RFC 9101, 7",
        "Request objects are not taken.",
        ask(request="e30.e30."),
        by_link(error="request_not_supported", state=STATE),
    ),
    Row(
        "RFC 9101, 7",
        "Nothing is fetched that a request refers to.",
        ask(request_uri="https://evil.test/request"),
        by_link(error="request_uri_not_supported", state=STATE),
    ),
    Row(
        "OAuth 2.0 Multiple Response Types, 2.1",
        "Another response mode than query is not taken.",
        ask(response_mode="fragment"),
        by_link(error="invalid_request", state=STATE),
    ),
    Row(
        "RFC 6749, 4.1.2; RFC 9207, 2",
        "Who is approved gets a code, and state and issuer beside it.",
        answer(),
        to_client(state=STATE),
    ),
    Row(
        "RFC 6749, 4.1.2.1; RFC 9207, 2",
        "Who is denied is told so, with state and issuer.",
        answer(answer="deny"),
        to_client(error="access_denied", state=STATE),
    ),
    Row(
        "RFC 6749, 3.1.2",
        "The query of a redirect URI stays.",
        stories.QUERY_OF_ITS_OWN,
        Answered(status=303, holds={"kept": "yes", "iss": HERE}, to=f"{REDIRECT}?kept=yes&code="),
    ),
    Row(
        "RFC 9700, 4.12",
        "The redirect after a form is a 303, so that the form is not sent on.",
        answer(),
        Answered(status=303, to=f"{REDIRECT}?code="),
    ),
    Row(
        "RFC 6749, 10.13; RFC 9700, 4.16",
        "The consent page stands in no frame.",
        ask(),
        Answered(status=200, headers={"content-security-policy": "frame-ancestors 'none'", "x-frame-options": "DENY"}),
    ),
    Row(
        "RFC 9700, 4.2.4",
        "The address of the consent page is told to no other site.",
        ask(),
        Answered(status=200, headers={"referrer-policy": "same-origin", "cache-control": "no-store"}),
    ),
)

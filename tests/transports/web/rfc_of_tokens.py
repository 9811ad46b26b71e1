"""The requirements on tokens: how they are given, used, renewed and given back."""

from __future__ import annotations

from tests.transports.web import rfc_stories as stories
from tests.transports.web.rfc_scene import (
    CHALLENGED,
    Answered,
    Row,
    basic,
    described,
    error,
    preflight,
    redeem,
    refresh,
    revoke,
)

TOKENS = Answered(status=200, holds={"token_type": "Bearer", "expires_in": 3600, "scope": "mcp:ads:read mcp:pnl:read"})

TOKEN = (
    Row("RFC 6749, 5.1", "A code gives tokens that nobody keeps.", redeem(), TOKENS),
    Row(
        "RFC 6749, 5.1",
        "Answers with tokens are not cached.",
        redeem(),
        Answered(status=200, headers={"cache-control": "no-store", "pragma": "no-cache"}),
    ),
    Row(
        "OAuth 2.1, 4.1.3",
        "The redirect URI need not be repeated.",
        redeem(redirect_uri=None),
        TOKENS,
    ),
    Row(
        "RFC 6749, 4.1.3",
        "One that is repeated has to be the same.",
        redeem(redirect_uri="https://app.test/other"),
        error("invalid_grant"),
    ),
    Row("RFC 6749, 3.2", "The request is a POST.", described("/oauth/token"), error("invalid_request", 405)),
    Row(
        "RFC 6749, 3.2 and appendix B",
        "The parameters are a form.",
        redeem(headers={"content-type": "application/json"}),
        error("invalid_request"),
    ),
    Row("RFC 6749, 3.2", "No parameter stands in the address.", stories.IN_QUERY, error("invalid_request")),
    Row(
        "RFC 6749, 3.2",
        "Of a form too no parameter stands there twice.",
        redeem(code=["a", "b"]),
        error("invalid_request"),
    ),
    Row("RFC 6749, 5.2", "grant_type is needed.", redeem(grant_type=None), error("invalid_request")),
    Row(
        "RFC 6749, 5.2; OAuth 2.1, 10",
        "There is no grant by password.",
        redeem(grant_type="password"),
        error("unsupported_grant_type"),
    ),
    Row(
        "RFC 6749, 5.2",
        "There is no grant by client credentials.",
        redeem(grant_type="client_credentials"),
        error("unsupported_grant_type"),
    ),
    Row("RFC 6749, 4.1.3", "A public client says who it is.", redeem(client_id=None), error("invalid_request")),
    Row("RFC 6749, 4.1.3", "A code is the client's that asked for it.", stories.CODE_OF_OTHER, error("invalid_grant")),
    Row("RFC 6749, 5.2", "A code that is none is refused.", redeem(code="nobody-made-this"), error("invalid_grant")),
    Row("RFC 6749, 4.1.2", "A code is used once.", stories.CODE_TWICE, error("invalid_grant")),
    Row(
        "RFC 6749, 4.1.2",
        "What a code was used for ends when it is used again.",
        stories.REFRESH_AFTER_CODE_TWICE,
        error("invalid_grant"),
    ),
    Row("RFC 6749, 4.1.2", "A code lives for minutes.", stories.OLD_CODE, error("invalid_grant")),
    Row("RFC 7636, 4.5", "The verifier is needed.", redeem(code_verifier=None), error("invalid_request")),
    Row("RFC 7636, 4.6", "Another verifier is refused.", redeem(code_verifier="v" * 43), error("invalid_grant")),
    Row("RFC 7636, 4.1", "A verifier has 43 characters.", redeem(code_verifier="v" * 42), error("invalid_grant")),
    Row(
        "RFC 8707, 2.2",
        "At the token endpoint too, another resource is refused.",
        redeem(resource="https://elsewhere.test/mcp"),
        error("invalid_target"),
    ),
    Row(
        "RFC 8707, 2.2; MCP 2025-11-25, canonical server URI",
        "There too, the spelling of an address makes no other resource.",
        redeem(resource="HTTPS://API.test:443/mcp/"),
        TOKENS,
    ),
    Row(
        "RFC 6749, 3.2",
        "Not even a parameter that may be left out stands there twice.",
        refresh(scope=["mcp:pnl:read", "mcp:ads:read"]),
        error("invalid_request"),
    ),
    Row("RFC 8707, 2.2", "Who names none there means the one approved.", redeem(resource=None), TOKENS),
    Row(
        "RFC 6749, 5.2",
        "An unknown client is told so: it has to register again.",
        refresh(client_id="mfc_1unknown"),
        error("invalid_client", 401),
    ),
    Row(
        "RFC 6749, 5.2",
        "A client that shows a secret, which it never got, is not let in.",
        redeem(client_secret="guessed"),
        error("invalid_client", 401),
    ),
    Row(
        "RFC 6749, 5.2",
        "One that shows it in a header is challenged by its scheme.",
        redeem(headers=basic("mfc_x", "guessed")),
        error("invalid_client", 401, www_authenticate="Basic"),
    ),
    Row(
        "RFC 6749, 2.3",
        "A client names itself once.",
        redeem(headers=basic("mfc_x")),
        error("invalid_request"),
    ),
    Row("RFC 6749, 6", "A refresh token gives the next pair.", refresh(), TOKENS),
    Row(
        "OAuth 2.1, 4.3.1; RFC 9700, 4.14.2",
        "A refresh token of a public client is used once: its reuse ends the grant.",
        stories.REUSE,
        error("invalid_grant"),
    ),
    Row(
        "OAuth 2.1, 4.3.1; RFC 9700, 4.14.2",
        "So does the access of whoever holds its successor.",
        stories.CALL_AFTER_REUSE,
        CHALLENGED,
    ),
    Row(
        "ours",
        "An answer that was lost is given again, to the letter.",
        stories.REPEAT,
        TOKENS,
    ),
    Row(
        "ours",
        "Later another is given, and the first is void: whoever shows it took it from somebody.",
        stories.VOID_ANSWER,
        error("invalid_grant"),
    ),
    Row(
        "ours",
        "A grant is refreshed ten times at once and then once a minute.",
        stories.OFTEN,
        error("slow_down", 429, retry_after="60"),
    ),
    Row("RFC 6749, 6", "A refresh token is its client's.", stories.REFRESH_OF_OTHER, error("invalid_grant")),
    Row(
        "RFC 6749, 6",
        "More scopes than were granted are refused.",
        refresh(scope="mcp:pnl:read mcp:customers:read"),
        error("invalid_scope"),
    ),
    Row("RFC 6749, 6", "Fewer may be asked for; the answer says which hold.", refresh(scope="mcp:pnl:read"), TOKENS),
    Row(
        "RFC 8707, 2.2",
        "A refresh is for the resource that was approved.",
        refresh(resource="https://elsewhere.test/mcp"),
        error("invalid_target"),
    ),
    Row("RFC 6749, 5.2", "The refresh token is needed.", refresh(refresh_token=None), error("invalid_request")),
    Row("RFC 6749, 5.2", "One that is none is refused.", refresh(refresh_token="mfr_none"), error("invalid_grant")),
    Row(
        "MCP 2025-11-25, security considerations",
        "A grant ends with its owner's membership.",
        stories.AFTER_LEAVING,
        error("invalid_grant"),
    ),
    Row(
        "CORS; OAuth 2.0 for browser-based apps",
        "A page of anybody's may ask; no cookie takes part.",
        refresh(headers={"origin": "https://app.test"}),
        Answered(status=200, headers={"access-control-allow-origin": "*"}),
    ),
)

REVOCATION = (
    Row("RFC 7009, 2.2", "What is given back is gone, and the answer is 200.", revoke(), Answered(status=200)),
    Row("RFC 7009, 2.1", "An access token may be given back too.", revoke("access_token"), Answered(status=200)),
    Row(
        "RFC 7009, 2.1",
        "The refresh token ends with its access token.",
        stories.REFRESH_AFTER_REVOCATION,
        error("invalid_grant"),
    ),
    Row(
        "RFC 7009, 2.1",
        "The access token ends with its refresh token.",
        stories.CALL_AFTER_REVOCATION,
        CHALLENGED,
    ),
    Row("RFC 7009, 2.2", "What is gone already is answered alike.", stories.REVOKE_TWICE, Answered(status=200)),
    Row("RFC 7009, 2.2", "What is none is answered alike.", revoke(token="nothing of ours"), Answered(status=200)),
    Row(
        "RFC 7009, 2.1",
        "A hint that is wrong does no harm.",
        revoke(token_type_hint="access_token"),
        Answered(status=200),
    ),
    Row("RFC 7009, 2.1", "Nobody gives back what another client holds.", stories.REVOKE_OF_OTHER, TOKENS),
    Row("RFC 7009, 2.1", "The token is needed.", revoke(token=None), error("invalid_request")),
    Row("RFC 7009, 2.1", "Who gives something back says who it is.", revoke(client_id=None), error("invalid_request")),
    Row(
        "RFC 7009, 2.3",
        "A page of anybody's may revoke.",
        preflight("/oauth/revoke"),
        Answered(status=204, headers={"access-control-allow-origin": "*"}),
    ),
)

RESOURCE = (
    Row(
        "RFC 6750, 2.1",
        "An access token in the header opens the tools of its scopes.",
        stories.CALLED,
        Answered(status=200, holds={"jsonrpc": "2.0"}, lacks=("error",)),
    ),
    Row(
        "RFC 6750, 3.1; MCP 2025-11-25, scope challenges; 2026-07-28, SEP-2350",
        "For a tool beyond them the client is told what to ask for besides.",
        stories.CALLED_BEYOND_SCOPE,
        Answered(
            status=403,
            headers={
                "www-authenticate": 'error="insufficient_scope", scope="mcp:ads:read mcp:customers:read mcp:pnl:read"'
            },
        ),
    ),
    Row(
        "RFC 6750, 3.1",
        "An access token that has expired is invalid_token.",
        stories.CALLED_LATE,
        Answered(status=401, headers={"www-authenticate": 'error="invalid_token"'}),
    ),
    Row("RFC 6749, 1.5", "A refresh token is none for access.", stories.REFRESH_AT_MCP, Answered(status=401)),
)

"""An OAuth client before the endpoints, with the browser of its user."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from shared.domain.token.state import Token
from tests.transports.web.web import FORM, Page, Web

AUTHORIZE, TOKEN, REGISTER, REVOKE = "/oauth/authorize", "/oauth/token", "/oauth/register", "/oauth/revoke"
METADATA = "/.well-known/oauth-authorization-server"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""RFC 7636, appendix B."""
REDIRECT = "http://127.0.0.1:33418/callback"
STATE = "the state & more"
RESOURCE = "https://api.test/mcp"

Fields = Mapping[str, Any]
"""Names and values: None leaves a name out, a list sends it as often."""


def encoded(fields: Fields) -> str:
    return urlencode({name: value for name, value in fields.items() if value is not None}, doseq=True)


def told(page: Page) -> dict[str, str]:
    """Give what the client is told in the query of a redirect."""
    assert page.status == 303, page.words
    return said_in(page.headers["location"])


def said_in(address: str) -> dict[str, str]:
    """Give what stands in the query of an address."""
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))


def way_back_in(page: Page) -> str:
    """Give where the link of a page leads by which the person goes back to the client."""
    (found,) = re.findall(r'<a class="button [a-z]+" href="([^"]*)">Back to', page.text)
    return html.unescape(found)


@dataclass
class App:
    """A program that registered itself, unless it is told who it is."""

    web: Web
    redirect_uri: str = REDIRECT
    client_id: str = ""
    name: str = "An editor"
    scopes: tuple[str, ...] = field(default=("mcp:pnl:read", "mcp:ads:read"))

    def __post_init__(self) -> None:
        if not self.client_id:
            self.client_id = self.register().json["client_id"]

    def register(self, body: str | None = None, **changed: Any) -> Page:  # noqa: ANN401 - any JSON
        wanted = {
            "client_name": self.name,
            "redirect_uris": [self.redirect_uri],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        }
        sent = {name: value for name, value in {**wanted, **changed}.items() if value is not None}
        return self.web.send(
            "POST",
            REGISTER,
            headers={"content-type": "application/json"},
            body=json.dumps(sent) if body is None else body,
        )

    def ask(self, **changed: Any) -> Page:  # noqa: ANN401 - see Fields
        """Send the user to us."""
        wanted = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": " ".join(self.scopes),
            "state": STATE,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            "resource": RESOURCE,
        }
        return self.web.send("GET", AUTHORIZE, query=encoded({**wanted, **changed}))

    def answer(self, page: Page, *, answer: str = "approve", **changed: Any) -> Page:  # noqa: ANN401 - see Fields
        """Be the user, and press a button of the consent page with everything ticked as it is."""
        fields: Fields = {"consent": sealed_in(page), "scope": ticked_in(page), "answer": answer}
        return self.web.post(AUTHORIZE, **{**fields, **changed})

    def code(self, **changed: Any) -> str:  # noqa: ANN401 - see Fields
        """Get a code."""
        return told(self.answer(self.ask(**changed)))["code"]

    def send(self, path: str, fields: Fields, *, headers: Mapping[str, str] | None = None) -> Page:
        """Send a form by ourselves: no browser, no cookies."""
        kept, self.web.cookies = self.web.cookies, {}
        try:
            return self.web.send("POST", path, headers={"content-type": FORM, **(headers or {})}, body=encoded(fields))
        finally:
            self.web.cookies = kept

    def redeem(self, presented: str, /, *, headers: Mapping[str, str] | None = None, **changed: Any) -> Page:  # noqa: ANN401 - see Fields
        wanted = {
            "grant_type": "authorization_code",
            "code": presented,
            "redirect_uri": self.redirect_uri,
            "client_id": self.client_id,
            "code_verifier": VERIFIER,
            "resource": RESOURCE,
        }
        return self.send(TOKEN, {**wanted, **changed}, headers=headers)

    def connect(self) -> dict[str, Any]:
        """Get tokens, all the way."""
        given = self.redeem(self.code())
        assert given.status == 200, given.text
        return given.json

    def refresh(self, presented: str, /, *, headers: Mapping[str, str] | None = None, **changed: Any) -> Page:  # noqa: ANN401 - see Fields
        wanted = {
            "grant_type": "refresh_token",
            "refresh_token": presented,
            "client_id": self.client_id,
            "resource": RESOURCE,
        }
        return self.send(TOKEN, {**wanted, **changed}, headers=headers)

    def revoke(self, presented: str, /, **changed: Any) -> Page:  # noqa: ANN401 - see Fields
        return self.send(REVOKE, {"token": presented, "client_id": self.client_id, **changed})


def sealed_in(page: Page) -> str:
    """Give the sealed question of a consent page."""
    found = re.search(r'name="consent" value="([^"]*)"', page.text)
    assert found is not None, page.words
    return html.unescape(found[1])


def offered_in(page: Page) -> list[str]:
    """Give the scopes that a consent page shows."""
    return re.findall(r'<input type="checkbox" id="[^"]*" name="scope" value="([^"]*)"', page.text)


def ticked_in(page: Page) -> list[str]:
    """Give the scopes that are ticked."""
    return re.findall(r'<input type="checkbox" id="[^"]*" name="scope" value="([^"]*)" checked', page.text)


def grants_in(web: Web, workspace_id: str = "wks_1") -> list[Token]:
    """Give what was granted in a workspace."""
    rows = web.stores.tokens.of_workspace(workspace_id, limit=100).items
    return [row.token for row in rows if row.token.app is not None]


def granted(app: App, page: Page) -> Token:
    """Redeem the code that an answer brought, and give what was granted."""
    before = {token.token_id for token in grants_in(app.web)}
    assert app.redeem(told(page)["code"]).status == 200
    (made,) = [token for token in grants_in(app.web) if token.token_id not in before]
    return made

"""Somebody comes with a browser, looks at the pages and goes; a client that was let in comes for its tokens."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from functions.wiring import now
from shared.domain.scopes import Scope
from shared.services.grants.approve import Approval, issue_code
from shared.transports.web.pages.frame import ROOMS
from shared.transports.web.sign_in import HOME
from tests.data.tenants import KEYS, origin
from tests.data.tenants import token as token_of
from tests.doors.events import event
from tests.policies.cloud import Cloud
from tests.transports.http.issuer import LoopbackIssuer

PAGES = (
    *ROOMS.values(),
    *(f"{HOME}{page}" for page in ("/new", "/tokens/{token_id}", "/tokens/{token_id}/rotate", "/activity/export")),
    f"{HOME}/data/upload",
)
"""The rooms, and what lies below them. What is changed there asks for no more than the REST API does."""
# The example of RFC 7636, appendix B.
VERIFIER, CHALLENGE = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
CLIENT, WAY_BACK = "https://client.example/about.json", "http://127.0.0.1:9/callback"


@dataclass
class Visit:
    """A browser, or a client without one, before the function that answers both."""

    cloud: Cloud
    issuer: LoopbackIssuer
    cookies: dict[str, str] = field(default_factory=dict[str, str])

    def people(self) -> None:
        """Sign in, look at every page, choose the workspace that is looked at already, sign out."""
        asked = self._ask("GET", "/auth/sign-in", expected=303)
        location: str = asked["headers"]["location"]
        sent = dict(parse_qsl(urlsplit(location).query))
        told = self.issuer.bearer("olivia", now=now(), claims={"nonce": sent["nonce"]})
        self.issuer.token_answer = (200, {"access_token": "x", "token_type": "Bearer", "id_token": told})
        self._ask("GET", "/auth/callback", {"code": "the-code", "state": sent["state"]}, expected=303)
        token_id = token_of(self.cloud.doors.stores, at=now()).token.token_id
        shown = [self._ask("GET", page.format(token_id=token_id))["body"] for page in PAGES]
        key = shown[0].partition('name="csrf" value="')[2].partition('"')[0]
        self._ask("POST", "/auth/workspace", {"csrf": key, "workspace": "wks_1"}, expected=303)
        self._ask("POST", "/auth/sign-out", {"csrf": key}, expected=303)

    def client(self) -> None:
        """Redeem a code, refresh, and give up what came of it."""
        doors = self.cloud.doors
        approval = Approval(
            client_id=CLIENT,
            client_name="A client",
            redirect_uri=WAY_BACK,
            resource=doors.settings["token_api"]["PUBLIC_URL"] + "/mcp",
            scopes=frozenset(Scope),
            workspace_id="wks_1",
            member_id="mem_olivia",
            code_challenge=CHALLENGE,
        )
        stores = doors.stores
        code = issue_code(
            approval, origin=origin(), now=now(), keys=KEYS, codes=stores.codes, workspaces=stores.workspaces
        )
        redeemed = {"grant_type": "authorization_code", "code": code, "redirect_uri": WAY_BACK}
        first = self._tokens(**redeemed, code_verifier=VERIFIER)
        second = self._tokens(grant_type="refresh_token", refresh_token=first["refresh_token"])
        self._ask("POST", "/oauth/revoke", {"client_id": CLIENT, "token": second["refresh_token"]})

    def _tokens(self, **asked: str) -> dict[str, Any]:
        return self._ask("POST", "/oauth/token", {"client_id": CLIENT, **asked}, as_json=True)

    def _ask(
        self,
        method: str,
        path: str,
        fields: dict[str, str] | None = None,
        *,
        expected: int = 200,
        as_json: bool = False,
    ) -> Any:  # noqa: ANN401 - an answer, or the document in it
        request = event("rest_list_tokens", owner_bearer="")
        del request["headers"]["authorization"], request["pathParameters"]
        form = urlencode(fields or {})
        request |= {"rawPath": path, "cookies": [f"{name}={value}" for name, value in self.cookies.items()]}
        request["requestContext"]["http"] |= {"method": method, "path": path}
        if method == "GET":
            request["rawQueryString"] = form
        else:
            request["body"] = form
            request["headers"]["content-type"] = "application/x-www-form-urlencoded"
        answer = self.cloud.doors.invoke("token_api", request)
        assert answer["statusCode"] == expected, answer
        for line in answer.get("cookies", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return json.loads(answer["body"]) if as_json else answer

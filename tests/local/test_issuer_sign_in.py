"""A sign-in at the local issuer: whoever is chosen comes back with a code, which keeps every rule of OAuth and OIDC.

The client here is httpx and a few lines of the specifications (RFC 6749, 7636, 9207; OpenID Connect Core 3.1), so that
nothing of ours is measured against itself.
"""

import base64
import hashlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import jwt
import pytest
from starlette.applications import Starlette

from infra.local.issuer.issuer import LocalIssuer
from infra.local.issuer.people import Membership, Person
from infra.local.issuer.routes import issuer_routes

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
URL = "http://127.0.0.1:8765"
ISSUER = f"{URL}/_local/oidc"
CALLBACK = f"{URL}/auth/callback"
# The example of RFC 7636, appendix B.
VERIFIER, CHALLENGE = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
ASKED = {
    "response_type": "code",
    "client_id": "merchant-mcp",
    "redirect_uri": CALLBACK,
    "scope": "openid",
    "state": "a state & more",
    "nonce": "n-1",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
OLIVIA = Person(
    subject="olivia",
    name="Olivia <b>",
    email="olivia@sample.example",
    memberships=[Membership(workspace="Sample Store", role="owner"), Membership(workspace="Second", role="analyst")],
)
ADAM = Person(subject="adam", name="Adam", email="adam@sample.example")


@dataclass
class Browser:
    """Somebody's browser, and the client's back channel, at an issuer whose clock is the test's."""

    http: httpx.AsyncClient
    clock: list[datetime] = field(default_factory=lambda: [NOON])

    async def choose(self, person: str, **asked: str | None) -> httpx.Response:
        """Fill in the page that a request leads to, and send it."""
        fields = {name: value for name, value in {**ASKED, **asked}.items() if value is not None}
        shown = await self.http.get(f"{ISSUER}/authorize", params=fields)
        assert shown.status_code == 200, shown.text
        form = Form.read(shown.text)
        return await self.http.post(f"{ISSUER}/{form.action}", data={**dict(form.hidden), "person": person})

    async def code(self, person: str = "olivia", **asked: str | None) -> str:
        """Sign in, and give the code that comes back."""
        return came_back(await self.choose(person, **asked))["code"]

    async def redeem(self, shown: str, **told: str | None) -> httpx.Response:
        """Show a code at the token endpoint."""
        usual = {
            "grant_type": "authorization_code",
            "client_id": "merchant-mcp",
            "code": shown,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        fields = {name: value for name, value in {**usual, **told}.items() if value is not None}
        return await self.http.post(f"{ISSUER}/token", data=fields)


class Form(HTMLParser):
    """The form of a page, its hidden fields, its buttons, and the page's text."""

    @classmethod
    def read(cls, page: str) -> "Form":
        made = cls()
        made.feed(page)
        return made

    def __init__(self) -> None:
        super().__init__()
        self.action, self.method, self.text = "", "", ""
        self.hidden: list[tuple[str, str]] = []
        self.buttons: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        match tag:
            case "form":
                self.action, self.method = given["action"], given["method"]
            case "input":
                self.hidden.append((given["name"], given["value"]))
            case "button":
                self.buttons.append(given["value"])
            case _:
                pass

    def handle_data(self, data: str) -> None:
        self.text += data


def came_back(answer: httpx.Response) -> dict[str, str]:
    """Give what a redirect brings to the callback."""
    assert answer.status_code == 302, answer.text
    address, query = answer.headers["location"].split("?")
    assert address == CALLBACK
    return {name: value for name, (value,) in parse_qs(query).items()}


def refused(answer: httpx.Response) -> str:
    assert answer.status_code == 400
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()["error"]


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncGenerator[Browser]:
    issuer = LocalIssuer.from_file(tmp_path / "key.json", public_url=URL)
    clock = [NOON]
    people = {person.subject: person for person in (OLIVIA, ADAM)}
    routes = issuer_routes(issuer, people=people, audience="merchant-mcp", now=lambda: clock[0])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=routes))) as http:
        yield Browser(http=http, clock=clock)


async def claims_of(browser: Browser, id_token: str) -> dict[str, Any]:
    document = (await browser.http.get(f"{ISSUER}/.well-known/openid-configuration")).json()
    keys = jwt.PyJWKSet.from_dict((await browser.http.get(document["jwks_uri"])).json())
    header = jwt.get_unverified_header(id_token)
    return jwt.decode(
        id_token,
        keys[header["kid"]],
        algorithms=["ES256"],
        audience="merchant-mcp",
        issuer=document["issuer"],
        options={"verify_exp": False, "verify_iat": False},
    )


async def test_whoever_is_chosen_comes_back_with_a_code_for_a_token_that_says_so(browser: Browser) -> None:
    back = came_back(await browser.choose("olivia"))
    answer = await browser.redeem(back["code"])

    assert (back["state"], back["iss"]) == ("a state & more", ISSUER)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["token_type"] == "Bearer"
    claims = await claims_of(browser, answer.json()["id_token"])
    seconds = int(NOON.timestamp())
    told = {"iss": ISSUER, "sub": "olivia", "aud": "merchant-mcp", "nonce": "n-1", "email": "olivia@sample.example"}
    assert claims.items() >= {**told, "name": "Olivia <b>", "iat": seconds, "exp": seconds + 3600}.items()
    digest = hashlib.sha256(answer.json()["access_token"].encode()).digest()
    assert claims["at_hash"] == base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode(), "OIDC Core 3.1.3.6"


async def test_the_documents_name_what_is_there_and_promise_what_is_kept(browser: Browser) -> None:
    document = (await browser.http.get(f"{ISSUER}/.well-known/openid-configuration")).json()

    assert document["issuer"] == ISSUER
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["response_types_supported"] == ["code"]
    for endpoint in ("authorization_endpoint", "end_session_endpoint", "jwks_uri"):
        assert (await browser.http.get(document[endpoint])).status_code != 404
    assert (await browser.http.post(document["token_endpoint"])).status_code == 400


async def test_the_page_lists_everybody_with_their_roles_and_says_that_it_is_of_this_machine(browser: Browser) -> None:
    shown = await browser.http.get(f"{ISSUER}/authorize", params=ASKED)
    form = Form.read(shown.text)

    assert form.buttons == ["olivia", "adam", ""]
    assert "owner of Sample Store" in form.text
    assert "analyst of Second" in form.text
    assert "this machine only" in form.text
    assert "Olivia <b>" in form.text, "escaped, so that it is text"
    assert "script-src" not in shown.headers["content-security-policy"]
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]


async def test_whoever_chooses_nobody_comes_back_without_a_code(browser: Browser) -> None:
    back = came_back(await browser.choose(""))

    assert back == back | {"error": "access_denied", "state": ASKED["state"], "iss": ISSUER}
    assert "code" not in back


async def test_who_does_not_exist_cannot_be_chosen(browser: Browser) -> None:
    answer = await browser.choose("mallory")

    assert answer.status_code == 200, "the page again"
    assert Form.read(answer.text).buttons == ["olivia", "adam", ""]


async def test_every_sign_in_asks_anew_so_none_is_possible_without_a_page(browser: Browser) -> None:
    answer = await browser.http.get(f"{ISSUER}/authorize", params={**ASKED, "prompt": "none"})

    assert came_back(answer)["error"] == "login_required"


@pytest.mark.parametrize(
    "asked",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge": None},
        {"code_challenge_method": None},  # which would mean `plain`
        {"code_challenge": VERIFIER, "code_challenge_method": "plain"},
        {"code_challenge_method": "s256"},
        {"code_challenge": "too-short"},
    ],
)
async def test_without_a_challenge_by_s256_there_is_no_page_to_sign_in_on(
    browser: Browser, asked: dict[str, str | None]
) -> None:
    fields = {name: value for name, value in {**ASKED, **asked}.items() if value is not None}
    answer = await browser.http.get(f"{ISSUER}/authorize", params=fields)

    back = came_back(answer)
    assert (back["error"], back["state"]) == ("invalid_request", ASKED["state"])


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"scope": "email"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "openid x"}, "invalid_scope"),
    ],
)
async def test_what_is_no_sign_in_is_refused(browser: Browser, asked: dict[str, str | None], error: str) -> None:
    fields = {name: value for name, value in {**ASKED, **asked}.items() if value is not None}

    assert came_back(await browser.http.get(f"{ISSUER}/authorize", params=fields))["error"] == error


async def test_no_other_flow_than_that_of_codes_is_there(browser: Browser) -> None:
    answer = await browser.http.get(f"{ISSUER}/authorize", params={**ASKED, "response_type": "id_token"})

    assert came_back(answer)["error"] == "unsupported_response_type"


@pytest.mark.parametrize("kind", ["\U0001f600", '"code"', "code\ncode", "é", "<b>"])
async def test_a_response_type_of_other_characters_is_refused_on_a_page(browser: Browser, kind: str) -> None:
    answer = await browser.http.get(f"{ISSUER}/authorize", params={**ASKED, "response_type": kind})

    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert "response_type" in answer.text


@pytest.mark.parametrize(
    "asked",
    [
        {"redirect_uri": "https://evil.example/auth/callback"},
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": CALLBACK + "?next=x"},
        {"redirect_uri": 'https://evil.example/"\\'},
        {"redirect_uri": None},
        {"client_id": "somebody-else"},
        {"client_id": None},
    ],
)
async def test_whoever_asks_for_another_client_or_another_way_back_is_sent_nowhere(
    browser: Browser, asked: dict[str, str | None]
) -> None:
    fields = {name: value for name, value in {**ASKED, **asked}.items() if value is not None}
    answer = await browser.http.get(f"{ISSUER}/authorize", params=fields)

    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert answer.headers["content-type"].startswith("text/html")
    assert "settings page" in answer.text


async def test_a_parameter_that_is_there_twice_is_refused(browser: Browser) -> None:
    answer = await browser.http.get(f"{ISSUER}/authorize", params=[*ASKED.items(), ("redirect_uri", CALLBACK)])

    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_a_code_works_once(browser: Browser) -> None:
    code = await browser.code()

    assert (await browser.redeem(code)).status_code == 200
    assert refused(await browser.redeem(code)) == "invalid_grant"


async def test_a_code_works_for_a_minute(browser: Browser) -> None:
    in_time, late = await browser.code(), await browser.code()

    browser.clock[0] = NOON + timedelta(seconds=59)
    assert (await browser.redeem(in_time)).status_code == 200
    browser.clock[0] = NOON + timedelta(seconds=60)
    assert refused(await browser.redeem(late)) == "invalid_grant"


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"code_verifier": VERIFIER[::-1]}, "invalid_grant"),
        ({"code_verifier": CHALLENGE}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"redirect_uri": CALLBACK + "/"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"client_id": "somebody-else"}, "invalid_client"),
        ({"client_id": None}, "invalid_client"),
        ({"client_secret": "guessed"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"code": "guessed"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
    ],
)
async def test_a_code_is_good_only_for_whom_and_as_it_was_asked_for(
    browser: Browser, told: dict[str, str | None], error: str
) -> None:
    assert refused(await browser.redeem(await browser.code(), **told)) == error


async def test_a_code_that_was_shown_with_a_wrong_verifier_is_spent(browser: Browser) -> None:
    code = await browser.code()

    await browser.redeem(code, code_verifier=VERIFIER[::-1])

    assert refused(await browser.redeem(code)) == "invalid_grant"


async def test_two_sign_ins_at_once_do_not_get_into_each_others_way(browser: Browser) -> None:
    first, second = await browser.code("olivia", nonce="n-1"), await browser.code("adam", nonce=None)

    adam = (await browser.redeem(second)).json()["id_token"]
    olivia = (await browser.redeem(first)).json()["id_token"]

    assert (await claims_of(browser, olivia))["sub"] == "olivia"
    assert (await claims_of(browser, adam))["sub"] == "adam"
    assert "nonce" not in await claims_of(browser, adam)


async def test_signing_out_leads_back_to_the_client_and_nowhere_else(browser: Browser) -> None:
    home = f"{URL}/auth/signed-out"
    back = await browser.http.get(
        f"{ISSUER}/sign-out", params={"client_id": "merchant-mcp", "post_logout_redirect_uri": home}
    )
    away = await browser.http.get(
        f"{ISSUER}/sign-out", params={"client_id": "merchant-mcp", "post_logout_redirect_uri": "https://evil.example/"}
    )

    assert (back.status_code, back.headers["location"]) == (303, home)
    assert (away.status_code, "location" in away.headers) == (200, False)
    assert "signed out" in away.text


async def test_the_way_back_keeps_what_was_in_the_request_as_it_was(browser: Browser) -> None:
    answer = await browser.choose("olivia", state="x=1&code=stolen#é")

    assert dict(parse_qsl(urlsplit(answer.headers["location"]).query))["state"] == "x=1&code=stolen#é"
    assert len(parse_qs(urlsplit(answer.headers["location"]).query)["code"]) == 1

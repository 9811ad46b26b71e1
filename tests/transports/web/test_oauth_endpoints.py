"""The endpoints for clients: how they take ids, what they answer when something fails, and what nobody ever sees."""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import Invalid
from shared.domain.token.state import Status
from shared.services.grants.parameters import Parameters
from shared.services.grants.read_request import is_same_resource, scopes_asked
from shared.services.grants.refusals import GrantRefused
from shared.storage.contracts.streams import StoreUnavailable
from shared.transports.web.oauth.answers import describe
from shared.transports.web.sign_in import LONGEST_WAY_BACK
from tests.data.engines import MeddledEngine
from tests.data.stores import Stores
from tests.data.tenants import token, workspace
from tests.transports.http.issuer import LoopbackIssuer
from tests.transports.web.app_of_tests import METADATA, REGISTER, RESOURCE, REVOKE, STATE, TOKEN, App, offered_in, told
from tests.transports.web.rfc_scene import basic
from tests.transports.web.web import FORM, Web

DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+")
"""RFC 6749, section 5.2."""
DOCUMENT = "https://claude.test/client.json"


@pytest.mark.parametrize("encoded", [True, False])
@pytest.mark.parametrize("document", [True, False])
def test_a_client_may_name_itself_in_a_header_with_nothing_behind_the_colon(
    web: Web, *, encoded: bool, document: bool
) -> None:
    web.sign_in()
    web.published.documents[DOCUMENT] = json.dumps(
        {"client_id": DOCUMENT, "redirect_uris": ["https://claude.test/callback"]}
    ).encode()
    app = App(web, client_id=DOCUMENT, redirect_uri="https://claude.test/callback") if document else App(web)
    named = basic(quote(app.client_id, safe="") if encoded else app.client_id)

    tokens = app.redeem(app.code(), client_id=None, headers=named)

    assert tokens.status == 200
    assert app.refresh(tokens.json["refresh_token"], client_id=None, headers=named).status == 200
    assert app.refresh(tokens.json["refresh_token"], headers=named).status == 200


@pytest.mark.parametrize("secret", ["guessed", " ", ":x"])
def test_a_secret_is_none_of_ours_wherever_it_stands(app: App, secret: str) -> None:
    code = app.code()

    in_form = app.redeem(code, client_secret=secret)
    in_header = app.redeem(code, client_id=None, headers=basic(app.client_id, secret))

    assert (in_form.status, in_form.json["error"]) == (401, "invalid_client")
    assert (in_header.status, in_header.json["error"]) == (401, "invalid_client")
    assert "www-authenticate" not in in_form.headers
    assert in_header.headers["www-authenticate"].startswith("Basic ")
    assert app.redeem(code, client_secret="").status == 200


@pytest.mark.parametrize("header", ["Basic !", "Basic " + base64.b64encode(b"\xff:").decode()])
def test_a_header_that_cannot_be_read_is_refused(app: App, header: str) -> None:
    refused = app.redeem(app.code(), headers={"authorization": header})

    assert (refused.status, refused.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("body", [b"\xff\xfe=1", b"&".join(b"a%d=1" % number for number in range(60))])
def test_a_form_that_cannot_be_read_is_refused(app: App, body: bytes) -> None:
    refused = app.web.send("POST", TOKEN, headers={"content-type": FORM}, body=body.decode("latin-1"))

    assert (refused.status, refused.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("path", [TOKEN, REVOKE])
def test_no_cookie_and_no_origin_counts_here(app: App, path: str) -> None:
    refresh_token = app.connect()["refresh_token"]
    fields = {"grant_type": "refresh_token", "client_id": app.client_id, "refresh_token": refresh_token}
    body = urlencode({**fields, "token": refresh_token})

    from_a_page = app.web.send("POST", path, headers={"content-type": FORM, "origin": "https://evil.test"}, body=body)

    assert from_a_page.status == 200
    assert from_a_page.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in from_a_page.headers
    assert from_a_page.cookies == ()


def test_the_consent_page_lets_no_other_page_read_it(app: App) -> None:
    page = app.ask()

    assert "access-control-allow-origin" not in page.headers


@pytest.mark.parametrize("path", [METADATA, TOKEN, "/oauth/register", REVOKE])
def test_browsers_may_ask_with_what_the_sdks_send(web: Web, path: str) -> None:
    allowed = web.send("OPTIONS", path, headers={"origin": "https://app.test"})

    assert allowed.status == 204
    for name in ("Authorization", "Content-Type", "MCP-Protocol-Version"):
        assert name in allowed.headers["access-control-allow-headers"]


@pytest.fixture
def engine() -> Iterator[MeddledEngine]:
    engine = MeddledEngine()
    yield engine
    engine.meddle = None


def away(_: int) -> None:
    """Be a store that is too busy to write."""
    raise StoreUnavailable("throttled")


def test_a_client_is_told_to_come_again_when_the_store_is_away_and_nothing_is_lost(engine: MeddledEngine) -> None:
    web = Web(stores=Stores.over(engine))
    workspace(web.stores)
    web.sign_in()
    app = App(web)
    tokens, code = app.connect(), app.code()
    engine.meddle = away

    for refused in (app.redeem(code), app.refresh(tokens["refresh_token"]), app.revoke(tokens["refresh_token"])):
        assert (refused.status, refused.json["error"]) == (503, "temporarily_unavailable")
        assert refused.headers["retry-after"] == "5"
        assert refused.headers["access-control-allow-origin"] == "*"

    engine.meddle = None
    assert app.redeem(code).status == 200
    assert app.refresh(tokens["refresh_token"]).status == 200


def test_a_person_whose_yes_could_not_be_kept_says_it_again(engine: MeddledEngine) -> None:
    web = Web(stores=Stores.over(engine))
    workspace(web.stores)
    web.sign_in()
    app = App(web)
    page = app.ask()
    engine.meddle = away

    failed = app.answer(page)

    assert failed.status == 503
    assert failed.headers["retry-after"] == "5"
    engine.meddle = None
    assert app.answer(page).status == 303


def test_static_tokens_are_not_given_back_here(app: App) -> None:
    personal = token(app.web.stores)

    assert app.revoke(personal.text).status == 200

    row = app.web.stores.tokens.get(personal.token.token_id)
    assert row is not None
    assert row.token.status is Status.ACTIVE


def test_no_secret_stands_in_a_log_an_error_or_a_page(app: App, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    code = app.code()
    tokens = app.redeem(code).json
    answers = [
        app.redeem(code),
        app.redeem(code, client_id=tokens["access_token"]),
        app.refresh(tokens["refresh_token"]),
        app.refresh(tokens["refresh_token"], scope=tokens["access_token"]),
        app.revoke(tokens["access_token"]),
        app.ask(client_id=tokens["access_token"]),
        app.ask(redirect_uri=tokens["refresh_token"]),
        app.ask(**{tokens["access_token"]: ["a", "b"]}),
    ]

    for secret in (code, tokens["access_token"], tokens["refresh_token"]):
        assert secret not in caplog.text
        for answered in answers:
            assert secret not in answered.text
            assert quote(secret) not in answered.headers.get("location", "")


@given(st.text(min_size=1), st.text())
def test_descriptions_keep_to_the_characters_that_they_may_have(message: str, hint: str) -> None:
    assert DESCRIPTION.fullmatch(describe(Invalid("invalid_request", f"x{message}", hint=hint)))


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "resource"]), st.sampled_from(["", "1", "2"]))))
def test_a_parameter_counts_as_often_as_it_has_a_value(pairs: list[tuple[str, str]]) -> None:
    sent = Parameters.of(pairs)
    given_ = {name: [value for known, value in pairs if known == name and value] for name in ("a", "b", "resource")}

    for name, values in given_.items():
        assert sent.all(name) == values
        assert sent.one(name) == (values[0] if len(values) == 1 else None)
    if len(given_["a"]) > 1 or len(given_["b"]) > 1:
        with pytest.raises(GrantRefused) as refusal:
            sent.check_once()
        assert refusal.value.code == "invalid_request"
    else:
        sent.check_once()


@pytest.mark.parametrize(
    ("named", "is_same"),
    [
        ("https://api.test/mcp", True),
        ("https://api.test/mcp/", True),
        ("HTTPS://API.TEST:443/mcp", True),
        ("https://api.test/MCP", False),
        ("https://api.test/", False),
        ("https://api.test", False),
        ("https://api.test/mcp//", False),
        ("https://api.test/mcp?", True),
        ("https://api.test/mcp?a=b", False),
        ("https://api.test/mcp#", False),
        ("https://api.test:8443/mcp", False),
        ("http://api.test/mcp", False),
        ("http://api.test:443/mcp", False),
        ("https://user@api.test/mcp", False),
        ("https://api.test.evil.test/mcp", False),
        ("https://api.test:x/mcp", False),
        ("https://[api.test/mcp", False),
        ("api.test/mcp", False),
        ("", False),
    ],
)
def test_resources_are_compared_as_addresses_are(named: str, is_same: bool) -> None:  # noqa: FBT001 - a column
    assert is_same_resource(named, RESOURCE) is is_same


@given(st.text())
def test_whatever_is_named_as_a_resource_is_ours_or_not(named: str) -> None:
    assert is_same_resource(named, RESOURCE) in {True, False}


def test_scopes_are_told_apart_by_single_spaces() -> None:
    assert scopes_asked("mcp:pnl:read openid  mcp:ads:read") == {"mcp:pnl:read", "mcp:ads:read"}
    for text in ("mcp:pnl:read,mcp:ads:read", "MCP:PNL:READ", "mcp:pnl", " "):
        with pytest.raises(GrantRefused):
            scopes_asked(text)


def test_a_sign_in_leads_back_to_the_whole_request() -> None:
    with LoopbackIssuer() as issuer:
        web = Web(issuer_url=issuer.url)
        workspace(web.stores, issuer=issuer.url)
        app = App(web)
        begin = web.get(app.ask().location)
        asked = parse_qs(urlsplit(begin.location).query)
        bearer = issuer.bearer("olivia", now=web.now, claims={"nonce": asked["nonce"][0]})
        issuer.token_answer = (200, {"access_token": "x", "token_type": "Bearer", "id_token": bearer})

        led = web.get("/auth/callback", code="c", state=asked["state"][0])
        page = web.get(led.location)

    assert offered_in(page) == ["mcp:pnl:read", "mcp:ads:read"]
    assert told(app.answer(page))["state"] == STATE


def test_the_longest_request_fits_into_the_cookie_of_the_sign_in() -> None:
    with LoopbackIssuer() as issuer:
        web = Web(issuer_url=issuer.url)
        path = "/oauth/authorize?" + "x" * (LONGEST_WAY_BACK - len("/oauth/authorize?"))

        begun = web.get("/auth/sign-in", next=path)

    (cookie,) = [line for line in begun.cookies if line.startswith("__Host-signin")]
    assert len(path) == LONGEST_WAY_BACK
    assert len(cookie.partition(";")[0]) <= 4096


def test_a_registration_writes_nothing(engine: MeddledEngine) -> None:
    web = Web(stores=Stores.over(engine))
    workspace(web.stores)
    engine.meddle = away

    registered = App(web).register()

    assert registered.status == 201
    assert registered.json["client_id_issued_at"] == int(web.now.timestamp())


@pytest.mark.parametrize("path", [TOKEN, REVOKE, REGISTER])
@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [("application/json", '"' + 64 * 1024 * "x" + '"', 413), ("text/plain", "grant_type=refresh_token", 415)],
)
def test_what_is_too_large_or_of_another_kind_is_refused_in_json_that_any_page_may_read(
    web: Web, path: str, kind: str, body: str, status: int
) -> None:
    refused = web.send("POST", path, headers={"content-type": kind}, body=body)

    assert (refused.status, refused.json["error"]) == (status, "invalid_request")
    assert refused.headers["access-control-allow-origin"] == "*"


def test_a_form_may_have_fifty_fields_and_no_more(web: Web) -> None:
    for fields, described in ((50, True), (51, False)):
        body = "&".join(f"field{number}=x" for number in range(fields))
        refused = web.send("POST", TOKEN, headers={"content-type": FORM}, body=body)
        assert refused.status in {400, 401}
        assert ("cannot be read" not in refused.json["error_description"]) is described


def test_errors_of_addresses_that_nothing_is_at_are_told_in_json(web: Web) -> None:
    for method, path in (("GET", TOKEN), ("DELETE", REVOKE), ("GET", f"{TOKEN}/x"), ("POST", METADATA)):
        refused = web.send(method, path)
        assert refused.status in {404, 405}
        assert refused.json["error"] == "invalid_request"
    assert web.get(TOKEN).headers["allow"] == "POST"

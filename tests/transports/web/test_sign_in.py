"""The sign-in: begun in one browser, finished in that browser alone, and a session that ends where it is ended."""

from __future__ import annotations

import logging
from collections.abc import Generator
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.services.grants.pkce import challenge_of
from shared.transports.web.sign_in import way_back
from shared.transports.web.visitors import SESSION_COOKIE
from tests.data.tenants import NOON, workspace
from tests.transports.http.issuer import LoopbackIssuer
from tests.transports.web.web import AUDIENCE, FORM, PUBLIC_URL, SETTINGS, Page, Web

HOME = SETTINGS
NAME = "Olivia Owner"


@pytest.fixture
def issuer() -> Generator[LoopbackIssuer]:
    with LoopbackIssuer() as serving:
        yield serving


@pytest.fixture
def web(issuer: LoopbackIssuer) -> Web:
    web = Web(issuer_url=issuer.url)
    workspace(web.stores, issuer=issuer.url)
    return web


def begun(web: Web, path: str = "") -> dict[str, str]:
    """Begin a sign-in and give what the issuer is asked."""
    answer = web.get("/auth/sign-in", next=path)
    assert answer.status == 303
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}


def back(web: Web, asked: dict[str, str], issuer: LoopbackIssuer, *, subject: str = "olivia", **changed: str) -> Page:
    """Come back from an issuer that says who it is."""
    told = issuer.bearer(subject, now=web.now, claims={"nonce": asked["nonce"], "name": NAME})
    issuer.token_answer = (200, {"access_token": "not looked at", "token_type": "Bearer", "id_token": told})
    return web.send("GET", "/auth/callback", query=urlencode({"code": "the-code", "state": asked["state"], **changed}))


def test_the_issuer_is_asked_with_pkce_a_state_and_a_nonce(web: Web, issuer: LoopbackIssuer) -> None:
    answer = web.get("/auth/sign-in")
    asked = parse_qs(urlsplit(answer.location).query)

    assert answer.location.startswith(f"{issuer.url}/authorize?")
    assert asked["response_type"] == ["code"]
    assert asked["client_id"] == [AUDIENCE]
    assert asked["redirect_uri"] == [f"{PUBLIC_URL}/auth/callback"]
    assert asked["scope"] == ["openid profile email"]
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    again = begun(web)
    assert {again["state"], again["nonce"], again["code_challenge"]}.isdisjoint(
        {asked["state"][0], asked["nonce"][0], asked["code_challenge"][0]}
    )


def test_who_comes_back_has_a_session_and_is_where_they_wanted_to_be(web: Web, issuer: LoopbackIssuer) -> None:
    asked = begun(web, f"{HOME}/activity?tool=get_pnl")

    answer = back(web, asked, issuer)

    assert (answer.status, answer.location) == (303, f"{HOME}/activity?tool=get_pnl")
    ((headers, form),) = issuer.redeemed
    assert form["grant_type"] == "authorization_code"
    assert form["code"] == "the-code"
    assert form["redirect_uri"] == f"{PUBLIC_URL}/auth/callback"
    assert form["client_id"] == AUDIENCE
    assert 43 <= len(form["code_verifier"]) <= 128
    assert challenge_of(form["code_verifier"]) == asked["code_challenge"]
    assert "Authorization" not in headers


def test_a_way_back_is_gone_once(web: Web, issuer: LoopbackIssuer) -> None:
    asked = begun(web)
    assert back(web, asked, issuer).status == 303

    assert back(web, asked, issuer).status == 400
    assert len(issuer.redeemed) == 1


def test_what_the_issuer_calls_the_person_is_kept_with_the_session_and_goes_with_it(
    web: Web, issuer: LoopbackIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    back(web, begun(web), issuer)
    assert NAME in web.get(HOME).words

    web.post("/auth/sign-out")

    assert web.get(HOME).status == 303
    assert NAME not in caplog.text


def test_an_issuer_that_insists_on_a_secret_gets_it(web: Web, issuer: LoopbackIssuer) -> None:
    web.client_secret = "what the issuer knows us by"

    assert back(web, begun(web), issuer).status == 303
    assert issuer.redeemed[0][0]["Authorization"].startswith("Basic ")


@pytest.mark.parametrize(("cookie", "seconds"), [("__Host-session", 12 * 3600), ("__Host-signin", 15 * 60)])
def test_cookies_are_for_this_host_over_https_and_for_no_script(
    web: Web, issuer: LoopbackIssuer, cookie: str, seconds: int
) -> None:
    first = web.get("/auth/sign-in")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(first.location).query).items()}
    lines = [*first.cookies, *back(web, asked, issuer).cookies]

    (line,) = [line for line in lines if line.startswith(f"{cookie}=") and "Max-Age=0" not in line]
    parts = {part.strip().casefold() for part in line.split(";")[1:]}
    assert {"httponly", "secure", "path=/", "samesite=lax", f"max-age={seconds}"} <= parts
    assert not any(part.startswith("domain") for part in parts)


def test_a_state_of_another_browser_signs_nobody_in(web: Web, issuer: LoopbackIssuer) -> None:
    theirs = Web(issuer_url=issuer.url, stores=web.stores)
    asked = begun(theirs)
    begun(web)

    answer = back(web, asked, issuer)

    assert answer.status == 400
    assert SESSION_COOKIE not in web.cookies
    assert issuer.redeemed == []


def test_without_a_sign_in_that_was_begun_here_a_code_is_not_looked_at(web: Web, issuer: LoopbackIssuer) -> None:
    asked = begun(web)
    web.cookies.clear()

    assert back(web, asked, issuer).status == 400
    assert issuer.redeemed == []


def test_a_sign_in_that_was_begun_a_quarter_of_an_hour_ago_is_begun_anew(web: Web, issuer: LoopbackIssuer) -> None:
    asked = begun(web)
    web.now += timedelta(minutes=15)

    answer = back(web, asked, issuer)

    assert answer.status == 400
    assert "Sign in again" in answer.words


@pytest.mark.parametrize("nonce", ["another", ""])
def test_an_id_token_of_another_sign_in_is_not_believed(web: Web, issuer: LoopbackIssuer, nonce: str) -> None:
    assert back(web, {**begun(web), "nonce": nonce}, issuer).status == 400
    assert SESSION_COOKIE not in web.cookies


def test_a_sign_in_that_failed_is_begun_anew_and_not_tried_again(web: Web, issuer: LoopbackIssuer) -> None:
    asked = begun(web)

    assert web.get("/auth/callback", code="guessed", state=asked["state"]).status == 400
    assert back(web, asked, issuer).status == 400
    assert len(issuer.redeemed) == 1


def test_an_id_token_for_another_client_is_not_believed(web: Web, issuer: LoopbackIssuer) -> None:
    asked = begun(web)
    told = issuer.bearer("olivia", now=web.now, claims={"nonce": asked["nonce"], "aud": "another"})
    issuer.token_answer = (200, {"access_token": "a", "token_type": "Bearer", "id_token": told})

    assert web.get("/auth/callback", code="c", state=asked["state"]).status == 400
    assert SESSION_COOKIE not in web.cookies


def test_an_answer_in_the_name_of_another_issuer_is_refused_before_the_code_is_sent(
    web: Web, issuer: LoopbackIssuer
) -> None:
    assert back(web, begun(web), issuer, iss="https://another.test").status == 400
    assert issuer.redeemed == []


def test_a_person_who_says_no_at_the_issuer_is_told_so(web: Web, issuer: LoopbackIssuer) -> None:
    answer = back(web, begun(web), issuer, error="access_denied")

    assert answer.status == 400
    assert "not completed" in answer.words
    assert issuer.redeemed == []


def test_a_code_that_the_issuer_refuses_signs_nobody_in_and_stands_in_no_log(
    web: Web, caplog: pytest.LogCaptureFixture
) -> None:
    asked = begun(web)
    caplog.set_level(logging.DEBUG)

    answer = web.get("/auth/callback", code="the-secret-code", state=asked["state"])

    assert answer.status == 400
    assert "the-secret-code" not in caplog.text


@pytest.mark.parametrize("name", ["/sign-in/.well-known/openid-configuration", "/sign-in/keys"])
def test_an_issuer_that_does_not_answer_is_waited_for(web: Web, issuer: LoopbackIssuer, name: str) -> None:
    kept = issuer.documents.pop(name)

    answer = web.get("/auth/sign-in")
    if answer.status == 303:
        asked = {key: values[0] for key, values in parse_qs(urlsplit(answer.location).query).items()}
        answer = back(web, asked, issuer)

    assert answer.status == 503
    assert answer.headers["retry-after"] == "10"
    issuer.documents[name] = kept
    assert back(web, begun(web), issuer).status == 303


def test_the_session_of_before_is_ended_by_a_sign_in(web: Web, issuer: LoopbackIssuer) -> None:
    web.sign_in("ana")
    planted = web.cookies[SESSION_COOKIE]

    back(web, begun(web), issuer)

    assert web.cookies[SESSION_COOKIE] != planted
    web.cookies[SESSION_COOKIE] = planted
    assert web.get(HOME).location.startswith("/auth/sign-in?")


def test_a_session_lasts_twelve_hours(web: Web, issuer: LoopbackIssuer) -> None:
    back(web, begun(web), issuer)

    web.now = NOON + timedelta(hours=12) - timedelta(seconds=1)
    assert web.get(HOME).status == 200
    web.now = NOON + timedelta(hours=12)
    assert web.get(HOME).status == 303


def test_signing_out_ends_the_session_on_the_server_and_leads_to_the_issuers_end(
    web: Web, issuer: LoopbackIssuer
) -> None:
    back(web, begun(web), issuer)
    kept = web.cookies[SESSION_COOKIE]

    answer = web.post("/auth/sign-out")

    assert answer.location.startswith("/auth/signed-out")
    assert answer.headers["clear-site-data"] == '"cache"', "the back button shows nothing of before"
    followed = web.get(answer.location)
    assert followed.headers["refresh"].startswith(f"0; url={issuer.url}/end?")
    assert "refresh" not in web.get("/auth/signed-out").headers
    assert SESSION_COOKIE not in web.cookies
    web.cookies[SESSION_COOKIE] = kept
    assert web.get(HOME).status == 303
    assert web.get("/auth/signed-out").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.test/",
        "//evil.test/dashboard/",
        "/\\evil.test",
        "/dashboard/\\evil.test",
        "/dashboard",
        "/auth/sign-out",
        "/v1/tokens",
        "javascript:alert(1)",
        "/dashboard/\t/evil",
        "/dashboard/\r\nSet-Cookie: a=b",
        "/oauth/authorize",
        "/dashboard/" + "x" * 3000,
        "",
    ],
)
def test_a_sign_in_leads_to_pages_of_ours_and_nowhere_else(path: str) -> None:
    assert way_back(path) == HOME


@given(st.text(max_size=40))
def test_whatever_is_asked_for_the_way_back_begins_with_a_room_of_ours(tail: str) -> None:
    for path in (tail, f"/dashboard/{tail}", f"//{tail}", f"/oauth/authorize?{tail}"):
        led = way_back(path)
        assert led.startswith(("/dashboard/", "/oauth/authorize?"))
        assert led.isprintable()
        assert "\\" not in led


def test_a_page_that_is_asked_for_by_another_method_says_by_which(web: Web) -> None:
    web.sign_in()

    refused = web.send("DELETE", HOME)

    assert (refused.status, refused.headers["allow"]) == (405, "GET")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.test"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "null"},
    ],
)
def test_a_form_from_somebody_elses_page_changes_nothing(web: Web, headers: dict[str, str]) -> None:
    web.sign_in()

    assert web.post("/auth/sign-out", headers=headers).status == 403
    assert web.get(HOME).status == 200


def test_a_form_without_its_key_or_with_that_of_another_session_changes_nothing(web: Web) -> None:
    web.sign_in("adam")
    theirs = web.form_key
    web.sign_in("olivia")

    for key in ("", theirs, theirs[:-1]):
        assert web.post("/auth/sign-out", csrf=key).status == 403
    assert web.get(HOME).status == 200


@pytest.mark.parametrize(
    ("referer", "led"),
    [
        (f"{PUBLIC_URL}{HOME}/new", f"{HOME}/new"),
        ("https://evil.test/auth/sign-out", HOME),
        ("", HOME),
    ],
)
def test_a_form_that_comes_after_the_session_changes_nothing_and_leads_back_to_its_page(
    web: Web, referer: str, led: str
) -> None:
    answer = web.send("POST", f"{HOME}/new", headers={"referer": referer, "content-type": FORM}, body="name=x")

    assert answer.status == 401
    assert "nothing was changed" in answer.words
    assert "location" not in answer.headers, "a form's redirects may not leave our pages"
    assert f'href="/auth/sign-in?{urlencode({"next": led})}"' in answer.text


def test_every_answer_keeps_pages_out_of_frames_caches_and_scripts_of_others(web: Web) -> None:
    for answer in (web.get("/auth/signed-out"), web.get("/dashboard/none"), web.get(HOME)):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self';" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["permissions-policy"] == "camera=(), geolocation=(), microphone=(), payment=()"
        assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


def test_a_path_that_is_encoded_twice_leads_nowhere(web: Web) -> None:
    web.sign_in()

    assert web.get(f"{HOME}/%6Eew").status == 200
    assert web.get(f"{HOME}/%256Eew").status == 404


@pytest.mark.parametrize(
    ("kind", "characters", "status"),
    [(FORM, 64 * 1024 + 1, 413), ("text/plain", 10, 415), ("multipart/form-data; boundary=x", 10, 415)],
)
def test_a_page_takes_no_body_that_is_too_large_or_no_form(web: Web, kind: str, characters: int, status: int) -> None:
    web.sign_in()

    assert web.send("POST", f"{HOME}/new", headers={"content-type": kind}, body=characters * "x").status == status


def test_a_form_of_64_kib_is_read(web: Web) -> None:
    web.sign_in()

    assert web.send("POST", f"{HOME}/new", headers={"content-type": FORM}, body=64 * 1024 * "x").status == 403

"""OAuth's endpoints and the pages, under whatever strangers and their browsers send."""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.transports.web.oauth.answers import FOR_CLIENTS
from shared.transports.web.sign_in import BACK_TO, way_back
from tests.security.oauth_attacks import (
    ADDRESSES,
    BREAKOUTS,
    FORM,
    Browser,
    check_sound,
    encoded,
    json_values,
    pairs,
    routes_of_pages,
    words,
)
from tests.security.product import Answered, Product
from tests.security.tally import TALLY

REDIRECT = "http://127.0.0.1:33418/callback"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
CONTENT_TYPES = (
    FORM,
    FORM + "; charset=utf-16",
    "application/json",
    "multipart/form-data; boundary=x",
    "text/plain",
    "",
)

BEGINNINGS = (REDIRECT, "http://localhost", "https://app.test/", "https://app.test", "cursor://", "com.app:/", "")


def registered(product: Product, *redirects: str) -> str:
    body = {"client_name": "An editor", "redirect_uris": list(redirects)}
    made = product.ask("POST", "/oauth/register", {"content-type": "application/json"}, json.dumps(body))
    assert made.status == 201, made.text
    return str(made.json["client_id"])


def check_costs_nothing(answer: Answered) -> None:
    """Garbage is neither hashed nor written down."""
    assert (answer.writes, answer.hashes) == (0, 0), answer.costs


# --- what programs ask ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke"])
@given(
    fields=pairs(
        "grant_type",
        "code",
        "client_id",
        "client_secret",
        "redirect_uri",
        "code_verifier",
        "refresh_token",
        "token",
        "scope",
        "resource",
    ),
    grant=st.sampled_from(["authorization_code", "refresh_token", "client_credentials", "password", ""]),
    content_type=st.just(FORM) | st.sampled_from(CONTENT_TYPES),
    basic=st.none() | words,
    known=st.booleans(),
)
def test_garbage_at_the_token_endpoints_is_refused_and_costs_nothing(  # noqa: PLR0917 - Hypothesis gives them by name
    standing: Product,
    path: str,
    fields: list[tuple[str, str]],
    grant: str,
    content_type: str,
    basic: str | None,
    known: bool,  # noqa: FBT001 - drawn
) -> None:
    sent = [("grant_type", grant), *fields, *([("client_id", registered(standing, REDIRECT))] if known else [])]
    headers = {"content-type": content_type}
    if basic is not None:
        headers["authorization"] = "Basic " + base64.b64encode(basic.encode(errors="surrogatepass")).decode()

    answer = standing.ask("POST", path, headers, encoded(sent))

    TALLY.note(f"garbage at {path}", answer.status)
    check_sound(answer, standing)
    check_costs_nothing(answer)
    assert answer.status in {200, 400, 401, 413, 415}
    if answer.status == 200:  # RFC 7009: of a token that is none a revocation says nothing
        assert (path, answer.json) == ("/oauth/revoke", {})
    else:
        assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+", answer.json["error_description"])


@given(
    metadata=json_values,
    name=st.just("An editor") | words,
    redirects=st.lists(
        st.sampled_from([*ADDRESSES, REDIRECT]) | st.tuples(st.sampled_from(BEGINNINGS), words).map("".join),
        min_size=1,
        max_size=2,
    ),
)
def test_whatever_registers_gets_redirects_of_the_kinds_that_are_allowed_or_is_refused(
    standing: Product,
    metadata: Any,  # noqa: ANN401 - any JSON
    name: str,
    redirects: list[str],
) -> None:
    told = {"extra": metadata, "client_name": name, "redirect_uris": redirects}

    for body in (json.dumps(told), json.dumps(metadata)):
        answer = standing.ask("POST", "/oauth/register", {"content-type": "application/json"}, body)

        TALLY.note("registering anything", answer.status)
        check_sound(answer, standing)
        check_costs_nothing(answer)
        assert answer.status in {201, 400, 413}
        if answer.status == 201:
            assert len(answer.json["client_id"]) <= 2_000
            assert all(map(is_registrable, answer.json["redirect_uris"]))


def is_registrable(address: str) -> bool:
    """Tell by docs/oauth.md whether an address may be registered."""
    parted = urlsplit(address)
    plain = address.isascii() and address.isprintable() and len(address) <= 400 and "#" not in address
    if parted.scheme == "http":
        return plain and parted.hostname in {"127.0.0.1", "::1", "localhost"} and "@" not in parted.netloc
    if parted.scheme == "https":
        return plain and bool(parted.hostname) and "@" not in parted.netloc and "\\" not in address
    return plain and parted.scheme not in {"javascript", "data", "vbscript", "file", "blob", "about", ""}


@pytest.mark.parametrize("body", ["[" * 30_000, '{"a":' * 5_000 + "1" + "}" * 5_000, "9" * 60_000, "{" * 9])
def test_json_that_is_deep_or_huge_registers_nothing(standing: Product, body: str) -> None:
    answer = standing.ask("POST", "/oauth/register", {"content-type": "application/json"}, body)

    check_sound(answer, standing)
    check_costs_nothing(answer)
    assert (answer.status, answer.json["error"]) == (400, "invalid_client_metadata")


# --- what browsers ask ------------------------------------------------------------------------------------------------


@given(
    changed=st.dictionaries(
        st.sampled_from(
            [
                "response_type",
                "redirect_uri",
                "scope",
                "state",
                "code_challenge",
                "code_challenge_method",
                "resource",
                "request",
                "response_mode",
                "prompt",
            ]
        ),
        words,
        max_size=2,
    ),
    more=st.just([]) | pairs("client_id", "redirect_uri", "state", "scope"),
)
def test_a_consent_page_leads_to_us_and_to_the_registered_address_alone(
    standing: Product, changed: dict[str, str], more: list[tuple[str, str]]
) -> None:
    asked = {
        "response_type": "code",
        "client_id": registered(standing, REDIRECT),
        "redirect_uri": REDIRECT,
        "scope": "mcp:pnl:read",
        "state": "s",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }

    answer = Browser.of(standing).get("/oauth/authorize", [*{**asked, **changed}.items(), *more])

    TALLY.note("asking for consent in every way", answer.status)
    check_sound(answer, standing, redirect=REDIRECT)
    assert answer.status in {200, 400, 414}
    assert "location" not in answer.headers
    check_costs_nothing(answer)


@given(answer_=words, consent=words, scopes=st.lists(words, max_size=3), key=st.none() | words)
def test_a_forged_answer_to_a_consent_page_connects_nobody(
    standing: Product, answer_: str, consent: str, scopes: list[str], key: str | None
) -> None:
    fields = [("consent", consent), ("answer", answer_), *(("scope", scope) for scope in scopes)]

    answer = Browser.of(standing).post("/oauth/authorize", fields, key=key)

    TALLY.note("forging the answer to a consent page", answer.status)
    check_sound(answer, standing)
    check_costs_nothing(answer)
    assert answer.status in {403, 422}


@given(next_=st.sampled_from(ADDRESSES) | words | words.map("/dashboard/".__add__))
def test_a_sign_in_leads_nowhere_but_to_pages_of_ours(standing: Product, next_: str) -> None:
    chosen = Browser.of(standing).post("/auth/workspace", [("workspace", "wks_1"), ("next", next_)])

    TALLY.note("leading elsewhere after a sign-in", chosen.status)
    check_sound(chosen, standing)
    assert chosen.headers["location"].startswith(BACK_TO)
    assert way_back(next_).startswith(BACK_TO)


@given(fields=pairs("state", "code", "iss", "error", "error_description"), cookie=words)
def test_nobody_is_signed_in_by_what_they_bring_back_from_no_sign_in(
    standing: Product, fields: list[tuple[str, str]], cookie: str
) -> None:
    brought = re.sub(r"[^!-:<-~]", "", cookie)

    answer = standing.ask(
        "GET", "/auth/callback", {"cookie": f"__Host-signin={brought}; __Host-session={brought}"}, query=encoded(fields)
    )

    TALLY.note("coming back from no sign-in", answer.status)
    check_sound(answer, standing)
    check_costs_nothing(answer)
    assert answer.status in {400, 422}
    assert not [each for each in answer.cookies if each.startswith("__Host-session")]


@given(data=st.data(), segment=words, fields=pairs("name", "reason", "scope", "next", "cursor", "confirmation", "days"))
def test_no_page_fails_or_lets_markup_through_whatever_is_asked_of_it(
    standing: Product, data: st.DataObject, segment: str, fields: list[tuple[str, str]]
) -> None:
    method, path = data.draw(st.sampled_from(routes_of_pages(standing)))
    there = re.sub(r"\{[^}]*\}", lambda _: re.sub(r"[%?#/\x00-\x20]", "", segment) or "x", path)
    somebody = Browser.of(standing, data.draw(st.sampled_from(["olivia", "ana", "a stranger"])))

    answer = somebody.post(there, fields) if method == "POST" else somebody.get(there, fields)

    TALLY.note("any page with anything", answer.status)
    check_sound(answer, standing)
    assert answer.hashes == 0


@pytest.mark.parametrize("breakout", BREAKOUTS)
def test_a_name_that_is_markup_stands_on_every_page_as_text(product: Product, breakout: str) -> None:
    browser = Browser.of(product)
    made = product.new_token()
    page = f"/dashboard/settings/developer/mcp/tokens/{made.token.token_id}"

    renamed = browser.post(f"{page}/rename", [("name", breakout)])
    shown = [browser.get(each, []) for each in (page, "/dashboard/settings/developer/mcp")]

    assert renamed.status == 303, renamed.text
    for answer in shown:
        check_sound(answer, product)
        assert answer.status == 200
        assert "alert(1)" in answer.text or "7*7" in answer.text


def test_a_form_from_elsewhere_changes_nothing_on_any_page(standing: Product) -> None:
    somebody, tried = Browser.of(standing), 0
    for method, path in routes_of_pages(standing):
        if method != "POST" or path.startswith(FOR_CLIENTS):
            continue
        answer = somebody.post(re.sub(r"\{[^}]*\}", "x", path), [], key="forged")

        TALLY.note("a form from elsewhere", answer.status)
        check_costs_nothing(answer)
        assert answer.status == 403, path
        tried += 1
    assert tried > 10

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import string
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.workspace.commands import RemoveMember
from shared.domain.workspace.events import Role
from shared.transports.issuer import LEEWAY
from tests.data.tenants import NOON, order
from tests.data.tenants import token as token_of
from tests.data.tenants import workspace as workspace_of
from tests.transports.http.api import Answer, Api
from tests.transports.http.issuer import RSA, LoopbackIssuer

NOW = int(NOON.timestamp())


def with_bearer(api: Api, bearer: str) -> Answer:
    return api.get("/v1/scopes", by=None, headers={"authorization": f"Bearer {bearer}"})


def part(document: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


def test_without_a_bearer_nobody_is_answered(api: Api) -> None:
    answer = api.get("/v1/scopes", by=None)

    assert (answer.status, answer.code) == (401, "credential_missing")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("key", ["rsa", "ec"])
def test_bearers_under_both_kinds_of_keys_are_believed(api: Api, key: str) -> None:
    assert with_bearer(api, api.issuer.bearer("olivia", now=NOON, key=key)).status == 200


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_may_be_written_in_any_case(api: Api, scheme: str) -> None:
    header = f"{scheme} {api.issuer.bearer('olivia', now=NOON)}"

    assert api.get("/v1/scopes", by=None, headers={"authorization": header}).status == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://another.test"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"aud": []},
        {"aud": 7},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": 7},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": 1e400},
        {"nbf": NOW + 31},
        {"nbf": "now"},
    ],
    ids=str,
)
def test_a_claim_that_is_wrong_or_missing_is_not_believed(api: Api, claims: dict[str, Any]) -> None:
    answer = with_bearer(api, api.issuer.bearer("olivia", now=NOON, claims=claims))

    assert (answer.status, answer.code) == (401, "bearer_invalid")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize(
    "claims", [{"aud": ["another", "merchant-mcp"]}, {"nbf": NOW}, {"nbf": NOW + 30}, {"iat": NOW + 9}]
)
def test_a_claim_that_is_right_in_another_form_is_believed(api: Api, claims: dict[str, Any]) -> None:
    assert with_bearer(api, api.issuer.bearer("olivia", now=NOON, claims=claims)).status == 200


def test_a_bearer_ends_at_its_hour_but_for_the_difference_of_clocks(api: Api) -> None:
    bearer = api.issuer.bearer("olivia", now=NOON)
    end = NOON + timedelta(hours=1)

    api.now = end + LEEWAY - timedelta(seconds=1)
    assert with_bearer(api, bearer).status == 200
    api.now = end + LEEWAY
    answer = with_bearer(api, bearer)
    assert (answer.status, answer.code) == (401, "bearer_expired")


def test_nothing_is_believed_that_the_issuer_did_not_sign(api: Api) -> None:
    now, believed = NOON, api.issuer.bearer("olivia", now=NOON)
    head, claims, signature = believed.split(".")
    everything = {"iss": api.issuer.url, "sub": "olivia", "aud": "merchant-mcp", "exp": NOW + 60}
    hs256 = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{part(everything)}"
    public_key = json.dumps(RSA.public_key().public_numbers().n).encode()
    forgeries = [
        api.issuer.bearer("olivia", now=now, key="stranger", headers={"kid": "ec"}),
        api.issuer.bearer("olivia", now=now, key="stranger"),
        api.issuer.bearer("olivia", now=now, headers={"kid": "rsa"}),
        api.issuer.bearer("olivia", now=now, key="rsa", headers={"kid": "ec"}),
        api.issuer.bearer("olivia", now=now, key="ec384"),
        f"{part({'alg': 'ES256'})}.{claims}.{signature}",
        f"{part({'alg': 'ES256', 'kid': None})}.{claims}.{signature}",
        f"{part({'alg': 'ES256', 'kid': ['ec']})}.{claims}.{signature}",
        f"{part(['ES256', 'ec'])}.{claims}.{signature}",
        f"{part({'alg': 'none', 'kid': 'ec'})}.{part(everything)}.",
        f"{part({'kid': 'ec'})}.{part(everything)}.",
        f"{hs256}.{base64.urlsafe_b64encode(hmac.digest(public_key, hs256.encode(), hashlib.sha256)).decode()}",
        f"{head}.{part({**everything, 'sub': 'adam'})}.{signature}",
        f"{head}.{claims}.",
        f"{head}.{claims}",
        "x",
        "a.b.c",
        "é",
    ]

    answers = [with_bearer(api, forgery) for forgery in forgeries]

    assert [(answer.status, answer.code) for answer in answers] == [(401, "bearer_invalid")] * len(forgeries)
    assert with_bearer(api, believed).status == 200


def test_a_bearer_has_one_spelling(api: Api) -> None:
    believed = api.issuer.bearer("olivia", now=NOON)
    last = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    at = last.index(believed[-1])
    respelt = [
        *(f"{believed}{more}" for more in ("=", "==", "!", "\n", "\x0b", "\x1f")),
        believed[:-1] + last[at ^ 1],  # bits that say nothing
        believed[:-4] + "\n" + believed[-4:],
    ]

    answers = [with_bearer(api, each) for each in respelt]

    assert [(answer.status, answer.code) for answer in answers] == [(401, "bearer_invalid")] * len(respelt)


@pytest.mark.parametrize("header", ["Basic b2xpdmlhOng=", "Bearer", "Bearer  ", "olivia"])
def test_another_way_to_sign_in_is_none(api: Api, header: str) -> None:
    answer = api.get("/v1/scopes", by=None, headers={"authorization": header})

    assert (answer.status, answer.code) == (401, "bearer_invalid")


def test_a_token_never_makes_a_token(api: Api) -> None:
    token = token_of(api.stores)
    header = {"authorization": f"Bearer {token.text}"}
    body = {"name": "another", "scopes": ["mcp:pnl:read"], "expires_in_days": 30}

    refused = [api.post("/v1/tokens", body, by=None, headers=header), api.get("/v1/tokens", by=None, headers=header)]

    assert [(answer.status, answer.code) for answer in refused] == [(401, "member_required")] * 2
    assert "a token never makes a token" in refused[0].json["detail"]
    assert "/mcp" in refused[0].json["hint"]
    assert len(api.get("/v1/tokens").json["data"]) == 1


def test_the_issuer_is_asked_for_its_keys_once(api: Api) -> None:
    for _ in range(5):
        with_bearer(api, api.issuer.bearer("olivia", now=NOON))
    for number in range(5):
        with_bearer(api, api.issuer.bearer("olivia", now=NOON, key="stranger", headers={"kid": f"made-up-{number}"}))

    assert api.issuer.asked == {"/sign-in/.well-known/openid-configuration": 1, "/sign-in/keys": 1}


def test_what_is_plainly_no_bearer_does_not_bother_the_issuer(api: Api) -> None:
    for text in ("x", "a.b.c", f"{part({'alg': 'HS256', 'kid': 'ec'})}.{part({})}.x"):
        assert with_bearer(api, text).status == 401

    assert not api.issuer.asked


DISCOVERY = "/sign-in/.well-known/openid-configuration"


@pytest.mark.parametrize(
    "documents",
    [
        {},
        {DISCOVERY: None},
        {DISCOVERY: []},
        {DISCOVERY: {"issuer": "https://another.test", "jwks_uri": "https://another.test/keys"}},
        {DISCOVERY: {"issuer": "{url}", "jwks_uri": "file:///etc/passwd"}},
        {DISCOVERY: {"issuer": "{url}", "jwks_uri": "{url}/nowhere"}},
        {DISCOVERY: {"issuer": "{url}", "jwks_uri": "{url}/keys"}, "/sign-in/keys": []},
        {DISCOVERY: {"issuer": "{url}", "jwks_uri": "{url}/keys"}, "/sign-in/keys": {"keys": []}},
    ],
    ids=str,
)
def test_an_issuer_that_cannot_be_asked_is_a_reason_to_wait_and_not_to_refuse(
    api: Api, documents: dict[str, Any]
) -> None:
    api.issuer.documents = json.loads(json.dumps(documents).replace("{url}", api.issuer.url))

    answer = with_bearer(api, api.issuer.bearer("olivia", now=NOON))

    assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "issuer_unavailable", "10")


def test_an_issuer_that_comes_back_is_believed_again(issuer: LoopbackIssuer, api: Api) -> None:
    documents, issuer.documents = issuer.documents, {}
    assert with_bearer(api, issuer.bearer("olivia", now=NOON)).status == 503

    issuer.documents = documents

    assert with_bearer(api, issuer.bearer("olivia", now=NOON)).status == 200


def test_an_issuer_that_nobody_hears_from_is_a_reason_to_wait() -> None:
    with LoopbackIssuer() as issuer:
        pass
    api = Api(issuer)
    workspace_of(api.stores, issuer=issuer.url)

    answer = api.send("GET", "/v1/scopes", by="olivia")

    assert (answer.status, answer.code) == (503, "issuer_unavailable")


def test_a_bearer_is_never_logged(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    bearers = [
        api.issuer.bearer("olivia", now=NOON),
        api.issuer.bearer("olivia", now=NOON, key="stranger"),
        api.issuer.bearer("olivia", now=NOON, claims={"exp": NOW - 999}),
        token_of(api.stores).text,
    ]

    for bearer in bearers:
        with_bearer(api, bearer)

    logged = "\n".join(str(vars(record)) for record in caplog.records)
    assert [bearer for bearer in bearers if bearer in logged or bearer.split(".")[-1] in logged] == []


def test_who_is_a_member_nowhere_may_do_nothing(api: Api) -> None:
    answer = api.get("/v1/scopes", by="mallory")

    assert (answer.status, answer.code) == (403, "not_a_member")


def test_the_same_name_at_another_issuer_is_another_person(api: Api) -> None:
    with LoopbackIssuer() as another:
        api.stores.workspaces.get("wks_1")
        elsewhere = Api(another, api.stores)

        assert elsewhere.get("/v1/scopes", by="olivia").code == "not_a_member"


def test_who_was_removed_may_do_nothing_from_then_on(api: Api) -> None:
    assert api.get("/v1/tokens", by="adam").status == 200

    order(RemoveMember(member_id="mem_adam", at=NOON), stores=api.stores)

    assert api.get("/v1/tokens", by="adam").code == "not_a_member"


def test_a_member_of_several_workspaces_says_which_one_is_meant(api: Api) -> None:
    workspace_of(api.stores, "wks_2", people={"olivia": Role.ANALYST, "oscar": Role.OWNER}, issuer=api.issuer.url)
    token_of(api.stores, name="of the first")

    unnamed = api.get("/v1/tokens")
    first = api.get("/v1/tokens", headers={"Merchant-Workspace": "wks_1"})
    second = api.get("/v1/tokens", headers={"Merchant-Workspace": "wks_2"})

    assert (unnamed.status, unnamed.code, unnamed.json["field"]) == (400, "workspace_required", "Merchant-Workspace")
    assert unnamed.json["workspaces"] == ["wks_1", "wks_2"]
    assert [token["name"] for token in first.json["data"]] == ["of the first"]
    assert (second.status, second.code) == (403, "role_required")  # an analyst there


def test_a_name_of_a_workspace_has_its_length(api: Api) -> None:
    answer = api.get("/v1/scopes", headers={"merchant-workspace": "x" * 101})

    assert (answer.status, answer.code, answer.json["field"]) == (422, "request_invalid", "merchant-workspace")


def test_the_only_workspace_may_be_named_too(api: Api) -> None:
    assert api.get("/v1/scopes", headers={"merchant-workspace": "wks_1"}).status == 200


@pytest.mark.parametrize("named", ["wks_2", "wks_none", "", "x" * 100, "../wks_1"])
def test_a_workspace_of_others_looks_like_none_at_all(api: Api, named: str) -> None:
    workspace_of(api.stores, "wks_2", people={"oscar": Role.OWNER}, issuer=api.issuer.url)

    answer = api.get("/v1/tokens", headers={"Merchant-Workspace": named})

    assert (answer.status, answer.code) == (404, "workspace_not_found")
    assert answer.json["detail"] == "There is no such workspace."

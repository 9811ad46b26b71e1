"""Whose reports are believed: what GitHub signs, to the last byte, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import logging

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.token.state import Status
from shared.storage.contracts.streams import StoreUnavailable
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.stores import Stores
from tests.data.tenants import token as token_of
from tests.transports.http.api import JSON, Api
from tests.transports.http.github import REPORT, LoopbackGithub, document, finding, label, refused, signed
from tests.transports.http.test_leaks import FailingEngine, logged, status_of

SECRET = "mfp_1it_must_not_be_repeated_to_anybody"

pytestmark = pytest.mark.usefixtures("github")


# --- what github's own documentation has signed -----------------------------------------------------------------------

DOCUMENTED = [
    (
        "90a421169f0a406205f1563a953312f0be898d3c7b6c06b681aa86a874555f4a",
        (
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9MJJHnMfn2+H4xL4YaPDA4RpJqUq\n"
            "kCmRCBnYERxZanmcpzQSXs1X/AljlKkbJ8qpVIW4clayyef9gWhFbNHWAA=="
        ),
        '[{"token":"some_token","type":"some_type","url":"some_url"}]',
        "MEUCIQDKZokqnCjrRtw0tni+2Ltvl/uiMJ1EGumEsp1BsNr32AIgQY1YXD2nlj+XNfGK4rBfkMJ1JDOQcYXxa2sY8FNkrKc=",
    ),
    (
        "f9525bf080f75b3506ca1ead061add62b8633a346606dc5fe544e29231c6ee0d",
        (
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEsz9ugWDj5jK5ELBK42ynytbo38gP\n"
            "HzZFI03Exwz8Lh/tCfL3YxwMdLjB+bMznsanlhK0RwcGP3IDb34kQDIo3Q=="
        ),
        '[{"token":"some_token","type":"some_type","url":"some_url","source":"some_source"}]',
        "MEUCIFLZzeK++IhS+y276SRk2Pe5LfDrfvTXu6iwKKcFGCrvAiEAhHN2kDOhy2I6eGkOFmxNkOJ+L2y8oQ9A2T9GGJo6WJY=",
    ),
    (
        "bcb53661c06b4728e59d897fb6165d5c9cda0fd9cdf9d09ead458168deb7518c",
        (
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYAGMWO8XgCamYKMJS6jc/qgvSlAd\n"
            "AjPuDPRcXU22YxgBrz+zoN19MzuRyW87qEt9/AmtoNP5GrobzUvQSyJFVw=="
        ),
        '[{"source":"commit","token":"some_token","type":"some_type","url":"https://example.com/base-repo-url/"}]',
        "MEQCIQDaMKqrGnE27S0kgMrEK0eYBmyG0LeZismAEz/BgZyt7AIfXt9fErtRS4XaeSt/AO1RtBY66YcAdjxji410VQV4xg==",
    ),
]
"""Key, report and signature of three editions of the page on the partner programme."""


@pytest.mark.parametrize("documented", DOCUMENTED, ids=[each[0][:8] for each in DOCUMENTED])
def test_the_reports_of_githubs_documentation_are_believed(
    api: Api, github: LoopbackGithub, documented: tuple[str, str, str, str]
) -> None:
    name, key, body, signature = documented
    pem = f"-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n"
    github.list = document({"key_identifier": name, "key": pem, "is_current": True})
    headers = {**JSON, "github-public-key-identifier": name, "github-public-key-signature": signature}

    answer = api.send("POST", REPORT, headers=headers, body=body)

    assert (answer.status, answer.json) == (200, [label("some_token", "some_type", "false_positive")])


# --- what is not believed ---------------------------------------------------------------------------------------------

BODY = json.dumps([finding(SECRET)])
GOOD = signed(BODY.encode())
SIGNATURE = GOOD["github-public-key-signature"]
UNBELIEVED = (403, "signature_invalid")

fixed = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(where=st.integers(0, len(BODY) - 1), flip=st.integers(1, 255))
@fixed
def test_no_byte_of_the_body_can_be_another(api: Api, where: int, flip: int) -> None:
    body = bytearray(BODY.encode())
    body[where] ^= flip

    assert refused(api.send("POST", REPORT, headers=GOOD, body=bytes(body))) == UNBELIEVED


@given(where=st.integers(0, len(SIGNATURE) - 1), letter=st.characters(max_codepoint=0xFF))
@fixed
def test_no_letter_of_the_signature_can_be_another(api: Api, where: int, letter: str) -> None:
    signature = SIGNATURE[:where] + letter + SIGNATURE[where + 1 :]
    answer = api.send("POST", REPORT, headers={**GOOD, "github-public-key-signature": signature}, body=BODY)

    assert (answer.status == 200) == (signature == SIGNATURE)
    assert answer.status in {200, 403}


def _spelt_otherwise() -> str:
    """The same signature, with other spare bits behind its last byte."""
    body = BODY.encode()
    while not (signature := signed(body)["github-public-key-signature"]).endswith("="):
        pass
    last = signature.rstrip("=")[-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = alphabet[alphabet.index(last) + 1]
    return signature.rstrip("=")[:-1] + other + "=" * signature.count("=")


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "=",
        "not base64",
        base64.b64encode(b"").decode(),
        base64.b64encode(bytes(64)).decode(),
        base64.b64encode(base64.b64decode(SIGNATURE) + b"\x00").decode(),
        base64.b64encode(hashlib.sha256(BODY.encode()).digest()).decode(),
        SIGNATURE.rstrip("=") + "====",
        f"{SIGNATURE},{SIGNATURE}",
        f" {SIGNATURE}",
        f"{SIGNATURE[:8]}\n{SIGNATURE[8:]}",
        _spelt_otherwise(),
        "\u00e9" * 96,
    ],
    ids=[
        "nothing",
        "padding",
        "words",
        "of nothing",
        "zeros",
        "a byte more",
        "a digest",
        "padded twice",
        "two",
        "a space before",
        "two lines",
        "spelt otherwise",
        "letters of others",
    ],  # a signature is another in each process
)
def test_what_is_no_signature_is_not_believed(api: Api, signature: str) -> None:
    headers = {**GOOD, "github-public-key-signature": signature}

    assert refused(api.send("POST", REPORT, headers=headers, body=BODY)) == UNBELIEVED


def test_a_stranger_who_names_githubs_key_is_not_believed(api: Api) -> None:
    headers = {**signed(BODY.encode(), key="stranger"), "github-public-key-identifier": "now"}

    assert refused(api.send("POST", REPORT, headers=headers, body=BODY)) == UNBELIEVED


@pytest.mark.parametrize("key", ["stranger", "NOW", "now ", "now,now", "before"])
def test_a_signature_is_good_under_the_key_that_is_named_and_no_other(api: Api, key: str) -> None:
    headers = {**GOOD, "github-public-key-identifier": key}

    assert refused(api.send("POST", REPORT, headers=headers, body=BODY)) == UNBELIEVED


@pytest.mark.parametrize("left_out", ["github-public-key-identifier", "github-public-key-signature"])
def test_a_report_that_is_not_signed_is_not_believed(api: Api, left_out: str) -> None:
    made = token_of(api.stores)
    body = json.dumps([finding(made.text)])
    headers = {name: value for name, value in signed(body.encode()).items() if name != left_out}

    assert refused(api.send("POST", REPORT, headers=headers, body=body)) == UNBELIEVED
    assert status_of(api, made.token.token_id) is Status.ACTIVE


def test_a_sign_in_does_not_stand_in_for_a_signature(api: Api) -> None:
    assert refused(api.post(REPORT, [finding(SECRET)])) == UNBELIEVED


def test_what_is_not_signed_at_all_has_nobody_asked_for_keys(api: Api, github: LoopbackGithub) -> None:
    api.post(REPORT, [finding(SECRET)], by=None)

    assert github.asked == []


def test_a_refusal_names_no_finding(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    answer = api.send("POST", REPORT, headers={**GOOD, "github-public-key-identifier": "stranger"}, body=BODY)

    assert SECRET not in answer.text + logged(caplog)


def test_what_is_not_believed_costs_no_hash_and_no_look_at_the_store(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    made = token_of(api.stores)
    body = json.dumps([finding(made.text)])
    monkeypatch.setattr(PasswordHasher, "verify", None)
    engine = FailingEngine(SqliteEngine())
    engine.at, engine.error = "get", StoreUnavailable("asked")
    strict = Api(api.issuer, Stores.over(engine), github_keys_url=api.github_keys_url)

    answer = strict.send("POST", REPORT, headers={**GOOD, "content-type": "application/json"}, body=body)

    assert refused(answer) == UNBELIEVED

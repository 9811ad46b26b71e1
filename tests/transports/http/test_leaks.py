"""POST /v1/tokens/report-leak: whoever holds a whole token may end it, and learns nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.token.events import TokenKind
from shared.domain.token.state import Status
from shared.services.credentials.token_format import new_token
from shared.storage.contracts.streams import StoreUnavailable
from shared.storage.engine import Item, Key, Table, Write
from shared.storage.sqlite.engine import SqliteEngine
from shared.transports.http.hardening import LONGEST_BODY
from tests.data.faults import Passing
from tests.data.stores import Stores
from tests.data.tenants import KEYS, NOON, rotation
from tests.data.tenants import token as token_of
from tests.data.tenants import workspace as workspace_of
from tests.transports.http.api import JSON, Answer, Api
from tests.transports.http.issuer import LoopbackIssuer

REPORT = "/v1/tokens/report-leak"
RECEIVED = (202, {"received": True})
SECRET = "mfp_1it_must_not_be_repeated_to_anybody"


def report(api: Api, text: str) -> Answer:
    return api.post(REPORT, {"token": text}, by=None)


def told(answer: Answer) -> tuple[int, object]:
    return answer.status, answer.json


def status_of(api: Api, token_id: str) -> Status:
    row = api.stores.tokens.get(token_id)
    assert row is not None
    return row.token.status


# --- what it does -----------------------------------------------------------------------------------------------------


def test_a_reported_token_is_revoked_before_the_answer(api: Api) -> None:
    made = token_of(api.stores)

    assert told(report(api, made.text)) == RECEIVED

    assert status_of(api, made.token.token_id) is Status.REVOKED
    refused = api.get("/v1/tokens/self", by=None, headers={"authorization": f"Bearer {made.text}"})
    assert (refused.status, refused.code) == (401, "token_revoked")


def test_its_trail_tells_of_the_report_and_nothing_of_the_reporter(api: Api) -> None:
    made = token_of(api.stores)
    report(api, made.text)

    entries = {entry["type"]: entry for entry in api.get("/v1/audit/events", token=made.token.token_id).json["data"]}

    reported = entries["token.leak_reported"]
    assert reported["data"] == {"source": "anonymous"}
    assert (reported["actor"], reported["request_id"]) == ("system:leak_report", "request-1")
    assert (reported["ip"], reported["user_agent"]) == (None, None)
    assert entries["token.revoked"]["data"]["reason"] == "the token was reported as leaked"


def test_it_makes_no_difference_who_is_signed_in(api: Api) -> None:
    made = token_of(api.stores)

    answer = api.post(REPORT, {"token": made.text}, by="mallory", headers={"merchant-workspace": "wks_none"})

    assert told(answer) == RECEIVED
    assert status_of(api, made.token.token_id) is Status.REVOKED


# --- always the same answer -------------------------------------------------------------------------------------------


def _live(api: Api) -> str:
    return token_of(api.stores).text


def _suspended(api: Api) -> str:
    made = token_of(api.stores)
    api.post(f"/v1/tokens/{made.token.token_id}/suspend", {"reason": "odd"})
    return made.text


def _dead(api: Api) -> str:
    made = token_of(api.stores)
    api.post(f"/v1/tokens/{made.token.token_id}/revoke", {"reason": "over"})
    return made.text


def _expired(api: Api) -> str:
    return token_of(api.stores, at=NOON - timedelta(days=30)).text


def _rotated(api: Api) -> str:
    made = token_of(api.stores)
    rotation(api.stores, made.token.token_id)
    return made.text


def _unknown(_: Api) -> str:
    return new_token(TokenKind.PERSONAL, "0" * 16, KEYS).text


def _with_another_secret(api: Api) -> str:
    return new_token(TokenKind.PERSONAL, token_of(api.stores).token.token_id, KEYS).text


TEXTS: list[Callable[[Api], str]] = [_live, _suspended, _dead, _expired, _rotated, _unknown, _with_another_secret]
ODD: dict[str, Callable[[Api], str]] = {
    "one letter changed": lambda api: _live(api)[:-1] + "!",
    "the part that lists show": lambda api: _live(api)[:12],
    "within a line": lambda api: f"TOKEN={_live(api)}",
    "empty": lambda _: "",
    "very long": lambda _: "x" * (LONGEST_BODY - 100),
    "not ASCII": lambda _: "mfp_é\u0000\U0001f511",
    "no Unicode": lambda _: "mfp_\ud800",
}


@pytest.mark.parametrize("text_of", [*TEXTS, *ODD.values()], ids=[*(each.__name__ for each in TEXTS), *ODD])
def test_every_text_gets_the_same_answer_to_the_last_header(api: Api, text_of: Callable[[Api], str]) -> None:
    plain, answer = report(api, "nothing"), report(api, text_of(api))

    assert (answer.status, answer.headers, answer.text) == (plain.status, plain.headers, plain.text)
    assert told(plain) == RECEIVED


@given(text=st.text(st.characters(exclude_categories=())))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_gets_it(api: Api, text: str) -> None:
    assert told(report(api, text)) == RECEIVED


def test_fields_beside_the_token_change_nothing(api: Api) -> None:
    answer = api.post(REPORT, {"token": "x", SECRET: SECRET, "url": 7}, by=None)

    assert told(answer) == RECEIVED


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (SECRET, 400, "json_malformed"),
        (f'{{"token": "{SECRET}', 400, "json_malformed"),
        (f'"{SECRET}"', 422, "request_invalid"),
        (f'["{SECRET}"]', 422, "request_invalid"),
        (f'{{"{SECRET}": 1}}', 422, "request_invalid"),
        (f'{{"token": ["{SECRET}"]}}', 422, "request_invalid"),
        (f'{{"token": {{"{SECRET}": 1}}}}', 422, "request_invalid"),
        ('{"token": null}', 422, "request_invalid"),
        ('{"token": 7}', 422, "request_invalid"),
        ("", 422, "request_invalid"),
        (f'{{"token": "{SECRET}"}}'.encode() + b"\xff", 400, "json_malformed"),
        (f'{{"token": "{SECRET * 500}"}}', 413, "body_too_large"),
    ],
)
def test_what_is_no_report_is_refused_without_an_echo_in_answer_or_log(
    api: Api, caplog: pytest.LogCaptureFixture, body: str | bytes, status: int, code: str
) -> None:
    caplog.set_level(logging.DEBUG)

    answer = api.send("POST", REPORT, headers=JSON, body=body)

    assert (answer.status, answer.code) == (status, code)
    assert SECRET not in answer.text + str(answer.headers) + logged(caplog)


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """Everything that was logged, with each traceback and whatever hangs on a record."""
    return "\n".join(str(vars(record)) for record in caplog.records) + caplog.text


class FailingEngine(Passing):
    """Fails at one operation."""

    at = ""
    error: Exception = StoreUnavailable()

    def get(self, table: Table, key: Key) -> Item | None:
        self._fail("get")
        return super().get(table, key)

    def transact(self, writes: Sequence[Write], *, request_token: str) -> None:
        self._fail("transact")
        super().transact(writes, request_token=request_token)

    def _fail(self, operation: str) -> None:
        if operation == self.at:
            raise self.error


@pytest.mark.parametrize("error", [StoreUnavailable("no answer"), RuntimeError("a bug")], ids=["away", "bug"])
@pytest.mark.parametrize("at", ["get", "transact"])
def test_a_store_that_fails_is_told_and_the_token_is_in_no_log(
    issuer: LoopbackIssuer, caplog: pytest.LogCaptureFixture, error: Exception, at: str
) -> None:
    caplog.set_level(logging.DEBUG)
    engine = FailingEngine(SqliteEngine())
    api = Api(issuer, Stores.over(engine))
    workspace_of(api.stores, issuer=issuer.url)
    made = token_of(api.stores)
    engine.at, engine.error = at, error

    answer = report(api, made.text)

    expected = (503, "store_unavailable") if isinstance(error, StoreUnavailable) else (500, "internal")
    assert (answer.status, answer.code) == expected
    assert str(error) in logged(caplog)
    engine.at = ""
    assert status_of(api, made.token.token_id) is Status.ACTIVE
    assert [part for part in (made.text, made.text[21:64]) if part in answer.text + logged(caplog)] == []
    assert told(report(api, made.text)) == RECEIVED
    assert status_of(api, made.token.token_id) is Status.REVOKED


def test_a_token_is_logged_nowhere_and_kept_nowhere(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    texts = [text_of(api) for text_of in TEXTS]

    for text in texts:
        report(api, text)

    trail = api.get("/v1/audit/events", limit=1000)
    assert "token.leak_reported" in trail.text
    secrets = [part for text in texts for part in (text, text[21:64])]
    assert [secret for secret in secrets if secret in logged(caplog) + trail.text] == []

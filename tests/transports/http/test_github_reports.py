"""POST /v1/tokens/report-leak/github: what a report that GitHub has signed does."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest

from shared.domain.token.state import Status
from shared.storage.sqlite.engine import SqliteEngine
from shared.transports.http.github import MOST_FINDINGS
from shared.transports.http.hardening import LONGEST_BODY
from shared.transports.http.leaks import LONGEST_BODIES
from tests.data.stores import Stores
from tests.data.tenants import NOON
from tests.data.tenants import token as token_of
from tests.data.tenants import workspace as workspace_of
from tests.transports.http.api import JSON, Answer, Api
from tests.transports.http.github import REPORT, LoopbackGithub, finding, label, refused, send, signed
from tests.transports.http.issuer import LoopbackIssuer
from tests.transports.http.test_leaks import FailingEngine, logged, status_of

SECRET = "mfp_1it_must_not_be_repeated_to_anybody"
LONGEST_REPORT = LONGEST_BODIES[REPORT]
BODY = json.dumps([finding(SECRET)])

pytestmark = pytest.mark.usefixtures("github")


# --- what a report does -----------------------------------------------------------------------------------------------


def test_what_is_found_is_revoked_and_each_finding_is_answered_in_its_order(api: Api) -> None:
    live, dead = token_of(api.stores), token_of(api.stores)
    api.post(f"/v1/tokens/{dead.token.token_id}/revoke", {"reason": "over"})

    answer = send(
        api,
        finding("mfp_no_token_at_all"),
        finding(live.text),
        finding(dead.text, "old_name"),
        finding(live.text, "old_name"),
    )

    assert answer.status == 200
    assert answer.json == [
        label("mfp_no_token_at_all", "merchantflow_token", "false_positive"),
        label(live.text, "merchantflow_token", "true_positive"),
        label(dead.text, "old_name", "true_positive"),
        label(live.text, "old_name", "true_positive"),
    ]
    assert status_of(api, live.token.token_id) is Status.REVOKED
    (reported,) = api.get("/v1/audit/events", type="token.leak_reported").json["data"]
    assert (reported["stream"], reported["data"]) == (f"token:{live.token.token_id}", {"source": "github"})


def test_a_report_that_comes_again_is_answered_alike_and_changes_nothing(api: Api) -> None:
    made = token_of(api.stores)

    first, second = (send(api, finding(made.text)) for _ in range(2))

    assert (first.status, first.text) == (second.status, second.text)
    assert len(api.get("/v1/audit/events", type="token.leak_reported").json["data"]) == 1


def test_a_report_of_nothing_is_answered_with_nothing(api: Api) -> None:
    assert (send(api).status, send(api).json) == (200, [])


def test_fields_that_github_adds_later_and_a_missing_address_are_no_reason_to_refuse(api: Api) -> None:
    assert send(api, {"token": "x", "type": "y", "url": None, "severity": {"level": 9}}).status == 200


def test_a_report_may_come_in_base64_from_the_gateway(api: Api) -> None:
    made = token_of(api.stores)
    body = json.dumps([finding(made.text)], indent=1).encode()

    answer = api.send("POST", REPORT, headers=signed(body), body=body)

    assert (answer.status, answer.json[0]["label"]) == (200, "true_positive")


@pytest.mark.parametrize(
    "spaced", ['[ {{"type" :"é\\u00e9" , "token":"{}"}} ]\r\n', '[{{"token":"{}","type":"\U0001f511"}}]']
)
def test_the_signature_is_over_the_bytes_as_they_came(api: Api, spaced: str) -> None:
    made = token_of(api.stores)
    body = spaced.format(made.text)

    answer = api.send("POST", REPORT, headers=signed(body.encode()), body=body)

    assert (answer.status, answer.json[0]["label"]) == (200, "true_positive")


def test_a_key_that_github_signed_with_before_is_good_while_github_lists_it(api: Api) -> None:
    assert send(api, finding("x"), key="before").status == 200


# --- what is signed and still no report -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        SECRET,
        f'[{{"token": "{SECRET}"',
        f'"{SECRET}"',
        f'{{"token": "{SECRET}", "type": "x"}}',
        f'[{{"token": "{SECRET}"}}]',
        f'[{{"token": ["{SECRET}"], "type": "x"}}]',
        f'[{{"token": "{SECRET}", "type": 7}}]',
        f'[{{"token": "{SECRET}\\ud800", "type": "x"}}]',
        f'["{SECRET}"]',
        "[" * 10_000,
        "null",
    ],
)
def test_a_signed_body_that_is_no_report_is_refused_without_an_echo_in_answer_or_log(
    api: Api, caplog: pytest.LogCaptureFixture, body: str
) -> None:
    caplog.set_level(logging.DEBUG)

    answer = api.send("POST", REPORT, headers=signed(body.encode()), body=body)

    assert refused(answer) == (400, "report_malformed")
    assert SECRET not in answer.text + logged(caplog)


def test_a_body_of_no_characters_at_all_is_refused(api: Api) -> None:
    body = f'["{SECRET}'.encode() + b"\xff\xfe"

    assert refused(api.send("POST", REPORT, headers=signed(body), body=body)) == (400, "report_malformed")


# --- how much ---------------------------------------------------------------------------------------------------------


def test_a_report_may_be_longer_than_other_bodies_up_to_its_own_limit(api: Api) -> None:
    def sent(length: int) -> Answer:
        body = BODY.ljust(length)
        return api.send("POST", REPORT, headers=signed(body.encode()), body=body)

    assert LONGEST_REPORT > LONGEST_BODY
    assert sent(LONGEST_REPORT).status == 200
    assert refused(sent(LONGEST_REPORT + 1)) == (413, "body_too_large")


@pytest.mark.parametrize("path", ["/v1/tokens/report-leak", "/v1/tokens", "/v1/tokens/report-leak/github/"])
def test_no_other_route_takes_so_long_a_body(api: Api, path: str) -> None:
    assert refused(api.send("POST", path, headers=JSON, body=BODY.ljust(LONGEST_BODY + 1))) == (413, "body_too_large")


def test_a_report_has_so_many_findings_and_no_more(api: Api) -> None:
    most = send(api, *[finding(f"mfp_{number}") for number in range(MOST_FINDINGS)])
    more = send(api, *[finding(f"mfp_{number}") for number in range(MOST_FINDINGS + 1)])

    assert (most.status, len(most.json)) == (200, MOST_FINDINGS)
    assert refused(more) == (413, "report_too_large")


def test_more_live_tokens_than_one_request_ends_are_ended_by_the_same_report_again(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.services.report_leaks.AT_ONCE", 1)
    made = [token_of(api.stores) for _ in range(2)]

    first, second = (send(api, *(finding(each.text) for each in made)) for _ in range(2))

    assert (*refused(first), first.headers["retry-after"]) == (503, "report_unfinished", "1")
    assert [each["label"] for each in second.json] == ["true_positive"] * 2
    assert [status_of(api, each.token.token_id) for each in made] == [Status.REVOKED] * 2


def test_a_store_that_is_away_is_told_and_no_finding_is_in_a_log(
    issuer: LoopbackIssuer, github: LoopbackGithub, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    engine = FailingEngine(SqliteEngine())
    api = Api(issuer, Stores.over(engine), github_keys_url=github.url)
    workspace_of(api.stores, issuer=issuer.url)
    made = token_of(api.stores)
    engine.at = "transact"

    answer = send(api, finding(made.text))

    assert refused(answer) == (503, "store_unavailable")
    assert made.text not in answer.text + logged(caplog)
    engine.at = ""
    api.now = NOON + timedelta(minutes=1)
    assert send(api, finding(made.text)).json[0]["label"] == "true_positive"

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.domain.token.policy import TokenPolicy
from shared.domain.workspace.commands import SetTokenPolicy
from tests.data.tenants import NOON, order
from tests.data.tenants import token as token_of
from tests.transports.http.api import Api


def test_a_token_is_suspended_and_resumed_and_used_in_between(api: Api) -> None:
    made = token_of(api.stores)
    path = f"/v1/tokens/{made.token.token_id}"
    bearer = {"authorization": f"Bearer {made.text}"}

    suspended = api.post(f"{path}/suspend", {"reason": "odd calls"})
    api.now = NOON + timedelta(hours=1)
    refused = api.get("/v1/tokens/self", by=None, headers=bearer)
    resumed = api.post(f"{path}/resume", {"reason": "looked into"})
    let_in = api.get("/v1/tokens/self", by=None, headers=bearer)

    assert (suspended.status, suspended.json["status"]) == (200, "suspended")
    assert (refused.status, refused.code) == (401, "token_suspended")
    assert refused.json["suspended_at"] == "2026-11-21T12:00:00Z"
    assert (resumed.status, resumed.json["status"]) == (200, "active")
    assert let_in.status == 200


def test_a_repeat_answers_the_same_and_changes_nothing(api: Api) -> None:
    path = f"/v1/tokens/{token_of(api.stores).token.token_id}"

    for what, happened in (("suspend", "token.suspended"), ("resume", "token.resumed")):
        first = api.post(f"{path}/{what}", {"reason": "because"})
        second = api.post(f"{path}/{what}", {"reason": "once more"}, by="adam")

        assert (first.status, second.status) == (200, 200)
        assert second.json == first.json
        (event,) = api.get("/v1/audit/events", type=happened).json["data"]
        assert (event["actor"], event["data"]["reason"]) == ("mem_olivia", "because")


@pytest.mark.parametrize("what", ["suspend", "resume"])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "request_invalid"),
        ({"reason": ""}, "reason_invalid"),
        ({"reason": " \n"}, "reason_invalid"),
        ({"reason": "x" * 201}, "reason_invalid"),
        ({"reason": None}, "request_invalid"),
        ({"reason": "odd", "until": "tomorrow"}, "request_invalid"),
    ],
)
def test_a_reason_is_needed(api: Api, what: str, body: object, code: str) -> None:
    token = token_of(api.stores).token

    answer = api.post(f"/v1/tokens/{token.token_id}/{what}", body)

    assert (answer.status, answer.code) == (422, code)
    assert api.get(f"/v1/tokens/{token.token_id}").json["status"] == "active"


@pytest.mark.parametrize("what", ["suspend", "resume"])
def test_a_token_that_has_ended_has_ended(api: Api, what: str) -> None:
    token = token_of(api.stores).token
    api.post(f"/v1/tokens/{token.token_id}/revoke", {"reason": "over"})

    answer = api.post(f"/v1/tokens/{token.token_id}/{what}", {"reason": "because"})

    assert (answer.status, answer.code) == (409, "token_ended")


def test_a_token_that_breaks_the_policy_is_not_resumed(api: Api) -> None:
    token = token_of(api.stores, days=30).token
    order(SetTokenPolicy(policy=TokenPolicy(longest_days=7), set_by="mem_olivia", at=NOON), stores=api.stores)

    answer = api.post(f"/v1/tokens/{token.token_id}/resume", {"reason": "needed"})

    assert (answer.status, answer.code) == (409, "policy_broken")
    assert "7 days at most" in answer.json["detail"]
    assert api.get(f"/v1/tokens/{token.token_id}").json["status"] == "suspended"

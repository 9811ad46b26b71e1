"""`/v1` behind API Gateway: the handler that is deployed, three times in one process."""

from __future__ import annotations

import pytest

from functions.wiring import now
from shared.domain.scopes import Scope
from tests.data.tenants import token as token_of
from tests.doors.conftest import PUBLIC_URL
from tests.doors.events import event
from tests.doors.opening import Doors
from tests.transports.http.issuer import LoopbackIssuer


@pytest.fixture(scope="module")
def owner(issuer: LoopbackIssuer) -> str:
    return issuer.bearer("olivia", now=now())


def test_a_token_is_made_once_and_calls_at_once(doors: Doors, owner: str) -> None:
    first, *repeats = doors.ask_three_times("token_api", "rest_create_token", owner_bearer=owner)

    assert first.status == 201
    assert first.json["token"].startswith("mfp_")
    assert [repeat.status for repeat in repeats] == [200, 200]
    assert {repeat.json["id"] for repeat in repeats} == {first.json["id"]}
    assert all("token" not in repeat.json for repeat in repeats)
    called = doors.ask("mcp_server", "mcp_tools_list_2026_07_28", token=first.json["token"])
    assert called.status == 200


def test_tokens_are_listed_three_times(doors: Doors, owner: str) -> None:
    made = token_of(doors.stores, name="Nightly", at=now())

    for answer in doors.ask_three_times("token_api", "rest_list_tokens", owner_bearer=owner):
        assert answer.status == 200
        assert made.token.token_id in {listed["id"] for listed in answer.json["data"]}
        assert made.text not in answer.text


def test_a_token_is_looked_at_renamed_and_revoked_three_times(doors: Doors, owner: str) -> None:
    made = token_of(doors.stores, name="Nightly", at=now())
    asked = {"owner_bearer": owner, "token_id": made.token.token_id}

    looked_at = doors.ask_three_times("token_api", "rest_get_token", **asked)
    renamed = doors.ask_three_times("token_api", "rest_rename_token", **asked)
    revoked = doors.ask_three_times("token_api", "rest_revoke_token", **asked)

    assert [answer.json["name"] for answer in looked_at] == ["Nightly"] * 3
    assert [answer.json["name"] for answer in renamed] == ["Monthly P&L sync"] * 3
    assert [(answer.status, answer.json["status"]) for answer in revoked] == [(200, "revoked")] * 3
    refused = doors.ask("mcp_server", "mcp_revoked_token", revoked_token=made.text)
    assert (refused.status, refused.json["error"]["data"]["reason"]) == (401, "token_revoked")


def test_the_preview_shows_what_a_token_of_these_scopes_would_see(doors: Doors, owner: str) -> None:
    made = token_of(doors.stores, scopes=(Scope.PNL,), at=now())
    listed = doors.ask("mcp_server", "mcp_tools_list_2026_07_28", token=made.text).json["result"]["tools"]

    for answer in doors.ask_three_times("token_api", "rest_tools_preview", owner_bearer=owner):
        assert answer.status == 200
        assert {tool["name"] for tool in answer.json["tools"]} == {tool["name"] for tool in listed}


def test_scopes_and_trail_are_read_three_times(doors: Doors, owner: str) -> None:
    for answer in doors.ask_three_times("token_api", "rest_scopes", owner_bearer=owner):
        assert answer.status == 200
        assert "mcp:pnl:read" in answer.text
    for answer in doors.ask_three_times("token_api", "rest_audit_events", owner_bearer=owner):
        assert answer.status == 200
        assert "token.created" in answer.text


def test_a_leaked_token_is_reported_three_times_without_a_login_and_ends(doors: Doors) -> None:
    made = token_of(doors.stores, at=now())

    for answer in doors.ask_three_times("token_api", "rest_report_leak", leaked_token=made.text):
        assert (answer.status, answer.json) == (202, {"received": True})
        assert made.text not in answer.text
    refused = doors.ask("mcp_server", "mcp_revoked_token", revoked_token=made.text)
    assert (refused.status, refused.json["error"]["data"]["reason"]) == (401, "token_revoked")


def test_who_is_not_signed_in_is_told_so_as_a_problem(doors: Doors) -> None:
    for answer in doors.ask_three_times("token_api", "rest_no_credential"):
        assert answer.status == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert PUBLIC_URL not in answer.headers.get("www-authenticate", "")  # a person signs in; no client starts OAuth


def test_a_browser_without_a_session_is_sent_to_sign_in_and_back(doors: Doors) -> None:
    for answer in doors.ask_three_times("token_api", "page_settings"):
        assert answer.status == 303
        assert answer.headers["location"] == "/auth/sign-in?next=%2Fdashboard%2Fsettings%2Fdeveloper%2Fmcp"
        assert answer.text == ""


@pytest.mark.parametrize("path", ["/v1/tokens/report%2Dleak", "/v1/tokens/report-lea%6b", "/v1%2Ftokens/report-leak"])
def test_a_path_that_is_still_encoded_behind_the_gateway_reaches_no_route(doors: Doors, path: str) -> None:
    made = token_of(doors.stores, at=now())
    request = event("rest_report_leak", leaked_token=made.text)
    request["rawPath"] = request["requestContext"]["http"]["path"] = path

    answer = doors.send("token_api", request)

    assert (answer.status, answer.json["code"]) == (404, "route_unknown")
    assert doors.ask("mcp_server", "mcp_tools_list_2026_07_28", token=made.text).status == 200

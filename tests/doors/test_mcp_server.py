"""`POST /mcp` behind API Gateway: the handler that is deployed, three times in one process."""

from __future__ import annotations

import pytest

from functions.wiring import now
from shared.domain.scopes import Scope
from shared.domain.token.commands import RevokeToken
from shared.services.change_token import change_token
from shared.storage.contracts.audit import AuditFilter
from tests.data.tenants import KEYS, origin
from tests.data.tenants import token as token_of
from tests.doors.conftest import PUBLIC_URL
from tests.doors.events import event
from tests.doors.opening import Doors

NEWEST = "2026_07_28"
HANDSHAKE = "2025_11_25"


@pytest.fixture(scope="module")
def token(doors: Doors) -> str:
    return token_of(doors.stores, scopes=(Scope.PNL,), at=now()).text


def test_an_older_client_shakes_hands_three_times(doors: Doors, token: str) -> None:
    for answer in doors.ask_three_times("mcp_server", "mcp_initialize", token=token):
        assert answer.status == 200
        assert answer.json["id"] == 1
        assert answer.json["result"]["protocolVersion"] == "2025-11-25"
        assert "tools" in answer.json["result"]["capabilities"]


def test_a_notification_is_accepted_three_times(doors: Doors, token: str) -> None:
    answers = doors.ask_three_times("mcp_server", "mcp_initialized", token=token)

    assert [(answer.status, answer.text) for answer in answers] == [(202, "")] * 3


def test_a_newer_client_discovers_three_times(doors: Doors, token: str) -> None:
    for answer in doors.ask_three_times("mcp_server", f"mcp_discover_{NEWEST}", token=token):
        assert answer.status == 200
        assert "2026-07-28" in answer.json["result"]["supportedVersions"]


@pytest.mark.parametrize("version", [HANDSHAKE, NEWEST])
def test_the_tools_of_a_token_are_listed_three_times(doors: Doors, token: str, version: str) -> None:
    for answer in doors.ask_three_times("mcp_server", f"mcp_tools_list_{version}", token=token):
        names = {tool["name"] for tool in answer.json["result"]["tools"]}
        assert answer.status == 200
        assert {"get_pnl", "get_workspace_context"} <= names
        assert "get_cohort_retention" not in names  # of another scope


@pytest.mark.parametrize("version", [HANDSHAKE, NEWEST])
def test_a_call_is_answered_counted_and_written_down_three_times(doors: Doors, version: str) -> None:
    made = token_of(doors.stores, scopes=(Scope.PNL,), at=now())

    answers = doors.ask_three_times("mcp_server", f"mcp_tools_call_{version}", token=made.text)

    assert [answer.status for answer in answers] == [200] * 3
    assert all("result" in answer.json for answer in answers)
    trail = doors.stores.audit.entries(
        "wks_1", matching=AuditFilter(token_id=made.token.token_id, types=frozenset({"mcp.call"})), limit=10, now=now()
    )
    assert [entry.data["tool"] for entry in trail.items] == ["get_pnl"] * 3
    remaining = [answer.headers["ratelimit"] for answer in answers]
    assert len(set(remaining)) == 3


@pytest.mark.parametrize(
    "headers", [{"host": "[::1]:8000"}, {"host": "mcp.test:x"}, {"x-forwarded-port": "x"}, {"user-agent": "\ud800"}]
)
def test_a_header_that_cannot_be_read_does_not_break_the_function(
    doors: Doors, token: str, headers: dict[str, str]
) -> None:
    happened = event("mcp_tools_list_2025_11_25", token=token)
    happened["headers"] |= headers

    assert doors.send("mcp_server", happened).status == 200


def test_a_stream_is_not_opened(doors: Doors, token: str) -> None:
    for answer in doors.ask_three_times("mcp_server", "mcp_get", token=token):
        assert (answer.status, answer.headers["allow"]) == (405, "POST")


def test_who_shows_no_credential_is_told_where_to_get_one(doors: Doors) -> None:
    for answer in doors.ask_three_times("mcp_server", "mcp_no_credential"):
        assert answer.status == 401
        assert f"{PUBLIC_URL}/.well-known/oauth-protected-resource/mcp" in answer.headers["www-authenticate"]
        assert answer.json["error"]["data"]["reason"] == "credential_missing"
        assert answer.json["error"]["data"]["docs_url"].startswith(PUBLIC_URL)


def test_a_revoked_token_is_refused_by_the_very_next_call_and_ever_after(doors: Doors) -> None:
    made = token_of(doors.stores, scopes=(Scope.PNL,), at=now())
    before = doors.ask("mcp_server", f"mcp_tools_call_{NEWEST}", token=made.text)
    change_token(
        made.token.token_id,
        RevokeToken(revoked_by="mem_olivia", reason="laptop lost", at=now()),
        origin=origin(),
        keys=KEYS,
        tokens=doors.stores.tokens,
    )

    after = doors.ask_three_times("mcp_server", "mcp_revoked_token", revoked_token=made.text)

    assert before.status == 200
    assert [(answer.status, answer.json["error"]["data"]["reason"]) for answer in after] == [(401, "token_revoked")] * 3


def test_who_looks_for_a_sign_in_at_the_wrong_door_is_told_where_it_stands(doors: Doors) -> None:
    for answer in doors.ask_three_times("mcp_server", "oauth_authorization_server"):
        assert answer.status == 404
        assert "/.well-known/oauth-protected-resource/mcp" in answer.json["message"]


def test_the_other_door_describes_the_sign_in(doors: Doors) -> None:
    for answer in doors.ask_three_times("token_api", "oauth_authorization_server"):
        assert answer.status == 200
        assert answer.json["authorization_endpoint"] == f"{answer.json['issuer']}/oauth/authorize"


@pytest.mark.parametrize("name", ["oauth_protected_resource", "oauth_protected_resource_mcp"])
def test_the_protected_resource_describes_itself(doors: Doors, name: str) -> None:
    for answer in doors.ask_three_times("mcp_server", name):
        assert answer.status == 200
        assert answer.json["resource"] == f"{PUBLIC_URL}/mcp"

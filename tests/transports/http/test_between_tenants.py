"""Attacks from one workspace on another that know exactly what to send; `tests/walls` tries everything else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest

from shared.domain.scopes import Scope
from shared.domain.token.state import Status
from shared.domain.workspace.events import Role
from tests.data.tenants import token as token_of
from tests.data.tenants import workspace as workspace_of
from tests.transports.http.api import JSON, Answer, Api

THERE = "wks_2"
REVOKE, POLICY = "/v1/tokens/revoke", "/v1/workspace/token-policy"
STRICT = {"scopes": ["mcp:ads:read"]}
NEW = {"name": "CI", "scopes": ["mcp:pnl:read"], "expires_in_days": 30}


@pytest.fixture
def api(api: Api) -> Api:
    """Two workspaces: olivia owns both, and oscar the second with her."""
    people = {"oscar": Role.OWNER, "olivia": Role.OWNER}
    workspace_of(api.stores, THERE, people=people, issuer=api.issuer.url)
    return api


def at(workspace_id: str) -> Mapping[str, str]:
    return {"merchant-workspace": workspace_id}


def status_of(api: Api, token_id: str) -> Status:
    row = api.stores.tokens.get(token_id)
    assert row is not None
    return row.token.status


def set_policy(api: Api, body: Mapping[str, object], workspace_id: str, *, by: str = "olivia") -> Answer:
    return api.send("PUT", POLICY, by=by, headers={**JSON, **at(workspace_id)}, body=json.dumps(body))


@pytest.mark.parametrize("by", ["olivia", "oscar"])
def test_what_was_shown_in_one_workspace_is_not_revoked_in_another(api: Api, by: str) -> None:
    here, there = token_of(api.stores), token_of(api.stores, workspace_id=THERE)
    api.now += timedelta(seconds=1)  # what is made at the moment of the preview is not shown
    shown = api.post(f"{REVOKE}/preview", {"owner": "mem_olivia"}, headers=at("wks_1")).json
    assert shown["count"] == 1

    tried = api.post(REVOKE, {"confirmation": shown["confirmation"], "reason": "over"}, by=by, headers=at(THERE))

    assert (tried.status, tried.code) == (422, "confirmation_invalid")
    tokens = (here.token.token_id, there.token.token_id)
    assert [status_of(api, each) for each in tokens] == [Status.ACTIVE, Status.ACTIVE]


@pytest.mark.parametrize("by", ["olivia", "oscar"])
def test_a_policy_that_was_shown_in_one_workspace_is_not_set_in_another(api: Api, by: str) -> None:
    token_of(api.stores)
    there = token_of(api.stores, workspace_id=THERE)
    shown = api.post(f"{POLICY}/preview", STRICT, headers=at("wks_1")).json

    tried = set_policy(api, {**STRICT, "confirmation": shown["confirmation"]}, THERE, by=by)

    assert (tried.status, tried.code) == (422, "confirmation_invalid")
    assert status_of(api, there.token.token_id) is Status.ACTIVE
    assert api.get(POLICY, by="oscar").json["scopes"] is None


def test_a_policy_binds_the_tokens_of_its_own_workspace_only(api: Api) -> None:
    here, there = token_of(api.stores), token_of(api.stores, workspace_id=THERE)
    shown = api.post(f"{POLICY}/preview", STRICT, headers=at("wks_1")).json

    assert set_policy(api, {**STRICT, "confirmation": shown["confirmation"]}, "wks_1").status == 200

    assert status_of(api, here.token.token_id) is Status.SUSPENDED
    assert status_of(api, there.token.token_id) is Status.ACTIVE
    assert api.post("/v1/tokens", NEW, by="oscar").status == 201


def test_a_token_that_rotates_itself_stays_in_its_workspace_whatever_it_says(api: Api) -> None:
    here, there = token_of(api.stores), token_of(api.stores, workspace_id=THERE)
    headers = {"authorization": f"Bearer {here.text}", **at(THERE)}

    made = api.post("/v1/tokens/self/rotate", {}, by=None, headers=headers)

    successor = api.stores.tokens.get(made.json["id"])
    assert successor is not None
    assert (successor.token.workspace_id, successor.token.predecessor_id) == ("wks_1", here.token.token_id)
    untouched = api.stores.tokens.get(there.token.token_id)
    assert untouched is not None
    assert (untouched.token, untouched.version) == (there.token, 1)


def test_one_idempotency_key_rotates_a_token_in_each_workspace(api: Api) -> None:
    """Keys are the caller's own: another tenant's draws neither their token nor a refusal."""
    texts = [token_of(api.stores).text, token_of(api.stores, workspace_id=THERE).text]

    made = [
        api.post(
            "/v1/tokens/self/rotate", {}, by=None, headers={"authorization": f"Bearer {text}", "Idempotency-Key": "k"}
        )
        for text in texts
    ]

    assert [answer.status for answer in made] == [201, 201]
    assert made[0].json["id"] != made[1].json["id"]


def of_the_first(api: Api) -> Iterator[Answer]:
    """Ask for a token of the first workspace, as its owner who acts in the second."""
    token_id = token_of(api.stores, scopes=(Scope.PNL, Scope.ADS)).token.token_id
    path = f"/v1/tokens/{token_id}"
    yield api.get(path, headers=at(THERE))
    yield api.get(f"{path}/evidence", headers=at(THERE))
    for what in ("rotate", "suspend", "resume", "revoke"):
        body = {} if what == "rotate" else {"reason": "over"}
        yield api.post(f"{path}/{what}", body, headers=at(THERE))
    assert status_of(api, token_id) is Status.ACTIVE


def test_who_is_in_two_workspaces_acts_in_the_one_that_they_name(api: Api) -> None:
    """Even on a token of their own: which workspace is meant is said, and not guessed from the token."""
    assert {(answer.status, answer.code) for answer in of_the_first(api)} == {(404, "token_not_found")}


def test_who_is_in_two_workspaces_and_names_none_is_asked_which(api: Api) -> None:
    token_id = token_of(api.stores).token.token_id

    unsaid = api.get(f"/v1/tokens/{token_id}/evidence")

    assert (unsaid.status, unsaid.code) == (400, "workspace_required")
    assert api.get(f"/v1/tokens/{token_id}/evidence", headers=at("wks_1")).status == 200


def test_the_end_of_a_membership_elsewhere_ends_no_token_here(api: Api) -> None:
    here, there = token_of(api.stores), token_of(api.stores, workspace_id=THERE)

    assert api.send("DELETE", "/v1/members/mem_olivia", by="oscar", headers=at(THERE)).status == 204

    assert status_of(api, there.token.token_id) is Status.REVOKED
    assert status_of(api, here.token.token_id) is Status.ACTIVE
    assert api.get(f"/v1/tokens/{here.token.token_id}").status == 200


def test_whoever_is_let_in_elsewhere_still_reaches_their_own_workspace_by_its_name(api: Api) -> None:
    """Anybody who owns a workspace can let a person in without asking them: it must take nothing from that person."""
    made = token_of(api.stores, owner="adam")
    assert api.post("/v1/members", {"subject": "adam", "role": "analyst"}, by="oscar").status == 201

    assert api.get(f"/v1/tokens/{made.token.token_id}", by="adam", headers=at("wks_1")).status == 200
    assert api.get("/v1/tokens", by="adam", headers=at(THERE)).code == "role_required"

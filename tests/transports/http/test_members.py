"""/v1/members, and the table of who may do what to whom."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.workspace.events import Role
from tests.data.tenants import token as token_of
from tests.data.tenants import workspace as workspace_of
from tests.transports.http.api import Answer, Api
from tests.transports.http.issuer import LoopbackIssuer

MEMBERS = "/v1/members"
PEOPLE = {
    "owner": Role.OWNER,
    "owner2": Role.OWNER,
    "admin": Role.ADMIN,
    "admin2": Role.ADMIN,
    "analyst": Role.ANALYST,
    "analyst2": Role.ANALYST,
}
REMOVED = "removed"

CHANGES = {
    # who, whom -> the status when that member becomes an owner, an admin, an analyst, or is removed
    ("owner", "self"): (200, 200, 200, 204),
    ("owner", "owner2"): (200, 200, 200, 204),
    ("owner", "admin2"): (200, 200, 200, 204),
    ("owner", "analyst2"): (200, 200, 200, 204),
    ("admin", "self"): (403, 403, 403, 204),
    ("admin", "owner2"): (403, 403, 403, 403),
    ("admin", "admin2"): (403, 403, 403, 403),
    ("admin", "analyst2"): (403, 403, 200, 204),
    ("analyst", "self"): (403, 403, 403, 204),
    ("analyst", "owner2"): (403, 403, 403, 403),
    ("analyst", "admin2"): (403, 403, 403, 403),
    ("analyst", "analyst2"): (403, 403, 403, 403),
}
ADDITIONS = {
    # who -> the status when somebody new comes as an owner, an admin or an analyst
    "owner": (201, 201, 201),
    "admin": (403, 403, 201),
    "analyst": (403, 403, 403),
}
BECOMES = ("owner", "admin", "analyst", REMOVED)


@pytest.fixture
def crowd(issuer: LoopbackIssuer) -> Api:
    """The API over a workspace with two members of each role."""
    api = Api(issuer)
    workspace_of(api.stores, people=PEOPLE, issuer=issuer.url)
    return api


def change(api: Api, who: str, role: str, *, by: str = "olivia") -> Answer:
    if role == REMOVED:
        return api.send("DELETE", f"{MEMBERS}/mem_{who}", by=by)
    return api.patch(f"{MEMBERS}/mem_{who}", {"role": role}, by=by)


def roles(api: Api) -> dict[str, str]:
    row = api.stores.workspaces.get("wks_1")
    assert row is not None
    return {member.subject: member.role.value for member in row.workspace.members.values()}


@pytest.mark.parametrize(
    ("by", "whom", "role", "status"),
    [
        (by, whom, role, status)
        for (by, whom), statuses in CHANGES.items()
        for role, status in zip(BECOMES, statuses, strict=True)
    ],
)
def test_who_may_change_whom(crowd: Api, by: str, whom: str, role: str, status: int) -> None:
    target = by if whom == "self" else whom
    before = roles(crowd)

    answer = change(crowd, target, role, by=by)

    assert answer.status == status
    if status == 403:
        assert answer.code == "role_required"
        assert roles(crowd) == before
    else:
        others = {name: kept for name, kept in before.items() if name != target}
        assert roles(crowd) == (others if role == REMOVED else {**before, target: role})


@pytest.mark.parametrize(
    ("by", "role", "status"),
    [
        (by, role, status)
        for by, statuses in ADDITIONS.items()
        for role, status in zip(BECOMES[:3], statuses, strict=True)
    ],
)
def test_who_may_let_whom_in(crowd: Api, by: str, role: str, status: int) -> None:
    answer = crowd.post(MEMBERS, {"subject": "nina", "role": role}, by=by)

    assert answer.status == status
    assert roles(crowd).get("nina") == (role if status == 201 else None)
    if status == 403:
        assert answer.code == "role_required"


@pytest.mark.parametrize("by", ["olivia", "adam", "ana"])
def test_every_member_sees_who_belongs_to_the_workspace(api: Api, by: str) -> None:
    answer = api.get(MEMBERS, by=by)

    assert answer.status == 200
    assert answer.json["data"] == [
        {
            "id": f"mem_{name}",
            "issuer": api.issuer.url,
            "subject": name,
            "role": role,
            "has_contact": False,
            "email": None,
        }
        for name, role in (("olivia", "owner"), ("adam", "admin"), ("ana", "analyst"))
    ]


def test_who_is_let_in_can_sign_in_at_once_and_is_shown(api: Api) -> None:
    assert api.get(MEMBERS, by="nina").status == 403

    added = api.post(MEMBERS, {"subject": "nina", "role": "analyst"})

    assert (added.status, added.json["subject"], added.json["role"]) == (201, "nina", "analyst")
    assert added.json in api.get(MEMBERS, by="nina").json["data"]


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"subject": "nina"}, "request_invalid", "role"),
        ({"role": "admin"}, "request_invalid", "subject"),
        ({"subject": "nina", "role": "king"}, "request_invalid", "role"),
        ({"subject": "", "role": "admin"}, "sign_in_invalid", "subject"),
        ({"subject": "ni\u202ena", "role": "admin"}, "sign_in_invalid", "subject"),
        ({"subject": "mfp_" + "7Kq2" * 17, "role": "admin"}, "sign_in_invalid", "subject"),
        ({"subject": "nina", "role": "admin", "issuer": "https://evil.test"}, "request_invalid", "issuer"),
    ],
)
def test_a_person_who_cannot_be_one_is_refused(api: Api, body: dict[str, Any], code: str, field: str) -> None:
    answer = api.post(MEMBERS, body)

    assert (answer.status, answer.code, answer.json["field"]) == (422, code, field)


def test_a_person_is_let_in_once(api: Api) -> None:
    answer = api.post(MEMBERS, {"subject": "ana", "role": "analyst"})

    assert (answer.status, answer.code) == (409, "member_exists")


@pytest.mark.parametrize("role", ["admin", "analyst", REMOVED])
def test_the_last_owner_stays(api: Api, role: str) -> None:
    answer = change(api, "olivia", role)

    assert (answer.status, answer.code) == (409, "last_owner")
    assert roles(api)["olivia"] == "owner"


@pytest.mark.parametrize("role", ["analyst", REMOVED])
def test_the_tokens_of_whoever_loses_the_right_end_before_the_answer(api: Api, role: str) -> None:
    theirs, other = token_of(api.stores, owner="adam"), token_of(api.stores, owner="olivia")

    changed = change(api, "adam", role)

    assert changed.status == (204 if role == REMOVED else 200)
    refused = api.get("/v1/tokens/self", by=None, headers={"authorization": f"Bearer {theirs.text}"})
    let_in = api.get("/v1/tokens/self", by=None, headers={"authorization": f"Bearer {other.text}"})
    assert (refused.status, refused.code) == (401, "token_revoked")
    assert let_in.status == 200


def test_a_removal_has_no_body_and_its_repeat_changes_nothing(api: Api) -> None:
    first, second = change(api, "ana", REMOVED), change(api, "ana", REMOVED)

    assert [(answer.status, answer.text) for answer in (first, second)] == [(204, "")] * 2
    assert len(api.get("/v1/audit/events", type="workspace.member_removed").json["data"]) == 1
    assert api.get(MEMBERS, by="ana").code == "not_a_member"


def test_who_has_left_has_left(api: Api) -> None:
    assert change(api, "adam", REMOVED, by="adam").status == 204

    again = change(api, "adam", REMOVED, by="adam")

    assert (again.status, again.code) == (403, "not_a_member")


@pytest.mark.parametrize("who", ["nobody", "oscar", "%00", "x" * 300])
def test_a_member_of_another_workspace_is_like_none(api: Api, who: str) -> None:
    workspace_of(api.stores, "wks_2", people={"oscar": Role.OWNER}, issuer=api.issuer.url)

    for answer in (change(api, who, REMOVED), change(api, who, "admin")):
        assert (answer.status, answer.code) == (404, "member_not_found")
    assert api.get(MEMBERS, by="oscar").status == 200


def test_a_role_that_stays_the_same_is_no_change(api: Api) -> None:
    answer = change(api, "adam", "admin")

    assert (answer.status, answer.json["role"]) == (200, "admin")
    assert api.get("/v1/audit/events", type="workspace.member_role_changed").json["data"] == []


def test_a_former_member_is_forgotten_and_one_of_now_is_not(crowd: Api) -> None:
    identity = f"{MEMBERS}/mem_analyst/identity"

    early = crowd.send("DELETE", identity, by="owner")
    crowd.send("DELETE", f"{MEMBERS}/mem_analyst", by="owner")
    twice = [crowd.send("DELETE", identity, by="owner").status for _ in range(2)]

    assert (early.status, early.json["code"]) == (409, "member_not_removed")
    assert twice == [204, 204]
    assert crowd.send("DELETE", f"{MEMBERS}/mem_nobody/identity", by="owner").json["code"] == "member_not_found"

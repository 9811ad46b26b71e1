"""Where members are reached: who may see an address, who may change it, and what becomes of it."""

from __future__ import annotations

import json
import logging

import pytest

from shared.domain.workspace.events import Role
from tests.data.tenants import workspace as workspace_of
from tests.transports.http.api import JSON, Answer, Api
from tests.transports.http.issuer import LoopbackIssuer
from tests.transports.http.test_members import MEMBERS, PEOPLE

ADDRESS = "ops@shop.example"
MAY_REACH = {
    # who, whom -> may they see and change the address
    ("owner", "owner"): True,
    ("owner", "owner2"): True,
    ("owner", "admin2"): True,
    ("owner", "analyst2"): True,
    ("admin", "admin"): True,
    ("admin", "owner2"): False,
    ("admin", "admin2"): False,
    ("admin", "analyst2"): True,
    ("analyst", "analyst"): True,
    ("analyst", "owner2"): False,
    ("analyst", "admin2"): False,
    ("analyst", "analyst2"): False,
}


@pytest.fixture
def crowd(issuer: LoopbackIssuer) -> Api:
    """The API over a workspace with two members of each role."""
    api = Api(issuer)
    workspace_of(api.stores, people=PEOPLE, issuer=issuer.url)
    return api


def keep(api: Api, who: str, email: object = ADDRESS, *, by: str = "olivia") -> Answer:
    body = json.dumps({"email": email})
    return api.send("PUT", f"{MEMBERS}/mem_{who}/contact", by=by, headers=JSON, body=body)


def forget(api: Api, who: str, *, by: str = "olivia") -> Answer:
    return api.send("DELETE", f"{MEMBERS}/mem_{who}/contact", by=by)


def seen(api: Api, who: str, *, by: str = "olivia") -> tuple[bool, str | None]:
    (found,) = (each for each in api.get(MEMBERS, by=by).json["data"] if each["id"] == f"mem_{who}")
    return found["has_contact"], found["email"]


@pytest.mark.parametrize(("by", "whom", "may"), [(*pair, may) for pair, may in MAY_REACH.items()])
def test_who_may_see_change_and_take_away_an_address(crowd: Api, by: str, whom: str, *, may: bool) -> None:
    assert keep(crowd, whom, "first@shop.example", by=whom).status == 204

    assert seen(crowd, whom, by=by) == (True, "first@shop.example" if may else None)
    kept = keep(crowd, whom, by=by)
    assert seen(crowd, whom, by=whom) == (True, ADDRESS if may else "first@shop.example")
    forgotten = forget(crowd, whom, by=by)
    assert seen(crowd, whom, by=whom) == ((False, None) if may else (True, "first@shop.example"))

    assert [kept.status, forgotten.status] == [204, 204] if may else [403, 403]
    if not may:
        assert {kept.code, forgotten.code} == {"role_required"}


def test_who_is_let_in_may_have_an_address_from_the_start(api: Api) -> None:
    added = api.post(MEMBERS, {"subject": "nina", "role": "analyst", "email": ADDRESS})

    assert (added.status, added.json["has_contact"], added.json["email"]) == (201, True, ADDRESS)
    assert api.get(MEMBERS, by="nina").json["data"][-1]["email"] == ADDRESS


def test_nobody_is_let_in_with_an_address_that_is_none(api: Api) -> None:
    answer = api.post(MEMBERS, {"subject": "nina", "role": "analyst", "email": "nina"})

    assert (answer.status, answer.code, answer.json["field"]) == (422, "email_invalid", "email")
    assert api.get(MEMBERS, by="nina").code == "not_a_member"


@pytest.mark.parametrize(
    ("email", "code"),
    [
        ("", "email_invalid"),
        ("olivia", "email_invalid"),
        ("olivia@shop.example\r\nBcc: all@shop.example", "email_invalid"),
        ("Olivia <olivia@shop.example>", "email_invalid"),
        (f"{'x' * 250}@shop.example", "email_invalid"),
        (7, "request_invalid"),
        (None, "request_invalid"),
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(
    api: Api, caplog: pytest.LogCaptureFixture, email: object, code: str
) -> None:
    caplog.set_level(logging.DEBUG)

    answer = keep(api, "olivia", email)

    assert (answer.status, answer.code) == (422, code)
    assert "shop.example" not in answer.json["detail"] + caplog.text
    assert seen(api, "olivia") == (False, None)


@pytest.mark.parametrize("who", ["nobody", "oscar"])
def test_a_member_of_another_workspace_is_like_none(api: Api, who: str) -> None:
    workspace_of(api.stores, "wks_2", people={"oscar": Role.OWNER}, issuer=api.issuer.url)
    assert keep(api, "oscar", by="oscar").status == 204

    for answer in (keep(api, who), forget(api, who)):
        assert (answer.status, answer.code) == (404, "member_not_found")
    assert api.get(MEMBERS, by="oscar").json["data"][0]["email"] == ADDRESS
    assert ADDRESS not in api.get(MEMBERS).text


def test_an_address_goes_with_the_membership_and_does_not_come_back_with_the_person(api: Api) -> None:
    keep(api, "ana", by="ana")

    assert api.send("DELETE", f"{MEMBERS}/mem_ana", by="ana").status == 204
    assert api.stores.contacts.of_workspace("wks_1") == {}
    back = api.post(MEMBERS, {"subject": "ana", "role": "analyst"})

    assert (back.json["has_contact"], back.json["email"]) == (False, None)


def test_an_address_stands_in_no_event(api: Api) -> None:
    api.post(MEMBERS, {"subject": "nina", "role": "analyst", "email": ADDRESS})
    keep(api, "olivia")

    trail = api.get("/v1/audit/events", limit=1000)
    assert ADDRESS not in trail.text
    changes = [each for each in trail.json["data"] if each["type"] == "workspace.member_contact_changed"]
    assert [(each["actor"], each["data"]["has_contact"]) for each in changes] == [("mem_olivia", True)] * 2


def test_what_is_so_already_changes_nothing(api: Api) -> None:
    assert [forget(api, "ana").status, forget(api, "ana").status] == [204, 204]
    assert [keep(api, "ana").status, keep(api, "ana").status] == [204, 204]
    assert len(api.get("/v1/audit/events", type="workspace.member_contact_changed").json["data"]) == 1

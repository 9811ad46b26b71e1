"""Which workspace a person looks at who belongs to several, to none, or not any more."""

from __future__ import annotations

from shared.domain.workspace.commands import AddMember, RemoveMember
from shared.domain.workspace.events import Role
from tests.data.tenants import ISSUER, NOON, order, workspace
from tests.transports.web.web import SETTINGS, Web

HOME = SETTINGS


def test_a_session_of_somebody_who_was_removed_sees_nothing_from_then_on(web: Web) -> None:
    web.sign_in("adam")
    assert web.get(HOME).status == 200

    order(RemoveMember(member_id="mem_adam", at=NOON), stores=web.stores)

    answer = web.get(HOME)
    assert answer.status == 403
    assert "You are in no workspace" in answer.words


def test_a_member_of_several_chooses_and_switches(web: Web) -> None:
    workspace(web.stores, "wks_2")
    web.sign_in()
    asked = web.get(HOME)

    assert "Which workspace?" in asked.words
    assert asked.text.count('value="wks_') == 2
    assert web.post("/auth/workspace", workspace="wks_2", next=HOME).location == HOME
    assert web.get(HOME).status == 200
    assert web.post("/auth/workspace", workspace="wks_1", next="https://evil.test/").location == HOME


def test_a_page_costs_a_member_of_many_workspaces_no_more_reads(web: Web) -> None:
    web.sign_in()
    before = web.stores.engine.operations.copy()
    web.get(f"{HOME}/new")
    of_one = web.stores.engine.operations - before
    for number in range(2, 8):
        workspace(web.stores, f"wks_{number}")
    web.post("/auth/workspace", workspace="wks_1", next=HOME)
    before = web.stores.engine.operations.copy()
    page = web.get(f"{HOME}/new")

    assert page.status == 200
    assert web.stores.engine.operations - before == of_one


def test_who_has_left_the_workspace_that_they_had_chosen_looks_at_another(web: Web) -> None:
    workspace(web.stores, "wks_2", people={"paul": Role.OWNER, "ana": Role.ANALYST})
    web.sign_in("ana")
    web.post("/auth/workspace", workspace="wks_2")

    order(RemoveMember(member_id="mem_ana", at=NOON), workspace_id="wks_2", stores=web.stores)

    assert web.get(HOME).status == 200


def test_nobody_can_choose_a_workspace_that_is_not_theirs(web: Web) -> None:
    workspace(web.stores, "wks_2", people={})
    web.sign_in()

    assert web.post("/auth/workspace", workspace="wks_2").status == 404
    assert web.post("/auth/workspace", workspace="wks_3").status == 404


def test_who_is_a_member_nowhere_reads_what_an_owner_needs_to_let_them_in_and_can_leave(web: Web) -> None:
    web.sign_in("<nina>")

    for path in (HOME, f"{HOME}/policy", "/dashboard/settings/developer/mcp/apps"):
        page = web.get(path)
        assert page.status == 403
        assert "You are in no workspace" in page.words
        assert f"issuer {ISSUER} subject <nina>" in page.words
    assert web.form_key in page.text
    assert web.post("/auth/sign-out").location.startswith("/auth/signed-out")
    assert web.get(HOME).status == 303

    web.sign_in("nina")
    order(
        AddMember(member_id="mem_nina", issuer=ISSUER, subject="nina", role=Role.ANALYST, at=NOON),
        stores=web.stores,
    )
    assert web.get(HOME).status == 200

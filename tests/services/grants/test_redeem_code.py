from __future__ import annotations

from datetime import timedelta

import pytest

from shared.domain.scopes import Scope
from shared.domain.token.events import GrantApproved, TokenKind
from shared.domain.token.policy import TokenPolicy
from shared.domain.token.state import Status
from shared.domain.workspace.commands import SetTokenPolicy
from shared.domain.workspace.events import Role
from shared.services.credentials.seal import is_sealed
from shared.services.grants.refusals import GrantRefused
from shared.storage.contracts.audit import AuditFilter
from tests.data.stores import Stores
from tests.data.tenants import A_DAY, KEYS, NOON, order, workspace
from tests.services.grants.connecting import (
    CLIENT,
    CONSENT,
    OTHER_CLIENT,
    OTHER_VERIFIER,
    REDIRECT,
    RESOURCE,
    VERIFIER,
    approve,
    connect,
    grants_in,
    redeem,
    row_of,
    texts_of,
)

A_MOMENT = timedelta(microseconds=1)
GOOD_FOR = timedelta(minutes=5)


# --- what a code becomes ----------------------------------------------------------------------------------------------


def test_a_code_becomes_a_grant_of_just_what_was_approved(stores: Stores) -> None:
    later = NOON + timedelta(seconds=2)

    given = redeem(stores, approve(stores), at=later)

    row = row_of(stores, given)
    grant = row.token
    assert is_sealed(row, KEYS)
    assert (grant.kind, grant.workspace_id, grant.owner_id) == (TokenKind.GRANT, "wks_1", "mem_ana")
    assert grant.scopes == given.scopes == {Scope.PNL, Scope.ADS}
    assert (grant.created_at, grant.status, grant.name) == (later, Status.ACTIVE, "An editor")
    assert grant.app is not None
    assert (grant.app.client_id, grant.app.resource, grant.app.redirect_host) == (CLIENT, RESOURCE, "127.0.0.1")
    assert (grant.app.role, grant.app.generation) == (Role.ANALYST, 1)


def test_the_tokens_name_their_grant_and_the_access_token_lasts_an_hour(stores: Stores) -> None:
    given = connect(stores)

    access, renewing = texts_of(given)
    assert (access.token_id, renewing.token_id) == (given.grant_id, given.grant_id)
    assert (access.generation, renewing.generation) == (1, 1)
    assert access.expires_at == NOON + timedelta(hours=1)
    assert given.expires_in == 3600
    assert row_of(stores, given).token.prefix == access.prefix == given.access[:12]
    assert access.secret != renewing.secret


def test_a_grant_on_plus_ends_after_thirty_idle_days_and_after_a_year_at_the_latest(stores: Stores) -> None:
    grant = row_of(stores, connect(stores)).token

    assert (grant.expires_at, grant.lifetime_days) == (NOON + 30 * A_DAY, 365)


def test_a_plan_without_refresh_gives_one_access_token_for_a_year(stores: Stores) -> None:
    workspace(stores, "wks_2", plan="alpha")

    given = connect(stores, workspace_id="wks_2")

    row = row_of(stores, given)
    assert given.refresh is None
    assert given.expires_in == 365 * 24 * 3600
    assert row.token.expires_at == NOON + 365 * A_DAY
    assert row.credential.grant is not None
    assert row.credential.grant.refresh is None


@pytest.mark.parametrize(("plan", "longest", "access_days"), [("plus", 7, None), ("alpha", 7, 7)])
def test_the_token_policy_cuts_the_life_of_a_grant(
    stores: Stores, plan: str, longest: int, access_days: int | None
) -> None:
    workspace(stores, "wks_2", plan=plan)
    policy = SetTokenPolicy(policy=TokenPolicy(longest_days=longest), set_by="mem_olivia", at=NOON)
    order(policy, stores=stores, workspace_id="wks_2")

    given = connect(stores, workspace_id="wks_2")

    grant = row_of(stores, given).token
    assert (grant.expires_at, grant.lifetime_days) == (NOON + longest * A_DAY, longest)
    assert given.expires_in == (3600 if access_days is None else access_days * 24 * 3600)


def test_the_trail_tells_of_the_person_who_approved_and_not_of_the_program_that_came(stores: Stores) -> None:
    given = connect(stores)

    (event,) = stores.tokens.history(given.grant_id)
    page = stores.audit.entries("wks_1", matching=AuditFilter(), limit=100, now=NOON + A_DAY)
    (entry,) = [entry for entry in page.items if entry.stream == f"token:{given.grant_id}"]
    assert isinstance(event, GrantApproved)
    assert (entry.type, entry.origin) == ("grant.approved", CONSENT)


@pytest.mark.parametrize("name", ["olivia", "adam", "ana"])
def test_every_member_may_let_an_app_act_for_them(stores: Stores, name: str) -> None:
    assert row_of(stores, connect(stores, member_id=f"mem_{name}")).token.owner_id == f"mem_{name}"


def test_of_a_program_on_the_persons_computer_the_scheme_is_told(stores: Stores) -> None:
    code = approve(stores, redirect_uri="cursor://anysphere.cursor-mcp/oauth/callback")

    app = row_of(stores, redeem(stores, code, redirect_uri=None)).token.app

    assert app is not None
    assert app.redirect_host == "cursor:"


def test_a_client_may_leave_out_what_its_proof_says_better(stores: Stores) -> None:
    assert redeem(stores, approve(stores), redirect_uri=None, resource=None).scopes == {Scope.PNL, Scope.ADS}


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "error", "field"),
    [
        ({"client_id": OTHER_CLIENT}, "invalid_grant", "client_id"),
        ({"client_id": ""}, "invalid_grant", "client_id"),
        ({"redirect_uri": REDIRECT.replace("33418", "33419")}, "invalid_grant", "redirect_uri"),
        ({"redirect_uri": f"{REDIRECT}/"}, "invalid_grant", "redirect_uri"),
        ({"redirect_uri": ""}, "invalid_grant", "redirect_uri"),
        ({"verifier": OTHER_VERIFIER}, "invalid_grant", "code_verifier"),
        ({"verifier": ""}, "invalid_grant", "code_verifier"),
        ({"verifier": VERIFIER[:-1]}, "invalid_grant", "code_verifier"),
        ({"resource": "https://other.test/mcp"}, "invalid_target", "resource"),
        ({"resource": f"{RESOURCE}/"}, "invalid_target", "resource"),
        ({"resource": ""}, "invalid_target", "resource"),
        ({"at": NOON + GOOD_FOR}, "invalid_grant", "code"),
        ({"at": NOON + A_DAY}, "invalid_grant", "code"),
    ],
    ids=str,
)
def test_a_code_is_good_for_its_client_its_address_its_proof_its_resource_and_five_minutes(
    stores: Stores, asked: dict[str, str], error: str, field: str
) -> None:
    code = approve(stores)
    before = dump(stores)

    with pytest.raises(GrantRefused) as refused:
        redeem(stores, code, **asked)  # pyright: ignore[reportArgumentType]  # the one that is a moment is `at`

    assert (refused.value.code, refused.value.field) == (error, field)
    assert refused.value.hint
    assert dump(stores) == before
    assert redeem(stores, code, at=NOON + GOOD_FOR - A_MOMENT).grant_id  # what was refused used nothing up


@pytest.mark.parametrize("code", ["", "unknown", 43 * "a", "\ud800"])
def test_a_code_that_nobody_was_given_is_refused(stores: Stores, code: str) -> None:
    approve(stores)

    with pytest.raises(GrantRefused) as refused:
        redeem(stores, code)

    assert (refused.value.code, refused.value.field) == ("invalid_grant", "code")
    assert grants_in(stores) == []


def test_no_text_that_a_client_is_told_holds_what_it_sent(stores: Stores) -> None:
    code = approve(stores)

    for asked in ({"verifier": OTHER_VERIFIER}, {"client_id": OTHER_CLIENT}, {"at": NOON + GOOD_FOR}):
        with pytest.raises(GrantRefused) as refused:
            redeem(stores, code, **asked)  # pyright: ignore[reportArgumentType]  # the same
        told = f"{refused.value.message} {refused.value.hint}"
        assert code not in told
        assert OTHER_VERIFIER not in told


def dump(stores: Stores) -> list[object]:
    return [grants_in(stores), [*stores.audit.entries("wks_1", matching=AuditFilter(), limit=100, now=NOON).items]]

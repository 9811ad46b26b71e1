from __future__ import annotations

from datetime import timedelta

import pytest

from shared.domain.errors import Invalid, NotFound, NotPermitted
from shared.domain.scopes import Scope
from shared.domain.token.events import GrantApproved, TokenKind, TokenRevoked
from shared.domain.token.policy import TokenPolicy
from shared.domain.token.state import Status
from shared.domain.workspace.commands import ChangeMemberRole, SetTokenPolicy, WorkspaceCommand
from shared.domain.workspace.events import Role
from shared.services.credentials.seal import is_sealed
from shared.services.grants.approve import digest_of
from shared.services.grants.refusals import GrantRefused
from shared.storage.contracts.audit import AuditFilter
from shared.storage.contracts.codes import IssuedCode
from shared.storage.contracts.streams import StoreUnavailable
from shared.storage.engine import Key, Table, Update, Value
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.engines import Killed, MeddledEngine, die_before
from tests.data.faults import LosesAnswers
from tests.data.stores import Stores
from tests.data.tenants import A_DAY, KEYS, NOON, order, workspace
from tests.services.grants.connecting import (
    CLIENT,
    CONSENT,
    LEFT,
    OTHER_CLIENT,
    OTHER_VERIFIER,
    REDIRECT,
    RESOURCE,
    SHUT_OUT,
    VERIFIER,
    approve,
    connect,
    everything_in,
    grants_in,
    named,
    redeem,
    row_of,
    secrets_of,
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


# --- once -------------------------------------------------------------------------------------------------------------


def test_a_code_that_comes_again_with_the_right_proof_ends_the_grant(stores: Stores) -> None:
    code = approve(stores)
    given = redeem(stores, code)
    later = NOON + timedelta(hours=3)  # long after the code itself is good for nothing

    with pytest.raises(GrantRefused) as refused:
        redeem(stores, code, at=later)

    *_, last = stores.tokens.history(given.grant_id)
    assert refused.value.code == "invalid_grant"
    assert last == TokenRevoked(
        revoked_by="system:oauth",
        reason="its authorization code was used twice: somebody else may hold it",
        at=later,
    )
    assert len(grants_in(stores)) == 1


@pytest.mark.parametrize(
    "asked", [{"client_id": OTHER_CLIENT}, {"redirect_uri": "https://evil.test"}, {"resource": "https://other.test"}]
)
def test_whoever_has_code_and_proof_ends_the_grant_whatever_else_they_say(
    stores: Stores, asked: dict[str, str]
) -> None:
    code = approve(stores)
    given = redeem(stores, code)

    with pytest.raises(GrantRefused):
        redeem(stores, code, **asked)  # pyright: ignore[reportArgumentType]  # none of them is `at`

    assert row_of(stores, given).token.status is Status.REVOKED


def test_a_used_code_without_the_proof_ends_nothing(stores: Stores) -> None:
    code = approve(stores)
    given = redeem(stores, code)

    with pytest.raises(GrantRefused) as refused:
        redeem(stores, code, verifier=OTHER_VERIFIER)

    assert refused.value.code == "invalid_grant"
    assert row_of(stores, given).token.status is Status.ACTIVE


def test_after_a_day_a_used_code_is_as_unknown_as_any_and_ends_nothing(stores: Stores) -> None:
    code = approve(stores)
    given = redeem(stores, code)

    with pytest.raises(GrantRefused):
        redeem(stores, code, at=NOON + A_DAY)

    assert row_of(stores, given).token.status is Status.ACTIVE


def test_a_third_use_changes_nothing_more(stores: Stores) -> None:
    code = approve(stores)
    given = redeem(stores, code)

    for minute in (1, 2):
        with pytest.raises(GrantRefused):
            redeem(stores, code, at=NOON + timedelta(minutes=minute))

    assert len(stores.tokens.history(given.grant_id)) == 2


def test_of_two_who_come_at_once_one_is_served_and_the_grant_ends(engine: MeddledEngine, stores: Stores) -> None:
    """Nobody can tell which of the two is the client: neither keeps what was taken with a stolen code and proof."""
    code = approve(stores)

    def overtake(number: int) -> None:
        if number == 0:
            redeem(stores, code)

    engine.meddle = overtake
    with pytest.raises(GrantRefused) as refused:
        redeem(stores, code)

    (row,) = grants_in(stores)
    assert refused.value.code == "invalid_grant"
    assert row.token.status is Status.REVOKED


def test_a_thief_without_the_proof_who_comes_at_the_same_moment_changes_nothing(
    engine: MeddledEngine, stores: Stores
) -> None:
    code = approve(stores)

    def try_it(number: int) -> None:
        if number == 0:
            with pytest.raises(GrantRefused):
                redeem(stores, code, verifier=OTHER_VERIFIER)

    engine.meddle = try_it
    given = redeem(stores, code)

    assert row_of(stores, given).token.status is Status.ACTIVE


# --- what happens in between ------------------------------------------------------------------------------------------


def test_a_process_that_dies_before_it_writes_has_used_nothing_up(engine: MeddledEngine, stores: Stores) -> None:
    code = approve(stores)
    engine.meddle = die_before(0)
    with pytest.raises(Killed):
        redeem(stores, code)
    engine.meddle = None

    assert grants_in(stores) == []
    assert redeem(stores, code).grant_id


def test_a_redemption_is_one_write(engine: MeddledEngine, stores: Stores) -> None:
    code = approve(stores)
    engine.meddle = die_before(1)

    redeem(stores, code)  # and so there is no place to die at between two

    assert found(stores, code).used_by == grants_in(stores)[0].token.token_id


def test_of_an_answer_that_was_lost_all_is_recorded_and_a_repeat_ends_the_grant() -> None:
    network = LosesAnswers(SqliteEngine())
    stores = Stores.over(network)
    workspace(stores)
    code = approve(stores)
    network.answers_to_lose = 1

    with pytest.raises(StoreUnavailable):
        redeem(stores, code)

    (row,) = grants_in(stores)
    assert found(stores, code).used_by == row.token.token_id
    with pytest.raises(GrantRefused):
        redeem(stores, code)
    assert grants_in(stores)[0].token.status is Status.REVOKED


def test_a_store_that_is_away_leaves_the_code_as_it_was(engine: MeddledEngine, stores: Stores) -> None:
    code = approve(stores)
    engine.meddle = away
    with pytest.raises(StoreUnavailable):
        redeem(stores, code)
    engine.meddle = None

    assert found(stores, code).used_by is None
    assert redeem(stores, code).grant_id


@pytest.mark.parametrize("command", [*SHUT_OUT, LEFT[0]], ids=named)
@pytest.mark.parametrize("moment", ["before", "meanwhile"])
def test_a_workspace_that_changed_since_the_consent_gives_nothing(
    engine: MeddledEngine, stores: Stores, command: WorkspaceCommand, moment: str
) -> None:
    code = approve(stores, member_id="mem_adam")

    def change(number: int) -> None:
        if number == 0:
            order(command, stores=stores)

    if moment == "before":
        order(command, stores=stores)
    else:
        engine.meddle = change
    with pytest.raises(GrantRefused) as refused:
        redeem(stores, code)

    assert refused.value.code == "invalid_grant"
    assert refused.value.hint
    assert grants_in(stores) == []
    assert found(stores, code).used_by is None


def test_a_change_in_between_that_concerns_nothing_is_no_hindrance(engine: MeddledEngine, stores: Stores) -> None:
    code = approve(stores)

    def change(number: int) -> None:
        if number == 0:
            order(ChangeMemberRole(member_id="mem_adam", role=Role.ANALYST, at=NOON), stores=stores)

    engine.meddle = change

    assert row_of(stores, redeem(stores, code)).token.status is Status.ACTIVE


def test_a_policy_that_came_after_the_consent_is_kept(stores: Stores) -> None:
    code = approve(stores)
    narrow = TokenPolicy(scopes=frozenset({Scope.ADS}))
    order(SetTokenPolicy(policy=narrow, set_by="mem_olivia", at=NOON), stores=stores)

    with pytest.raises(GrantRefused) as refused:
        redeem(stores, code)

    assert refused.value.code == "invalid_grant"
    assert "mcp:pnl:read" in refused.value.message
    assert grants_in(stores) == []


# --- what is kept of it -----------------------------------------------------------------------------------------------


def test_nothing_secret_is_kept_of_a_code_or_of_a_grant(engine: MeddledEngine, stores: Stores) -> None:
    code = approve(stores)
    given = redeem(stores, code)

    stored = everything_in(engine)
    assert digest_of(code) in stored  # so what follows has something to find
    assert given.grant_id in stored
    for secret in (code, VERIFIER, *secrets_of(given)):
        assert secret not in stored
    assert given.access not in repr(given)
    assert (given.refresh or "") not in repr(given)


@pytest.mark.parametrize(
    "forged",
    [
        {"scopes": [scope.value for scope in Scope]},
        {"member_id": "mem_olivia"},
        {"workspace_id": "wks_2"},
        {"client_id": OTHER_CLIENT},
        {"redirect_uri": "https://evil.test"},
        {"resource": "https://other.test"},
        {"code_challenge": 43 * "A"},
        {"client_name": "Another editor"},
        {"made_at": "2026-11-22T12:00:00.000000Z"},
        {"actor": "mem_olivia"},
        {"seal": ""},
    ],
    ids=str,
)
def test_whoever_writes_to_the_table_approves_nothing(
    engine: MeddledEngine, stores: Stores, forged: dict[str, Value]
) -> None:
    workspace(stores, "wks_2")
    code = approve(stores)
    key = Key(f"CODE#{digest_of(code)}", "CODE")
    engine.write(Update(table=Table.CORE, key=key, set=forged))

    with pytest.raises(GrantRefused) as refused:
        redeem(stores, code)

    assert refused.value.code == "invalid_grant"
    assert grants_in(stores) == []


def test_a_row_that_was_copied_to_another_code_is_worth_nothing(stores: Stores) -> None:
    stores.codes.keep(digest_of("a code of mine"), found(stores, approve(stores)))

    with pytest.raises(GrantRefused):
        redeem(stores, "a code of mine")


# --- the consent itself -----------------------------------------------------------------------------------------------


def test_every_code_is_another(stores: Stores) -> None:
    codes = {approve(stores) for _ in range(10)}

    assert len(codes) == 10
    assert min(map(len, codes)) == 43  # 256 bits in base64url


def test_what_could_not_be_redeemed_is_not_approved_either(stores: Stores) -> None:
    workspace(stores, "wks_2", plan="starter")
    narrow = TokenPolicy(scopes=frozenset({Scope.ADS}))
    order(SetTokenPolicy(policy=narrow, set_by="mem_olivia", at=NOON), stores=stores)

    with pytest.raises(NotPermitted) as refused:
        approve(stores, workspace_id="wks_2")
    assert refused.value.code == "plan_required"
    with pytest.raises(NotPermitted):
        approve(stores, member_id="mem_nobody", scopes=frozenset({Scope.ADS}))
    with pytest.raises(NotFound):
        approve(stores, workspace_id="wks_3")
    with pytest.raises(Invalid) as refused_scope:
        approve(stores)
    assert refused_scope.value.code == "scope_not_allowed"
    with pytest.raises(Invalid):
        approve(stores, scopes=frozenset())


def test_a_name_with_hidden_characters_is_kept_as_it_is_seen(stores: Stores) -> None:
    assert row_of(stores, connect(stores, client_name="An\u200b  editor\n")).token.name == "An editor"


def away(_: int) -> None:
    raise StoreUnavailable("throttled")


def found(stores: Stores, code: str) -> IssuedCode:
    issued = stores.codes.find(digest_of(code), now=NOON)
    assert issued is not None
    return issued


def dump(stores: Stores) -> list[object]:
    return [grants_in(stores), [*stores.audit.entries("wks_1", matching=AuditFilter(), limit=100, now=NOON).items]]

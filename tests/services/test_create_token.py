from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from shared.domain.errors import Conflict, DomainError, Invalid, NotFound, NotPermitted
from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.workspace.commands import (
    ChangeMemberRole,
    ChangePlan,
    GrantAccess,
    RemoveMember,
    SuspendAccess,
    WorkspaceCommand,
)
from shared.domain.workspace.events import Role
from shared.services.create_token import NewToken, create_token
from shared.services.credentials.seal import is_sealed
from shared.services.credentials.secret_hash import secret_matches
from shared.services.credentials.token_format import read_token
from shared.storage.contracts.audit import AuditFilter
from shared.storage.contracts.streams import StreamMoved
from tests.data.engines import MeddledEngine
from tests.data.stores import Stores, memory_stores
from tests.data.tenants import KEYS, NOON, order, origin, token, workspace


@pytest.fixture
def engine() -> MeddledEngine:
    return MeddledEngine()


@pytest.fixture
def stores(engine: MeddledEngine) -> Stores:
    stores = memory_stores(engine)
    workspace(stores)
    return stores


def unnamed(stores: Stores, *, kind: TokenKind, days: int | None) -> NewToken:
    """Ask for a token without naming its scopes."""
    return create_token(
        workspace_id="wks_1",
        member_id="mem_olivia",
        kind=kind,
        name="Server",
        scopes=None,
        expires_in_days=days,
        origin=origin("mem_olivia"),
        now=NOON,
        keys=KEYS,
        tokens=stores.tokens,
        workspaces=stores.workspaces,
    )


def in_the_list(stores: Stores) -> list[str]:
    return [row.token.token_id for row in stores.tokens.of_workspace("wks_1", limit=100).items]


def test_what_is_kept_of_a_token_is_its_hash_under_our_seal(stores: Stores) -> None:
    made = token(stores, scopes=(Scope.PNL, Scope.ADS), days=90)

    text = read_token(made.text, KEYS)
    row = stores.tokens.get(made.token.token_id)
    assert text is not None
    assert row is not None
    assert row.token == made.token
    assert row.token.expires_at == NOON + timedelta(days=90)
    assert row.credential.digest.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert secret_matches(text.secret, row.credential.digest)
    assert is_sealed(row, KEYS)
    assert in_the_list(stores) == [made.token.token_id]


def test_nothing_that_is_stored_holds_the_secret(engine: MeddledEngine, stores: Stores) -> None:
    made = token(stores)
    text = read_token(made.text, KEYS)
    assert text is not None

    stored = str([change.record for change in engine.changes().read(0, limit=1000)])

    assert made.token.token_id in stored
    assert text.secret not in stored
    assert made.text[-11:] not in stored  # nor its check digits


def test_a_token_does_not_print_itself(stores: Stores) -> None:
    made = token(stores)

    assert made.text not in repr(made)


def test_a_creation_is_in_the_trail_with_who_made_it(stores: Stores) -> None:
    made = token(stores, owner="adam")

    (entry,) = stores.audit.entries(
        "wks_1", matching=AuditFilter(types=frozenset({"token.created"})), limit=10, now=NOON
    ).items

    assert (entry.stream, entry.origin.actor) == (f"token:{made.token.token_id}", "mem_adam")


Refused = Callable[[Stores], NewToken]
REFUSED: dict[str, tuple[Refused, type[DomainError], str]] = {
    "no workspace": (lambda stores: token(stores, workspace_id="wks_none"), NotFound, "workspace_not_found"),
    "an analyst": (lambda stores: token(stores, owner="ana"), NotPermitted, "role_required"),
    "no member": (lambda stores: token(stores, owner="nobody"), NotPermitted, "role_required"),
    "no name": (lambda stores: token(stores, name=" "), Invalid, "name_invalid"),
    "no scope": (lambda stores: token(stores, scopes=()), Invalid, "scope_required"),
    "another lifetime": (lambda stores: token(stores, days=31), Invalid, "lifetime_not_allowed"),
    "no end": (lambda stores: token(stores, days=None), Invalid, "lifetime_not_allowed"),
    "scopes not named": (
        lambda stores: unnamed(stores, kind=TokenKind.PERSONAL, days=30),
        Invalid,
        "scope_required",
    ),
    "the organization's": (
        lambda stores: unnamed(stores, kind=TokenKind.ORGANIZATION, days=30),
        NotPermitted,
        "kind_not_allowed",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_leaves_nothing_behind(engine: MeddledEngine, stores: Stores, what: str) -> None:
    refuse, error, code = REFUSED[what]
    before = engine.changes().last()

    with pytest.raises(error) as refused:
        refuse(stores)

    assert refused.value.code == code
    assert engine.changes().last() == before


def test_a_token_of_the_organization_reads_everything_and_has_no_end_where_the_plan_has_such_tokens(
    stores: Stores,
) -> None:
    order(ChangePlan(plan="alpha", at=NOON), stores=stores)

    made = unnamed(stores, kind=TokenKind.ORGANIZATION, days=None)

    assert made.text.startswith("mfs_")
    assert made.token.expires_at is None
    assert made.token.scopes == frozenset(Scope)


def test_a_token_of_the_organization_may_be_given_less(stores: Stores) -> None:
    order(ChangePlan(plan="alpha", at=NOON), stores=stores)

    made = token(stores, kind=TokenKind.ORGANIZATION, scopes=(Scope.ADS,), days=90)

    assert (made.token.scopes, made.token.expires_at) == ({Scope.ADS}, NOON + timedelta(days=90))


def test_an_id_that_is_taken_is_a_conflict_and_the_token_stays_as_it_is(stores: Stores) -> None:
    first = token(stores, token_id="0123456789abcdef")
    row = stores.tokens.get(first.token.token_id)

    with pytest.raises(Conflict) as refused:
        token(stores, token_id="0123456789abcdef", name="another")

    assert refused.value.code == "token_exists"
    assert stores.tokens.get(first.token.token_id) == row


NARROWER: list[tuple[WorkspaceCommand, str]] = [
    (ChangePlan(plan="starter", at=NOON), "plan_required"),
    (SuspendAccess(reason="unpaid", at=NOON), "organization_not_authorized"),
    (RemoveMember(member_id="mem_adam", at=NOON), "role_required"),
    (ChangeMemberRole(member_id="mem_adam", role=Role.ANALYST, at=NOON), "role_required"),
]


@pytest.mark.parametrize(("command", "code"), NARROWER)
def test_a_change_of_the_workspace_that_comes_first_refuses_the_token(
    engine: MeddledEngine, stores: Stores, command: WorkspaceCommand, code: str
) -> None:
    def narrow(number: int) -> None:  # between our look at the workspace and our write
        if number == 0:
            order(command, stores=stores)

    engine.meddle = narrow

    with pytest.raises(NotPermitted) as refused:
        token(stores, owner="adam")

    assert refused.value.code == code
    assert in_the_list(stores) == []


@pytest.mark.parametrize(("command", "_code"), NARROWER)
def test_a_change_of_the_workspace_that_comes_later_finds_the_token(
    stores: Stores, command: WorkspaceCommand, _code: str
) -> None:
    made = token(stores, owner="adam")

    order(command, stores=stores)

    row = stores.tokens.get(made.token.token_id)
    assert row is not None
    assert (row.token.status, row.terms.standing) != ("active", "open")
    assert is_sealed(row, KEYS)


def test_a_change_of_the_workspace_that_does_not_concern_the_token_only_delays_it(
    engine: MeddledEngine, stores: Stores
) -> None:
    order(SuspendAccess(reason="unpaid", at=NOON), stores=stores)
    order(GrantAccess(at=NOON), stores=stores)

    def move(number: int) -> None:
        if number < 2:
            plan = ("alpha", "plus")[number]
            order(ChangePlan(plan=plan, at=NOON), stores=stores)

    engine.meddle = move
    made = token(stores)

    row = stores.tokens.get(made.token.token_id)
    current = stores.workspaces.get("wks_1")
    assert row is not None
    assert current is not None
    assert (row.terms.plan, row.terms.version) == ("plus", current.version)


def test_a_workspace_that_never_stands_still_is_given_up(engine: MeddledEngine, stores: Stores) -> None:
    def move(number: int) -> None:
        order(ChangePlan(plan=("alpha", "plus")[number % 2], at=NOON), stores=stores)

    engine.meddle = move

    with pytest.raises(StreamMoved):
        token(stores)
    assert in_the_list(stores) == []

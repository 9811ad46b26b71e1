"""Who may do what to whom among the members of a workspace: every case, said once more."""

from __future__ import annotations

import pytest

from shared.domain.errors import NotPermitted
from shared.domain.workspace.decider import Member
from shared.domain.workspace.events import Role
from shared.domain.workspace.permissions import check_may_change

OWNER, ADMIN, ANALYST, NOBODY = Role.OWNER, Role.ADMIN, Role.ANALYST, None

MAY = {
    # who, whom, what they shall be (nobody: let in, sent away)
    (OWNER, NOBODY, OWNER): True,
    (OWNER, NOBODY, ADMIN): True,
    (OWNER, NOBODY, ANALYST): True,
    (OWNER, OWNER, OWNER): True,
    (OWNER, OWNER, ADMIN): True,
    (OWNER, OWNER, ANALYST): True,
    (OWNER, OWNER, NOBODY): True,
    (OWNER, ADMIN, OWNER): True,
    (OWNER, ADMIN, ADMIN): True,
    (OWNER, ADMIN, ANALYST): True,
    (OWNER, ADMIN, NOBODY): True,
    (OWNER, ANALYST, OWNER): True,
    (OWNER, ANALYST, ADMIN): True,
    (OWNER, ANALYST, ANALYST): True,
    (OWNER, ANALYST, NOBODY): True,
    (ADMIN, NOBODY, OWNER): False,
    (ADMIN, NOBODY, ADMIN): False,
    (ADMIN, NOBODY, ANALYST): True,
    (ADMIN, OWNER, OWNER): False,
    (ADMIN, OWNER, ADMIN): False,
    (ADMIN, OWNER, ANALYST): False,
    (ADMIN, OWNER, NOBODY): False,
    (ADMIN, ADMIN, OWNER): False,
    (ADMIN, ADMIN, ADMIN): False,
    (ADMIN, ADMIN, ANALYST): False,
    (ADMIN, ADMIN, NOBODY): False,
    (ADMIN, ANALYST, OWNER): False,
    (ADMIN, ANALYST, ADMIN): False,
    (ADMIN, ANALYST, ANALYST): True,
    (ADMIN, ANALYST, NOBODY): True,
    (ANALYST, NOBODY, OWNER): False,
    (ANALYST, NOBODY, ADMIN): False,
    (ANALYST, NOBODY, ANALYST): False,
    (ANALYST, OWNER, OWNER): False,
    (ANALYST, OWNER, ADMIN): False,
    (ANALYST, OWNER, ANALYST): False,
    (ANALYST, OWNER, NOBODY): False,
    (ANALYST, ADMIN, OWNER): False,
    (ANALYST, ADMIN, ADMIN): False,
    (ANALYST, ADMIN, ANALYST): False,
    (ANALYST, ADMIN, NOBODY): False,
    (ANALYST, ANALYST, OWNER): False,
    (ANALYST, ANALYST, ADMIN): False,
    (ANALYST, ANALYST, ANALYST): False,
    (ANALYST, ANALYST, NOBODY): False,
}
"""What one member may do to another, or to somebody new."""
MAY_TO_THEMSELVES = {
    (OWNER, OWNER): True,
    (OWNER, ADMIN): True,
    (OWNER, ANALYST): True,
    (OWNER, NOBODY): True,
    (ADMIN, OWNER): False,
    (ADMIN, ADMIN): False,
    (ADMIN, ANALYST): False,
    (ADMIN, NOBODY): True,
    (ANALYST, OWNER): False,
    (ANALYST, ADMIN): False,
    (ANALYST, ANALYST): False,
    (ANALYST, NOBODY): True,
}
"""Everybody may leave; only an owner may step down, if another one stays (see the decider)."""


def member(role: Role, name: str) -> Member:
    return Member(member_id=f"mem_{name}", issuer="https://id.example", subject=name, role=role)


def check(actor: Member, target: Member | None, role: Role | None, *, allowed: bool) -> None:
    if allowed:
        check_may_change(actor, target=target, role=role)
    else:
        with pytest.raises(NotPermitted) as refused:
            check_may_change(actor, target=target, role=role)
        assert refused.value.code == "role_required"


@pytest.mark.parametrize(("case", "allowed"), MAY.items(), ids=str)
def test_what_a_member_may_do_to_another(case: tuple[Role, Role | None, Role | None], allowed: bool) -> None:  # noqa: FBT001 - a row of the table
    actor, was, shall_be = case
    target = member(was, "bob") if was is not None else None

    check(member(actor, "ann"), target, shall_be, allowed=allowed)


@pytest.mark.parametrize(("case", "allowed"), MAY_TO_THEMSELVES.items(), ids=str)
def test_what_a_member_may_do_to_themselves(case: tuple[Role, Role | None], allowed: bool) -> None:  # noqa: FBT001 - a row of the table
    role, shall_be = case
    ann = member(role, "ann")

    check(ann, ann, shall_be, allowed=allowed)


def test_the_tables_hold_every_case() -> None:
    roles = [*Role, None]
    cases = {(actor, was, shall_be) for actor in Role for was in roles for shall_be in roles}

    assert MAY.keys() == {case for case in cases if case[1:] != (None, None)}
    assert MAY_TO_THEMSELVES.keys() == {(role, shall_be) for role in Role for shall_be in roles}


def test_a_refusal_names_the_roles_that_are_out_of_reach() -> None:
    with pytest.raises(NotPermitted, match=r"with the role admin or owner\.$"):
        check_may_change(member(ADMIN, "ann"), target=member(OWNER, "bob"), role=ADMIN)
    with pytest.raises(NotPermitted, match=r"with the role owner\.$"):
        check_may_change(member(ADMIN, "ann"), target=member(OWNER, "bob"), role=ANALYST)

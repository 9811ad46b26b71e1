"""Whatever happened before and after the backup: nobody is let in whom the world without a loss refuses.

The two worlds are asked the same: each bearer that was ever given out, each refresh token, and who is a member. What
nobody could know is lost in the restored one; all else is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.scopes import Scope
from shared.domain.token.policy import TokenPolicy
from shared.domain.workspace.commands import (
    AddMember,
    ChangeMemberRole,
    ChangePlan,
    GrantAccess,
    RemoveMember,
    SetTokenPolicy,
    SuspendAccess,
    WorkspaceCommand,
)
from shared.domain.workspace.events import Role
from tests.data.tenants import ISSUER, NOON
from tests.services.restore.worlds import World, answer, restored

Act = Callable[[World, int], object]
"""What happens, and to which of the tokens."""
POLICIES = {
    "anything": TokenPolicy(),
    "short": TokenPolicy(longest_days=7),
    "narrow": TokenPolicy(scopes=frozenset({Scope.ADS})),
    "network": TokenPolicy(networks=("198.51.100.0/24",)),
}
WITHIN = [timedelta(seconds=10), timedelta(minutes=50), timedelta(hours=25), timedelta(days=12)]
EXAMPLES = max(25, settings().max_examples // 40)  # each lives in two worlds


def _ordered(command: WorkspaceCommand) -> Act:
    return lambda world, _: world.order(command)


def _one(act: Callable[[World, str], object]) -> Act:
    return lambda world, which: act(world, world.ids[which % len(world.ids)]) if world.ids else None


def _renew(which_renewal: int) -> Act:
    def renew(world: World, which: int) -> None:
        grants = [*world.renewals]
        if grants:
            world.refresh(grants[which % len(grants)], which_renewal)

    return renew


ACTS: dict[str, Act] = {
    "make": lambda world, which: world.make(["olivia", "adam"][which % 2]),
    "connect": lambda world, which: world.connect(["ana", "adam", "olivia"][which % 3]),
    "renew": _renew(-1),
    "renew by the last but one": _renew(-2),
    "call": _one(lambda world, it: world.call(it)),
    "call by the first": _one(lambda world, it: world.call(it, 0)),
    "rotate": _one(lambda world, it: world.rotate(it)),
    "rotate at once": _one(lambda world, it: world.rotate(it, overlap=0)),
    "suspend": _one(lambda world, it: world.suspend(it)),
    "resume": _one(lambda world, it: world.resume(it)),
    "revoke": _one(lambda world, it: world.revoke(it)),
    "demote": _ordered(ChangeMemberRole(member_id="mem_adam", role=Role.ANALYST, at=NOON)),
    "promote": _ordered(ChangeMemberRole(member_id="mem_adam", role=Role.ADMIN, at=NOON)),
    "remove": _ordered(RemoveMember(member_id="mem_adam", at=NOON)),
    "add": _ordered(AddMember(member_id="mem_adam", issuer=ISSUER, subject="adam", role=Role.ADMIN, at=NOON)),
    "shut out": _ordered(SuspendAccess(reason="unpaid", at=NOON)),
    "let in": _ordered(GrantAccess(at=NOON)),
    **{
        f"policy {name}": _ordered(SetTokenPolicy(policy=policy, set_by="mem_olivia", at=NOON))
        for name, policy in POLICIES.items()
    },
    **{f"plan {plan}": _ordered(ChangePlan(plan=plan, at=NOON)) for plan in ("starter", "plus", "alpha")},
    **{f"wait {much}": lambda world, _, much=much: world.pass_time(much) for much in WITHIN},
    "sweep": lambda world, _: world.sweep(),
    "seal": lambda world, _: world.seal(),
}
HISTORIES = st.lists(st.tuples(st.sampled_from([*ACTS]), st.integers(0, 5)), max_size=12)


def live(world: World, history: Sequence[tuple[str, int]]) -> None:
    for name, which in history:
        world.try_to(lambda name=name, which=which: ACTS[name](world, which))


@settings(max_examples=EXAMPLES)
@given(before=HISTORIES, since=HISTORIES, late=st.sampled_from([timedelta(), timedelta(hours=3), timedelta(days=40)]))
def test_a_restored_world_lets_nobody_in_whom_the_world_without_a_loss_refuses(
    before: list[tuple[str, int]], since: list[tuple[str, int]], late: timedelta
) -> None:
    world = World()
    live(world, before)
    moment, known = world.moment(), {token_id: len(texts) for token_id, texts in world.texts.items()}
    live(world, since)

    back = restored(world, moment)

    check_members(world, back)
    check_histories(world, back, known)
    world.pass_time(late)
    back.pass_time(late)
    for token_id, texts in world.texts.items():
        was, now = [answer(world, text) for text in texts], [answer(back, text) for text in texts]
        if known.get(token_id) == len(texts):  # nothing of it is younger than the backup
            assert now == was
        else:
            assert all(now), "what was made or renewed since is let in by nobody's check"
    for grant_id, renewals in world.renewals.items():
        which = len(before) % len(renewals)
        assert not renews(back, grant_id, which) or renews(world, grant_id, which)


def check_members(world: World, back: World) -> None:
    assert back.stores.workspaces.get("wks_1") == world.stores.workspaces.get("wks_1")
    for subject in ("olivia", "adam", "ana"):
        found = back.stores.workspaces.memberships(ISSUER, subject)
        assert found == world.stores.workspaces.memberships(ISSUER, subject)


def check_histories(world: World, back: World, known: dict[str, int]) -> None:
    """The tokens are the same, each with all that happened to it, and with nothing more if all of it is known."""
    listed, listed_before = (w.stores.tokens.of_workspace("wks_1", limit=100) for w in (back, world))
    assert [row.token.token_id for row in listed.items] == [row.token.token_id for row in listed_before.items]
    for token_id, texts in world.texts.items():
        was, now = world.stores.tokens.history(token_id), back.stores.tokens.history(token_id)
        assert now[: len(was)] == was
        added = [event.type for event in now[len(was) :]]
        assert added in ([], ["token.revoked"]) if known.get(token_id) != len(texts) else added == []


def renews(world: World, grant_id: str, which: int) -> bool:
    """Come with a refresh token, once."""
    texts = len(world.texts[grant_id])
    world.try_to(lambda: world.refresh(grant_id, which))
    given = len(world.texts[grant_id]) > texts
    del world.texts[grant_id][texts:]
    return given

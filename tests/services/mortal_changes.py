"""What changes the tokens of a whole workspace, and what works through whatever waits: the sweep and the projector."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from shared.domain.token.policy import TokenPolicy
from shared.domain.workspace.commands import ChangePlan, SuspendAccess, WorkspaceCommand
from shared.domain.workspace.events import Role
from shared.services.change_token_policy import change_token_policy, preview_policy
from shared.services.change_workspace import PATIENCE
from shared.services.follow_use import UseFollower
from shared.services.manage_members import change_role, remove_member
from tests.data.engines import Killed, MeddledEngine, die_before
from tests.data.stores import Stores
from tests.data.tenants import A_DAY, KEYS, NOON, member, order, origin, rotation, token, workspace
from tests.services.killing import Known, Operation, Step
from tests.services.lived import Lived, swept, take
from tests.services.mortal_operations import OF_TOKENS, shop
from tests.services.place import let_in, send, settle

STRICT = TokenPolicy(longest_days=7, networks=("198.51.100.0/24",))
AN_HOUR = timedelta(hours=1)


# --- a workspace ------------------------------------------------------------------------------------------------------


def _shop_with_a_preview(lived: Lived) -> dict[str, Any]:
    known = shop(lived)
    found = lived.stores.workspaces.get("wks_1")
    assert found is not None
    preview = preview_policy(
        STRICT,
        workspace=found.workspace,
        member=member(lived.stores),
        now=NOON,
        keys=KEYS,
        tokens=lived.stores.tokens,
        audit=lived.stores.audit,
    )
    return known | {"confirmation": preview.confirmation}


def _set_policy(stores: Stores, known: Known) -> None:
    change_token_policy(
        STRICT,
        confirmation=known["confirmation"],
        workspace_id="wks_1",
        member=member(stores),
        origin=origin("mem_olivia"),
        now=NOON,
        keys=KEYS,
        tokens=stores.tokens,
        workspaces=stores.workspaces,
        audit=stores.audit,
    )


def _about_adam(service: Callable[..., object], **wanted: Role) -> Step:
    def act(stores: Stores, _: Known) -> None:
        service(
            "mem_adam",
            **wanted,
            workspace_id="wks_1",
            actor_id="mem_olivia",
            origin=origin("mem_olivia"),
            now=NOON,
            keys=KEYS,
            tokens=stores.tokens,
            workspaces=stores.workspaces,
        )

    return act


def _ordered(command: WorkspaceCommand) -> Step:
    return lambda stores, _: order(command, stores=stores)


def _of_a_workspace(
    name: str, act: Step, happens: dict[str, int], scene: Callable[[Lived], dict[str, Any]] = shop
) -> Operation:
    """Describe a change that is finished by its repeat or by the sweep, which has nothing to go on with before."""

    def sweep_or_begin(stores: Stores, known: Known) -> None:
        found = stores.workspaces.get("wks_1")
        assert found is not None
        if found.version == known["version"]:
            act(stores, known)
        swept(stores, NOON + PATIENCE)

    finishers: dict[str, Step] = {"the same again": act, "the sweep": sweep_or_begin}
    return Operation(name=name, scene=scene, act=act, finishers=finishers, happens=happens)


OF_WORKSPACES = (
    _of_a_workspace("remove a member", _about_adam(remove_member), {"workspace.member_removed": 1, "token.revoked": 2}),
    _of_a_workspace(
        "demote a member",
        _about_adam(change_role, role=Role.ANALYST),
        {"workspace.member_role_changed": 1, "token.revoked": 2},
    ),
    _of_a_workspace(
        "suspend a workspace",
        _ordered(SuspendAccess(reason="unpaid", at=NOON)),
        {"workspace.access_suspended": 1},
    ),
    _of_a_workspace(
        "give a smaller plan", _ordered(ChangePlan(plan="starter", at=NOON)), {"workspace.plan_changed": 1}
    ),
    _of_a_workspace(
        "narrow the token policy",
        _set_policy,
        {"workspace.token_policy_set": 1, "token.suspended": 3},
        _shop_with_a_preview,
    ),
)


# --- what waits -------------------------------------------------------------------------------------------------------

NOW = NOON + 60 * A_DAY


def _something_of_everything_due(lived: Lived) -> dict[str, Any]:
    stores = lived.stores
    workspace(stores)
    workspace(stores, "wks_2", plan="alpha")
    token(stores, name="expires", days=30, at=NOW - 30 * A_DAY)
    token(stores, name="is told of its end, and abandoned", days=30, at=NOW - 16 * A_DAY)
    rotated = token(stores, name="is rotated", days=90, at=NOW - 10 * A_DAY)
    lived.call(rotation(stores, rotated.token.token_id, at=NOW - A_DAY), NOW - AN_HOUR)
    token(stores, name="is abandoned", days=90, at=NOW - 20 * A_DAY)
    token(stores, name="has a new plan", workspace_id="wks_2", days=90, at=NOW - AN_HOUR)
    assert isinstance(lived.engine, MeddledEngine)
    lived.engine.meddle = die_before(write=1)  # the change is recorded, and then its process ends
    with suppress(Killed):
        order(ChangePlan(plan="plus", at=NOW), stores=stores, workspace_id="wks_2", at=NOW - PATIENCE)
    lived.engine.meddle = None
    return {}


def _sweep(stores: Stores, _: Known) -> None:
    swept(stores, NOW)


def _uses_of_every_kind(lived: Lived) -> dict[str, Any]:
    """Give what waits for the projector: calls of a successor, of a flagged token, and of one counted elsewhere."""
    stores = lived.stores
    workspace(stores)
    workspace(stores, "wks_2", plan="alpha")
    flagged = token(stores, name="flagged", days=90, at=NOW - 20 * A_DAY)
    shared = token(stores, name="shared", workspace_id="wks_2", days=90, at=NOW - A_DAY)
    old = token(stores, name="old", days=90, at=NOW - A_DAY)
    lived.sweep(NOW - AN_HOUR)
    successor = rotation(stores, old.token.token_id, at=NOW - AN_HOUR)
    lived.stream()
    for made in (flagged, shared, successor):
        assert settle(lived.gate, let_in(send(lived.gate, made.text, at=NOW)), at=NOW) is None
    return {"records": lived.new_records()}


def _project(stores: Stores, known: Known) -> None:
    take(known["records"], UseFollower(tokens=stores.tokens, evidence=stores.evidence))


OF_WHAT_WAITS = (
    Operation(
        name="sweep",
        scene=_something_of_everything_due,
        act=_sweep,
        finishers={"the next sweep": _sweep},
        happens={
            "token.expired": 1,
            "token.abandonment_flagged": 2,
            "token.expiry_reminded": 1,
            "token.overlap_ended": 1,
            "token.rotation_adopted": 1,
        },
    ),
    Operation(
        name="follow uses",
        scene=_uses_of_every_kind,
        act=_project,
        finishers={"the same batch again": _project},
        happens={},
    ),
)
OPERATIONS = (*OF_TOKENS, *OF_WORKSPACES, *OF_WHAT_WAITS)

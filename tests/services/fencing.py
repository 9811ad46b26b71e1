"""A workspace whose terms become narrower, and what is looked at afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from shared.domain.token.policy import TokenPolicy, breaks
from shared.domain.token.state import Status
from shared.domain.workspace.commands import (
    ChangeMemberRole,
    ChangePlan,
    RemoveMember,
    SetTokenPolicy,
    SuspendAccess,
    WorkspaceCommand,
)
from shared.domain.workspace.decider import MANAGERS, standing_of
from shared.domain.workspace.events import Role
from shared.services.change_workspace import PATIENCE
from shared.services.credentials.seal import is_sealed
from shared.services.sweep import Swept, sweep
from shared.storage.contracts.tokens import TokenRow
from shared.storage.engine import Key, Page, Table
from tests.data.engines import MeddledEngine
from tests.data.stores import Stores, memory_stores
from tests.data.tenants import KEYS, NOON, token, workspace

LATER = NOON + PATIENCE
STRICT = TokenPolicy(longest_days=7, networks=("198.51.100.0/24",))
NARROWER: dict[str, WorkspaceCommand] = {
    "plan": ChangePlan(plan="starter", at=NOON),
    "access": SuspendAccess(reason="unpaid", at=NOON),
    "role": ChangeMemberRole(member_id="mem_adam", role=Role.ANALYST, at=NOON),
    "member": RemoveMember(member_id="mem_adam", at=NOON),
    "policy": SetTokenPolicy(policy=STRICT, set_by="mem_olivia", at=NOON),
}
WRITES = {"plan": 1 + 3 + 1, "access": 1 + 3 + 1, "role": 1 + 2 + 1, "member": 1 + 2 + 1, "policy": 1 + 3 + 3 + 1}
"""The record, the terms or the end of each token that is concerned (for a policy both), and that it is done."""


class ListingEngine(MeddledEngine):
    """Has something happen, once, before the tokens of a workspace are listed."""

    before_listing: Callable[[], None] | None = None

    def query(
        self,
        table: Table,
        pk: str,
        *,
        first: str | None = None,
        last: str | None = None,
        newest_first: bool = False,
        limit: int | None = None,
        after: Key | None = None,
    ) -> Page:
        happen = self.before_listing
        if happen is not None and pk.endswith("#TOKENS"):
            self.before_listing = None
            happen()
        return super().query(table, pk, first=first, last=last, newest_first=newest_first, limit=limit, after=after)


def shop(engine: MeddledEngine | None = None) -> tuple[MeddledEngine, Stores]:
    """A workspace with one token of its owner and two of its admin."""
    engine = engine or MeddledEngine()
    stores = memory_stores(engine)
    workspace(stores)
    for owner in ("olivia", "adam", "adam"):
        token(stores, owner=owner)
    return engine, stores


def rows(stores: Stores) -> list[TokenRow]:
    return list(stores.tokens.of_workspace("wks_1", limit=100).items)


def run_sweep(stores: Stores) -> Swept:
    return sweep(
        now=LATER,
        request_id="sweep",
        keys=KEYS,
        tokens=stores.tokens,
        workspaces=stores.workspaces,
        evidence=stores.evidence,
    )


def escaped(stores: Stores) -> list[TokenRow]:
    """Give the tokens that would be let in, and that the workspace as it is does not allow."""
    found = stores.workspaces.get("wks_1")
    assert found is not None
    now = found.workspace
    assert all(is_sealed(row, KEYS) for row in rows(stores))

    def in_line(row: TokenRow) -> bool:
        owner = now.members.get(row.token.owner_id)
        return (
            owner is not None
            and owner.role in MANAGERS
            and breaks(now.token_policy, row.token) is None
            and (row.terms.plan, row.terms.standing) == (now.plan, standing_of(now))
            and row.terms.networks == now.token_policy.networks
        )

    return [row for row in rows(stores) if row.token.status is Status.ACTIVE and not in_line(row)]


def told_twice(stores: Stores) -> list[object]:
    """Name what stands in the trail of a token, or of the workspace, more than once."""
    kinds = Counter(
        (row.token.token_id, event.type) for row in rows(stores) for event in stores.tokens.history(row.token.token_id)
    )
    changes = Counter((event.type, repr(event)) for event in stores.workspaces.history("wks_1"))
    return [kind for kind, times in (kinds + changes).items() if times > 1]

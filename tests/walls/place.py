"""The worlds in which everything is asked: one with both tenants, and for each side the one without the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.workspace.commands import AddMember, GrantAccess, RegisterWorkspace
from shared.services.change_settings import change_settings
from shared.services.change_workspace import change_workspace
from shared.services.create_token import create_token
from shared.services.manage_tokens import revoke_token
from shared.transports.http.bearer import MemberBearers
from tests.data.merchants import as_file
from tests.data.tenants import A_DAY, KEYS, NOON, origin
from tests.transports.http.issuer import AUDIENCE, LoopbackIssuer
from tests.transports.mcp.shop import Clock
from tests.walls.asking import CommandAsk, Values, worded
from tests.walls.operations import operation_named
from tests.walls.references import Known
from tests.walls.tally import Tally
from tests.walls.tenants import OTHER, SECOND_FACTS, TENANTS, Side, Tenant, facts_of
from tests.walls.world import Chance, World

FIRST_PAGES: Sequence[tuple[str, Values]] = (
    ("GET /v1/tokens", {"query.limit": 1}),
    ("GET /v1/audit/events", {"query.limit": 2}),
    ("GET /v1/audit/events", {"query.limit": 1, "query.type": "mcp.call"}),
    ("pma_list_data_sources", {"argument.limit": 1}),
    ("pma_inspect_org_data", {"argument.limit": 1}),
    ("get_pnl", {"argument.period": "ytd", "argument.granularity": "day"}),
)
"""Questions whose answers do not fit on a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worlds:
    """The world as it is, and for each side the same without those who are not of it."""

    both: World
    alone: Mapping[Side, World]


class Place:
    """Makes the worlds once, and anew for each example."""

    def __init__(self, *, issuer: LoopbackIssuer, chance: Chance, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock()
        self.tally = Tally()
        self._issuer = issuer
        self._bearers = MemberBearers(issuer=issuer.url, audience=AUDIENCE)
        self._chance = chance
        self._signed: dict[tuple[str, datetime], str] = {}
        self._known = {side: Known() for side in Side}
        self._seeds = count(1_000_000)
        """Far from those of the walks."""
        self._template = self._furnished()
        self.worlds = self._empty()

    def begin(self) -> dict[Side, Known]:
        """Put every world back to its beginning, and give what each side knows by then."""
        self.clock.now = NOON
        self.worlds.both.become(self._template.both)
        for side, world in self.worlds.alone.items():
            world.become(self._template.alone[side])
        return deepcopy(self._known)

    def sign_in(self, who: str) -> str:
        """Give a person's bearer; the same again in the same second, for a signature has chance in it."""
        now = self.clock.now.replace(microsecond=0)
        if (who, now) not in self._signed:
            self._signed[who, now] = self._issuer.bearer(who, now=now)
        return self._signed[who, now]

    def _empty(self) -> Worlds:
        def world() -> World:
            return World(issuer=self._issuer.url, bearers=self._bearers, clock=self.clock, chance=self._chance)

        return Worlds(both=world(), alone={side: world() for side in Side})

    def _furnished(self) -> Worlds:
        worlds = self._empty()
        for name, lines in SECOND_FACTS.items():
            self._write_file(name, lines)
        for tenant in TENANTS.values():
            self._write_file(tenant.side, facts_of(tenant))
            self._move_in(tenant, worlds.both)
        for side, world in worlds.alone.items():
            world.become(worlds.both)
            for other in OTHER:
                if other is not side:
                    world.forget(other)
            if side in TENANTS:
                world.meet(*self._known[side].bearers)
        worlds.both.meet(*(text for side in TENANTS for text in self._known[side].bearers))
        return worlds

    def _move_in(self, tenant: Tenant, world: World) -> None:
        """Make a workspace with everything that there can be in one."""
        began = NOON - 45 * A_DAY
        self._register(tenant, world, began)
        owner, admin, *_ = tenant.people
        kinds = (TokenKind.PERSONAL, TokenKind.ORGANIZATION if tenant.plan == "alpha" else TokenKind.PERSONAL)
        live = [
            self._token(tenant, world, owner, frozenset(Scope), at=NOON - A_DAY),
            self._token(tenant, world, admin, frozenset({Scope.PNL}), at=NOON - 2 * A_DAY, kind=kinds[1]),
        ]
        expired = self._token(tenant, world, owner, frozenset(Scope), at=NOON - 40 * A_DAY)
        revoked = self._token(tenant, world, admin, frozenset(Scope), at=NOON - 3 * A_DAY)
        row = world.inside.workspaces.get(tenant.workspace_id)
        assert row is not None
        revoke_token(
            self._known[tenant.side].tokens[-1],
            reason=f"{tenant.side} lost it",
            workspace_id=tenant.workspace_id,
            member=row.workspace.members[tenant.member_id(owner)],
            origin=origin(tenant.member_id(owner)),
            now=NOON - A_DAY,
            keys=KEYS,
            tokens=world.inside.tokens,
        )
        imports, figures = world.inside.imports, world.inside.figures
        change_settings(tenant.workspace_id, tenant.settings, imports=imports, figures=figures)
        for file in (tenant.side, tenant.second_file):
            self._run(world, "import", str(self.folder / f"{file}.ndjson"), "-w", tenant.workspace_id)
        for number, text in enumerate((*live, *live, expired, revoked)):
            self._ask(tenant, world, "get_pnl", {}, bearer=text, request_id=f"before-{tenant.side}-{number}")
        for number, (name, values) in enumerate(FIRST_PAGES):
            bearer = self.sign_in(owner) if name.startswith("GET") else live[0]
            self._ask(tenant, world, name, values, bearer=bearer, request_id=f"page-{tenant.side}-{number}")

    def _register(self, tenant: Tenant, world: World, at: datetime) -> None:
        added = (
            AddMember(member_id=tenant.member_id(who), issuer=self._issuer.url, subject=who, role=role, at=at)
            for who, role in tenant.people.items()
        )
        name = f"The {tenant.side} shop"
        for command in (
            RegisterWorkspace(workspace_id=tenant.workspace_id, name=name, plan=tenant.plan, at=at),
            GrantAccess(at=at),
            *added,
        ):
            change_workspace(
                tenant.workspace_id,
                command,
                origin=origin(),
                now=at,
                keys=KEYS,
                workspaces=world.inside.workspaces,
                tokens=world.inside.tokens,
            )

    def _token(
        self,
        tenant: Tenant,
        world: World,
        owner: str,
        scopes: frozenset[Scope],
        *,
        at: datetime,
        kind: TokenKind = TokenKind.PERSONAL,
    ) -> str:
        made = create_token(
            workspace_id=tenant.workspace_id,
            member_id=tenant.member_id(owner),
            name=f"{tenant.side} token",
            scopes=scopes,
            expires_in_days=30 if kind is TokenKind.PERSONAL else None,
            origin=origin(tenant.member_id(owner)),
            now=at,
            keys=KEYS,
            tokens=world.inside.tokens,
            workspaces=world.inside.workspaces,
            kind=kind,
        )
        known = self._known[tenant.side]
        known.tokens.append(made.token.token_id)
        known.bearers.append(made.text)
        return made.text

    def _ask(self, tenant: Tenant, world: World, name: str, values: Values, *, bearer: str, request_id: str) -> None:
        """Ask, and learn what the answer tells."""
        operation = operation_named(name)
        ask = worded(
            operation,
            values,
            word=tenant.side,
            ip=tenant.ip,
            bearer=bearer,
            request_id=request_id,
            folder=self.folder,
        )
        answer = world.answer(ask, seed=next(self._seeds))
        assert not answer.broken, answer.text
        self._known[tenant.side].learn(operation, values, answer.text)

    def _run(self, world: World, *words: str) -> None:
        ran = world.answer(CommandAsk(words=words), seed=next(self._seeds))
        assert not ran.refused, ran.text

    def _write_file(self, name: str, lines: Sequence[Mapping[str, Any]]) -> None:
        (self.folder / f"{name}.ndjson").write_bytes(as_file(lines))

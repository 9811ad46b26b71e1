"""The worlds in which everything is asked: one with both tenants, and for each side the one without the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from shared.transports.http.bearer import MemberBearers
from shared.transports.issuer import Issuer
from tests.data.merchants import as_file
from tests.data.tenants import NOON
from tests.services.trail.sealing import KeyInMemory
from tests.transports.http.issuer import AUDIENCE, LoopbackIssuer
from tests.transports.mcp.shop import Clock
from tests.walls.moving_in import LONG_AGO, MovingIn
from tests.walls.references import Known
from tests.walls.sealing import seal
from tests.walls.sessions import begin
from tests.walls.tally import Tally
from tests.walls.tenants import IN_BOTH, OTHER, SECOND_FACTS, STRANGER, TENANTS, Side, facts_of
from tests.walls.world import Chance, World


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
        self._bearers = MemberBearers(Issuer(url=issuer.url, audience=AUDIENCE))
        self._chance = chance
        self._signed: dict[tuple[str, datetime], str] = {}
        self._known = {side: Known() for side in Side}
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
        seeds = count(1_000_000)  # far from those of the walks
        for who in (STRANGER, *(who for tenant in TENANTS.values() for who in tenant.people if who != IN_BOTH)):
            begin(who, issuer=self._issuer.url, sessions=worlds.both.inside.sessions)
        moving = [
            MovingIn(
                tenant=tenant,
                world=worlds.both,
                known=self._known[tenant.side],
                issuer=self._issuer.url,
                sign_in=self.sign_in,
                folder=self.folder,
                seeds=seeds,
            )
            for tenant in TENANTS.values()
        ]
        signer = KeyInMemory()
        for each in moving:
            self._write_file(each.tenant.side, facts_of(each.tenant))
            each.move_in()
        seal(worlds.both, since=LONG_AGO, until=NOON, signer=signer, folded=TENANTS)
        for each in moving:
            each.go_on()
        # Of one of them, the last seal is not folded yet.
        seal(worlds.both, since=LONG_AGO, until=NOON, signer=signer, folded=[Side.ZEBRA])
        for each in moving:
            each.go_on()
        worlds.both.engine.purge(NOON)
        for side, world in worlds.alone.items():
            world.become(worlds.both)
            for other in OTHER:
                if other is not side:
                    world.forget(other)
            if side in TENANTS:
                world.meet(*self._known[side].bearers)
        worlds.both.meet(*(text for side in TENANTS for text in self._known[side].bearers))
        return worlds

    def _write_file(self, name: str, lines: Sequence[Mapping[str, Any]]) -> None:
        (self.folder / f"{name}.ndjson").write_bytes(as_file(lines))

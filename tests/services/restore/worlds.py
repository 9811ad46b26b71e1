"""A world in which things happen, a moment of it that a backup was taken at, and the world that comes out of both."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared.domain.errors import DomainError
from shared.domain.token.commands import RevokeToken, SuspendToken
from shared.domain.workspace.commands import WorkspaceCommand
from shared.services.change_token import change_token, change_within_policy
from shared.services.gate import Gate, Pass
from shared.services.grants.refusals import GrantRefused
from shared.services.grants.tokens import Tokens
from shared.services.manage_tokens import resumption
from shared.services.refusals import Reason
from shared.services.restore.restore_workspace import Restored, Restorer
from shared.services.sweep import sweep
from shared.services.trail.fold_seals import fold_seals
from shared.services.trail.seal_trail import seal_trail
from shared.storage.attributes import from_typed
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.storage.engine import Engine, Item, Key, Put, Table
from shared.storage.rows.restoration import StoredRestoration
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.memory_objects import MemoryObjects
from tests.data.stores import Stores
from tests.data.tenants import KEYS, NOON, order, origin, rotation, token, workspace
from tests.services.grants.connecting import RESOURCE, connect, refresh
from tests.services.place import send, settle
from tests.services.trail.sealing import LOG_NAME, KeyInMemory

A_MINUTE = timedelta(minutes=1)
OPERATOR = origin("operator:kim", "cli-restore")


@dataclass(kw_only=True)
class World:
    """The product over one store, with everything that was ever handed out."""

    engine: SqliteEngine = field(default_factory=SqliteEngine)
    archive: MemoryObjects = field(default_factory=MemoryObjects)
    now: datetime = NOON
    texts: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Every bearer of a token, static or of a grant, by its id."""
    renewals: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Every refresh token of a grant, oldest first."""

    def __post_init__(self) -> None:
        self.stores = Stores.over(self.engine, archive=self.archive)
        self.signer = KeyInMemory()
        self.gate = gate_over(self.stores)
        workspace(self.stores, at=self.now - timedelta(days=1))

    @property
    def ids(self) -> list[str]:
        return [*self.texts]

    def make(self, owner: str = "olivia", **how: object) -> str:
        made = token(self.stores, owner=owner, at=self.now, **how)  # type: ignore[arg-type]  # any of the builder's own
        self.texts[made.token.token_id] = [made.text]
        return made.token.token_id

    def connect(self, owner: str = "ana") -> str:
        got = connect(self.stores, at=self.now, member_id=f"mem_{owner}")
        self._got(got)
        return got.grant_id

    def refresh(self, grant_id: str, which: int = -1) -> None:
        renewals = self.renewals[grant_id]
        self._got(refresh(self.stores, renewals[which % len(renewals)], at=self.now))

    def _got(self, got: Tokens) -> None:
        self.texts.setdefault(got.grant_id, []).append(got.access)
        if got.refresh is not None:
            self.renewals.setdefault(got.grant_id, []).append(got.refresh)

    def rotate(self, token_id: str, *, overlap: int = 86_400) -> str:
        made = rotation(self.stores, token_id, overlap=overlap, at=self.now)
        self.texts[made.token.token_id] = [made.text]
        return made.token.token_id

    def call(self, token_id: str, which: int = -1) -> None:
        passed = send(self.gate, self.texts[token_id][which], at=self.now)
        if isinstance(passed, Pass):
            assert settle(self.gate, passed, at=self.now) is None

    def revoke(self, token_id: str) -> None:
        self._change(token_id, RevokeToken(revoked_by="mem_olivia", reason="seen in a log", at=self.now))

    def suspend(self, token_id: str) -> None:
        self._change(token_id, SuspendToken(suspended_by="mem_olivia", reason="a holiday", at=self.now))

    def _change(self, token_id: str, command: RevokeToken | SuspendToken) -> None:
        change_token(token_id, command, origin=origin(), keys=KEYS, tokens=self.stores.tokens)

    def resume(self, token_id: str) -> None:
        change_within_policy(
            token_id,
            resumption(reason="back again", by="mem_olivia", now=self.now),
            origin=origin(),
            keys=KEYS,
            tokens=self.stores.tokens,
            workspaces=self.stores.workspaces,
        )

    def order(self, command: WorkspaceCommand) -> None:
        order(replace(command, at=self.now), stores=self.stores, at=self.now)

    def try_to(self, act: Callable[[], object]) -> None:
        """Do what may be refused."""
        with suppress(DomainError, GrantRefused):
            act()

    def pass_time(self, much: timedelta) -> None:
        self.now += much

    def sweep(self) -> None:
        stores = self.stores
        sweep(
            now=self.now,
            request_id="sweep",
            keys=KEYS,
            tokens=stores.tokens,
            workspaces=stores.workspaces,
            evidence=stores.evidence,
        )

    def seal(self) -> None:
        """Seal all that there is, and fold it."""
        self.stores.seals.mark("wks_1", since=NOON - timedelta(days=2), until=self.now, now=self.now)
        self.seal_marked()
        fold_seals("wks_1", seals=self.stores.seals, index=self.stores.trail_index, archive=self.archive)

    def seal_marked(self) -> None:
        stores = self.stores
        seal_trail(
            now=self.now + A_MINUTE,
            origin=LOG_NAME,
            seals=stores.seals,
            people=stores.people,
            archive=self.archive,
            signer=self.signer,
        )

    def moment(self) -> int:
        """Name this moment, for a backup."""
        return self.engine.changes().read(0, limit=1_000_000)[-1].sequence


def gate_over(stores: Stores) -> Gate:
    """Start a container that has seen nothing yet."""
    return Gate(keys=KEYS, tokens=stores.tokens, subjects=stores.subjects, audit=stores.audit, resource=RESOURCE)


def rows(engine: SqliteEngine, table: Table, *, until: int = 1_000_000) -> list[Item]:
    """Give the rows of a table as they were at a moment."""
    found: dict[Key, Item] = {}
    for change in engine.changes().read(0, limit=1_000_000):
        if change.table is not table or change.sequence > until:
            continue
        told = change.record["dynamodb"]
        key = Key(told["Keys"]["pk"]["S"], told["Keys"]["sk"]["S"])
        found.pop(key, None)
        if "NewImage" in told:
            found[key] = {name: from_typed(value) for name, value in told["NewImage"].items()}
    return list(found.values())


def copy(items: list[Item], table: Table, *, to: Engine) -> None:
    for item in items:
        to.write(Put(table=table, item=item))


def backup_of(world: World, moment: int) -> SqliteEngine:
    """Give what a point-in-time recovery would: the core table of a moment, and nothing else."""
    engine = SqliteEngine()
    copy(rows(world.engine, Table.CORE, until=moment), Table.CORE, to=engine)
    return engine


def without_core(world: World, engine: SqliteEngine | None = None) -> World:
    """Give the world with an empty core table in the place of its own."""
    other = World.__new__(World)
    other.engine = engine or SqliteEngine()
    copy(rows(world.engine, Table.AUDIT), Table.AUDIT, to=other.engine)
    other.archive, other.now, other.signer = world.archive, world.now, world.signer
    other.texts, other.renewals = world.texts, world.renewals
    other.stores = Stores.over(other.engine, archive=world.archive)
    other.gate = gate_over(other.stores)
    return other


def restore(world: World, backup: Engine, *, engine: Engine | None = None, workspace_id: str = "wks_1") -> Restored:
    """Bring the workspace back, through an engine of its own if one is given."""
    engine = engine or world.engine
    stores = Stores.over(engine, archive=world.archive)
    restorer = Restorer(
        origin=OPERATOR,
        now=world.now,
        keys=KEYS,
        restoration=StoredRestoration(engine, backup=backup),
        workspaces=stores.workspaces,
        tokens=stores.tokens,
        evidence=stores.evidence,
        people=stores.people,
        seals=stores.seals,
    )
    done = restorer.restore(workspace_id)
    assert done is not None
    return done


def restored(world: World, moment: int) -> World:
    """Lose the core table now, and bring back what a backup of a moment has."""
    other = without_core(world)
    restore(other, backup_of(world, moment))
    return other


def answer(world: World, text: str) -> Reason | None:
    """Say what a container that starts now tells a bearer; None: it lets it in."""
    told = send(gate_over(world.stores), text, at=world.now, method="ping")
    return None if isinstance(told, Pass) else told.reason


def trail(world: World, type_: str) -> list[AuditEntry]:
    matching = AuditFilter(types=frozenset({type_}))
    return [*world.stores.audit.entries("wks_1", matching=matching, limit=1000, now=world.now).items]

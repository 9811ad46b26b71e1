"""A token, those who rotate it, and a network on which their requests meet with troubles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from shared.domain.token.rotation import AlreadyRotated
from shared.services.make_once import Made
from shared.services.rotate_token import WantedRotation
from shared.services.rotate_token_once import rotate_for_member, rotate_self
from shared.storage.contracts.streams import StoreUnavailable
from shared.storage.engine import Delete, Item, Put, Update, Write
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.engines import Killed
from tests.data.faults import Passing
from tests.data.stores import Stores
from tests.data.tenants import KEYS, NOON, member, origin, token, workspace

A_DAY_LONG = WantedRotation(overlap_seconds=86_400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What goes wrong at one write of a request, counted from 0: with a key the first is the claim."""

    write: int
    kind: str
    """`dies` before it, `unheard` after it, `overtaken` by another whole request."""
    other: tuple[str, str | None] = ("member", None)
    """Who overtakes, and with which key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A request to rotate."""

    by: str
    key: str | None
    trouble: Trouble | None = None


class Network(Passing):
    """A store on the other side of a network, on which troubles happen."""

    def __init__(self) -> None:
        super().__init__(SqliteEngine())
        self._writes = 0
        self._trouble: Trouble | None = None
        self._overtake: Callable[[], None] = lambda: None

    def expect(self, trouble: Trouble | None, overtake: Callable[[], None]) -> None:
        self._writes, self._trouble, self._overtake = 0, trouble, overtake

    def write(self, write: Put | Update | Delete) -> Item | None:
        kind = self._before()
        item = super().write(write)
        self._after(kind)
        return item

    def transact(self, writes: Sequence[Write], *, request_token: str) -> None:
        kind = self._before()
        super().transact(writes, request_token=request_token)
        self._after(kind)

    def _before(self) -> str | None:
        number, self._writes = self._writes, self._writes + 1
        if self._trouble is None or number != self._trouble.write:
            return None
        kind, self._trouble = self._trouble.kind, None
        if kind == "dies":
            raise Killed
        if kind == "overtaken":
            self._overtake()
        return kind

    def _after(self, kind: str | None) -> None:
        if kind == "unheard":
            raise StoreUnavailable("no answer")


@dataclass
class Scene:
    """A token and those who rotate it."""

    network: Network = field(default_factory=Network)
    shown: list[str] = field(default_factory=list[str])
    """Every secret that an answer held."""

    def __post_init__(self) -> None:
        self.stores = Stores.over(self.network)
        workspace(self.stores)
        self.old = token(self.stores).token

    def ask(self, by: str, key: str | None, wanted: WantedRotation = A_DAY_LONG) -> Made:
        made = rotate(self.stores, self.old.token_id, by, key, wanted)
        if made.text is not None:
            self.shown.append(made.text)
        return made

    def attempt(self, attempt: Attempt) -> None:
        other = attempt.trouble.other if attempt.trouble is not None else ("member", None)

        def overtake() -> None:
            self.attempt(Attempt(by=other[0], key=other[1]))

        self.network.expect(attempt.trouble, overtake)
        with suppress(Killed, StoreUnavailable, AlreadyRotated):  # no answer, or one without a secret
            self.ask(attempt.by, attempt.key)

    def successors(self) -> list[str]:
        rows = self.stores.tokens.of_workspace("wks_1", limit=100).items
        return [row.token.token_id for row in rows if row.token.predecessor_id is not None]


def rotate(stores: Stores, token_id: str, by: str, key: str | None, wanted: WantedRotation = A_DAY_LONG) -> Made:
    """Rotate it as its owner, or as whoever holds the token."""
    row = stores.tokens.get(token_id)
    assert row is not None
    if by == "token":
        return rotate_self(
            row.token,
            wanted,
            key=key,
            origin=origin(f"token:{token_id}"),
            now=NOON,
            keys=KEYS,
            tokens=stores.tokens,
            workspaces=stores.workspaces,
            replies=stores.replies,
            evidence=stores.evidence,
            audit=stores.audit,
        )
    name = "olivia" if by == "member" else by
    return rotate_for_member(
        token_id,
        wanted,
        key=key,
        workspace_id="wks_1",
        member=member(stores, name),
        origin=origin(f"mem_{name}"),
        now=NOON,
        keys=KEYS,
        tokens=stores.tokens,
        workspaces=stores.workspaces,
        replies=stores.replies,
        evidence=stores.evidence,
        audit=stores.audit,
    )

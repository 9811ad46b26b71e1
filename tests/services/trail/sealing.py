"""Trails to be sealed, with a real key in memory, and what a run leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.domain.activity import CallEvent
from shared.services.trail.fold_seals import fold_seals
from shared.services.trail.seal_trail import SealingDone, seal_trail
from shared.storage.contracts.people import PeopleKeys
from shared.storage.contracts.seals import KeptSeal
from shared.storage.engine import Engine
from shared.storage.rows.audit import StoredAudit
from shared.storage.rows.people import StoredPeopleKeys
from shared.storage.rows.seals import StoredSeals
from shared.storage.rows.trail_index import StoredTrailIndex
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.examples import NOON, ORIGIN, tool_called
from tests.data.memory_objects import MemoryObjects

LOG_NAME = "mcp.example.com/trail"
A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInMemory:
    private: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()), repr=False)

    @property
    def public_key(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message, ECDSA(SHA256()))


class KeysByName:
    """Keys that are the same in each deployment, so that what two of them write can be compared."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str], bytes | None] = {}

    def key_of(self, workspace_id: str, who: str) -> bytes | None:
        return self._keys.setdefault((workspace_id, who), f"{workspace_id} {who}".encode())

    def known(self, workspace_id: str) -> Mapping[str, bytes]:
        return {who: key for (of, who), key in self._keys.items() if of == workspace_id and key is not None}

    def forget(self, workspace_id: str, who: str) -> None:
        self._keys[workspace_id, who] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """One deployment's trail and seals over an engine."""

    audit: StoredAudit
    seals: StoredSeals
    people: PeopleKeys
    index: StoredTrailIndex
    archive: MemoryObjects = field(default_factory=MemoryObjects)
    signer: KeyInMemory = field(default_factory=KeyInMemory)

    @classmethod
    def over(cls, engine: Engine, *, people: PeopleKeys | None = None) -> Self:
        return cls(
            audit=StoredAudit(engine),
            seals=StoredSeals(engine),
            people=people or StoredPeopleKeys(engine),
            index=StoredTrailIndex(engine),
        )

    @classmethod
    def in_memory(cls) -> Self:
        return cls.over(SqliteEngine())

    def record(self, *events: CallEvent, workspace_id: str = "ws1", now: datetime = NOON) -> None:
        """Write rows and mark them, as the stream's reader does."""
        for event in events:
            self.audit.record(event, workspace_id=workspace_id, origin=ORIGIN)
        self.mark(*events, workspace_id=workspace_id, now=now)

    def mark(self, *events: CallEvent, workspace_id: str = "ws1", now: datetime = NOON) -> None:
        times = [event.at for event in events]
        self.seals.mark(workspace_id, since=min(times), until=max(times), now=now)

    def run(
        self, now: datetime = NOON + A_MINUTE, *, meter: Callable[[timedelta], None] = lambda _: None
    ) -> SealingDone:
        return seal_trail(
            now=now,
            origin=LOG_NAME,
            seals=self.seals,
            people=self.people,
            archive=self.archive,
            signer=self.signer,
            meter=meter,
        )

    def fold(self, workspace_id: str = "ws1") -> int:
        return fold_seals(workspace_id, seals=self.seals, index=self.index, archive=self.archive)

    def kept(self, workspace_id: str = "ws1") -> Sequence[KeptSeal]:
        return self.seals.seals(workspace_id, first=1, limit=1000)


def calls(count: int, *, first: int = 1, at: datetime = NOON) -> list[CallEvent]:
    """Make calls, a second from each other."""
    return [
        tool_called(number=number, at=at + timedelta(seconds=number - first)) for number in range(first, first + count)
    ]

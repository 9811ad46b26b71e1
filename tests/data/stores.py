"""The double of every test above storage: the real stores over SQLite in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from shared.services.trail.sources import TrailSources
from shared.storage.engine import Engine
from shared.storage.rows.alerts import StoredAlerts
from shared.storage.rows.audit import StoredAudit
from shared.storage.rows.calls import StoredCountedCalls
from shared.storage.rows.codes import StoredCodes
from shared.storage.rows.contacts import StoredContacts
from shared.storage.rows.evidence import StoredEvidence
from shared.storage.rows.imports import StoredImports
from shared.storage.rows.people import StoredPeopleKeys
from shared.storage.rows.replies import StoredReplies
from shared.storage.rows.rollups import StoredRollups
from shared.storage.rows.seals import StoredSeals
from shared.storage.rows.sessions import StoredSessions
from shared.storage.rows.subjects import StoredSubjects
from shared.storage.rows.tokens import StoredTokens
from shared.storage.rows.trail_index import StoredTrailIndex
from shared.storage.rows.workspaces import StoredWorkspaces
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.memory_objects import MemoryObjects


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The stores, each under the name by which services ask for it."""

    engine: Engine
    tokens: StoredTokens
    subjects: StoredSubjects
    workspaces: StoredWorkspaces
    contacts: StoredContacts
    audit: StoredAudit
    counted_calls: StoredCountedCalls
    replies: StoredReplies
    codes: StoredCodes
    evidence: StoredEvidence
    seals: StoredSeals
    people: StoredPeopleKeys
    sessions: StoredSessions
    trail_index: StoredTrailIndex
    imports: StoredImports
    figures: StoredRollups
    alerts: StoredAlerts
    archive: MemoryObjects

    @property
    def trail(self) -> TrailSources:
        return TrailSources(
            audit=self.audit,
            seals=self.seals,
            index=self.trail_index,
            people=self.people,
            open_archive=lambda: self.archive,
        )

    @classmethod
    def over(cls, engine: Engine, *, archive: MemoryObjects | None = None) -> Self:
        return cls(
            engine=engine,
            tokens=StoredTokens(engine),
            subjects=StoredSubjects(engine),
            workspaces=StoredWorkspaces(engine),
            contacts=StoredContacts(engine),
            audit=StoredAudit(engine),
            counted_calls=StoredCountedCalls(engine),
            replies=StoredReplies(engine),
            codes=StoredCodes(engine),
            evidence=StoredEvidence(engine),
            seals=StoredSeals(engine),
            people=StoredPeopleKeys(engine),
            sessions=StoredSessions(engine),
            trail_index=StoredTrailIndex(engine),
            imports=StoredImports(engine),
            figures=StoredRollups(engine),
            alerts=StoredAlerts(engine),
            archive=archive or MemoryObjects(),
        )


def memory_stores(engine: SqliteEngine | None = None) -> Stores:
    """Give an empty set of stores; pass the engine to count its operations or to read its change feed."""
    return Stores.over(engine or SqliteEngine())

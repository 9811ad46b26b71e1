"""The stores over the three tables, each made when it is first asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from contextlib import contextmanager
from functools import cached_property

from shared.storage.contracts.alerts import AlertStore
from shared.storage.contracts.audit import AuditLog
from shared.storage.contracts.calls import CountedCalls
from shared.storage.contracts.codes import CodeStore
from shared.storage.contracts.contacts import ContactStore
from shared.storage.contracts.evidence import EvidenceStore
from shared.storage.contracts.facts import Figures, Imports, Rollups
from shared.storage.contracts.people import PeopleKeys
from shared.storage.contracts.replies import ReplyStore
from shared.storage.contracts.seals import SealStore
from shared.storage.contracts.sessions import SessionStore
from shared.storage.contracts.tokens import SubjectStore, TokenStore
from shared.storage.contracts.trail_index import TrailIndex
from shared.storage.contracts.workspaces import WorkspaceStore
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


class Stores(ABC):
    """Everything that is kept in rows."""

    @cached_property
    @abstractmethod
    def engine(self) -> Engine:
        """The three tables."""

    @cached_property
    def tokens(self) -> TokenStore:
        """Tokens of every workspace."""
        return StoredTokens(self.engine)

    @cached_property
    def evidence(self) -> EvidenceStore:
        """How tokens have been used."""
        return StoredEvidence(self.engine)

    @cached_property
    def subjects(self) -> SubjectStore:
        """Limits that count on more than one token."""
        return StoredSubjects(self.engine)

    @cached_property
    def workspaces(self) -> WorkspaceStore:
        """Tenants and their members."""
        return StoredWorkspaces(self.engine)

    @cached_property
    def contacts(self) -> ContactStore:
        """Where members are reached."""
        return StoredContacts(self.engine)

    @cached_property
    def audit(self) -> AuditLog:
        """The trail."""
        return StoredAudit(self.engine)

    @cached_property
    def counted_calls(self) -> CountedCalls:
        """Calls whose rows in the trail are to be looked for."""
        return StoredCountedCalls(self.engine)

    @cached_property
    def replies(self) -> ReplyStore:
        """Idempotency keys."""
        return StoredReplies(self.engine)

    @cached_property
    def figures(self) -> Figures:
        """What tools read of a merchant."""
        return StoredRollups(self.engine)

    @cached_property
    def alerts(self) -> AlertStore:
        """Which alerts members have seen."""
        return StoredAlerts(self.engine)

    @cached_property
    def imports(self) -> Imports:
        """Imports and their ledger."""
        return StoredImports(self.engine)

    @cached_property
    def rollups(self) -> Rollups:
        """What is folded from imports."""
        return StoredRollups(self.engine)

    @cached_property
    def seals(self) -> SealStore:
        """The seals over the trail, and their log."""
        return StoredSeals(self.engine)

    @cached_property
    def sessions(self) -> SessionStore:
        """Who is signed in with a browser."""
        return StoredSessions(self.engine)

    @cached_property
    def codes(self) -> CodeStore:
        """What people said yes to, until the client comes for its tokens."""
        return StoredCodes(self.engine)

    @cached_property
    def people(self) -> PeopleKeys:
        """The keys of people's pseudonyms."""
        return StoredPeopleKeys(self.engine)

    @cached_property
    def trail_index(self) -> TrailIndex:
        """What is folded from sealed rows."""
        return StoredTrailIndex(self.engine)

    @contextmanager
    def scratch_index(self) -> Generator[TrailIndex]:
        """Give an empty index on this machine's disk, which is gone afterwards."""
        from shared.storage.sqlite.scratch import scratch_engine  # noqa: PLC0415 - no function rebuilds

        with scratch_engine() as engine:
            yield StoredTrailIndex(engine)

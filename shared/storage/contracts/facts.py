"""A merchant's figures as stored: rollups that tools read, the record of each import, and the ledger that ties them.

Facts themselves are immutable objects (`facts/{workspace}/{family}/{yyyy-mm}/{import}.{version}.parquet`). An import
becomes visible by one transaction, which adds it to the workspace's **ledger** under the next **generation**; what no
ledger entry names does not exist. The same transaction leaves a **mark**. Whoever takes up a mark claims the workspace,
folds its rollups from the facts of the ledger and stores those that came out different. A claim shuts out every run
before it, so a rollup never goes back to an earlier state of the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, TypeVar

from shared.domain.facts.imports import (
    Declared,
    ImportFinished,
    ImportRefused,
    ImportReport,
    ImportStarted,
    ImportStatus,
)
from shared.domain.facts.rollups import Cohort, DataMonth, FxMonth, Overview, Rollup, ShopMonth
from shared.domain.facts.running import Running, RunningSums
from shared.domain.facts.settings import Settings, SettingsChanged
from shared.storage.contracts.streams import Origin, Page


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRecord:
    """One file that was sent: where it stands, and its report once it is read."""

    import_id: str
    """Made from the SHA-256 of the file, so that the same bytes are the same import."""
    file_name: str
    bytes: int
    status: ImportStatus
    requested_by: str
    requested_at: datetime
    declared: Declared = field(default_factory=Declared)
    lines_read: int = 0
    bytes_read: int = 0
    moved_at: datetime | None = None
    """When a run last said how far it had come."""
    checkpoint: str | None = None
    """The object that says where the next run goes on, while a file is read that takes more than one. It may hold rows
    of the file, and with them persons, so it is no part of this record."""
    ended_at: datetime | None = None
    generation: int | None = None
    """Its place in the ledger, once it is finished."""
    report: ImportReport | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """A finished import: from here on its objects are facts."""

    generation: int
    import_id: str
    buckets: tuple[str, ...]
    """`family#yyyy-mm` -> one object each."""
    version: str = ""
    """Of these objects, as a part of their names: what other runs over the file have left does not count."""


R = TypeVar("R", bound=Rollup)
"""A kind of rollup."""


class Figures(Protocol):
    """What tools read. Every method may raise `StoreUnavailable`."""

    def settings(self, workspace_id: str) -> Settings:
        """Read what the workspace has settled; the defaults if nothing."""
        ...

    def overview(self, workspace_id: str) -> Overview:
        """Read what the workspace holds: one row, also the data version of cursors."""
        ...

    def shop_months(self, workspace_id: str, first: str, last: str) -> Sequence[ShopMonth]:
        """Read the months `first … last` (yyyy-mm, both inclusive) in order; a month without facts is left out."""
        ...

    def cohorts(self, workspace_id: str, first: str, last: str) -> Sequence[Cohort]:
        """Read the cohorts of all customers of these months in order; a month without new customers is left out."""
        ...

    def fx_months(self, workspace_id: str, first: str, last: str) -> Sequence[FxMonth]:
        """Read exchange rates of these months in order."""
        ...

    def data_months(self, workspace_id: str, family: str | None = None) -> Sequence[DataMonth]:
        """Read what lies in the buckets of one family, or of all, by family and month."""
        ...

    def rollups(self, workspace_id: str, of: type[R], first: str = "", last: str = "") -> Sequence[R]:
        """Read the rollups of a kind whose places begin with `first … last` (both inclusive; empty: all), in order."""
        ...

    def running(self, workspace_id: str, of: Running, days: Sequence[date]) -> Sequence[RunningSums]:
        """Read for each of some days (one at least) the sums of its month up to it; empty if nothing has happened.

        All that is read of a month is what one run has made of it.
        """
        ...

    def imports(self, workspace_id: str, *, limit: int, after: str | None = None) -> Page[ImportRecord]:
        """List the imports, latest first."""
        ...


class Imports(Protocol):
    """What the importer and those who wait for it do. Every method may raise `StoreUnavailable`."""

    def get(self, workspace_id: str, import_id: str) -> ImportRecord | None:
        """Read an import's record, consistently."""
        ...

    def announce(self, workspace_id: str, record: ImportRecord) -> ImportRecord:
        """Record a file that is about to come; an import that is there already is given back as it is."""
        ...

    def start(
        self, workspace_id: str, record: ImportRecord, event: ImportStarted, *, origin: Origin
    ) -> ImportRecord | None:
        """Record that the file is being read, with its event and trail; give what is known of it, None if all is.

        One that runs already may have lost its runner, so it is given too.
        """
        ...

    def progress(self, workspace_id: str, import_id: str, *, lines_read: int, bytes_read: int, at: datetime) -> None:
        """Say how far the reading has come."""
        ...

    def advance(self, workspace_id: str, import_id: str, *, before: str | None, checkpoint: str, at: datetime) -> None:
        """Keep where the next run goes on, in place of where this one began.

        Raises:
            StreamMoved: another run has gone on from there, or has ended the import.

        """
        ...

    def last_generation(self, workspace_id: str) -> int:
        """Read the number of the last ledger entry; 0 if there is none."""
        ...

    def finish(
        self,
        workspace_id: str,
        event: ImportFinished,
        report: ImportReport,
        *,
        timezone: str,
        origin: Origin,
        version: str = "",
    ) -> None:
        """Make an import visible: record, ledger entry, mark, events and trail in one transaction.

        Its objects are those of this version. What the report says that it changed (`changes_in`) is told beside.

        Raises:
            StreamMoved: `event.generation` is taken, the import is no longer running, or `timezone` (under whose days
                the facts are filed) is no longer the workspace's.

        """
        ...

    def refuse(self, workspace_id: str, event: ImportRefused, report: ImportReport, *, origin: Origin) -> None:
        """Record that a file was refused whole, with its event and trail.

        Raises:
            StreamMoved: the import is no longer running.

        """
        ...

    def set_settings(
        self, workspace_id: str, settings: Settings, event: SettingsChanged, *, before: Settings, origin: Origin
    ) -> None:
        """Replace what the workspace had settled `before`, with the event in its trail, in one transaction.

        Raises:
            StreamMoved: other settings hold by now, an import came first, or the time zone would change after one.

        """
        ...


class Rollups(Protocol):
    """What the projector does. Every method may raise `StoreUnavailable`."""

    def claim(self, workspace_id: str, run: str) -> None:
        """Make this run the only one that may store rollups of the workspace, until the next one claims it."""
        ...

    def ledger(self, workspace_id: str) -> Sequence[LedgerEntry]:
        """Read every finished import, in the order of their generations, consistently."""
        ...

    def marks(self, workspace_id: str) -> Sequence[int]:
        """Read the generations that are not folded yet, oldest first."""
        ...

    def store(
        self, workspace_id: str, rollups: Sequence[Rollup], overview: Overview, *, gone: Sequence[Rollup] = (), run: str
    ) -> None:
        """Store rollups, each in place of the one before, and then the overview; take away the marks that it covers.

        `gone` are those that there were and that the facts make no more. Up to 97 rollups change together with the
        overview, in one transaction; of more, the overview comes last.

        Raises:
            StreamMoved: another run has claimed the workspace.

        """
        ...

    def running_digests(self, workspace_id: str, of: Running) -> Mapping[str, str]:
        """Read of each month (yyyy-mm) the digest of what its running sums were last made from.

        A month of which a run that died has left anything behind has none, so that it is made again.
        """
        ...

    def store_running(
        self, workspace_id: str, of: Running, month: str, sums: Iterable[RunningSums], *, digest: str, run: str
    ) -> None:
        """Make these all running sums of a month; where there are none, the digest is empty.

        The month changes at once, when all of it is written: a run that dies before leaves it as it was.

        Raises:
            StreamMoved: another run has claimed the workspace.

        """
        ...

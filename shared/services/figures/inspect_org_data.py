"""Why a source or a report has no rows: what has arrived, where it is missing, and what may be wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from shared.domain.analytics.names import UnknownName, nearest
from shared.domain.analytics.periods import DateRange, first_of
from shared.domain.facts.families import Family
from shared.domain.facts.imports import ImportStatus
from shared.domain.facts.rollups import Account, AccountMonth, DataMonth
from shared.services.figures.frame import Frame, read_frame
from shared.services.figures.list_data_sources import connectors_of
from shared.storage.contracts.facts import Figures, ImportRecord

SYNCED = "synced"
LAST_IMPORTS = 5

DAYS_OF_A_GAP = {Family.ORDER: 3, Family.AD_DAY: 1}
"""Days in a row without a row that are worth a word, for families that come every day; a quiet day is no gap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportData:
    """What one connector has given us of one family."""

    connector: str
    family: Family
    accounts: tuple[str, ...]
    rows: int
    first: date | None
    last: date | None
    gaps: tuple[DateRange, ...]
    duplicate_keys: int
    filled: frozenset[str]
    """The optional fields that at least one row has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A cause, in words."""

    cause: str
    """`sync_incomplete`, `wrong_report_type`, `name_mismatch` or `none`."""
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionReport:
    """What was found."""

    frame: Frame
    reports: Sequence[ReportData]
    excluded: Sequence[Account]
    """Accounts whose connection is not in order, or that have given nothing."""
    imports: Sequence[ImportRecord]
    findings: Sequence[Finding]


def inspect_org_data(
    *, connector: str | None, report_type: str | None, workspace_id: str, now: datetime, figures: Figures
) -> InspectionReport:
    """Look at everything that has arrived, or at one connector or report type of it.

    A connector of another name is a finding and no refusal: that is what this question is asked for.

    Raises:
        Invalid: `unknown_report_type`.

    """
    family = _family(report_type)
    frame = read_frame(workspace_id, now=now, figures=figures)
    months = figures.data_months(workspace_id, family) if frame.overview.generation else ()
    reports = [report for report in _reports(months) if connector in {None, report.connector}]
    accounts = [account for account in frame.overview.accounts if connector in {None, account.source}]
    imports = figures.imports(workspace_id, limit=LAST_IMPORTS).items
    return InspectionReport(
        frame=frame,
        reports=reports,
        excluded=[account for account in accounts if account.status != SYNCED or not account.holdings],
        imports=imports,
        findings=[*_pending(imports), *_findings(connector, family, frame, reports, accounts)]
        or [Finding(cause="none", message="What was asked about has rows, and its sources are synced.")],
    )


def _family(report_type: str | None) -> Family | None:
    if report_type is None:
        return None
    known = tuple(str(family) for family in Family)
    if report_type not in known:
        raise UnknownName(
            "unknown_report_type",
            "There is no such report type.",
            hint=nearest(report_type, known) or f"Use one of: {', '.join(known)}.",
            field="report_type",
            allowed=known,
        )
    return Family(report_type)


def _reports(months: Sequence[DataMonth]) -> list[ReportData]:
    parts: dict[tuple[str, str], list[tuple[str, AccountMonth]]] = {}
    for month in months:
        for account in month.accounts if month.family != Family.ACCOUNT else ():  # they are what the rows are of
            parts.setdefault((account.source, month.family), []).append((month.month, account))
    return [_report(source, Family(family), of) for (source, family), of in sorted(parts.items())]


def _report(source: str, family: Family, parts: Sequence[tuple[str, AccountMonth]]) -> ReportData:
    return ReportData(
        connector=source,
        family=family,
        accounts=tuple(sorted({account.account for _, account in parts})),
        rows=sum(account.rows for _, account in parts),
        first=min((account.first for _, account in parts if account.first is not None), default=None),
        last=max((account.last for _, account in parts if account.last is not None), default=None),
        gaps=_gaps(parts, DAYS_OF_A_GAP.get(family)),
        duplicate_keys=sum(account.duplicate_keys for _, account in parts),
        filled=frozenset(name for _, account in parts for name in account.fields),
    )


def _gaps(parts: Sequence[tuple[str, AccountMonth]], shortest: int | None) -> tuple[DateRange, ...]:
    """Find the runs of days between the first and the last row on which no account gave any."""
    if shortest is None:
        return ()
    filled = sorted(
        {
            first_of(month) + timedelta(days=place)
            for month, account in parts
            for place, rows in enumerate(account.days)
            if rows
        }
    )
    return tuple(
        DateRange(first=before + timedelta(days=1), last=after - timedelta(days=1))
        for before, after in pairwise(filled)
        if (after - before).days > shortest
    )


def _pending(imports: Sequence[ImportRecord]) -> list[Finding]:
    return [
        Finding(cause="sync_incomplete", message=f"The import of {record.file_name} is still {record.status}.")
        for record in imports
        if record.status in {ImportStatus.WAITING, ImportStatus.RUNNING}
    ]


def _findings(
    connector: str | None,
    family: Family | None,
    frame: Frame,
    reports: Sequence[ReportData],
    accounts: Sequence[Account],
) -> list[Finding]:
    known = connectors_of(frame)
    if not known:
        return [Finding(cause="sync_incomplete", message="Nothing has been imported into this workspace yet.")]
    if connector is not None and connector not in known:
        meant = nearest(connector, known) or f"Connected are: {', '.join(known)}."
        return [Finding(cause="name_mismatch", message=f"No connected source is named exactly like this. {meant}")]
    found = [
        Finding(
            cause="sync_incomplete",
            message=f"{account.source} {account.account}: "
            + (f"its status is {account.status}." if account.status != SYNCED else "it has given no rows yet."),
        )
        for account in accounts
        if account.status != SYNCED or not account.holdings
    ]
    if family is not None and not any(report.rows for report in reports):
        has = sorted({holding.family for account in accounts for holding in account.holdings})
        message = f"There are no rows of {family} here. There are: {', '.join(has) or 'none of any type'}."
        found.append(Finding(cause="wrong_report_type", message=message))
    return found

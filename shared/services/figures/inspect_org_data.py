"""Why a source or a report has no rows, or not those that are expected: what has arrived, and what may be wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from shared.domain.analytics.diagnoses import Sources, diagnose
from shared.domain.analytics.diagnosis import Cause, Diagnosis
from shared.domain.analytics.names import UnknownName, nearest
from shared.domain.facts.families import Family
from shared.domain.facts.inspections import Inspection
from shared.domain.facts.rollups import Account, ShopMonth
from shared.services.figures.frame import Frame, read_frame
from shared.services.figures.standing_imports import standing_of
from shared.storage.contracts.facts import Figures, ImportRecord

SYNCED = "synced"
LAST_IMPORTS = 5
LOOKED_THROUGH = 25
"""Of the latest imports, where those of one connector or report type are wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportData:
    """What one connector has given us of one family."""

    connector: str
    family: Family
    accounts: tuple[str, ...]
    rows: int
    first: date | None
    last: date | None
    inspection: Inspection


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionReport:
    """What was found."""

    frame: Frame
    reports: Sequence[ReportData]
    excluded: Sequence[Account]
    """Accounts whose connection is not in order, or that have given nothing."""
    imports: Sequence[ImportRecord]
    diagnoses: Sequence[Diagnosis]


def inspect_org_data(
    *, connector: str | None, report_type: str | None, workspace_id: str, now: datetime, figures: Figures
) -> InspectionReport:
    """Look at everything that has arrived, or at one connector or report type of it.

    A connector of another name is a diagnosis and no refusal: that is what this question is asked for. However much
    has arrived, this reads the overview, a row for each report, two months of the shop and the latest imports.

    Raises:
        Invalid: `unknown_report_type`.

    """
    family = _family(report_type)
    frame = read_frame(workspace_id, now=now, figures=figures)
    prefix = "" if family is None else f"{family}#"
    inspections = figures.rollups(workspace_id, Inspection, prefix, prefix) if frame.has_figures else ()
    reports = [
        _report(inspection, frame.overview.accounts)
        for inspection in sorted(inspections, key=lambda each: (each.source, each.family))
        if connector in {None, inspection.source}
    ]
    accounts = [account for account in frame.overview.accounts if connector in {None, account.source}]
    imports = _latest_imports(workspace_id, connector, family, figures)
    diagnoses = diagnose(
        Sources(
            all=frame.overview.accounts,
            asked=accounts,
            connector=connector,
            has_files=bool(imports),
            sent=frozenset(name for record in imports for name in _connectors(record)),
            family=family,
            inspections=[report.inspection for report in reports],
            shop=_latest_months(workspace_id, frame, figures),
            now=now,
            today=frame.today,
            currency=frame.settings.currency,
            unrated=frame.overview.unrated,
        )
    )
    # Files of which nobody knows whose data they tell may be what is missed; what is surely about it comes before them.
    surely = [record for record in imports if connector is None or connector in _connectors(record)]
    perhaps = [record for record in imports if record not in surely]
    return InspectionReport(
        frame=frame,
        reports=reports,
        excluded=[account for account in accounts if account.status != SYNCED or not account.holdings],
        imports=imports,
        diagnoses=[
            *(found for record in surely for found in standing_of(record, now=now)),
            *diagnoses,
            *(found for record in perhaps for found in standing_of(record, now=now)),
        ]
        or [Diagnosis(cause=Cause.NONE, message="What was asked about has rows, and its sources are synced.")],
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


def _latest_imports(
    workspace_id: str, connector: str | None, family: Family | None, figures: Figures
) -> Sequence[ImportRecord]:
    """Read the latest imports, but for those of which it is known that they told of something else.

    Nobody knows it of a file that is not read to its end, or was refused: it may be what is missed.
    """
    if connector is None and family is None:
        return figures.imports(workspace_id, limit=LAST_IMPORTS).items
    wanted: list[ImportRecord] = []
    for record in figures.imports(workspace_id, limit=LOOKED_THROUGH).items:
        connectors, families = _connectors(record), frozenset(record.report.counts if record.report else ())
        if connector not in {None, *connectors} and connectors:
            continue
        if family is None or family in families or not families:
            wanted.append(record)
    return wanted[:LAST_IMPORTS]


def _connectors(record: ImportRecord) -> frozenset[str]:
    return frozenset(record.report.connectors if record.report else ())


def _report(inspection: Inspection, accounts: Sequence[Account]) -> ReportData:
    holdings = {
        account.account: holding
        for account in accounts
        for holding in account.holdings
        if account.source == inspection.source and holding.family == inspection.family
    }
    return ReportData(
        connector=inspection.source,
        family=Family(inspection.family),
        accounts=tuple(sorted(holdings)),
        rows=sum(holding.rows for holding in holdings.values()),
        first=min((holding.first for holding in holdings.values() if holding.first is not None), default=None),
        last=max((holding.last for holding in holdings.values() if holding.last is not None), default=None),
        inspection=inspection,
    )


def _latest_months(workspace_id: str, frame: Frame, figures: Figures) -> Sequence[ShopMonth]:
    """Read the month that the data ends in and the one before it: whether costs are known shows there."""
    through = frame.overview.data_through
    if through is None:
        return ()
    before = through.replace(day=1).toordinal() - 1
    return figures.shop_months(workspace_id, f"{date.fromordinal(before):%Y-%m}", f"{through:%Y-%m}")

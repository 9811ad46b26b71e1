"""Data: which sources there are and how current each is, what is wrong and what to do, and which files were sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query
from starlette.responses import Response

from shared.domain.analytics.diagnosis import Cause
from shared.domain.facts.families import Family
from shared.domain.facts.imports import ImportStatus
from shared.domain.facts.rollups import Account
from shared.domain.workspace.events import Role
from shared.services.cursors import open_cursor, seal_cursor
from shared.services.figures.inspect_org_data import SYNCED, inspect_org_data
from shared.services.figures.list_data_sources import list_data_sources
from shared.services.figures.standing_imports import last_moved, stands_still
from shared.storage.contracts.facts import ImportRecord
from shared.transports.web.pages.frame import ROOMS, page
from shared.transports.web.pages.people import named
from shared.transports.web.parts import Now, Parts
from shared.transports.web.visitors import Visiting, Visitor
from shared.transports.web.wording import count

HERE = ROOMS["Data"]
LATEST = 10
FILES_A_PAGE = 30


class Noun(NamedTuple):
    """What one row is called, and several."""

    one: str
    many: str


FAMILIES: Mapping[Family, Noun] = {
    Family.ORDER: Noun("order", "orders"),
    Family.REFUND: Noun("refund", "refunds"),
    Family.PAYMENT: Noun("payment", "payments"),
    Family.AD_DAY: Noun("day of ads", "days of ads"),
    Family.EXPENSE: Noun("expense", "expenses"),
    Family.BANK_TXN: Noun("bank line", "bank lines"),
    Family.BALANCE: Noun("balance", "balances"),
    Family.PRODUCT: Noun("product", "products"),
    Family.COST: Noun("unit cost", "unit costs"),
    Family.FX: Noun("exchange rate", "exchange rates"),
    Family.GOAL: Noun("goal", "goals"),
    Family.TOUCH: Noun("touch", "touches"),
    Family.ACCOUNT: Noun("account", "accounts"),
}
"""How rows of a kind are called."""
STATUSES: Mapping[ImportStatus, tuple[str, str]] = {
    ImportStatus.WAITING: ("Waiting", "idle"),
    ImportStatus.RUNNING: ("Being read", "info"),
    ImportStatus.FINISHED: ("Imported", "good"),
    ImportStatus.REFUSED: ("Refused", "bad"),
}

router = APIRouter(prefix=HERE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A connected account."""

    connector: str
    name: str
    account: str
    status: str
    tone: str
    last_export: datetime | None
    holds: Sequence[str]
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A file in a list."""

    import_id: str
    name: str
    status: str
    tone: str
    by: str
    moved_at: datetime
    lines: int
    rejected: int


@router.get("")
def data(visitor: Visiting, parts: Parts, now: Now) -> Response:
    """Show the sources and the latest files."""
    workspace_id = visitor.workspace_id
    sources = list_data_sources(connector=None, status=None, workspace_id=workspace_id, now=now, figures=parts.figures)
    found = inspect_org_data(
        connector=None, report_type=None, workspace_id=workspace_id, now=now, figures=parts.figures
    )
    latest = parts.figures.imports(workspace_id, limit=LATEST)
    overview = sources.frame.overview
    return page(
        visitor,
        "Data",
        "data.html",
        here=HERE,
        now=now,
        may_send=visitor.member.role is not Role.ANALYST,
        sources=[_source(account) for account in sources.accounts],
        diagnoses=[each for each in found.diagnoses if each.cause is not Cause.NONE] if sources.accounts else [],
        data_from=overview.data_from,
        data_through=overview.data_through,
        settings=sources.frame.settings,
        files=[sent_file(record, visitor, now) for record in latest.items],
        more=latest.next is not None,
        docs=f"{parts.docs_url}/data",
    )


@router.get("/imports")
def imports(
    visitor: Visiting, parts: Parts, now: Now, cursor: Annotated[str | None, Query(max_length=2_000)] = None
) -> Response:
    """List the files that were sent, latest first."""
    of = (visitor.workspace_id, "imports page")
    found = parts.figures.imports(
        visitor.workspace_id,
        limit=FILES_A_PAGE,
        after=open_cursor(cursor, of=of, now=now, keys=parts.keys) if cursor is not None else None,
    )
    following = seal_cursor(found.next, of=of, now=now, keys=parts.keys) if found.next is not None else None
    return page(
        visitor,
        "Data",
        "imports.html",
        here=HERE,
        now=now,
        files=[sent_file(record, visitor, now) for record in found.items],
        next=f"{HERE}/imports?cursor={following}" if following is not None else None,
        is_first=cursor is None,
    )


def sent_file(record: ImportRecord, visitor: Visitor, now: datetime) -> SentFile:
    """Tell of a file where it stands."""
    status, tone = ("Stands still", "warn") if stands_still(record, now=now) else STATUSES[record.status]
    report = record.report
    if record.status is ImportStatus.FINISHED and report is not None and report.rejected:
        status, tone = "Imported in part", "warn"
    return SentFile(
        import_id=record.import_id,
        name=record.file_name,
        status=status,
        tone=tone,
        by=named(record.requested_by, visitor),
        moved_at=last_moved(record),
        lines=report.lines if report is not None else record.lines_read,
        rejected=report.rejected if report is not None else 0,
    )


def _source(account: Account) -> Source:
    dated = [holding for holding in account.holdings if holding.first is not None and holding.last is not None]
    return Source(
        connector=account.source,
        name=account.name,
        account=account.account,
        status=account.status.replace("_", " ").capitalize(),
        tone="good" if account.status == SYNCED else "warn",
        last_export=account.last_export,
        holds=[count(holding.rows, *FAMILIES[Family(holding.family)]) for holding in account.holdings],
        first=min((holding.first for holding in dated if holding.first is not None), default=None),
        last=max((holding.last for holding in dated if holding.last is not None), default=None),
    )

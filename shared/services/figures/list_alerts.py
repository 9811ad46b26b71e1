"""What somebody should deal with: the conditions that hold of a workspace's data, its sources and its tokens."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from shared.domain.alerts.alert import LOOKED_BACK_DAYS, AlertSeverity, AlertStatus, Category, Condition
from shared.domain.alerts.of_anomalies import of_anomalies
from shared.domain.alerts.of_credentials import TYPES, TokenHappening, of_tokens
from shared.domain.alerts.of_data import SentFile, of_accounts, of_files, of_rates, of_shop
from shared.domain.analytics.figures import sums_of
from shared.domain.analytics.periods import ONE_DAY, DateRange, month_of
from shared.domain.errors import NotPermitted
from shared.domain.facts.anomalies import AnomalyMonth
from shared.domain.facts.families import Family
from shared.domain.facts.imports import ImportReport, ImportStatus
from shared.domain.token.state import Token
from shared.domain.workspace.decider import Member
from shared.domain.workspace.permissions import may_see_tokens
from shared.services.figures.frame import Frame, read_frame
from shared.services.figures.standing_imports import last_moved, stands_still
from shared.services.sees_tokens import sees_tokens
from shared.services.trail.query_trail import query_trail
from shared.services.trail.sources import TrailSources
from shared.storage.contracts.alerts import AlertStore
from shared.storage.contracts.audit import AuditFilter
from shared.storage.contracts.facts import Figures, ImportRecord
from shared.storage.contracts.workspaces import WorkspaceStore

MOST_FILES = 30
"""So many files that were sent last are looked at."""
TOKENS_SINCE = timedelta(days=90)
EVENTS_OF_TOKENS = 300
SEVERITIES = tuple(AlertSeverity)
STATUSES = tuple(AlertStatus)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSources:
    """Where the conditions are read."""

    figures: Figures
    trail: TrailSources
    alerts: AlertStore


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertQuestion:
    """What is asked; None: of any."""

    status: AlertStatus | None = AlertStatus.OPEN
    categories: Collection[Category] = tuple(Category)
    severity: AlertSeverity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A condition, and whether somebody has seen it."""

    condition: Condition
    status: AlertStatus
    acknowledged_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertReport:
    """The answer."""

    frame: Frame
    rows: Sequence[Alert]
    """Open ones first; of these the worst, then the latest."""
    are_tokens_whole: bool
    """Whether all was read that befell tokens lately."""

    @property
    def version(self) -> str:
        """Which alerts these are: one that is acknowledged between two pages moves those that come after it."""
        told = "".join(f"{row.condition.alert_id} {row.status}\n" for row in self.rows)
        return sha256(told.encode()).hexdigest()[:16]


def categories_for(member: Member, asked: Category | None) -> Collection[Category]:
    """Give the categories that a member sees: what befell tokens is for those who may know of them.

    Raises:
        NotPermitted: they asked for just that.

    """
    hidden = frozenset[Category]() if may_see_tokens(member) else frozenset({Category.CREDENTIALS})
    if asked in hidden:
        raise NotPermitted(
            "role_required",
            "Only an owner or an admin may see alerts of the category credentials.",
            hint="Leave category out, or ask an owner of the workspace.",
        )
    return frozenset(Category) - hidden if asked is None else frozenset({asked})


def categories_shown(credential: Token, workspaces: WorkspaceStore) -> frozenset[Category]:
    """Give the categories that a call with this token may be told of."""
    hidden = frozenset[Category]() if sees_tokens(credential, workspaces) else frozenset({Category.CREDENTIALS})
    return frozenset(Category) - hidden


def list_alerts(question: AlertQuestion, *, workspace_id: str, now: datetime, sources: AlertSources) -> AlertReport:
    """Work out what holds, and put beside it who has seen it."""
    frame = read_frame(workspace_id, now=now, figures=sources.figures)
    tokens, is_whole = _of_tokens(question.categories, workspace_id, now, sources.trail)
    found = [
        *tokens,
        *of_accounts(frame.overview.accounts, today=frame.today, timezone=frame.settings.timezone),
        *of_files(_files(workspace_id, now, sources.figures)),
        *of_rates(frame.overview.unrated, frame.settings.timezone),
        *_of_days(frame, workspace_id, sources.figures),
    ]
    seen = sources.alerts.acknowledged(workspace_id)
    rows = [
        Alert(
            condition=each,
            status=each.status(is_acknowledged=each.alert_id in seen),
            acknowledged_at=seen.get(each.alert_id),
        )
        for each in {each.alert_id: each for each in found}.values()
    ]
    return AlertReport(
        frame=frame,
        rows=sorted((row for row in rows if _is_wanted(row, question)), key=_place),
        are_tokens_whole=is_whole,
    )


def _is_wanted(row: Alert, question: AlertQuestion) -> bool:
    return (
        question.status in {None, row.status}
        and row.condition.category in question.categories
        and question.severity in {None, row.condition.severity}
    )


def _place(row: Alert) -> tuple[int, int, float, str]:
    condition = row.condition
    return (
        STATUSES.index(row.status),
        SEVERITIES.index(condition.severity),
        -condition.opened_at.timestamp(),
        condition.alert_id,
    )


def _of_days(frame: Frame, workspace_id: str, figures: Figures) -> Iterator[Condition]:
    """Read what the last known days say: the unusual ones, and what is not known of them."""
    last = _last_known(frame)
    if last is None:
        return
    # A run may have begun before these days, and what was usual after it tells whether it is over.
    first = last - timedelta(days=2 * LOOKED_BACK_DAYS)
    months = figures.rollups(workspace_id, AnomalyMonth, month_of(first), month_of(last))
    yield from of_anomalies(months, last, frame.settings.timezone)
    sold_until = min(frame.overview.data_through or last, last)
    lately = DateRange(first=sold_until - timedelta(days=LOOKED_BACK_DAYS - 1), last=sold_until)
    shop = figures.shop_months(workspace_id, month_of(lately.first), month_of(lately.last))
    yield from of_shop(sums_of(shop, lately), sold_until, frame.settings.timezone)


def _last_known(frame: Frame) -> date | None:
    """Give the last day, of those that are over, that orders or ads tell of."""
    ads = [
        holding.last
        for account in frame.overview.accounts
        for holding in account.holdings
        if holding.family == Family.AD_DAY
    ]
    days = [day for day in (frame.overview.data_through, *ads) if day is not None]
    return min(max(days), frame.today - ONE_DAY) if days else None


def _files(workspace_id: str, now: datetime, figures: Figures) -> Sequence[SentFile]:
    since = now - timedelta(days=LOOKED_BACK_DAYS)
    records = figures.imports(workspace_id, limit=MOST_FILES).items
    return [_file(record, now) for record in records if last_moved(record) >= since]


def _file(record: ImportRecord, now: datetime) -> SentFile:
    report = record.report or ImportReport()
    return SentFile(
        import_id=record.import_id,
        same_name=record.file_name,
        at=last_moved(record),
        stands_still=stands_still(record, now=now),
        is_refused=record.status is ImportStatus.REFUSED,
        is_finished=record.status is ImportStatus.FINISHED,
        lines=report.lines,
        rejected=report.rejected,
    )


def _of_tokens(
    categories: Collection[Category], workspace_id: str, now: datetime, trail: TrailSources
) -> tuple[Sequence[Condition], bool]:
    """Read what befell tokens lately, unless nobody asks for it: it is read from the trail, which takes longer."""
    if Category.CREDENTIALS not in categories:
        return [], True
    page = query_trail(
        workspace_id,
        matching=AuditFilter(types=TYPES, since=now - TOKENS_SINCE),
        limit=EVENTS_OF_TOKENS,
        now=now,
        after=None,
        trail=trail,
    )
    happened = [
        TokenHappening(token_id=row.stream.partition(":")[2], type=row.type, at=row.at, data=row.data)
        for row in page.items
    ]
    return list(of_tokens(happened, now=now)), page.next is None

"""What every question about figures stands in: whose they are, what day it is there, and how far the data reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from shared.domain.analytics.money import counted, share
from shared.domain.analytics.periods import DateRange, is_nearly_all, today_in
from shared.domain.analytics.rates_missing import Spans, of_families
from shared.domain.errors import NotFound
from shared.domain.facts.families import Family
from shared.domain.facts.imports import ImportStatus
from shared.domain.facts.rollups import Account, Overview
from shared.domain.facts.settings import Settings
from shared.domain.text import quoted
from shared.storage.contracts.facts import Figures

MOST_NAMED = 5
"""So many accounts are named in warnings; pma_list_data_sources lists them all."""

SYNCED = "synced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caveat:
    """Something that a reader of the figures must know; `share` is the part of them that it does not touch."""

    code: str
    message: str
    share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The workspace's calendar, currency and data, as they were when the question was asked."""

    settings: Settings
    overview: Overview
    today: date
    latest_import: ImportStatus | None = None
    """Where the last file that was sent stands, as long as there are no figures."""

    @property
    def has_figures(self) -> bool:
        """Tell whether anything that was imported can be read."""
        return self.overview.generation > 0

    @property
    def version(self) -> str:
        """Which answer a page belongs to: other data, or another day, is another answer."""
        return f"{self.overview.generation}-{self.today:%Y%m%d}"

    def accounts_with(self, *families: str) -> tuple[Account, ...]:
        """Name the accounts that have given us facts of these families."""
        return tuple(
            account
            for account in self.overview.accounts
            if any(holding.family in families for holding in account.holdings)
        )

    def unrated(self, *families: str) -> Spans:
        """Name the currencies and days of facts of these families that are in no sum, for want of a rate."""
        return of_families(self.overview.unrated, families)

    def days_before_data(self, period: DateRange) -> int:
        """Count the days of a period before the first order: what was sold on them is unknown, and not nothing."""
        begins = self.overview.data_from
        return 0 if begins is None else min(max((begins - period.first).days, 0), period.days)

    def is_unknown(self, period: DateRange) -> bool:
        """Tell whether no order is known of any day of a period: what was sold then is unknown, and not nothing."""
        begins, ends = self.overview.data_from, self.overview.data_through
        return begins is None or ends is None or period.last < begins or period.first > ends

    def knows(self, period: DateRange) -> bool:
        """Tell whether the orders of all days of a period are known."""
        begins, ends = self.overview.data_from, self.overview.data_through
        return begins is not None and ends is not None and begins <= period.first and period.last <= ends

    def knows_enough(self, period: DateRange) -> bool:
        """Tell whether what was sold in a period can be compared: a shop may have had no order on its last days."""
        begins, ends = self.overview.data_from, self.overview.data_through
        if begins is None or ends is None or not begins <= period.first <= ends:
            return False
        return is_nearly_all(period.days_in(DateRange(first=begins, last=ends)), period.days)

    def is_unfinished(self, period: DateRange) -> bool:
        """Tell whether a period has a day that is not over."""
        return period.last >= self.today

    def can_compare(self, period: DateRange, earlier: DateRange) -> bool:
        """Tell whether a change from one to the other can be told in percent: parts and wholes are not alike."""
        return all(self.knows_enough(span) and not self.is_unfinished(span) for span in (period, earlier))

    def caveats(self, period: DateRange) -> list[Caveat]:
        """Say where the data does not reach as far as a period."""
        begins, ends = self.overview.data_from, self.overview.data_through
        if begins is None or ends is None:
            return [Caveat(code="no_orders", message="No order has been imported yet: import orders.")]
        if period.last < begins or period.first > ends:
            return [Caveat(code="no_orders", message=f"Orders are known from {begins} to {ends} only.")]
        found: list[Caveat] = []
        if period.first < begins:
            unknown = self.days_before_data(period)
            message = (
                f"{unknown:,} of {counted(period.days, 'day')} are before the first order, {begins}: what was sold "
                "then is unknown. Import earlier orders, or ask for later days."
            )
            found.append(Caveat(code="before_data", message=message, share=share(period.days - unknown, period.days)))
        if period.last > ends:
            covered = (ends - period.first).days + 1
            message = (
                f"Orders are known up to {ends}: {period.days - covered:,} of {counted(period.days, 'day')} are "
                "missing or incomplete. Import the latest orders."
            )
            found.append(Caveat(code="upstream_stale", message=message, share=share(covered, period.days)))
        return found

    def late_ads(self, period: DateRange, accounts: Sequence[Account] | None = None) -> list[Caveat]:
        """Name the ad accounts, of these or of all, whose days do not reach as far as a period, or may not."""
        found: list[Caveat] = []
        for account in self.accounts_with(Family.AD_DAY) if accounts is None else accounts:
            reach = [holding.last for holding in account.holdings if holding.family == Family.AD_DAY]
            for last in reach:
                if last is None or last > period.last or (last == period.last and account.status == SYNCED):
                    continue
                missing = "later spend is missing" if last < period.last else "later spend will be missing"
                message = (
                    f"{account.source} {quoted(account.account)} ({account.status}) reaches to {last}: {missing}. "
                    "pma_inspect_org_data says what to do about it."
                )
                found.append(Caveat(code="upstream_stale", message=message))
        return found[:MOST_NAMED]


def read_frame(workspace_id: str, *, now: datetime, figures: Figures) -> Frame:
    """Read the frame: two rows, and of a workspace without figures its latest import."""
    settings, overview = figures.settings(workspace_id), figures.overview(workspace_id)
    latest = () if overview.generation else figures.imports(workspace_id, limit=1).items
    return Frame(
        settings=settings,
        overview=overview,
        today=today_in(settings.timezone, now),
        latest_import=latest[0].status if latest else None,
    )


def without_figures(frame: Frame) -> list[Caveat]:
    """Warn where no import can be read yet."""
    return [] if frame.has_figures else [Caveat(code="no_data", message=" ".join(_why_nothing(frame.latest_import)))]


def require_data(frame: Frame) -> None:
    """Say so where no import can be read yet; an empty period of a shop with data is an answer.

    Raises:
        NotFound: `no_data`.

    """
    if not frame.has_figures:
        message, hint = _why_nothing(frame.latest_import)
        raise NotFound("no_data", message, hint=hint)


def _why_nothing(latest: ImportStatus | None) -> tuple[str, str]:
    """Say why there are no figures, and what to do."""
    match latest:
        case None:
            return (
                "Nothing has been imported into this workspace yet.",
                "Import data first (merchant-mcp import); pma_list_data_sources shows what has arrived.",
            )
        case ImportStatus.REFUSED:
            return "The latest import was refused, and no other can be read.", "pma_inspect_org_data says why."
        case ImportStatus.WAITING | ImportStatus.RUNNING | ImportStatus.FINISHED:
            return (
                "The first import is under way: its figures are not here yet.",
                "Ask again in a minute; pma_inspect_org_data says how far it is.",
            )

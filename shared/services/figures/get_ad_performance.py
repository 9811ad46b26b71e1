"""What ads cost, reached and are said to have sold: by platform, account or campaign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from shared.domain.analytics.ads import (
    AdMetric,
    AdSums,
    GroupBy,
    Numbers,
    Place,
    account_sums,
    by_platform,
    campaign_sums,
    together,
)
from shared.domain.analytics.buckets import Bucket, Granularity, buckets
from shared.domain.analytics.periods import Asked, Compare, DateRange
from shared.domain.errors import Invalid
from shared.domain.facts.ads import AdFigure, AdMonth, CampaignNames, campaign_key
from shared.domain.facts.fields import PLATFORMS
from shared.domain.facts.running import Running
from shared.services.figures.ad_reach import AdReach, ad_reach
from shared.services.figures.frame import Frame, read_frame, require_data
from shared.services.figures.spans import Against, Spans, find_spans, read_months
from shared.services.figures.sums_between import sums_between
from shared.storage.contracts.facts import Figures

LONGEST_DAYS = 400
"""Of campaigns: thirteen months, each of which costs a read of all campaigns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdQuestion:
    """What is asked."""

    period: Asked
    against: Against
    granularity: Granularity = Granularity.TOTAL
    platforms: tuple[str, ...] = PLATFORMS
    group_by: GroupBy = GroupBy.CAMPAIGN
    campaign_query: str | None = None
    """Part of a campaign's name or id."""
    sort_by: AdMetric = AdMetric.SPEND


@dataclass(frozen=True, slots=True, kw_only=True)
class AdRow:
    """A platform, an account or a campaign; in a series, in one bucket."""

    place: Place
    name: str | None
    """Of a campaign, if it was told."""
    numbers: Numbers
    spend_before: int | None
    """In the period that is compared with; None: there is none, or nothing of it ran then."""
    bucket: Bucket | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdReport:
    """The answer, not rounded."""

    frame: Frame
    spans: Spans
    group_by: GroupBy
    reach: AdReach
    """Of the platforms that were asked for."""
    is_searched: bool
    """Whether only campaigns of some name were asked for."""
    rows: Sequence[AdRow]
    platforms: Mapping[str, AdSums]
    platforms_before: Mapping[str, AdSums] | None

    @property
    def total(self) -> AdSums:
        """All of it."""
        return together(self.platforms.values())

    @property
    def numbers(self) -> Numbers:
        """Give the numbers of all of it; nothing was spent if every account is known to have run no ads."""
        return _numbers(self.total, self.spans.period, self.reach)

    @property
    def numbers_before(self) -> Numbers | None:
        """Give those of the period that is compared with."""
        if self.platforms_before is None or self.spans.earlier is None:
            return None
        return _numbers(together(self.platforms_before.values()), self.spans.earlier, self.reach)


def get_ad_performance(question: AdQuestion, *, workspace_id: str, now: datetime, figures: Figures) -> AdReport:
    """Add up what the platforms say of the period; of campaigns from running sums, else from the months of accounts.

    Raises:
        NotFound: `no_data`.
        Invalid: the period, or arguments that do not go together.

    """
    frame = read_frame(workspace_id, now=now, figures=figures)
    require_data(frame)
    is_total = question.granularity is Granularity.TOTAL
    default = Compare.PREVIOUS_PERIOD if is_total else Compare.NONE
    spans = find_spans(question.period, question.against, frame=frame, default=default)
    _check(question, spans)
    reader = _Campaigns if question.group_by is GroupBy.CAMPAIGN else _Accounts
    found = reader(question, spans, workspace_id=workspace_id, figures=figures)
    cut = buckets(spans.period, question.granularity, fiscal_start=frame.settings.fiscal_year_start)
    before = None if spans.earlier is None else found.of(spans.earlier)
    rows: list[AdRow] = []
    for bucket in cut:
        sums = found.of(bucket.days)
        in_bucket = [
            AdRow(
                place=place,
                name=found.name_of(place),
                numbers=each.numbers(),
                spend_before=_spend(before, place) if is_total else None,
                bucket=None if is_total else bucket,
            )
            for place, each in sums.items()
            if each.of(AdFigure.AD_DAYS)
        ]
        rows += sorted(in_bucket, key=lambda row: _rank(row, question.sort_by))
    return AdReport(
        frame=frame,
        spans=spans,
        group_by=question.group_by,
        reach=ad_reach(frame, question.platforms),
        is_searched=bool(question.campaign_query),
        rows=rows,
        platforms=by_platform(found.of(spans.period), PLATFORMS),
        platforms_before=None if before is None else by_platform(before, PLATFORMS),
    )


class _Accounts:
    """Sums by platform or account, for any days of the spans."""

    def __init__(self, question: AdQuestion, spans: Spans, *, workspace_id: str, figures: Figures) -> None:
        self._by_platform = question.group_by is GroupBy.PLATFORM
        months = read_months(AdMonth, spans.both, workspace_id=workspace_id, figures=figures)
        self._months = [month for month in months if month.platform in question.platforms]

    def of(self, span: DateRange) -> Mapping[Place, AdSums]:
        """Add up the days of a range."""
        sums = account_sums(self._months, span)
        if not self._by_platform:
            return sums
        return {Place(platform=name): each for name, each in by_platform(sums, PLATFORMS).items()}

    def name_of(self, _place: Place) -> None:
        """Accounts are named where sources are listed."""


class _Campaigns:
    """Sums by campaign, for a whole span."""

    def __init__(self, question: AdQuestion, spans: Spans, *, workspace_id: str, figures: Figures) -> None:
        self._names = {
            key: name
            for part in figures.rollups(workspace_id, CampaignNames)
            for key, name in zip(part.keys, part.names, strict=True)
        }
        wanted = (question.campaign_query or "").casefold()
        self._sums = {
            span: {
                place: sums
                for place, sums in campaign_sums(
                    sums_between(Running.CAMPAIGN, span, workspace_id=workspace_id, figures=figures)
                ).items()
                if place.platform in question.platforms
                and any(wanted in (text or "").casefold() for text in (place.campaign_id, self.name_of(place)))
            }
            for span in spans.both
        }

    def of(self, span: DateRange) -> Mapping[Place, AdSums]:
        """Give the sums of a span."""
        return self._sums[span]

    def name_of(self, place: Place) -> str | None:
        """Give the name that was told last."""
        return self._names.get(campaign_key(place.platform, place.source, place.account, place.campaign_id))


def _check(question: AdQuestion, spans: Spans) -> None:
    if question.group_by is not GroupBy.CAMPAIGN:
        if question.campaign_query is not None:
            raise Invalid(
                "invalid_argument",
                f"campaign_query needs rows of campaigns, not of a {question.group_by}.",
                hint="Use group_by=campaign with campaign_query; totals are then of those campaigns.",
                field="campaign_query",
            )
        return
    if question.granularity is not Granularity.TOTAL:
        raise Invalid(
            "invalid_argument",
            "Campaigns are not cut into days, weeks or months.",
            hint="Use group_by=platform or group_by=account with granularity, or leave out granularity.",
            field="granularity",
        )
    longest = max(span.days for span in spans.both)
    if longest > LONGEST_DAYS:
        raise Invalid(
            "range_too_long",
            f"The range has {longest} days; {LONGEST_DAYS} are the most for campaigns.",
            hint="Ask for a part of it, or use group_by=platform or group_by=account.",
            field="period",
        )


def _numbers(total: AdSums, span: DateRange, reach: AdReach) -> Numbers:
    found = total.numbers()
    if total.spend is not None or total.of(AdFigure.UNCONVERTED) or not reach.is_whole(span):
        return found
    return replace(found, values={**found.values, AdMetric.SPEND: 0})


def _spend(before: Mapping[Place, AdSums] | None, place: Place) -> int | None:
    sums = None if before is None else before.get(place)
    return None if sums is None else sums.spend


def _rank(row: AdRow, by: AdMetric) -> tuple[bool, Fraction, tuple[str, ...]]:
    """Highest first, unknown last, and what is equal in a fixed order."""
    value, place = row.numbers.values[by], row.place
    return value is None, -Fraction(value or 0), (place.platform, place.source, place.account, place.campaign_id)

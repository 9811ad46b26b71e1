"""Which channels and campaigns brought the orders of a period, as the platforms and as seven models of paths say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.analytics.ads import AdSums, Place, account_sums, by_platform, campaign_sums, together
from shared.domain.analytics.attribution import CAMPAIGNS, CHANNELS, MOST_CHANNELS, RULES, Lookback, Model
from shared.domain.analytics.credits import (
    NOTHING,
    UNKNOWN,
    Credit,
    Origin,
    Paths,
    Sums,
    credits_of_campaigns,
    credits_of_channels,
    credits_of_markov,
    platform_of_channel,
    read_paths,
    total,
)
from shared.domain.analytics.periods import Asked, DateRange, resolve
from shared.domain.errors import Invalid
from shared.domain.facts.ads import NO_WINDOW, SEPARATOR, AdFigure, AdMonth, CampaignNames, campaign_key
from shared.domain.facts.families import Family
from shared.domain.facts.running import Running
from shared.services.figures.frame import Frame, read_frame, require_data
from shared.services.figures.spans import read_months
from shared.services.figures.sums_between import sums_between
from shared.storage.contracts.facts import Figures

LONGEST_DAYS = 400
"""Of campaigns. Thirteen months: each costs a read of all campaigns."""

OTHER = "other_platforms"
"""Ad platforms that nobody names: which channels of touches they are, nobody knows."""


class GroupBy(StrEnum):
    """What a row is of."""

    CHANNEL = "channel"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionQuestion:
    """What is asked."""

    period: Asked
    models: Sequence[Model] = tuple(Model)
    group_by: GroupBy = GroupBy.CHANNEL
    lookback: Lookback = Lookback.MONTH


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionRow:
    """A channel, or a campaign of one."""

    origin: Origin
    spend: int | None
    """None: nobody tells what it cost."""
    credits: Mapping[Model, Credit]
    """A model that is not there says nothing about this row."""
    is_claimed_daily: bool
    """Whether the platform claims revenue for every day that cost something, so that one is a return on the other."""

    def spend_of(self, model: Model) -> int | None:
        """Give what the revenue of a model is a return on."""
        is_known = model in self.credits and (model is not Model.PLATFORM_REPORTED or self.is_claimed_daily)
        return self.spend if is_known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionReport:
    """The answer, not rounded."""

    frame: Frame
    period: DateRange
    paths: Paths
    rows: Sequence[AttributionRow]
    """First what brought most by the first of the models that is available."""
    totals: Mapping[Model, Credit]
    """Over all rows, if they are of one attribution window; a model that is not there is not available."""
    missing: Mapping[Model, str]
    """Why a model is not available."""
    platforms: Mapping[str, AdSums]
    """Platform -> what it cost and claims."""

    @property
    def spend(self) -> int | None:
        """What all platforms cost."""
        return together(self.platforms.values()).spend

    @property
    def do_windows_differ(self) -> bool:
        """Tell whether the platforms claim by different rules, so that nobody can add it up."""
        return _do_windows_differ(self.platforms)

    @property
    def unconverted_ads(self) -> int:
        """Ad days in a currency for which no rate is known."""
        return sum(sums.of(AdFigure.UNCONVERTED) for sums in self.platforms.values())


def compare_attribution(
    question: AttributionQuestion, *, workspace_id: str, now: datetime, figures: Figures
) -> AttributionReport:
    """Give every channel or campaign the credit that each model gives it.

    Raises:
        NotFound: `no_data`.
        Invalid: the period, or `range_too_long`.

    """
    frame = read_frame(workspace_id, now=now, figures=figures)
    require_data(frame)
    period = resolve(question.period, today=frame.today, fiscal_start=frame.settings.fiscal_year_start)
    by_campaign = question.group_by is GroupBy.CAMPAIGN
    if by_campaign and period.days > LONGEST_DAYS:
        raise Invalid(
            "range_too_long",
            f"{LONGEST_DAYS} days of campaigns are the most.",
            hint="Ask for fewer days, or with group_by=channel.",
            field="period" if question.period.first is None else "date_from",
        )

    def sums(of: Running) -> Sums:
        return sums_between(of, period, workspace_id=workspace_id, figures=figures)

    by_channel = sums(CHANNELS[question.lookback])
    paths = read_paths(by_channel)
    accounts = account_sums(read_months(AdMonth, [period], workspace_id=workspace_id, figures=figures), period)
    platforms = by_platform(accounts, sorted({place.platform for place in accounts}))
    missing = _missing(question, frame, paths, platforms)
    if by_campaign:
        parts = figures.rollups(workspace_id, CampaignNames)
        names = {key: name for part in parts for key, name in zip(part.keys, part.names, strict=True)}
        ads = _by_name(campaign_sums(sums(Running.CAMPAIGN)), names)
        found = credits_of_campaigns(sums(CAMPAIGNS[question.lookback]), _as_told(names))
    else:
        ads = {Origin(_channel(platform)): each for platform, each in platforms.items()}
        found = credits_of_channels(by_channel)
    by_model = {rule: {origin: credits_[rule] for origin, credits_ in found.items()} for rule in RULES}
    by_model[Model.PLATFORM_REPORTED] = _claimed(ads, platforms)
    by_model[Model.MARKOV] = {} if Model.MARKOV in missing else credits_of_markov(paths)
    asked = {model: by_model[model] for model in question.models if model not in missing}
    totals = {model: total(credits_.values()) for model, credits_ in asked.items()}
    if Model.PLATFORM_REPORTED in totals and _do_windows_differ(platforms):
        totals[Model.PLATFORM_REPORTED] = UNKNOWN
    rows = [_row(origin, ads.get(origin), asked) for origin in {*ads, *found}]
    first = next(iter(asked), None)
    return AttributionReport(
        frame=frame,
        period=period,
        paths=paths,
        rows=sorted(rows, key=lambda row: _rank(row, first)),
        totals=totals,
        missing={model: missing[model] for model in question.models if model in missing},
        platforms=platforms,
    )


def _row(origin: Origin, ads: AdSums | None, asked: Mapping[Model, Mapping[Origin, Credit]]) -> AttributionRow:
    """Put together what the models say; one of paths that does not name a channel says that it brought nothing."""
    known = {
        model: credits_.get(origin, NOTHING)
        for model, credits_ in asked.items()
        if origin in credits_ or (model is not Model.PLATFORM_REPORTED and origin.channel != OTHER)
    }
    return AttributionRow(
        origin=origin,
        spend=None if ads is None else ads.spend,
        credits=known,
        is_claimed_daily=ads is not None and ads.is_told_daily(AdFigure.REVENUE_KNOWN),
    )


def _do_windows_differ(platforms: Mapping[str, AdSums]) -> bool:
    claiming = [sums.claim for sums in platforms.values() if sums.has_claims]
    windows = {claim.window for claim in claiming}
    # Two platforms that name no window need not mean the same one.
    return len(windows) > 1 or None in windows or (NO_WINDOW in windows and len(claiming) > 1)


def _rank(row: AttributionRow, model: Model | None) -> tuple[int, int, Origin]:
    credit = NOTHING if model is None else row.credits.get(model, NOTHING)
    return -(credit.revenue or 0), -(row.spend or 0), row.origin


def _claimed(ads: Mapping[Origin, AdSums], platforms: Mapping[str, AdSums]) -> dict[Origin, Credit]:
    """Give what is claimed in the one window of each platform."""
    found: dict[Origin, Credit] = {}
    by_channel = {_channel(platform): sums.claim for platform, sums in platforms.items()}
    for origin, sums in ads.items():
        # A fold stores the campaigns of a platform before its months: in between it claims nothing yet.
        claim = by_channel.get(origin.channel)
        if claim is not None and claim.window is not None:
            figures = sums.claims.get(claim.window, {})
            found[origin] = Credit(
                orders=figures.get(AdFigure.CONVERSIONS, 0) if sums.of(AdFigure.CONVERSIONS_KNOWN) else None,
                revenue=figures.get(AdFigure.REVENUE, 0) if sums.of(AdFigure.REVENUE_KNOWN) else None,
            )
    return found


def _missing(
    question: AttributionQuestion, frame: Frame, paths: Paths, platforms: Mapping[str, AdSums]
) -> dict[Model, str]:
    """Say which models have nothing to say, and why."""
    found: dict[Model, str] = {}
    if not paths.touched:
        days = f"No order of the period has a touch in the {question.lookback} days before it."
        nothing = days if frame.accounts_with(Family.TOUCH) else "No touches were ever imported."
        found |= dict.fromkeys((*RULES, Model.MARKOV), nothing)
    elif question.group_by is GroupBy.CAMPAIGN:
        found[Model.MARKOV] = "Steps are kept between channels, not between campaigns: use group_by=channel."
    elif len(paths.channels) > MOST_CHANNELS:
        found[Model.MARKOV] = f"The paths have {len(paths.channels)} channels; {MOST_CHANNELS} are the most."
    claims = [sums.claim for sums in platforms.values()]
    if not claims:
        found[Model.PLATFORM_REPORTED] = "No ad days of the period were imported."
    elif all(claim.window is None for claim in claims):
        differ = any(claim.differ for claim in claims)
        why = "are in different windows, which are never added" if differ else "were not imported"
        found[Model.PLATFORM_REPORTED] = f"The claims of the platforms {why}."
    return found


def _by_name(campaigns: Mapping[Place, AdSums], names: Mapping[str, str]) -> dict[Origin, AdSums]:
    """Take together the campaigns of a platform that have one name; one without a name goes by its id."""
    parts: dict[Origin, list[AdSums]] = defaultdict(list)
    for place, sums in campaigns.items():
        key = campaign_key(place.platform, place.source, place.account, place.campaign_id)
        if any(sums.figures.values()):
            parts[Origin(_channel(place.platform), names.get(key, place.campaign_id))].append(sums)
    return {origin: together(each) for origin, each in parts.items()}


def _as_told(names: Mapping[str, str]) -> dict[Origin, str]:
    """Give the names of campaigns by what touches may call them: the name or the id, in letters of any size."""
    found: dict[Origin, str] = {}
    for key, name in names.items():
        platform, *_, campaign_id = key.split(SEPARATOR)
        found[Origin(_channel(platform), campaign_id.casefold())] = name
        found[Origin(_channel(platform), name.casefold())] = name
    return found


def _channel(platform: str) -> str:
    return platform_of_channel(platform) or OTHER

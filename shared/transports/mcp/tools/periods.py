"""The arguments that say which days a question is about, and what they are compared with."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from shared.domain.analytics.buckets import Granularity
from shared.domain.analytics.periods import Asked, Compare, PeriodWord
from shared.services.figures.spans import Against
from shared.transports.mcp.tools.arguments import IsoDate, RowsArguments, clash, renamed

PERIOD_WORDS = (
    "Days in the shop's timezone. last_Nd, mtd, qtd, ytd and this_week end yesterday; only today is not over. "
    "Quarters and years are fiscal; ttm is the last 12 complete months. Not with date_from and date_to."
)
COMPARE_WORDS = (
    "previous_period: the unit before for whole calendar months, else as many days. previous_year: the same dates. "
    "custom: compare_from and compare_to."
)


class SpanArguments(RowsArguments):
    """A period."""

    period: PeriodWord = Field(default=PeriodWord.LAST_30D, description=PERIOD_WORDS)
    date_from: IsoDate | None = Field(
        default=None,
        validation_alias=renamed("date_from", "start_date"),
        description="First day, yyyy-mm-dd, included. Only together with date_to.",
    )
    date_to: IsoDate | None = Field(
        default=None,
        validation_alias=renamed("date_to", "end_date"),
        description="Last day, yyyy-mm-dd, included; not in the future. At most 1830 days.",
    )

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> Self:
        dates = {"date_from", "date_to"} & self.model_fields_set
        if dates and "period" in self.model_fields_set:
            raise clash("give period, or date_from and date_to, not both", "period")
        return self

    @property
    def asked(self) -> Asked:
        """The period in the words of the domain."""
        return Asked(word=self.period, first=self.date_from, last=self.date_to)


class ComparedArguments(SpanArguments):
    """A period, and one to compare it with."""

    compare: Compare | None = Field(default=None, description=f"Default previous_period. {COMPARE_WORDS}")
    compare_from: IsoDate | None = Field(default=None, description="With compare=custom: first day, yyyy-mm-dd.")
    compare_to: IsoDate | None = Field(default=None, description="With compare=custom: last day, yyyy-mm-dd.")

    @model_validator(mode="after")
    def _dates_of_a_comparison_say_so(self) -> Self:
        custom = {"compare_from", "compare_to"} & self.model_fields_set
        if custom and self.compare is not Compare.CUSTOM:
            raise clash("compare_from and compare_to need compare=custom", "compare")
        return self

    @property
    def against(self) -> Against:
        """What to compare with, in the words of the services."""
        return Against(compare=self.compare, first=self.compare_from, last=self.compare_to)


class PeriodArguments(ComparedArguments):
    """A period in one piece or cut into buckets, and one to compare it with."""

    compare: Compare | None = Field(
        default=None, description=f"Default previous_period for granularity=total, else none. {COMPARE_WORDS}"
    )
    granularity: Granularity = Field(
        default=Granularity.TOTAL,
        description="One total, or a row for each day (up to 92), week (from Monday, 106), month (60) or quarter.",
    )

"""The questions: what an owner asks, and the one call that answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question and its call."""

    asked: str
    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])


QUESTIONS: tuple[Question, ...] = (
    Question(asked="What can this token see, and what day is it for the shop?", tool="get_workspace_context"),
    Question(asked="Which sources are connected and current?", tool="pma_list_data_sources"),
    Question(asked="Why is TikTok empty?", tool="pma_inspect_org_data", arguments={"connector": "tiktok_ads"}),
    Question(
        asked="How did October's profit compare with September's?",
        tool="get_pnl",
        arguments={"date_from": "2026-10-01", "date_to": "2026-10-31"},
    ),
    Question(asked="Are recent customers coming back?", tool="get_cohort_retention", arguments={"max_offset": 3}),
    Question(asked="What happened in the workspace today?", tool="list_activity", arguments={"period": "today"}),
)
"""At least one for each tool: the first is the example on its page."""

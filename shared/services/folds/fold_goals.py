"""The goals that hold now."""

from __future__ import annotations

from collections.abc import Iterable

from shared.domain.facts.goals import GoalPart
from shared.domain.facts.parts import in_parts
from shared.domain.facts.settings import Settings
from shared.services.folds.duck import Duck

_GOALS = """
    SELECT source, account, id AS goal_id, metric, target, coalesce(direction, 'at_least') AS direction,
           "from" AS first, "to" AS last
    FROM goal_facts ORDER BY goal_id, source, account
"""


def fold_goals(duck: Duck, _settings: Settings, generation: int) -> Iterable[GoalPart]:
    """Give all goals, in parts; nothing if there is none."""
    goals = list(duck.named_rows(_GOALS))
    for part, (some, _) in enumerate(in_parts(goals) if goals else ()):
        yield GoalPart(part=part, generation=generation, goals=some)

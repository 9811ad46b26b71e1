"""Goals as they hold now: the last word on each, in parts that a row can take."""

from __future__ import annotations

from datetime import date
from typing import Any

from shared.domain.facts.goals import Goal, GoalPart
from shared.domain.facts.parts import MOST_BYTES, compact_json
from tests.data.merchants import WORKSPACE, Line, Merchant, as_file, header

LATER = "2026-11-20T13:00:00Z"


def goal(id_: str = "g1", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - what JSON holds
    days = {"from": "2026-11-01", "to": "2026-11-30"}
    return {"type": "goal", "id": id_, "metric": "net_revenue", "target": "45000.5", **days, **more}


def parts_of(*files: list[Line]) -> list[GoalPart]:
    merchant = Merchant()
    for file in files:
        merchant.import_bytes(as_file(file))
    merchant.fold()
    return list(merchant.figures.rollups(WORKSPACE, GoalPart))


def test_a_goal_is_kept_as_it_was_told_with_its_target_in_millionths() -> None:
    (part,) = parts_of([header(), goal(), goal("g0", metric="ad_spend", direction="at_most", source="plan")])

    days: dict[str, Any] = {
        "first": date(2026, 11, 1),
        "last": date(2026, 11, 30),
        "account": "main",
        "target": 45_000_500_000,
    }
    assert part.told() == [
        Goal(source="plan", goal_id="g0", metric="ad_spend", direction="at_most", **days),
        Goal(source="shop", goal_id="g1", metric="net_revenue", direction="at_least", **days),
    ]


def test_the_last_word_on_a_goal_counts_and_one_that_is_taken_back_is_none() -> None:
    (part,) = parts_of(
        [header(), goal(), goal("g2")],
        [header(LATER), goal(target="50000"), {"type": "goal", "id": "g2", "deleted": True}],
    )

    assert [(each.goal_id, each.target) for each in part.told()] == [("g1", 50_000_000_000)]
    assert parts_of([header(), goal()], [header(LATER), {"type": "goal", "id": "g1", "deleted": True}]) == []


def test_thousands_of_goals_lie_in_parts_that_a_row_can_take() -> None:
    parts = parts_of([header(), *(goal(f"goal number {number:04}") for number in range(2_500))])

    assert len(parts) > 1
    assert sorted(part.place for part in parts) == [part.place for part in parts]
    assert all(len(compact_json(part.goals).encode()) <= MOST_BYTES for part in parts)
    assert len({each.goal_id for part in parts for each in part.told()}) == 2_500

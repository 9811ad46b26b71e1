"""Lambda's event filters, as far as the template uses them."""

from __future__ import annotations

from typing import Any

import pytest

from infra.emulator.event_filter import UnknownRule, lets_through

PATTERN: dict[str, Any] = {
    "eventName": ["INSERT", "MODIFY"],
    "dynamodb": {"Keys": {"pk": {"S": [{"suffix": "#DIRTY"}]}}},
}


def record(kind: str, key: object) -> dict[str, Any]:
    return {"eventName": kind, "dynamodb": {"Keys": {"pk": key}}}


@pytest.mark.parametrize(
    ("found", "passes"),
    [
        (record("INSERT", {"S": "T#1#DIRTY"}), True),
        (record("MODIFY", {"S": "T#1#DIRTY"}), True),
        (record("REMOVE", {"S": "T#1#DIRTY"}), False),
        (record("INSERT", {"S": "T#1#DIRTY#"}), False),
        (record("INSERT", {"N": "7"}), False),
        (record("INSERT", "T#1#DIRTY"), False),
        ({"eventName": "INSERT"}, False),
    ],
)
def test_every_name_of_the_pattern_has_one_of_its_values(found: dict[str, Any], *, passes: bool) -> None:
    assert lets_through(PATTERN, found) is passes


def test_a_rule_of_another_kind_is_not_guessed_at() -> None:
    with pytest.raises(UnknownRule):
        lets_through({"eventName": [{"prefix": "INS"}]}, {"eventName": "INSERT"})

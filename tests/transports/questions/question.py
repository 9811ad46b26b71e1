"""A question: what an owner asks, the one call that answers it, where its numbers stand, and their slow count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.transports.questions.oracle import Books

Content = Mapping[str, Any]
"""The structured content of an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question and its call; today is 21 November 2026, a Saturday."""

    asked: str
    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    answers: Callable[[Content], list[Any]]
    """The numbers that the owner wants, out of the answer."""
    counted: Callable[[Books], list[Any]]
    """The same numbers, counted from the imported lines. Fractions are rounded to cents where they are compared."""


def row_of(content: Content, **which: object) -> dict[str, Any]:
    """Find the one row that has these cells, by the names of its columns."""
    columns = content["data"]["columns"]
    rows = [dict(zip(columns, row, strict=True)) for row in content["data"]["rows"]]
    (found,) = [row for row in rows if which.items() <= row.items()]
    return found

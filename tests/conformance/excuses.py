"""What the suite may find, by the clause that allows it; and what it found beyond that, or no longer finds."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.conformance.suite import FROM_WORST_TO_BEST, Check, Outcomes

FILE = Path(__file__).with_name("excused.toml")
SUCCESS = "SUCCESS"
PRODUCT, FIXTURES = "product", "fixtures"
"""The stack as it is served, and our door with the tools that the suite calls by name."""
EVERYWHERE = (PRODUCT, FIXTURES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Excuse:
    """Checks that may come to less than success, and the clause that allows it."""

    clause: str
    """Page and section of the specification."""
    says: str
    why: str
    at: tuple[str, ...]
    outcomes: Mapping[Check, str]

    @property
    def version(self) -> str:
        """The version of the specification that it is a clause of."""
        return self.clause.partition("/")[0]


@dataclass(frozen=True)
class Excuses:
    """The reviewed list."""

    told: Mapping[str, Any]

    @classmethod
    def reviewed(cls) -> Excuses:
        """Read the file."""
        return cls(tomllib.loads(FILE.read_text(encoding="utf-8")))

    @cached_property
    def excused(self) -> tuple[Excuse, ...]:
        """The checks that do not succeed."""
        return tuple(_excuse(each) for each in self.told["excused"])

    @cached_property
    def not_run(self) -> frozenset[str]:
        """The scenarios that are not run at all."""
        return frozenset(scenario for each in self.told["not_run"] for scenario in each["scenarios"])

    def of(self, place: str, version: str) -> dict[Check, Excuse]:
        """Give what is excused at a place, by check."""
        return {
            check: excuse
            for excuse in self.excused
            if excuse.version == version and place in excuse.at
            for check in excuse.outcomes
        }

    def complaints(self, found: Outcomes, place: str, version: str) -> list[str]:
        """Say what was found and is not excused, and what is excused and was not found."""
        excused = {check: excuse.outcomes[check] for check, excuse in self.of(place, version).items()}
        return [
            f"{check}: {_words(found.get(check))}, where {_words(excused.get(check, SUCCESS))} is expected"
            for check in sorted(found.keys() | excused.keys())
            if found.get(check) != excused.get(check, SUCCESS)
        ]

    def promised_with_fixtures(self, version: str) -> Iterator[Check]:
        """Give what is excused for want of the suite's tools: with them, it has to succeed."""
        return (
            check
            for excuse in self.excused
            if excuse.version == version and excuse.at == (PRODUCT,)
            for check in excuse.outcomes
        )


def _excuse(told: Mapping[str, Any]) -> Excuse:
    outcomes = {Check.read(text): outcome for outcome in FROM_WORST_TO_BEST for text in told.get(outcome.lower(), ())}
    at = (told["only"],) if "only" in told else EVERYWHERE
    return Excuse(clause=told["clause"], says=told["says"], why=told["why"], at=at, outcomes=outcomes)


def _words(outcome: str | None) -> str:
    return "no such check" if outcome is None else outcome

"""The table of scenarios: `python -m tests.conformance.table`."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.conformance.excuses import FIXTURES, PRODUCT, SUCCESS, Excuse, Excuses
from tests.conformance.runs import Runs, run_all
from tests.conformance.suite import VERSIONS, Check, Outcomes

ON_THE_WIRE = "wire-schema-valid"
"""A check that every scenario has: what we sent keeps to the schema of its version."""
WIDTH = 220


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a scenario came to at a version."""

    scenario: str
    version: str
    product: str
    fixtures: str
    clauses: tuple[str, ...]


def lines_of(runs: Runs, excuses: Excuses) -> list[Line]:
    """Put what was found beside what excuses it."""
    lines: list[Line] = []
    for version in VERSIONS:
        found = {place: runs.of_servers[place, version] for place in (PRODUCT, FIXTURES)}
        excused = {place: excuses.of(place, version) for place in found}
        for scenario in dict.fromkeys(check.scenario for check in sorted(found[PRODUCT])):
            words = {place: _came_to(scenario, found[place], excused[place]) for place in found}
            by = (each.clause for check, each in excused[PRODUCT].items() if check.scenario == scenario)
            clauses = tuple(dict.fromkeys(by))
            lines.append(
                Line(
                    scenario=scenario,
                    version=version,
                    product=words[PRODUCT],
                    fixtures=words[FIXTURES],
                    clauses=clauses,
                )
            )
    return lines


def _came_to(scenario: str, found: Outcomes, excused: Mapping[Check, Excuse]) -> str:
    outcomes = {check: each for check, each in found.items() if check.scenario == scenario}
    judged = {check: each for check, each in outcomes.items() if check.name != ON_THE_WIRE} or outcomes
    fallen = [check for check, each in outcomes.items() if each != SUCCESS]
    if any(check not in excused for check in fallen):
        return "FAILS"
    passed = sum(each == SUCCESS for each in judged.values())
    if not fallen:
        return "passes"
    return f"passes {passed}, excused {len(fallen)}" if passed else "excused"


def main() -> None:
    """Run everything and print it."""
    with tempfile.TemporaryDirectory() as folder:
        runs = run_all(Path(folder))
    table = Table("scenario", "version", "product", "door with fixtures", "excused by", box=None)
    for line in lines_of(runs, Excuses.reviewed()):
        table.add_row(line.scenario, line.version, line.product, line.fixtures, "\n".join(line.clauses))
    for check, outcome in sorted(runs.of_authorization.items()):
        table.add_row(str(check), "both", "passes" if outcome == SUCCESS else "FAILS")
    Console(width=WIDTH).print(table)


if __name__ == "__main__":
    main()

"""npm `@modelcontextprotocol/conformance`, run against a URL: what each of its checks came to."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.node_packages import NODE

NODE_FOLDER = Path(__file__).parent / "node"
PROGRAM = NODE_FOLDER / "node_modules/@modelcontextprotocol/conformance/dist/index.js"
VERSIONS = ("2025-11-25", "2026-07-28")
LONGEST_RUN = 120
"""Seconds; a run takes about five."""

FROM_WORST_TO_BEST = ("FAILURE", "WARNING", "SKIPPED", "SUCCESS", "INFO")
"""A warning is a SHOULD that is not kept. INFO alone means that nothing was judged."""
RECORDS = frozenset({"outgoing-request", "incoming-response"})
"""Lines that keep what went over the wire, and judge nothing."""
LISTED = re.compile(r"^  - (\S+) \[([^\]]+)\]$", re.MULTILINE)
RESULTS = re.compile(r"^(?:server|authorization-server)-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$")
EXTENSION = "extension"


@dataclass(frozen=True, slots=True, order=True)
class Check:
    """One thing that a scenario looks at."""

    scenario: str
    name: str

    @classmethod
    def read(cls, text: str) -> Check:
        """Read `scenario:check`, or one word where both have the same name."""
        scenario, _, name = text.partition(":")
        return cls(scenario, name or scenario)

    def __str__(self) -> str:
        return self.name if self.name == self.scenario else f"{self.scenario}:{self.name}"


Outcomes = Mapping[Check, str]


def run_server(url: str, version: str, folder: Path) -> Outcomes:
    """Run every scenario of a version, those in waiting among them, against an MCP endpoint."""
    run(["server", "--url", url, "--suite", "all", "--spec-version", version, "--output-dir", folder])
    return outcomes_in(folder)


def run(arguments: Sequence[str | Path]) -> str:
    """Run the program and give what it printed; its exit code says only that something failed somewhere."""
    ran = subprocess.run(
        [NODE, PROGRAM, *arguments],
        cwd=NODE_FOLDER,
        env={"HOME": "/nonexistent", "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST_RUN,
        check=False,
    )
    if ran.stderr.startswith("Error") or not ran.stdout:
        raise AssertionError(f"the conformance suite did not run:\n{ran.stdout}\n{ran.stderr}")
    return ran.stdout


def known_scenarios(role: str) -> dict[str, frozenset[str]]:
    """Ask the program for all of its scenarios for a role (`server`, `authorization`), with their versions."""
    return {name: frozenset(tags.split(",")) for name, tags in LISTED.findall(run(["list", f"--{role}"]))}


def outcomes_in(folder: Path) -> Outcomes:
    """Read what a run has left; of a check that was made several times the worst outcome counts."""
    found: dict[Check, str] = {}
    for file in sorted(folder.glob("*/checks.json")):
        named = RESULTS.match(file.parent.name)
        assert named is not None, f"{file.parent.name} names no scenario"
        for made in judged(json.loads(file.read_text(encoding="utf-8"))):
            check = Check(named[1], made["id"])
            found[check] = min(found.get(check, "INFO"), made["status"], key=FROM_WORST_TO_BEST.index)
    return found


def judged(checks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what is a record of the wire."""
    return [each for each in checks if each["id"] not in RECORDS]

"""Whatever a server of tools can pass, passes; what does not is excused by a clause, and nothing is excused in vain."""

from __future__ import annotations

import json
import re

import pytest

from tests.clients.documented import PAGE
from tests.conformance.excuses import EVERYWHERE, FIXTURES, PRODUCT, SUCCESS, Excuses
from tests.conformance.runs import Runs
from tests.conformance.suite import EXTENSION, NODE_FOLDER, VERSIONS, Check, known_scenarios
from tests.conformance.table import lines_of

EXCUSES = Excuses.reviewed()
CLAUSE = re.compile(rf"^({'|'.join(VERSIONS)})(/[a-z-]+)+#[a-z0-9-]+$")
A = "2025-11-25"
TOLD = {
    "excused": [{"clause": f"{A}/server/x#y", "says": "MAY", "why": "No x.", "failure": ["lamp", "door:opens"]}],
    "not_run": [],
}
LAMP, OPENS, SHUTS = Check("lamp", "lamp"), Check("door", "opens"), Check("door", "shuts")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("place", EVERYWHERE)
def test_every_check_succeeds_or_is_excused_and_every_excuse_is_needed(runs: Runs, place: str, version: str) -> None:
    assert EXCUSES.complaints(runs.of_servers[place, version], place, version) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_what_the_product_lacks_a_tool_for_succeeds_at_our_door_with_that_tool(runs: Runs, version: str) -> None:
    found = runs.of_servers[FIXTURES, version]

    promised = set(EXCUSES.promised_with_fixtures(version))

    assert promised
    assert {check for check in promised if found.get(check) != SUCCESS} == set()


def test_every_scenario_that_the_suite_knows_is_run_or_excused_by_name(runs: Runs) -> None:
    known = known_scenarios("server")
    assert known.keys() >= {"tools-list", "server-stateless"}
    for version in VERSIONS:
        wanted = {name for name, versions in known.items() if version in versions}
        for place in EVERYWHERE:
            assert {check.scenario for check in runs.of_servers[place, version]} == wanted
    assert EXCUSES.not_run == {name for name, versions in known.items() if versions == {EXTENSION}}
    assert all(versions & {*VERSIONS, EXTENSION} for versions in known.values())


def test_our_authorization_server_passes_all_that_there_is_for_one(runs: Runs) -> None:
    assert {check.scenario for check in runs.of_authorization} == known_scenarios("authorization").keys()
    assert set(runs.of_authorization.values()) == {SUCCESS}


def test_the_page_about_clients_names_the_version_of_the_suite() -> None:
    packages = json.loads((NODE_FOLDER / "package.json").read_text(encoding="utf-8"))["dependencies"]

    assert all(f"`{name}` {version}" in PAGE for name, version in packages.items())


def test_every_excuse_names_a_section_of_the_specification_and_what_it_says() -> None:
    for each in (*EXCUSES.told["excused"], *EXCUSES.told["not_run"]):
        assert CLAUSE.match(each["clause"]), each["clause"]
        assert each["says"]
        assert each["why"].endswith(".")


@pytest.mark.parametrize("place", EVERYWHERE)
@pytest.mark.parametrize("version", VERSIONS)
def test_no_check_is_excused_twice(place: str, version: str) -> None:
    named = [
        check
        for each in EXCUSES.excused
        if (each.version, place in each.at) == (version, True)
        for check in each.outcomes
    ]

    assert len(named) == len(set(named))


@pytest.mark.parametrize(
    ("found", "complaint"),
    [
        ({LAMP: "FAILURE", OPENS: "FAILURE", SHUTS: "SUCCESS"}, []),
        ({LAMP: "SUCCESS", OPENS: "FAILURE"}, ["lamp: SUCCESS, where FAILURE is expected"]),
        ({LAMP: "WARNING", OPENS: "FAILURE"}, ["lamp: WARNING, where FAILURE is expected"]),
        ({LAMP: "FAILURE"}, ["door:opens: no such check, where FAILURE is expected"]),
        (
            {LAMP: "FAILURE", OPENS: "FAILURE", SHUTS: "WARNING"},
            ["door:shuts: WARNING, where SUCCESS is expected"],
        ),
    ],
)
def test_the_list_is_held_both_ways(found: dict[Check, str], complaint: list[str]) -> None:
    assert Excuses(TOLD).complaints(found, PRODUCT, A) == complaint
    assert Excuses(TOLD).complaints(found, PRODUCT, "2026-07-28") != []  # a clause of another version excuses nothing


def test_the_table_has_a_line_for_every_scenario_and_version(runs: Runs) -> None:
    lines = lines_of(runs, EXCUSES)

    for version in VERSIONS:
        told = {line.scenario for line in lines if line.version == version}
        assert told == {check.scenario for check in runs.of_servers[PRODUCT, version]}
    assert all(line.clauses for line in lines if "excused" in line.product)
    (failing,) = [line for line in lines if (line.scenario, line.version) == ("prompts-list", A)]
    assert (failing.product, failing.fixtures) == ("excused", "excused")

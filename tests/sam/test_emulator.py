"""The built functions, served by Lambda's own runtime client inside the runtime interface emulator."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from functions.wiring import now
from infra.local.functions import FUNCTIONS
from shared.storage.contracts.audit import AuditFilter
from tests.bench.emulator import EmulatedFunction, artefact_of, emulated
from tests.bench.surroundings import PRICE, Surroundings, did_its_work, files
from tests.doors.events import event

BY_NAME = {function.name: function for function in FUNCTIONS}

Start = Callable[[str], AbstractContextManager[EmulatedFunction]]


@pytest.fixture
def surroundings(tmp_path: Path) -> Generator[Surroundings]:
    with files(tmp_path) as made:
        yield made


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """What the function printed; it is all there when the function has ended."""
    return tmp_path / "log"


@pytest.fixture
def start(artefacts: Mapping[str, Path], surroundings: Surroundings, log: Path) -> Start:
    def running(name: str) -> AbstractContextManager[EmulatedFunction]:
        function, artefact = BY_NAME[name], artefact_of(BY_NAME[name])
        assert artefact in artefacts.values()
        return emulated(function, artefact=artefact, environment=surroundings.environment[name], log=log)

    return running


def json_lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]


@pytest.mark.parametrize("name", BY_NAME)
def test_a_built_function_does_its_work_again_and_again_in_one_process(
    start: Start, surroundings: Surroundings, name: str
) -> None:
    with start(name) as function:
        first = function.invoke(surroundings.event_for(name)).answer
        process = function.process
        second = function.invoke(surroundings.event_for(name)).answer

        assert did_its_work(name, first), first
        assert did_its_work(name, second), second
        assert function.process == process


def test_a_file_becomes_figures_through_the_built_functions(start: Start, surroundings: Surroundings) -> None:
    with start("importer") as importer:
        importer.invoke(event("s3_object_created", raw_key=surroundings.upload_an_order("wks_1")))
    with start("projector") as projector:
        projector.invoke(event("stream_facts", workspace_id="wks_1"))
    with start("mcp_server") as mcp_server:
        answer = mcp_server.invoke(surroundings.event_for("mcp_server")).answer

    data = json.loads(answer["body"])["result"]["structuredContent"]["data"]
    amounts = {line[data["columns"].index("line")]: line[data["columns"].index("amount")] for line in data["rows"]}
    assert amounts["gross_sales"] == 2 * float(PRICE)


def test_calls_of_older_and_newer_clients_take_turns_in_one_process(start: Start, surroundings: Surroundings) -> None:
    versions = ("2025_11_25", "2026_07_28") * 2

    with start("mcp_server") as function:
        answers = [
            function.invoke(event(f"mcp_tools_call_{version}", token=surroundings.token.text)).answer
            for version in versions
        ]

    assert [answer["statusCode"] for answer in answers] == [200] * 4
    assert all("structuredContent" in json.loads(answer["body"])["result"] for answer in answers)
    written = surroundings.stores.audit.entries(
        "wks_1", matching=AuditFilter(types=frozenset({"mcp.call"})), limit=10, now=now()
    )
    assert len(written.items) == 4


@pytest.mark.parametrize(("name", "raised"), [("mcp_server", "RuntimeError"), ("importer", "KeyError")])
def test_an_event_that_a_function_cannot_read_is_an_error_of_that_event_alone(
    start: Start, surroundings: Surroundings, log: Path, name: str, raised: str
) -> None:
    with start(name) as function:
        function.invoke(surroundings.event_for(name))
        process = function.process
        error = function.invoke({}).answer
        after = function.invoke(surroundings.event_for(name)).answer

        assert did_its_work(name, after), after
        assert function.process == process

    assert error.keys() == {"errorType", "errorMessage", "requestId", "stackTrace"}
    assert error["errorType"] == raised
    (logged,) = (line for line in json_lines(log) if line.get("level") == "ERROR")
    assert {part: logged[part] for part in error} == error


def test_what_a_function_logs_is_a_line_of_json(start: Start, surroundings: Surroundings, log: Path) -> None:
    with start("sweeper") as function:
        function.invoke(surroundings.event_for("sweeper"))

    (line,) = (line for line in json_lines(log) if "_aws" not in line)  # which CloudWatch reads as a metric
    assert (line["level"], line["message"], line["due"], line["token.expired"]) == ("INFO", "swept", 1, 1)


def test_a_refusal_is_counted_by_a_line_that_cloudwatch_reads_as_a_metric(start: Start, log: Path) -> None:
    with start("mcp_server") as function:
        answer = function.invoke(event("mcp_no_credential")).answer

    assert answer["statusCode"] == 401
    (line,) = (line for line in json_lines(log) if "_aws" in line)
    assert (line["reason"], line["Refusals"]) == ("credential_missing", [1.0])


def test_a_function_that_lacks_a_setting_does_not_start_and_names_it(surroundings: Surroundings, log: Path) -> None:
    function = BY_NAME["mcp_server"]
    told = {name: value for name, value in surroundings.environment[function.name].items() if name != "PUBLIC_URL"}

    with emulated(function, artefact=artefact_of(function), environment=told, log=log) as emulated_function:
        answer = emulated_function.invoke(surroundings.event_for(function.name)).answer

    assert answer["errorType"] == "SettingMissing"
    assert "PUBLIC_URL" in answer["errorMessage"]


def test_nothing_of_an_emulated_function_outlives_it(start: Start, surroundings: Surroundings) -> None:
    with start("sweeper") as function:
        function.invoke(surroundings.event_for("sweeper"))
        processes = (function.emulator.pid, function.process)

    assert [process for process in processes if Path(f"/proc/{process}").exists()] == []

"""Runs the contract suite on every engine, and fails when one of them passed other tests than the rest."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from shared.storage.engine import Engine
from tests.data.stores import Stores
from tests.storage.ministack import CREDENTIALS, ministack
from tests.storage.moto_client import OneAtATime
from tests.storage.places import Place, dynamodb_place, sqlite_place

REGION = "us-east-1"
NAMED_ENDPOINT = os.environ.get("DYNAMODB_ENDPOINT", "")
ENGINES = ["sqlite", "moto", "ministack", *(["dynamodb"] if NAMED_ENDPOINT else [])]
PATIENT = Config(max_pool_connections=40, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 3})


@pytest.fixture(scope="session")
def ministack_address(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    with ministack(tmp_path_factory.mktemp("ministack")) as address:
        yield address


@pytest.fixture(scope="session")
def moto_client() -> Any:  # noqa: ANN401  # boto3 makes the class of a client at run time
    with mock_aws():
        return _client("dynamodb")


@pytest.fixture(scope="session")
def ministack_client(ministack_address: str) -> Any:  # noqa: ANN401  # the same
    return _client("dynamodb", ministack_address)


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Place]:
    """Tables of its own for each test, on each engine."""
    match request.param:
        case "sqlite":
            yield sqlite_place(tmp_path)
        case "moto":
            with mock_aws():
                yield dynamodb_place(OneAtATime(request.getfixturevalue("moto_client")))
        case "ministack":
            yield dynamodb_place(request.getfixturevalue("ministack_client"))
        case _:
            yield dynamodb_place(_client("dynamodb", NAMED_ENDPOINT))


@pytest.fixture
def engine(place: Place) -> Engine:
    return place.engine()


@pytest.fixture
def stores(engine: Engine) -> Stores:
    return Stores.over(engine)


def _client(service: str, endpoint: str | None = None) -> Any:  # noqa: ANN401  # the same
    own = endpoint is not None and endpoint == NAMED_ENDPOINT
    credentials = {} if own else CREDENTIALS  # a DynamoDB that somebody names may ask for theirs
    make = cast("Callable[..., Any]", boto3.client)
    return make(service, region_name=REGION, endpoint_url=endpoint, config=PATIENT, **credentials)


# --- the same tests on every engine -----------------------------------------------------------------------------------

_passed: defaultdict[str, set[str]] = defaultdict(set)
_chosen: defaultdict[str, set[str]] = defaultdict(set)


def _engine_and_test(item: pytest.Item) -> tuple[str, str] | None:
    callspec = getattr(item, "callspec", None)
    engine = callspec.params.get("place") if callspec is not None else None
    return (engine, item.nodeid.replace(f"[{engine}", "[", 1)) if engine is not None else None


def pytest_collection_finish(session: pytest.Session) -> None:
    for item in session.items:
        if (found := _engine_and_test(item)) is not None:
            _chosen[found[0]].add(found[1])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.passed and (found := _engine_and_test(item)) is not None:
        _passed[found[0]].add(found[1])
    return report


def _differ() -> bool:
    return len({frozenset(_passed[engine]) for engine in _chosen}) > 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _differ():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _chosen:
        terminalreporter.section("storage contract: tests passed on each engine")
        for engine, tests in _chosen.items():
            terminalreporter.line(f"{engine:>10}  {len(_passed[engine])} of {len(tests)}")
        if _differ():
            terminalreporter.line("the engines did not pass the same tests", red=True)

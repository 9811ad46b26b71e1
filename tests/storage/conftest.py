"""Runs the contract suite on every engine, and fails when one of them passed other tests than the rest."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Generator
from functools import cache
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from functions.wiring import OF_S3
from infra.emulator.account import CREDENTIALS
from infra.emulator.ministack import ministack
from shared.storage.aws.signature import Credentials
from shared.storage.contracts.objects import ObjectStore
from shared.storage.dynamodb.engine import DynamoEngine
from shared.storage.engine import Engine, Table
from shared.storage.objects.folder import FolderObjects
from shared.storage.objects.s3 import S3Objects
from shared.storage.signing.kms import KmsSigner
from tests.data.stores import Stores
from tests.storage.clients import EMULATED, dynamodb_at
from tests.storage.moto_client import AsksMoto, OneAtATime
from tests.storage.places import EngineAt, ObjectsAt, Place, SignerAt, dynamodb_place, s3_objects, sqlite_place
from tests.storage.sending import Uploads, loopback, served

REGION = "us-east-1"
NAMED_ENDPOINT = os.environ.get("DYNAMODB_ENDPOINT", "")
ENGINES = ["sqlite", "moto", "ministack", *(["dynamodb"] if NAMED_ENDPOINT else [])]
PATIENT = Config(max_pool_connections=40, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 3})


@pytest.fixture(scope="session")
def ministack_address(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    with ministack(tmp_path_factory.mktemp("ministack")) as account:
        yield account.plain_address


@pytest.fixture(scope="session")
def moto_client() -> Callable[[str], Any]:
    """Clients of moto, made once: that costs more than a test does."""

    @cache
    def client(service: str) -> Any:  # noqa: ANN401  # boto3 makes the class of a client at run time
        with mock_aws():
            return _client(service)

    return client


@pytest.fixture(scope="session")
def ministack_client(ministack_address: str) -> Callable[[str], Any]:
    """Clients of MiniStack, made once."""

    @cache
    def client(service: str) -> Any:  # noqa: ANN401  # the same
        return _client(service, ministack_address)

    return client


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Place]:
    """Tables of its own for each test, on each engine."""
    match request.param:
        case "sqlite":
            yield sqlite_place(tmp_path)
        case "moto":
            client = request.getfixturevalue("moto_client")("dynamodb")
            asking = AsksMoto(client)  # one for all engines: it is what makes their requests wait for each other
            with mock_aws():
                yield dynamodb_place(client, lambda: asking)
        case "ministack":
            address: str = request.getfixturevalue("ministack_address")
            client = request.getfixturevalue("ministack_client")("dynamodb")
            yield dynamodb_place(client, lambda: dynamodb_at(address))
        case _:
            client = _client("dynamodb", NAMED_ENDPOINT)
            own = _own_credentials()
            yield dynamodb_place(client, lambda: dynamodb_at(NAMED_ENDPOINT, credentials=own))


@pytest.fixture
def engine(place: Place) -> Engine:
    return place.engine()


@pytest.fixture(params=["folder", "moto", "ministack"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[ObjectStore]:
    """An empty store of objects for each test, in each place."""
    match request.param:
        case "folder":
            yield FolderObjects(tmp_path / "objects")
        case "moto":
            with mock_aws():
                yield s3_objects(OneAtATime(request.getfixturevalue("moto_client")("s3")))
        case _:
            yield s3_objects(request.getfixturevalue("ministack_client")("s3"))


@pytest.fixture
def folder_uploads(tmp_path: Path) -> Generator[Uploads]:
    """An empty folder that takes uploads."""
    with loopback() as listener:
        at = f"http://127.0.0.1:{listener.getsockname()[1]}"
        objects = FolderObjects(tmp_path / "objects", reached_at=at)
        with served(objects, listener):
            yield Uploads(objects=objects)


@pytest.fixture(params=["folder", "ministack"])
def uploads(request: pytest.FixtureRequest) -> Uploads:
    """An empty store that takes uploads. Moto is not among them: it takes any bytes under any signature."""
    if request.param == "folder":
        return request.getfixturevalue("folder_uploads")
    client = _client("s3", request.getfixturevalue("ministack_address"), PATIENT.merge(Config(**OF_S3)))
    return Uploads(objects=s3_objects(client))


@pytest.fixture
def engine_at() -> EngineAt:
    def make(address: str, *, attempts: int = 1) -> Engine:
        client = dynamodb_at(address, attempts=attempts, timeout=0.5)
        return DynamoEngine(client, {table: f"the-{table}-table" for table in Table})

    return make


@pytest.fixture
def objects_at() -> ObjectsAt:
    return lambda address: S3Objects(_client("s3", address, _impatient(1)), bucket="the-bucket")


@pytest.fixture
def signer_at() -> SignerAt:
    return lambda address: KmsSigner(_client("kms", address, _impatient(1)), arn="the-key")


@pytest.fixture
def stores(engine: Engine) -> Stores:
    return Stores.over(engine)


def _impatient(attempts: int) -> Config:
    """Try as often as told, and wait half a second for each answer."""
    retries: Any = {"mode": "standard", "total_max_attempts": attempts}
    return Config(connect_timeout=0.5, read_timeout=0.5, retries=retries)


def _client(service: str, endpoint: str | None = None, config: Config = PATIENT) -> Any:  # noqa: ANN401  # the same
    own = endpoint is not None and endpoint == NAMED_ENDPOINT
    credentials = {} if own else CREDENTIALS  # a DynamoDB that somebody names may ask for theirs
    make = cast("Callable[..., Any]", boto3.client)
    return make(service, region_name=REGION, endpoint_url=endpoint, config=config, **credentials)


def _own_credentials() -> Credentials:
    """Give those that a DynamoDB which somebody names may ask for."""
    found = boto3.Session().get_credentials()
    if found is None:
        return EMULATED
    own = found.get_frozen_credentials()
    return Credentials(access_key=own.access_key or "", secret_key=own.secret_key or "", session_token=own.token)


# --- the same tests on every engine -----------------------------------------------------------------------------------

PLACES = ("place", "objects", "uploads", "ways", "signer")
"""The fixtures that say where a test runs; the test is the same without what they add to its name."""

CONTRACT = "contract"

_chosen: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
_passed: defaultdict[tuple[str, str], set[str]] = defaultdict(set)


def _place_and_test(item: pytest.Item) -> tuple[str, str, str] | None:
    parameters: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    for fixture in PLACES:
        where = parameters.get(fixture)
        if isinstance(where, str):  # elsewhere a parameter of this name may be something else
            return fixture, where, item.nodeid.replace(where, "", 1)
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    report.user_properties.append((CONTRACT, _place_and_test(item)))
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Reports of all workers arrive in the process that started them, so there the places can be compared."""
    for name, found in report.user_properties:
        if name == CONTRACT and found is not None:
            fixture, where, test = cast("tuple[str, str, str]", found)
            _chosen[fixture, where].add(test)
            if report.when == "call" and report.passed:
                _passed[fixture, where].add(test)


def _uneven() -> list[str]:
    """Name the fixtures whose places did not pass the same tests."""
    return [
        fixture
        for fixture in PLACES
        if len({frozenset(_passed[place]) for place in _chosen if place[0] == fixture}) > 1
    ]


def pytest_sessionfinish(session: pytest.Session) -> None:
    is_worker = hasattr(session.config, "workerinput")  # of pytest-xdist: it has seen its own tests only
    if not is_worker and _uneven():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not _chosen:
        return
    terminalreporter.section("storage contract: tests passed in each place")
    for (fixture, where), tests in sorted(_chosen.items()):
        kind = "rows" if fixture == "place" else fixture
        terminalreporter.line(f"{kind:>8} {where:>10} {len(_passed[fixture, where]):>5} of {len(tests)}")
    for fixture in _uneven():
        terminalreporter.line(f"the places of `{fixture}` did not pass the same tests", red=True)

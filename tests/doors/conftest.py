"""A stack on SQLite in a file of its own: one workspace, and an issuer that its people sign in with."""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path

import pytest

from infra.local.folder import LocalFolder
from infra.local.functions import SETTINGS, all_settings
from infra.local.product import make_keys
from shared.storage.objects.folder import FolderObjects
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.stores import Stores
from tests.data.tenants import KEYS, workspace
from tests.doors.opening import Doors, process_of_lambda
from tests.transports.http.issuer import LoopbackIssuer

PUBLIC_URL = "https://mcp.test"


@pytest.fixture(scope="module")
def environment() -> Generator[pytest.MonkeyPatch]:
    with process_of_lambda() as patch:
        yield patch


@pytest.fixture(scope="module")
def issuer() -> Generator[LoopbackIssuer]:
    with LoopbackIssuer() as serving:
        yield serving


@pytest.fixture(scope="module")
def doors(
    environment: pytest.MonkeyPatch, issuer: LoopbackIssuer, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Doors]:
    folder = LocalFolder(path=tmp_path_factory.mktemp("stack"))
    folder.token_keys.write_text(json.dumps({"credential": dict(KEYS.roots), "data": {"1": "data key of tests: " * 3}}))
    make_keys(folder)
    values = all_settings(folder, public_url=PUBLIC_URL, issuer=issuer.url)
    engine = SqliteEngine(folder.database)
    stores = Stores.over(engine)
    workspace(stores, issuer=issuer.url)
    workspace(stores, "wks_2", plan="alpha", people={})
    yield Doors(
        stores=stores,
        objects=FolderObjects(Path(values["OBJECTS_DIR"])),
        settings={function: {name: values[name] for name in names} for function, names in SETTINGS.items()},
        environment=environment,
    )
    engine.close()

"""One deployment for the whole suite: what `make deploy-local STAY=1` starts, started and ended as people do."""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from functions.wiring import Wiring, now, settings_of_stack
from infra.emulator.account import Account
from infra.emulator.deploy import STACK
from tests.clients.programs import NODE_FOLDER
from tests.deployed.process import Emulator
from tests.deployed.stack import DeployedStack, Tenant
from tests.node_packages import install_node_packages


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[DeployedStack]:
    install_node_packages(NODE_FOLDER)
    place = tmp_path_factory.mktemp("deployed")
    document = place / "connection.json"
    with (
        pytest.MonkeyPatch.context() as environment,
        Emulator.started("--stay", "--connection", str(document), place=place) as emulator,
    ):
        transcript = emulator.read_until("Ready.")

        def wiring(account: Account) -> Wiring:
            for name, value in account.environment.items():
                environment.setenv(name, value)
            return Wiring(settings_of_stack(STACK))

        with DeployedStack.told(json.loads(document.read_text()), wiring=wiring, transcript=transcript) as told:
            yield told


@pytest.fixture(scope="session", autouse=True)
def called(stack: DeployedStack) -> Tenant:
    """A workspace with calls, made at the start: what seals them comes by while other tests run."""
    tenant = stack.tenant()
    token = tenant.token()
    for _ in range(3):
        assert stack.ask(token.text).is_success
    return tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class DueToken:
    """A token that is over, while nobody has recorded it."""

    tenant: Tenant
    token_id: str


@pytest.fixture(scope="session", autouse=True)
def due(stack: DeployedStack) -> DueToken:
    """Made at the start: the schedule comes by while other tests run, and nobody waits a minute for it."""
    tenant = stack.tenant()
    token = tenant.token(days=30, at=now() - timedelta(days=31))
    return DueToken(tenant=tenant, token_id=token.token.token_id)

from __future__ import annotations

from pathlib import Path

import pytest

from tests.transports.cli.program import Program
from tests.transports.cli.sealed_shop import Shop


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


@pytest.fixture
def shop(program: Program) -> Program:
    """The program on a place with one workspace, `wks_1`, of an owner and an analyst."""
    program.run("workspace", "create", "A shop", "--id", "wks_1")
    program.run("member", "add", "-w", "wks_1", "--subject", "olivia", "--role", "owner", "--id", "mem_olivia")
    program.run("member", "add", "-w", "wks_1", "--subject", "ana", "--role", "analyst", "--id", "mem_ana")
    return program


@pytest.fixture
def trail(shop: Program, tmp_path: Path) -> Shop:
    desk = tmp_path / "desk"
    desk.mkdir()
    sealed = Shop(shop, desk)
    sealed.works(calls=3)
    sealed.works(calls=2)
    return sealed

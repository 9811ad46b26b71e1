from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.faults.cells import Laboratory, laboratory


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Generator[Laboratory]:
    """Give a store and the wire to it; scenes are made once."""
    with laboratory(tmp_path_factory.mktemp("laboratory")) as made:
        yield made

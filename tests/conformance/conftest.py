from __future__ import annotations

import pytest

from tests.conformance.runs import Runs, run_all


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return run_all(tmp_path_factory.mktemp("conformance"))

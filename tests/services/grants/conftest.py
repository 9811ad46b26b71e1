from __future__ import annotations

import pytest

from tests.data.engines import MeddledEngine
from tests.data.stores import Stores, memory_stores
from tests.data.tenants import workspace


@pytest.fixture
def engine() -> MeddledEngine:
    return MeddledEngine()


@pytest.fixture
def stores(engine: MeddledEngine) -> Stores:
    """One workspace on the plan `plus`, with an owner, an admin and an analyst."""
    stores = memory_stores(engine)
    workspace(stores)
    return stores

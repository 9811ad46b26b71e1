from __future__ import annotations

import pytest

from shared.services.gate import Gate
from tests.data.tenants import workspace
from tests.services.place import Place


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
def gate(place: Place) -> Gate:
    """A container over one workspace on the plan `plus`."""
    workspace(place.stores)
    return place.container()

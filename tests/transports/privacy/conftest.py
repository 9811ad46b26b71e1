from __future__ import annotations

import pytest

from tests.transports.privacy.planted_shop import PlantedShop


@pytest.fixture(scope="session")
def planted() -> PlantedShop:
    """A shop into which a file of every format was imported, with people everywhere; whoever looks changes nothing."""
    return PlantedShop.opened()

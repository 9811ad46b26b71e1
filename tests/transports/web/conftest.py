from __future__ import annotations

import pytest

from tests.data.tenants import workspace
from tests.transports.web.app_of_tests import App
from tests.transports.web.web import Web


@pytest.fixture
def web() -> Web:
    """A browser before one workspace, `wks_1`, with an owner, an admin and an analyst; nobody is signed in."""
    web = Web()
    workspace(web.stores)
    return web


@pytest.fixture
def app(web: Web) -> App:
    """An app that registered itself, and its user, the owner, who is signed in."""
    web.sign_in()
    return App(web)

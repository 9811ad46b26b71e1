from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.data.tenants import workspace
from tests.transports.http.api import Api
from tests.transports.http.github import LoopbackGithub
from tests.transports.http.issuer import LoopbackIssuer


@pytest.fixture
def issuer() -> Generator[LoopbackIssuer]:
    with LoopbackIssuer() as serving:
        yield serving


@pytest.fixture
def api(issuer: LoopbackIssuer) -> Api:
    """The API over one workspace, `wks_1`, with an owner, an admin and an analyst."""
    api = Api(issuer)
    workspace(api.stores, issuer=issuer.url)
    return api


@pytest.fixture
def github(api: Api) -> Generator[LoopbackGithub]:
    """GitHub, which the API asks for its keys."""
    with LoopbackGithub() as serving:
        api.github_keys_url = serving.url
        yield serving

from __future__ import annotations

import pytest

from shared.services.grants.list_grants import list_grants
from shared.services.grants.tokens import Tokens
from tests.data.engines import MeddledEngine
from tests.data.many_tokens import Wanted, many_tokens
from tests.data.stores import Stores
from tests.data.tenants import A_DAY, NOON, member, token, workspace
from tests.services.grants.connecting import connect, revoke


@pytest.fixture
def connected(stores: Stores) -> dict[str, Tokens]:
    """An app for each of three people, from the oldest to the newest, between tokens of other kinds."""
    workspace(stores, "wks_2")
    connect(stores, workspace_id="wks_2")
    apps: dict[str, Tokens] = {}
    for day, name in enumerate(("olivia", "adam", "ana")):
        token(stores, at=NOON + day * A_DAY)
        apps[name] = connect(stores, member_id=f"mem_{name}", at=NOON + day * A_DAY)
    return apps


@pytest.mark.parametrize("name", ["olivia", "adam"])
def test_owners_and_admins_see_all_apps_newest_first(stores: Stores, connected: dict[str, Tokens], name: str) -> None:
    assert listed(stores, name) == [connected[owner].grant_id for owner in ("ana", "adam", "olivia")]


def test_an_analyst_sees_their_own(stores: Stores, connected: dict[str, Tokens]) -> None:
    assert listed(stores, "ana") == [connected["ana"].grant_id]


def test_what_has_ended_is_listed_too(stores: Stores, connected: dict[str, Tokens]) -> None:
    revoke(stores, connected["ana"], at=NOON + 3 * A_DAY)

    assert listed(stores, "ana") == [connected["ana"].grant_id]


def test_no_app_hides_behind_many_tokens(engine: MeddledEngine, stores: Stores) -> None:
    app = connect(stores, member_id="mem_ana")
    many_tokens(engine, [Wanted(owner="olivia", at=NOON + A_DAY)] * 201)  # more than two reads give

    assert listed(stores, "ana") == [app.grant_id]


def listed(stores: Stores, name: str) -> list[str]:
    rows = list_grants(workspace_id="wks_1", member=member(stores, name), tokens=stores.tokens)
    return [row.token.token_id for row in rows]

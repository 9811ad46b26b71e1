from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.domain.token.events import TokenRevoked
from shared.domain.token.state import Status
from shared.services.credentials.token_format import access_token, refresh_token
from shared.services.grants.revoke_presented import revoke_presented
from shared.services.refusals import Reason
from shared.storage.contracts.streams import StoreUnavailable
from shared.storage.engine import Key, Table, Update, Value
from tests.data.engines import MeddledEngine
from tests.data.stores import Stores
from tests.data.tenants import A_DAY, KEYS, NOON, token
from tests.services.grants.connecting import (
    APP,
    CLIENT,
    OTHER_CLIENT,
    approve,
    away,
    connect,
    newest_entry,
    redeem,
    refresh,
    refused_with,
    row_of,
    suspend,
    texts_of,
    use,
)
from tests.services.place import refused

A_SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("which", ["access", "refresh"])
def test_either_token_ends_the_grant(stores: Stores, which: str) -> None:
    given = connect(stores)

    give_back(stores, given.access if which == "access" else given.refresh, at=NOON + A_SECOND)

    by = f"token:{given.grant_id}"
    *_, last = stores.tokens.history(given.grant_id)
    assert last == TokenRevoked(revoked_by=by, reason="the app gave it back", at=NOON + A_SECOND)
    assert newest_entry(stores).origin == replace(APP, actor=by)
    assert refused(use(stores, given, at=NOON + 2 * A_SECOND)) is Reason.TOKEN_REVOKED
    assert refused_with(lambda: refresh(stores, given.refresh)).code == "invalid_grant"


@pytest.mark.parametrize("age", [1, 2, 3])
def test_a_refresh_token_that_was_replaced_ends_the_grant_too(stores: Stores, age: int) -> None:
    first = connect(stores)
    latest = first
    for _ in range(age):
        latest = refresh(stores, latest.refresh)

    give_back(stores, first.refresh)

    assert row_of(stores, first).token.status is Status.REVOKED


@pytest.mark.parametrize(("age", "status"), [(1, Status.REVOKED), (2, Status.ACTIVE)])
def test_an_access_token_ends_the_grant_as_long_as_it_can_be_told_from_a_forged_one(
    stores: Stores, age: int, status: Status
) -> None:
    first = connect(stores)
    latest = first
    for _ in range(age):
        latest = refresh(stores, latest.refresh)

    give_back(stores, first.access)

    assert row_of(stores, first).token.status is status


def test_an_access_token_that_has_expired_ends_the_grant_and_so_does_one_that_is_suspended(stores: Stores) -> None:
    one, other = connect(stores), connect(stores)
    suspend(stores, other)

    for given in (one, other):
        give_back(stores, given.access, at=NOON + A_DAY)

    assert {row_of(stores, given).token.status for given in (one, other)} == {Status.REVOKED}


def test_a_client_whose_id_is_too_long_to_be_told_is_known_again(stores: Stores) -> None:
    long_id = "mfc_" + 1_000 * "a"
    given = redeem(stores, approve(stores, client_id=long_id), client_id=long_id)

    give_back(stores, given.refresh, client_id=f"{long_id}a")
    assert row_of(stores, given).token.status is Status.ACTIVE
    give_back(stores, given.refresh, client_id=long_id)
    assert row_of(stores, given).token.status is Status.REVOKED


def test_a_repeat_changes_nothing(stores: Stores) -> None:
    given = connect(stores)
    for _ in range(2):
        give_back(stores, given.refresh)

    assert len(stores.tokens.history(given.grant_id)) == 2


def test_what_is_another_clients_or_nobodys_changes_nothing_and_nobody_is_told(stores: Stores) -> None:
    given, personal = connect(stores), token(stores)
    access, renewing = texts_of(given)
    assert access.expires_at is not None
    made_up = [
        access_token(
            access.token_id,
            generation=generation,
            expires_at=access.expires_at,
            random_part=33 * "a",
            version=access.key_version,
            keys=KEYS,
        ).text
        for generation in (0, 1, 2)
    ] + [refresh_token(renewing.token_id, generation=2, random_part=33 * "a", version="1", keys=KEYS).text]

    give_back(stores, given.access, client_id=OTHER_CLIENT)
    give_back(stores, given.refresh, client_id=OTHER_CLIENT)
    for text in ["", "unknown", f"{given.access}x", personal.text, *made_up]:
        give_back(stores, text)

    assert row_of(stores, given).token.status is Status.ACTIVE
    row = stores.tokens.get(personal.token.token_id)
    assert row is not None
    assert row.token.status is Status.ACTIVE


def test_of_a_row_that_somebody_else_wrote_nothing_is_believed(engine: MeddledEngine, stores: Stores) -> None:
    given = connect(stores)
    forged: dict[str, Value] = {"owner_id": "mem_olivia"}
    engine.write(Update(table=Table.CORE, key=Key(f"TOK#{given.grant_id}", "STATE"), set=forged))

    give_back(stores, given.access)
    give_back(stores, given.refresh)

    assert len(stores.tokens.history(given.grant_id)) == 1


def test_a_store_that_is_away_is_said_to_be(engine: MeddledEngine, stores: Stores) -> None:
    given = connect(stores)
    engine.meddle = away

    with pytest.raises(StoreUnavailable):
        give_back(stores, given.refresh)


def give_back(stores: Stores, text: str | None, *, client_id: str = CLIENT, at: datetime = NOON) -> None:
    assert text is not None
    revoke_presented(text, client_id=client_id, origin=APP, now=at, keys=KEYS, tokens=stores.tokens)

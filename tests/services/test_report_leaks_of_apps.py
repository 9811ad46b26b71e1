"""A token of an app is reported as leaked: all that the app was granted ends, whichever of its tokens it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.token.state import Status
from shared.services.credentials.token_format import new_random_part, refresh_token
from shared.services.refusals import Reason
from tests.data.tenants import KEYS, workspace
from tests.services.grants.connecting import RESOURCE, connect, refresh, row_of, texts_of
from tests.services.leaking import SOON, Hashing, report
from tests.services.place import Place, refused, send


@pytest.fixture
def place(place: Place) -> Place:
    workspace(place.stores)
    return place


@pytest.mark.parametrize("which", ["access", "former access", "refresh", "former refresh", "first refresh"])
def test_every_token_of_an_app_that_is_reported_ends_all_of_its_access(place: Place, which: str) -> None:
    first = connect(place.stores)
    second = refresh(place.stores, first.refresh)
    third = refresh(place.stores, second.refresh)
    text = {
        "access": third.access,
        "former access": second.access,
        "refresh": third.refresh,
        "former refresh": second.refresh,
        "first refresh": first.refresh,
    }[which]
    assert text is not None

    assert report(place, text) == {text}

    assert row_of(place.stores, first).token.status is Status.REVOKED
    gate = replace(place.container(), resource=RESOURCE)
    assert refused(send(gate, third.access, at=SOON)) is Reason.TOKEN_REVOKED
    assert [event.type for event in place.stores.tokens.history(first.grant_id)][-2:] == [
        "token.leak_reported",
        "token.revoked",
    ]


def test_an_access_token_that_is_over_is_dead_and_ends_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    made = connect(place.stores)
    hashing = Hashing(monkeypatch)

    assert report(place, made.access, at=SOON + timedelta(hours=1)) == {made.access}

    assert hashing.times == 0
    assert row_of(place.stores, made).token.status is Status.ACTIVE


def test_a_refresh_token_that_is_not_there_yet_ends_nothing(place: Place) -> None:
    made = connect(place.stores)
    _, renewing = texts_of(made)
    for generation in (2, 14_000_000):
        forged = refresh_token(
            made.grant_id,
            generation=generation,
            random_part=new_random_part(),
            version=renewing.key_version,
            keys=KEYS,
        )
        assert report(place, forged.text) == frozenset()

    assert row_of(place.stores, made).token.status is Status.ACTIVE

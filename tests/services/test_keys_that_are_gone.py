"""A key version that is retired or lost takes its tokens with it, and nothing else: docs/recovery.md relies on it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.domain.errors import Conflict
from shared.domain.token.commands import RenameToken, RevokeToken
from shared.domain.token.decider import Status
from shared.domain.token.policy import ANYTHING
from shared.services.change_token import change_token
from shared.services.create_token import NewToken
from shared.services.credentials.keys import CredentialKeys
from shared.services.gate import Gate
from shared.services.refusals import Reason
from shared.services.sweep import Swept, sweep
from tests.data.tenants import A_DAY, KEYS, NOON, origin, token, workspace
from tests.services.place import Place, let_in, refused, send

AFTER_ADDING = CredentialKeys.of({**KEYS.roots, "2": "a second key of the tests: " * 3})
WITHOUT_THE_FIRST = CredentialKeys.of({"2": AFTER_ADDING.roots["2"]})
END = NOON + 30 * A_DAY


@pytest.fixture
def old(place: Place) -> NewToken:
    workspace(place.stores)
    return token(place.stores, days=30)


def container(place: Place, keys: CredentialKeys) -> Gate:
    return replace(place.container(), keys=keys)


def status(place: Place, made: NewToken) -> Status:
    row = place.stores.tokens.get(made.token.token_id)
    assert row is not None
    return row.token.status


def test_a_key_that_is_added_leaves_every_token_good(place: Place, old: NewToken) -> None:
    let_in(send(container(place, AFTER_ADDING), old.text))


def test_a_token_of_a_key_that_is_gone_reads_as_none_of_ours(place: Place, old: NewToken) -> None:
    assert refused(send(container(place, WITHOUT_THE_FIRST), old.text)) is Reason.TOKEN_MALFORMED


def test_a_token_of_a_key_that_is_gone_can_be_revoked(place: Place, old: NewToken) -> None:
    revoke = RevokeToken(revoked_by="operator:kim", reason="the key was lost", at=NOON)

    change_token(old.token.token_id, revoke, origin=origin(), keys=WITHOUT_THE_FIRST, tokens=place.stores.tokens)

    assert status(place, old) is Status.REVOKED
    assert len(place.trail("token.revoked")) == 1


def test_a_token_of_a_key_that_is_gone_expires_and_does_not_hold_up_the_sweep(place: Place, old: NewToken) -> None:
    swept = sweep(
        now=END,
        request_id="sweep-1",
        keys=WITHOUT_THE_FIRST,
        tokens=place.stores.tokens,
        workspaces=place.stores.workspaces,
        evidence=place.stores.evidence,
    )

    assert swept == Swept(due=1, happened={"token.expired": 1}, fenced=0, more=False)
    assert status(place, old) is Status.EXPIRED


def test_a_key_that_comes_back_revives_nothing_that_ended_without_it(place: Place, old: NewToken) -> None:
    revoke = RevokeToken(revoked_by="operator:kim", reason="the key was lost", at=NOON)
    change_token(old.token.token_id, revoke, origin=origin(), keys=WITHOUT_THE_FIRST, tokens=place.stores.tokens)

    refused(send(container(place, AFTER_ADDING), old.text))


def test_a_token_of_a_key_that_is_gone_takes_no_other_change(place: Place, old: NewToken) -> None:
    rename = RenameToken(name="again", renamed_by="operator:kim", policy=ANYTHING, at=NOON)

    with pytest.raises(Conflict) as refusal:
        change_token(old.token.token_id, rename, origin=origin(), keys=WITHOUT_THE_FIRST, tokens=place.stores.tokens)

    assert refusal.value.code == "token_damaged"

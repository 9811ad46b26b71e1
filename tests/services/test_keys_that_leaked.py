"""Somebody has read the credential keys: the steps of docs/recovery.md, one by one, and what each of them ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.domain.scopes import Scope
from shared.services.create_token import NewToken
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.seal import key_version_of, seal_of
from shared.services.gate import Gate
from shared.services.grants.refresh_grant import refresh_grant
from shared.services.grants.refusals import GrantRefused
from shared.services.refusals import Reason
from shared.services.rotate_token import WantedRotation, rotate_token
from shared.storage.engine import Table, Update, Value
from shared.storage.rows.token_row import token_key
from tests.data.tenants import KEYS, NOON, origin, token, workspace
from tests.services.grants.connecting import APP, CLIENT, RESOURCE, connect
from tests.services.place import Place, let_in, refused, send

ADDED = CredentialKeys.of({**KEYS.roots, "2": "a second key of the tests: " * 3})
"""After the first step: a version is added, and the loop was run."""
ONLY_NEW = CredentialKeys.of({"2": ADDED.roots["2"]})
"""After the last one: the old version is taken out, and the loop was run again."""


@pytest.fixture
def old(place: Place) -> NewToken:
    workspace(place.stores)
    return token(place.stores, scopes=[Scope.PNL])


def container(place: Place, keys: CredentialKeys) -> Gate:
    return replace(place.container(), keys=keys, resource=RESOURCE)


def forge(place: Place, made: NewToken) -> None:
    """Widen a row as whoever has the key and may write to the table can: with a seal that is right."""
    row = place.stores.tokens.get(made.token.token_id)
    assert row is not None
    wide = replace(row.token, scopes=frozenset(Scope))
    seal = seal_of(wide, credential=row.credential, version=row.version, terms=row.terms, keys=KEYS)
    attributes: dict[str, Value] = {"scopes": [scope.value for scope in sorted(wide.scopes)], "seal": seal}
    place.engine.write(Update(table=Table.CORE, key=token_key(made.token.token_id), set=attributes))


def test_a_successor_bears_the_new_version_and_is_good_when_the_old_one_is_gone(place: Place, old: NewToken) -> None:
    successor = rotate_token(
        old.token.token_id,
        WantedRotation(overlap_seconds=0, scopes=None, narrow_to_used=False),
        member_id="mem_olivia",
        successor_id="successor0000001",
        origin=origin("mem_olivia"),
        now=NOON,
        keys=ADDED,
        tokens=place.stores.tokens,
        workspaces=place.stores.workspaces,
        evidence=place.stores.evidence,
        audit=place.stores.audit,
    )

    assert (key_version_of(old.token), key_version_of(successor.token)) == ("1", "2")
    let_in(send(container(place, ONLY_NEW), successor.text))
    assert refused(send(container(place, ONLY_NEW), old.text)) is Reason.TOKEN_MALFORMED


def test_a_row_forged_with_the_key_lets_in_until_its_version_is_gone(place: Place, old: NewToken) -> None:
    forge(place, old)

    assert let_in(send(container(place, KEYS), old.text)).token.scopes == frozenset(Scope)  # why a leak matters
    assert let_in(send(container(place, ADDED), old.text)).token.scopes == frozenset(Scope)  # adding a key ends nothing
    assert refused(send(container(place, ONLY_NEW), old.text)) is Reason.TOKEN_MALFORMED


@pytest.mark.usefixtures("old")
def test_a_token_of_the_new_version_whose_row_was_forged_with_the_old_key_is_refused(place: Place) -> None:
    new = token(place.stores, keys=ADDED)
    forged = CredentialKeys.of({**KEYS.roots, "2": KEYS.roots["1"]})  # the only key that they have, under any number
    row = place.stores.tokens.get(new.token.token_id)
    assert row is not None
    wide = replace(row.token, scopes=frozenset(Scope))
    seal = seal_of(wide, credential=row.credential, version=row.version, terms=row.terms, keys=forged)
    place.forge(new, scopes=[scope.value for scope in sorted(wide.scopes)], seal=seal)

    assert refused(send(container(place, ADDED), new.text)) is Reason.TOKEN_UNKNOWN


@pytest.mark.usefixtures("old")
def test_grants_go_with_the_version_that_they_began_with(place: Place) -> None:
    got = connect(place.stores)
    let_in(send(container(place, ADDED), got.access))

    assert refused(send(container(place, ONLY_NEW), got.access)) is Reason.TOKEN_MALFORMED
    assert got.refresh is not None
    with pytest.raises(GrantRefused):
        refresh_grant(
            got.refresh,
            client_id=CLIENT,
            scopes=None,
            resource=RESOURCE,
            origin=APP,
            now=NOON,
            keys=ONLY_NEW,
            tokens=place.stores.tokens,
            workspaces=place.stores.workspaces,
        )

"""A row that somebody else wrote stays refused, whatever is done to it afterwards: no change puts our seal on it."""

from __future__ import annotations

import pytest

from shared.domain.errors import Conflict
from shared.domain.scopes import Scope
from shared.domain.token.commands import RenameToken, RevokeToken
from shared.domain.token.policy import ANYTHING
from shared.domain.token.state import Status
from shared.domain.workspace.commands import ChangePlan
from shared.services.change_token import change_token
from shared.services.create_token import NewToken
from shared.services.refusals import Reason
from tests.data.tenants import KEYS, NOON, origin, token, workspace
from tests.services.place import Place, refused, send


@pytest.fixture
def forged(place: Place) -> NewToken:
    workspace(place.stores)
    made = token(place.stores, scopes=[Scope.PNL])
    place.forge(made, scopes=[scope.value for scope in Scope])
    return made


def test_renaming_a_forged_row_is_refused_and_does_not_seal_it(place: Place, forged: NewToken) -> None:
    rename = RenameToken(name="innocent", renamed_by="mem_olivia", policy=ANYTHING, at=NOON)

    with pytest.raises(Conflict) as refusal:
        change_token(forged.token.token_id, rename, origin=origin(), keys=KEYS, tokens=place.stores.tokens)

    assert refusal.value.code == "token_damaged"
    assert place.trail("token.renamed") == []
    assert refused(send(place.container(), forged.text)) is Reason.TOKEN_UNKNOWN


def test_a_change_of_plan_does_not_seal_a_forged_row_and_reaches_the_others(place: Place, forged: NewToken) -> None:
    honest = token(place.stores)

    place.order(ChangePlan(plan="starter", at=NOON))

    assert refused(send(place.container(), forged.text)) is Reason.TOKEN_UNKNOWN
    assert refused(send(place.container(), honest.text)) is Reason.PLAN_REQUIRED


def test_a_forged_row_can_still_be_revoked_and_is_dead_then(place: Place, forged: NewToken) -> None:
    revoke = RevokeToken(revoked_by="mem_olivia", reason="forged", at=NOON)

    row = change_token(forged.token.token_id, revoke, origin=origin(), keys=KEYS, tokens=place.stores.tokens)

    assert row.token.status is Status.REVOKED
    assert refused(send(place.container(), forged.text)) is Reason.TOKEN_REVOKED

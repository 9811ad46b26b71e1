from __future__ import annotations

import pytest

from shared.domain.errors import Invalid, NotFound, NotPermitted
from shared.domain.scopes import Scope
from shared.domain.token.policy import TokenPolicy
from shared.domain.workspace.commands import SetTokenPolicy
from shared.services.grants.approve import digest_of
from shared.services.grants.pkce import challenge_of
from shared.services.grants.refusals import GrantRefused
from shared.storage.engine import Key, Table, Update, Value
from tests.data.engines import MeddledEngine
from tests.data.stores import Stores
from tests.data.tenants import NOON, order, workspace
from tests.services.grants.connecting import (
    OTHER_CLIENT,
    OTHER_VERIFIER,
    VERIFIER,
    approve,
    code_row,
    everything_in,
    grants_in,
    redeem,
    refused_with,
    row_of,
    secrets_of,
)

# --- the consent itself -----------------------------------------------------------------------------------------------


def test_every_code_is_another(stores: Stores) -> None:
    codes = {approve(stores) for _ in range(10)}

    assert len(codes) == 10
    assert min(map(len, codes)) == 43  # 256 bits in base64url


def test_what_could_not_be_redeemed_is_not_approved_either(stores: Stores) -> None:
    workspace(stores, "wks_2", plan="starter")
    narrow = TokenPolicy(scopes=frozenset({Scope.ADS}))
    order(SetTokenPolicy(policy=narrow, set_by="mem_olivia", at=NOON), stores=stores)

    with pytest.raises(NotPermitted) as refused:
        approve(stores, workspace_id="wks_2")
    assert refused.value.code == "plan_required"
    with pytest.raises(NotPermitted):
        approve(stores, member_id="mem_nobody", scopes=frozenset({Scope.ADS}))
    with pytest.raises(NotFound):
        approve(stores, workspace_id="wks_3")
    with pytest.raises(Invalid) as refused_scope:
        approve(stores)
    assert refused_scope.value.code == "scope_not_allowed"
    with pytest.raises(Invalid):
        approve(stores, scopes=frozenset())


def test_a_name_with_hidden_characters_is_kept_as_it_is_seen(stores: Stores) -> None:
    code = approve(stores, client_name="An\u200b  edi\ud800tor\n")

    assert code_row(stores, code).approval.client_name == "An editor"
    assert row_of(stores, redeem(stores, code)).token.name == "An editor"


# --- what is kept of it -----------------------------------------------------------------------------------------------


def test_nothing_secret_is_kept_of_a_code_or_of_a_grant(engine: MeddledEngine, stores: Stores) -> None:
    code = approve(stores)
    given = redeem(stores, code)

    stored = everything_in(engine)
    assert digest_of(code) in stored  # so what follows has something to find
    assert given.grant_id in stored
    for secret in (code, VERIFIER, *secrets_of(given)):
        assert secret not in stored
    assert given.access not in repr(given)
    assert (given.refresh or "") not in repr(given)


@pytest.mark.parametrize(
    "forged",
    [
        {"scopes": [scope.value for scope in Scope]},
        {"member_id": "mem_olivia"},
        {"workspace_id": "wks_2"},
        {"client_id": OTHER_CLIENT},
        {"redirect_uri": "https://evil.test"},
        {"resource": "https://other.test"},
        {"client_name": "Another editor"},
        {"made_at": "2026-11-22T12:00:00.000000Z"},
        {"actor": "mem_olivia"},
        {"seal": ""},
    ],
    ids=str,
)
def test_whoever_writes_to_the_table_approves_nothing(
    engine: MeddledEngine, stores: Stores, forged: dict[str, Value]
) -> None:
    workspace(stores, "wks_2")
    code = approve(stores)
    key = Key(f"CODE#{digest_of(code)}", "CODE")
    engine.write(Update(table=Table.CORE, key=key, set=forged))

    with pytest.raises(GrantRefused) as refused:
        redeem(stores, code)

    assert refused.value.code == "invalid_grant"
    assert grants_in(stores) == []


def test_whoever_writes_to_the_table_cannot_put_their_own_proof_there(engine: MeddledEngine, stores: Stores) -> None:
    code = approve(stores)
    key = Key(f"CODE#{digest_of(code)}", "CODE")
    theirs: dict[str, Value] = {"code_challenge": challenge_of(OTHER_VERIFIER)}
    engine.write(Update(table=Table.CORE, key=key, set=theirs))

    assert refused_with(lambda: redeem(stores, code, verifier=OTHER_VERIFIER)).field == "code"
    assert grants_in(stores) == []


def test_a_row_that_was_copied_to_another_code_is_worth_nothing(stores: Stores) -> None:
    stores.codes.keep(digest_of("a code of mine"), code_row(stores, approve(stores)))

    with pytest.raises(GrantRefused):
        redeem(stores, "a code of mine")

"""What every engine promises about authorization codes, through the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from shared.domain.scopes import Scope
from shared.storage.contracts.codes import Approval, IssuedCode
from shared.storage.contracts.streams import Origin
from shared.storage.engine import TransactionRefused
from shared.storage.rows.codes import use_of
from tests.data.examples import NOON, ONE_DAY, ORIGIN
from tests.data.stores import Stores

A_MOMENT = timedelta(seconds=1)
CODE = IssuedCode(
    approval=Approval(
        client_id="https://client.example/oauth.json",
        client_name="A client",
        redirect_uri="http://127.0.0.1:33418/callback",
        resource="https://mcp.example/mcp",
        scopes=frozenset({Scope.PNL, Scope.ADS}),
        workspace_id="ws1",
        member_id="mem_olga",
        code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    ),
    origin=ORIGIN,
    made_at=NOON,
    seal="seal-1",
)


def test_a_code_is_found_as_it_was_kept(stores: Stores) -> None:
    bare = replace(CODE, origin=Origin(actor="mem_ann", request_id="req-2"))
    stores.codes.keep("d1", CODE)
    stores.codes.keep("d2", bare)

    assert stores.codes.find("d1", now=NOON) == CODE
    assert stores.codes.find("d2", now=NOON) == bare
    assert stores.codes.find("d3", now=NOON) is None


def test_a_code_is_good_for_five_minutes_and_remembered_for_a_day(stores: Stores) -> None:
    stores.codes.keep("d1", CODE)
    five_minutes = timedelta(minutes=5)

    assert CODE.is_good_at(NOON + five_minutes - A_MOMENT)
    assert not CODE.is_good_at(NOON + five_minutes)
    assert stores.codes.find("d1", now=NOON + ONE_DAY - A_MOMENT) == CODE
    assert stores.codes.find("d1", now=NOON + ONE_DAY) is None


def test_a_code_can_be_used_once_and_tells_by_which_grant(stores: Stores) -> None:
    stores.codes.keep("d1", CODE)

    use(stores, "d1", "grant-1")
    with pytest.raises(TransactionRefused):
        use(stores, "d1", "grant-2")

    assert stores.codes.find("d1", now=NOON) == replace(CODE, used_by="grant-1")


def test_no_use_makes_a_code_that_was_never_issued(stores: Stores) -> None:
    with pytest.raises(TransactionRefused):
        use(stores, "d1", "grant-1")

    assert stores.codes.find("d1", now=NOON) is None


def test_a_code_that_is_kept_twice_by_a_repeated_write_stays_used(stores: Stores) -> None:
    stores.codes.keep("d1", CODE)
    use(stores, "d1", "grant-1")

    stores.codes.keep("d1", CODE)

    assert stores.codes.find("d1", now=NOON) == replace(CODE, used_by="grant-1")


def test_what_looks_like_a_token_is_not_kept_with_a_code(stores: Stores) -> None:
    pasted = "mfp_1" + 70 * "a"
    stores.codes.keep("d1", replace(CODE, origin=replace(ORIGIN, user_agent=f"curl {pasted}")))

    kept = stores.codes.find("d1", now=NOON)

    assert kept is not None
    assert kept.origin.user_agent == "curl (a token)"


def use(stores: Stores, digest: str, grant_id: str) -> None:
    stores.engine.transact([use_of(digest, grant_id)], request_token=str(uuid4()))

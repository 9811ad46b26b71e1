from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.token.state import Status, Token
from shared.domain.workspace.decider import Standing
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.seal import is_sealed, seal_of
from shared.storage.contracts.tokens import Credential, Terms, TokenRow

KEYS = CredentialKeys.of({"1": "a" * 64})
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TOKEN = Token(
    token_id="A" * 16,
    kind=TokenKind.PERSONAL,
    workspace_id="wks_a",
    owner_id="mem_a",
    name="CI",
    prefix="mfp_1AAAAAAA",
    scopes=frozenset({Scope.PNL}),
    created_at=NOON,
    expires_at=NOON + timedelta(days=30),
)
TERMS = Terms(plan="plus", standing=Standing.OPEN, version=3)


def sealed(token: Token = TOKEN, terms: Terms = TERMS, version: int = 1, digest: str = "digest") -> TokenRow:
    credential = Credential(digest=digest)
    seal = seal_of(token, credential=credential, version=version, terms=terms, keys=KEYS)
    return TokenRow(token=token, version=version, credential=replace(credential, seal=seal), terms=terms)


FORGERIES: dict[str, Callable[[TokenRow], TokenRow]] = {
    "another workspace": lambda row: replace(row, token=replace(row.token, workspace_id="wks_b")),
    "another owner": lambda row: replace(row, token=replace(row.token, owner_id="mem_b")),
    "more scopes": lambda row: replace(row, token=replace(row.token, scopes=frozenset(Scope))),
    "a later expiry": lambda row: replace(row, token=replace(row.token, expires_at=NOON + timedelta(days=31))),
    "no expiry": lambda row: replace(row, token=replace(row.token, expires_at=None)),
    "another status": lambda row: replace(row, token=replace(row.token, status=Status.REVOKED)),
    "another kind": lambda row: replace(row, token=replace(row.token, kind=TokenKind.ORGANIZATION)),
    "another id": lambda row: replace(row, token=replace(row.token, token_id="B" * 16)),
    "another plan": lambda row: replace(row, terms=replace(row.terms, plan="alpha")),
    "another standing": lambda row: replace(row, terms=replace(row.terms, standing=Standing.PLAN_REQUIRED)),
    "older terms": lambda row: replace(row, terms=replace(row.terms, version=2)),
    "an older version": lambda row: replace(row, version=0),
    "another hash": lambda row: replace(row, credential=replace(row.credential, digest="other")),
    "another key version": lambda row: replace(row, token=replace(row.token, prefix="mfp_2AAAAAAA")),
}


def test_a_row_that_we_wrote_is_sealed() -> None:
    assert is_sealed(sealed(), KEYS)


@pytest.mark.parametrize("name", FORGERIES)
def test_a_row_in_which_anything_that_grants_was_changed_is_not_sealed(name: str) -> None:
    assert not is_sealed(FORGERIES[name](sealed()), KEYS)


def test_what_grants_nothing_may_change_without_a_new_seal() -> None:
    row = sealed()

    used = replace(row, calls=7, last_used_at=NOON, token=replace(row.token, name="renamed"))

    assert is_sealed(used, KEYS)


def test_a_seal_made_with_other_keys_is_not_ours() -> None:
    assert not is_sealed(sealed(), CredentialKeys.of({"1": "b" * 64}))

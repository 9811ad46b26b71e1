"""A refresh token of very long ago is not walked from: whoever shows it costs us nothing."""

from __future__ import annotations

import pytest

from shared.services.grants import pairs
from shared.services.grants.pairs import LONGEST_WALK, credential_of, first_pair, leads_to_newest
from tests.data.tenants import KEYS, NOON


def test_who_shows_a_token_of_very_many_generations_ago_has_nothing_reckoned(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = first_pair("G" * 16, access_expires_at=NOON, renews=True, keys=KEYS)
    assert pair.refresh is not None
    credential, oldest = credential_of(pair), pair.refresh.generation
    assert leads_to_newest(pair.refresh, credential, generation=oldest, keys=KEYS)
    monkeypatch.delattr(pairs, "_next_refresh")
    monkeypatch.delattr(pairs, "secret_matches")

    assert not leads_to_newest(pair.refresh, credential, generation=oldest + LONGEST_WALK + 1, keys=KEYS)

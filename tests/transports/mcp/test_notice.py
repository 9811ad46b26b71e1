"""A token that ends soon: its answers say so beside their result, whichever version the client speaks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.data.tenants import A_DAY, NOON, rotation
from tests.transports.mcp.shop import HANDSHAKE, MODERN, Shop

EXPIRES_AT, HINT = "merchant-mcp/token_expires_at", "merchant-mcp/hint"
A_SECOND = timedelta(seconds=1)
EVERY = (*HANDSHAKE, MODERN)


@pytest.mark.parametrize("version", EVERY)
def test_from_fourteen_days_before_its_end_an_answer_tells_of_it(shop: Shop, version: str) -> None:
    shop.clock.now = NOON + 16 * A_DAY  # of the token's 30

    listed = shop.rpc("tools/list", version=version).result["_meta"]
    called = shop.call("get_workspace_context", version=version).result["_meta"]

    for told in (listed, called):
        assert told[EXPIRES_AT] == "2026-12-21T12:00:00Z"
        assert "Rotate it" in told[HINT]


@pytest.mark.parametrize("version", EVERY)
def test_before_that_nothing_is_told(shop: Shop, version: str) -> None:
    shop.clock.now = NOON + 16 * A_DAY - A_SECOND

    listed = shop.rpc("tools/list", version=version)
    called = shop.call("get_workspace_context", version=version)

    assert EXPIRES_AT not in listed.text + called.text


@pytest.mark.parametrize("version", EVERY)
def test_the_result_itself_stays_as_it_was(shop: Shop, version: str) -> None:
    before = shop.rpc("tools/list", version=version).result
    shop.clock.now = NOON + 29 * A_DAY

    after = shop.rpc("tools/list", version=version).result
    meta = {name: value for name, value in after.pop("_meta").items() if name not in {EXPIRES_AT, HINT}}

    assert meta == before.pop("_meta", {})
    assert after == before


def test_a_token_that_was_rotated_tells_of_the_end_of_its_overlap(shop: Shop) -> None:
    rotation(shop.stores, shop.token.token.token_id, overlap=3600)

    told = shop.call("get_workspace_context").result["_meta"]

    assert told[EXPIRES_AT] == "2026-11-21T13:00:00Z"
    assert "successor" in told[HINT]


@pytest.mark.parametrize("version", EVERY)
def test_a_refusal_has_its_own_words(shop: Shop, version: str) -> None:
    shop.clock.now = NOON + 30 * A_DAY

    refused = shop.rpc("tools/list", version=version)

    assert refused.status == 401
    assert EXPIRES_AT not in refused.text
